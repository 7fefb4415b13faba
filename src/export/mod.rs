//! Chat formats: pure functions from a sample to a line of JSON.

mod openai;

use crate::sample::Sample;

/// A chat format.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Format {
    /// Its name in recipes, and the name of its folder under `chat/`.
    pub name: &'static str,
    /// Appends one sample as one line, with its line feed.
    pub line: fn(&Sample<'_>, &mut Vec<u8>),
}

/// The formats. A format is one file plus one line here.
pub(crate) const FORMATS: [Format; 1] = [openai::FORMAT];

/// Returns the format of a name.
#[must_use]
pub(crate) fn format(name: &str) -> Option<Format> {
    FORMATS.into_iter().find(|format| format.name == name)
}

/// Appends a text as a JSON string.
fn string(text: &str, line: &mut Vec<u8>) {
    // Most texts need no escapes. Without a branch a byte, that is seen many bytes at a time.
    #[expect(clippy::needless_bitwise_bool, reason = "a lazy operator is a branch")]
    let is_plain = |bytes: &[u8]| {
        bytes.iter().fold(true, |plain, byte| {
            plain & (*byte >= 0x20) & (*byte != b'"') & (*byte != b'\\')
        })
    };
    if text.as_bytes().chunks(256).all(is_plain) {
        line.push(b'"');
        line.extend_from_slice(text.as_bytes());
        line.push(b'"');
        return;
    }
    // Writing to memory cannot fail, and a str is always a JSON string.
    let written = serde_json::to_writer(line, text);
    debug_assert!(written.is_ok(), "writing a string to memory");
}
