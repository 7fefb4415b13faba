//! Hears farewells: whole-entry formulas after which nobody says anything else.

use super::heard::Counts;
use super::{Judging, Label, Lexicon, Scene, Verdict};
use crate::ledger::Reason;
use crate::session::Role;

/// The entry says goodbye and nothing else.
const CLOSING: Reason = Reason::new("judge", "closing");
/// So many entries from the end of the call on, a farewell is one.
const LAST: usize = 6;

pub(super) fn judge(judging: &Judging, _: &Lexicon, scene: &Scene<'_, '_>) -> Option<Verdict> {
    let is_late = scene.at + LAST >= scene.utterances.len();
    let Counts {
        closings,
        functions,
        openings,
        ..
    } = scene.heard.counts;
    let is_formula = scene.heard.is_covered && closings > 0 && functions == 0 && openings == 0;
    if !is_late || !is_formula || matches!(scene.utterance.role, Role::Other(_)) {
        return None;
    }
    Some(Verdict::new(
        Label::Closing,
        judging.closings,
        CLOSING,
        "whole-entry formula at the end of the call",
    ))
}
