//! Text as people write it: words, joints, questions. The only user of `unicode-segmentation`.

use std::borrow::Cow;

use icu_segmenter::options::WordBreakInvariantOptions;
use icu_segmenter::{WordSegmenter, WordSegmenterBorrowed};
use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

/// Returns whether nothing in the text can be read: white space, controls, zero-width characters.
#[must_use]
pub(crate) fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || c.is_control() || is_invisible(c))
}

/// Removes blanks and invisible characters from both ends.
#[must_use]
pub(crate) fn trim(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || c == '\0' || is_invisible(c))
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}' | '\u{200c}' | '\u{200e}' | '\u{200f}' | '\u{2060}' | '\u{feff}')
}

/// Appends what was said next: with a space, or without one where a script writes none.
///
/// "I want" + "a refund" gives "I want a refund"; "我想" + "查快递" gives "我想查快递".
pub(crate) fn join(text: &mut String, next: &str) {
    let spaced = match (text.chars().next_back(), next.chars().next()) {
        (Some(before), Some(after)) => !is_unspaced(before) && !is_unspaced(after),
        _ => false,
    };
    if spaced {
        text.push(' ');
    }
    text.push_str(next);
}

/// Returns whether a character belongs to a script that puts no space between words, or to its punctuation.
fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{0e00}'..='\u{0eff}'     // Thai, Lao
        | '\u{1000}'..='\u{109f}'   // Myanmar
        | '\u{1780}'..='\u{17ff}'   // Khmer
        | '\u{2e80}'..='\u{312f}'   // CJK radicals and punctuation, Kana, Bopomofo
        | '\u{31a0}'..='\u{4dbf}'   // Bopomofo, Kana extensions, Han A
        | '\u{4e00}'..='\u{9fff}'   // Han
        | '\u{f900}'..='\u{faff}'   // Han, compatibility
        | '\u{ff00}'..='\u{ff9f}'   // full-width forms, half-width Kana
        | '\u{20000}'..='\u{3ffff}' // Han B and later
    )
}

/// How a text ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// `?`
    Question,
    /// `.` or `!`: a weak vote, since recognisers put full stops at their cuts.
    Stop,
    /// The speaker trails off: an ellipsis or a dash.
    TrailsOff,
    /// A comma, or no punctuation.
    Open,
}

/// Returns how the text ends, whatever quotes or brackets it closes.
#[must_use]
pub(crate) fn end(text: &str) -> End {
    let end = text.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '”' | '’' | '」' | ')' | '）'));
    match end.chars().next_back() {
        Some('?' | '？' | '؟') => End::Question,
        Some('…' | '—' | '-' | '–') => End::TrailsOff,
        Some('.' | '。') if end.ends_with("..") || end.ends_with("。。") => End::TrailsOff,
        Some('.' | '。' | '!' | '！') => End::Stop,
        _ => End::Open,
    }
}

/// Yields the words of a text in the form in which lexicons are written.
///
/// Words are those of UAX #29, so every Han character is one; NFKC, lower case, letter runs cut to two
/// ("ummmm" gives "umm"), no punctuation.
///
/// The prolonged sound mark and Arabic vowel signs are left out, since they are spelled or not as one likes.
pub(crate) fn words(text: &str) -> impl DoubleEndedIterator<Item = Cow<'_, str>> {
    text.unicode_words().map(normal_word).filter(|word| !word.is_empty())
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

/// The scripts that languages are told apart by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Script {
    Latin,
    Han,
    Kana,
    Hangul,
    Arabic,
    Other,
}

