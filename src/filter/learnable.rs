//! Objects to samples from which nothing is to be learned: every answer in them is context only.

use super::Filters;
use crate::ledger::{Cause, Reason};
use crate::sample::Sample;

/// Every weight is 0. Trainers stop or learn nothing on such a sample.
const NOTHING_TO_LEARN: Reason = Reason::new("filter", "nothing_to_learn");

pub(super) fn check(_: &Filters, sample: &Sample<'_>) -> Option<Cause> {
    let learns = sample.messages.iter().any(|message| message.learn);
    (!learns).then(|| NOTHING_TO_LEARN.plain())
}
