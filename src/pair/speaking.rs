//! What speaking time and punctuation tell about who cut in on whom.
//!
//! A call log says when an utterance was entered, not when it began or ended. The agent's `begin` is most likely the end
//! of its playback, but may be the start. What is inferred here is right under both readings, or only where the call does
//! not speak for the second one; it is called inferred wherever it shows.

use std::cell::OnceCell;

use super::{Note, Run};
use crate::judge::Listener;
use crate::session::{Role, Utterance};
use crate::text::{self, End};

/// No speech is as fast as this much more than the time that there was, in percent and in milliseconds on top.
const FASTEST: i64 = 200;
const SLACK: i64 = 1000;
/// The least time between two requests in which an agent can begin to answer the first one, in milliseconds.
const BREATH: i64 = 1500;
/// Shorter answers tell nothing about the clock, in milliseconds of speech.
const TELLING: i64 = 3000;
/// An answer that takes longer to say is no early one, in milliseconds.
const EARLY: i64 = 4000;
/// Slow speech takes so much of the time of ordinary speech, in percent.
const SLOW: i64 = 160;

/// The utterances of a call with what is found out about them when it is first asked.
pub(super) struct Speech<'s, 'a> {
    utterances: &'s [Utterance<'a>],
    listener: Listener<'s>,
    endings: OnceCell<Endings>,
    clock: OnceCell<Clock>,
}

/// How many of the agent's utterances end in mid-sentence, and how many with a full stop or a question mark.
#[derive(Clone, Copy)]
struct Endings {
    open: usize,
    closed: usize,
}

/// When the agent's utterances are stamped.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Clock {
    Start,
    End,
    Unknown,
}

