//! The `turnset` command. Everything it does is in the library; everything it prints is in `cli`.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
