//! Cuts a stream of bytes into documents: a whole file, the lines of a JSONL, the elements of an array.
//!
//! Cutting looks at brackets and quotes only, so one bad line or element costs itself and no other.

use std::io::{self, Read};
use std::ops::Range;
use std::sync::Arc;

use super::piece::Piece;
use super::{Reading, TOO_LARGE};
use crate::document::{Origin, Place};
use crate::error::Result;
use crate::ledger::Fate;

/// How much is read at a time.
pub(super) const CHUNK: usize = 256 << 10;
/// How much of a stream is looked at to tell its shape.
pub(super) const HEAD: usize = 64 << 10;
/// How much of a document that is too large is set aside.
const REMNANT: usize = 64 << 10;

/// How documents lie in a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Whole,
    Lines,
    Array,
}

/// Takes pieces in order; its error ends the cutting.
pub(super) type Emit<'e> = dyn FnMut(Piece) -> Result<()> + 'e;

/// Why cutting ended early.
pub(super) enum Cut {
    /// The stream failed: damaged compression, a bomb, a disk error.
    Stream(io::Error, Vec<u8>),
    /// The pieces are not wanted any more.
    Run(crate::error::Error),
}

impl From<crate::error::Error> for Cut {
    fn from(error: crate::error::Error) -> Self {
        Self::Run(error)
    }
}

/// Returns whether bytes begin as a JSON object or array does.
pub(super) fn looks_like_json(head: &[u8]) -> bool {
    matches!(strip_bom(head).trim_ascii_start().first(), Some(b'{' | b'['))
}

fn strip_bom(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

fn is_array(head: &[u8]) -> bool {
    strip_bom(head).trim_ascii_start().first() == Some(&b'[')
}

/// Returns whether a name says that a document stands on each line.
fn is_lines_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let name = [".gz", ".zst", ".zstd"]
        .iter()
        .find_map(|ending| name.strip_suffix(ending))
        .unwrap_or(&name);
    [".jsonl", ".ndjson"].iter().any(|ending| name.ends_with(ending))
}

/// Tells the shape by the name where it says, else by the content.
fn shape(name: &str, head: &[u8]) -> Shape {
    if is_lines_name(name) {
        return Shape::Lines;
    }
    let head = strip_bom(head).trim_ascii_start();
    match head.first() {
        Some(b'[') => Shape::Array,
        // One long line so far: it is the first of many, or the only one.
        Some(b'{') if !head.contains(&b'\n') => Shape::Lines,
        Some(_) if holds_lines(head) => Shape::Lines,
        _ => Shape::Whole,
    }
}

/// Returns whether objects stand one a line: in a pretty-printed object no later line is an object by itself,
/// and where entries stand one a line, most of them end in a comma.
fn holds_lines(head: &[u8]) -> bool {
    let mut lines = head
        .split(|&byte| byte == b'\n')
        .map(<[u8]>::trim_ascii_end)
        .filter(|line| !line.is_empty());
    let is_object = |line: &[u8]| line.first() == Some(&b'{') && line.last() == Some(&b'}');
    let first = lines.next().is_some_and(is_object);
    let (mut later, mut objects) = (0, 0);
    for line in lines {
        // What is indented belongs to what is pretty-printed.
        if !first && matches!(line.first(), Some(b' ' | b'\t')) {
            return false;
        }
        if line.first() == Some(&b'{') && line.ends_with(b"},") {
            return false;
        }
        later += 1;
        objects += u32::from(is_object(line));
    }
    // Where the first line is damaged, most of the others are objects; in one that is spread over lines, few are.
    if first { later > 0 } else { 2 * objects > later }
}

/// Cuts bytes that are in memory.
pub(super) fn cut_all(bytes: Vec<u8>, container: &Arc<str>, reading: &Reading, emit: &mut Emit<'_>) -> Result<(), Cut> {
    let head = bytes.get(..HEAD).unwrap_or(&bytes);
    let is_one_line = !bytes.trim_ascii_end().contains(&b'\n') && looks_like_json(head) && !is_array(head);
    if (shape(container, head) == Shape::Whole || is_one_line && !is_lines_name(container))
        && bytes.len() as u64 <= reading.max_document_bytes
    {
        emit(Piece::whole(container.clone(), bytes))?;
        return Ok(());
    }
    cut_stream(bytes.as_slice(), container, reading, &Vec::new, emit)
}

