//! Inputs become documents here, in a fixed order: byte order of the name, then of the member, then the line.
//!
//! Small plain files are only named here and opened where they are refined; everything else is streamed by one
//! reader thread. What cannot be a document leaves as a refusal with a fate, never as an error of the run.

mod archive;
mod cut;
mod open;
mod piece;
mod walk;

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Mutex};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) use piece::{Batch, Piece, Refusal};
pub(crate) use walk::Source;

use crate::error::{Error, Result};
use crate::ledger::Reason;

/// Looked at, and by its content not JSON nor an archive.
const NOT_JSON: Reason = Reason::new("source", "not_json");
/// An archive without members.
const EMPTY: Reason = Reason::new("source", "empty");
/// Hidden by its name.
const HIDDEN: Reason = Reason::new("source", "hidden");
/// Neither a file nor a folder: a pipe, a socket, a device, a link inside an archive.
const NOT_A_FILE: Reason = Reason::new("source", "not_a_file");
/// The system would not let it be read.
const UNREADABLE: Reason = Reason::new("source", "unreadable");
/// Longer than `input.max_document_bytes`.
const TOO_LARGE: Reason = Reason::new("source", "too_large");
/// Unpacks to so much that it cannot be archived calls.
const BOMB: Reason = Reason::new("source", "bomb");
/// The compressed stream or the archive is damaged.
const DAMAGED: Reason = Reason::new("source", "damaged");
/// An archive inside an archive, or compression inside compression.
const NESTED: Reason = Reason::new("source", "nested");
/// A kind of member or of packing that is not read.
const UNSUPPORTED: Reason = Reason::new("source", "unsupported");
/// A member whose path is absolute or climbs with `..`.
const UNSAFE_PATH: Reason = Reason::new("source", "unsafe_path");

/// How inputs are read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Reading {
    /// The most that one document may hold, unpacked. A longer one is quarantined.
    #[schemars(range(min = 1))]
    pub max_document_bytes: u64,
}

impl Default for Reading {
    fn default() -> Self {
        Self {
            max_document_bytes: 64 << 20,
        }
    }
}

/// Plain files up to this size are opened where they are refined, on every core.
const SMALL_FILE: u64 = 4 << 20;
/// What a batch holds at least, unless it is the last.
const BATCH_BYTES: usize = 256 << 10;
/// What a batch holds at most in files, since opening a file costs what parsing some kilobytes costs.
const BATCH_PIECES: usize = 128;

/// What the reader thread and the rest of the run share.
#[derive(Debug, Default)]
pub struct Shared {
    /// Bytes read so far, packed.
    pub read: AtomicU64,
    /// Set once there may be something to tidy up.
    pub started: AtomicBool,
    /// Set to stop the run.
    pub stop: AtomicBool,
    /// Buffers to be used again: memory that was never touched is slow to touch.
    spare: Mutex<Vec<Vec<u8>>>,
}

impl Shared {
    /// Gives the buffers of a batch back to the reader.
    pub fn recycle(&self, batch: Batch) {
        if let Ok(mut spare) = self.spare.lock() {
            spare.extend(batch.into_iter().filter_map(Piece::into_buffer));
        }
    }

    fn buffer(&self) -> Vec<u8> {
        let mut buffer = self.spare.lock().ok().and_then(|mut spare| spare.pop()).unwrap_or_default();
        buffer.clear();
        buffer
    }
}

/// Gathers pieces into batches and hands them on in order.
struct Feed<'f> {
    reading: &'f Reading,
    shared: &'f Arc<Shared>,
    /// Who takes the batches; where nobody does, all pieces stay in one.
    batches: Option<&'f SyncSender<Batch>>,
    /// The most that one compressed stream may unpack to, if it is more than `open::BOMB_RATIO` times its size.
    bomb_bytes: u64,
    batch: Batch,
    bytes: usize,
}

impl<'f> Feed<'f> {
    /// A feed for one small file, whose pieces stay in memory.
    fn local(reading: &'f Reading, shared: &'f Arc<Shared>) -> Self {
        Self {
            reading,
            shared,
            batches: None,
            bomb_bytes: 4 * SMALL_FILE,
            batch: Batch::default(),
            bytes: 0,
        }
    }

    fn push(&mut self, piece: Piece) -> Result<()> {
        if self.shared.stop.load(Ordering::Relaxed) {
            return Err(Error::Interrupted);
        }
        self.bytes += piece.size();
        self.batch.push(piece);
        if self.bytes >= BATCH_BYTES || self.batch.len() >= BATCH_PIECES {
            self.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        self.bytes = 0;
        match self.batches {
            Some(batches) if !self.batch.is_empty() => {
                // The receiver is gone only when the run has failed elsewhere, and then it says why.
                let batch = std::mem::take(&mut self.batch);
                batches.send(batch).map_err(|_| Error::Interrupted)
            }
            _ => Ok(()),
        }
    }
}

impl Source {
    /// Reads everything into batches. Runs on the reader thread.
    ///
    /// # Errors
    /// [`Error::Interrupted`] when asked to stop. Trouble with an input becomes a refused piece instead.
    pub(crate) fn read(&self, reading: &Reading, shared: &Arc<Shared>, batches: &SyncSender<Batch>) -> Result<()> {
        let mut feed = Feed {
            reading,
            shared,
            batches: Some(batches),
            bomb_bytes: open::BOMB_BYTES,
            batch: Batch::default(),
            bytes: 0,
        };
        for found in &self.found {
            match &found.what {
                walk::What::Refused(fate) => feed.push(Piece::refused(found.name.clone(), fate.clone(), Vec::new()))?,
                walk::What::File { bytes } if *bytes <= SMALL_FILE && !open::may_be_packed(&found.path) => {
                    shared.read.fetch_add(*bytes, Ordering::Relaxed);
                    feed.push(Piece::file(found, *bytes))?;
                }
                walk::What::File { .. } => open::file(found, &mut feed)?,
                walk::What::Spool(spool) => {
                    let spool = spool.try_clone().map_err(Error::io("read", Path::new("-")))?;
                    open::opened(spool, &found.name, found.named, &mut feed)?;
                }
            }
        }
        feed.flush()
    }
}
