//! Makes exchanges of runs: a request, and the answer that follows it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::iter::Peekable;

use smallvec::smallvec;

use super::policy::{DoubleAnswer, Interrupted, LeadingAgent, Pairing, Unanswered};
use super::speaking::Speech;
use super::{INTERRUPTED_TAG, Note, Paired, Run, is_tagged, seconds};
use crate::ledger::{Cause, Fate, Reason};
use crate::session::{Exchange, Perspective, Places, Role, Session, Turn};
use crate::text;

/// The agent spoke before the user said anything.
const LEADING_AGENT: Reason = Reason::new("pair", "leading_agent");
/// The user, from whom is learned, spoke before the agent said anything.
const LEADING_USER: Reason = Reason::new("pair", "leading_user");
/// The side that answers spoke after someone else, not after the other side.
const NO_REQUEST: Reason = Reason::new("pair", "no_request");
/// Nobody answered the user.
const UNANSWERED: Reason = Reason::new("pair", "unanswered");
/// The recipe wants no call that ends unanswered.
const UNANSWERED_SESSION: Reason = Reason::new("pair", "unanswered_session");
/// One of several answers that the recipe does not want.
const DOUBLE_ANSWER: Reason = Reason::new("pair", "double_answer");
/// A second answer that came so late that it answers nobody.
const LATE_ANSWER: Reason = Reason::new("pair", "late_answer");
/// The recipe wants no interrupted answer.
const INTERRUPTED: Reason = Reason::new("pair", "interrupted");

/// Makes the exchanges of one call, and knows what has become of each utterance so far.
pub(super) struct Pairer<'p, 'a> {
    pairing: &'p Pairing,
    perspective: Perspective,
    session: &'p Session<'a>,
    speech: &'p Speech<'p, 'a>,
    lead: Option<Turn<'a>>,
    exchanges: Vec<Exchange<'a>>,
    fates: Vec<Fate>,
    /// The utterances of the agent that were inferred to be cut.
    cuts: BTreeMap<usize, Box<str>>,
    /// What else there is to know.
    notes: Vec<Note>,
}

/// A run of the side that is asked for something, or of the side that answers.
enum Part {
    Request(Places),
    Answer(Places),
    Boundary,
}

impl<'p, 'a> Pairer<'p, 'a> {
    pub(super) fn new(
        pairing: &'p Pairing,
        perspective: Perspective,
        session: &'p Session<'a>,
        speech: &'p Speech<'p, 'a>,
        fates: Vec<Fate>,
        cuts: Vec<Note>,
    ) -> Self {
        Self {
            pairing,
            perspective,
            session,
            speech,
            lead: None,
            exchanges: Vec::new(),
            fates,
            cuts: cuts.into_iter().collect(),
            notes: Vec::new(),
        }
    }

