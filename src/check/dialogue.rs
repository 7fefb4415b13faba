//! A row of anybody's file as a dialogue, whatever its layout.

use serde_json::{Map, Value};

use super::target::Shape;

/// A row.
pub(super) type Row = Map<String, Value>;

/// What is said in a row.
#[derive(Debug)]
pub(super) struct Dialogue<'r> {
    /// How the row is laid out.
    pub(super) shape: Shape,
    pub(super) turns: Vec<Turn<'r>>,
}

/// One message.
#[derive(Debug)]
pub(super) struct Turn<'r> {
    /// Who speaks, as it stands there.
    pub(super) word: &'r str,
    /// What that means: `system`, `user`, `assistant`, or the same word.
    pub(super) role: &'r str,
    /// Missing or null, text, or anything else.
    pub(super) content: Option<&'r Value>,
    /// The message itself, where it is one.
    pub(super) message: Option<&'r Row>,
    /// Whether it should be learned, and by which key that is said.
    pub(super) learn: Option<(&'static str, bool)>,
}

/// The keys by which trainers are told whether to learn from a message.
pub(super) const WEIGHTS: [&str; 6] = ["weight", "loss", "loss_weight", "loss_scale", "train", "training"];

/// What other tools call the two sides, in whatever case.
const SYNONYMS: [(&str, &str); 11] = [
    ("user", "user"),
    ("assistant", "assistant"),
    ("human", "user"),
    ("customer", "user"),
    ("caller", "user"),
    ("gpt", "assistant"),
    ("bot", "assistant"),
    ("agent", "assistant"),
    ("model", "assistant"),
    ("ai", "assistant"),
    ("chatbot", "assistant"),
];

/// Returns what a word for a side means, where it is another one for the user or the assistant.
pub(super) fn meaning(word: &str) -> Option<&'static str> {
    let same = |(other, _): &&(&str, &str)| word.eq_ignore_ascii_case(other);
    SYNONYMS.iter().find(same).map(|(_, name)| *name)
}

/// What `messages` and `conversations` call their parts.
pub(super) const PARTS: [(&str, &str, &str); 2] = [("messages", "role", "content"), ("conversations", "from", "value")];

/// Reads a row; `None` where it is laid out in no way that is known.
pub(super) fn read(row: &Row) -> Option<Dialogue<'_>> {
    let has = |key: &str| row.get(key).is_some_and(|value| !value.is_null());
    for (shape, (list, role, content)) in [Shape::Messages, Shape::Conversations].into_iter().zip(PARTS) {
        if let Some(messages) = row.get(list).and_then(Value::as_array) {
            let system = if shape == Shape::Conversations {
                beside(row, "system", "system")
            } else {
                None
            };
            let weights = row.get("weights").and_then(Value::as_array);
            let turns = messages.iter().enumerate().map(|(at, message)| {
                let weight = weights.and_then(|weights| weights.get(at)).and_then(Value::as_f64);
                turn(message, role, content, weight)
            });
            let turns = system.into_iter().chain(turns).collect();
            return Some(Dialogue { shape, turns });
        }
    }
    if has("prompt") && has("completion") {
        let mut turns = side(row, "prompt", "user");
        turns.extend(side(row, "completion", "assistant"));
        let is_text = |key| row.get(key).is_some_and(Value::is_string);
        let shape = if is_text("prompt") && is_text("completion") {
            Shape::PromptCompletionText
        } else {
            Shape::PromptCompletion
        };
        return Some(Dialogue { shape, turns });
    }
    if has("instruction") && row.contains_key("output") {
        return Some(pairs(row, Shape::Alpaca, "instruction", "output"));
    }
    if has("query") && row.contains_key("response") {
        return Some(pairs(row, Shape::QueryResponse, "query", "response"));
    }
    row.contains_key("text").then(|| Dialogue {
        shape: Shape::Text,
        turns: vec![plain("assistant", row.get("text"))],
    })
}

/// A row of a last request, its answer, and earlier ones as `history`.
fn pairs<'r>(row: &'r Row, shape: Shape, request: &'static str, answer: &'static str) -> Dialogue<'r> {
    let mut turns: Vec<Turn<'_>> = beside(row, "system", "system").into_iter().collect();
    let history = row.get("history").and_then(Value::as_array);
    for pair in history.into_iter().flatten() {
        for (said, role) in pair.as_array().into_iter().flatten().zip(["user", "assistant"]) {
            turns.push(plain(role, Some(said)));
        }
    }
    turns.push(plain("user", row.get(request)));
    turns.push(plain("assistant", row.get(answer)));
    Dialogue { shape, turns }
}

/// A text beside the turns; an empty one is none.
fn beside<'r>(row: &'r Row, key: &str, role: &'static str) -> Option<Turn<'r>> {
    let said = row.get(key).filter(|said| !said.is_null() && said.as_str() != Some(""))?;
    Some(plain(role, Some(said)))
}

fn plain<'r>(role: &'static str, content: Option<&'r Value>) -> Turn<'r> {
    Turn {
        word: role,
        role,
        content,
        message: None,
        learn: None,
    }
}

/// A prompt or a completion: messages, or a text.
fn side<'r>(row: &'r Row, key: &str, role: &'static str) -> Vec<Turn<'r>> {
    match row.get(key) {
        Some(Value::Array(messages)) => messages
            .iter()
            .map(|message| turn(message, "role", "content", None))
            .collect(),
        said => vec![plain(role, said)],
    }
}

fn turn<'r>(message: &'r Value, role: &str, content: &str, weight: Option<f64>) -> Turn<'r> {
    let message = message.as_object();
    let word = message.and_then(|message| message.get(role)).and_then(Value::as_str);
    let said = |key: &&'static str| {
        let value = message?.get(*key)?;
        let learn = value.as_bool().or_else(|| value.as_f64().map(|weight| weight > 0.0))?;
        Some((*key, learn))
    };
    // What the one layout calls them is no other word there.
    let word = match word.unwrap_or_default() {
        "human" if role == "from" => "user",
        "gpt" if role == "from" => "assistant",
        word => word,
    };
    Turn {
        word,
        role: meaning(word).unwrap_or(word),
        content: message.and_then(|message| message.get(content)),
        message,
        learn: WEIGHTS
            .iter()
            .find_map(said)
            .or_else(|| weight.map(|weight| ("weights", weight > 0.0))),
    }
}
