//! Reads what was published back with polars, that is, with other code than wrote it.

mod entries;
mod recount;
mod samples;
mod shown;
mod survey;
mod tally;

use std::fs::File;
use std::path::Path;

use polars::prelude::{ChunkExplode, DataFrame, ParquetReader, PolarsError, PolarsResult, SerReader, Series, StringChunked};

pub(crate) use entries::{Entry, each_entry};
pub(crate) use recount::recount;
pub(crate) use samples::{Published, each_published};
pub(crate) use shown::{Said, Shown};
pub(crate) use survey::{Example, Survey, survey};
pub(crate) use tally::Tally;

use crate::error::{Error, Result};

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
