//! What must not be published as it is: users' ids, and what callers say of themselves in numbers and addresses.
//!
//! A telephone that is told in a call is masked however it is given: glued to Chinese text, in groups, or read out digit by
//! digit. What was said stays in the audit.

mod digits;
mod email;
mod numbers;
mod pseudonym;

use std::ops::Range;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) use pseudonym::Pseudonyms;

use crate::text::count_bytes;
use digits::Number;

/// What is masked in the texts of samples.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Redacting {
    /// Telephone numbers become `[PHONE]`.
    pub phone: Masking,
    /// Addresses of electronic mail become `[EMAIL]`.
    pub email: Masking,
    /// Identity card numbers of mainland China, by their check digit, become `[ID CARD]`.
    pub identity_card: Masking,
    /// Bank card numbers, by Luhn's formula, become `[BANK CARD]`.
    pub bank_card: Masking,
}

/// Whether a kind of text is masked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Masking {
    /// It is.
    #[default]
    Mask,
    /// It stays as it was said.
    Keep,
}

/// A kind of number: who decides, by what it is recognised, what stands in its place.
type Kind = (fn(&Redacting) -> Masking, fn(&Number<'_>) -> bool, &'static str);

/// The kinds of numbers, the surest first. A kind is one function plus one line here.
const NUMBERS: [Kind; 3] = [
    (|redacting| redacting.identity_card, numbers::identity_card, "[ID CARD]"),
    (|redacting| redacting.bank_card, numbers::bank_card, "[BANK CARD]"),
    (|redacting| redacting.phone, numbers::phone, "[PHONE]"),
];

/// No number of a person is shorter.
const LEAST: usize = 8;

/// Returns a text with what is masked in it, and the masks; `None` where there is nothing to mask.
#[must_use]
pub(crate) fn redact(redacting: &Redacting, text: &str) -> Option<(String, Vec<&'static str>)> {
    let mut found: Vec<(Range<usize>, &str)> = Vec::new();
    if redacting.email == Masking::Mask && memchr::memchr(b'@', text.as_bytes()).is_some() {
        found.extend(email::places(text).into_iter().map(|place| (place, "[EMAIL]")));
    }
    if may_hold_number(text) {
        for run in digits::runs(text, LEAST) {
            let mut group = 0;
            while group < run.groups() {
                // The longest number that begins here.
                let number = (group + 1..=run.groups()).rev().find_map(|end| {
                    let number = run.number(group..end)?;
                    let kind = NUMBERS
                        .iter()
                        .find(|(asks, is_one, _)| asks(redacting) == Masking::Mask && is_one(&number));
                    kind.map(|(.., mask)| (end, number.place(), *mask))
                });
                group = number.as_ref().map_or(group + 1, |(end, ..)| *end);
                found.extend(number.map(|(_, place, mask)| (place, mask)));
            }
        }
    }
    if found.is_empty() {
        return None;
    }
    found.sort_by_key(|(place, _)| place.start);
    let (mut redacted, mut done) = (String::with_capacity(text.len()), 0);
    let mut masks = Vec::new();
    for (place, mask) in found {
        // An address may hold a number.
        if place.start >= done {
            redacted.push_str(text.get(done..place.start).unwrap_or_default());
            redacted.push_str(mask);
            done = place.end;
            masks.push(mask);
        }
    }
    redacted.push_str(text.get(done..).unwrap_or_default());
    Some((redacted, masks))
}

/// Whether a text may hold so many digits: hardly any does. Every text is asked, so the first looks go many bytes at once.
fn may_hold_number(text: &str) -> bool {
    let bytes = text.as_bytes();
    (count_bytes(bytes, |byte| byte.is_ascii_digit()) >= LEAST && has_digits_in_a_row(bytes))
        || (count_threes(bytes, spells_digit) >= 3 && may_spell_digits(bytes))
        || count_threes(bytes, is_wide_digit) >= LEAST
}

/// Counts places where three bytes are of a kind, without a branch a byte.
fn count_threes(bytes: &[u8], is_kind: impl Fn(u8, u8, u8) -> bool) -> usize {
    let (second, third) = (bytes.get(1..).unwrap_or_default(), bytes.get(2..).unwrap_or_default());
    // A small number holds what so many bytes can give.
    let threes = bytes.chunks(255).zip(second.chunks(255)).zip(third.chunks(255));
    let portions = threes.map(|((a, b), c)| {
        let kinds = a.iter().zip(b).zip(c).map(|((a, b), c)| u8::from(is_kind(*a, *b, *c)));
        usize::from(kinds.fold(0, u8::wrapping_add))
    });
    portions.sum()
}

/// Whether three bytes are a Han character that is a digit when it is read out, or a full-width digit.
#[expect(
    clippy::needless_bitwise_bool,
    reason = "without a branch, many bytes are looked at together"
)]
fn is_wide_digit(a: u8, b: u8, c: u8) -> bool {
    // 一七三 二五 九, 四 六八 幺, 零, 〇
    ((a == 0xe4)
        & (((b == 0xb8) & ((c == 0x80) | (c == 0x83) | (c == 0x89)))
            | ((b == 0xba) & ((c == 0x8c) | (c == 0x94)))
            | ((b == 0xb9) & (c == 0x9d))))
        | ((a == 0xe5)
            & (((b == 0x9b) & (c == 0x9b)) | ((b == 0x85) & ((c == 0xad) | (c == 0xab))) | ((b == 0xb9) & (c == 0xba))))
        | ((a == 0xe9) & (b == 0x9b) & (c == 0xb6))
        | ((a == 0xe3) & (b == 0x80) & (c == 0x87))
        | ((a == 0xef) & (b == 0xbc) & (0x90..=0x99).contains(&c))
}