/// Returns the script of a letter; `None` where it is none.
#[must_use]
pub(crate) fn script(c: char) -> Option<Script> {
    match c {
        'a'..='z' | 'A'..='Z' | '\u{c0}'..='\u{24f}' => Some(Script::Latin),
        '\u{3040}'..='\u{30ff}' => Some(Script::Kana),
        '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}' => Some(Script::Han),
        '\u{1100}'..='\u{11ff}' | '\u{3130}'..='\u{318f}' | '\u{ac00}'..='\u{d7af}' => Some(Script::Hangul),
        '\u{600}'..='\u{6ff}' => Some(Script::Arabic),
        '\0'..='\u{bf}'
        | '\u{2000}'..='\u{206f}'
        | '\u{3000}'..='\u{303f}'
        | '\u{ff00}'..='\u{ff0f}'
        | '\u{ff1a}'..='\u{ff20}' => None,
        c => c.is_alphabetic().then_some(Script::Other),
    }
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
    let mut normal = String::with_capacity(word.len());
    let mut run = ('\0', 0);
    for c in word.nfkc().flat_map(char::to_lowercase) {
        let c = if c == '’' { '\'' } else { c };
        run = if c == run.0 { (c, run.1 + 1) } else { (c, 1) };
        let is_optional = matches!(c, 'ー' | '\u{640}' | '\u{64b}'..='\u{652}');
        if (run.1 <= 2 || c.is_numeric()) && !is_optional {
            normal.push(c);
        }
    }
    Cow::Owned(normal)
}

/// How long a Han or Kana character and any other word take to be said, in milliseconds.
const CHARACTER: i64 = 220;
const WORD: i64 = 330;

/// Returns how long a text takes to be said, in milliseconds.
#[must_use]
pub(crate) fn speaking_time(text: &str) -> i64 {
    let (mut characters, mut words, mut in_word) = (0, 0, false);
    for c in text.chars() {
        let is_character = c > '\u{2e7f}' && is_unspaced(c) && c.is_alphanumeric();
        let is_letter = !is_character && c.is_alphanumeric();
        characters += i64::from(is_character);
        words += i64::from(is_letter && !in_word);
        in_word = is_letter || in_word && matches!(c, '\'' | '’' | '-' | '.' | ',');
    }
    characters * CHARACTER + words * WORD
}

/// Estimates how many tokens a text is for the tokenizers of the field: one for four bytes, or for one and a half
/// characters of Han, Kana or Hangul.
#[must_use]
pub(crate) fn estimated_tokens(text: &str) -> u64 {
    let is_dense = |c: &char| matches!(script(*c), Some(Script::Han | Script::Kana | Script::Hangul));
    let (mut dense, mut others) = (0_u64, 0_u64);
    for c in text.chars() {
        if is_dense(&c) {
            dense += 1;
        } else {
            others += c.len_utf8() as u64;
        }
    }
    others.div_ceil(4) + (dense * 2).div_ceil(3)
}

/// Counts the characters a person would count: Unicode scalar values that are not blank.
#[must_use]
pub(crate) fn characters(text: &str) -> u32 {
    let count = text.chars().filter(|c| !c.is_whitespace()).count();
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(a: &str, b: &str) -> String {
        let mut text = a.to_owned();
        join(&mut text, b);
        text
    }

    #[test]
    fn joiner_knows_scripts() {
        assert_eq!(joined("I want", "a refund"), "I want a refund");
        assert_eq!(joined("我想", "查快递"), "我想查快递");
        assert_eq!(joined("我想买", "iPhone"), "我想买iPhone");
        assert_eq!(joined("배송", "언제 와요"), "배송 언제 와요");
        assert_eq!(joined("はい、", "お願いします"), "はい、お願いします");
    }

    #[test]
    fn words_are_normal() {
        let list = |text| words(text).map(Cow::into_owned).collect::<Vec<_>>();
        assert_eq!(list("Ummmm... I'M"), ["umm", "i'm"]);
        assert_eq!(list("那个……"), ["那", "个"]);
        assert_eq!(list("ＵＭ"), ["um"]);
        assert_eq!(list("5000"), ["5000"]);
    }

    #[test]
    fn blank_is_what_nobody_can_read() {
        assert!(is_blank(" \n\u{200b}\u{feff}"));
        assert!(!is_blank("."));
    }
}
