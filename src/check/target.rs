//! Targets: who reads the files, what each takes, and what it does with the rest. A target is one file of data.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// The targets, by name. A target is one file plus one line here.
const FILES: [(&str, &str); 13] = [
    ("openai", include_str!("targets/openai.toml")),
    ("together", include_str!("targets/together.toml")),
    ("mistral", include_str!("targets/mistral.toml")),
    ("fireworks", include_str!("targets/fireworks.toml")),
    ("bailian", include_str!("targets/bailian.toml")),
    ("volcengine", include_str!("targets/volcengine.toml")),
    ("ms-swift", include_str!("targets/ms-swift.toml")),
    ("llama-factory", include_str!("targets/llama-factory.toml")),
    ("trl", include_str!("targets/trl.toml")),
    ("axolotl", include_str!("targets/axolotl.toml")),
    ("unsloth", include_str!("targets/unsloth.toml")),
    ("data-juicer", include_str!("targets/data-juicer.toml")),
    ("datasets", include_str!("targets/datasets.toml")),
];

/// Who reads a dataset, and how.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// Its name on the command line.
    #[serde(skip)]
    pub name: &'static str,
    /// What it is.
    pub reader: String,
    /// Where that is known from.
    pub source: String,
    /// When it was looked up or run.
    pub date: String,
    /// The chat formats of turnset that are made for it; the first that a dataset has is checked.
    pub formats: Vec<String>,
    /// The endings of the files that it takes.
    pub files: Vec<String>,
    /// How rows may be laid out.
    pub shapes: Vec<Shape>,
    /// The roles that it knows; any, if none are named.
    #[serde(default)]
    pub roles: Vec<String>,
    /// The keys of a row; any, if none are named.
    #[serde(default)]
    pub row_keys: Vec<String>,
    /// The keys of a message; any, if none are named.
    #[serde(default)]
    pub message_keys: Vec<String>,
    /// The key by which it is told what to learn.
    #[serde(default)]
    pub weight: Option<String>,
    /// As what a weight may be written: `integer` if none are named.
    #[serde(default)]
    pub weight_kinds: Vec<WeightKind>,
    /// The columns by whose names it takes a row of messages for another format.
    #[serde(default)]
    pub reserved: Vec<String>,
    /// Whether content may be a list of parts.
    #[serde(default)]
    pub parts: bool,
    /// Whether it learns from every answer.
    #[serde(default)]
    pub unweighted: bool,
    /// Its numbers.
    #[serde(default)]
    pub limits: Limits,
    /// What it does where a rule is broken. What is not named here is fine.
    pub rules: BTreeMap<Rule, Reaction>,
}

/// The numbers of a target.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Of a file.
    pub max_bytes: Option<u64>,
    /// Of the files of a training split.
    pub min_rows: Option<u64>,
    /// Of all files.
    pub max_rows: Option<u64>,
    /// Of a row; many can be told another number.
    pub max_tokens: Option<u32>,
}

/// How a weight of 0 or 1 may be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WeightKind {
    /// `0`, `1`.
    Integer,
    /// `0.0`, `1.0`.
    Float,
    /// `false`, `true`.
    Boolean,
    /// `null`.
    Null,
    /// `"0"`, `"1"`.
    Text,
}

/// How a row is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// `messages` of `role` and `content`.
    Messages,
    /// `conversations` of `from` and `value`, and `system`.
    Conversations,
    /// `prompt` and `completion`, each a list of messages.
    PromptCompletion,
    /// `prompt` and `completion`, each a text.
    PromptCompletionText,
    /// `instruction`, `input`, `output`, `system`, `history`.
    Alpaca,
    /// `query`, `response`, `system`, `history`.
    QueryResponse,
    /// `text`.
    Text,
}

