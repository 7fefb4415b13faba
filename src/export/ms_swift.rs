//! The standard format of ms-swift: messages, with `loss` on every assistant message.

use super::{Format, messages};
use crate::sample::Sample;

/// The ms-swift chat format.
pub(super) const FORMAT: Format = Format {
    name: "ms-swift",
    lines,
    max_bytes: None,
    guide: None,
};

fn lines(sample: &Sample<'_>, lines: &mut Vec<u8>) {
    lines.extend_from_slice(b"{\"messages\":");
    messages(&sample.messages, loss, lines);
    lines.extend_from_slice(b"}\n");
}

fn loss(learn: bool) -> &'static [u8] {
    if learn { b",\"loss\":true" } else { b",\"loss\":false" }
}
