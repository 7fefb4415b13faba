//! Filters of samples: each says what it objects to, or nothing. A filter borrows; it cannot change a sample.

mod exchanges;
mod learnable;
mod length;
mod tokens;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) use exchanges::Exchanges;
pub(crate) use length::Length;
pub(crate) use tokens::Tokens;

use crate::ledger::Cause;
use crate::sample::Sample;

/// Which samples are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Filters {
    /// How many exchanges a sample may have.
    pub exchanges: Exchanges,
    /// How long texts may be, in characters.
    pub length: Length,
    /// How long samples may be, in tokens.
    pub tokens: Tokens,
}

/// The least and the most that is wanted, both included; what is left out does not bound.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Bounds {
    /// The least.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<u32>,
    /// The most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<u32>,
}

impl Filters {
    /// Returns the key of bounds that nothing can keep.
    #[must_use]
    pub(crate) fn objection(&self) -> Option<&'static str> {
        let Length { sample, user, agent } = self.length;
        let named = [
            ("filter.exchanges", self.exchanges),
            ("filter.length.sample", sample),
            ("filter.length.user", user),
            ("filter.length.agent", agent),
        ];
        let is_empty = |bounds: &Bounds| bounds.min.zip(bounds.max).is_some_and(|(min, max)| min > max);
        named.into_iter().find(|(_, bounds)| is_empty(bounds)).map(|(key, _)| key)
    }
}

impl Bounds {
    /// Returns in words how a number lies outside, or `None` where it does not. Counts only if there is a bound.
    fn objection(self, what: &str, count: impl FnOnce() -> u32) -> Option<String> {
        if self == Self::default() {
            return None;
        }
        let count = count();
        match (self.min, self.max) {
            (Some(min), _) if count < min => Some(format!("{what}: {count}, fewer than {min}")),
            (_, Some(max)) if count > max => Some(format!("{what}: {count}, more than {max}")),
            _ => None,
        }
    }
}

type Filter = fn(&Filters, &Sample<'_>) -> Option<Cause>;

/// The filters, in the order in which they are asked. A filter is one file plus one line here.
const FILTERS: [Filter; 4] = [learnable::check, exchanges::check, length::check, tokens::check];

/// Returns the first objection to a sample.
#[must_use]
pub(crate) fn check(filters: &Filters, sample: &Sample<'_>) -> Option<Cause> {
    FILTERS.iter().find_map(|filter| filter(filters, sample))
}
