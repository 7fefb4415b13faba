//! Archives: the members of a tar or a zip in byte order of their names. Nothing is ever unpacked to disk under a
//! name from an archive; a compressed tar is unpacked into a temporary file without a name, to be read in order.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Component, Path};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::open::{self, Counted, Place};
use super::piece::Piece;
use super::{DAMAGED, EMPTY, Feed, NOT_A_FILE, UNSAFE_PATH, UNSUPPORTED};
use crate::error::Result;
use crate::ledger::Fate;

/// The record that ends a zip, with the longest comment.
const ZIP_END: u64 = 22 + 65_535;

/// A member of an archive.
struct Member<At> {
    name: String,
    at: Result<At, Fate>,
}

/// Reads a compressed tar: members come in the archive's order, and the promise is the order of their names.
pub(super) fn packed_tar(mut reader: impl Read, name: &Arc<str>, feed: &mut Feed<'_>) -> Result<()> {
    let mut spool = tempfile::tempfile().map_err(open::no_spool)?;
    let mut buffer = vec![0; 256 << 10];
    let failed = loop {
        let chunk = match reader.read(&mut buffer) {
            Ok(0) => break None,
            Ok(read) => buffer.get(..read).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => break Some(error),
        };
        io::Write::write_all(&mut spool, chunk).map_err(open::no_spool)?;
    };
    let bytes = spool.stream_position().map_err(open::no_spool)?;
    // What came before the damage is read; the damage is booked once.
    members(&mut spool, name, feed, Some(bytes), failed)
}

/// Reads a plain tar.
pub(super) fn tar(mut file: File, name: &Arc<str>, feed: &mut Feed<'_>) -> Result<()> {
    let bytes = file.metadata().map(|metadata| metadata.len()).ok();
    members(&mut file, name, feed, bytes, None)?;
    feed.shared.read.fetch_add(bytes.unwrap_or_default(), Ordering::Relaxed);
    Ok(())
}

fn members(file: &mut File, name: &Arc<str>, feed: &mut Feed<'_>, bytes: Option<u64>, failed: Option<io::Error>) -> Result<()> {
    let (mut members, damage) = match list(file, bytes) {
        Ok(listed) => listed,
        Err(error) => (Vec::new(), Some(error)),
    };
    members.sort_by(|a, b| a.name.cmp(&b.name));
    if members.is_empty() && damage.is_none() && failed.is_none() {
        feed.push(Piece::refused(name.clone(), Fate::Dropped(EMPTY.plain()), Vec::new()))?;
    }
    for member in members {
        let name: Arc<str> = format!("{name}::{}", member.name).into();
        match member.at {
            Err(fate) => feed.push(Piece::refused(name, fate, Vec::new()))?,
            Ok((position, size)) => match file.seek(SeekFrom::Start(position)) {
                Ok(_) => open::stream(Read::take(&mut *file, size), &name, Place::Member, feed)?,
                Err(error) => open::refuse(&name, DAMAGED, &error, Vec::new(), feed)?,
            },
        }
    }
    match failed.or(damage) {
        None => Ok(()),
        Some(error) => {
            let head = file.rewind().map_or(Vec::new(), |()| open::remnant(&mut *file));
            open::refuse(name, open::why(&error), &error, head, feed)
        }
    }
}

type Listed = (Vec<Member<(u64, u64)>>, Option<io::Error>);

/// Lists the members of a tar with the position and the size of each, as far as it is sound.
fn list(file: &mut File, bytes: Option<u64>) -> io::Result<Listed> {
    file.rewind()?;
    let mut members = Vec::new();
    let mut archive = tar::Archive::new(&mut *file);
    for entry in archive.entries_with_seek()? {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => return Ok((members, Some(error))),
        };
        let kind = entry.header().entry_type();
        if kind.is_dir() || kind.is_pax_global_extensions() {
            continue;
        }
        let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let (position, size) = (entry.raw_file_position(), entry.size());
        let at = if is_unsafe(&path) {
            Err(Fate::Quarantined(UNSAFE_PATH.because(path.as_str())))
        } else if kind.is_gnu_sparse() {
            Err(Fate::Quarantined(
                UNSUPPORTED.because("a sparse member: pack it without holes"),
            ))
        } else if kind.is_file() || kind.is_contiguous() {
            Ok((position, size))
        } else {
            Err(Fate::Dropped(NOT_A_FILE.because(format!("{kind:?}"))))
        };
        members.push(Member { name: shown(&path), at });
        // What a sparse member takes in the archive is less than its size.
        let packed = entry.header().entry_size().unwrap_or(size).min(size);
        if bytes.is_some_and(|bytes| position.saturating_add(packed) > bytes) {
            // What is there of the last member is read like any other.
            return Ok((
                members,
                Some(io::Error::other("the archive ends before its last member does")),
            ));
        }
    }
    Ok((members, None))
}

