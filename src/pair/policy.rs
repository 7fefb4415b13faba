//! What a recipe may say about pairing.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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

/// What to do with an agent turn that the user cut: one that holds the tag `<ims_agent_interrupted>`, and one of which
/// that is inferred. What is said of the tag concerns the first kind only.
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Pairing {
    /// Agent turns before the user's first.
    pub leading_agent: LeadingAgent,
    /// User turns that nobody answers.
    pub unanswered: Unanswered,
    /// Several agent utterances in a row.
    pub double_answer: DoubleAnswer,
    /// A second answer that begins so much later than the first could have ended answers nobody ("Are you still there?"),
    /// unless the first asked to wait.
    #[schemars(range(min = 0))]
    pub double_answer_seconds: f64,
    /// Agent turns that the user cut.
    pub interrupted: Interrupted,
    /// Infer from speaking time and punctuation which answers were cut, and which request they belong to.
    pub infer: bool,
    /// A user utterance that begins the next one goes if that comes within so many seconds: a partial result of recognition.
    #[schemars(range(min = 0))]
    pub partial_seconds: f64,
    /// A user utterance that comes again as it is goes if that is within so many seconds.
    #[schemars(range(min = 0))]
    pub repeat_seconds: f64,
}

impl Default for Pairing {
    fn default() -> Self {
        Self {
            leading_agent: LeadingAgent::default(),
            unanswered: Unanswered::default(),
            double_answer: DoubleAnswer::default(),
            double_answer_seconds: 10.0,
            interrupted: Interrupted::default(),
            infer: true,
            partial_seconds: 10.0,
            repeat_seconds: 2.0,
        }
    }
}
