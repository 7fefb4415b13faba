//! The format of Together: that of `OpenAI`. It refuses a weight that is not the whole number 0 or 1, and extra columns.

use super::{Format, openai};

/// The Together chat format.
pub(super) const FORMAT: Format = Format {
    name: "together",
    max_bytes: None,
    ..openai::FORMAT
};
