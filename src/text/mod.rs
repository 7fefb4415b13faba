//! Text as people write it: words, joints, questions. The only user of `unicode-segmentation`.

mod measure;
mod words;

pub(crate) use measure::Measure;
pub(crate) use words::{hash, hash_all, is_word_end, last_words, word_hashes, words};

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

/// How long a Han or Kana character, another word, and a letter among such characters take to be said, in milliseconds.
const CHARACTER: i64 = 220;
const WORD: i64 = 330;
const LETTER: i64 = 66;

/// Returns how long a text takes to be said, in milliseconds: by its characters where it is written in Han or Kana,
/// else by its words. Long texts are asked for, so it counts single bytes, which goes many at once.
#[must_use]
pub(crate) fn speaking_time(text: &str) -> i64 {
    let bytes = text.as_bytes();
    let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX / WORD);
    // The first bytes of Han and Kana, and of the punctuation between them, which comes once in a while.
    let dense = count_bytes(bytes, |byte| (0xe3..=0xe9).contains(&byte));
    if dense > 0 {
        let letters = count_bytes(bytes, |byte| byte.is_ascii_alphanumeric());
        let stops = memchr::memmem::find_iter(bytes, "\u{3000}".as_bytes().get(..2).unwrap_or_default()).count();
        count(dense - stops) * CHARACTER + count(letters) * LETTER
    } else if text.is_empty() {
        0
    } else {
        count(1 + memchr::memchr_iter(b' ', bytes).count() + memchr::memchr_iter(b'\n', bytes).count()) * WORD
    }
}

/// Counts bytes of a kind, in portions that a small number can count: compilers make that many at once.
pub(crate) fn count_bytes(bytes: &[u8], is_kind: impl Fn(u8) -> bool) -> usize {
    let portion = |portion: &[u8]| portion.iter().map(|&byte| u8::from(is_kind(byte))).fold(0, u8::wrapping_add);
    bytes.chunks(255).map(|bytes| usize::from(portion(bytes))).sum()
}

/// Counts the characters a person would count: Unicode scalar values that are not blank.
#[must_use]
pub(crate) fn characters(text: &str) -> u32 {
    let count = text.chars().filter(|c| !c.is_whitespace()).count();
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Cuts a text that has more characters than this, and says so.
#[cfg(feature = "polars")]
#[must_use]
pub(crate) fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
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
    fn speaking_time_counts_words_and_characters() {
        for (said, characters, words, letters) in [
            ("Don't wait, it is 5,000 euros.", 0, 6, 0),
            ("你好，世界。", 4, 0, 0),
            ("我想买iPhone 5", 3, 0, 7),
            ("배송 언제 와요?", 0, 3, 0),
            ("コーヒーを、一つ", 7, 0, 0),
            ("Où êtes-vous…", 0, 2, 0),
            ("", 0, 0, 0),
        ] {
            let time = characters * CHARACTER + words * WORD + letters * LETTER;
            assert_eq!(speaking_time(said), time, "{said}");
        }
    }

    #[test]
    fn blank_is_what_nobody_can_read() {
        assert!(is_blank(" \n\u{200b}\u{feff}"));
        assert!(!is_blank("."));
    }
}
