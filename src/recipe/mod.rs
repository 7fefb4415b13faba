//! The recipe, as the user wrote it, and the plan, ready to run.

mod variants;

use std::fs;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use toml::{Table, Value};

use crate::compose::{Context, SampleUnit};
use crate::count::Counter;
use crate::error::{Error, Result};
use crate::export::{self, Format};
use crate::filter::Filters;
use crate::judge::{Judging, Lexicon};
use crate::pair::Pairing;
use crate::redact::{Pseudonyms, Redacting};
use crate::session::Perspective;
use crate::source::Reading;
use crate::split::Splitting;
use crate::text;

/// What the user wants, as written. Every key has a default that gives a good dataset.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Recipe {
    /// What one sample is made of.
    pub unit: SampleUnit,
    /// Whose turns are learned.
    pub perspective: Perspective,
    /// With `unit = "exchange"`: how many earlier exchanges stand in front.
    pub context: Context,
    /// The text of a system message for every sample; none if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    /// The path of a `tokenizer.json` that counts tokens; they are estimated if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokenizer: Option<PathBuf>,
    /// How inputs are read.
    pub input: Reading,
    /// Which utterances are wanted.
    pub judge: Judging,
    /// How turns become exchanges.
    pub pair: Pairing,
    /// What is masked in texts.
    pub redact: Redacting,
    /// Which samples are wanted.
    pub filter: Filters,
    /// How users are divided into splits.
    pub split: Splitting,
    /// What is written.
    pub output: Writing,
    /// What the card says that nobody can count.
    pub card: Card,
}

/// What the dataset card says that nobody can count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Card {
    /// What the dataset is called.
    pub name: String,
    /// Its licence, as the Hub names it, such as `cc-by-4.0`; the card says that none was chosen if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub license: Option<String>,
}

impl Default for Card {
    fn default() -> Self {
        Self {
            name: "Voice-agent calls as training samples".to_owned(),
            license: None,
        }
    }
}

/// What is written beside the Parquet files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Writing {
    /// The chat formats under `chat/`.
    pub chat: Vec<String>,
    /// The zstd level of the Parquet files.
    #[schemars(range(min = 1, max = 22))]
    pub compression_level: i32,
    /// Whether the report is written: `report.html`, and a copy in `audit/` that shows what was dropped. It is computed
    /// from the written files by polars, without which (a slim build) there is none.
    pub report: bool,
}

impl Default for Writing {
    fn default() -> Self {
        Self {
            chat: vec!["openai".to_owned()],
            compression_level: 1,
            report: cfg!(feature = "polars"),
        }
    }
}

#[cfg(feature = "polars")]
impl Recipe {
    /// Returns as whom the agent speaks in the messages; `None` where messages are no turns.
    #[must_use]
    pub(crate) fn agent(&self) -> Option<&'static str> {
        match (self.unit, self.perspective) {
            (SampleUnit::TurnDetection, _) => None,
            (_, Perspective::Agent) => Some("assistant"),
            (_, Perspective::User) => Some("user"),
        }
    }
}

impl Recipe {
    /// Reads a recipe from a TOML file, if there is one, and changes single keys: `split.test=0.1`.
    ///
    /// A value is TOML; what is no TOML is text, so that `system=Be brief.` needs no quotes.
    ///
    /// # Errors
    /// [`Error::Recipe`] for unknown keys, values of the wrong type, and a file that cannot be read.
    pub fn load(file: Option<&Path>, changes: &[String]) -> Result<Self> {
        let mut table = Table::new();
        if let Some(file) = file {
            let text = fs::read_to_string(file).map_err(|error| Error::Recipe {
                place: file.display().to_string(),
                message: format!("cannot be read: {error}"),
            })?;
            let wrong = |error: toml::de::Error| Error::Recipe {
                place: file.display().to_string(),
                message: error.to_string().trim_end().to_owned(),
            };
            // Read twice: once for errors with the line where they stand, once to be changed.
            toml::from_str::<Self>(&text).map_err(wrong)?;
            table = toml::from_str(&text).map_err(wrong)?;
        }
        let mut recipe = Self::from_table(table.clone(), "recipe")?;
        for change in changes {
            set(&mut table, change)?;
            // After each change, so that an error names the one that is wrong.
            recipe = Self::from_table(table.clone(), &format!("--set {change}"))?;
        }
        Ok(recipe)
    }

    fn from_table(table: Table, place: &str) -> Result<Self> {
        table.try_into().map_err(|error: toml::de::Error| Error::Recipe {
            place: place.to_owned(),
            message: error.to_string().trim_end().to_owned(),
        })
    }
}

