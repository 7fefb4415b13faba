//! The contracts as JSON Schema. `schemas/` holds the same, kept current by a test.

use schemars::{JsonSchema, schema_for};
use serde_json::{Value, json};

use crate::manifest::{Manifest, json as to_bytes};
use crate::recipe::Recipe;

/// A contract's name and what prints it.
pub type Contract = (&'static str, fn() -> Vec<u8>);

/// The contracts.
pub const SCHEMAS: [Contract; 10] = [
    ("call-log", call_log),
    ("recipe", || of::<Recipe>()),
    ("chat-openai", chat_openai),
    ("chat-ms-swift", chat_ms_swift),
    ("chat-bailian", chat_bailian),
    ("chat-sharegpt", chat_sharegpt),
    ("chat-alpaca", chat_alpaca),
    ("chat-trl", chat_trl),
    ("chat-query-response", chat_query_response),
    ("manifest", || of::<Manifest>()),
];

fn of<T: JsonSchema>() -> Vec<u8> {
    to_bytes(&schema_for!(T))
}

/// What goes in. Written by hand: the platform publishes no schema, and this says what turnset understands.
fn call_log() -> Vec<u8> {
    let name = json!({"type": ["string", "integer", "null"]});
    let seconds = |what: &str| json!({"description": what, "type": ["number", "string", "null"]});
    let text = |what: &str| json!({"description": what, "type": ["string", "null"]});
    to_bytes(&json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "CallLog",
        "description": "The JSON file behind CallLogUrl of Alibaba Cloud's Real-time Conversational AI. Only `dialog` is required; unknown keys are tolerated.",
        "type": "object",
        "required": ["dialog"],
        "properties": {
            "instanceid": with(&name, "The agent instance: the name of the call."),
            "startTime": seconds("Start of the session in Unix seconds; a number or a string that holds one."),
            "agentUserId": with(&name, "The agent's user id in the channel."),
            "remoteUserId": with(&name, "The caller's user id in the channel: personal data."),
            "dialog": {
                "description": "What was said.",
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "id": {"description": "Number of the entry; a whole number or a string that holds one.", "type": ["integer", "string", "null"]},
                        "begin": seconds("Seconds from the start of the session, most likely the end of playback for the agent."),
                        "role": text("`user` or `agent`; an open set."),
                        "type": text("`normal`, `greeting`, `speech`; an open set."),
                        "text": text("What was recognised or spoken."),
                    }
                }
            }
        }
    }))
}

fn with(schema: &Value, description: &str) -> Value {
    let mut schema = schema.clone();
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("description".to_owned(), description.into());
    }
    schema
}

/// A line of `chat/openai/*.jsonl`, and of the formats of the same shape.
fn chat_openai() -> Vec<u8> {
    let weight = json!({"description": "1 where a model should learn, 0 where it should only read.", "enum": [0, 1]});
    let messages = chat(&[("weight", weight)]);
    line(
        "ChatOpenai",
        "One sample in the format of the OpenAI fine-tuning API, also of Mistral, Together and axolotl: user first, assistant last, strictly in turn.",
        &json!({"messages": messages}),
    )
}

/// A line of `chat/ms-swift/*.jsonl`.
fn chat_ms_swift() -> Vec<u8> {
    let loss = json!({"description": "Whether a model should learn.", "type": "boolean"});
    line(
        "ChatMsSwift",
        "One sample in the standard format of ms-swift.",
        &json!({"messages": chat(&[("loss", loss)])}),
    )
}

/// A line of `chat/bailian/*.jsonl`.
fn chat_bailian() -> Vec<u8> {
    line(
        "ChatBailian",
        "A part of a sample of which every answer is learned, in the format of Alibaba Cloud's Model Studio.",
        &json!({"messages": chat(&[])}),
    )
}

/// A line of `chat/trl/*.jsonl`.
fn chat_trl() -> Vec<u8> {
    let prompt = json!({"description": "What comes before the answer; the user last.", "type": "array", "minItems": 1, "items": any_message(&[])});
    let completion = json!({"type": "array", "minItems": 1, "maxItems": 1, "items": message("assistant", &[])});
    line(
        "ChatTrl",
        "One answer that is learned, in the prompt-completion format of TRL.",
        &json!({"prompt": prompt, "completion": completion}),
    )
}

/// A line of `chat/sharegpt/*.jsonl`.
fn chat_sharegpt() -> Vec<u8> {
    let turn = json!({
        "type": "object",
        "properties": {"from": {"enum": ["human", "gpt"]}, "value": spoken()},
        "required": ["from", "value"],
        "additionalProperties": false
    });
    line(
        "ChatSharegpt",
        "A part of a sample of which every answer is learned, in the sharegpt format of LLaMA-Factory.",
        &json!({"conversations": {"type": "array", "minItems": 2, "items": turn}, "system": {"type": "string"}}),
    )
}

/// A line of `chat/alpaca/*.jsonl`.
fn chat_alpaca() -> Vec<u8> {
    line(
        "ChatAlpaca",
        "A part of a sample of which every answer is learned, in the alpaca format of LLaMA-Factory.",
        &json!({"instruction": spoken(), "input": {"const": ""}, "output": spoken(), "system": {"type": "string"}, "history": history()}),
    )
}

/// A line of `chat/query-response/*.jsonl`.
fn chat_query_response() -> Vec<u8> {
    line(
        "ChatQueryResponse",
        "A part of a sample of which every answer is learned, in the query-response format of data-juicer.",
        &json!({"system": {"type": "string"}, "query": spoken(), "response": spoken(), "history": history()}),
    )
}

/// What is said: never blank.
fn spoken() -> Value {
    json!({"type": "string", "pattern": "\\S"})
}

/// Earlier requests with their answers.
fn history() -> Value {
    json!({"type": "array", "items": {"type": "array", "minItems": 2, "maxItems": 2, "items": spoken()}})
}

/// Messages, with what stands on the assistant's beside role and content.
fn chat(spelling: &[(&str, Value)]) -> Value {
    json!({"type": "array", "minItems": 2, "items": any_message(spelling)})
}

fn any_message(spelling: &[(&str, Value)]) -> Value {
    json!({"anyOf": [message("system", &[]), message("user", &[]), message("assistant", spelling)]})
}

fn message(role: &str, spelling: &[(&str, Value)]) -> Value {
    let mut properties = serde_json::Map::new();
    properties.insert("role".to_owned(), json!({"const": role}));
    properties.insert("content".to_owned(), spoken());
    for (key, schema) in spelling {
        properties.insert((*key).to_owned(), schema.clone());
    }
    closed(&Value::Object(properties))
}

/// An object with these properties, all of them, and no others.
fn closed(properties: &Value) -> Value {
    let required: Vec<&String> = properties.as_object().into_iter().flat_map(serde_json::Map::keys).collect();
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
}

/// The contract of a line.
fn line(title: &str, description: &str, properties: &Value) -> Vec<u8> {
    let mut schema = closed(properties);
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("$schema".to_owned(), "https://json-schema.org/draft/2020-12/schema".into());
        schema.insert("title".to_owned(), title.into());
        schema.insert("description".to_owned(), description.into());
    }
    to_bytes(&schema)
}
