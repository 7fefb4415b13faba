//! Hears where a text without punctuation was cut: whether people end what they say with such words.
//!
//! The model learned from complete utterances and from the same ones cut at any place. How often a recogniser cuts is a
//! habit of the call, so the share of cut texts is estimated from all texts of the call first (by expectation
//! maximisation, as for a class prior that is not that of training), and only then is each of them judged.

use super::super::heard::{Asks, Heard};
use super::super::lexicon::Language;
use super::super::{Habit, Scene};
use super::model::{Table, feature, hundredths};
use crate::session::{Role, Utterance};
use crate::text::{self, End, Script, hash};

static TABLE: Table<1> = Table(include_bytes!("endings.bin"));

/// By how much less likely a text was cut that the other side answers, in hundredths of a logit.
const ANSWERED: i32 = 350;
/// The weights of what is believed before a call is heard: so many texts cut, of so many, in 4096ths of a text.
const CUT: i64 = 820;
const WHOLE: i64 = 16_384;
const ONE: i64 = 4096;
/// The odds of 4096ths: the logistic function at -8.0, -7.5 … 8.0.
const LOGISTIC: [i64; 33] = [
    1, 2, 4, 6, 10, 17, 28, 45, 74, 120, 194, 311, 488, 747, 1102, 1546, 2048, 2550, 2994, 3349, 3608, 3785, 3902, 3976, 4022,
    4051, 4068, 4079, 4086, 4090, 4092, 4094, 4095,
];
/// Hundredths of a logit from one entry to the next, and of the first entry.
const STEP: i32 = 50;
const FIRST: i32 = -800;

