//! The format of the `OpenAI` fine-tuning API, read by nearly everyone: `{"messages":[{"role","content"}]}`.
//!
//! `weight`, 0 or 1, stands on every assistant message and on no other, as that API demands.

use super::{Format, string};
use crate::sample::{Sample, Speaker};

/// The `OpenAI` chat format.
pub(super) const FORMAT: Format = Format { name: "openai", line };

fn line(sample: &Sample<'_>, line: &mut Vec<u8>) {
    line.extend_from_slice(b"{\"messages\":[");
    for (at, message) in sample.messages.iter().enumerate() {
        if at > 0 {
            line.push(b',');
        }
        line.extend_from_slice(b"{\"role\":\"");
        line.extend_from_slice(message.role.word().as_bytes());
        line.extend_from_slice(b"\",\"content\":");
        string(&message.content, line);
        if message.role == Speaker::Assistant {
            line.extend_from_slice(if message.learn { b",\"weight\":1" } else { b",\"weight\":0" });
        }
        line.push(b'}');
    }
    line.extend_from_slice(b"]}\n");
}
