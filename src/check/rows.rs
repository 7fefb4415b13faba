//! The rows of a file: JSONL, JSON, or Parquet.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::Path;

use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, SerializedFileReader};
use serde_json::Value;

use super::dialogue::Row;
use super::target::Rule;
use crate::error::{Error, Result};

/// So many rows are looked at together.
const BATCH: usize = 4096;

/// One row, or the rule by which it is none.
pub(super) struct Read {
    /// Its number in the file, from 1: a line of JSONL.
    pub(super) number: u64,
    /// The bytes as they stand there, where it is a line.
    pub(super) line: Vec<u8>,
    /// The row.
    pub(super) row: std::result::Result<Row, Rule>,
    /// A byte order mark stands in front of it.
    pub(super) has_mark: bool,
}

/// Calls back with the rows of a file, many at a time.
///
/// # Errors
/// [`Error::Io`] and [`Error::Parquet`] where the file cannot be read, and the callback's errors.
pub(super) fn each(path: &Path, look: &mut dyn FnMut(Vec<Read>) -> Result<()>) -> Result<()> {
    match ending(path) {
        "parquet" => parquet(path, look),
        "json" => whole(path, look),
        _ => lines(path, look),
    }
}

/// The ending of a file's name.
pub(super) fn ending(path: &Path) -> &str {
    path.extension().and_then(|ending| ending.to_str()).unwrap_or_default()
}

/// Reads a line; a mark in front of it, as where files were joined, is no part of it.
pub(super) fn line(number: u64, mut line: Vec<u8>) -> Read {
    const MARK: &[u8] = b"\xef\xbb\xbf";
    let has_mark = line.starts_with(MARK);
    if has_mark {
        line.drain(..MARK.len());
    }
    let row = match std::str::from_utf8(&line) {
        Ok(text) if text.trim_ascii().is_empty() => Err(Rule::BlankLine),
        Err(_) => Err(Rule::NotUtf8),
        Ok(text) => serde_json::from_str::<Row>(text).map_err(|_| Rule::NotJson),
    };
    Read {
        number,
        line,
        row,
        has_mark,
    }
}

fn lines(path: &Path, look: &mut dyn FnMut(Vec<Read>) -> Result<()>) -> Result<()> {
    let mut reader = BufReader::with_capacity(1 << 20, File::open(path).map_err(Error::io("read", path))?);
    let mut batch = Vec::with_capacity(BATCH);
    for number in 1.. {
        let mut bytes = Vec::new();
        if reader.read_until(b'\n', &mut bytes).map_err(Error::io("read", path))? == 0 {
            break;
        }
        while bytes.last().is_some_and(|last| matches!(last, b'\n' | b'\r')) {
            bytes.pop();
        }
        batch.push((number, bytes));
        if batch.len() == BATCH {
            look(parsed(std::mem::take(&mut batch)))?;
        }
    }
    look(parsed(batch))
}

fn parsed(batch: Vec<(u64, Vec<u8>)>) -> Vec<Read> {
    use rayon::prelude::*;
    batch.into_par_iter().map(|(number, bytes)| line(number, bytes)).collect()
}

/// Reads a file that is one array of rows, one row, or lines after all.
fn whole(path: &Path, look: &mut dyn FnMut(Vec<Read>) -> Result<()>) -> Result<()> {
    let bytes = fs::read(path).map_err(Error::io("read", path))?;
    let rows = match serde_json::from_slice(&bytes) {
        Ok(Value::Array(rows)) => rows,
        Ok(row @ Value::Object(_)) => vec![row],
        _ => return lines(path, look),
    };
    let row = |(number, value): (u64, Value)| Read {
        number,
        line: value.to_string().into_bytes(),
        row: match value {
            Value::Object(row) => Ok(row),
            _ => Err(Rule::NotJson),
        },
        has_mark: false,
    };
    look((1..).zip(rows).map(row).collect())
}

/// Opens a Parquet file, and says what to call its errors.
fn open(path: &Path) -> Result<(SerializedFileReader<File>, impl Fn(ParquetError) -> Error + use<'_>)> {
    let wrong = move |error: ParquetError| Error::Parquet {
        action: "read",
        path: path.to_owned(),
        source: Box::new(error),
    };
    let file = File::open(path).map_err(Error::io("read", path))?;
    Ok((SerializedFileReader::new(file).map_err(wrong)?, wrong))
}

fn parquet(path: &Path, look: &mut dyn FnMut(Vec<Read>) -> Result<()>) -> Result<()> {
    let (reader, wrong) = open(path)?;
    let mut batch = Vec::with_capacity(BATCH);
    for (number, row) in (1..).zip(reader.get_row_iter(None).map_err(&wrong)?) {
        let value = row.map_err(&wrong)?.to_json_value();
        batch.push(Read {
            number,
            line: value.to_string().into_bytes(),
            row: match value {
                Value::Object(row) => Ok(row),
                _ => Err(Rule::NotJson),
            },
            has_mark: false,
        });
        if batch.len() == BATCH {
            look(std::mem::take(&mut batch))?;
        }
    }
    look(batch)
}

/// Returns what is odd about the schema of a Parquet file.
///
/// # Errors
/// [`Error::Io`] and [`Error::Parquet`] where the file cannot be read.
pub(super) fn schema(path: &Path) -> Result<Vec<Rule>> {
    let (reader, wrong) = open(path)?;
    let file = reader.metadata().file_metadata();
    let metadata = file.key_value_metadata();
    let arrow = parquet::arrow::parquet_to_arrow_schema(file.schema_descr(), metadata).map_err(wrong)?;
    let mut odd = Vec::new();
    let hub = metadata.into_iter().flatten().find(|entry| entry.key == "huggingface");
    let types = hub.and_then(|entry| entry.value.as_deref()).unwrap_or_default();
    if types.replace(' ', "").contains("\"_type\":\"List\"") {
        odd.push(Rule::HubMetadata);
    }
    let spelled: Vec<String> = arrow
        .fields()
        .iter()
        .map(|field| format!("{:?}", field.data_type()))
        .collect();
    let any = |word: &str| spelled.iter().any(|kind| kind.contains(word));
    if any("Utf8View") || any("ListView") {
        odd.push(Rule::StringView);
    }
    if any("LargeUtf8") || any("LargeList") {
        odd.push(Rule::LargeType);
    }
    let fields = file.schema_descr().columns().iter().filter_map(|column| {
        let parts = column.path().parts();
        (parts.first().map(String::as_str) == Some("messages"))
            .then(|| parts.last().cloned())
            .flatten()
    });
    if fields.into_iter().any(|field| field != "role" && field != "content") {
        odd.push(Rule::MessageFields);
    }
    Ok(odd)
}