impl<'s, 'a> Speech<'s, 'a> {
    pub(super) fn new(listener: Listener<'s>, utterances: &'s [Utterance<'a>]) -> Self {
        Self {
            utterances,
            listener,
            endings: OnceCell::new(),
            clock: OnceCell::new(),
        }
    }

    fn begin(&self, at: usize) -> Option<i64> {
        self.utterances.get(at)?.begin
    }

    /// How long takes to be said what was heard of an utterance.
    fn time(&self, at: usize) -> i64 {
        let said = self.utterances.get(at).map_or("", |said| &said.text);
        text::speaking_time(if super::is_tagged(said) {
            super::before_tag(said)
        } else {
            said
        })
    }

    /// Gives answers to the requests that they answer: several requests in a row are one only if there was time to say
    /// the answer after the last of them.
    ///
    /// User 5.0 "Tell me a story.", user 10.0 "No, a shorter one.", agent 10.4 with forty words, agent 20.0 with five:
    /// forty words are not said in 0.4 s, so they answer the first request and were cut, and the five answer the second.
    pub(super) fn untangle(&self, runs: Vec<Run>, cuts: &mut Vec<Note>) -> Vec<Run> {
        let is_tangled = |pair: &[Run]| matches!(pair, [Run::User(users), Run::Agent(_)] if users.len() > 1);
        if !runs.windows(2).any(is_tangled) || self.clock(&runs) == Clock::Start {
            return runs;
        }
        let is_sure = self.clock(&runs) == Clock::End;
        let mut untangled = Vec::with_capacity(runs.len() + 2);
        let mut runs = runs.into_iter().peekable();
        while let Some(run) = runs.next() {
            let Run::User(mut users) = run else {
                untangled.push(run);
                continue;
            };
            while let Some(Run::Agent(agents)) = runs.peek_mut() {
                // Where no other answer follows, the clock alone says that this one came too soon.
                while (agents.len() > 1 || is_sure)
                    && let Some(&first) = agents.first()
                    && let Some((at, evidence)) = self.overlap(&users, first, agents.get(1).copied())
                {
                    let later = users.drain(at..).collect();
                    untangled.push(Run::User(std::mem::replace(&mut users, later)));
                    untangled.push(Run::Agent(agents.drain(..1).collect()));
                    cuts.push((first, evidence));
                }
                if !agents.is_empty() {
                    break;
                }
                // Nobody answered the later requests before the next ones.
                runs.next();
                if let Some(Run::User(more)) = runs.next_if(|next| matches!(next, Run::User(_))) {
                    users.extend(more);
                }
            }
            untangled.push(Run::User(users));
        }
        untangled
    }

    /// Returns which of the requests cut in on the agent's first answer to those before it, if one did.
    ///
    /// `next` is the agent's next answer: where nothing is known of the clock, the first must not fit in front of it either.
    fn overlap(&self, users: &[usize], answer: usize, next: Option<usize>) -> Option<(usize, Box<str>)> {
        let gaps = users.windows(2).zip(1..).filter_map(|(pair, next)| match pair {
            [a, b] => Some((self.begin(*b)? - self.begin(*a)?, next)),
            _ => None,
        });
        // The agent spoke where there was most time to.
        let (gap, later) = gaps.max_by_key(|(gap, later)| (*gap, std::cmp::Reverse(*later)))?;
        let left = self.begin(answer)? - self.begin(*users.get(later)?)?;
        if gap < BREATH || gap <= 2 * left {
            return None;
        }
        let time = self.time(answer);
        let fits_before = |next: usize| Some(self.begin(next)? - self.begin(answer)? >= time);
        let is_doubtful = self.clock.get() != Some(&Clock::End) && next.and_then(fits_before) == Some(true);
        (!is_doubtful && is_too_long(time, left)).then(|| (later, evidence(time, left)))
    }

    /// Tells from the answers to single requests whether they are stamped where they end.
    fn clock(&self, runs: &[Run]) -> Clock {
        *self.clock.get_or_init(|| {
            let windows = runs.windows(2).filter_map(|pair| match pair {
                [Run::User(users), Run::Agent(agents)] if users.len() == 1 => {
                    let (request, answer) = (*users.first()?, *agents.first()?);
                    Some((self.time(answer), self.begin(answer)? - self.begin(request)?))
                }
                _ => None,
            });
            match count(windows) {
                (too_long, all) if too_long > 1 && too_long * 2 > all => Clock::Start,
                (0, 2..) => Clock::End,
                _ => Clock::Unknown,
            }
        })
    }

    /// Finds answers that the user did not let the agent finish: those too long to be said between the two requests
    /// around them, and those that stop in mid-sentence where the agent never does.
    pub(super) fn cuts(&self, runs: &[Run], cuts: &mut Vec<Note>) {
        let (mut short, mut timed) = (Vec::new(), 0);
        for (answer, window) in self.answers(runs) {
            let Some(&last) = answer.last() else { continue };
            // Clocks of whole seconds leave no time at all; that tells nothing.
            let window = window.filter(|window| *window > 0);
            timed += usize::from(window.is_some());
            if self.breaks_off(last) {
                cuts.push((last, "inferred: stops in mid-sentence".into()));
            } else if let Some(window) = window {
                let time = answer.iter().map(|&at| self.time(at)).sum();
                if is_too_long(time, window) {
                    short.push((last, evidence(time, window)));
                }
            }
        }
        // Where most answers do not fit, the clock is no clock.
        if short.len() * 2 <= timed {
            cuts.append(&mut short);
        }
    }

    /// Yields the answers that a request follows, and the time from the request before to it.
    fn answers<'r>(&self, runs: &'r [Run]) -> impl Iterator<Item = (&'r [usize], Option<i64>)> {
        let begin = |at: Option<&usize>| self.begin(*at?);
        runs.windows(3).filter_map(move |group| match group {
            [Run::User(before), Run::Agent(answer), Run::User(after)] => {
                let window = begin(after.first())
                    .zip(begin(before.last()))
                    .map(|(after, before)| after - before);
                Some((answer.as_slice(), window))
            }
            _ => None,
        })
    }

