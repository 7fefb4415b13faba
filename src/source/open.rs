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
use super::{BOMB, DAMAGED, Feed, NESTED, NOT_JSON, Shared, UNREADABLE, archive};
use crate::error::{Error, Result};
use crate::ledger::{Fate, Reason};

/// A stream that has unpacked to more than this much, and to more than this many times its packed size, is a bomb:
/// calls compress a hundredfold at most, and deflate cannot do more than a thousandfold.
pub(super) const BOMB_BYTES: u64 = 1 << 30;
const BOMB_RATIO: u64 = 400;
/// How much of something that cannot be read is set aside.
const REMNANT: u64 = 64 << 10;
/// How much of a stream tells its packing: one block of a tar.
const BLOCK: usize = 512;

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
        _ if is_tar_header(head) => Packing::Tar,
        _ => Packing::Plain,
    }
}

/// Returns whether the first block is the header of a tar: the oldest ones have no magic, but all have a checksum.
fn is_tar_header(head: &[u8]) -> bool {
    let Some((block, written)) = head.get(..BLOCK).zip(head.get(148..156)) else {
        return false;
    };
    let digits = written
        .iter()
        .skip_while(|byte| **byte == b' ')
        .take_while(|byte| byte.is_ascii_digit());
    let (mut sum, mut count) = (0, 0);
    for digit in digits {
        sum = sum * 8 + u32::from(digit - b'0');
        count += 1;
    }
    let bytes: u32 = block.iter().copied().map(u32::from).sum();
    let own: u32 = written.iter().copied().map(u32::from).sum();
    count > 0 && bytes - own + 8 * u32::from(b' ') == sum
}

/// Returns whether a name promises an archive.
fn is_archive_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [".zip", ".tar", ".tgz", ".tzst", ".tar.gz", ".tar.zst", ".tar.zstd"]
        .iter()
        .any(|ending| name.ends_with(ending))
}

/// Returns whether a file has to be looked into by the reader thread: its name does not say that it is plain.
pub(super) fn may_be_packed(path: &Path) -> bool {
    path.extension()
        .is_none_or(|ending| ending != "json" && ending != "jsonl" && ending != "ndjson")
}

/// Returns whether the bytes of a small file whose name says that it is plain are packed all the same, as happens when
/// a download is stored as it came.
pub(super) fn is_packed(bytes: &[u8]) -> bool {
    packing(bytes) != Packing::Plain
}

/// Opens a file that was found.
pub(super) fn file(found: &Found, feed: &mut Feed<'_>) -> Result<()> {
    match File::open(&found.path) {
        Ok(file) => opened(file, &found.name, found.named, feed),
        Err(error) => refuse(&found.name, UNREADABLE, &error, Vec::new(), feed),
    }
}

/// Reads an open file from its beginning.
pub(super) fn opened(mut file: File, name: &Arc<str>, named: bool, feed: &mut Feed<'_>) -> Result<()> {
    let seen = file.rewind().and_then(|()| head(&mut file));
    let head = match seen.and_then(|head| file.rewind().map(|()| head)) {
        Ok(head) => head,
        Err(error) => return refuse(name, UNREADABLE, &error, Vec::new(), feed),
    };
    match packing(&head) {
        Packing::Tar => archive::tar(file, name, feed),
        Packing::Zip => archive::zip(file, name, feed),
        // A program may stand in front of a zip that unpacks itself.
        Packing::Plain if name.ends_with(".zip") => archive::zip(file, name, feed),
        Packing::Plain | Packing::Gzip | Packing::Zstd => {
            let counted = Counted {
                inner: file,
                shared: feed.shared.clone(),
            };
            stream(counted, name, Place::Top { named }, feed)
        }
    }
}

/// Reads what there is of something that cannot be read as what it is.
pub(super) fn remnant(reader: impl Read) -> Vec<u8> {
    let mut bytes = Vec::new();
    // What could be read before an error is what there is.
    let _ = reader.take(REMNANT).read_to_end(&mut bytes);
    bytes
}

