//! Objects to samples with too few or too many exchanges; of use with `unit = "session"`.

use super::{Bounds, Filters};
use crate::ledger::{Cause, Reason};
use crate::sample::Sample;

/// The number of exchanges is out of bounds.
const EXCHANGES: Reason = Reason::new("filter", "exchanges");

/// How many exchanges a sample may have.
pub(crate) type Exchanges = Bounds;

pub(super) fn check(filters: &Filters, sample: &Sample<'_>) -> Option<Cause> {
    let objection = filters.exchanges.objection("exchanges", || sample.exchanges)?;
    Some(EXCHANGES.because(objection))
}
