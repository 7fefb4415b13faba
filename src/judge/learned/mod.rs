//! A small learned judge for what words alone do not tell: well-formed clauses given up, cuts inside a word, yes-words.
//!
//! A linear model over hashed features of an utterance and its neighbours. Its weights are whole numbers and so are its
//! sums: it hears the same on every machine. `benches/train.py` makes the weights of open corpora whose licences allow it.
//! `endings` looks at how a text ends alone, where nobody writes punctuation.

pub(super) mod endings;
mod model;

use model::{Table, feature, hundredths, mix};
pub use model::{WEIGHT_UNIT, slot};
use smallvec::SmallVec;

use super::heard::{Counts, Heard};
use super::lexicon::Language;
use super::{Label, Scene};
use crate::session::{Role, Utterance};
use crate::text::{self, End};

/// The labels that it tells apart: something is said, a listener or a filler, a sentence given up.
const CLASSES: usize = 3;
static TABLE: Table<CLASSES> = Table(include_bytes!("weights.bin"));

/// The template of the features that are a word of a short text.
const ANY_WORD: u64 = 29;

/// What the judge makes of an utterance: by how much each label beats that something is said, in hundredths of a logit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Scores {
    pub(super) listener: i32,
    pub(super) fragment: i32,
}

/// Scores an utterance. `rule` is what the lexicon alone would hear.
pub(super) fn scores(scene: &Scene<'_, '_>, rule: Label) -> Scores {
    let mut sums = [0_i32; CLASSES];
    features(scene, rule, &mut |feature| {
        TABLE.add(feature, &mut sums);
    });
    let [keep, listener, fragment] = sums;
    Scores {
        listener: hundredths(listener - keep),
        fragment: hundredths(fragment - keep),
    }
}

/// Whether there is a use in asking: languages that it was trained on, and texts not too long to be given up. Behind a
/// full stop, only a short one may be what a recogniser's cut left.
pub(super) fn knows(scene: &Scene<'_, '_>) -> bool {
    let heard = &scene.heard;
    let is_known = matches!(heard.language, Language::ENGLISH | Language::MANDARIN | Language::CANTONESE);
    let is_answer = heard.counts.answers > 0 && heard.is_covered && heard.counts.functions == 0;
    // An agent's full stop is a model's own and no recogniser's.
    let is_agent = scene.utterance.role == Role::Agent;
    let is_sentence = heard.end == End::Stop && !heard.is_covered && (is_agent || scene.said().len() > 40);
    is_known && !is_answer && heard.end != End::Question && !is_sentence && scene.said().len() <= 400
}

/// Whether most words were seen in training: where they were not, only the neighbours of a text would decide.
pub(super) fn has_seen(scene: &Scene<'_, '_>) -> bool {
    let (mut all, mut seen) = (0, 0);
    for word in text::word_hashes(scene.said()).take(8) {
        all += 1;
        seen += u32::from(TABLE.has(feature(ANY_WORD, &[word])));
    }
    2 * seen > all
}

/// Yields the features of an utterance in its scene, as hashes.
pub(super) fn features(scene: &Scene<'_, '_>, rule: Label, emit: &mut impl FnMut(u64)) {
    let heard = &scene.heard;
    let said = scene.said();
    let mut emit = |template: u64, parts: &[u64]| emit(feature(template, parts));
    let first: SmallVec<[u64; 8]> = text::word_hashes(said).take(8).collect();
    let last: SmallVec<[u64; 4]> = text::word_hashes(said).rev().take(4).collect();
    let is_short = first.len() < 8;
    let at = |words: &[u64], place: usize| words.get(place).copied().unwrap_or(1);
    let rule = rule as u64;
    let pattern = pattern(heard);
    let asked = scene.asked as u64;
    let before = scene.at.checked_sub(1).and_then(|at| neighbour(scene, at));
    let after = neighbour(scene, scene.at + 1);
    let (before_who, after_who) = (who(before.as_ref()), who(after.as_ref()));
    // Recognisers put a full stop behind "okay" or not; behind a sentence it means more.
    let end = if heard.is_covered {
        99
    } else {
        heard.end as u64 * 4 + scene.habit as u64
    };
    let dangles = u64::from(heard.dangles);
    let size = magnitude(said);
    let language = if heard.language == Language::ENGLISH { 1 } else { 2 };

    emit(0, &[language]);
    emit(1, &[rule, asked]);
    emit(2, &[rule, before_who, after_who]);
    emit(3, &[pattern]);
    emit(4, &[pattern, asked]);
    emit(5, &[pattern, before_who, after_who]);
    emit(6, &[end, language]);
    emit(7, &[size, end]);
    emit(8, &[dangles, end]);
    emit(9, &[dangles, after_who]);
    for (template, words) in [(10, last.as_slice()), (14, first.as_slice())] {
        emit(template, &[at(words, 0)]);
        emit(template + 1, &[at(words, 0), at(words, 1)]);
        emit(template + 2, &[at(words, 0), at(words, 1), at(words, 2)]);
    }
    emit(18, &[at(&last, 0), at(&last, 1), at(&last, 2), at(&last, 3)]);
    emit(19, &[at(&last, 0), after_who]);
    emit(20, &[at(&last, 0), end]);
    emit(21, &[at(&last, 0), at(&last, 1), end]);
    emit(22, &[at(&first, 0), size]);
    emit(23, &[at(&first, 0), at(&last, 0), size]);
    if is_short {
        let whole = first.iter().fold(7, |sum, &word| mix(sum, word));
        emit(24, &[whole]);
        emit(25, &[whole, asked]);
        emit(26, &[whole, before_who, after_who]);
        emit(27, &[whole, asked, before_who, after_who]);
        emit(28, &[first.len() as u64, end]);
        for &word in &first {
            emit(ANY_WORD, &[word]);
        }
        for pair in first.windows(2) {
            emit(30, pair);
        }
    }
    if heard.is_covered {
        let whole = first.iter().fold(7, |sum, &word| mix(sum, word));
        answering(scene, whole, pattern, &mut emit);
    }
    if let Some((utterance, other, is_same)) = before {
        let same = u64::from(is_same);
        let word = text::word_hashes(&utterance.text).next_back().unwrap_or(2);
        let kind = self::pattern(&other);
        emit(31, &[same, word, rule]);
        emit(32, &[same, kind, pattern]);
        emit(33, &[same, other.end as u64, other.asks as u64, rule]);
        emit(34, &[same, magnitude(&utterance.text), pattern]);
        emit(35, &[same, u64::from(other.dangles), pattern]);
    }
    if let Some((utterance, other, is_same)) = after {
        let same = u64::from(is_same);
        let word = text::word_hashes(&utterance.text).next().unwrap_or(2);
        let kind = self::pattern(&other);
        emit(36, &[same, word, rule]);
        emit(37, &[same, kind, pattern]);
        emit(38, &[same, word, at(&last, 0)]);
        // Who gives a sentence up often begins it again.
        emit(39, &[same, u64::from(word == at(&first, 0)), dangles]);
        emit(40, &[same, u64::from(last.contains(&word)), rule]);
        emit(41, &[same, magnitude(&utterance.text), pattern]);
    }
}

