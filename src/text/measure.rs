//! How long a text is: characters, words, and a guess at its tokens. Every text of a dataset is measured, so in as few
//! passes as can be.

use unicode_segmentation::UnicodeSegmentation;

use super::{Script, count_bytes, script};

/// The length of a text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Measure {
    /// Unicode scalar values that are not blank.
    pub(crate) characters: usize,
    /// Words of UAX #29: runs with a letter or a digit in them. Every Han character is one.
    pub(crate) words: usize,
    /// Characters of Han, Kana and Hangul, of which a token holds one and a half.
    dense: usize,
    /// Bytes of all others, of which a token holds four.
    sparse: usize,
}

impl Measure {
    /// Measures a text.
    #[must_use]
    pub(crate) fn of(text: &str) -> Self {
        let mut measure = Self::default();
        let mut rest = text;
        while !rest.is_empty() {
            let han = han_prefix(rest.as_bytes());
            measure.characters += han / HAN_BYTES;
            measure.words += han / HAN_BYTES;
            measure.dense += han / HAN_BYTES;
            let behind = rest.get(han..).unwrap_or_default();
            // Next to a Han character a word starts and ends anyway, whatever stands there. A rare one is no prefix.
            let end = behind.bytes().skip(1).position(is_han_lead).map_or(behind.len(), |at| at + 1);
            let (run, behind) = behind.split_at(end);
            measure.run(run);
            rest = behind;
        }
        measure
    }

    /// Returns about how many tokens the text is for the tokenizers of the field.
    #[must_use]
    pub(crate) fn estimated_tokens(&self) -> usize {
        self.sparse.div_ceil(4) + (self.dense * 2).div_ceil(3)
    }

    /// Measures what holds none of the common Han characters.
    fn run(&mut self, run: &str) {
        if run.is_ascii() {
            let bytes = run.as_bytes();
            // As for a `char`: form feed and vertical tab are blank too.
            self.characters += count_bytes(bytes, |byte| !matches!(byte, b' ' | 0x09..=0x0d));
            self.sparse += bytes.len();
            self.words += match memchr::memchr(b'_', bytes) {
                None => ascii_words(bytes),
                Some(_) => run.unicode_words().count(),
            };
            return;
        }
        let mut has_words = false;
        for c in run.chars() {
            let script = script(c);
            has_words |= script.is_some() || c.is_alphanumeric();
            self.characters += usize::from(!c.is_whitespace());
            if matches!(script, Some(Script::Han | Script::Kana | Script::Hangul)) {
                self.dense += 1;
            } else {
                self.sparse += c.len_utf8();
            }
        }
        if has_words {
            self.words += run.unicode_words().count();
        }
    }
}

/// How many bytes a common Han character takes.
const HAN_BYTES: usize = 3;

/// Whether a byte starts a character of U+4000 to U+9FFF.
fn is_han_lead(byte: u8) -> bool {
    matches!(byte, 0xe4..=0xe9)
}

/// Returns how many bytes of common Han characters (U+4E00 to U+9FFF) a text starts with.
fn han_prefix(bytes: &[u8]) -> usize {
    let is_common = |character: &&[u8]| matches!(character, [0xe4, 0xb8..=0xff, _] | [0xe5..=0xe9, _, _]);
    HAN_BYTES * bytes.chunks_exact(HAN_BYTES).take_while(is_common).count()
}

/// Counts the words of ASCII without underscores: where a letter or digit stands behind none, but for what joins them.
/// Without a branch a byte, compilers look at many at once.
fn ascii_words(bytes: &[u8]) -> usize {
    let letter = |byte: u8| u8::from((byte | 0x20).wrapping_sub(b'a') < 26);
    let digit = |byte: u8| u8::from(byte.wrapping_sub(b'0') < 10);
    let word = |byte: u8| letter(byte) | digit(byte);
    let is = |byte: u8, mark: u8| u8::from(byte == mark);
    let inner = |byte: u8| is(byte, b'\'') | is(byte, b'.');
    let of_letters = |byte: u8| inner(byte) | is(byte, b':');
    let of_digits = |byte: u8| inner(byte) | is(byte, b',') | is(byte, b';');
    let starts = |(before, byte): (&u8, &u8)| word(*byte) & (1 ^ word(*before));
    let joins =
        |((a, b), c): ((&u8, &u8), &u8)| (letter(*a) & of_letters(*b) & letter(*c)) | (digit(*a) & of_digits(*b) & digit(*c));
    let (second, third) = (bytes.get(1..).unwrap_or_default(), bytes.get(2..).unwrap_or_default());
    let mut count = bytes.first().map_or(0, |first| usize::from(word(*first)));
    // A small number holds what so many bytes can give.
    for (a, b) in bytes.chunks(255).zip(second.chunks(255)) {
        count += usize::from(a.iter().zip(b).map(starts).fold(0, u8::wrapping_add));
    }
    for ((a, b), c) in bytes.chunks(255).zip(second.chunks(255)).zip(third.chunks(255)) {
        count -= usize::from(a.iter().zip(b).zip(c).map(joins).fold(0, u8::wrapping_add));
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_counted_as_the_standard_cuts_them() {
        let known = [
            "Don't pay 5,000.50 at 10:30!",
            "a.b.c 1.2.3 x:y 'quoted' it's_ok __ a1.b2 3.a",
            "我想买iPhone，谢谢",
            "où êtes-vous 你好 ok",
            "",
            "...",
            "コーヒーを一つ",
            "你\u{fe0f}好䷀",
        ];
        let mut texts: Vec<String> = known.map(ToOwned::to_owned).to_vec();
        let marks: Vec<char> = "aZ09.,:;'_- !你。éの\u{3000}".chars().collect();
        let mut seed = 7_u32;
        for length in (0..2000).map(|round| if round % 50 == 0 { 700 } else { 8 }) {
            let mut text = String::new();
            for _ in 0..length {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                // Long texts of ASCII, too.
                let most = if length > 8 { 13 } else { marks.len() };
                text.push(marks[(seed >> 16) as usize % most]);
            }
            texts.push(text);
        }
        for text in texts {
            let measure = Measure::of(&text);
            assert_eq!(measure.words, text.unicode_words().count(), "{text:?}");
            assert_eq!(measure.characters, super::super::characters(&text) as usize, "{text:?}");
        }
    }

    #[test]
    fn tokens_are_estimated_by_script() {
        for (text, tokens) in [
            ("", 0),
            ("four", 1),
            ("fives", 2),
            ("你好吗", 2),
            ("你好吗 ok", 3),
            ("コーヒー", 3),
        ] {
            assert_eq!(Measure::of(text).estimated_tokens(), tokens, "{text}");
        }
    }
}
