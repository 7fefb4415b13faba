//! `turnset verify`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use turnset::{Result, Verified};

use super::{interrupt, print, secret};

/// Prove that a dataset is what its manifest says.
///
/// Hashes every file again, counts the books again from the published files, and adds up the content digest again.
#[derive(Debug, Args)]
pub(super) struct Verify {
    /// The output folder of a build.
    out: PathBuf,
    /// Build again from these inputs with the recipe of the manifest, and compare every byte.
    #[arg(long, value_name = "INPUT", num_args = 1..)]
    rebuild: Vec<PathBuf>,
    /// The key file that the dataset was built with; else the environment's `TURNSET_USER_KEY`.
    #[arg(long, value_name = "FILE")]
    user_key_file: Option<PathBuf>,
}

impl Verify {
    pub(super) fn run(self) -> Result<ExitCode> {
        let Self {
            out,
            rebuild,
            user_key_file,
        } = self;
        let Verified {
            files,
            samples,
            utterances,
        } = turnset::verify(&out)?;
        let mut proved = format!("{files} files, {samples} samples and {utterances} utterances are as the manifest says\n");
        if !rebuild.is_empty() {
            let secret = secret(user_key_file.as_deref())?;
            let shared = interrupt::shared()?;
            turnset::rebuild(&out, &rebuild, secret.as_deref(), &shared)?;
            proved.push_str("built again: every byte is the same\n");
        }
        // At the end: whoever stops reading must not stop the proof.
        print(proved.as_bytes())?;
        Ok(ExitCode::SUCCESS)
    }
}
