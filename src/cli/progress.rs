//! How far a run is: a bar on a terminal, a line now and then otherwise.

use std::io::{self, IsTerminal};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{HumanBytes, HumanCount, ProgressBar, ProgressStyle};
use turnset::Progress;

/// How long a run without a terminal is silent.
const SILENCE: Duration = Duration::from_secs(10);

/// Shows the progress of a run.
pub(super) enum Meter {
    Bar(ProgressBar),
    Lines(Mutex<Instant>),
    Silent,
}

impl Meter {
    pub(super) fn new(quiet: bool) -> Self {
        if quiet {
            Self::Silent
        } else if io::stderr().is_terminal() {
            let template = "{bar:30} {bytes}/{total_bytes} {bytes_per_sec} {msg} {eta}";
            let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
            Self::Bar(ProgressBar::new(0).with_style(style))
        } else {
            Self::Lines(Mutex::new(Instant::now()))
        }
    }

    pub(super) fn show(&self, progress: Progress) {
        let Progress {
            bytes,
            bytes_total,
            documents,
            samples,
        } = progress;
        match self {
            Self::Silent => {}
            Self::Bar(bar) => {
                bar.set_length(bytes_total.max(bytes));
                bar.set_position(bytes);
                bar.set_message(format!(
                    "{} documents, {} samples",
                    HumanCount(documents),
                    HumanCount(samples)
                ));
            }
            Self::Lines(last) => {
                if let Ok(mut last) = last.lock()
                    && last.elapsed() > SILENCE
                {
                    *last = Instant::now();
                    super::say(&format!(
                        "{} of {}: {documents} documents, {samples} samples",
                        HumanBytes(bytes),
                        HumanBytes(bytes_total)
                    ));
                }
            }
        }
    }

    pub(super) fn finish(&self) {
        if let Self::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }
}
