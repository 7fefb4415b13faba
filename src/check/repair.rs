//! Repairs of a row that change nothing of what a model learns from it, or of what it is told before.

use serde_json::{Value, json};

use super::dialogue::{PARTS, Row, WEIGHTS, meaning};
use super::target::{Rule, Target};
use crate::text;

/// The rules for which a repair is tried.
pub(super) const REPAIRED: [Rule; 12] = [
    Rule::Bom,
    Rule::RowKey,
    Rule::MessageKey,
    Rule::Role,
    Rule::Alternation,
    Rule::Last,
    Rule::Content,
    Rule::MixedParts,
    Rule::WeightValue,
    Rule::WeightRole,
    Rule::OthersLearned,
    Rule::Unlearned,
];

/// Keys that hold what is learned, or what an answer rests on: a row that has them is not made poorer.
const PRECIOUS: [&str; 18] = [
    "tool_calls",
    "function_call",
    "tool_call_id",
    "reasoning_content",
    "reasoning",
    "thinking",
    "refusal",
    "system",
    "tools",
    "functions",
    "images",
    "audios",
    "videos",
    "prompt",
    "completion",
    "chosen",
    "rejected",
    "prefix",
];

/// Repairs what can be repaired.
///
/// Other names of the two sides become the known ones; a weight is spelled as the target spells it; a system text beside
/// the messages becomes the first of them; what one side says in a row is joined as its script is written, and the request
/// that nobody answers goes, where the target minds them. Keys that a target does not know go, unless they say what not to
/// learn or hold something of the dialogue.
pub(super) fn repair(target: &Target, row: &mut Row) {
    spell_out(target, row);
    instruct(target, row);
    for (list, role, content) in PARTS {
        let Some(Value::Array(messages)) = row.get_mut(list) else {
            continue;
        };
        for message in messages.iter_mut().filter_map(Value::as_object_mut) {
            call_by_name(target, message, role);
            weigh(target, message, role);
            flatten(target, message, content);
            message.retain(|key, value| is_known(&target.message_keys, key) || must_stay(key, value));
        }
        if target.rules.contains_key(&Rule::Alternation) {
            join(messages, role, content);
        }
        let is_user = |message: &Value| matches!(message.get(role).and_then(Value::as_str), Some("user" | "human"));
        while target.rules.contains_key(&Rule::Last) && messages.len() > 1 && messages.last().is_some_and(is_user) {
            messages.pop();
        }
    }
    row.retain(|key, value| is_known(&target.row_keys, key) || must_stay(key, value));
}

fn is_known(known: &[String], key: &str) -> bool {
    known.is_empty() || known.iter().any(|one| one == key)
}

/// Whether a key says something that must not be lost: what not to learn, or a part of the dialogue.
fn must_stay(key: &str, value: &Value) -> bool {
    let is_empty = match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(parts) => parts.is_empty(),
        _ => false,
    };
    let learns = |value: &Value| value.is_null() || value.as_bool() == Some(true) || value.as_f64() == Some(1.0);
    match key {
        "masked" | "mask" => !(value.is_null() || value.as_bool() == Some(false)),
        // What is not the assistant's weighs nothing in any case, but which that is stands elsewhere.
        "weights" => !value.as_array().is_some_and(|weights| weights.iter().all(learns)),
        key if WEIGHTS.contains(&key) => !learns(value),
        key => PRECIOUS.contains(&key) && !is_empty,
    }
}

/// Moves weights that stand beside the messages into them, where the target reads them there, and takes them out where
/// every answer is learned.
fn spell_out(target: &Target, row: &mut Row) {
    let Some(Value::Array(weights)) = row.get("weights").cloned() else {
        return;
    };
    let Some(Value::Array(messages)) = row.get_mut("messages").filter(|messages| {
        let messages = messages.as_array();
        messages.is_some_and(|messages| messages.len() == weights.len())
    }) else {
        return;
    };
    let is_answer = |message: &Row| message.get("role").and_then(Value::as_str) == Some("assistant");
    let mut is_spelled = true;
    for (message, weight) in messages.iter_mut().filter_map(Value::as_object_mut).zip(weights) {
        if is_answer(message) {
            match &target.weight {
                Some(own) => drop(message.insert(own.clone(), weight)),
                None => is_spelled &= weight.as_f64() == Some(1.0),
            }
        }
    }
    if is_spelled {
        row.remove("weights");
    }
}

