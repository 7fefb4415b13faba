//! The promises of turnset, held from outside: through the public API and the binary.
//!
//! One test binary, because linking costs more than running. Each test is named after the promise that it holds.

// A test may fail by panicking.
#![allow(
    clippy::indexing_slicing,
    clippy::case_sensitive_file_extension_comparisons,
    clippy::format_collect
)]

mod cli;
mod clients;
mod golden;
mod hearing;
mod house;
mod laws;
mod pairing;
mod robust;

// What they share.
mod calls;
mod pack;
mod support;
