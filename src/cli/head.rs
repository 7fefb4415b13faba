//! `turnset head`.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use turnset::{Look, Result};

use super::{plain, print};

/// Show the first samples of a dataset.
#[derive(Debug, Args)]
pub(super) struct Head {
    /// The output folder of a build.
    out: PathBuf,
    /// How many.
    #[arg(long, short, default_value_t = 5, value_name = "N")]
    number: usize,
    /// Only of this split.
    #[arg(long)]
    split: Option<String>,
    /// One JSON object a line instead of text.
    #[arg(long)]
    json: bool,
}

impl Head {
    pub(super) fn run(self) -> Result<ExitCode> {
        let Self {
            out,
            number,
            split,
            json,
        } = self;
        let mut text = String::new();
        for look in turnset::head(&out, split.as_deref(), number)? {
            if json {
                let _ = writeln!(text, "{}", serde_json::to_string(&look).unwrap_or_default());
            } else {
                tell(&look, &mut text);
            }
        }
        print(if json { text } else { plain(&text) }.as_bytes())?;
        Ok(ExitCode::SUCCESS)
    }
}

fn tell(look: &Look, text: &mut String) {
    let language = look.language.as_deref().unwrap_or("language unknown");
    let _ = writeln!(text, "{}  {}, {language}, {} tokens", look.id, look.split, look.tokens);
    for message in &look.messages {
        let learned = if message.learn { " (learned)" } else { "" };
        let _ = writeln!(text, "  {}{learned}: {}", message.role, message.content.replace('\n', " "));
    }
    text.push('\n');
}