/// Reads the first block of a stream, or what there is of it.
fn head(reader: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut head = Vec::with_capacity(BLOCK);
    reader.take(BLOCK as u64).read_to_end(&mut head)?;
    Ok(head)
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
    let mut reader = Tally(reader, packed.clone());
    let first = match head(&mut reader) {
        Ok(first) => first,
        Err(error) => return refuse(name, DAMAGED, &error, Vec::new(), feed),
    };
    let packing = packing(&first);
    let mut reader = BufReader::with_capacity(cut::HEAD, io::Cursor::new(first.clone()).chain(reader));
    let unpacked: Box<dyn Read + '_> = match packing {
        Packing::Gzip => Box::new(MultiGzDecoder::new(reader)),
        Packing::Zstd => match zstd::Decoder::with_buffer(reader) {
            Ok(decoder) => Box::new(decoder),
            Err(error) => return refuse(name, DAMAGED, &error, first, feed),
        },
        Packing::Tar | Packing::Zip => return refuse_nested(name, remnant(&mut reader), feed),
        Packing::Plain => return documents(reader, name, place, feed),
    };
    let mut unpacked = Guarded {
        inner: unpacked,
        packed,
        unpacked: 0,
        bomb_bytes: feed.bomb_bytes,
    };
    let inner = match head(&mut unpacked) {
        Ok(inner) => inner,
        Err(error) => return refuse(name, why(&error), &error, first, feed),
    };
    let packing = self::packing(&inner);
    let mut reader = BufReader::with_capacity(cut::HEAD, io::Cursor::new(inner).chain(unpacked));
    match packing {
        Packing::Plain => documents(reader, name, place, feed),
        Packing::Tar if place != Place::Member => archive::packed_tar(reader, name, feed),
        _ => refuse_nested(name, remnant(&mut reader), feed),
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
        if is_archive_name(name) {
            let error = io::Error::other("named as an archive, and none by its content");
            return refuse(name, DAMAGED, &error, remnant(reader), feed);
        }
        return feed.push(Piece::refused(name.clone(), Fate::Dropped(NOT_JSON.plain()), Vec::new()));
    }
    let (reading, shared) = (feed.reading, feed.shared.clone());
    match cut::cut_stream(reader, name, reading, &|| shared.buffer(), &mut |piece| feed.push(piece)) {
        Ok(()) => Ok(()),
        Err(Cut::Run(error)) => Err(error),
        Err(Cut::Stream(error, rest)) => refuse(name, why(&error), &error, rest, feed),
    }
}

/// Returns the reason for an error of a stream.
pub(super) fn why(error: &io::Error) -> Reason {
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

fn refuse_nested(name: &Arc<str>, rest: Vec<u8>, feed: &mut Feed<'_>) -> Result<()> {
    let cause = NESTED.because("an archive or compression inside another is not opened: unpack the outer one first");
    feed.push(Piece::refused(name.clone(), Fate::Quarantined(cause), rest))
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
    bomb_bytes: u64,
}

impl<R: Read> Read for Guarded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.unpacked += read as u64;
        let is_small = self.bomb_bytes < BOMB_BYTES;
        if self.unpacked > self.bomb_bytes && (is_small || self.unpacked / BOMB_RATIO > self.packed.get()) {
            let words = if is_small {
                "unpacks to far more than its name promises: name it as compressed".to_owned()
            } else {
                format!("unpacks to more than {BOMB_RATIO} times its size")
            };
            return Err(io::Error::new(io::ErrorKind::QuotaExceeded, words));
        }
        Ok(read)
    }
}

/// Returns an error of the run for a temporary file that cannot be written.
pub(super) fn no_spool(error: io::Error) -> Error {
    Error::io("write", std::env::temp_dir())(error)
}