    /// Whether an utterance of the agent stops in mid-sentence, and others, or the sentences before it, do not.
    pub(super) fn breaks_off(&self, at: usize) -> bool {
        let may_be_cut = |said: &str| {
            let is_word = said.chars().next_back().is_some_and(char::is_alphabetic);
            is_open(said) && (!is_word || self.listener.may_be_cut(said))
        };
        let Some(said) = self.utterances.get(at).filter(|said| may_be_cut(&said.text)) else {
            return false;
        };
        let Endings { open, closed } = *self.endings.get_or_init(|| {
            let agents = || self.utterances.iter().filter(|said| said.role == Role::Agent);
            Endings {
                open: agents().filter(|said| is_open(&said.text)).count(),
                closed: agents()
                    .filter(|said| matches!(text::end(&said.text), End::Stop | End::Question))
                    .count(),
            }
        });
        let least = if ends_a_sentence(&said.text) { 1 } else { 2 };
        closed > least && closed > least * open
    }

    /// Says why the agent's reply between two utterances of the user came too early and was cut, if it was.
    pub(super) fn is_early(&self, before: usize, reply: usize, after: usize) -> Option<Box<str>> {
        let said = &self.utterances.get(reply)?.text;
        let time = self.time(reply);
        if time > EARLY {
            return None;
        }
        if super::is_tagged(said) {
            return Some("interrupted by the user, who goes on".into());
        }
        if self.breaks_off(reply) {
            return Some("inferred: stops in mid-sentence, and the user goes on".into());
        }
        let window = self.begin(after)? - self.begin(before)?;
        is_too_long(time, window).then(|| evidence(time, window))
    }

    /// Whether an utterance of the agent asks the user to wait for what it says next.
    pub(super) fn asks_to_wait(&self, at: usize) -> bool {
        let said = self.utterances.get(at);
        said.is_some_and(|said| self.listener.asks_to_wait(&said.text))
    }

    /// Returns the silence between two answers, if the later one begins so long after the other that it answers nobody.
    /// Right under both readings of the clock: neither of them fills the time between, however slowly it is said.
    pub(super) fn is_late(&self, first: usize, second: usize, most: i64) -> Option<i64> {
        let gap = self.begin(second)? - self.begin(first)?;
        if gap <= most {
            return None;
        }
        let silence = gap - self.time(first).max(self.time(second)) * SLOW / 100;
        (silence > most).then_some(silence)
    }
}

/// Whether a text of this speaking time cannot have been said in a window of time.
fn is_too_long(time: i64, window: i64) -> bool {
    time.saturating_mul(100) > window.saturating_mul(FASTEST).saturating_add(SLACK * 100)
}

/// Counts the answers long enough to tell, and among them those too long for their window.
fn count(windows: impl Iterator<Item = (i64, i64)>) -> (usize, usize) {
    windows
        .filter(|(time, _)| *time >= TELLING)
        .fold((0, 0), |(too_long, all), (time, window)| {
            (too_long + usize::from(is_too_long(time, window)), all + 1)
        })
}

fn evidence(time: i64, window: i64) -> Box<str> {
    let window = window.max(0);
    format!("inferred: {} of speech in {}", super::seconds(time), super::seconds(window)).into()
}

/// Whether a text ends in a letter, a comma or a dash. Addresses such as "example.com" end sentences.
fn is_open(said: &str) -> bool {
    let is_open = |c: char| c.is_alphabetic() || matches!(c, ',' | '，' | '、' | '-' | '–' | '—');
    let last_word = || said.rsplit(char::is_whitespace).next().unwrap_or_default();
    said.chars().next_back().is_some_and(is_open) && !last_word().contains(['.', '/', '@'])
}

/// Whether a sentence ends somewhere in a text.
fn ends_a_sentence(said: &str) -> bool {
    said.contains(['。', '？', '！']) || [". ", "? ", "! ", ".\n", "?\n", "!\n"].iter().any(|end| said.contains(end))
}
