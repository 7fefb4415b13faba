//! Hears what recognisers write over silence and noise: their known phrases, and loops of one phrase.
//!
//! Ordinary words of the phone ("thank you", "bye", "yes yes yes") are never noise, however often they stand in the
//! subtitles that recognisers learned from.

use super::{Judging, Label, Lexicon, Scene, Verdict};
use crate::ledger::Reason;
use crate::session::Role;
use crate::text;

/// A known phrase of recognisers.
const HALLUCINATION: Reason = Reason::new("judge", "hallucination");
/// One phrase over and over.
const LOOP: Reason = Reason::new("judge", "loop");
/// The longest phrase, in words, that is looked for in a loop.
const LONGEST: usize = 12;

pub(super) fn judge(judging: &Judging, lexicon: &Lexicon, scene: &Scene<'_, '_>) -> Option<Verdict> {
    if scene.utterance.role != Role::User {
        return None;
    }
    if !scene.heard.is_covered && lexicon.is_hallucination(scene.heard.language, scene.said()) {
        return Some(Verdict::new(Label::Noise, judging.noise, HALLUCINATION, "whole-entry phrase"));
    }
    let repeats = judging.noise_repeats as usize;
    if scene.heard.is_covered || !recurs(scene.said(), repeats) {
        return None;
    }
    let (length, count) = repetition(lexicon, scene.said(), repeats)?;
    let evidence = format!("{count} times the same {length} words");
    Some(Verdict::new(Label::Noise, judging.noise, LOOP, evidence))
}

/// Whether the first word stands there again and again, as it does in a loop: hardly ever, and quickly seen.
fn recurs(said: &str, repeats: usize) -> bool {
    let first = said.split_whitespace().next().unwrap_or_default();
    let first = first
        .chars()
        .next()
        .filter(|c| !c.is_ascii())
        .map_or(first, |c| first.get(..c.len_utf8()).unwrap_or_default());
    // One byte of it is looked for before all of it is: the last one of a character, since first ones are shared.
    let Some(&byte) = first.as_bytes().get(first.chars().next().map_or(1, char::len_utf8) - 1) else {
        return false;
    };
    let is_often = |count: usize| count == repeats;
    is_often(memchr::memchr_iter(byte, said.as_bytes()).take(repeats).count())
        && is_often(memchr::memmem::find_iter(said.as_bytes(), first).take(repeats).count())
}

/// Returns the length of the phrase of which the text consists, and how often it stands there, if at least `repeats` times.
fn repetition(lexicon: &Lexicon, said: &str, repeats: usize) -> Option<(usize, usize)> {
    let mut words = text::words(said);
    // Most texts end here: no word of the first few comes again.
    let head: Vec<_> = words.by_ref().take(2 * LONGEST).collect();
    let length =
        (1..=LONGEST).find(|&length| head.len() > length && head.iter().zip(head.iter().skip(length)).all(|(a, b)| a == b))?;
    let phrase = head.get(..length)?;
    if phrase.iter().any(|word| lexicon.is_number(word)) {
        return None;
    }
    let rest = words
        .enumerate()
        .take_while(|(at, word)| phrase.get((2 * LONGEST + at) % length) == Some(word))
        .count();
    let whole = text::words(said).count();
    let count = (head.len() + rest) / length;
    (count >= repeats && head.len() + rest == whole).then_some((length, count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loops_are_loops() {
        let lexicon = Lexicon::new(&std::collections::BTreeMap::new());
        let repetition = |said, repeats| repetition(&lexicon, said, repeats);
        assert_eq!(
            repetition("the end of the end of the end of the end of the end of the end of", 4),
            Some((3, 6))
        );
        assert_eq!(repetition("有有有有有有有", 6), Some((1, 7)));
        for said in [
            "5 5 5 5 5 5 5 5",
            "八八八八八八八八",
            "two two two two two two two",
            "no no no",
            "I want to go to the shop to buy a thing",
        ] {
            assert_eq!(repetition(said, 6), None, "{said}");
        }
    }
}
