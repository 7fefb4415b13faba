//! `turnset schema`.

use std::process::ExitCode;

use clap::Args;
use clap::builder::PossibleValuesParser;
use turnset::Result;

use super::print;

/// Print a contract as JSON Schema.
#[derive(Debug, Args)]
pub(super) struct Print {
    /// Which contract.
    #[arg(value_parser = PossibleValuesParser::new(turnset::SCHEMAS.iter().map(|(name, _)| *name)))]
    name: String,
}

impl Print {
    pub(super) fn run(self) -> Result<ExitCode> {
        let Self { name } = self;
        if let Some((_, schema)) = turnset::SCHEMAS.iter().find(|(known, _)| *known == name) {
            print(&schema())?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