fn set(table: &mut Table, change: &str) -> Result<()> {
    let wrong = |message: &str| Error::Recipe {
        place: format!("--set {change}"),
        message: message.to_owned(),
    };
    let (path, value) = change.split_once('=').ok_or_else(|| wrong("must be key=value"))?;
    let value = toml::from_str::<Table>(&format!("value = {value}"))
        .ok()
        .and_then(|mut parsed| parsed.remove("value"))
        .unwrap_or_else(|| Value::String(value.to_owned()));
    let (parents, key) = path.trim().rsplit_once('.').unwrap_or(("", path.trim()));
    let mut table = table;
    for parent in parents.split('.').filter(|parent| !parent.is_empty()) {
        let entry = table.entry(parent).or_insert_with(|| Value::Table(Table::new()));
        table = entry
            .as_table_mut()
            .ok_or_else(|| wrong(&format!("`{parent}` is not a table")))?;
    }
    table.insert(key.to_owned(), value);
    Ok(())
}

/// What will be done: the recipe checked, and everything that it names made ready.
#[derive(Debug)]
pub struct Plan {
    /// As the user wrote it, with every default.
    pub recipe: Recipe,
    pub(crate) lexicon: Lexicon,
    pub(crate) pseudonyms: Pseudonyms,
    pub(crate) formats: Vec<Format>,
    pub(crate) counter: Counter,
}

impl Plan {
    /// Checks a recipe and makes it ready. `secret` is the key of the users' pseudonyms.
    ///
    /// # Errors
    /// [`Error::Recipe`] where values do not fit each other or name nothing.
    pub fn new(mut recipe: Recipe, secret: Option<&[u8]>) -> Result<Self> {
        let wrong = |place: &str, message: String| Error::Recipe {
            place: place.to_owned(),
            message,
        };
        if let Some(objection) = recipe.split.objection() {
            return Err(wrong("split", objection));
        }
        if recipe.system.as_deref().is_some_and(text::is_blank) {
            return Err(wrong(
                "system",
                "is blank: leave it out for samples without a system message".to_owned(),
            ));
        }
        if let Some(key) = recipe.filter.objection() {
            return Err(wrong(key, "min is more than max: no sample could pass".to_owned()));
        }
        if recipe.judge.noise_repeats < 3 {
            return Err(wrong("judge.noise_repeats", "must be at least 3".to_owned()));
        }
        if recipe.input.max_document_bytes == 0 {
            return Err(wrong("input.max_document_bytes", "must be at least 1".to_owned()));
        }
        if !(1..=22).contains(&recipe.output.compression_level) {
            return Err(wrong("output.compression_level", "must be from 1 to 22".to_owned()));
        }
        if recipe.unit == SampleUnit::TurnDetection && recipe.perspective == Perspective::User {
            return Err(wrong(
                "perspective",
                "has no meaning where unit is \"turn-detection\"".to_owned(),
            ));
        }
        if recipe.output.report && !cfg!(feature = "polars") {
            return Err(Error::Feature("polars"));
        }
        recipe.judge.settle(recipe.perspective);
        let mut formats = Vec::new();
        for name in &recipe.output.chat {
            let format = export::format(name).ok_or_else(|| {
                let known: Vec<_> = export::FORMATS.iter().map(|format| format.name).collect();
                wrong("output.chat", format!("no format `{name}`; there are: {}", known.join(", ")))
            })?;
            if formats.iter().any(|known: &Format| known.name == format.name) {
                return Err(wrong("output.chat", format!("`{name}` stands there twice")));
            }
            formats.push(format);
        }
        Ok(Self {
            lexicon: Lexicon::new(&recipe.judge.lexicon),
            pseudonyms: Pseudonyms::new(secret),
            formats,
            counter: Counter::new(recipe.tokenizer.as_deref())?,
            recipe,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(changes: &[&str]) -> Result<Recipe> {
        let changes: Vec<_> = changes.iter().map(|&change| change.to_owned()).collect();
        Recipe::load(None, &changes)
    }

    #[test]
    fn every_key_can_be_set() {
        let recipe = load(&[
            "unit=session",
            "context=\"all\"",
            "split.test=0.1",
            "system=Be brief.",
            "filter.length.user.min=2",
        ])
        .unwrap();
        assert_eq!(recipe.unit, SampleUnit::Session);
        assert_eq!(recipe.context, Context::All);
        assert_eq!(recipe.system.as_deref(), Some("Be brief."));
        assert_eq!(recipe.filter.length.user.min, Some(2));
    }

    #[test]
    fn what_is_unknown_is_an_error_that_names_it() {
        for change in ["splitt.test=0.1", "unit=call", "context=some", "nothing"] {
            let error = load(&[change]).unwrap_err().to_string();
            assert!(error.contains(change), "{error}");
        }
        let recipe = load(&["split.test=0.6", "split.validation=0.4"]).unwrap();
        assert!(Plan::new(recipe, None).is_err());
    }
}
