//! Composes samples for models that detect the end of a turn: what the user has said so far, and whether that was all.
//!
//! The four states are those of the open detectors (TEN Turn Detection, Easy-Turn): `complete`, `incomplete`,
//! `backchannel` and `wait`. What the user says is joined as he goes on, and each piece of which is known what follows
//! gives a sample. A complete sentence that its speaker continues is neither: it is only part of the next one.

use super::Context;
use crate::judge::{Label, Lexicon, Verdict};
use crate::ledger::{Fate, Reason};
use crate::pair::{self, Pairing};
use crate::sample::{Message, Sample, Speaker};
use crate::session::{Places, Role, Session, Utterance};
use crate::text;

/// No sample shows it: what the agent says without context, and the beginning of a turn in very many pieces.
const NOT_SHOWN: Reason = Reason::new("compose", "not_shown");

/// Composes the samples of one session, and returns a fate for each of its utterances.
#[must_use]
pub(crate) fn turn_ends<'a>(
    context: Context,
    system: Option<&'a str>,
    pairing: &Pairing,
    lexicon: &Lexicon,
    session: &Session<'a>,
    verdicts: &[Verdict],
) -> (Vec<Sample<'a>>, Vec<Fate>) {
    let utterances = session.utterances.as_slice();
    let mut ends = TurnEnds {
        context,
        system,
        utterances,
        turns: Vec::new(),
        is_divided: false,
        samples: Vec::new(),
        fates: utterances
            .iter()
            .zip(verdicts)
            .map(|(said, verdict)| fate(pairing, said, verdict))
            .collect(),
    };
    pair::collapse(pairing, lexicon, utterances, &mut ends.fates);
    let next = next_speakers(utterances, verdicts, &ends.fates);
    for ((at, (utterance, verdict)), next) in utterances.iter().zip(verdicts).enumerate().zip(next) {
        if ends.fates.get(at) != Some(&Fate::Kept) {
            ends.is_divided |= utterance.divides();
            continue;
        }
        match utterance.role {
            Role::User if verdict.label == Label::Backchannel => ends.aside(at, "backchannel"),
            Role::User if verdict.waits => ends.aside(at, "wait"),
            Role::User => {
                ends.speak(Speaker::User, at);
                let is_given_up = matches!(verdict.label, Label::Filler | Label::Fragment);
                if is_given_up {
                    ends.sample(utterance.begin, "incomplete");
                } else if next == Some(&Role::User) {
                    ends.set(at, Fate::Merged);
                } else {
                    ends.sample(utterance.begin, "complete");
                }
            }
            Role::Agent => ends.speak(Speaker::Assistant, at),
            Role::Other(_) => {}
        }
    }
    ends.finish()
}

/// What becomes of an utterance before any sample is made. What is learned here is no objection.
fn fate(pairing: &Pairing, utterance: &Utterance<'_>, verdict: &Verdict) -> Fate {
    let is_data = matches!(verdict.label, Label::Filler | Label::Backchannel | Label::Fragment);
    let objection = verdict.objection.as_ref().filter(|_| !is_data);
    let unheard = pair::unheard(pairing.interrupted, utterance);
    unheard.or_else(|| objection.cloned()).map_or(Fate::Kept, Fate::Dropped)
}

/// For each utterance who speaks next, listeners and commands to wait left out.
fn next_speakers<'s, 'a>(utterances: &'s [Utterance<'a>], verdicts: &[Verdict], fates: &[Fate]) -> Vec<Option<&'s Role<'a>>> {
    let mut next = None;
    let mut speakers: Vec<_> = utterances
        .iter()
        .zip(verdicts)
        .zip(fates)
        .rev()
        .map(|((utterance, verdict), fate)| {
            let later = next;
            let speaks = *fate == Fate::Kept && verdict.label != Label::Backchannel && !verdict.waits;
            if speaks || utterance.divides() {
                next = Some(&utterance.role);
            }
            later
        })
        .collect();
    speakers.reverse();
    speakers
}

/// So many of the last pieces of a turn are shown: a user who hesitates without end would fill samples without end.
const PIECES: usize = 16;

/// What one side has said until the other spoke, by the places of its pieces.
struct Said {
    speaker: Speaker,
    pieces: Vec<usize>,
}

