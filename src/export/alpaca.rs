//! The alpaca format of LLaMA-Factory: the last request and its answer, with the earlier ones as `history`.
//!
//! Answers in the history are learned too, so that rows hold learned answers only.

use super::{Format, Learned, learned, sharegpt, string};
use crate::sample::Sample;

/// The alpaca chat format.
pub(super) const FORMAT: Format = Format {
    name: "alpaca",
    lines,
    max_bytes: None,
    guide: Some(("dataset_info.json", guide)),
};

fn lines(sample: &Sample<'_>, lines: &mut Vec<u8>) {
    for row in learned(sample) {
        let Some((earlier, request, answer)) = row.last() else {
            continue;
        };
        lines.extend_from_slice(b"{\"instruction\":");
        string(&request.content, lines);
        lines.extend_from_slice(b",\"input\":\"\",\"output\":");
        string(&answer.content, lines);
        lines.extend_from_slice(b",\"system\":");
        row.system(lines);
        lines.extend_from_slice(b",\"history\":");
        Learned::history(earlier, lines);
        lines.extend_from_slice(b"}\n");
    }
}

fn guide(files: &[String]) -> String {
    sharegpt::entries(
        files,
        r#""formatting": "alpaca", "columns": {"prompt": "instruction", "query": "input", "response": "output", "system": "system", "history": "history"}"#,
    )
}
