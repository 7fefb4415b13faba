//! Objects to utterances in which nothing can be read.

use super::{Judging, Label, Lexicon, Scene, Verdict};
use crate::ledger::Reason;
use crate::text;

/// The text is empty, null or blank.
const BLANK: Reason = Reason::new("judge", "blank");

pub(super) fn judge(_: &Judging, _: &Lexicon, scene: &Scene<'_, '_>) -> Option<Verdict> {
    text::is_blank(scene.said()).then(|| Verdict {
        label: Label::Noise,
        objection: Some(BLANK.plain()),
        ..Verdict::default()
    })
}
