//! Words: of UAX #29 for looking them up, of a dictionary where a script writes no spaces.

use std::borrow::Cow;

use icu_segmenter::options::WordBreakInvariantOptions;
use icu_segmenter::{WordSegmenter, WordSegmenterBorrowed};
use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::{UnicodeSegmentation, UnicodeWords};

/// Yields the words of a text in the form in which lexicons are written.
///
/// Words are those of UAX #29, so every Han character is one; NFKC, lower case, letter runs cut to two
/// ("ummmm" gives "umm"), no punctuation.
///
/// The prolonged sound mark and Arabic vowel signs are left out, since they are spelled or not as one likes.
pub(crate) fn words(text: &str) -> impl DoubleEndedIterator<Item = Cow<'_, str>> {
    let words = WordsOf {
        rest: text,
        front: None,
        back: None,
    };
    words.map(normal_word).filter(|word| !word.is_empty())
}

/// The words of UAX #29. Most characters of Chinese are a word each, which needs no look into tables.
struct WordsOf<'t> {
    rest: &'t str,
    /// What stands between two Han characters, and is being cut from the front or from the back.
    front: Option<UnicodeWords<'t>>,
    back: Option<UnicodeWords<'t>>,
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{4e00}'..='\u{9fff}')
}

impl<'t> Iterator for WordsOf<'t> {
    type Item = &'t str;

    fn next(&mut self) -> Option<&'t str> {
        loop {
            if let Some(word) = self.front.as_mut().and_then(Iterator::next) {
                return Some(word);
            }
            let Some(first) = self.rest.chars().next() else {
                return self.back.as_mut()?.next();
            };
            let is_word = is_han(first);
            let end = if is_word {
                first.len_utf8()
            } else if self.rest.is_ascii() {
                self.rest.len()
            } else {
                self.rest.find(is_han).unwrap_or(self.rest.len())
            };
            let (run, rest) = self.rest.split_at(end);
            self.rest = rest;
            if is_word {
                return Some(run);
            }
            self.front = Some(run.unicode_words());
        }
    }
}

impl<'t> DoubleEndedIterator for WordsOf<'t> {
    fn next_back(&mut self) -> Option<&'t str> {
        loop {
            if let Some(word) = self.back.as_mut().and_then(DoubleEndedIterator::next_back) {
                return Some(word);
            }
            let Some(last) = self.rest.chars().next_back() else {
                return self.front.as_mut()?.next_back();
            };
            let is_word = is_han(last);
            let start = if is_word {
                self.rest.len() - last.len_utf8()
            } else if self.rest.is_ascii() {
                0
            } else {
                // A Han character takes three bytes.
                self.rest.rfind(is_han).map_or(0, |at| at + 3)
            };
            let (rest, run) = self.rest.split_at(start);
            self.rest = rest;
            if is_word {
                return Some(run);
            }
            self.back = Some(run.unicode_words());
        }
    }
}

/// Yields the hashes of these words: what looks words up needs no copy of them.
pub(crate) fn word_hashes(text: &str) -> impl DoubleEndedIterator<Item = u64> {
    words(text).map(|word| hash(&word))
}

