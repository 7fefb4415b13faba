//! The rows of the ledger, for whoever looks at single ones.

use std::fs;
use std::path::{Path, PathBuf};

use polars::prelude::{DataFrame, Float64Chunked, Int32Chunked, Int64Chunked, PolarsResult, StringChunked};

use super::each_slice;
use super::shown::Said;
use crate::error::{Error, Result};

/// A row of the ledger: a document, an utterance, or a sample that was dropped.
pub(crate) struct Entry<'f> {
    pub(crate) unit: &'f str,
    pub(crate) session_id: Option<&'f str>,
    pub(crate) utterance_id: Option<i64>,
    pub(crate) sample_id: Option<&'f str>,
    pub(crate) fate: &'f str,
    /// Stage and code.
    pub(crate) reason: Option<(&'f str, &'f str)>,
    pub(crate) source: &'f str,
    columns: &'f Columns,
    row: usize,
}

const TEXTS: [&str; 11] = [
    "unit",
    "session_id",
    "role",
    "label",
    "fate",
    "stage",
    "reason",
    "detail",
    "text",
    "sample_id",
    "source",
];

struct Columns {
    texts: [StringChunked; 11],
    utterance_id: Int64Chunked,
    position: Int32Chunked,
    begin: Float64Chunked,
}

/// Calls back with the rows of the ledger of an `audit/`, in order.
///
/// # Errors
/// [`crate::Error::Parquet`] where a file cannot be read as what it should be.
pub(crate) fn each_entry(audit: &Path, look: &mut dyn FnMut(Entry<'_>)) -> Result<()> {
    let columns: Vec<_> = TEXTS.into_iter().chain(["utterance_id", "position", "begin"]).collect();
    for file in ledger(audit)? {
        each_slice(&file, Some(&columns), |frame| {
            let columns = Columns::of(frame)?;
            (0..frame.height()).for_each(|row| look(columns.entry(row)));
            Ok(())
        })?;
    }
    Ok(())
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

impl Columns {
    fn of(frame: &DataFrame) -> PolarsResult<Self> {
        let mut texts = TEXTS.map(|_| StringChunked::default());
        for (column, name) in texts.iter_mut().zip(TEXTS) {
            *column = frame.column(name)?.str()?.clone();
        }
        Ok(Self {
            texts,
            utterance_id: frame.column("utterance_id")?.i64()?.clone(),
            position: frame.column("position")?.i32()?.clone(),
            begin: frame.column("begin")?.f64()?.clone(),
        })
    }

    fn entry(&self, row: usize) -> Entry<'_> {
        let [unit, session_id, _, _, fate, stage, reason, _, _, sample_id, source] =
            self.texts.each_ref().map(|column| column.get(row));
        Entry {
            unit: unit.unwrap_or_default(),
            session_id,
            utterance_id: self.utterance_id.get(row),
            sample_id,
            fate: fate.unwrap_or_default(),
            reason: stage.zip(reason),
            source: source.unwrap_or_default(),
            columns: self,
            row,
        }
    }
}

impl<'f> Entry<'f> {
    /// The place of an utterance in the archived dialog, from 1.
    pub(crate) fn position(&self) -> i32 {
        self.columns.position.get(self.row).unwrap_or_default()
    }

    /// Seconds from the start of the call.
    pub(crate) fn begin(&self) -> Option<f64> {
        self.columns.begin.get(self.row)
    }

    /// Who spoke.
    pub(crate) fn role(&self) -> Option<&'f str> {
        let [_, _, role, ..] = &self.columns.texts;
        role.get(self.row)
    }

    /// The evidence of its fate, or what is noted of it.
    pub(crate) fn detail(&self) -> Option<&'f str> {
        let [.., detail, _, _, _] = &self.columns.texts;
        detail.get(self.row)
    }

    /// What was said, where the ledger tells.
    pub(crate) fn text(&self) -> Option<&'f str> {
        let [.., text, _, _] = &self.columns.texts;
        text.get(self.row)
    }

    /// Returns everything else that there is to say of it.
    pub(crate) fn said(&self) -> Said {
        let [_, _, _, label, ..] = &self.columns.texts;
        let owned = |text: Option<&str>| text.map(ToOwned::to_owned);
        Said {
            position: self.position(),
            begin: self.begin(),
            role: self.role().unwrap_or_default().to_owned(),
            label: label.get(self.row).unwrap_or_default().to_owned(),
            fate: self.fate.to_owned(),
            reason: self.reason.map(|(stage, code)| format!("{stage}.{code}")),
            detail: owned(self.detail()),
            text: owned(self.text()),
            sample: owned(self.sample_id),
        }
    }
}
