//! Writes what the batches leave behind, in order; row groups are encoded on every core.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::PathBuf;

use super::chat::{self, ChatWriter};
use super::encode::Encoded;
use super::files::{self, FileEntry};
use super::parquet::{Table, TableWriter};
use super::stage::Stage;
use super::{ledger_table, sample_table};
use crate::error::Result;
use crate::export::Format;
use crate::recipe::Plan;
use crate::split::Split;

/// The open files of a run.
pub(crate) struct Writer {
    splits: Vec<SplitWriter>,
    ledger: TableWriter,
    formats: Vec<Format>,
    dataset: PathBuf,
    audit: PathBuf,
    quarantined: BTreeMap<String, FileEntry>,
}

struct SplitWriter {
    table: TableWriter,
    /// One for each format.
    chat: Vec<ChatWriter>,
}

/// What was written.
#[derive(Debug)]
pub(crate) struct Written {
    /// The files of `dataset/`, without manifest and card.
    pub dataset: Vec<FileEntry>,
    /// The files of `audit/`.
    pub audit: Vec<FileEntry>,
}

impl Writer {
    /// Makes ready to write to a stage.
    ///
    /// # Errors
    /// [`crate::Error::Parquet`] for a compression level that zstd does not have.
    pub(crate) fn new(plan: &Plan, stage: &Stage) -> Result<Self> {
        let level = plan.recipe.output.compression_level;
        let formats = plan.formats.clone();
        let splits = Split::ALL.into_iter().map(|split| {
            let table = Table::new(
                sample_table::SCHEMA.clone(),
                &sample_table::UNIQUE,
                &sample_table::UNSORTED,
                sample_table::GROUP_ROWS,
                level,
            )?;
            Ok(SplitWriter {
                table: TableWriter::new(table, stage.dataset(), format!("data/{}", split.word())),
                chat: formats
                    .iter()
                    .map(|format| ChatWriter::new(*format, split, stage.dataset()))
                    .collect(),
            })
        });
        let table = Table::new(
            ledger_table::SCHEMA.clone(),
            &ledger_table::UNIQUE,
            &ledger_table::UNSORTED,
            ledger_table::GROUP_ROWS,
            level,
        )?;
        Ok(Self {
            splits: splits.collect::<Result<_>>()?,
            ledger: TableWriter::new(table, stage.audit(), "ledger".to_owned()),
            formats,
            dataset: stage.dataset(),
            audit: stage.audit(),
            quarantined: BTreeMap::new(),
        })
    }

    /// Takes what a window of batches left behind, in order.
    ///
    /// # Errors
    /// [`crate::Error::Io`] where a file cannot be written.
    pub(crate) fn take(&mut self, window: Vec<Encoded>) -> Result<()> {
        let mut ledger = Vec::with_capacity(window.len());
        let mut splits: Vec<(Vec<_>, Vec<_>)> = self.splits.iter().map(|_| Default::default()).collect();
        for encoded in window {
            ledger.push(encoded.ledger);
            for ((rows, lines), (all_rows, all_lines)) in encoded.splits.into_iter().zip(&mut splits) {
                if rows.num_rows() > 0 {
                    all_rows.push(rows);
                }
                all_lines.push(lines);
            }
            for (name, bytes) in encoded.quarantine {
                if let Entry::Vacant(place) = self.quarantined.entry(name) {
                    let entry = files::write(&self.audit, place.key(), &bytes)?;
                    place.insert(entry);
                }
            }
        }
        let Self {
            splits: writers,
            ledger: ledger_writer,
            ..
        } = self;
        let (samples, books) = rayon::join(
            || {
                let mut pairs = writers.iter_mut().zip(splits);
                pairs.try_for_each(|(writer, (rows, lines))| {
                    let (rows, lines) = rayon::join(|| writer.table.take(&rows), || write_lines(&mut writer.chat, &lines));
                    rows.and(lines)
                })
            },
            || ledger_writer.take(&ledger),
        );
        samples.and(books)
    }

    /// Closes all files.
    ///
    /// # Errors
    /// [`crate::Error::Io`] where a file cannot be written.
    pub(crate) fn finish(self) -> Result<Written> {
        let mut dataset = Vec::new();
        for writer in self.splits {
            dataset.extend(writer.table.finish(false)?);
            for chat in writer.chat {
                dataset.extend(chat.finish());
            }
        }
        for format in &self.formats {
            let guide = chat::guide(format, &self.dataset, &dataset)?;
            dataset.extend(guide);
        }
        let mut audit = self.ledger.finish(true)?;
        audit.extend(self.quarantined.into_values());
        dataset.sort();
        audit.sort();
        Ok(Written { dataset, audit })
    }
}

fn write_lines(chat: &mut [ChatWriter], batches: &[Vec<Vec<u8>>]) -> Result<()> {
    for (at, writer) in chat.iter_mut().enumerate() {
        for lines in batches.iter().filter_map(|batch| batch.get(at)) {
            writer.take(lines)?;
        }
    }
    Ok(())
}