    /// Gives each run to an exchange, or says why it is in none.
    pub(super) fn pair(mut self, runs: Vec<Run>) -> Paired<'a> {
        let perspective = self.perspective;
        let part = |run| match (run, perspective) {
            (Run::User(run), Perspective::Agent) | (Run::Agent(run), Perspective::User) => Part::Request(run),
            (Run::Agent(run), Perspective::Agent) | (Run::User(run), Perspective::User) => Part::Answer(run),
            (Run::Boundary, _) => Part::Boundary,
        };
        let mut parts = runs.into_iter().map(part).peekable();
        let mut is_first = true;
        while let Some(part) = parts.next() {
            match part {
                Part::Boundary => {}
                Part::Answer(answer) => self.unasked(answer, is_first),
                Part::Request(request) => self.request(request, &mut parts),
            }
            is_first = false;
        }
        self.finish()
    }

    fn unasked(&mut self, answer: Places, is_first: bool) {
        match (is_first, self.perspective) {
            (true, Perspective::Agent) if self.pairing.leading_agent == LeadingAgent::System => self.lead = self.turn(answer),
            (true, Perspective::Agent) => self.drop_all(&answer, &LEADING_AGENT.plain()),
            (true, Perspective::User) => self.drop_all(&answer, &LEADING_USER.plain()),
            (false, _) => self.drop_all(&answer, &NO_REQUEST.plain()),
        }
    }

    fn request(&mut self, request: Places, parts: &mut Peekable<impl Iterator<Item = Part>>) {
        match parts.next_if(|next| matches!(next, Part::Answer(_))) {
            Some(Part::Answer(answer)) => self.exchange(request, answer),
            _ => self.unanswered(&request, parts.peek().is_none()),
        }
    }

    fn exchange(&mut self, request: Places, mut answer: Places) {
        // What the user says in a row is one turn, whichever side is learned.
        if answer.len() > 1 && self.perspective == Perspective::Agent {
            self.drop_late(&mut answer);
            let unwanted = match self.pairing.double_answer {
                DoubleAnswer::First => answer.drain(1..).collect(),
                DoubleAnswer::Last => answer.drain(..answer.len() - 1).collect(),
                DoubleAnswer::Drop if answer.len() > 1 => {
                    self.drop_all(&request, &DOUBLE_ANSWER.plain());
                    self.drop_all(&answer, &DOUBLE_ANSWER.plain());
                    return;
                }
                DoubleAnswer::Merge | DoubleAnswer::Drop => Places::new(),
            };
            self.drop_all(&unwanted, &DOUBLE_ANSWER.plain());
        }
        let (Some(request), Some(answer)) = (self.turn(request), self.turn(answer)) else {
            return;
        };
        let is_cut = request.interrupted || answer.interrupted;
        if is_cut && self.pairing.interrupted == Interrupted::Drop {
            self.drop_all(&request.utterances, &INTERRUPTED.plain());
            self.drop_all(&answer.utterances, &INTERRUPTED.plain());
            return;
        }
        // A user who cuts in is no less worth learning from.
        let learn = !(answer.interrupted && self.pairing.interrupted == Interrupted::Context);
        self.exchanges.push(Exchange { request, answer, learn });
    }

    /// Drops what the agent says long after its answer, unless the answer asked to wait: "Are you still there?"
    fn drop_late(&mut self, answer: &mut Places) {
        #[expect(clippy::cast_possible_truncation, reason = "a float becomes the nearest number")]
        let most = (self.pairing.double_answer_seconds * 1000.0) as i64;
        let late = answer.windows(2).zip(1..).find_map(|(pair, at)| match pair {
            [first, second] => {
                let silence = self.speech.is_late(*first, *second, most)?;
                (!self.speech.asks_to_wait(*first)).then_some((at, silence))
            }
            _ => None,
        });
        if let Some((at, silence)) = late {
            let late: Places = answer.drain(at..).collect();
            let evidence = format!("at least {} of silence before it", seconds(silence));
            self.drop_all(&late, &LATE_ANSWER.because(evidence));
        }
    }

    fn unanswered(&mut self, request: &[usize], is_last: bool) {
        self.drop_all(request, &UNANSWERED.plain());
        if is_last && self.pairing.unanswered == Unanswered::DropSession {
            let cause = UNANSWERED_SESSION.plain();
            if let Some(turn) = self.lead.take() {
                self.drop_all(&turn.utterances, &cause);
            }
            for exchange in std::mem::take(&mut self.exchanges) {
                self.drop_all(&exchange.request.utterances, &cause);
                self.drop_all(&exchange.answer.utterances, &cause);
            }
        }
    }

    /// Merges a run into a turn; `None` where the run is empty.
    fn turn(&mut self, run: Places) -> Option<Turn<'a>> {
        let mut turn: Option<Turn<'a>> = None;
        for at in run {
            let utterance = self.session.utterances.get(at)?;
            let (said, mut interrupted) = match utterance.role {
                Role::Agent => heard(self.pairing.interrupted, &utterance.text),
                _ => (utterance.text.clone(), false),
            };
            if let Some(evidence) = self.cuts.remove(&at) {
                interrupted = true;
                self.notes.push((at, evidence));
            }
            if let Some(turn) = &mut turn {
                text::join(turn.text.to_mut(), &said);
                turn.interrupted |= interrupted;
                turn.utterances.push(at);
                self.set(at, Fate::Merged);
            } else {
                turn = Some(Turn {
                    text: said,
                    utterances: smallvec![at],
                    begin: utterance.begin,
                    interrupted,
                });
            }
        }
        turn
    }

    fn drop_all(&mut self, run: &[usize], cause: &Cause) {
        for &at in run {
            self.set(at, Fate::Dropped(cause.clone()));
        }
    }

    fn set(&mut self, at: usize, fate: Fate) {
        if let Some(slot) = self.fates.get_mut(at) {
            *slot = fate;
        }
    }

    fn finish(mut self) -> Paired<'a> {
        if self.exchanges.is_empty()
            && let Some(lead) = self.lead.take()
        {
            self.drop_all(&lead.utterances, &LEADING_AGENT.plain());
        }
        self.notes.sort();
        Paired {
            lead: self.lead,
            exchanges: self.exchanges,
            fates: self.fates,
            notes: self.notes,
        }
    }
}

/// Returns what is left of an agent's text where the user cut in, and whether he did.
fn heard<'a>(policy: Interrupted, said: &Cow<'a, str>) -> (Cow<'a, str>, bool) {
    let Some((before, _)) = is_tagged(said).then(|| said.split_once(INTERRUPTED_TAG)).flatten() else {
        return (said.clone(), false);
    };
    let left = match policy {
        Interrupted::Keep => said.clone(),
        Interrupted::Context | Interrupted::Cut | Interrupted::Drop => Cow::Owned(text::trim(before).to_owned()),
        Interrupted::Strip => {
            let mut whole = String::with_capacity(said.len());
            for part in said.split(INTERRUPTED_TAG).map(text::trim).filter(|part| !part.is_empty()) {
                text::join(&mut whole, part);
            }
            Cow::Owned(whole)
        }
    };
    (left, true)
}