/// How many utterances before make the floor, on which one side talks and the other listens.
const FLOOR: usize = 8;

/// Features by which an answer is told from a listener's signal: what the other side last said, who holds the floor, and
/// what the speaker signals with otherwise. `whole` stands for the words, `pattern` for their tiers.
fn answering(scene: &Scene<'_, '_>, whole: u64, pattern: u64, emit: &mut impl FnMut(u64, &[u64])) {
    let role = &scene.utterance.role;
    let earlier = || {
        let (utterances, all_heard) = (scene.utterances.get(..scene.at), scene.all_heard.get(..scene.at));
        utterances.unwrap_or_default().iter().zip(all_heard.unwrap_or_default()).rev()
    };
    let (mut mine, mut other) = (0, 0);
    for (utterance, _) in earlier().take(FLOOR) {
        *(if utterance.role == *role { &mut mine } else { &mut other }) += utterance.text.len();
    }
    let floor = match (mine * 100).checked_div(mine + other).unwrap_or(50) {
        0..10 => 0,
        10..30 => 1,
        30..60 => 2,
        _ => 3,
    };
    emit(42, &[floor, pattern]);
    emit(43, &[floor, whole]);
    let signals = earlier()
        .take(40)
        .filter(|(utterance, heard)| utterance.role == *role && heard.is_covered);
    let (mut same, mut all) = (0_u64, 0_u64);
    for (utterance, _) in signals {
        all += 1;
        let words = text::word_hashes(&utterance.text).fold(7, mix);
        same += u64::from(words == whole);
    }
    let habit = (same * 4).checked_div(all).unwrap_or(5);
    emit(44, &[habit, whole]);
    emit(45, &[habit, (all + 1).ilog2().into(), pattern]);
    let asked = earlier().take(4).find(|(utterance, _)| utterance.role != *role);
    let Some((utterance, heard)) = asked else {
        return;
    };
    let mut words = text::word_hashes(&utterance.text);
    let (first, second) = (words.next().unwrap_or(1), words.next().unwrap_or(1));
    let ends: SmallVec<[u64; 2]> = text::word_hashes(&utterance.text).rev().take(2).collect();
    let size = magnitude(&utterance.text);
    emit(46, &[first, pattern]);
    emit(47, &[first, whole]);
    emit(48, &[first, second, pattern]);
    emit(49, &[first, second]);
    emit(50, &[size, heard.end as u64, pattern]);
    emit(51, &[size, floor, whole]);
    emit(52, &[heard.asks as u64, u64::from(heard.is_covered), whole]);
    for &word in &ends {
        emit(53, &[word, pattern]);
    }
}

/// A neighbour: what was said, what was heard in it, and whether the same side said it.
fn neighbour<'s, 'a>(scene: &Scene<'s, 'a>, at: usize) -> Option<(&'s Utterance<'a>, Heard, bool)> {
    let utterance = scene.utterances.get(at)?;
    let heard = *scene.all_heard.get(at)?;
    Some((utterance, heard, utterance.role == scene.utterance.role))
}

fn who(neighbour: Option<&(&Utterance<'_>, Heard, bool)>) -> u64 {
    neighbour.map_or(2, |(_, _, is_same)| u64::from(*is_same))
}

/// How long a text is, in powers of two.
fn magnitude(said: &str) -> u64 {
    u64::from((said.len() + 1).ilog2())
}

/// The tiers of an utterance as one number.
fn pattern(heard: &Heard) -> u64 {
    let Counts {
        pauses,
        backchannels,
        acknowledgements,
        markers,
        answers,
        functions,
        openings,
        closings,
        vocatives,
        waits: _,
        assents: _,
    } = heard.counts;
    let counts = [
        pauses,
        backchannels,
        acknowledgements,
        markers,
        answers,
        functions,
        openings.saturating_add(closings).saturating_add(vocatives),
    ];
    let sum = counts.into_iter().fold(0, |sum, count| sum * 3 + u64::from(count.min(2)));
    if heard.is_covered { sum + 1 } else { 0 }
}
