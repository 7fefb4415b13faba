//! The sharegpt format of LLaMA-Factory: `conversations` of `from` and `value`, with the `dataset_info.json` it asks for.
//!
//! LLaMA-Factory 0.9 learns from every answer, so that rows hold learned answers only.

use std::fmt::Write as _;

use super::{Format, learned, string};
use crate::sample::{Sample, Speaker};

/// The sharegpt chat format.
pub(super) const FORMAT: Format = Format {
    name: "sharegpt",
    lines,
    max_bytes: None,
    guide: Some(("dataset_info.json", guide)),
};

fn lines(sample: &Sample<'_>, lines: &mut Vec<u8>) {
    for row in learned(sample) {
        lines.extend_from_slice(b"{\"conversations\":[");
        for (at, message) in row.turns.iter().enumerate() {
            let is_answer = message.role == Speaker::Assistant;
            lines.extend_from_slice(if at > 0 { b",{\"from\":\"" } else { b"{\"from\":\"" });
            lines.extend_from_slice(if is_answer { b"gpt" } else { b"human" });
            lines.extend_from_slice(b"\",\"value\":");
            string(&message.content, lines);
            lines.push(b'}');
        }
        lines.extend_from_slice(b"],\"system\":");
        row.system(lines);
        lines.extend_from_slice(b"}\n");
    }
}

/// Names the files as LLaMA-Factory looks for them, in its folder of data.
fn guide(files: &[String]) -> String {
    entries(
        files,
        r#""formatting": "sharegpt", "columns": {"messages": "conversations", "system": "system"}"#,
    )
}

/// Writes one entry a file: its name without ending, the file, and what else there is to say.
pub(super) fn entries(files: &[String], rest: &str) -> String {
    let mut json = "{".to_owned();
    for (at, file) in files.iter().enumerate() {
        let name = file.trim_end_matches(".jsonl");
        let comma = if at > 0 { "," } else { "" };
        // Writing to memory cannot fail; names of files need no escapes.
        let _ = write!(json, "{comma}\n  \"calls_{name}\": {{\"file_name\": \"{file}\", {rest}}}");
    }
    json.push_str("\n}\n");
    json
}
