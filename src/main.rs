//! The `turnset` command. Everything it does is in the library; everything it prints is in `cli`.

mod cli;

use std::process::ExitCode;

/// Many small texts come and go on every core, and the system's allocator is slower at that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::run()
}
