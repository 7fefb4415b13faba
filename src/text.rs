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
