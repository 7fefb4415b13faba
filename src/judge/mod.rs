//! Judges of utterances: what is heard in each one, and whether the recipe wants it.
//!
//! A judge borrows what it judges. The first judge that objects decides; a later one is not asked.

mod blank;
mod disfluency;
mod greeting;
mod kind;
mod lexicon;
mod role;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) use lexicon::Lexicon;

use crate::ledger::Cause;
use crate::session::{Role, Session, Utterance};

/// What is heard in an utterance, whatever becomes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Label {
    /// Something is said.
    #[default]
    Keep,
    /// Hesitation without a word that means anything: "um", "那个……".
    Filler,
    /// A listener's signal that answers nothing: "uh-huh" while the other goes on.
    Backchannel,
    /// The beginning of something that is not said: "I...".
    Fragment,
    /// A greeting and nothing else.
    Greeting,
    /// Nothing that can be read.
    Noise,
}

impl Label {
    /// Returns the word used in the ledger's column `label`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Filler => "filler",
            Self::Backchannel => "backchannel",
            Self::Fragment => "fragment",
            Self::Greeting => "greeting",
            Self::Noise => "noise",
        }
    }
}

/// What the judges say of one utterance.
#[derive(Debug, Clone, Default)]
pub(crate) struct Verdict {
    /// What was heard.
    pub label: Label,
    /// Why it should go, if it should.
    pub objection: Option<Cause>,
    /// The objection falls when the same speaker goes on at once: a cut sentence and its continuation.
    pub unless_continued: bool,
}

/// What to do with utterances of one label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Policy {
    /// They go; the ledger keeps them.
    #[default]
    Drop,
    /// They stay, labelled in the ledger.
    Keep,
}

/// Which utterances are wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Judging {
    /// The archive's `type`s that are conversation. Other types, such as `speech` (a broadcast), go.
    pub types: Vec<String>,
    /// Greetings: entries of type `greeting`, and whole-entry formulas before the user's first request.
    pub greetings: Policy,
    /// Filled pauses and discourse markers with nothing else: "um", "呃", "那个……". User side only.
    pub fillers: Policy,
    /// Listener signals that answer nothing: "uh-huh", "嗯". After a question they are answers and stay. User side only.
    pub backchannels: Policy,
    /// Beginnings that say nothing: "I... um...". One that its speaker continues at once is merged, not dropped. User side only.
    pub fragments: Policy,
}

impl Default for Judging {
    fn default() -> Self {
        Self {
            types: vec!["normal".to_owned()],
            greetings: Policy::Drop,
            fillers: Policy::Drop,
            backchannels: Policy::Drop,
            fragments: Policy::Drop,
        }
    }
}

/// The place of an utterance in its call, as far as a judge may look.
#[derive(Debug, Clone, Copy)]
struct Context<'c> {
    /// What the agent said last, if anything was kept of it.
    agent_last: Option<&'c str>,
    /// Whether the user has already said something that was kept.
    user_has_spoken: bool,
}

type Judge = fn(&Judging, &Lexicon, &Context<'_>, &Utterance<'_>) -> Option<Verdict>;

/// The judges, in the order in which they are asked. A judge is one file plus one line here.
const JUDGES: [Judge; 5] = [role::judge, blank::judge, greeting::judge, kind::judge, disfluency::judge];

/// Returns a verdict for every utterance of a session, in order.
#[must_use]
pub(crate) fn judge(judging: &Judging, lexicon: &Lexicon, session: &Session<'_>) -> Vec<Verdict> {
    let mut context = Context {
        agent_last: None,
        user_has_spoken: false,
    };
    let mut verdicts = Vec::with_capacity(session.utterances.len());
    for utterance in &session.utterances {
        let verdict = JUDGES
            .iter()
            .find_map(|judge| judge(judging, lexicon, &context, utterance))
            .unwrap_or_default();
        match utterance.role {
            // What the agent asked still stands when its entry is not wanted: a greeting may ask.
            Role::Agent => context.agent_last = Some(&utterance.text),
            Role::User if verdict.objection.is_none() => {
                context.user_has_spoken = true;
                context.agent_last = None;
            }
            Role::User | Role::Other(_) => {}
        }
        verdicts.push(verdict);
    }
    verdicts
}
