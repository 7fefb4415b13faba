//! Opens a file by its content: plain, gzip, zstd, tar, zip.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek};
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use flate2::bufread::MultiGzDecoder;

use super::cut::{self, Cut};
use super::piece::{Piece, is_json_name};
use super::walk::Found;
use super::{BOMB, DAMAGED, Feed, NESTED, NOT_JSON, SMALL_FILE, Shared, UNREADABLE, archive};
use crate::error::{Error, Result};
use crate::ledger::{Fate, Reason};

/// A stream that has unpacked to more than this much, and to more than this many times its packed size, is a bomb:
/// calls compress a hundredfold at most.
const BOMB_BYTES: u64 = 1 << 30;
const BOMB_RATIO: u64 = 2000;

/// How a stream is packed, by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Packing {
    Plain,
    Gzip,
    Zstd,
    Tar,
    Zip,
}

fn packing(head: &[u8]) -> Packing {
    match head {
        [0x1f, 0x8b, ..] => Packing::Gzip,
        // A zstd frame, or a skippable one in front of it.
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Packing::Zstd,
        [b'P', b'K', 3 | 5, 4 | 6, ..] => Packing::Zip,
        _ if head.get(257..262) == Some(b"ustar") => Packing::Tar,
        _ => Packing::Plain,
    }
}

/// Returns whether a file has to be looked into by the reader thread: its name does not say that it is plain.
pub(super) fn may_be_packed(path: &Path) -> bool {
    path.extension()
        .is_none_or(|ending| ending != "json" && ending != "jsonl" && ending != "ndjson")
}

/// Unpacks a small file whose name says that it is plain, as happens when a download is stored as it came.
///
/// # Errors
/// When the packing is damaged, or the content is no small file any more.
pub(super) fn unpacked(bytes: Vec<u8>) -> io::Result<Vec<u8>> {
    let packed: Box<dyn Read + '_> = match packing(&bytes) {
        Packing::Plain => return Ok(bytes),
        Packing::Gzip => Box::new(MultiGzDecoder::new(bytes.as_slice())),
        Packing::Zstd => Box::new(zstd::Decoder::with_buffer(bytes.as_slice())?),
        Packing::Tar | Packing::Zip => return Err(io::Error::other("an archive by its content: name it as one")),
    };
    let mut plain = Vec::new();
    packed.take(SMALL_FILE + 1).read_to_end(&mut plain)?;
    if plain.len() as u64 > SMALL_FILE {
        return Err(io::Error::other("compressed by its content: name it as such"));
    }
    Ok(plain)
}

/// Opens a file that was found.
pub(super) fn file(found: &Found, feed: &mut Feed<'_>) -> Result<()> {
    match File::open(&found.path) {
        Ok(file) => opened(file, found, feed),
        Err(error) => refuse(&found.name, UNREADABLE, &error, Vec::new(), feed),
    }
}

/// Reads an open file from its beginning.
pub(super) fn opened(mut file: File, found: &Found, feed: &mut Feed<'_>) -> Result<()> {
    let mut head = [0; 512];
    let seen = file.rewind().and_then(|()| read_up_to(&mut file, &mut head));
    let packing = match seen.and_then(|seen| file.rewind().map(|()| seen)) {
        Ok(seen) => packing(head.get(..seen).unwrap_or_default()),
        Err(error) => return refuse(&found.name, UNREADABLE, &error, Vec::new(), feed),
    };
    match packing {
        Packing::Tar => archive::tar(file, &found.name, feed),
        Packing::Zip => archive::zip(file, &found.name, feed),
        Packing::Plain | Packing::Gzip | Packing::Zstd => {
            let counted = Counted {
                inner: file,
                shared: feed.shared.clone(),
            };
            stream(counted, &found.name, Place::Top { named: found.named }, feed)
        }
    }
}

/// Where a stream stands, which decides what it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// It is a file, named by the user or found in a folder.
    Top {
        /// Whether the user named it.
        named: bool,
    },
    /// It is a member of an archive.
    Member,
}

