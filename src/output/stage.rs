//! The stage: everything is written to a folder inside the output, and published by renaming when it is whole.
//!
//! `OUT/.turnset-partial/{dataset,audit}` become `OUT/dataset` and `OUT/audit`; what stood there before is moved
//! aside first and removed last. A run that was killed at any moment leaves the old dataset, or none, or the new one;
//! the next run finds the stage and puts things right. The stage lies inside OUT, so that OUT may be a mount point.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::files::{self, FileEntry};
use crate::error::{Error, Result};

const STAGE: &str = ".turnset-partial";
/// The parts in the order in which they are published: a dataset is never there without its audit.
const PARTS: [&str; 2] = ["audit", "dataset"];
/// By what file a part is known as turnset's own.
const PROOFS: [(&str, &str); 2] = [("audit", "files.json"), ("dataset", "manifest.json")];
/// Where the parts of an earlier run are kept until the new ones stand.
const OLD: &str = "old";

/// An unpublished output. Dropping it removes what was written.
#[derive(Debug)]
pub(crate) struct Stage {
    out: PathBuf,
    root: PathBuf,
    made_out: bool,
    lock: Option<File>,
}

impl Stage {
    /// Begins an output, after putting right what a killed run left.
    ///
    /// # Errors
    /// [`Error::Output`] where OUT holds something and `overwrite` is not set, or another run writes to it.
    pub(crate) fn begin(out: &Path, overwrite: bool) -> Result<Self> {
        let out = std::path::absolute(out).map_err(Error::io("create", out))?;
        let unusable = |message: &str| Error::Output {
            path: out.clone(),
            message: message.to_owned(),
        };
        if out.exists() && !out.is_dir() {
            return Err(unusable("is not a folder"));
        }
        let made_out = !out.exists();
        let root = out.join(STAGE);
        let is_new = !root.exists();
        if is_new && !overwrite && holds_anything(&out)? {
            return Err(unusable("is not empty"));
        }
        for (part, proof) in PROOFS {
            let there = out.join(part);
            if there.exists() && !there.join(proof).exists() && holds_anything(&there)? {
                return Err(unusable(&format!(
                    "holds a folder `{part}` that turnset did not make: it has no {proof}"
                )));
            }
        }
        fs::create_dir_all(&root).map_err(Error::io("create", &root))?;
        let lock = lock(&root.join("lock"))?.ok_or_else(|| Error::Busy { path: out.clone() })?;
        let stage = Self {
            out,
            root,
            made_out,
            lock: Some(lock),
        };
        stage.recover()?;
        if !overwrite && holds_anything(&stage.out)? {
            // Dropping the stage must leave what it found.
            return Err(Error::Output {
                path: stage.out.clone(),
                message: "is not empty".to_owned(),
            });
        }
        stage.clear()?;
        Ok(stage)
    }

    /// Returns the folder of what may be published.
    #[must_use]
    pub(crate) fn dataset(&self) -> PathBuf {
        self.root.join("dataset")
    }

    /// Returns the folder of what stays private.
    #[must_use]
    pub(crate) fn audit(&self) -> PathBuf {
        self.root.join("audit")
    }

    /// Forgets everything written so far.
    ///
    /// # Errors
    /// [`Error::Io`] where the system does not allow it.
    pub(crate) fn clear(&self) -> Result<()> {
        for part in PARTS {
            let path = self.root.join(part);
            remove(&path).map_err(Error::io("remove", &path))?;
            fs::create_dir(&path).map_err(Error::io("create", &path))?;
        }
        Ok(())
    }

    /// Takes a published file over as it is; `part` is `dataset` or `audit`.
    ///
    /// # Errors
    /// [`Error::Io`] where it can be neither linked nor copied.
    pub(crate) fn keep(&self, part: &str, name: &str) -> Result<()> {
        let (from, to) = (self.out.join(part).join(name), self.root.join(part).join(name));
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
        }
        // Some file systems have no links.
        fs::hard_link(&from, &to)
            .or_else(|_| fs::copy(&from, &to).map(|_| ()))
            .map_err(Error::io("copy", from))
    }

    /// Writes a whole file of the dataset.
    ///
    /// # Errors
    /// [`Error::Io`] where it cannot be written.
    pub(crate) fn write_dataset(&self, name: &str, bytes: &[u8]) -> Result<FileEntry> {
        files::write(&self.dataset(), name, bytes)
    }

    /// Writes a whole file of the audit.
    ///
    /// # Errors
    /// [`Error::Io`] where it cannot be written.
    pub(crate) fn write_audit(&self, name: &str, bytes: &[u8]) -> Result<FileEntry> {
        files::write(&self.audit(), name, bytes)
    }

    /// Publishes what was written, in place of what stood there.
    ///
    /// # Errors
    /// [`Error::Io`] where renaming fails; what stood there before is then put back.
    pub(crate) fn publish(self) -> Result<()> {
        let old = self.root.join(OLD);
        remove(&old).map_err(Error::io("remove", &old))?;
        fs::create_dir(&old).map_err(Error::io("create", &old))?;
        // The dataset goes first and comes last.
        for part in PARTS.iter().rev() {
            rename_if_there(&self.out.join(part), &old.join(part))?;
        }
        for part in PARTS {
            let (from, to) = (self.root.join(part), self.out.join(part));
            fs::rename(&from, &to).map_err(Error::io("publish", to))?;
        }
        Ok(())
    }

    /// Puts right what a run left that was killed while it published.
    fn recover(&self) -> Result<()> {
        let published = self.out.join("dataset");
        if published.exists() {
            return Ok(());
        }
        // The new audit may stand already without its dataset, and the old parts may have been moved aside.
        if self.root.join("dataset").exists() && !self.root.join("audit").exists() {
            let audit = self.out.join("audit");
            remove(&audit).map_err(Error::io("remove", &audit))?;
        }
        for part in PARTS {
            let to = self.out.join(part);
            if !to.exists() {
                rename_if_there(&self.root.join(OLD).join(part), &to)?;
            }
        }
        Ok(())
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // Nothing can be done about a failure here; the next run starts with the same recovery.
        if self.recover().is_ok() {
            self.lock.take();
            let _ = fs::remove_dir_all(&self.root);
            if self.made_out {
                let _ = fs::remove_dir(&self.out);
            }
        }
    }
}

/// Returns the folders of an output that turnset made and that are no input, even where they lie in one.
pub(crate) fn own(out: &Path) -> impl Iterator<Item = PathBuf> {
    let parts = PROOFS.map(|(part, proof)| (out.join(part), proof));
    parts
        .into_iter()
        .filter(|(part, proof)| part.join(proof).exists())
        .map(|(part, _)| part)
}

/// Returns whether a folder holds anything but a stage. A folder that is not there holds nothing.
fn holds_anything(out: &Path) -> Result<bool> {
    match fs::read_dir(out) {
        Ok(entries) => Ok(entries.flatten().any(|entry| entry.file_name() != STAGE)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(Error::io("read", out)(error)),
    }
}

/// Locks a file; `None` where another process holds it.
fn lock(path: &Path) -> Result<Option<File>> {
    let file = File::create(path).map_err(Error::io("create", path))?;
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => Ok(None),
        // Some network file systems have no locks: better unguarded than unusable.
        Ok(()) | Err(TryLockError::Error(_)) => Ok(Some(file)),
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

fn rename_if_there(from: &Path, to: &Path) -> Result<()> {
    match fs::rename(from, to) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done.map_err(Error::io("move", from)),
    }
}
