//! `turnset where`.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use turnset::{Result, Trace};

use super::{plain, print};

/// Show what became of a call, or of one of its utterances, in a dataset that is there.
///
/// Reads the ledger: what it prints may hold text that was dropped.
#[derive(Debug, Args)]
pub(super) struct Where {
    /// The call, by its `instanceid` or by the name of its document.
    session: String,
    /// The utterance, by its id.
    utterance: Option<i64>,
    /// The output folder of a build.
    #[arg(long, default_value = "out")]
    out: PathBuf,
    /// One JSON object a line instead of text.
    #[arg(long)]
    json: bool,
}

impl Where {
    pub(super) fn run(self) -> Result<ExitCode> {
        let Self {
            session,
            utterance,
            out,
            json,
        } = self;
        let mut text = String::new();
        for trace in turnset::trace(&out, &session, utterance)? {
            if json {
                let _ = writeln!(text, "{}", serde_json::to_string(&trace).unwrap_or_default());
            } else {
                tell(&trace, &mut text);
            }
        }
        print(if json { text } else { plain(&text) }.as_bytes())?;
        Ok(ExitCode::SUCCESS)
    }
}

fn tell(trace: &Trace, text: &mut String) {
    let reason = trace
        .reason
        .as_deref()
        .map_or(String::new(), |reason| format!(" by {reason}"));
    let detail = trace.detail.as_deref().map_or(String::new(), |detail| format!(" ({detail})"));
    let sample = trace
        .sample_id
        .as_deref()
        .map_or(String::new(), |sample| format!(", sample {sample}"));
    let became = format!("{}{reason}{detail}{sample}", trace.fate);
    if trace.unit == "utterance" {
        let begin = trace.begin.map_or("?".to_owned(), |begin| format!("{begin:.3}"));
        let id = trace.utterance_id.map_or(String::new(), |id| id.to_string());
        let said = trace
            .text
            .as_deref()
            .unwrap_or("(joined to what was said before)")
            .replace('\n', " ");
        let _ = writeln!(text, "{id:>5} {begin:>10} s  {:<5}  {said}", trace.role);
        let _ = writeln!(text, "{:>26}{}: {became}", "", trace.label);
    } else {
        let _ = writeln!(text, "{} {}: {became}", trace.unit, trace.source);
    }
}
