//! The manifest: what a dataset was made of and what it is, so that it can be proved and made again.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::count::{Tokenizing, Totals};
use crate::error::{Error, Result};
use crate::ledger::Books;
use crate::output::FileEntry;
use crate::recipe::Recipe;

/// `OUT/dataset/manifest.json`. Holds no time, no host and no absolute path.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The version of turnset that made the dataset.
    pub turnset: String,
    /// The digest of the samples, whatever their packaging.
    pub content_digest: String,
    /// What went in.
    pub inputs: Inputs,
    /// Whether the column `user` was made with a secret key; without one, numeric ids can be guessed.
    pub users_keyed: bool,
    /// The splits that hold samples.
    pub splits: BTreeMap<String, Totals>,
    /// Who counted the tokens.
    pub tokens: Tokenizing,
    /// What became of everything that went in.
    pub books: Books,
    /// The recipe in full.
    pub recipe: Recipe,
    /// The files of `dataset/` but this one, by path.
    pub files: Vec<FileEntry>,
    /// The list of the files of `audit/`.
    pub audit: FileEntry,
}

impl Manifest {
    /// Yields the Parquet files of a split.
    pub(crate) fn shards(&self, split: &str) -> impl Iterator<Item = &FileEntry> {
        let prefix = format!("data/{split}-");
        self.files.iter().filter(move |file| file.path.starts_with(&prefix))
    }

    /// Returns the samples of each language in all splits, `und` among them.
    pub(crate) fn languages(&self) -> BTreeMap<&str, u64> {
        let mut languages = BTreeMap::new();
        for (language, samples) in self.splits.values().flat_map(|totals| &totals.languages) {
            *languages.entry(language.as_str()).or_default() += samples;
        }
        languages
    }
}

/// What went in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Inputs {
    /// How many documents, and things looked at and not taken for one.
    pub documents: u64,
    /// The digest of the documents' bytes, whatever container they lay in.
    pub digest: String,
}

/// `OUT/audit/files.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AuditFiles {
    /// The files of `audit/` but this one, by path.
    pub files: Vec<FileEntry>,
}

/// Writes a value as indented JSON with a line feed at the end.
///
/// # Panics
/// When a value cannot be JSON: a bug.
#[must_use]
pub fn json(value: &impl Serialize) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(value).unwrap_or_else(|error| panic!("no JSON: {error}"));
    bytes.push(b'\n');
    bytes
}

/// Reads a file of JSON that turnset wrote.
///
/// # Errors
/// [`Error::Io`] where it cannot be read, [`Error::Disagrees`] where it is not what turnset writes.
pub fn read<T: for<'de> Deserialize<'de>>(path: &Path) -> Result<T> {
    let bytes = fs::read(path).map_err(Error::io("read", path))?;
    serde_json::from_slice(&bytes).map_err(|error| Error::Disagrees(format!("{}: {error}", path.display())))
}
