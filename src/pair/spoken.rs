//! Says which utterances speak: takes over the judges' objections, but for those that fall because of what follows.

use super::policy::Pairing;
use super::speaking::Speech;
use crate::judge::{Label, Unless, Verdict};
use crate::ledger::{Fate, Reason};
use crate::session::{Role, Utterance};

/// The agent answered a request that was not finished, was cut, and the user went on.
const EARLY_REPLY: Reason = Reason::new("pair", "early_reply");

/// Returns a fate for every utterance: kept, or dropped because of what was heard in it.
pub(super) fn spoken(
    pairing: &Pairing,
    speech: &Speech<'_, '_>,
    utterances: &[Utterance<'_>],
    verdicts: &[Verdict],
) -> Vec<Fate> {
    let mut fates = objections(utterances, verdicts);
    for (at, verdict) in verdicts.iter().enumerate() {
        let is_user = utterances.get(at).is_some_and(|said| said.role == Role::User);
        if is_user && verdict.label == Label::Fragment && verdict.unless != Unless::Never {
            reconsider(pairing, speech, utterances, verdict, at, &mut fates);
        }
    }
    fates
}

/// Takes over what the judges object to, but for what the same speaker continues at once.
fn objections(utterances: &[Utterance<'_>], verdicts: &[Verdict]) -> Vec<Fate> {
    let mut next: Option<&Role<'_>> = None;
    let mut fates: Vec<Fate> = utterances
        .iter()
        .zip(verdicts)
        .rev()
        .map(|(utterance, verdict)| {
            let is_continued = verdict.unless != Unless::Never && next == Some(&utterance.role);
            match &verdict.objection {
                Some(cause) if !is_continued => {
                    if matches!(utterance.role, Role::Other(_)) {
                        next = None;
                    }
                    Fate::Dropped(cause.clone())
                }
                _ => {
                    next = Some(&utterance.role);
                    Fate::Kept
                }
            }
        })
        .collect();
    fates.reverse();
    fates
}

/// Looks at what the agent replied to a sentence that was given up: a reply that was cut because the user went on did
/// not answer it, and goes in its place; a reply that came to its end did.
fn reconsider(
    pairing: &Pairing,
    speech: &Speech<'_, '_>,
    utterances: &[Utterance<'_>],
    verdict: &Verdict,
    at: usize,
    fates: &mut [Fate],
) {
    let role = |at: usize| utterances.get(at).map(|said| &said.role);
    let speaks = |at: &usize| fates.get(*at) == Some(&Fate::Kept) || matches!(role(*at), Some(Role::Other(_)));
    let mut later = (at + 1..utterances.len()).filter(speaks);
    let Some(reply) = later.next().filter(|&reply| role(reply) == Some(&Role::Agent)) else {
        return;
    };
    let after = later.next().filter(|&after| role(after) == Some(&Role::User));
    let early = after
        .filter(|_| pairing.infer)
        .and_then(|after| speech.is_early(at, reply, after));
    // The agent only went on with what it was saying.
    let is_overheard = || {
        let before = (0..at).rev().find(speaks);
        before.is_some_and(|before| role(before) == Some(&Role::Agent) && speech.breaks_off(before))
    };
    let is_answered = early.is_some() || verdict.unless == Unless::Answered && !is_overheard();
    if let Some(evidence) = early
        && let Some(fate) = fates.get_mut(reply)
    {
        *fate = Fate::Dropped(EARLY_REPLY.because(evidence));
    }
    if is_answered && let Some(fate) = fates.get_mut(at) {
        *fate = Fate::Kept;
    }
}
