//! The format of the `OpenAI` fine-tuning API, read by nearly everyone: `{"messages":[{"role","content"}]}`.
//!
//! `weight`, 0 or 1, stands on every assistant message and on no other, as that API demands.

use super::{Format, messages};
use crate::sample::Sample;

/// The `OpenAI` chat format.
pub(super) const FORMAT: Format = Format {
    name: "openai",
    lines,
    max_bytes: Some(512 << 20),
    guide: None,
};

/// Appends one line; other formats of the same shape use it too.
pub(super) fn lines(sample: &Sample<'_>, lines: &mut Vec<u8>) {
    lines.extend_from_slice(b"{\"messages\":");
    messages(&sample.messages, weight, lines);
    lines.extend_from_slice(b"}\n");
}

fn weight(learn: bool) -> &'static [u8] {
    if learn { b",\"weight\":1" } else { b",\"weight\":0" }
}
