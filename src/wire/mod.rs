//! Bytes become sessions here. The only place with JSON field names of the archive.

mod call_log;
mod lenient;

use crate::document::Document;
use crate::ledger::{Cause, Reason};
use crate::session::Session;

/// The bytes are empty or blank.
pub(crate) const EMPTY: Reason = Reason::new("wire", "empty");
/// The bytes are not UTF-8.
pub(crate) const NOT_UTF8: Reason = Reason::new("wire", "not_utf8");
/// The bytes are not JSON.
pub(crate) const NOT_JSON: Reason = Reason::new("wire", "not_json");
/// The bytes end before the JSON does.
pub(crate) const TRUNCATED: Reason = Reason::new("wire", "truncated");
/// The JSON is not a call log: no `dialog`, or a value of a type that makes no sense.
pub(crate) const NOT_A_CALL_LOG: Reason = Reason::new("wire", "not_a_call_log");

/// Reads one document as a call log.
///
/// # Errors
/// A cause to quarantine the document, with the position of the first thing that makes no sense.
pub(crate) fn parse<'a>(document: &Document<'a>) -> Result<Session<'a>, Cause> {
    let bytes = document.bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(document.bytes);
    if bytes.trim_ascii().is_empty() {
        return Err(EMPTY.plain());
    }
    let text = simdutf8::compat::from_utf8(bytes).map_err(|error| match bytes {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => NOT_UTF8.because("UTF-16 by its byte order mark"),
        _ => NOT_UTF8.because(format!("byte {}", error.valid_up_to() + 1)),
    })?;
    call_log::parse(text).map_err(|error| {
        use serde_json::error::Category;
        let reason = match error.classify() {
            Category::Data => NOT_A_CALL_LOG,
            Category::Eof => TRUNCATED,
            Category::Syntax | Category::Io => NOT_JSON,
        };
        reason.because(error.to_string())
    })
}
