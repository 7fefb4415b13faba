//! An utterance in its call, as far as judges look: what was asked, who holds the floor, how the speaker's entries end.

use super::heard::{Asks, Heard};
use crate::session::Utterance;
use crate::text::End;

/// An utterance in its call, as far as a judge may look.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scene<'s, 'a> {
    pub(super) utterance: &'s Utterance<'a>,
    pub(super) heard: Heard,
    /// The whole call, and the place of the utterance in it.
    pub(super) utterances: &'s [Utterance<'a>],
    pub(super) all_heard: &'s [Heard],
    pub(super) at: usize,
    /// How the speaker's entries end.
    pub(super) habit: Habit,
    /// What the endings of the user's texts tell, where they were asked.
    pub(super) endings: &'s [Option<i32>],
    /// What the other side asked that is not yet answered.
    pub(super) asked: Asks,
    /// Whether the user has already said something that was kept.
    pub(super) user_has_spoken: bool,
}

impl Scene<'_, '_> {
    /// What is said in it.
    pub(super) fn said(&self) -> &str {
        &self.utterance.text
    }

    /// Whether the utterance can be an answer to what the other side asked.
    pub(super) fn is_asked(&self) -> bool {
        self.asked == Asks::Question || self.asked == Asks::Confirmation && self.heard.counts.assents > 0
    }
}

/// How the entries of one side end, as far as they hold more than listener's signals: a missing full stop says
/// something only where there are others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Habit {
    Unknown,
    AlwaysStops,
    OftenStops,
    NeverStops,
}

impl Habit {
    /// Looks at the utterances of one side.
    pub(super) fn of<'s>(heard: impl Iterator<Item = &'s Heard>) -> Self {
        let (mut all, mut open) = (0, 0);
        for heard in heard.filter(|heard| !heard.is_covered) {
            all += 1;
            open += u32::from(matches!(heard.end, End::Open | End::TrailsOff));
        }
        match (all, open * 100 / u32::max(all, 1)) {
            (..4, _) => Self::Unknown,
            (_, ..3) => Self::AlwaysStops,
            (_, ..70) => Self::OftenStops,
            _ => Self::NeverStops,
        }
    }
}

/// Which side has the floor, and what it left open.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Floor {
    pub(super) has_spoken: bool,
    pub(super) asks: Asks,
}

impl Floor {
    /// The side says something more.
    pub(super) fn goes_on(self, heard: &Heard) -> Self {
        // Who goes on with something else expects less of an answer.
        let still = if heard.is_covered {
            self.asks
        } else {
            self.asks.min(Asks::Confirmation)
        };
        Self {
            has_spoken: true,
            asks: heard.asks.max(still),
        }
    }

    /// The other side says something, which may answer what was asked.
    pub(super) fn is_told(self, something: bool) -> Self {
        Self {
            asks: if something { Asks::Nothing } else { self.asks },
            ..self
        }
    }
}

/// So many utterances before tell who talks and who listens.
const FLOOR: usize = 8;
/// Who said so much of it, in percent, talks.
const TALKS: usize = 60;

/// Who talks most of the time does not listen: when the listener says something, an "uh-huh" of the talker confirms it.
pub(super) fn confirmation(utterances: &[Utterance<'_>], all_heard: &[Heard], at: usize) -> Asks {
    let is_signal = all_heard.get(at).is_some_and(|heard| heard.counts.assents > 0);
    let earlier = || {
        let (utterances, all_heard) = (utterances.get(..at), all_heard.get(..at));
        utterances
            .unwrap_or_default()
            .iter()
            .zip(all_heard.unwrap_or_default())
            .rev()
            .take(FLOOR)
    };
    let role = utterances.get(at).map(|utterance| &utterance.role);
    let is_mine = |utterance: &Utterance<'_>| Some(&utterance.role) == role;
    let says_something = || {
        earlier()
            .next()
            .is_some_and(|(last, heard)| !is_mine(last) && !heard.is_covered)
    };
    if !is_signal || !says_something() {
        return Asks::Nothing;
    }
    let length = |(utterance, _): (&Utterance<'_>, &Heard)| utterance.text.len();
    let all: usize = earlier().map(length).sum();
    let mine: usize = earlier().filter(|(utterance, _)| is_mine(utterance)).map(length).sum();
    if mine * 100 > all * TALKS {
        Asks::Confirmation
    } else {
        Asks::Nothing
    }
}
