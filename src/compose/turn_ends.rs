//! Composes samples for models that detect the end of a turn: what the user has said so far, and whether that was all.
//!
//! The four states are those of the open detectors (TEN Turn Detection, Easy-Turn): `complete`, `incomplete`,
//! `backchannel` and `wait`. What the user says is joined as he goes on, and each piece of which is known what follows
//! gives a sample. A complete sentence that its speaker continues is neither: it is only part of the next one.

use super::Context;
use crate::judge::{Label, Verdict};
use crate::ledger::{Fate, Reason};
use crate::pair;
use crate::sample::{Message, Sample, Speaker};
use crate::session::{Places, Role, Session, Utterance};
use crate::text;

/// What the agent says is no turn of the user, and no sample shows it as context.
const NOT_USER: Reason = Reason::new("compose", "not_user");

/// Composes the samples of one session, and returns a fate for each of its utterances.
#[must_use]
pub(crate) fn turn_ends<'a>(
    context: Context,
    system: Option<&'a str>,
    session: &Session<'a>,
    verdicts: &[Verdict],
) -> (Vec<Sample<'a>>, Vec<Fate>) {
    let mut ends = TurnEnds {
        context,
        system,
        turns: Vec::new(),
        samples: Vec::new(),
        fates: vec![Fate::Kept; session.utterances.len()],
    };
    for (at, (utterance, verdict)) in session.utterances.iter().zip(verdicts).enumerate() {
        let is_data = matches!(verdict.label, Label::Filler | Label::Backchannel | Label::Fragment);
        if let Some(cause) = verdict.objection.as_ref().filter(|_| !is_data) {
            ends.set(at, Fate::Dropped(cause.clone()));
            continue;
        }
        match utterance.role {
            Role::User if verdict.label == Label::Backchannel => ends.aside(at, utterance, "backchannel"),
            Role::User if verdict.waits => ends.aside(at, utterance, "wait"),
            Role::User => {
                ends.speak(Speaker::User, at, utterance);
                let is_given_up = matches!(verdict.label, Label::Filler | Label::Fragment);
                if is_given_up {
                    ends.sample(utterance.begin, "incomplete");
                } else if !goes_on(session, verdicts, at) {
                    ends.sample(utterance.begin, "complete");
                } else {
                    ends.set(at, Fate::Merged);
                }
            }
            Role::Agent => ends.speak(Speaker::Assistant, at, utterance),
            Role::Other(_) => {}
        }
    }
    ends.finish()
}

/// Whether the user says more before the agent speaks.
fn goes_on(session: &Session<'_>, verdicts: &[Verdict], at: usize) -> bool {
    let mut later = session.utterances.iter().zip(verdicts).skip(at + 1);
    let speaks = |(utterance, verdict): &(&Utterance<'_>, &Verdict)| {
        let is_data = matches!(verdict.label, Label::Filler | Label::Fragment);
        verdict.label != Label::Backchannel
            && !verdict.waits
            && (is_data || verdict.objection.is_none())
            && !text::is_blank(&utterance.text)
    };
    later.find(speaks).is_some_and(|(next, _)| next.role == Role::User)
}

/// What one side has said until the other spoke.
struct Said {
    speaker: Speaker,
    text: String,
    utterances: Places,
}

struct TurnEnds<'a> {
    context: Context,
    system: Option<&'a str>,
    turns: Vec<Said>,
    samples: Vec<Sample<'a>>,
    fates: Vec<Fate>,
}

impl<'a> TurnEnds<'a> {
    fn set(&mut self, at: usize, fate: Fate) {
        if let Some(slot) = self.fates.get_mut(at) {
            *slot = fate;
        }
    }

    /// Adds to what a side says.
    fn speak(&mut self, speaker: Speaker, at: usize, utterance: &Utterance<'_>) {
        let said = pair::before_tag(&utterance.text);
        match self.turns.last_mut().filter(|turn| turn.speaker == speaker) {
            Some(turn) => {
                text::join(&mut turn.text, said);
                turn.utterances.push(at);
            }
            None => self.turns.push(Said {
                speaker,
                text: said.to_owned(),
                utterances: Places::from_slice(&[at]),
            }),
        }
    }

    /// Makes a sample of what the user has said so far.
    fn sample(&mut self, begin: Option<i64>, state: &'static str) {
        let Some((own, earlier)) = self.turns.split_last() else {
            return;
        };
        let sample = self.compose(begin, &own.text, &own.utterances, earlier, state);
        self.samples.push(sample);
    }

    /// Makes a sample of something said beside the conversation, to which it does not belong.
    fn aside(&mut self, at: usize, utterance: &Utterance<'_>, state: &'static str) {
        let sample = self.compose(utterance.begin, &utterance.text, &[at], &self.turns, state);
        self.samples.push(sample);
    }

    fn compose(&self, begin: Option<i64>, said: &str, own: &[usize], earlier: &[Said], state: &'static str) -> Sample<'a> {
        let most = match self.context {
            Context::All => earlier.len(),
            Context::Exchanges(count) => (count as usize).saturating_mul(2),
        };
        let earlier = earlier.get(earlier.len().saturating_sub(most)..).unwrap_or_default();
        let mut utterances = Places::new();
        let mut text = String::new();
        for turn in earlier {
            utterances.extend_from_slice(&turn.utterances);
            for part in [turn.speaker.word(), ": ", &turn.text, "\n"] {
                text.push_str(part);
            }
        }
        let context = utterances.len();
        utterances.extend_from_slice(own);
        if !earlier.is_empty() {
            text.push_str("user: ");
        }
        text.push_str(said);
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
            interrupted: false,
            utterances,
            context,
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
                *fate = Fate::Dropped(NOT_USER.plain());
            }
        }
        (self.samples, self.fates)
    }
}
