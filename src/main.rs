//! The `turnset` command. Everything it does is in the library; everything it prints is in `cli`.

mod cli;

use std::process::ExitCode;

/// Many small texts come and go on every core, and the system's allocator is slower at that.
/// This one also keeps the pages of a window for the next one, where others have the kernel clear them anew.
#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    cli::run()
}
