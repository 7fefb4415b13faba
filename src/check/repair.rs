//! Repairs of a row that change nothing of what a model learns from it.

use serde_json::{Value, json};

use super::dialogue::{PARTS, Row, WEIGHTS};
use super::target::{Rule, Target};
use crate::text;

/// What other tools call the two sides.
const SYNONYMS: [(&str, &str); 9] = [
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

/// The rules for which a repair is tried.
pub(super) const REPAIRED: [Rule; 10] = [
    Rule::Bom,
    Rule::RowKey,
    Rule::MessageKey,
    Rule::Role,
    Rule::Alternation,
    Rule::Last,
    Rule::Content,
    Rule::WeightValue,
    Rule::WeightRole,
    Rule::Unlearned,
];

/// Repairs what can be repaired.
///
/// Keys that a target does not know go, unless they say what not to learn; other names of the two sides become the known
/// ones; a weight is spelled as the target spells it; what one side says in a row is joined as its script is written; the
/// request that nobody answers goes.
pub(super) fn repair(target: &Target, row: &mut Row) {
    spell_out(target, row);
    for (list, role, content) in PARTS {
        let Some(Value::Array(messages)) = row.get_mut(list) else {
            continue;
        };
        for message in messages.iter_mut().filter_map(Value::as_object_mut) {
            call_by_name(target, message, role);
            weigh(target, message, role);
            flatten(target, message, content);
            message.retain(|key, value| is_known(&target.message_keys, key) || says_not(key, value));
        }
        join(messages, role, content);
        let is_user = |message: &Value| matches!(message.get(role).and_then(Value::as_str), Some("user" | "human"));
        while messages.len() > 1 && messages.last().is_some_and(is_user) {
            messages.pop();
        }
    }
    row.retain(|key, _| is_known(&target.row_keys, key));
}

fn is_known(known: &[String], key: &str) -> bool {
    known.is_empty() || known.iter().any(|one| one == key)
}

/// Whether a key says that something should not be learned.
fn says_not(key: &str, value: &Value) -> bool {
    WEIGHTS.contains(&key) && (value.as_bool() == Some(false) || value.as_f64() == Some(0.0))
}

/// Moves weights that stand beside the messages into them, where the target reads them there.
fn spell_out(target: &Target, row: &mut Row) {
    let Some(own) = target.weight.as_deref() else { return };
    let Some(Value::Array(weights)) = row.get("weights").cloned() else {
        return;
    };
    if let Some(Value::Array(messages)) = row.get_mut("messages")
        && messages.len() == weights.len()
    {
        for (message, weight) in messages.iter_mut().filter_map(Value::as_object_mut).zip(weights) {
            if message.get("role").and_then(Value::as_str) == Some("assistant") {
                message.insert(own.to_owned(), weight);
            }
        }
        row.remove("weights");
    }
}

fn call_by_name(target: &Target, message: &mut Row, role: &str) {
    if let Some(Value::String(word)) = message.get_mut(role)
        && role == "role"
        && !is_known(&target.roles, word)
        && let Some((_, name)) = SYNONYMS.iter().find(|(other, _)| word.eq_ignore_ascii_case(other))
    {
        (*name).clone_into(word);
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

/// Makes one text of a list of texts.
fn flatten(target: &Target, message: &mut Row, content: &str) {
    let Some(Value::Array(parts)) = message.get(content).filter(|_| !target.parts) else {
        return;
    };
    let text = |part: &Value| match part.get("type").and_then(Value::as_str) {
        Some("text") | None => part.get("text").and_then(Value::as_str).map(ToOwned::to_owned),
        Some(_) => None,
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
            text::join(text, next);
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