/// Whether an English digit, or a word that repeats one, may begin with three bytes.
#[expect(
    clippy::needless_bitwise_bool,
    reason = "without a branch, many bytes are looked at together"
)]
fn spells_digit(a: u8, b: u8, c: u8) -> bool {
    let is = |word: &[u8; 3]| (a | 0x20 == word[0]) & (b | 0x20 == word[1]) & (c | 0x20 == word[2]);
    is(b"zer")
        | is(b"one")
        | is(b"two")
        | is(b"thr")
        | is(b"tri")
        | is(b"fou")
        | is(b"fiv")
        | is(b"six")
        | is(b"sev")
        | is(b"eig")
        | is(b"nin")
        | is(b"dou")
}

/// Whether enough digits stand in a row, with separators between them.
fn has_digits_in_a_row(bytes: &[u8]) -> bool {
    let (mut row, mut gap) = (0, 0);
    bytes.iter().any(|byte| {
        if byte.is_ascii_digit() {
            row += 1;
            gap = 0;
        } else {
            gap += 1;
            // The longest separator is a dash of three bytes with a bracket.
            row = if gap > 4 || byte.is_ascii_alphabetic() { 0 } else { row };
        }
        row >= LEAST
    })
}

/// Whether four words in a row may be English digits, by how they begin: fewer make no number ("double five" is two).
fn may_spell_digits(bytes: &[u8]) -> bool {
    const STARTS: [&[u8; 3]; 15] = [
        b"zer", b"oh ", b"oh,", b"o o", b"one", b"two", b"thr", b"tri", b"fou", b"fiv", b"six", b"sev", b"eig", b"nin", b"dou",
    ];
    let mut row = 0;
    memchr::memchr_iter(b' ', bytes).any(|blank| {
        let start = bytes.get(blank + 1..blank + 4).unwrap_or_default();
        let may_begin = start.first().is_some_and(|first| b"zotfsendZOTFSEND".contains(first));
        row = if may_begin && STARTS.iter().any(|known| start.eq_ignore_ascii_case(*known)) {
            row + 1
        } else {
            0
        };
        // The first word of a text has no blank in front, and a single "o" may be a nought too.
        row >= 2
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(text: &str) -> String {
        redact(&Redacting::default(), text).map_or(text.to_owned(), |(text, _)| text)
    }

    #[test]
    fn numbers_of_a_person_are_masked_however_they_are_given() {
        for (text, expected) in [
            ("我的手机号是13800138000谢谢", "我的手机号是[PHONE]谢谢"),
            ("我的手机号是一三八零零一三八零零零", "我的手机号是[PHONE]"),
            ("幺三八，零零幺三，八零零零。", "[PHONE]。"),
            ("138-0013-8000 or 138 0013 8000", "[PHONE] or [PHONE]"),
            ("＋86 13800138000", "[PHONE]"),
            ("call +44 20 7946 0958 please", "call [PHONE] please"),
            ("(212) 555-0142, thanks", "[PHONE], thanks"),
            ("06 12 34 56 78", "[PHONE]"),
            ("two one two five five five oh one four two", "[PHONE]"),
            ("it is two one two, triple five, zero one four two.", "it is [PHONE]."),
            ("座机010-62345678", "座机[PHONE]"),
            ("write to ann.lee+x@mail.example.com.", "write to [EMAIL]."),
            ("身份证11010519491231002X。", "身份证[ID CARD]。"),
            ("card 4111 1111 1111 1111", "card [BANK CARD]"),
            ("１３８００１３８０００", "[PHONE]"),
        ] {
            assert_eq!(masked(text), expected, "{text}");
        }
    }

    #[test]
    fn the_first_look_knows_every_digit() {
        for c in "零〇一幺二三四五六七八九０１２３４５６７８９".chars() {
            assert_eq!(count_threes(c.to_string().as_bytes(), is_wide_digit), 1, "{c}");
        }
        assert_eq!(count_threes("你好，十百千万两年月日。".as_bytes(), is_wide_digit), 0);
    }

    #[test]
    fn other_numbers_stay() {
        for text in [
            "订单号20260102123456",
            "it costs 15 000 000 000 dollars",
            "$13800138000",
            "SF1380013800012",
            "2026-01-02 10:30:45",
            "192.168.100.100",
            "11010519491231002",
            "110105194912310021",
            "4111 1111 1111 1112",
            "count: one two three four five six seven",
            "一百二十三万四千五百六十七",
            "二零二六年一月二日",
            "room 12, floor 3, at 10.30",
            "me@home",
            "one two of the three four",
        ] {
            assert_eq!(masked(text), text);
        }
    }

    #[test]
    fn what_is_kept_is_kept() {
        let redacting = Redacting {
            phone: Masking::Keep,
            ..Redacting::default()
        };
        assert_eq!(redact(&redacting, "13800138000"), None);
        let (text, masks) = redact(&redacting, "13800138000, a@b.io").expect("an address");
        assert_eq!((text.as_str(), masks), ("13800138000, [EMAIL]", vec!["[EMAIL]"]));
    }
}
