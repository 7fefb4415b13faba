//! Hears greetings: entries that the archive types as such, and whole-entry formulas at the head of the call.
//!
//! A greeting that carries a request ("你好我想问一下") is a request. "Hello?" is a question about the line.

use super::heard::Counts;
use super::lexicon::Tier;
use super::{Judging, Label, Lexicon, Scene, Verdict};
use crate::ledger::Reason;
use crate::text::End;

/// The entry greets and says nothing else.
const GREETING: Reason = Reason::new("judge", "greeting");

pub(super) fn judge(judging: &Judging, lexicon: &Lexicon, scene: &Scene<'_, '_>) -> Option<Verdict> {
    let evidence = if scene.utterance.kind == "greeting" {
        "type greeting"
    } else if scene.user_has_spoken || scene.heard.end == End::Question || scene.heard.counts.openings == 0 {
        return None;
    } else if is_formula(scene) {
        "whole-entry formula"
    } else if names_someone(lexicon, scene) {
        "formula and a name"
    } else {
        return None;
    };
    Some(Verdict::new(
        Label::Greeting,
        judging.greetings.unwrap_or_default(),
        GREETING,
        evidence,
    ))
}

fn is_formula(scene: &Scene<'_, '_>) -> bool {
    let Counts {
        answers,
        functions,
        closings,
        ..
    } = scene.heard.counts;
    scene.heard.is_covered && answers == 0 && functions == 0 && closings == 0
}

/// Whether one word that is no number follows the formula, and perhaps how the other is addressed: "Hi Dana".
fn names_someone(lexicon: &Lexicon, scene: &Scene<'_, '_>) -> bool {
    let mut unknown = 0;
    for phrase in lexicon.phrases(scene.heard.language, scene.said()) {
        match phrase {
            None => unknown += 1,
            Some((tiers, _)) if tiers.has(Tier::Opening) || tiers.has(Tier::Vocative) || tiers.has(Tier::Pause) => {}
            Some(_) => return false,
        }
    }
    let said = scene.said();
    // Names are written with a capital letter: "Hi, billing." carries a request.
    let is_name = |word: &str| word.starts_with(|c: char| c.is_ascii_uppercase());
    let has_name = said.split_whitespace().skip(1).any(is_name);
    unknown == 1 && has_name && said.is_ascii() && !said.bytes().any(|byte| byte.is_ascii_digit())
}
