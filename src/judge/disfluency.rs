//! Hears fillers, backchannels and fragments: utterances in which no word means anything, and sentences given up.
//!
//! What is outside the lexicon is content, and so "yes", "no", "stop", a digit, a letter, 是的, 不 or 停 are answers
//! wherever they stand; "okay" and 对 are answers where something was asked. Both sides are heard, but only to the user's
//! side is objected: a language model does not hesitate.

use super::heard::{Asks, Counts, Heard};
use super::learned::{self, Scores, endings};
use super::lexicon::Language;
use super::{Judging, Label, Lexicon, Policy, Scene, Unless, Verdict};
use crate::ledger::Reason;
use crate::session::Role;
use crate::text::End;

/// Filled pauses and discourse markers only.
const FILLER: Reason = Reason::new("judge", "filler");
/// Listener signals only, and no question that they would answer.
const BACKCHANNEL: Reason = Reason::new("judge", "backchannel");
/// Function words that lead to nothing, or a sentence given up.
const FRAGMENT: Reason = Reason::new("judge", "fragment");

/// By how much less sure it need be that "yeah" answers nothing, and that "okay" does not.
const ASSENT: i32 = -20;
const SIGNAL: i32 = 300;
/// By how much surer it must be that a dangling end is none in a language that it knows less well.
const VETO: i32 = 300;
/// By how much surer it must be that a Chinese sentence with a full stop was given up.
const STOPPED: i32 = 75;
/// By how much less sure the judge of endings need be than the other learned one: it knows the habit of the call.
const ENDING: i32 = 250;

pub(super) fn judge(judging: &Judging, lexicon: &Lexicon, scene: &Scene<'_, '_>) -> Option<Verdict> {
    let heard = &scene.heard;
    let (heard_label, learned) = hear(judging, scene);
    let (heard_label, learned) = match endings::of(scene) {
        Some(score) if heard_label.is_none() && !scene.is_asked() && score > judging.learned.unwrap_or_default() - ENDING => {
            (Some(Label::Fragment), Some(score))
        }
        _ => (heard_label, learned),
    };
    let (label, policy, reason) = match heard_label? {
        Label::Filler => (Label::Filler, judging.fillers, FILLER),
        Label::Backchannel if heard.counts.acknowledgements > 0 => {
            (Label::Backchannel, judging.acknowledgements.unwrap_or_default(), BACKCHANNEL)
        }
        Label::Backchannel => (Label::Backchannel, judging.backchannels, BACKCHANNEL),
        _ => (Label::Fragment, judging.fragments, FRAGMENT),
    };
    let is_wanted = scene.utterance.role != Role::User
        || label == Label::Fragment && !heard.is_covered && units(lexicon, scene) > judging.fragment_units.unwrap_or_default();
    let policy = if is_wanted { Policy::Keep } else { policy };
    Some(Verdict {
        unless: unless(label, heard),
        ..Verdict::new(label, policy, reason, evidence(heard, learned))
    })
}

/// Returns when an objection falls. "I... um..." holds nothing to continue; "I want to" and a bare "and" do, and so does
/// an "okay" in front of what is said next. What an agent answers held something to answer.
fn unless(label: Label, heard: &Heard) -> Unless {
    match label {
        Label::Fragment if !heard.is_covered => Unless::Answered,
        Label::Fragment if heard.counts.functions > 1 || !heard.hesitates() => Unless::Continued,
        Label::Backchannel if heard.counts.acknowledgements > 0 => Unless::Continued,
        _ => Unless::Never,
    }
}

/// Returns what is heard, or `None` where something is said; and what the learned judge has to say where it decides.
fn hear(judging: &Judging, scene: &Scene<'_, '_>) -> (Option<Label>, Option<i32>) {
    let rule = by_rule(scene);
    let heard = &scene.heard;
    let has_acknowledged = heard.counts.acknowledgements > 0;
    let is_open = match rule {
        // Of sounds and listener's signals the lexicon is sure.
        Some(Label::Backchannel) => has_acknowledged,
        Some(Label::Fragment) => !heard.is_covered,
        Some(_) => false,
        // What answers a question is an answer.
        None => !scene.is_asked() && (heard.asks == Asks::Nothing || heard.language == Language::ENGLISH),
    };
    if !is_open || !learned::knows(scene) || !learned::has_seen(scene) {
        return (rule, None);
    }
    let Scores { listener, fragment } = learned::scores(scene, rule.unwrap_or_default());
    let sure = judging.learned.unwrap_or_default();
    let veto = if heard.language == Language::ENGLISH {
        sure
    } else {
        sure + VETO
    };
    match rule {
        // It cannot tell an answer to what was no question from a listener's signal.
        Some(Label::Backchannel) => {
            let least = if heard.counts.assents > 0 { ASSENT } else { SIGNAL };
            (rule.filter(|_| listener >= sure - least), None)
        }
        Some(_) if listener.max(fragment) < -veto => (None, None),
        None if fragment > sure + content(scene) && fragment >= listener => (Some(Label::Fragment), Some(fragment)),
        None if listener > sure && heard.is_covered => (Some(Label::Backchannel), Some(listener)),
        rule => (rule, None),
    }
}

