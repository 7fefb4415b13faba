//! Objects to samples that are too short or too long, in characters that are not blank.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Bounds, Filters};
use crate::ledger::{Cause, Reason};
use crate::sample::{Sample, Speaker};
use crate::text;

/// A length is out of bounds.
const LENGTH: Reason = Reason::new("filter", "length");

/// How long texts may be, in characters that are not blank. Nothing is bounded by default: "yes" is an answer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Length {
    /// All messages of a sample together.
    pub sample: Bounds,
    /// The last user turn.
    pub user: Bounds,
    /// The last agent turn.
    pub agent: Bounds,
}

pub(super) fn check(filters: &Filters, sample: &Sample<'_>) -> Option<Cause> {
    let Length {
        sample: all,
        user,
        agent,
    } = &filters.length;
    let last = |speaker| {
        let message = sample.messages.iter().rev().find(|message| message.role == speaker);
        message.map_or(0, |message| text::characters(&message.content))
    };
    let objection = all
        .objection("characters of the sample", || {
            sample.messages.iter().map(|message| text::characters(&message.content)).sum()
        })
        .or_else(|| user.objection("characters of the user turn", || last(Speaker::User)))
        .or_else(|| agent.objection("characters of the agent turn", || last(Speaker::Assistant)))?;
    Some(LENGTH.because(objection))
}
