//! The document: the bytes of one archived record, not yet understood, and where they came from.
//!
//! Knows nothing of JSON or of calls.

use std::fmt;
use std::sync::Arc;

/// Where a document lies inside its container.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// The container is the document.
    Whole,
    /// A line of a JSONL stream, counted from 1.
    Line(u64),
    /// An element of a JSON array, counted from 1.
    Element(u64),
}

/// Names a document: `calls.json`, `calls.jsonl:12`, `calls.json[3]`, `calls.tar.zst::may/7.json`.
///
/// Names are relative to the common parent of all inputs, so that no path of a machine reaches an output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The file, and after `::` the archive member.
    pub container: Arc<str>,
    /// The place inside the container.
    pub place: Place,
}

impl Origin {
    /// Names a container that is itself the document.
    #[must_use]
    pub fn whole(container: Arc<str>) -> Self {
        Self {
            container,
            place: Place::Whole,
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place {
            Place::Whole => f.write_str(&self.container),
            Place::Line(n) => write!(f, "{}:{n}", self.container),
            Place::Element(n) => write!(f, "{}[{n}]", self.container),
        }
    }
}

/// One archived record, borrowed from the bytes that were read.
#[derive(Debug, Clone)]
pub struct Document<'a> {
    /// Its name.
    pub origin: Origin,
    /// Its bytes, unpacked.
    pub bytes: &'a [u8],
}
