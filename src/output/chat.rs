//! Chat files: `chat/<format>/<split>.jsonl`, in several files where the reader takes none so large.

use std::path::PathBuf;

use super::files::{self, FileEntry, Hashed};
use crate::error::Result;
use crate::export::Format;
use crate::split::Split;

/// Writes the lines of one split in one format. A file is created with its first line.
pub(crate) struct ChatWriter {
    format: Format,
    split: Split,
    root: PathBuf,
    open: Option<Hashed>,
    done: Vec<FileEntry>,
}

impl ChatWriter {
    /// Makes ready to write under a folder.
    pub(crate) fn new(format: Format, split: Split, root: PathBuf) -> Self {
        Self {
            format,
            split,
            root,
            open: None,
            done: Vec::new(),
        }
    }

    /// Takes whole lines, and begins another file where this one would grow too large. A line that is too large by
    /// itself has a file of its own.
    ///
    /// # Errors
    /// [`crate::Error::Io`] where a file cannot be written.
    pub(crate) fn take(&mut self, lines: &[u8]) -> Result<()> {
        let mut lines = lines;
        while !lines.is_empty() {
            let written = self.open.as_ref().map_or(0, Hashed::len);
            let now = fits(lines, self.format.max_bytes, written);
            if now == 0 {
                self.close();
                continue;
            }
            let (first, rest) = lines.split_at(now);
            if self.open.is_none() {
                self.open = Some(Hashed::create(self.root.join(self.path()))?);
            }
            if let Some(file) = &mut self.open {
                file.put(first)?;
            }
            lines = rest;
        }
        Ok(())
    }

    fn close(&mut self) {
        let path = self.path();
        self.done.extend(self.open.take().map(|file| file.close(path)));
    }

    /// The path of the file that is open, or will be.
    fn path(&self) -> String {
        let (format, split) = (self.format.name, self.split.word());
        match self.done.len() {
            0 => format!("chat/{format}/{split}.jsonl"),
            before => format!("chat/{format}/{split}-{}.jsonl", before + 1),
        }
    }

    /// Closes the last file.
    #[must_use]
    pub(crate) fn finish(mut self) -> Vec<FileEntry> {
        self.close();
        self.done
    }
}

/// Returns how many bytes of whole lines still go into a file of so many; all, if nothing bounds it.
fn fits(lines: &[u8], max: Option<u64>, written: u64) -> usize {
    let Some(room) = max.map(|max| usize::try_from(max.saturating_sub(written)).unwrap_or(usize::MAX)) else {
        return lines.len();
    };
    if lines.len() <= room {
        return lines.len();
    }
    let last = lines.get(..room).and_then(|lines| memchr::memrchr(b'\n', lines));
    match (last, written) {
        (Some(last), _) => last + 1,
        (None, 0) => memchr::memchr(b'\n', lines).map_or(lines.len(), |end| end + 1),
        (None, _) => 0,
    }
}

/// Writes what lies beside the files of a format, so that its reader finds them.
///
/// # Errors
/// [`crate::Error::Io`] where it cannot be written.
pub(crate) fn guide(format: &Format, root: &std::path::Path, written: &[FileEntry]) -> Result<Option<FileEntry>> {
    let folder = format!("chat/{}/", format.name);
    let names = written.iter().filter_map(|file| file.path.strip_prefix(&folder));
    let mut names: Vec<String> = names.map(ToOwned::to_owned).collect();
    names.sort();
    let Some((name, text)) = format.guide.filter(|_| !names.is_empty()) else {
        return Ok(None);
    };
    files::write(root, &format!("{folder}{name}"), text(&names).as_bytes()).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_end_before_they_grow_too_large_and_at_the_end_of_a_line() {
        assert_eq!(fits(b"ab\ncd\n", None, 1 << 40), 6);
        assert_eq!(fits(b"ab\ncd\n", Some(9), 3), 6);
        assert_eq!(fits(b"ab\ncd\n", Some(8), 3), 3);
        assert_eq!(fits(b"ab\ncd\n", Some(5), 3), 0);
        assert_eq!(fits(b"ab\ncd\n", Some(2), 0), 3);
    }
}
