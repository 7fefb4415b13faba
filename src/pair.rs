//! Pairs user and agent turns in the order of the call. Every utterance that comes in leaves with a fate.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smallvec::smallvec;

use crate::judge::Verdict;
use crate::ledger::{Cause, Fate, Reason};
use crate::session::{Exchange, Places, Role, Session, Turn, Utterance};
use crate::text;

/// The agent spoke before the user said anything.
const LEADING_AGENT: Reason = Reason::new("pair", "leading_agent");
/// The agent spoke after someone else, not after the user.
const NO_REQUEST: Reason = Reason::new("pair", "no_request");
/// Nobody answered the user.
const UNANSWERED: Reason = Reason::new("pair", "unanswered");
/// The recipe wants no call that ends unanswered.
const UNANSWERED_SESSION: Reason = Reason::new("pair", "unanswered_session");
/// One of several answers that the recipe does not want.
const DOUBLE_ANSWER: Reason = Reason::new("pair", "double_answer");
/// The recipe wants no interrupted answer.
const INTERRUPTED: Reason = Reason::new("pair", "interrupted");
/// The user cut in before anything was heard.
const UNHEARD: Reason = Reason::new("pair", "unheard");

/// Stands in the agent's text where the user cut in, when the platform's `HistorySyncWithTTS` is on.
const INTERRUPTED_TAG: &str = "<ims_agent_interrupted>";

/// What to do with agent turns before the user's first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LeadingAgent {
    /// They go.
    #[default]
    Drop,
    /// They become part of the system message of samples that begin where the call begins.
    System,
}

/// What to do with a user turn that nobody answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unanswered {
    /// The turn goes.
    #[default]
    Drop,
    /// The whole call goes if it ends on such a turn.
    DropSession,
}

/// What to do when the agent speaks several times before the user does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DoubleAnswer {
    /// One turn of all of them.
    #[default]
    Merge,
    /// The first one is the answer.
    First,
    /// The last one is the answer.
    Last,
    /// The exchange goes.
    Drop,
}

/// What to do with an agent turn that holds the tag `<ims_agent_interrupted>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Interrupted {
    /// Cut at the tag, and read as context only: nobody should learn to stop in mid-sentence.
    #[default]
    Context,
    /// Cut at the tag, and learned from.
    Cut,
    /// The tag goes, the text on both sides of it stays and is learned from.
    Strip,
    /// The text stays as it is, tag and all.
    Keep,
    /// The exchange goes.
    Drop,
}

/// How turns become exchanges.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Pairing {
    /// Agent turns before the user's first.
    pub leading_agent: LeadingAgent,
    /// User turns that nobody answers.
    pub unanswered: Unanswered,
    /// Several agent utterances in a row.
    pub double_answer: DoubleAnswer,
    /// Agent turns with the tag `<ims_agent_interrupted>`.
    pub interrupted: Interrupted,
}

/// A session in exchanges.
#[derive(Debug)]
pub(crate) struct Paired<'a> {
    /// What the agent said first, where the recipe wants it in the system message.
    pub lead: Option<Turn<'a>>,
    /// In order.
    pub exchanges: Vec<Exchange<'a>>,
    /// One for every utterance of the session, in order.
    pub fates: Vec<Fate>,
}

/// Pairs the utterances that the judges let pass.
///
/// `verdicts` holds one verdict for every utterance of the session, in order.
#[must_use]
pub(crate) fn pair<'a>(pairing: &Pairing, session: &Session<'a>, verdicts: &[Verdict]) -> Paired<'a> {
    let utterances = &session.utterances;
    let mut pairer = Pairer {
        pairing,
        utterances,
        lead: None,
        exchanges: Vec::new(),
        fates: objections(utterances, verdicts),
    };
    let mut runs = runs(utterances, &pairer.fates).into_iter().peekable();
    let mut is_first = true;
    while let Some(run) = runs.next() {
        match run {
            Run::Boundary => {}
            Run::Agent(answer) if is_first && pairing.leading_agent == LeadingAgent::System => pairer.lead = pairer.turn(answer),
            Run::Agent(answer) => pairer.drop_all(&answer, &if is_first { LEADING_AGENT } else { NO_REQUEST }.plain()),
            Run::User(request) => match runs.next_if(|next| matches!(next, Run::Agent(_))) {
                Some(Run::Agent(answer)) => pairer.exchange(request, answer),
                _ => pairer.unanswered(&request, runs.peek().is_none()),
            },
        }
        is_first = false;
    }
    pairer.finish()
}

