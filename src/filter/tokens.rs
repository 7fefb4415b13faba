//! Objects to samples that are longer than a model reads, in tokens of their contents.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Filters;
use crate::ledger::{Cause, Reason};
use crate::sample::Sample;

/// The sample is over-long, and cannot be split or should not.
const OVERLONG: Reason = Reason::new("filter", "overlong");

/// How long a sample may be in tokens, and what becomes of a longer one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Tokens {
    /// The most tokens of all contents together; a chat template adds its own. Nothing is over-long if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<u32>,
    /// What becomes of a longer sample.
    pub overlong: Overlong,
}

/// What becomes of a sample that is longer than a model reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Overlong {
    /// It is dropped.
    #[default]
    Drop,
    /// It is split at an exchange: a session becomes several samples, an exchange loses the earliest of its context. One
    /// that is still over-long is dropped.
    Split,
    /// It stays; whoever trains on it will truncate it.
    Keep,
}

impl Tokens {
    /// Returns how many tokens a sample may have before it is split.
    #[must_use]
    pub(crate) fn room(&self) -> Option<u32> {
        self.max.filter(|_| self.overlong == Overlong::Split)
    }
}

pub(super) fn check(filters: &Filters, sample: &Sample<'_>) -> Option<Cause> {
    let Tokens { max, overlong } = filters.tokens;
    let max = max.filter(|max| overlong != Overlong::Keep && sample.size.tokens > *max)?;
    Some(OVERLONG.because(format!("{} tokens, more than {max}", sample.size.tokens)))
}
