//! Hears fillers, backchannels and fragments: user utterances in which no word means anything.
//!
//! Everything else is kept: one word outside the lexicon is content, and so "yes", "no", "stop", a digit, a letter,
//! 是的, 不 or 停 are answers wherever they stand. The agent's side is never judged here: a language model does not hesitate.

use super::{Context, Judging, Label, Lexicon, Policy, Verdict};
use crate::ledger::Reason;
use crate::session::{Role, Utterance};
use crate::text;

/// Filled pauses and discourse markers only.
const FILLER: Reason = Reason::new("judge", "filler");
/// Listener signals only, and no question that they would answer.
const BACKCHANNEL: Reason = Reason::new("judge", "backchannel");
/// Function words that lead to nothing.
const FRAGMENT: Reason = Reason::new("judge", "fragment");

/// How many phrases of each tier an utterance consists of.
#[derive(Debug, Default)]
struct Heard {
    pauses: usize,
    backchannels: usize,
    markers: usize,
    functions: usize,
    ends_dangling: bool,
}

pub(super) fn judge(judging: &Judging, lexicon: &Lexicon, context: &Context<'_>, utterance: &Utterance<'_>) -> Option<Verdict> {
    if utterance.role != Role::User {
        return None;
    }
    let said = utterance.text.as_ref();
    let heard = listen(lexicon, said)?;
    if text::ends_as_question(said) && said.trim_end().ends_with(['?', '？']) {
        return None;
    }
    let asked = context.agent_last.is_some_and(text::ends_as_question);
    let hesitates = heard.pauses > 0 || text::trails_off(said);
    let (label, reason, policy) = if heard.functions > 0 {
        if !hesitates && !heard.ends_dangling {
            return None;
        }
        (Label::Fragment, FRAGMENT, judging.fragments)
    } else if heard.backchannels > 0 {
        if asked {
            return None;
        }
        (Label::Backchannel, BACKCHANNEL, judging.backchannels)
    } else if asked && !hesitates && heard.markers > 0 {
        // 那个 after "which one?" points; "well" costs nothing.
        return None;
    } else {
        (Label::Filler, FILLER, judging.fillers)
    };
    Some(Verdict {
        label,
        objection: (policy == Policy::Drop).then(|| reason.because(heard.to_string())),
        // "I... um..." holds nothing to continue; "I want to" and a bare "and" do.
        unless_continued: label == Label::Fragment && (heard.functions > 1 || !hesitates),
    })
}

/// Returns what is heard, or `None` as soon as one word means something.
fn listen(lexicon: &Lexicon, said: &str) -> Option<Heard> {
    let mut heard = Heard::default();
    for phrase in lexicon.phrases(said) {
        let tiers = phrase?;
        heard.ends_dangling = tiers.dangling;
        if tiers.pause {
            heard.pauses += 1;
        } else if tiers.backchannel {
            heard.backchannels += 1;
        } else if tiers.marker {
            heard.markers += 1;
        } else if tiers.function {
            heard.functions += 1;
        } else {
            return None;
        }
    }
    // No words at all: punctuation hesitates ("..."), other signs may mean something ("👍").
    let silent = heard.pauses + heard.backchannels + heard.markers + heard.functions == 0;
    let punctuation = |c: char| c.is_whitespace() || c.is_ascii_punctuation() || "…。，、！—～·“”".contains(c);
    (!silent || said.chars().all(punctuation)).then_some(heard)
}

impl std::fmt::Display for Heard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            pauses,
            backchannels,
            markers,
            functions,
            ends_dangling,
        } = self;
        write!(
            f,
            "{pauses} pauses, {backchannels} backchannels, {markers} markers, {functions} function phrases"
        )?;
        if *ends_dangling {
            f.write_str(", dangling end")
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(agent: &str, said: &str) -> Label {
        let utterance = Utterance {
            position: 1,
            id: 1,
            begin: None,
            role: Role::User,
            kind: "normal".into(),
            text: said.into(),
        };
        let context = Context {
            agent_last: Some(agent),
            user_has_spoken: true,
        };
        judge(&Judging::default(), &Lexicon::embedded(), &context, &utterance)
            .unwrap_or_default()
            .label
    }

    #[test]
    fn what_says_nothing_is_heard_as_such() {
        for said in ["um", "Ummmm...", "uh, well,", "呃", "那个……", "呃，就是说，", "...", "so"] {
            assert_eq!(label("Fine.", said), Label::Filler, "{said}");
        }
        for said in ["I... um...", "I", "and the", "I want to, um,", "我……呃……", "我想", "但是"] {
            assert_eq!(label("Fine.", said), Label::Fragment, "{said}");
        }
        for said in ["uh-huh", "Mm-hmm.", "嗯", "嗯嗯。", "哦"] {
            assert_eq!(label("Fine.", said), Label::Backchannel, "{said}");
        }
    }

    #[test]
    fn answers_are_never_lost() {
        for said in [
            "yes",
            "no",
            "No.",
            "stop",
            "5",
            "two zero seven",
            "B",
            "Smith",
            "okay",
            "pardon?",
            "what?",
            "huh?",
            "not that",
            "that one",
            "me",
            "👍",
            "是的",
            "不",
            "停",
            "没有",
            "不是",
            "对",
            "好的",
            "第一个",
            "幺三八",
            "什么",
            "什么？",
            "转人工",
            "一",
            "等等",
            "I want a refund",
            "呃，是",
            "是啊",
            "嗯，想",
            "um, me",
            "uh, that",
            "please",
        ] {
            assert_eq!(label("Fine.", said), Label::Keep, "{said}");
            assert_eq!(label("Which one?", said), Label::Keep, "{said}");
        }
        assert_eq!(label("Shall I go on?", "uh-huh"), Label::Keep);
        assert_eq!(label("要继续吗？", "嗯"), Label::Keep);
        assert_eq!(label("您要哪个呢？", "那个"), Label::Keep);
    }
}