/// Consecutive utterances of one role.
enum Run {
    User(Places),
    Agent(Places),
    /// Someone else spoke: what stands on its two sides does not belong together.
    Boundary,
}

/// Takes over the judges' objections, but for those that fall because the speaker goes on at once.
fn objections(utterances: &[Utterance<'_>], verdicts: &[Verdict]) -> Vec<Fate> {
    let mut next: Option<&Role<'_>> = None;
    let mut fates: Vec<Fate> = utterances
        .iter()
        .zip(verdicts)
        .rev()
        .map(|(utterance, verdict)| {
            let continued = verdict.unless_continued && next == Some(&utterance.role);
            match &verdict.objection {
                Some(cause) if !continued => {
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

fn runs(utterances: &[Utterance<'_>], fates: &[Fate]) -> Vec<Run> {
    let mut runs = Vec::with_capacity(utterances.len());
    for (at, (utterance, fate)) in utterances.iter().zip(fates).enumerate() {
        let is_kept = *fate == Fate::Kept;
        match (&utterance.role, runs.last_mut()) {
            (Role::Other(_), _) if !utterance.text.is_empty() => runs.push(Run::Boundary),
            (Role::User, Some(Run::User(run))) | (Role::Agent, Some(Run::Agent(run))) if is_kept => run.push(at),
            (Role::User, _) if is_kept => runs.push(Run::User(smallvec![at])),
            (Role::Agent, _) if is_kept => runs.push(Run::Agent(smallvec![at])),
            _ => {}
        }
    }
    runs
}

struct Pairer<'p, 'a> {
    pairing: &'p Pairing,
    utterances: &'p [Utterance<'a>],
    lead: Option<Turn<'a>>,
    exchanges: Vec<Exchange<'a>>,
    fates: Vec<Fate>,
}

impl<'a> Pairer<'_, 'a> {
    fn exchange(&mut self, request: Places, mut answer: Places) {
        if answer.len() > 1 {
            let unwanted = match self.pairing.double_answer {
                DoubleAnswer::Merge => Places::new(),
                DoubleAnswer::First => answer.drain(1..).collect(),
                DoubleAnswer::Last => answer.drain(..answer.len() - 1).collect(),
                DoubleAnswer::Drop => {
                    self.drop_all(&request, &DOUBLE_ANSWER.plain());
                    self.drop_all(&answer, &DOUBLE_ANSWER.plain());
                    return;
                }
            };
            self.drop_all(&unwanted, &DOUBLE_ANSWER.plain());
        }
        let Some(agent) = self.turn(answer) else {
            self.drop_all(
                &request,
                &UNANSWERED.because("the answer was interrupted before anything was heard"),
            );
            return;
        };
        if agent.interrupted && self.pairing.interrupted == Interrupted::Drop {
            self.drop_all(&request, &INTERRUPTED.plain());
            self.drop_all(&agent.utterances, &INTERRUPTED.plain());
            return;
        }
        let learn = !(agent.interrupted && self.pairing.interrupted == Interrupted::Context);
        if let Some(user) = self.turn(request) {
            self.exchanges.push(Exchange { user, agent, learn });
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
                self.drop_all(&exchange.user.utterances, &cause);
                self.drop_all(&exchange.agent.utterances, &cause);
            }
        }
    }

    /// Merges a run into a turn; `None` when nothing of it was heard.
    fn turn(&mut self, run: Places) -> Option<Turn<'a>> {
        let mut turn: Option<Turn<'a>> = None;
        for at in run {
            let utterance = self.utterances.get(at)?;
            let (said, interrupted) = match utterance.role {
                Role::Agent => heard(self.pairing.interrupted, &utterance.text),
                _ => (utterance.text.clone(), false),
            };
            if text::is_blank(&said) {
                self.drop_all(&[at], &UNHEARD.plain());
                continue;
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
        Paired {
            lead: self.lead,
            exchanges: self.exchanges,
            fates: self.fates,
        }
    }
}

/// Returns what is left of an agent's text where the user cut in, and whether he did.
fn heard<'a>(policy: Interrupted, said: &Cow<'a, str>) -> (Cow<'a, str>, bool) {
    // The tag is rare, and so is its first character.
    let tagged = memchr::memchr(b'<', said.as_bytes()).and_then(|_| said.split_once(INTERRUPTED_TAG));
    let Some((before, _)) = tagged else {
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
