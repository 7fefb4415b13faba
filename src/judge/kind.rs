//! Objects to types that the recipe does not list, such as `speech`, the broadcast of `SendAIAgentSpeech`.

use super::{Judging, Label, Lexicon, Scene, Verdict};
use crate::ledger::Reason;

/// The type is not in the recipe's `judge.types`.
const TYPE: Reason = Reason::new("judge", "type");

pub(super) fn judge(judging: &Judging, _: &Lexicon, scene: &Scene<'_, '_>) -> Option<Verdict> {
    let kind = scene.utterance.kind.as_ref();
    // Greetings have a judge of their own, which has already let this one pass.
    let wanted = kind == "greeting" || judging.types.iter().any(|wanted| wanted == kind);
    (!wanted).then(|| Verdict {
        label: Label::Keep,
        objection: Some(TYPE.because(format!("type {kind:?}"))),
        ..Verdict::default()
    })
}
