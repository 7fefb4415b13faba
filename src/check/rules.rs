//! What is wrong with a row for a target.

use serde_json::Value;

use super::dialogue::{self, Dialogue, Row, Turn};
use super::target::{Rule, Shape, Target, WeightKind};
use crate::text;

/// How long a row may be, and who counts.
pub(super) struct Length<'l> {
    pub(super) most: Option<u32>,
    pub(super) tokens: &'l (dyn Fn(&str) -> u32 + Sync),
}

/// Returns the rules that a row breaks, as far as the target minds.
pub(super) fn broken(target: &Target, length: &Length<'_>, row: &Row) -> Vec<Rule> {
    let known = |dialogue: &Dialogue<'_>| target.shapes.contains(&dialogue.shape) && !dialogue.turns.is_empty();
    let Some(dialogue) = dialogue::read(row).filter(known) else {
        return minded(target, vec![Rule::Shape]);
    };
    let mut broken = Vec::new();
    let mut find = |rule, is_broken: bool| {
        if is_broken {
            broken.push(rule);
        }
    };
    find(Rule::RowKey, row.keys().any(|key| is_unknown(&target.row_keys, key)));
    let is_reserved = |key: &String| row.get(key).is_some_and(|value| !value.is_null());
    find(
        Rule::Reserved,
        dialogue.shape == Shape::Messages && target.reserved.iter().any(is_reserved),
    );
    if dialogue.shape != Shape::Text {
        order(target, &dialogue, &mut find);
        learning(target, &dialogue, &mut find);
    }
    let turns = dialogue.turns.iter();
    find(Rule::Content, turns.clone().any(|turn| !is_content(target, turn)));
    let in_parts = |turn: &Turn<'_>| matches!(turn.content, Some(Value::Array(_)));
    find(Rule::MixedParts, turns.clone().any(in_parts) && !turns.clone().all(in_parts));
    let mut answers = turns.clone().filter(|turn| turn.role == "assistant");
    find(Rule::EmptyAnswer, answers.any(|turn| text_of(turn) == Some("")));
    find(
        Rule::Blank,
        turns.clone().filter_map(text_of).any(text::is_blank) || turns.clone().any(is_empty_list),
    );
    find(
        Rule::MessageKey,
        turns.clone().filter_map(|turn| turn.message).any(|message| {
            let mut keys = message.keys();
            keys.any(|key| is_unknown(&target.message_keys, key))
        }),
    );
    if let Some(most) = length.most {
        let tokens = turns.filter_map(text_of).map(length.tokens);
        find(Rule::Tokens, tokens.fold(0_u32, u32::saturating_add) > most);
    }
    minded(target, broken)
}

fn minded(target: &Target, mut broken: Vec<Rule>) -> Vec<Rule> {
    broken.retain(|rule| target.rules.contains_key(rule));
    broken
}

fn is_unknown(known: &[String], key: &str) -> bool {
    !known.is_empty() && !known.iter().any(|one| one == key)
}

/// Who speaks, and when.
fn order(target: &Target, dialogue: &Dialogue<'_>, find: &mut impl FnMut(Rule, bool)) {
    let turns = dialogue.turns.as_slice();
    find(Rule::Role, turns.iter().any(|turn| is_unknown(&target.roles, turn.word)));
    let roles: Vec<&str> = turns.iter().map(|turn| turn.role).collect();
    let pairs = || roles.windows(2).filter_map(|pair| Some((*pair.first()?, *pair.last()?)));
    find(Rule::SystemPlace, roles.iter().skip(1).any(|role| *role == "system"));
    find(
        Rule::SystemLate,
        pairs().any(|(a, b)| b == "system" && !matches!(a, "system" | "user")),
    );
    find(Rule::SystemTwice, pairs().any(|pair| pair == ("system", "system")));
    find(
        Rule::Alternation,
        pairs().any(|(a, b)| a == b && matches!(a, "user" | "assistant")),
    );
    find(Rule::Lone, roles == ["assistant"]);
    let first = roles.iter().find(|role| **role != "system");
    find(Rule::First, first.is_some_and(|role| *role == "assistant"));
    let answers = roles.contains(&"assistant");
    find(Rule::NoAnswer, !answers);
    find(Rule::Last, answers && roles.last().is_some_and(|role| *role != "assistant"));
}

/// What is to be learned.
fn learning(target: &Target, dialogue: &Dialogue<'_>, find: &mut impl FnMut(Rule, bool)) {
    let own = target.weight.as_deref();
    let (answers, others): (Vec<_>, Vec<_>) = dialogue.turns.iter().partition(|turn| turn.role == "assistant");
    let weight = |turn: &&Turn<'_>| own.and_then(|own| turn.message?.get(own)).cloned();
    find(
        Rule::WeightValue,
        answers.iter().filter_map(weight).any(|value| !is_weight(target, &value)),
    );
    find(Rule::WeightRole, others.iter().find_map(weight).is_some());
    let learns = |value: Value| value.as_bool() == Some(true) || value.as_f64().is_some_and(|weight| weight > 0.0);
    find(Rule::OthersLearned, others.iter().filter_map(weight).any(learns));
    let is_read = |key: &str| own == Some(key);
    find(
        Rule::Unlearned,
        answers
            .iter()
            .any(|turn| matches!(turn.learn, Some((key, false)) if !is_read(key))),
    );
    let is_off = |turn: &&Turn<'_>| matches!(turn.learn, Some((key, false)) if is_read(key));
    find(Rule::NothingLearned, !answers.is_empty() && answers.iter().all(is_off));
}

/// Whether a weight is 0 or 1 as the target takes it.
fn is_weight(target: &Target, value: &Value) -> bool {
    let kind = match value {
        Value::Bool(_) => WeightKind::Boolean,
        Value::Null => WeightKind::Null,
        Value::String(text) if text == "0" || text == "1" => WeightKind::Text,
        Value::Number(number) if matches!(number.as_u64(), Some(0 | 1)) => WeightKind::Integer,
        Value::Number(number) if matches!(number.as_f64(), Some(0.0 | 1.0)) => WeightKind::Float,
        _ => return false,
    };
    match target.weight_kinds.as_slice() {
        [] if target.weight.as_deref() == Some("loss") => kind == WeightKind::Boolean,
        [] => kind == WeightKind::Integer,
        kinds => kinds.contains(&kind),
    }
}

/// Returns the text of a turn.
fn text_of<'r>(turn: &Turn<'r>) -> Option<&'r str> {
    turn.content.and_then(Value::as_str)
}

/// Whether content is text, or what else the target takes for it.
fn is_content(target: &Target, turn: &Turn<'_>) -> bool {
    let calls = |key| {
        turn.message
            .and_then(|message| message.get(key))
            .is_some_and(|calls| !calls.is_null())
    };
    match turn.content {
        Some(Value::String(_)) => true,
        Some(Value::Array(parts)) => target.parts && parts.iter().all(Value::is_object),
        // An answer may be nothing but the call of a tool.
        None | Some(Value::Null) => ["tool_calls", "function_call"].into_iter().any(calls),
        _ => false,
    }
}

fn is_empty_list(turn: &Turn<'_>) -> bool {
    matches!(turn.content, Some(Value::Array(parts)) if parts.is_empty())
}
