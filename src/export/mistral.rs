//! The format of `mistral-common` in its fine-tuning mode: that of `OpenAI`, with the same `weight`, the assistant last.

use super::{Format, openai};

/// The Mistral chat format.
pub(super) const FORMAT: Format = Format {
    name: "mistral",
    max_bytes: None,
    ..openai::FORMAT
};
