//! Says which utterances speak: takes over the judges' objections, but for those that fall because of what follows.

use super::policy::{Interrupted, Pairing};
use super::speaking::Speech;
use super::{before_tag, is_tagged};
use crate::judge::{Label, Unless, Verdict};
use crate::ledger::{Cause, Fate, Reason};
use crate::session::{Role, Utterance};
use crate::text;

/// The agent answered a request that was not finished, was cut, and the user went on.
const EARLY_REPLY: Reason = Reason::new("pair", "early_reply");
/// The user cut in before anything was heard.
const UNHEARD: Reason = Reason::new("pair", "unheard");

/// Returns why nothing was heard of an utterance of the agent, if that is so.
pub(crate) fn unheard(policy: Interrupted, utterance: &Utterance<'_>) -> Option<Cause> {
    let said = &utterance.text;
    if utterance.role != Role::Agent || !is_tagged(said) {
        return None;
    }
    let is_unheard = match policy {
        Interrupted::Keep => false,
        Interrupted::Strip => said.split(super::INTERRUPTED_TAG).all(text::is_blank),
        Interrupted::Context | Interrupted::Cut | Interrupted::Drop => text::is_blank(before_tag(said)),
    };
    is_unheard.then(|| UNHEARD.plain())
}

/// Looks at the utterances of a call from the last to the first, since what follows decides.
struct Spoken<'s, 'a> {
    pairing: &'s Pairing,
    speech: &'s Speech<'s, 'a>,
    utterances: &'s [Utterance<'a>],
    fates: Vec<Fate>,
    /// The places of what speaks so far, and of third parties, who divide what stands on their two sides; the next one last.
    later: Vec<usize>,
}

/// Returns a fate for every utterance: kept, or dropped because of what was heard in it.
pub(super) fn spoken(
    pairing: &Pairing,
    speech: &Speech<'_, '_>,
    utterances: &[Utterance<'_>],
    verdicts: &[Verdict],
) -> Vec<Fate> {
    let before = before(utterances, verdicts);
    let mut spoken = Spoken {
        pairing,
        speech,
        utterances,
        fates: vec![Fate::Kept; utterances.len()],
        later: Vec::with_capacity(utterances.len()),
    };
    let all = utterances.iter().zip(verdicts).zip(before).enumerate();
    for (at, ((utterance, verdict), before)) in all.rev() {
        let objection = unheard(pairing.interrupted, utterance).or_else(|| verdict.objection.clone());
        let stays = match objection {
            None => {
                spoken.drop_early_reply(verdict, at);
                true
            }
            Some(_) if spoken.falls(verdict, at, before) => true,
            Some(cause) => {
                spoken.set(at, Fate::Dropped(cause));
                false
            }
        };
        if stays || utterance.divides() {
            spoken.later.push(at);
        }
    }
    spoken.fates
}

/// For each utterance the place of the last one before it that nobody objects to.
fn before(utterances: &[Utterance<'_>], verdicts: &[Verdict]) -> Vec<Option<usize>> {
    let mut last = None;
    let mut before = Vec::with_capacity(utterances.len());
    for (at, verdict) in verdicts.iter().enumerate() {
        before.push(last);
        if verdict.objection.is_none() {
            last = Some(at);
        }
    }
    before
}

impl Spoken<'_, '_> {
    fn role(&self, at: usize) -> Option<&Role<'_>> {
        self.utterances.get(at).map(|said| &said.role)
    }

    fn set(&mut self, at: usize, fate: Fate) {
        if let Some(slot) = self.fates.get_mut(at) {
            *slot = fate;
        }
    }

    /// Whether an objection falls: the same speaker goes on, or the other side answered all the same.
    fn falls(&mut self, verdict: &Verdict, at: usize, before: Option<usize>) -> bool {
        let Some(&next) = self.later.last().filter(|_| verdict.unless != Unless::Never) else {
            return false;
        };
        if self.role(next) == self.role(at) || self.drop_early_reply(verdict, at) {
            return true;
        }
        let is_answered = self.role(at) == Some(&Role::User) && self.role(next) == Some(&Role::Agent);
        // Or the agent only goes on with what it was saying.
        let is_overheard = |before: usize| self.role(before) == Some(&Role::Agent) && self.speech.breaks_off(before);
        let goes_on = self.pairing.infer && before.is_some_and(is_overheard);
        verdict.unless == Unless::Answered && is_answered && !goes_on
    }

    /// Drops the agent's reply to a sentence that was given up, if the reply was cut because the user went on: it did not
    /// answer what the user had to say. Returns whether it did.
    fn drop_early_reply(&mut self, verdict: &Verdict, at: usize) -> bool {
        let is_given_up = verdict.label == Label::Fragment && verdict.unless != Unless::Never;
        if !self.pairing.infer || !is_given_up || self.role(at) != Some(&Role::User) {
            return false;
        }
        let [.., after, reply] = *self.later.as_slice() else {
            return false;
        };
        if self.role(reply) != Some(&Role::Agent) || self.role(after) != Some(&Role::User) {
            return false;
        }
        let Some(evidence) = self.speech.is_early(at, reply, after) else {
            return false;
        };
        self.set(reply, Fate::Dropped(EARLY_REPLY.because(evidence)));
        self.later.pop();
        true
    }
}
