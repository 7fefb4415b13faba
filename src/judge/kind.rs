//! Objects to types that the recipe does not list, such as `speech`, the broadcast of `SendAIAgentSpeech`.

use super::{Context, Judging, Label, Lexicon, Verdict};
use crate::ledger::Reason;
use crate::session::Utterance;

/// The type is not in the recipe's `judge.types`.
const TYPE: Reason = Reason::new("judge", "type");

pub(super) fn judge(judging: &Judging, _: &Lexicon, _: &Context<'_>, utterance: &Utterance<'_>) -> Option<Verdict> {
    // Greetings have a judge of their own, which has already let this one pass.
    let wanted = utterance.kind == "greeting" || judging.types.iter().any(|kind| *kind == utterance.kind);
    (!wanted).then(|| Verdict {
        label: Label::Keep,
        objection: Some(TYPE.because(format!("type {:?}", utterance.kind))),
        unless_continued: false,
    })
}
