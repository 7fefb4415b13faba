//! Digits as they are written and as they are read out: "138-0013-8000", "一三八零零…", "double five one".

use std::ops::Range;

/// How digits are given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Script {
    Written,
    Han,
    English,
}

/// One digit, or an X at the end of an identity number, which counts as ten.
#[derive(Debug, Clone, Copy)]
struct Digit {
    value: u8,
    from: usize,
    to: usize,
    script: Script,
}

/// Digits that follow each other with nothing but separators between them.
#[derive(Debug, Default)]
pub(super) struct Run {
    digits: Vec<Digit>,
    /// Where each group begins: digits without anything between them. Of what is read out, every digit is a group.
    groups: Vec<usize>,
    /// A plus stands in front.
    plus: bool,
    /// Where it begins, with a plus or a bracket in front.
    begin: usize,
}

/// Some groups of a run, one after another.
#[derive(Debug)]
pub(super) struct Number<'r> {
    /// Values from 0 to 9; a last one may be 10.
    pub(super) values: Vec<u8>,
    /// How many digits each group has.
    pub(super) groups: Vec<usize>,
    /// Whether it is read out, digit by digit.
    pub(super) is_spoken: bool,
    /// Whether a plus stands in front.
    pub(super) plus: bool,
    run: &'r Run,
    first: usize,
}

/// Returns the runs of a text that are long enough to matter.
pub(super) fn runs(text: &str, shortest: usize) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut run = Run::default();
    for digit in digits(text) {
        let last = run.digits.last().copied();
        let gap = last.map(|last| text.get(last.to.min(digit.from)..digit.from).unwrap_or_default());
        let goes_on = last.zip(gap).is_some_and(|(last, gap)| joins(last, digit, gap));
        if !goes_on {
            runs.push(std::mem::take(&mut run));
            let before = text.get(..digit.from).unwrap_or_default().chars().next_back();
            // Behind a letter or a sign of money it is no number of a person.
            if digit.script == Script::Written && before.is_some_and(|c| c.is_ascii_alphanumeric() || "_$€£¥￥#".contains(c))
            {
                continue;
            }
            run.plus = matches!(before, Some('+' | '＋'));
            let sign = before.filter(|c| matches!(c, '+' | '＋' | '('));
            run.begin = digit.from - sign.map_or(0, char::len_utf8);
        }
        let is_new_group = digit.script != Script::Written || gap.is_none_or(|gap| !gap.is_empty()) || !goes_on;
        if is_new_group {
            run.groups.push(run.digits.len());
        }
        run.digits.push(digit);
    }
    runs.push(run);
    runs.retain(|run| run.digits.len() >= shortest);
    runs
}

/// Whether two digits may belong to one number.
fn joins(last: Digit, next: Digit, gap: &str) -> bool {
    let separators = match last.script {
        Script::Written => " -–.()",
        Script::Han => " ，、,",
        Script::English => " ,-.",
    };
    let is_short = gap.chars().count() <= 2 && gap.chars().all(|c| separators.contains(c));
    // An X ends a number.
    last.script == next.script && last.value < 10 && is_short && (next.value < 10 || gap.is_empty())
}

/// Finds every digit of a text.
fn digits(text: &str) -> Vec<Digit> {
    let mut digits: Vec<Digit> = Vec::new();
    let mut times = (1, 0);
    let mut rest = text.char_indices().peekable();
    while let Some((from, c)) = rest.next() {
        let to = from + c.len_utf8();
        let mut push = |value: u8, from: usize, to: usize, script: Script, times: usize| {
            let digit = Digit { value, from, to, script };
            digits.extend(std::iter::repeat_n(digit, times));
        };
        match c {
            '0'..='9' => push(c as u8 - b'0', from, to, Script::Written, 1),
            '０'..='９' => push(
                u8::try_from(c as u32 - '０' as u32).unwrap_or_default(),
                from,
                to,
                Script::Written,
                1,
            ),
            _ if han(c).is_some() => push(han(c).unwrap_or_default(), from, to, Script::Han, 1),
            'a'..='z' | 'A'..='Z' => {
                let mut end = to;
                while let Some(&(at, next)) = rest.peek().filter(|(_, next)| next.is_ascii_alphabetic()) {
                    end = at + next.len_utf8();
                    rest.next();
                }
                let word = text.get(from..end).unwrap_or_default();
                match english(word) {
                    Some(Word::Digit(value)) => {
                        let (count, start) = std::mem::replace(&mut times, (1, 0));
                        push(value, if count > 1 { start } else { from }, end, Script::English, count);
                    }
                    Some(Word::Times(count)) => times = (count, from),
                    None => {
                        times = (1, 0);
                        let is_behind = digits
                            .last()
                            .is_some_and(|last| last.to == from && last.script == Script::Written);
                        if matches!(word, "X" | "x") && is_behind {
                            digits.push(Digit {
                                value: 10,
                                from,
                                to: end,
                                script: Script::Written,
                            });
                        } else if is_behind {
                            // A letter behind: part of another kind of name.
                            while digits
                                .last()
                                .is_some_and(|last| last.script == Script::Written && last.to == from)
                            {
                                digits.pop();
                            }
                        }
                    }
                }
            }
            _ => {}
        }
    }
    digits
}

/// Returns the digit that a Han character is when it is read out.
pub(super) fn han(c: char) -> Option<u8> {
    Some(match c {
        '零' | '〇' => 0,
        '一' | '幺' => 1,
        '二' => 2,
        '三' => 3,
        '四' => 4,
        '五' => 5,
        '六' => 6,
        '七' => 7,
        '八' => 8,
        '九' => 9,
        _ => return None,
    })
}

enum Word {
    Digit(u8),
    Times(usize),
}

fn english(word: &str) -> Option<Word> {
    const DIGITS: [&str; 10] = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
    if let Some(at) = DIGITS.iter().position(|digit| word.eq_ignore_ascii_case(digit)) {
        return Some(Word::Digit(u8::try_from(at).unwrap_or_default()));
    }
    let is = |other: &str| word.eq_ignore_ascii_case(other);
    match () {
        () if is("oh") || is("o") => Some(Word::Digit(0)),
        () if is("double") => Some(Word::Times(2)),
        () if is("triple") => Some(Word::Times(3)),
        () => None,
    }
}

impl Run {
    /// Returns how many groups there are.
    pub(super) fn groups(&self) -> usize {
        self.groups.len()
    }

    /// Returns the digits of some groups.
    pub(super) fn number(&self, groups: Range<usize>) -> Option<Number<'_>> {
        let begin = |group: usize| self.groups.get(group).copied().unwrap_or(self.digits.len());
        let (first, end) = (begin(groups.start), begin(groups.end));
        let digits = self.digits.get(first..end)?;
        Some(Number {
            values: digits.iter().map(|digit| digit.value).collect(),
            groups: groups.clone().map(|group| begin(group + 1) - begin(group)).collect(),
            is_spoken: digits.first().is_some_and(|digit| digit.script != Script::Written),
            plus: self.plus && groups.start == 0,
            run: self,
            first,
        })
    }
}

impl Number<'_> {
    /// Returns where it stands in the text.
    pub(super) fn place(&self) -> Range<usize> {
        let digits = self
            .run
            .digits
            .get(self.first..self.first + self.values.len())
            .unwrap_or_default();
        let from = match self.first {
            0 => self.run.begin,
            _ => digits.first().map_or(0, |digit| digit.from),
        };
        from..digits.last().map_or(from, |digit| digit.to)
    }
}