/// For each utterance of a call, by how much it is more likely that it was cut than not, in hundredths of a logit;
/// `None` where the model is not asked.
pub(in super::super) fn hear(utterances: &[Utterance<'_>], heard: &[Heard], habit: Habit) -> Vec<Option<i32>> {
    // Where others write full stops, a missing one says more than any word.
    if matches!(habit, Habit::AlwaysStops | Habit::OftenStops) {
        return Vec::new();
    }
    let mut scores: Vec<Option<i32>> = utterances
        .iter()
        .zip(heard)
        .enumerate()
        .map(|(at, (utterance, heard))| {
            let is_asked_of =
                utterance.role == Role::User && heard.end == End::Open && !heard.is_covered && heard.asks == Asks::Nothing;
            if !is_asked_of || !is_long_enough(heard.language, &utterance.text) {
                return None;
            }
            let is_answered = utterances.get(at + 1).is_some_and(|next| next.role != Role::User);
            Some(score(&utterance.text) - if is_answered { ANSWERED } else { 0 })
        })
        .collect();
    let prior = prior(&scores);
    for score in scores.iter_mut().flatten() {
        *score += prior;
    }
    scores
}

/// Returns the score of an utterance in its scene.
pub(in super::super) fn of(scene: &Scene<'_, '_>) -> Option<i32> {
    scene.endings.get(scene.at).copied().flatten()
}

/// Estimates how often texts are cut in a call, as hundredths of a logit.
fn prior(scores: &[Option<i32>]) -> i32 {
    let mut prior = logit(CUT * ONE / (CUT + WHOLE));
    let all = i64::try_from(scores.iter().flatten().count()).unwrap_or_default();
    if all > 1 {
        for _ in 0..12 {
            let cut: i64 = scores.iter().flatten().map(|score| logistic(score + prior)).sum();
            prior = logit((CUT + cut) * ONE / (CUT + WHOLE + all * ONE));
        }
    }
    prior
}

fn logistic(score: i32) -> i64 {
    let score = score.clamp(FIRST, -FIRST);
    let at = usize::try_from((score - FIRST) / STEP).unwrap_or_default();
    let entry = |at: usize| LOGISTIC.get(at).copied().unwrap_or(ONE - 1);
    let rest = i64::from((score - FIRST) % STEP);
    entry(at) + (entry(at + 1) - entry(at)) * rest / i64::from(STEP)
}

fn logit(share: i64) -> i32 {
    let above = LOGISTIC.partition_point(|entry| *entry < share).clamp(1, LOGISTIC.len() - 1);
    let entry = |at: usize| LOGISTIC.get(at).copied().unwrap_or_default();
    let (low, high) = (entry(above - 1), entry(above));
    let rest = (share.clamp(low, high) - low) * i64::from(STEP) / (high - low).max(1);
    FIRST + STEP * i32::try_from(above - 1).unwrap_or_default() + i32::try_from(rest).unwrap_or_default()
}

/// Short texts end in any word.
fn is_long_enough(language: Language, said: &str) -> bool {
    match language {
        Language::ENGLISH => text::words(said).nth(3).is_some(),
        Language::MANDARIN => said.chars().filter(|c| c.is_alphanumeric()).nth(5).is_some(),
        _ => false,
    }
}

/// By how much it is more likely that a text was cut than not, where half of the texts are, in hundredths of a logit.
pub(in super::super) fn score(said: &str) -> i32 {
    let mut sums = [0];
    features(said, &mut |feature| TABLE.add(feature, &mut sums));
    let [sum] = sums;
    hundredths(sum).clamp(FIRST, -FIRST)
}

/// Yields the features of a text, as hashes: its last words or characters, and how it begins. Punctuation is no part
/// of them.
pub(in super::super) fn features(said: &str, emit: &mut impl FnMut(u64)) {
    let mut letters = said.chars().rev().filter_map(text::script);
    if letters.next() == Some(Script::Han) {
        unspaced(said, emit);
    } else {
        spaced(said, emit);
    }
}

fn unspaced(said: &str, emit: &mut impl FnMut(u64)) {
    let mut emit = |template: u64, parts: &[u64]| emit(feature(64 + template, parts));
    let code = |c: char| u64::from(u32::from(c));
    let letters = || said.chars().filter(|c| c.is_alphanumeric());
    let last: Vec<u64> = letters().rev().take(5).map(code).collect();
    let first: Vec<u64> = letters().take(3).map(code).collect();
    let end = last.first().copied().unwrap_or_default();
    let size = letters().take(12).count() as u64;
    let words = text::last_words(said);
    let word = |at: usize| words.get(at).map_or(1, |word| hash(word));
    let length = |at: usize| words.get(at).map_or(0, |word| word.chars().count() as u64);
    let opening = words
        .last()
        .map_or(1, |_| first.iter().take(2).fold(0, |sum, c| sum * 0x20_0000 + c));
    for length in 1..=last.len() {
        emit(length as u64, last.get(..length).unwrap_or_default());
    }
    emit(6, &[opening, end]);
    emit(7, &first);
    emit(8, &[opening]);
    emit(9, &[first.first().copied().unwrap_or_default(), end]);
    emit(10, &[size]);
    emit(11, &[size.min(6), end]);
    emit(12, &[word(0)]);
    emit(13, &[word(0), word(1)]);
    emit(14, &[word(0), word(1), word(2)]);
    emit(15, &[length(0)]);
    emit(16, &[length(0), length(1)]);
    emit(17, &[opening, word(0)]);
}

fn spaced(said: &str, emit: &mut impl FnMut(u64)) {
    let mut emit = |template: u64, parts: &[u64]| emit(feature(96 + template, parts));
    let words: Vec<_> = text::words(said).collect();
    let hashes: Vec<u64> = words.iter().map(|word| hash(word)).collect();
    let last: Vec<u64> = hashes.iter().rev().take(4).copied().collect();
    let at = |place: usize| last.get(place).copied().unwrap_or(1);
    let first = |place: usize| hashes.get(place).copied().unwrap_or(1);
    // The ending of a word that was never seen tells its part of speech.
    let ending = |word: Option<&std::borrow::Cow<'_, str>>, letters: usize| {
        let word = word.map_or("", |word| word.as_ref());
        let from = word.char_indices().rev().nth(letters - 1).map_or(0, |(at, _)| at);
        hash(word.get(from..).unwrap_or_default())
    };
    let final_word = words.last();
    let size = words.len().min(12) as u64;
    for length in 1..=last.len() {
        emit(length as u64, last.get(..length).unwrap_or_default());
    }
    emit(6, &[first(0), at(0)]);
    emit(7, &[first(0), first(1), at(0)]);
    emit(8, &[first(0)]);
    emit(9, &[first(0), first(1)]);
    emit(10, &[size]);
    emit(11, &[size, at(0)]);
    emit(12, &[ending(final_word, 2)]);
    emit(13, &[ending(final_word, 3)]);
    emit(14, &[ending(final_word, 3), at(1)]);
    emit(15, &[ending(final_word, 2), ending(words.iter().rev().nth(1), 2)]);
    emit(16, &[first(0), ending(final_word, 2)]);
    emit(17, &[at(1), at(2)]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odds_and_shares_are_each_others_inverse() {
        for hundredths in [-700, -333, -50, 0, 120, 512] {
            assert!((logit(logistic(hundredths)) - hundredths).abs() <= 20, "{hundredths}");
        }
    }

    #[test]
    fn where_all_texts_look_cut_a_doubtful_one_was_too() {
        let [often, never] = [[Some(300); 8], [Some(-300); 8]].map(|scores| prior(&scores));
        assert!(often > 0 && never < -300, "{often} {never}");
    }
}
