//! `turnset convert`.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use turnset::Result;

use super::print;

/// Write a dataset in further chat formats.
///
/// The result is the same as that of a build with these formats in its recipe.
#[derive(Debug, Args)]
pub(super) struct Convert {
    /// The output folder of a build.
    out: PathBuf,
    /// A chat format, as in the recipe's `output.chat`.
    #[arg(long, required = true, value_name = "FORMAT")]
    format: Vec<String>,
}

impl Convert {
    pub(super) fn run(self) -> Result<ExitCode> {
        let Self { out, format } = self;
        turnset::convert(&out, &format)?;
        let mut folders = String::new();
        for name in &format {
            let _ = writeln!(folders, "{}", out.join("dataset/chat").join(name).display());
        }
        print(folders.as_bytes())?;
        Ok(ExitCode::SUCCESS)
    }
}
