//! The prompt-completion format of TRL: a row for each answer that is learned, with everything before it as the prompt.

use super::{Format, messages, unspelled};
use crate::sample::Sample;

/// The TRL prompt-completion format.
pub(super) const FORMAT: Format = Format {
    name: "trl",
    lines,
    max_bytes: None,
    guide: None,
};

fn lines(sample: &Sample<'_>, lines: &mut Vec<u8>) {
    for (at, answer) in sample.messages.iter().enumerate().filter(|(_, message)| message.learn) {
        lines.extend_from_slice(b"{\"prompt\":");
        messages(sample.messages.get(..at).unwrap_or_default(), unspelled, lines);
        lines.extend_from_slice(b",\"completion\":");
        messages(std::slice::from_ref(answer), unspelled, lines);
        lines.extend_from_slice(b"}\n");
    }
}
