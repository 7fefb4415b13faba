//! `turnset report`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use turnset::Result;

use super::print;

/// Write the report of a dataset, and name it.
///
/// The result is the same as that of a build with `output.report = true` in its recipe.
#[derive(Debug, Args)]
pub(super) struct Report {
    /// The output folder of a build.
    out: PathBuf,
    /// Print the figures of the published report as JSON, and write nothing.
    #[arg(long)]
    json: bool,
}

impl Report {
    pub(super) fn run(self) -> Result<ExitCode> {
        let Self { out, json } = self;
        if json {
            print(&turnset::figures(&out)?)?;
        } else {
            turnset::add_report(&out)?;
            let pages = ["dataset", "audit"].map(|part| out.join(part).join("report.html"));
            print(format!("{}\n{}\n", pages[0].display(), pages[1].display()).as_bytes())?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
