//! The query-response format of data-juicer and ms-swift: the last request and its answer, the earlier ones as `history`.
//!
//! Answers in the history are learned too, so that rows hold learned answers only.

use super::{Format, Learned, learned, string};
use crate::sample::Sample;

/// The query-response chat format.
pub(super) const FORMAT: Format = Format {
    name: "query-response",
    lines,
    max_bytes: None,
    guide: None,
};

fn lines(sample: &Sample<'_>, lines: &mut Vec<u8>) {
    for row in learned(sample) {
        let Some((earlier, request, answer)) = row.last() else {
            continue;
        };
        lines.extend_from_slice(b"{\"system\":");
        row.system(lines);
        lines.extend_from_slice(b",\"query\":");
        string(&request.content, lines);
        lines.extend_from_slice(b",\"response\":");
        string(&answer.content, lines);
        lines.extend_from_slice(b",\"history\":");
        Learned::history(earlier, lines);
        lines.extend_from_slice(b"}\n");
    }
}
