//! Objects to utterances in which nothing can be read.

use super::{Context, Judging, Label, Lexicon, Verdict};
use crate::ledger::Reason;
use crate::session::Utterance;
use crate::text;

/// The text is empty, null or blank.
const BLANK: Reason = Reason::new("judge", "blank");

pub(super) fn judge(_: &Judging, _: &Lexicon, _: &Context<'_>, utterance: &Utterance<'_>) -> Option<Verdict> {
    text::is_blank(&utterance.text).then(|| Verdict {
        label: Label::Noise,
        objection: Some(BLANK.plain()),
        unless_continued: false,
    })
}
