//! The sample: one training example, as trainers read it.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::session::Places;

/// Who speaks in a chat format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaker {
    /// Instructions in front of the conversation.
    System,
    /// The human side.
    User,
    /// The side that is learned.
    Assistant,
}

impl Speaker {
    /// Returns the word of the chat formats.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
        }
    }
}

/// One message of a sample.
#[derive(Debug, Clone)]
pub struct Message<'a> {
    /// Who speaks.
    pub role: Speaker,
    /// What is said; never blank.
    pub content: Cow<'a, str>,
    /// Whether to learn from it: only ever true of an assistant.
    pub learn: bool,
}

/// One training example: an optional system message, then user and assistant strictly in turn.
#[derive(Debug, Clone, Default)]
pub struct Sample<'a> {
    /// Its number within its session, from 1, counted before any filter.
    pub number: u32,
    /// The messages; the last one is the assistant's.
    pub messages: Vec<Message<'a>>,
    /// Milliseconds from the start of the call to the request that the sample answers
    /// (to the first request, where the sample is a whole session).
    pub begin: Option<i64>,
    /// How many exchanges it holds.
    pub exchanges: u32,
    /// How many utterances were joined to an earlier one of their turn.
    pub merged: u32,
    /// Whether an agent turn in it was interrupted.
    pub interrupted: bool,
    /// Indices into the session's utterances, in order.
    pub utterances: Places,
    /// Where in `utterances` those of earlier exchanges, which are context only, end.
    pub context: usize,
    /// How long it is.
    pub size: Size,
    /// The language of most of it, as its lexicon is named; `None` where it is none that turnset knows.
    pub language: Option<&'a str>,
}

/// How long the contents of some messages are together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Size {
    /// Unicode scalar values that are not blank.
    pub characters: u32,
    /// Words of UAX #29, by which every Han character is one.
    pub words: u32,
    /// Tokens of the recipe's tokenizer, or an estimate; nothing of a chat template.
    pub tokens: u32,
}

impl Sample<'_> {
    /// Returns the name of a sample: the session's id and the sample's number.
    #[must_use]
    pub fn id(session: &str, number: u32) -> String {
        let mut id = String::with_capacity(session.len() + 4);
        Self::write_id(session, number, &mut id);
        id
    }

    /// Writes the name of a sample over what stands in `id`.
    pub fn write_id(session: &str, number: u32, id: &mut String) {
        id.clear();
        id.push_str(session);
        id.push('-');
        // Writing to memory cannot fail.
        let _ = write!(id, "{number}");
    }
}
