//! What the reader thread hands on: documents, or files to be opened where they are refined.

use std::fs::File;
use std::io::Read;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use super::walk::Found;
use super::{Feed, NOT_JSON, Reading, Shared, UNREADABLE, cut, open};
use crate::document::{Document, Origin, Place};
use crate::error::Error;
use crate::ledger::Fate;

/// Some pieces in order: the unit of work of one core.
pub(crate) type Batch = Vec<Piece>;

/// Documents that share one buffer, or one that could not be read.
#[derive(Debug)]
pub enum Piece {
    /// A small plain file, not yet opened.
    File {
        /// Its name.
        container: Arc<str>,
        /// Where it is.
        path: PathBuf,
        /// Its size when it was found.
        bytes: u64,
        /// Whether the user named it, so that it must be a document.
        named: bool,
    },
    /// Documents cut out of one buffer.
    Cut {
        /// The name of the container.
        container: Arc<str>,
        /// The buffer.
        bytes: Vec<u8>,
        /// Where each document lies.
        spans: Vec<(Place, Range<usize>)>,
    },
    /// Something that is no document, with what was read of it.
    Refused {
        /// Its name.
        origin: Origin,
        /// What becomes of it.
        fate: Fate,
        /// What was read of it.
        bytes: Vec<u8>,
    },
}

impl Piece {
    pub(super) fn file(found: &Found, bytes: u64) -> Self {
        Self::File {
            container: found.name.clone(),
            path: found.path.clone(),
            bytes,
            named: found.named,
        }
    }

    pub(super) fn whole(container: Arc<str>, bytes: Vec<u8>) -> Self {
        let spans = vec![(Place::Whole, 0..bytes.len())];
        Self::Cut { container, bytes, spans }
    }

    pub(super) fn refused(container: Arc<str>, fate: Fate, bytes: Vec<u8>) -> Self {
        Self::Refused {
            origin: Origin::whole(container),
            fate,
            bytes,
        }
    }

    /// Returns how many bytes the piece holds, or will hold.
    #[must_use]
    pub fn size(&self) -> usize {
        match self {
            Self::File { bytes, .. } => usize::try_from(*bytes).unwrap_or(usize::MAX),
            Self::Cut { bytes, .. } | Self::Refused { bytes, .. } => bytes.len(),
        }
    }

    /// Takes the piece apart for its buffer, if that is of a size that comes again.
    pub(super) fn into_buffer(self) -> Option<Vec<u8>> {
        match self {
            Self::Cut { bytes, .. } if bytes.capacity() >= cut::CHUNK && bytes.capacity() < 4 * cut::CHUNK => Some(bytes),
            _ => None,
        }
    }

    /// Opens a file that was only named so far; what is open stays as it is.
    #[must_use]
    pub fn open(self, reading: &Reading, shared: &Arc<Shared>) -> Batch {
        let Self::File {
            container,
            path,
            named,
            bytes: size,
        } = self
        else {
            return vec![self];
        };
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default() + 1);
        let read = File::open(&path).and_then(|file| file.take(reading.max_document_bytes.max(size) + 1).read_to_end(&mut bytes));
        if let Err(error) = read {
            return vec![Self::refused(
                container,
                Fate::Quarantined(UNREADABLE.because(error.to_string())),
                bytes,
            )];
        }
        if open::is_packed(&bytes) {
            // Packed although its name says that it is plain: read as the reader thread reads what is packed.
            let mut feed = Feed::local(reading, shared);
            let opened = File::open(&path).map_err(Error::io("read", path));
            return match opened.and_then(|file| open::opened(file, &container, named, &mut feed)) {
                Ok(()) => feed.batch,
                Err(error) => vec![Self::refused(
                    container,
                    Fate::Quarantined(UNREADABLE.because(error.to_string())),
                    bytes,
                )],
            };
        }
        if !named && !cut::looks_like_json(&bytes) && !is_json_name(&container) {
            return vec![Self::refused(container, Fate::Dropped(NOT_JSON.plain()), Vec::new())];
        }
        let mut pieces = Batch::new();
        // Reading from memory cannot fail, and a vector takes everything.
        let cut = cut::cut_all(bytes, &container, reading, &mut |piece| {
            pieces.push(piece);
            Ok(())
        });
        debug_assert!(cut.is_ok(), "cutting in memory");
        pieces
    }

    /// Yields the documents of an open piece, and what is none.
    pub fn documents(&self) -> impl Iterator<Item = Result<Document<'_>, Refusal<'_>>> {
        let (cut, refusal) = match self {
            Self::Cut { container, bytes, spans } => (Some((container, bytes, spans)), None),
            Self::Refused { origin, fate, bytes } => (None, Some(Refusal { origin, fate, bytes })),
            Self::File { .. } => (None, None),
        };
        let documents = cut.into_iter().flat_map(|(container, bytes, spans)| {
            spans.iter().map(move |(place, span)| {
                Ok(Document {
                    origin: Origin {
                        container: container.clone(),
                        place: *place,
                    },
                    bytes: bytes.get(span.clone()).unwrap_or_default(),
                })
            })
        });
        documents.chain(refusal.map(Err))
    }
}

/// Something that is no document.
#[derive(Debug)]
pub struct Refusal<'a> {
    /// Its name.
    pub origin: &'a Origin,
    /// What becomes of it.
    pub fate: &'a Fate,
    /// What was read of it.
    pub bytes: &'a [u8],
}

/// Returns whether a name promises JSON, whatever the content looks like.
pub(super) fn is_json_name(name: &str) -> bool {
    [".json", ".jsonl", ".ndjson"].iter().any(|ending| {
        let name = name.as_bytes();
        name.len() >= ending.len()
            && name
                .get(name.len() - ending.len()..)
                .is_some_and(|end| end.eq_ignore_ascii_case(ending.as_bytes()))
    })
}