/// Cuts a stream.
pub(super) fn cut_stream(
    mut stream: impl Read,
    container: &Arc<str>,
    reading: &Reading,
    spare: &dyn Fn() -> Vec<u8>,
    emit: &mut Emit<'_>,
) -> Result<(), Cut> {
    let mut head = Vec::new();
    let mut read = stream.by_ref().take(HEAD as u64).read_to_end(&mut head);
    let shape = shape(container, &head);
    let mut cutter = Cutter {
        container,
        limit: usize::try_from(reading.max_document_bytes).unwrap_or(usize::MAX),
        shape,
        emit,
        spare,
        buffer: head,
        spans: Vec::new(),
        start: 0,
        at: 0,
        number: 1,
        has_ended: false,
        state: State::default(),
    };
    let mut wanted = HEAD;
    loop {
        cutter.scan()?;
        match read {
            Err(error) => return Err(cutter.give_up(error)),
            Ok(bytes) if bytes < wanted => return cutter.finish(),
            Ok(_) => cutter.hand_on()?,
        }
        // Whole chunks, so that where pieces end never depends on how a pipe delivers.
        wanted = CHUNK;
        cutter.buffer.reserve_exact(CHUNK + 1);
        read = stream.by_ref().take(CHUNK as u64).read_to_end(&mut cutter.buffer);
    }
}

/// Where the scanner of an array stands.
#[derive(Debug, Default)]
struct State {
    depth: u32,
    in_string: bool,
    escaped: bool,
    /// The array has been closed: what follows belongs to no element.
    closed: bool,
    /// The document at `start` is longer than the limit and has been refused: the rest of it is passed over.
    refused: bool,
}

struct Cutter<'c, 'e> {
    container: &'c Arc<str>,
    limit: usize,
    shape: Shape,
    emit: &'c mut Emit<'e>,
    /// Hands out empty buffers.
    spare: &'c dyn Fn() -> Vec<u8>,
    buffer: Vec<u8>,
    /// The complete documents of the buffer.
    spans: Vec<(Place, Range<usize>)>,
    /// Where the current document begins.
    start: usize,
    /// How far the buffer has been scanned.
    at: usize,
    /// The number of the current line or element.
    number: u64,
    /// Whether any document has ended.
    has_ended: bool,
    state: State,
}

impl Cutter<'_, '_> {
    fn place(&self) -> Place {
        match self.shape {
            Shape::Whole => Place::Whole,
            Shape::Lines => Place::Line(self.number),
            Shape::Array => Place::Element(self.number),
        }
    }

    /// Finds the ends of documents in what is new in the buffer.
    fn scan(&mut self) -> Result<(), Cut> {
        match self.shape {
            Shape::Whole => self.at = self.buffer.len(),
            Shape::Lines => {
                while let Some(found) = self.buffer.get(self.at..).and_then(|rest| memchr::memchr(b'\n', rest)) {
                    self.at += found + 1;
                    self.end(self.at - 1)?;
                }
                self.at = self.buffer.len();
            }
            Shape::Array => self.scan_array()?,
        }
        if self.buffer.len().saturating_sub(self.start) > self.limit && !self.state.refused {
            self.refuse(self.buffer.len())?;
            self.state.refused = true;
        }
        Ok(())
    }

    fn scan_array(&mut self) -> Result<(), Cut> {
        while let Some(&byte) = self.buffer.get(self.at) {
            let state = &mut self.state;
            if state.in_string {
                state.in_string = state.escaped || byte != b'"';
                state.escaped = !state.escaped && byte == b'\\';
            } else if !state.closed {
                match byte {
                    b'"' => state.in_string = true,
                    b'{' | b'[' => {
                        state.depth += 1;
                        if state.depth == 1 {
                            self.start = self.at + 1;
                        }
                    }
                    b'}' | b']' if state.depth <= 1 => {
                        state.closed = true;
                        // `[]` holds no element, and nothing follows a last comma.
                        if self.number > 1 || !self.is_blank(self.start, self.at) {
                            self.end(self.at)?;
                        }
                        self.start = self.at + 1;
                    }
                    b'}' | b']' => state.depth -= 1,
                    b',' if state.depth == 1 => {
                        self.end(self.at)?;
                        self.start = self.at + 1;
                    }
                    _ => {}
                }
            }
            self.at += 1;
        }
        Ok(())
    }

