//! Text as people write it: words, joints, questions. The only user of `unicode-segmentation`.

use std::borrow::Cow;

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

/// Returns whether the text ends as a question does: `?`, or a Chinese question particle.
#[must_use]
pub(crate) fn ends_as_question(text: &str) -> bool {
    let end = text.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '”' | '’' | '」' | ')' | '）'));
    if end.ends_with(['?', '？', '؟']) {
        return true;
    }
    end.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '.' | '。' | '!' | '！' | ',' | '，' | '~' | '…'))
        .ends_with(['吗', '呢', '么', '吧'])
}

/// Returns whether the speaker trails off: an ellipsis or a dash at the end.
#[must_use]
pub(crate) fn trails_off(text: &str) -> bool {
    let end = text.trim_end();
    end.ends_with(['…', '—', '-', '–']) || end.ends_with("..") || end.ends_with("。。")
}

/// Yields the words of a text in the form in which lexicons are written.
///
/// Words are those of UAX #29, so every Han character is one; NFKC, lower case, letter runs cut to two
/// ("ummmm" gives "umm"), no punctuation.
pub(crate) fn words(text: &str) -> impl Iterator<Item = Cow<'_, str>> {
    text.unicode_words().map(normal_word)
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
        if run.1 <= 2 || c.is_numeric() {
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
