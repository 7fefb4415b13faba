//! What is wrong with a row for a target.

use serde_json::Value;

use super::dialogue::{self, Dialogue, Row, Turn};
use super::target::{Rule, Shape, Target};
use crate::text;

/// The columns by whose names trainers take a row of messages for another format.
const RESERVED: [&str; 6] = ["prompt", "completion", "chosen", "rejected", "text", "label"];

/// How long a row may be, and who counts.
pub(super) struct Length<'l> {
    pub(super) most: Option<u32>,
    pub(super) tokens: &'l (dyn Fn(&str) -> u32 + Sync),
}

/// Returns the rules that a row breaks, as far as the target minds.
pub(super) fn broken(target: &Target, length: &Length<'_>, row: &Row) -> Vec<Rule> {
    let Some(dialogue) = dialogue::read(row).filter(|dialogue| target.shapes.contains(&dialogue.shape)) else {
        return minded(target, vec![Rule::Shape]);
    };
    let mut broken = Vec::new();
    let mut find = |rule, is_broken: bool| {
        if is_broken {
            broken.push(rule);
        }
    };
    find(Rule::RowKey, row.keys().any(|key| is_unknown(&target.row_keys, key)));
    let is_reserved = |key: &&str| row.get(*key).is_some_and(|value| !value.is_null());
    find(
        Rule::Reserved,
        dialogue.shape == Shape::Messages && RESERVED.iter().any(is_reserved),
    );
    if dialogue.shape != Shape::Text {
        order(target, &dialogue, &mut find);
        learning(target, &dialogue, &mut find);
    }
    let turns = dialogue.turns.iter();
    find(Rule::Content, turns.clone().any(|turn| !is_content(target, turn)));
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
    find(Rule::Role, turns.iter().any(|turn| is_unknown(&target.roles, turn.role)));
    find(Rule::SystemPlace, turns.iter().skip(1).any(|turn| turn.role == "system"));
    let spoken: Vec<&str> = turns.iter().map(|turn| turn.role).filter(|role| *role != "system").collect();
    find(Rule::First, spoken.first().is_some_and(|role| *role == "assistant"));
    let is_again = |pair: &[&str]| matches!(pair, [a, b] if a == b && matches!(*a, "user" | "assistant"));
    find(Rule::Alternation, spoken.windows(2).any(is_again));
    let answers = spoken.contains(&"assistant");
    find(Rule::NoAnswer, !answers);
    find(
        Rule::Last,
        answers && turns.last().is_some_and(|turn| turn.role != "assistant"),
    );
}

/// What is to be learned.
fn learning(target: &Target, dialogue: &Dialogue<'_>, find: &mut impl FnMut(Rule, bool)) {
    let own = target.weight.as_deref();
    let weight = |turn: &Turn<'_>| turn.message.zip(own).and_then(|(message, own)| message.get(own)).cloned();
    let (answers, others): (Vec<_>, Vec<_>) = dialogue.turns.iter().partition(|turn| turn.role == "assistant");
    let is_wrong = |value: &Value| match own {
        Some("loss") => !value.is_boolean(),
        _ => !matches!(value.as_u64(), Some(0 | 1)),
    };
    find(
        Rule::WeightValue,
        answers.iter().filter_map(|turn| weight(turn)).any(|value| is_wrong(&value)),
    );
    find(Rule::WeightRole, others.iter().any(|turn| weight(turn).is_some()));
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
