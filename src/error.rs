//! The troubles that stop a run. A document that makes no sense is not one of them: it is quarantined.

use std::io;
use std::path::PathBuf;

/// Why a run cannot go on. Nothing is published when one is returned.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The recipe, a `--set` or a flag cannot be understood.
    #[error("{place}: {message}")]
    Recipe {
        /// The recipe file or the flag.
        place: String,
        /// What is wrong, with the position where it is known.
        message: String,
    },
    /// An input that was named does not exist or holds nothing.
    #[error("{}: {message}", path.display())]
    Input {
        /// The input as it was written.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
    /// The output folder cannot be used.
    #[error("{}: {message}", path.display())]
    Output {
        /// The folder.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
    /// Another run is writing to the output folder.
    #[error("{}: another run is writing there", path.display())]
    Busy {
        /// The folder.
        path: PathBuf,
    },
    /// Reading or writing failed.
    #[error("{}: cannot {action}", path.display())]
    Io {
        /// What was being done, as a verb: `read`, `write`, `create`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's own words.
        source: io::Error,
    },
    /// Encoding or decoding Parquet failed.
    #[error("{}: cannot {action} Parquet", path.display())]
    Parquet {
        /// What was being done.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The library's own words.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// An input changed between the two passes of one build.
    #[error("the input changed while it was being read: {0}")]
    InputChanged(String),
    /// The run was asked to stop.
    #[error("interrupted: nothing was published")]
    Interrupted,
    /// The published files do not agree with their manifest or with each other.
    #[error("{0}")]
    Disagrees(String),
    /// This build of turnset was made without a feature that the command needs.
    #[error("this build of turnset was made without the feature `{0}`")]
    Feature(&'static str),
}

impl Error {
    /// Returns what the user can do about it.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Recipe { .. } => Some("`turnset schema recipe` prints every key with its meaning"),
            Self::Input { .. } => Some("name a folder, a file, a quoted glob, or `-` for standard input"),
            Self::Output { .. } => Some("choose another --out, or replace what is there with --overwrite"),
            Self::Busy { .. } => Some("wait for it to end, or choose another --out"),
            Self::Io { source, .. } if source.kind() == io::ErrorKind::StorageFull => {
                Some("free some space or choose an --out on another disk; nothing was published")
            }
            Self::Io { .. } => Some("check that the path exists and may be read or written"),
            Self::InputChanged(_) => Some("run again when nothing writes to the input"),
            Self::Disagrees(_) => {
                Some("the dataset was changed after it was built, or not built from these inputs with this key")
            }
            Self::Feature(_) => Some("install turnset with its default features"),
            Self::Parquet { .. } | Self::Interrupted => None,
        }
    }

    /// Returns the exit code: 2 for usage and recipe, 1 for everything else.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Recipe { .. } => 2,
            _ => 1,
        }
    }

    /// Wraps a system error; for `map_err`.
    pub(crate) fn io(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { action, path, source }
    }
}

/// A result whose error stops the run.
pub type Result<T, E = Error> = std::result::Result<T, E>;