/// Returns the hash of a normal word (FNV-1a): the same on every machine.
#[must_use]
pub(crate) fn hash(word: &str) -> u64 {
    word.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Returns the hash of a text of words, of the hashes of the words.
#[must_use]
pub(crate) fn hash_all(words: impl IntoIterator<Item = u64>) -> u64 {
    words.into_iter().fold(7, |sum, word| {
        (sum ^ word).wrapping_mul(0x9fb2_1c65_1e98_df25).rotate_left(29)
    })
}

/// Returns whether the last so many bytes of a text begin where a word begins, to a segmenter with a dictionary:
/// UAX #29 makes a word of every Han character, and 会 would be one in 机会.
pub(crate) fn is_word_end(text: &str, bytes: usize) -> bool {
    // A few characters of context decide.
    let from = text.char_indices().rev().nth(11).map_or(0, |(at, _)| at);
    let tail = text.get(from..).unwrap_or_default();
    let start = tail.len().saturating_sub(bytes);
    SEGMENTER.with(|segmenter| segmenter.segment_str(tail).any(|at| at == start))
}

/// Returns the last three words of a text, the last one first, as a segmenter with a dictionary cuts them.
pub(crate) fn last_words(text: &str) -> Vec<&str> {
    let text = text.trim_end_matches(|c: char| !c.is_alphanumeric());
    let from = text.char_indices().rev().nth(15).map_or(0, |(at, _)| at);
    let tail = text.get(from..).unwrap_or_default();
    let ends: Vec<usize> = SEGMENTER.with(|segmenter| segmenter.segment_str(tail).collect());
    let words = ends
        .windows(2)
        .rev()
        .filter_map(|pair| tail.get(*pair.first()?..*pair.last()?));
    words.filter(|word| word.chars().any(char::is_alphanumeric)).take(3).collect()
}

thread_local! {
    static SEGMENTER: WordSegmenterBorrowed<'static> = WordSegmenter::new_dictionary(WordBreakInvariantOptions::default());
}

fn normal_word(word: &str) -> Cow<'_, str> {
    let mut run = ('\0', 0);
    let plain = word.chars().all(|c| {
        run = if c == run.0 { (c, run.1 + 1) } else { (c, 1) };
        run.1 <= 2 && (matches!(c, 'a'..='z' | '0'..='9' | '\'') || ('\u{4e00}'..='\u{9fff}').contains(&c))
    });
    if plain {
        return Cow::Borrowed(word);
    }
    if word.is_ascii() {
        return Cow::Owned(cut_runs(word.chars().map(|c| c.to_ascii_lowercase()), word.len()));
    }
    let lower = word.nfkc().flat_map(char::to_lowercase);
    let is_optional = |c: &char| matches!(c, 'ー' | '\u{640}' | '\u{64b}'..='\u{652}');
    let plain = lower.map(|c| if c == '’' { '\'' } else { c });
    Cow::Owned(cut_runs(plain.filter(|c| !is_optional(c)), word.len()))
}

/// Cuts runs of one letter to two.
fn cut_runs(letters: impl Iterator<Item = char>, bytes: usize) -> String {
    let mut cut = String::with_capacity(bytes);
    let mut run = ('\0', 0);
    for c in letters {
        run = if c == run.0 { (c, run.1 + 1) } else { (c, 1) };
        if run.1 <= 2 || c.is_numeric() {
            cut.push(c);
        }
    }
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_normal() {
        let list = |text| words(text).map(Cow::into_owned).collect::<Vec<_>>();
        assert_eq!(list("Ummmm... I'M"), ["umm", "i'm"]);
        assert_eq!(list("那个……"), ["那", "个"]);
        assert_eq!(list("ＵＭ"), ["um"]);
        assert_eq!(list("5000"), ["5000"]);
    }

    #[test]
    fn words_are_those_of_the_standard_from_both_ends() {
        for said in [
            "我想买iPhone 5，谢谢",
            "don't 停!",
            "",
            "a b c",
            "你好",
            "コーヒーを一つ",
            "배송 언제",
            "x我y我z",
        ] {
            let standard: Vec<&str> = said.unicode_words().collect();
            let whole = || WordsOf {
                rest: said,
                front: None,
                back: None,
            };
            assert_eq!(whole().collect::<Vec<_>>(), standard);
            let mut backwards: Vec<_> = whole().rev().collect();
            backwards.reverse();
            assert_eq!(backwards, standard);
            let (mut both, mut words) = (whole(), Vec::new());
            let mut ends = Vec::new();
            while let Some(word) = both.next() {
                words.push(word);
                ends.extend(both.next_back());
            }
            words.extend(ends.into_iter().rev());
            assert_eq!(words, standard);
        }
    }
}