impl Said {
    fn last(&self) -> &[usize] {
        let from = self.pieces.len().saturating_sub(PIECES);
        self.pieces.get(from..).unwrap_or_default()
    }
}

struct TurnEnds<'s, 'a> {
    context: Context,
    system: Option<&'a str>,
    utterances: &'s [Utterance<'a>],
    turns: Vec<Said>,
    /// A third party spoke: whoever speaks next begins a turn.
    is_divided: bool,
    samples: Vec<Sample<'a>>,
    fates: Vec<Fate>,
}

impl<'a> TurnEnds<'_, 'a> {
    fn set(&mut self, at: usize, fate: Fate) {
        if let Some(slot) = self.fates.get_mut(at) {
            *slot = fate;
        }
    }

    /// Adds to what a side says.
    fn speak(&mut self, speaker: Speaker, at: usize) {
        let is_divided = std::mem::take(&mut self.is_divided);
        match self.turns.last_mut().filter(|turn| turn.speaker == speaker && !is_divided) {
            Some(turn) => turn.pieces.push(at),
            None => self.turns.push(Said {
                speaker,
                pieces: vec![at],
            }),
        }
    }

    /// Makes a sample of what the user has said so far.
    fn sample(&mut self, begin: Option<i64>, state: &'static str) {
        let Some((own, earlier)) = self.turns.split_last() else {
            return;
        };
        let sample = self.compose(begin, own.last(), earlier, state);
        self.samples.push(sample);
    }

    /// Makes a sample of something said beside the conversation, to which it does not belong.
    fn aside(&mut self, at: usize, state: &'static str) {
        let begin = self.utterances.get(at).and_then(|utterance| utterance.begin);
        let sample = self.compose(begin, &[at], &self.turns, state);
        self.samples.push(sample);
    }

    /// Appends what was said in several pieces.
    fn join(&self, pieces: &[usize], text: &mut String) {
        let mut joined = String::new();
        for said in pieces.iter().filter_map(|&at| self.utterances.get(at)) {
            // The tag stands in what the agent says; a user who spells it out says it.
            let is_agent = said.role == Role::Agent;
            text::join(&mut joined, if is_agent { pair::before_tag(&said.text) } else { &said.text });
        }
        text.push_str(&joined);
    }

    fn compose(&self, begin: Option<i64>, own: &[usize], earlier: &[Said], state: &'static str) -> Sample<'a> {
        let most = match self.context {
            Context::All => earlier.len(),
            Context::Exchanges(count) => (count as usize).saturating_mul(2),
        };
        let earlier = earlier.get(earlier.len().saturating_sub(most)..).unwrap_or_default();
        let mut utterances = Places::new();
        let mut text = String::new();
        for turn in earlier {
            utterances.extend_from_slice(turn.last());
            text.push_str(turn.speaker.word());
            text.push_str(": ");
            self.join(turn.last(), &mut text);
            text.push('\n');
        }
        let context = utterances.len();
        utterances.extend_from_slice(own);
        if !earlier.is_empty() {
            text.push_str("user: ");
        }
        self.join(own, &mut text);
        let message = |role, content, learn| Message { role, content, learn };
        let instructions = self.system.map(|system| message(Speaker::System, system.into(), false));
        let exchange = [
            message(Speaker::User, text.into(), false),
            message(Speaker::Assistant, state.into(), true),
        ];
        Sample {
            number: u32::try_from(self.samples.len() + 1).unwrap_or(u32::MAX),
            messages: instructions.into_iter().chain(exchange).collect(),
            begin,
            exchanges: 1,
            merged: u32::try_from(own.len() - 1).unwrap_or(u32::MAX),
            utterances,
            context,
            ..Sample::default()
        }
    }

    fn finish(mut self) -> (Vec<Sample<'a>>, Vec<Fate>) {
        let mut is_shown = vec![false; self.fates.len()];
        for at in self.samples.iter().flat_map(|sample| &sample.utterances) {
            if let Some(shown) = is_shown.get_mut(*at) {
                *shown = true;
            }
        }
        for (fate, is_shown) in self.fates.iter_mut().zip(is_shown) {
            if !is_shown && matches!(fate, Fate::Kept | Fate::Merged) {
                *fate = Fate::Dropped(NOT_SHOWN.plain());
            }
        }
        (self.samples, self.fates)
    }
}
