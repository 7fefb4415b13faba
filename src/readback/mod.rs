//! Reads what was published back with polars, that is, with other code than wrote it.

mod entries;
mod recount;
mod samples;
mod shown;
mod survey;
mod tally;

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use polars::prelude::{ChunkExplode, DataFrame, ParquetReader, PolarsError, PolarsResult, SerReader, Series, StringChunked};

pub(crate) use entries::{Entry, each_entry};
pub(crate) use recount::recount;
pub(crate) use samples::{Published, each_published};
pub(crate) use shown::{Said, Shown};
pub(crate) use survey::{Example, Survey, survey};
pub(crate) use tally::Tally;

use crate::error::{Error, Result};
use crate::sample::{Message, Sample, Speaker};

/// Calls back with the messages of every sample of a shard, in order; nothing else of a sample is read.
///
/// # Errors
/// [`Error::Parquet`] where the file cannot be read as what it should be, and the callback's errors.
pub(crate) fn each_sample(path: &Path, look: &mut dyn FnMut(&Sample<'_>) -> Result<()>) -> Result<()> {
    let mut done = Ok(());
    each_slice(path, Some(&["messages", "weights"]), |frame| {
        let (spans, messages) = list(frame, "messages")?;
        let (roles, contents) = (text_field(&messages, "role")?, text_field(&messages, "content")?);
        let weights = list(frame, "weights")?.1.i8()?.clone();
        let speaker = |word: &str| match word {
            "system" => Speaker::System,
            "user" => Speaker::User,
            _ => Speaker::Assistant,
        };
        let message = |at| Message {
            role: speaker(roles.get(at).unwrap_or_default()),
            content: contents.get(at).unwrap_or_default().into(),
            learn: weights.get(at) == Some(1),
        };
        for span in spans {
            let sample = Sample {
                messages: span.map(message).collect(),
                ..Sample::default()
            };
            if done.is_ok() {
                done = look(&sample);
            }
        }
        Ok(())
    })?;
    done
}

/// Returns the files of the ledger of an `audit/`: `ledger.parquet`, or the shards of a very large one, in order.
///
/// # Errors
/// [`Error::Io`] where the folder cannot be read.
fn ledger(audit: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(audit).map_err(Error::io("read", audit))? {
        let path = entry.map_err(Error::io("read", audit))?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if name.starts_with("ledger") && path.extension().is_some_and(|ending| ending == "parquet") {
            files.push(path);
        }
    }
    files.sort();
    if files.is_empty() {
        return Err(Error::Disagrees(format!("{} holds no ledger", audit.display())));
    }
    Ok(files)
}

fn each_slice(path: &Path, columns: Option<&[&str]>, mut look: impl FnMut(&DataFrame) -> PolarsResult<()>) -> Result<()> {
    let wrong = |error: PolarsError| Error::Parquet {
        action: "read",
        path: path.to_owned(),
        source: Box::new(error),
    };
    let open = || File::open(path).map_err(Error::io("read", path));
    let metadata = ParquetReader::new(open()?).get_metadata().map_err(wrong)?.clone();
    let mut start = 0;
    // A row group at a time is in memory.
    for group in &metadata.row_groups {
        let rows = group.num_rows();
        let frame = ParquetReader::new(open()?)
            .with_columns(columns.map(|columns| columns.iter().map(|&column| column.to_owned()).collect()))
            .with_slice(Some((start, rows)))
            .finish()
            .map_err(wrong)?;
        look(&frame).map_err(wrong)?;
        start += rows;
    }
    Ok(())
}

/// The column of a list: where each row begins and ends, and all items one after another.
fn list(frame: &DataFrame, name: &str) -> PolarsResult<(Vec<std::ops::Range<usize>>, Series)> {
    let column = frame.column(name)?.as_materialized_series().rechunk();
    let list = column.list()?;
    let offsets = list.offsets()?;
    let first = offsets.first().max(&0).to_owned();
    let index = |at: i64| usize::try_from(at - first).unwrap_or_default();
    let spans = offsets.windows(2).filter_map(|pair| match pair {
        [from, to] => Some(index(*from)..index(*to)),
        _ => None,
    });
    Ok((spans.collect(), list.get_inner()))
}

fn text_field(messages: &Series, name: &str) -> PolarsResult<StringChunked> {
    messages.struct_()?.field_by_name(name)?.str().cloned()
}
