//! Hears greetings: entries that the archive types as such, and whole-entry formulas at the head of the call.
//!
//! A greeting that carries a request ("你好我想问一下") is a request. "Hello?" is a question about the line.

use super::{Context, Judging, Label, Lexicon, Policy, Verdict};
use crate::ledger::Reason;
use crate::session::Utterance;
use crate::text;

/// The entry greets and says nothing else.
const GREETING: Reason = Reason::new("judge", "greeting");

pub(super) fn judge(judging: &Judging, lexicon: &Lexicon, context: &Context<'_>, utterance: &Utterance<'_>) -> Option<Verdict> {
    let evidence = if utterance.kind == "greeting" {
        "type greeting"
    } else if !context.user_has_spoken && is_formula(lexicon, &utterance.text) {
        "whole-entry formula"
    } else {
        return None;
    };
    Some(Verdict {
        label: Label::Greeting,
        objection: (judging.greetings == Policy::Drop).then(|| GREETING.because(evidence)),
        unless_continued: false,
    })
}

fn is_formula(lexicon: &Lexicon, said: &str) -> bool {
    let mut greets = false;
    for phrase in lexicon.phrases(said) {
        match phrase {
            Some(tiers) if tiers.opening => greets = true,
            Some(tiers) if tiers.pause => {}
            _ => return false,
        }
    }
    greets && !text::ends_as_question(said)
}
