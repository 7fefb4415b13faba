//! Repaired copies of anybody's files, in a new folder: what is wrong stays as it is.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::files::Hashed;
use crate::error::{Error, Result};

/// The open copies.
pub(crate) struct Repaired {
    folder: PathBuf,
    open: BTreeMap<PathBuf, Hashed>,
}

impl Repaired {
    /// Makes the folder.
    ///
    /// # Errors
    /// [`Error::Output`] where it holds something already.
    pub(crate) fn begin(folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
        let mut there = fs::read_dir(folder).map_err(Error::io("read", folder))?;
        if there.next().is_some() {
            return Err(Error::Output {
                path: folder.to_owned(),
                message: "is not empty".to_owned(),
            });
        }
        Ok(Self {
            folder: folder.to_owned(),
            open: BTreeMap::new(),
        })
    }

    /// Writes a row to the copy of a file that lies under this name in what was checked. Copies are JSONL.
    ///
    /// # Errors
    /// [`Error::Io`] where it cannot be written.
    pub(crate) fn put(&mut self, file: &Path, line: &[u8]) -> Result<()> {
        self.write(&self.folder.join(file.with_extension("jsonl")), line)
    }

    /// Writes a row that no repair saves.
    ///
    /// # Errors
    /// [`Error::Io`] where it cannot be written.
    pub(crate) fn refuse(&mut self, file: &Path, line: &[u8]) -> Result<()> {
        self.write(&self.folder.join("refused").join(file.with_extension("jsonl")), line)
    }

    fn write(&mut self, path: &Path, line: &[u8]) -> Result<()> {
        if !self.open.contains_key(path) {
            self.open.insert(path.to_owned(), Hashed::create(path.to_owned())?);
        }
        let Some(file) = self.open.get_mut(path) else { return Ok(()) };
        file.put(line)?;
        file.put(b"\n")
    }
}