/// Returns what the learned judge sees in an utterance.
pub(super) fn features(scene: &Scene<'_, '_>) -> Option<Vec<u64>> {
    learned::knows(scene).then(|| {
        let mut features = Vec::new();
        learned::features(scene, by_rule(scene).unwrap_or_default(), &mut |feature| {
            features.push(feature);
        });
        features
    })
}

/// By how much surer the learned judge must be that a sentence with content was given up: it learned Chinese ones only
/// of sentences that were cut on purpose. A recogniser that writes full stops writes them at its cuts, too.
fn content(scene: &Scene<'_, '_>) -> i32 {
    match (scene.heard.is_covered, scene.heard.language, scene.heard.end) {
        (true, ..) => 0,
        (false, Language::ENGLISH, _) => 100,
        (false, _, End::Stop) => STOPPED,
        (false, ..) => 200,
    }
}
/// Returns what the lexicon hears, or `None` where something is said.
fn by_rule(scene: &Scene<'_, '_>) -> Option<Label> {
    let heard = &scene.heard;
    if heard.end == End::Question {
        return None;
    }
    if !heard.is_covered {
        let is_silent = heard.counts == Counts::default() && is_only_punctuation(scene.said());
        let is_given_up = heard.end == End::TrailsOff || heard.dangles && !scene.is_asked();
        return if is_silent {
            Some(Label::Filler)
        } else {
            is_given_up.then_some(Label::Fragment)
        };
    }
    let counts = &heard.counts;
    if counts.answers > 0 || counts.openings > 0 || counts.closings > 0 {
        None
    } else if counts.functions > 0 {
        (heard.hesitates() || heard.dangles).then_some(Label::Fragment)
    } else if counts.acknowledgements > 0 || counts.backchannels > 0 {
        (!scene.is_asked()).then_some(Label::Backchannel)
    } else if counts.vocatives > 0 {
        None
    } else {
        // 那个 after "which one?" points; "well" costs nothing.
        let points = scene.is_asked() && !heard.hesitates() && counts.markers > 0;
        (!points).then_some(Label::Filler)
    }
}

/// No words at all: punctuation hesitates ("..."), other signs may mean something ("👍").
fn is_only_punctuation(said: &str) -> bool {
    let punctuation = |c: char| c.is_whitespace() || c.is_ascii_punctuation() || "…。，、！—～·“”".contains(c);
    said.chars().all(punctuation)
}

/// Counts the content units: Han and Kana characters and other words that no lexicon knows.
fn units(lexicon: &Lexicon, scene: &Scene<'_, '_>) -> u32 {
    let unknown = lexicon
        .phrases(scene.heard.language, scene.said())
        .filter(|phrase| phrase.is_none_or(|(tiers, _)| tiers.is_content()))
        .count();
    u32::try_from(unknown).unwrap_or(u32::MAX)
}

fn evidence(heard: &Heard, learned: Option<i32>) -> String {
    let end = if heard.dangles { ", dangling end" } else { "" };
    let learned = learned.map_or(String::new(), |score| format!(", learned judge {score}"));
    if heard.is_covered {
        format!("{}{end}{learned}", heard.counts)
    } else {
        format!("content{end}{learned}")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::session::{Perspective, Session, Utterance};

    fn label(agent: &str, said: &str) -> Label {
        let utterance = |position, role, text: &'static str| Utterance {
            position,
            id: i64::from(position),
            begin: Some(i64::from(position) * 1000),
            role,
            kind: "normal".into(),
            text: text.into(),
        };
        let (agent, said) = (agent.to_owned().leak(), said.to_owned().leak());
        let utterances = vec![
            utterance(1, Role::User, "I would like to ask about my order."),
            utterance(2, Role::Agent, agent),
            utterance(3, Role::User, said),
            utterance(4, Role::Agent, "It will arrive tomorrow."),
        ];
        let session = Session::new(None, None, None, utterances);
        let mut judging = Judging::default();
        judging.settle(Perspective::Agent);
        let lexicon = Lexicon::new(&BTreeMap::new());
        let verdicts = super::super::judge(&judging, super::super::Listener::new(&lexicon, &session), &session);
        verdicts.get(2).map(|verdict| verdict.label).unwrap_or_default()
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
    fn no_number_of_words_is_too_many() {
        assert_eq!(label("Fine.", &format!("{}hello", "no ".repeat(255))), Label::Keep);
        assert_eq!(
            label("Fine.", &("okay ".repeat(200) + &"uh-huh ".repeat(56))),
            Label::Backchannel
        );
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
        for said in ["okay", "yeah", "sure", "对", "好的", "知道了"] {
            assert_eq!(label("Shall I go on?", said), Label::Keep, "{said}");
        }
        assert_eq!(label("It left on Monday.", "okay"), Label::Backchannel);
        assert_eq!(label("Shall I go on?", "uh-huh"), Label::Keep);
        assert_eq!(label("要继续吗？", "嗯"), Label::Keep);
        assert_eq!(label("您要哪个呢？", "那个"), Label::Keep);
    }
}