/// Reads a zip.
pub(super) fn zip(file: File, name: &Arc<str>, feed: &mut Feed<'_>) -> Result<()> {
    let shared = feed.shared.clone();
    let (listed, head) = match look_into(&file) {
        Ok(seen) => seen,
        Err(error) => return open::refuse(name, DAMAGED, &error, Vec::new(), feed),
    };
    let mut archive = match zip::ZipArchive::new(Counted { inner: file, shared }) {
        Ok(archive) => archive,
        Err(error) => return open::refuse(name, DAMAGED, &io::Error::other(error), head, feed),
    };
    if archive.len() < listed {
        // The library keeps one member a name; what it hides must not be lost in silence.
        let hidden = listed - archive.len();
        let error = io::Error::other(format!(
            "{hidden} members have the name of another and cannot be reached: unpack the archive"
        ));
        open::refuse(name, UNSUPPORTED, &error, head, feed)?;
    }
    let mut members: Vec<_> = (0..archive.len())
        .map(|at| Member {
            name: archive
                .name_for_index(at)
                .and_then(Result::ok)
                .map_or_else(|| format!("member {}", at + 1), Cow::into_owned),
            at: Ok(at),
        })
        .filter(|member| !member.name.ends_with('/'))
        .collect();
    members.sort_by(|a, b| a.name.cmp(&b.name));
    if members.is_empty() {
        feed.push(Piece::refused(name.clone(), Fate::Dropped(EMPTY.plain()), Vec::new()))?;
    }
    for member in members {
        let inner: Arc<str> = format!("{name}::{}", shown(&member.name)).into();
        let at = match member.at {
            Ok(_) if is_unsafe(&member.name) => Err(Fate::Quarantined(UNSAFE_PATH.because(member.name))),
            at => at,
        };
        let at = match at {
            Ok(at) => at,
            Err(fate) => {
                feed.push(Piece::refused(inner, fate, Vec::new()))?;
                continue;
            }
        };
        let error = match archive.by_index(at) {
            Ok(entry) if !entry.is_file() => {
                feed.push(Piece::refused(inner, Fate::Dropped(NOT_A_FILE.plain()), Vec::new()))?;
                continue;
            }
            Ok(entry) => {
                open::stream(entry, &inner, Place::Member, feed)?;
                continue;
            }
            Err(error) => io::Error::other(error),
        };
        let packed = archive.by_index_raw(at).map(open::remnant).unwrap_or_default();
        open::refuse(&inner, DAMAGED, &error, packed, feed)?;
    }
    Ok(())
}

/// Returns how many members the end of a zip says that it lists, as far as it counts them in 16 bits, and its head.
fn look_into(file: &File) -> io::Result<(usize, Vec<u8>)> {
    let mut file = file.try_clone()?;
    let length = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(length.saturating_sub(ZIP_END)))?;
    let mut end = Vec::new();
    file.by_ref().take(ZIP_END).read_to_end(&mut end)?;
    file.rewind()?;
    let head = open::remnant(&mut file);
    file.rewind()?;
    let at = memchr::memmem::rfind(&end, b"PK\x05\x06");
    let count = at
        .and_then(|at| end.get(at + 10..at + 12))
        .and_then(|bytes| bytes.try_into().ok());
    let count = count.map_or(0, u16::from_le_bytes);
    Ok((if count == u16::MAX { 0 } else { usize::from(count) }, head))
}

fn is_unsafe(path: &str) -> bool {
    let climbs = Path::new(path)
        .components()
        .any(|part| !matches!(part, Component::Normal(_) | Component::CurDir));
    climbs || path.contains(['\\', '\0']) || path.get(1..2) == Some(":")
}

/// Writes a member's path for people: without `./`, and never absolute.
fn shown(path: &str) -> String {
    path.trim_start_matches("./").trim_start_matches('/').to_owned()
}
