//! Files that know their digest when they are closed.

use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::digest::hex;
use crate::error::{Error, Result};

/// A published file, as the manifest lists it.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct FileEntry {
    /// Relative to the output folder, with `/`.
    pub path: String,
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256, as `sha256sum` prints it.
    pub sha256: String,
}

/// A new file that is hashed as it is written.
pub(super) struct Hashed {
    path: PathBuf,
    file: File,
    hasher: Sha256,
    bytes: u64,
}

impl Hashed {
    /// Creates a file and the folders above it.
    pub(super) fn create(path: PathBuf) -> Result<Self> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
        }
        let file = File::create_new(&path).map_err(Error::io("create", &path))?;
        Ok(Self {
            path,
            file,
            hasher: Sha256::new(),
            bytes: 0,
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns how many bytes have been written.
    pub(super) fn len(&self) -> u64 {
        self.bytes
    }

    /// Writes everything, or says which file could not be written.
    pub(super) fn put(&mut self, bytes: &[u8]) -> Result<()> {
        self.write_all(bytes).map_err(Error::io("write", &self.path))
    }

    /// Returns what the manifest says of the file, once it lies at `path` in the output.
    pub(super) fn close(self, path: String) -> FileEntry {
        FileEntry {
            path,
            bytes: self.bytes,
            sha256: hex(&self.hasher.finalize()),
        }
    }
}

impl Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hasher.update(bytes.get(..written).unwrap_or_default());
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Writes a whole file.
pub(super) fn write(root: &Path, path: &str, bytes: &[u8]) -> Result<FileEntry> {
    let mut file = Hashed::create(root.join(path))?;
    file.put(bytes)?;
    Ok(file.close(path.to_owned()))
}

/// Reads a published file and returns its size and its SHA-256.
///
/// # Errors
/// [`Error::Io`] where it cannot be read.
pub fn sha256_of(path: &Path) -> Result<(u64, String)> {
    let mut reader = BufReader::with_capacity(1 << 20, File::open(path).map_err(Error::io("read", path))?);
    let (mut hasher, mut bytes) = (Sha256::new(), 0);
    let mut buffer = vec![0; 1 << 20];
    loop {
        let read = reader.read(&mut buffer).map_err(Error::io("read", path))?;
        if read == 0 {
            return Ok((bytes, hex(&hasher.finalize())));
        }
        hasher.update(buffer.get(..read).unwrap_or_default());
        bytes += read as u64;
    }
}
