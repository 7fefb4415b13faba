//! `dataset_info.json`: what LLaMA-Factory looks for in a folder of data.
//!
//! It learns from every answer. A split that holds answers that should only be read is listed as the files of
//! `chat/sharegpt` and `chat/alpaca`, which leave them out, and not as Parquet.

use serde_json::{Map, Value, json};

use super::splits;
use crate::export;
use crate::manifest::Manifest;

/// Writes one entry a file: `calls_<split>` for Parquet, `calls_<format>_<file>` for a chat format.
pub(super) fn dataset_info(manifest: &Manifest) -> String {
    let mut entries = Map::new();
    for (split, _) in splits(manifest).filter(|(_, totals)| totals.read == 0) {
        let files: Vec<_> = manifest.shards(split).collect();
        for (number, file) in files.iter().enumerate() {
            let name = match files.len() {
                1 => format!("calls_{split}"),
                _ => format!("calls_{split}_{number:05}"),
            };
            entries.insert(name, parquet(&file.path));
        }
    }
    for format in export::FORMATS {
        let folder = format!("chat/{}/", format.name);
        let Some((_, list)) = format.guide.filter(|(name, _)| *name == "dataset_info.json") else {
            continue;
        };
        let names = manifest.files.iter().filter_map(|file| file.path.strip_prefix(&folder));
        let names: Vec<String> = names
            .filter(|name| name.split('.').next_back() == Some("jsonl"))
            .map(ToOwned::to_owned)
            .collect();
        let listed: Map<String, Value> = serde_json::from_str(&list(&names)).unwrap_or_default();
        for (name, mut entry) in listed {
            if let Some(file) = entry.get_mut("file_name") {
                *file = format!("{folder}{}", file.as_str().unwrap_or_default()).into();
            }
            let name = name.replacen("calls_", &format!("calls_{}_", format.name), 1);
            entries.insert(name, entry);
        }
    }
    let mut text = serde_json::to_string_pretty(&entries).unwrap_or_default();
    text.push('\n');
    text
}

/// `sharegpt` with the names of our columns: by `openai`, LLaMA-Factory adds a system message of its own.
fn parquet(path: &str) -> Value {
    json!({
        "file_name": path,
        "formatting": "sharegpt",
        "columns": {"messages": "messages"},
        "tags": {
            "role_tag": "role",
            "content_tag": "content",
            "user_tag": "user",
            "assistant_tag": "assistant",
            "system_tag": "system",
        },
    })
}