/// What can be wrong with files and rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// The file is of another type.
    FileType,
    /// The file is too large.
    Bytes,
    /// The file holds no row.
    EmptyFile,
    /// A byte order mark stands inside the file.
    Bom,
    /// Bytes that are not UTF-8.
    NotUtf8,
    /// A line that is no JSON object.
    NotJson,
    /// Too few rows to train on.
    FewRows,
    /// Too many rows.
    ManyRows,
    /// A line without anything.
    BlankLine,
    /// A key that stands twice in an object.
    KeyTwice,
    /// In one file, a key is a text here and a number there.
    MixedTypes,
    /// Between files, a key is of a type that does not fit that of the first.
    MixedFiles,
    /// Between files, a number becomes a text because the first one has texts.
    Retyped,
    /// Rows of one file are laid out in several ways.
    MixedShapes,
    /// Everything that is said looks like a date.
    Dates,
    /// Every text of another key looks like a date.
    DateColumns,
    /// The row is laid out in no way that the target knows.
    Shape,
    /// A key of the row that the target does not know.
    RowKey,
    /// A column by whose name a trainer takes the row for another format.
    Reserved,
    /// A key of a message that the target does not know.
    MessageKey,
    /// A role that the target does not know.
    Role,
    /// A system message that is not the first.
    SystemPlace,
    /// A system message behind an answer.
    SystemLate,
    /// Two system messages in a row.
    SystemTwice,
    /// An answer and nothing else.
    Lone,
    /// The first to speak is not the user.
    First,
    /// One side speaks twice in a row.
    Alternation,
    /// The last to speak is not the assistant.
    Last,
    /// The assistant says nothing at all.
    NoAnswer,
    /// Content that is no text.
    Content,
    /// Some contents are texts and some are lists of parts.
    MixedParts,
    /// Content that is blank.
    Blank,
    /// An answer that is empty.
    EmptyAnswer,
    /// A weight that is neither 0 nor 1 (or false and true).
    WeightValue,
    /// A weight on what is not the assistant's.
    WeightRole,
    /// A weight of 1 on what is not the assistant's.
    OthersLearned,
    /// A weight of 0 that the target does not read.
    Unlearned,
    /// There is nothing to learn from.
    NothingLearned,
    /// The row is longer than the target reads.
    Tokens,
    /// `state.json`, which marks a folder of `save_to_disk`.
    StateJson,
    /// Something in `data/` that is no Parquet.
    ForeignFile,
    /// Files of several types side by side.
    MixedFormats,
    /// Schema metadata of `datasets` 4 and later.
    HubMetadata,
    /// A column of string views.
    StringView,
    /// A column of large strings or large lists.
    LargeType,
    /// Messages with other fields than role and content.
    MessageFields,
}

impl Rule {
    /// Returns the name of the rule.
    #[must_use]
    pub fn word(self) -> String {
        let name = serde_json::to_value(self).ok();
        name.as_ref().and_then(|name| name.as_str()).unwrap_or_default().to_owned()
    }
}

/// What a target does with what it does not take as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It refuses the file, or the run stops.
    Refuses,
    /// It loses the row, with a line in a log or without.
    Drops,
    /// It makes another dialogue of it.
    Alters,
    /// It cuts the row.
    Truncates,
    /// It learns from what should only be read.
    Learns,
}

impl Outcome {
    /// Returns the word for people.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Refuses => "refuses",
            Self::Drops => "drops",
            Self::Alters => "alters",
            Self::Truncates => "truncates",
            Self::Learns => "learns",
        }
    }
}

/// What a target does where a rule is broken.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reaction {
    /// What becomes of the row, or of the file.
    pub outcome: Outcome,
    /// What the target says, or what is known of it.
    pub says: String,
}

impl Target {
    /// Returns a target by its name, or by that of a chat format that is made for it.
    ///
    /// # Errors
    /// [`Error::Recipe`] where there is none.
    ///
    /// # Panics
    /// When an embedded file is not of the form it should have, which a test would have seen.
    pub fn named(name: &str) -> Result<Self> {
        let known = FILES.iter().map(|(known, _)| Self::read(known));
        let mut targets: Vec<Self> = known.collect();
        let at = targets.iter().position(|target| target.name == name).or_else(|| {
            targets
                .iter()
                .position(|target| target.formats.iter().any(|format| format == name))
        });
        at.map(|at| targets.swap_remove(at)).ok_or_else(|| Error::Recipe {
            place: format!("--target {name}"),
            message: format!("is none; there are: {}", Self::names().join(", ")),
        })
    }

    /// Returns the names of all targets.
    #[must_use]
    pub fn names() -> Vec<&'static str> {
        FILES.iter().map(|(name, _)| *name).collect()
    }

    fn read(name: &'static str) -> Self {
        let text = FILES.iter().find(|(known, _)| *known == name).map_or("", |(_, text)| text);
        let mut target: Self = toml::from_str(text).unwrap_or_else(|error| panic!("target {name}: {error}"));
        target.name = name;
        target
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export;

    #[test]
    fn every_target_is_whole() {
        for name in Target::names() {
            let target = Target::named(name).expect("a target");
            assert!(
                !target.source.is_empty() && target.date.len() == 10,
                "{name}: where from, and when?"
            );
            for format in &target.formats {
                assert!(export::format(format).is_some(), "{name}: {format} is no chat format");
            }
            assert!(target.unweighted || target.weight.is_some() || name == "datasets", "{name}");
            assert_eq!(
                target.unweighted,
                target.rules.contains_key(&Rule::Unlearned) && target.weight.is_none() || name == "data-juicer",
                "{name}"
            );
        }
    }

    #[test]
    fn every_chat_format_has_a_target() {
        for format in export::FORMATS {
            assert!(Target::named(format.name).is_ok(), "{}", format.name);
        }
    }
}
