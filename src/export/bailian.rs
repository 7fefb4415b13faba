//! The format of Alibaba Cloud's Model Studio (Bailian): messages and nothing else, in files of at most 200 MB.
//!
//! It learns from every answer and knows no `weight`, so that rows hold learned answers only. Source: the upload rules
//! for text generation of August 2026.

use super::{Format, Learned, learned, messages, unspelled};
use crate::sample::Sample;

/// The Model Studio chat format.
pub(super) const FORMAT: Format = Format {
    name: "bailian",
    lines,
    max_bytes: Some(200_000_000),
    guide: None,
};

fn lines(sample: &Sample<'_>, lines: &mut Vec<u8>) {
    for Learned { system, turns } in learned(sample) {
        lines.extend_from_slice(b"{\"messages\":");
        let instructions = system.map(std::slice::from_ref).unwrap_or_default();
        messages(&[instructions, turns].concat(), unspelled, lines);
        lines.extend_from_slice(b"}\n");
    }
}