/// Makes a system text that stands beside the messages the first of them, where the target knows no such column.
fn instruct(target: &Target, row: &mut Row) {
    let Some(text) = row.get("system").and_then(Value::as_str).map(ToOwned::to_owned) else {
        return;
    };
    if is_known(&target.row_keys, "system") || text.is_empty() {
        return;
    }
    if let Some(Value::Array(messages)) = row.get_mut("messages") {
        let is_system = |message: &Value| message.get("role").and_then(Value::as_str) == Some("system");
        if !messages.iter().any(is_system) {
            messages.insert(0, json!({"role": "system", "content": text}));
            row.remove("system");
        }
    }
}

fn call_by_name(target: &Target, message: &mut Row, role: &str) {
    if let Some(Value::String(word)) = message.get_mut(role)
        && role == "role"
        && !is_known(&target.roles, word)
        && let Some(name) = meaning(word)
    {
        name.clone_into(word);
    }
}

/// Spells a weight as the target does, on the assistant only.
fn weigh(target: &Target, message: &mut Row, role: &str) {
    let Some(own) = target.weight.as_deref() else { return };
    let is_answer = matches!(message.get(role).and_then(Value::as_str), Some("assistant" | "gpt"));
    let key = std::iter::once(own).chain(WEIGHTS).find(|key| message.contains_key(*key));
    let Some((key, value)) = key.and_then(|key| Some((key.to_owned(), message.get(key)?.clone()))) else {
        return;
    };
    let number = value
        .as_f64()
        .or_else(|| value.as_bool().map(|learn| f64::from(u8::from(learn))));
    let spelled = match number {
        Some(0.0) => Some(false),
        Some(1.0) => Some(true),
        None if value.is_null() => None,
        // Between the two there is no spelling: better refused than rounded.
        _ => return,
    };
    message.remove(&key);
    if let Some(learn) = spelled.filter(|_| is_answer) {
        let value = if own == "loss" { json!(learn) } else { json!(u8::from(learn)) };
        message.insert(own.to_owned(), value);
    }
}

/// Makes one text of a list of texts, which say nothing else.
fn flatten(target: &Target, message: &mut Row, content: &str) {
    let minds = !target.parts || target.rules.contains_key(&Rule::MixedParts);
    let Some(Value::Array(parts)) = message.get(content).filter(|_| minds) else {
        return;
    };
    let text = |part: &Value| {
        let part = part.as_object()?;
        let is_plain = part.keys().all(|key| matches!(key.as_str(), "type" | "text"));
        let is_text = part.get("type").is_none_or(|kind| kind == "text");
        part.get("text")
            .and_then(Value::as_str)
            .filter(|_| is_plain && is_text)
            .map(ToOwned::to_owned)
    };
    let texts: Option<Vec<String>> = parts.iter().map(text).collect();
    if let Some(texts) = texts.filter(|texts| !texts.is_empty()) {
        message.insert(content.to_owned(), texts.concat().into());
    }
}

/// Joins what one side says in a row, where nothing but the text differs.
fn join(messages: &mut Vec<Value>, role: &str, content: &str) {
    let mut joined: Vec<Value> = Vec::with_capacity(messages.len());
    for message in messages.drain(..) {
        let next = message.get(content).and_then(Value::as_str);
        if let (Some(Value::Object(last)), Some(next)) = (joined.last_mut(), next)
            && is_alike(last, &message, content)
            && matches!(
                last.get(role).and_then(Value::as_str),
                Some("user" | "assistant" | "human" | "gpt")
            )
            && let Some(Value::String(text)) = last.get_mut(content)
        {
            if next.starts_with([',', '.', '!', '?', ';', ':']) {
                text.push_str(next);
            } else {
                text::join(text, next);
            }
            continue;
        }
        joined.push(message);
    }
    *messages = joined;
}

/// Whether two messages differ in nothing but their content.
fn is_alike(last: &Row, next: &Value, content: &str) -> bool {
    let Some(next) = next.as_object() else { return false };
    last.len() == next.len() && last.iter().all(|(key, value)| key == content || next.get(key) == Some(value))
}
