//! The contracts as JSON Schema. `schemas/` holds the same, kept current by a test.

use schemars::{JsonSchema, schema_for};
use serde_json::{Value, json};

use crate::manifest::{Manifest, json as to_bytes};
use crate::recipe::Recipe;

/// A contract's name and what prints it.
pub type Contract = (&'static str, fn() -> Vec<u8>);

/// The contracts.
pub const SCHEMAS: [Contract; 4] = [
    ("call-log", call_log),
    ("recipe", || of::<Recipe>()),
    ("chat-openai", chat_openai),
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

/// A line of `chat/openai/*.jsonl`.
fn chat_openai() -> Vec<u8> {
    let message = |role: &str, weighted: bool| {
        let mut properties = json!({"role": {"const": role}, "content": {"type": "string", "pattern": "\\S"}});
        let mut required = vec!["role", "content"];
        if let (true, Some(properties)) = (weighted, properties.as_object_mut()) {
            properties.insert(
                "weight".to_owned(),
                json!({"description": "1 where a model should learn, 0 where it should only read.", "enum": [0, 1]}),
            );
            required.push("weight");
        }
        json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
    };
    to_bytes(&json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "ChatOpenai",
        "description": "One sample in the format of the OpenAI fine-tuning API: user first, assistant last, strictly in turn.",
        "type": "object",
        "properties": {
            "messages": {
                "type": "array",
                "minItems": 2,
                "items": {"anyOf": [message("system", false), message("user", false), message("assistant", true)]}
            }
        },
        "required": ["messages"],
        "additionalProperties": false
    }))
}
