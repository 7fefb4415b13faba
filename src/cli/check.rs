//! `turnset check`.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use turnset::{Checked, Inspection, Result, Target};

use super::print;

/// Say which rows a trainer would refuse, drop, alter or cut, in its own words.
///
/// Exit code 0 where it takes everything as it is, 1 where it does not.
#[derive(Debug, Args)]
pub(super) struct Check {
    /// A file (.jsonl, .json, .parquet), a folder of them, or the output folder of a build.
    path: PathBuf,
    /// Who would read it: a trainer, a platform, or one of the chat formats.
    #[arg(long, required = true, value_name = "TARGET", long_help = targets())]
    target: Vec<String>,
    /// The most tokens of a row, as you train; else what the target is set to.
    #[arg(long, value_name = "N")]
    max_tokens: Option<u32>,
    /// A tokenizer.json that counts them; they are estimated if left out.
    #[arg(long, value_name = "FILE")]
    tokenizer: Option<PathBuf>,
    /// Write copies with every safe repair to a new folder; rows that none saves go to DIR/refused.
    #[arg(long, value_name = "DIR")]
    fix: Option<PathBuf>,
    /// Print the findings as JSON, one target a line.
    #[arg(long)]
    json: bool,
}

fn targets() -> String {
    format!(
        "Who would read it: {}; or one of the chat formats",
        Target::names().join(", ")
    )
}

impl Check {
    pub(super) fn run(self) -> Result<ExitCode> {
        let Self {
            path,
            target: names,
            max_tokens,
            tokenizer,
            fix,
            json,
        } = self;
        let mut is_fine = true;
        let targets = names.iter().map(|name| Target::named(name)).collect::<Result<Vec<_>>>()?;
        for target in &targets {
            // Several targets need several copies.
            let fix = fix.as_ref().map(|fix| match targets.as_slice() {
                [_] => fix.clone(),
                _ => fix.join(target.name),
            });
            let checked = turnset::check(&Inspection {
                path: &path,
                target,
                max_tokens,
                tokenizer: tokenizer.as_deref(),
                fix: fix.as_deref(),
            })?;
            is_fine &= checked.findings.is_empty();
            if json {
                let line = serde_json::to_string(&checked).unwrap_or_default();
                print(format!("{line}\n").as_bytes())?;
            } else {
                print(tell(&checked).as_bytes())?;
            }
        }
        Ok(ExitCode::from(u8::from(!is_fine)))
    }
}

fn tell(checked: &Checked) -> String {
    let mut text = format!("{}: {}, as of {}\n", checked.target, checked.reader, checked.date);
    let files = match checked.files.as_slice() {
        [file] => file.display().to_string(),
        files => format!("{} files", files.len()),
    };
    let _ = writeln!(
        text,
        "  {files}: {} of {} rows are taken as they are",
        checked.accepted, checked.rows
    );
    for finding in &checked.findings {
        let _ = writeln!(
            text,
            "\n  {:<9} {:>7}  {}: {}",
            finding.outcome.word(),
            finding.count,
            finding.rule.word(),
            finding.says
        );
        let more = finding.count.saturating_sub(finding.places.len() as u64);
        let more = if more > 0 {
            format!(", and {more} more")
        } else {
            String::new()
        };
        let _ = writeln!(text, "                     at {}{more}", finding.places.join(", "));
    }
    if let Some(repairs) = &checked.repaired {
        let _ = writeln!(
            text,
            "\n  written: {} rows as they were, {} repaired; {} that no safe repair saves are in refused/",
            repairs.unchanged, repairs.repaired, repairs.refused
        );
    }
    text.push('\n');
    text
}
