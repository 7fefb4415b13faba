//! What a run leaves behind. The only place that creates files; they appear under their names only when all is done.

mod chat;
mod encode;
mod files;
mod ledger_table;
mod parquet;
mod repaired;
mod sample_table;
mod stage;
mod writer;

pub(crate) use chat::{ChatWriter, guide};
pub(crate) use encode::{Encoded, encode};
pub use files::{FileEntry, sha256_of};
/// Returns the names of the columns of a sample.
#[cfg(test)]
pub(crate) fn sample_columns() -> Vec<String> {
    let fields = sample_table::SCHEMA.fields().iter();
    fields.map(|field| field.name().clone()).collect()
}

pub(crate) use repaired::Repaired;
pub(crate) use stage::{Stage, own};
pub(crate) use writer::{Writer, Written};