    fn is_blank(&self, start: usize, end: usize) -> bool {
        self.buffer
            .get(start..end)
            .is_none_or(|bytes| strip_bom(bytes).trim_ascii().is_empty())
    }

    /// Ends the current document before `end`. Blank lines are numbered and hold nothing.
    fn end(&mut self, end: usize) -> Result<(), Cut> {
        let is_empty_line = self.shape == Shape::Lines && self.is_blank(self.start, end);
        if self.state.refused {
            self.state.refused = false;
        } else if end.saturating_sub(self.start) > self.limit {
            self.has_ended = true;
            self.refuse(end)?;
        } else if !is_empty_line {
            self.has_ended = true;
            self.spans.push((self.place(), self.start..end));
        }
        self.number += 1;
        self.start = end + 1;
        Ok(())
    }

    /// Hands on the complete documents and keeps the beginning of the next.
    fn hand_on(&mut self) -> Result<(), Cut> {
        if self.spans.is_empty() && self.start == 0 && !self.state.refused {
            return Ok(());
        }
        if self.may_be_only() && self.spans.len() == 1 && self.is_blank(self.start, self.buffer.len()) {
            return Ok(());
        }
        let mut bytes = std::mem::replace(&mut self.buffer, (self.spare)());
        self.buffer.extend_from_slice(bytes.get(self.start..).unwrap_or_default());
        bytes.truncate(self.start);
        self.at -= self.start.min(self.at);
        self.start = 0;
        if self.state.refused {
            // The rest of a refused document is looked at and forgotten.
            self.buffer.clear();
            self.at = 0;
        }
        let spans = std::mem::take(&mut self.spans);
        if !spans.is_empty() {
            (self.emit)(Piece::Cut {
                container: self.container.clone(),
                bytes,
                spans,
            })?;
        }
        Ok(())
    }

    /// Refuses the document at `start` as too large, after handing on what was complete before it.
    fn refuse(&mut self, end: usize) -> Result<(), Cut> {
        let spans = std::mem::take(&mut self.spans);
        if !spans.is_empty() {
            (self.emit)(Piece::Cut {
                container: self.container.clone(),
                bytes: self.buffer.get(..self.start).unwrap_or_default().to_vec(),
                spans,
            })?;
        }
        let place = self.place();
        (self.emit)(Piece::Refused {
            origin: Origin {
                container: self.container.clone(),
                place,
            },
            fate: Fate::Quarantined(
                TOO_LARGE.because(format!("more than {} bytes; the first {REMNANT} are set aside", self.limit)),
            ),
            bytes: self
                .buffer
                .get(self.start..end.min(self.start + REMNANT))
                .unwrap_or_default()
                .to_vec(),
        })?;
        Ok(())
    }

    /// Whether the first line may turn out to be all there is, and then the whole.
    fn may_be_only(&self) -> bool {
        self.shape == Shape::Lines && self.number <= 2 && !is_lines_name(self.container)
    }

    fn finish(mut self) -> Result<(), Cut> {
        let is_blank = self.is_blank(self.start, self.buffer.len());
        let is_only = !self.has_ended && !self.state.refused;
        // What is left is a document: a last line without a line feed, a truncated element, what follows an array.
        // A stream that holds nothing at all is one too, so that it is accounted for.
        if is_only && is_blank && self.shape != Shape::Whole {
            self.shape = Shape::Whole;
            self.start = 0;
        }
        if self.shape == Shape::Whole || !is_blank {
            self.end(self.buffer.len())?;
        }
        if self.may_be_only()
            && let [(place, _)] = self.spans.as_mut_slice()
        {
            *place = Place::Whole;
        }
        self.shape = Shape::Whole;
        self.hand_on()
    }

    /// Hands on what was complete before the stream failed, and returns the rest with the failure.
    fn give_up(mut self, error: io::Error) -> Cut {
        let rest = self.buffer.get(self.start..).unwrap_or_default().to_vec();
        match self.hand_on() {
            Ok(()) => Cut::Stream(error, rest),
            Err(cut) => cut,
        }
    }
}

#[cfg(test)]
#[path = "cut_tests.rs"]
mod tests;