/// Reads a stream, unpacking it once if it is compressed.
pub(super) fn stream(reader: impl Read, name: &Arc<str>, place: Place, feed: &mut Feed<'_>) -> Result<()> {
    let packed = Rc::new(Cell::new(0));
    let mut reader = BufReader::with_capacity(cut::HEAD, Tally(reader, packed.clone()));
    let packing = match fill(&mut reader) {
        Ok(head) => packing(head),
        Err(error) => return refuse(name, DAMAGED, &error, Vec::new(), feed),
    };
    let unpacked: Box<dyn Read + '_> = match packing {
        Packing::Gzip => Box::new(MultiGzDecoder::new(reader)),
        Packing::Zstd => match zstd::Decoder::with_buffer(reader) {
            Ok(decoder) => Box::new(decoder),
            Err(error) => return refuse(name, DAMAGED, &error, Vec::new(), feed),
        },
        Packing::Tar | Packing::Zip => return refuse_nested(name, feed),
        Packing::Plain => return documents(reader, name, place, feed),
    };
    let mut reader = BufReader::with_capacity(
        cut::HEAD,
        Guarded {
            inner: unpacked,
            packed,
            unpacked: 0,
        },
    );
    match fill(&mut reader).map(self::packing) {
        Ok(Packing::Plain) => documents(reader, name, place, feed),
        Ok(Packing::Tar) if place != Place::Member => archive::packed_tar(reader, name, feed),
        Ok(_) => refuse_nested(name, feed),
        Err(error) => refuse(name, why(&error), &error, Vec::new(), feed),
    }
}

fn documents(mut reader: impl BufRead, name: &Arc<str>, place: Place, feed: &mut Feed<'_>) -> Result<()> {
    let must_be_json = place == Place::Top { named: true }
        || is_json_name(
            name.trim_end_matches(".gz")
                .trim_end_matches(".zst")
                .trim_end_matches(".zstd"),
        );
    if !must_be_json && !reader.fill_buf().is_ok_and(cut::looks_like_json) {
        return feed.push(Piece::refused(name.clone(), Fate::Dropped(NOT_JSON.plain()), Vec::new()));
    }
    let (reading, shared) = (feed.reading, feed.shared.clone());
    match cut::cut_stream(reader, name, reading, &|| shared.buffer(), &mut |piece| feed.push(piece)) {
        Ok(()) => Ok(()),
        Err(Cut::Run(error)) => Err(error),
        Err(Cut::Stream(error, rest)) => refuse(name, why(&error), &error, rest, feed),
    }
}

fn why(error: &io::Error) -> Reason {
    if error.kind() == io::ErrorKind::QuotaExceeded {
        BOMB
    } else {
        DAMAGED
    }
}

/// Quarantines a container from where it could not be read on.
pub(super) fn refuse(name: &Arc<str>, reason: Reason, error: &io::Error, rest: Vec<u8>, feed: &mut Feed<'_>) -> Result<()> {
    feed.push(Piece::refused(
        name.clone(),
        Fate::Quarantined(reason.because(error.to_string())),
        rest,
    ))
}

fn refuse_nested(name: &Arc<str>, feed: &mut Feed<'_>) -> Result<()> {
    let cause = NESTED.because("an archive or compression inside another is not opened: unpack the outer one first");
    feed.push(Piece::refused(name.clone(), Fate::Quarantined(cause), Vec::new()))
}

/// Fills the buffer as far as the head of a stream goes, and returns it.
fn fill<R: Read>(reader: &mut BufReader<R>) -> io::Result<&[u8]> {
    reader.fill_buf()
}

fn read_up_to(reader: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut seen = Vec::with_capacity(buffer.len());
    let read = reader.take(buffer.len() as u64).read_to_end(&mut seen)?;
    if let Some(head) = buffer.get_mut(..read) {
        head.copy_from_slice(&seen);
    }
    Ok(read)
}

/// Counts the bytes of an input for the progress bar.
pub(super) struct Counted<R> {
    pub(super) inner: R,
    pub(super) shared: Arc<Shared>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.shared.read.fetch_add(read as u64, Ordering::Relaxed);
        if self.shared.stop.load(Ordering::Relaxed) {
            return Err(io::Error::other("asked to stop"));
        }
        Ok(read)
    }
}

impl<R: Seek> Seek for Counted<R> {
    fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}

/// Counts packed bytes for [`Guarded`].
struct Tally<R>(R, Rc<Cell<u64>>);

impl<R: Read> Read for Tally<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.0.read(buffer)?;
        self.1.set(self.1.get() + read as u64);
        Ok(read)
    }
}

/// Stops a bomb.
struct Guarded<R> {
    inner: R,
    packed: Rc<Cell<u64>>,
    unpacked: u64,
}

impl<R: Read> Read for Guarded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.unpacked += read as u64;
        if self.unpacked > BOMB_BYTES && self.unpacked / BOMB_RATIO > self.packed.get() {
            let words = format!("unpacks to more than {BOMB_RATIO} times its size");
            return Err(io::Error::new(io::ErrorKind::QuotaExceeded, words));
        }
        Ok(read)
    }
}

/// Returns an error of the run for a temporary file that cannot be written.
pub(super) fn no_spool(error: io::Error) -> Error {
    Error::io("write", std::env::temp_dir())(error)
}
