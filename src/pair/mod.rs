//! Pairs user and agent turns in the order of the call. Every utterance that comes in leaves with a fate.
//!
//! In four steps: which utterances speak (`spoken`, `recognition`), who spoke in a row (runs), whom they answered
//! (`speaking`), and what becomes an exchange (`exchanges`).

mod exchanges;
mod policy;
mod recognition;
mod speaking;
mod spoken;

use smallvec::smallvec;

pub(crate) use policy::Pairing;
pub(crate) use recognition::collapse;
pub(crate) use spoken::unheard;

use crate::judge::{Listener, Verdict};
use crate::ledger::Fate;
use crate::session::{Exchange, Perspective, Places, Role, Session, Turn, Utterance};
use exchanges::Pairer;
use speaking::Speech;

/// Stands in the agent's text where the user cut in, when the platform's `HistorySyncWithTTS` is on.
const INTERRUPTED_TAG: &str = "<ims_agent_interrupted>";

/// Something to know of an utterance, by its place, beside its fate.
pub(crate) type Note = (usize, Box<str>);

/// A session in exchanges.
#[derive(Debug)]
pub(crate) struct Paired<'a> {
    /// What the agent said first, where the recipe wants it in the system message.
    pub lead: Option<Turn<'a>>,
    /// In order.
    pub exchanges: Vec<Exchange<'a>>,
    /// One for every utterance of the session, in order.
    pub fates: Vec<Fate>,
    /// What was inferred of utterances that stay; few, in order.
    pub notes: Vec<Note>,
}

/// Pairs the utterances that the judges let pass.
///
/// `verdicts` holds one verdict for every utterance of the session, in order.
#[must_use]
pub(crate) fn pair<'a>(
    pairing: &Pairing,
    perspective: Perspective,
    listener: Listener<'_>,
    session: &Session<'a>,
    verdicts: &[Verdict],
) -> Paired<'a> {
    let utterances = &session.utterances;
    let speech = Speech::new(listener, utterances);
    let mut fates = spoken::spoken(pairing, &speech, utterances, verdicts);
    collapse(pairing, listener.lexicon, utterances, &mut fates);
    let mut runs = runs(utterances, &fates);
    let mut cuts = Vec::new();
    if pairing.infer {
        runs = speech.untangle(runs, &mut cuts);
        speech.cuts(&runs, &mut cuts);
    }
    Pairer::new(pairing, perspective, session, &speech, fates, cuts).pair(runs)
}

/// Consecutive utterances of one role.
enum Run {
    User(Places),
    Agent(Places),
    /// Someone else spoke: what stands on its two sides does not belong together.
    Boundary,
}

fn runs(utterances: &[Utterance<'_>], fates: &[Fate]) -> Vec<Run> {
    let mut runs = Vec::with_capacity(utterances.len());
    for (at, (utterance, fate)) in utterances.iter().zip(fates).enumerate() {
        let is_kept = *fate == Fate::Kept;
        match (&utterance.role, runs.last_mut()) {
            _ if utterance.divides() => runs.push(Run::Boundary),
            (Role::User, Some(Run::User(run))) | (Role::Agent, Some(Run::Agent(run))) if is_kept => run.push(at),
            (Role::User, _) if is_kept => runs.push(Run::User(smallvec![at])),
            (Role::Agent, _) if is_kept => runs.push(Run::Agent(smallvec![at])),
            _ => {}
        }
    }
    runs
}

/// Whether the platform says that the user cut in on an utterance of the agent.
fn is_tagged(said: &str) -> bool {
    // The tag is rare, and so is its first character.
    memchr::memchr(b'<', said.as_bytes()).is_some_and(|_| said.contains(INTERRUPTED_TAG))
}

/// Returns what was heard of an utterance of the agent, as far as the platform says so.
pub(crate) fn before_tag(said: &str) -> &str {
    said.split(INTERRUPTED_TAG).next().map_or("", str::trim_end)
}

/// Writes milliseconds as seconds for people.
fn seconds(milliseconds: i64) -> String {
    format!("{}.{} s", milliseconds / 1000, milliseconds.abs() % 1000 / 100)
}
