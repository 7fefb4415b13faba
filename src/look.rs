//! A first look at a dataset: its first samples, and what became of one call or one utterance.

use std::path::Path;

use serde::Serialize;

use crate::compose::SampleUnit;
use crate::error::{Error, Result};
use crate::manifest::{self, Manifest};
use crate::readback::{Entry, Said, Shown, each_entry, each_published};
use crate::split::Split;

/// A sample as it was published.
#[derive(Debug, Serialize)]
pub struct Look {
    /// Its split.
    pub split: &'static str,
    /// Its id.
    pub id: String,
    /// Its exchanges.
    pub exchanges: i32,
    /// Its tokens.
    pub tokens: i32,
    /// Its language.
    pub language: Option<String>,
    /// What is said in it.
    pub messages: Vec<LookMessage>,
}

/// A message of a sample.
#[derive(Debug, Serialize)]
pub struct LookMessage {
    /// `system`, `user` or `assistant`.
    pub role: String,
    /// What is said.
    pub content: String,
    /// Whether a model should learn it.
    pub learn: bool,
}

/// What became of an utterance, or of a whole document.
#[derive(Debug, Serialize)]
pub struct Trace {
    /// `document`, `utterance` or `sample`.
    pub unit: String,
    /// The document.
    pub source: String,
    /// The call.
    pub session_id: Option<String>,
    /// Of an utterance.
    pub utterance_id: Option<i64>,
    /// Seconds from the start of the call.
    pub begin: Option<f64>,
    /// Who spoke.
    pub role: String,
    /// What was heard.
    pub label: String,
    /// `kept`, `merged`, `dropped` or `quarantined`.
    pub fate: String,
    /// Why, as `stage.code`.
    pub reason: Option<String>,
    /// On what evidence.
    pub detail: Option<String>,
    /// The sample that it is in.
    pub sample_id: Option<String>,
    /// What was said; of what was kept, the turn that it begins.
    pub text: Option<String>,
}

/// Returns the first samples of a dataset, or of one split.
///
/// # Errors
/// [`Error::Input`] for a split that it does not have; any error of reading.
pub fn head(out: &Path, split: Option<&str>, number: usize) -> Result<Vec<Look>> {
    let manifest = open(out)?;
    if let Some(split) = split.filter(|split| !manifest.splits.contains_key(*split)) {
        let there: Vec<_> = manifest.splits.keys().map(String::as_str).collect();
        return Err(Error::Input {
            path: out.to_owned(),
            message: format!("has no split `{split}`; there are: {}", there.join(", ")),
        });
    }
    let mut looks = Vec::new();
    let splits = Split::ALL
        .into_iter()
        .map(Split::word)
        .filter(|word| split.is_none_or(|split| split == *word));
    for split in splits {
        for shard in manifest.shards(split) {
            if looks.len() >= number {
                break;
            }
            each_published(&out.join("dataset").join(&shard.path), &mut |sample| {
                if looks.len() < number {
                    let messages = sample.messages.iter().map(|&(role, content, learn)| LookMessage {
                        role: role.to_owned(),
                        content: content.to_owned(),
                        learn,
                    });
                    looks.push(Look {
                        split,
                        id: sample.id.to_owned(),
                        exchanges: sample.exchanges,
                        tokens: sample.tokens,
                        language: sample.language.map(ToOwned::to_owned),
                        messages: messages.collect(),
                    });
                }
                looks.len() < number
            })?;
        }
    }
    Ok(looks)
}

/// Returns what became of a call, utterance by utterance, or of one of its utterances. `name` is the call's id, or the name
/// of its document.
///
/// # Errors
/// [`Error::Input`] where the dataset knows no such call or utterance; any error of reading.
pub fn trace(out: &Path, name: &str, utterance: Option<i64>) -> Result<Vec<Trace>> {
    let manifest = open(out)?;
    let mut traces = Vec::new();
    let mut of_document = None;
    each_entry(&out.join("audit"), &mut |entry| {
        if entry.session_id == Some(name) {
            traces.push(Trace::of(&entry));
        } else if entry.unit == "document" && entry.source == name {
            of_document = Some(Trace::of(&entry));
        }
    })?;
    match of_document {
        Some(Trace {
            session_id: Some(session),
            ..
        }) if traces.is_empty() => return trace(out, &session, utterance),
        // One that was not understood has no call.
        Some(document) if traces.is_empty() => traces.push(document),
        _ => {}
    }
    tell(out, &manifest, name, &mut traces)?;
    traces.retain(|trace| utterance.is_none_or(|id| trace.utterance_id == Some(id)));
    if traces.is_empty() {
        let utterance = utterance.map_or(String::new(), |id| format!(" with an utterance {id}"));
        return Err(Error::Input {
            path: out.to_owned(),
            message: format!("knows no call {name}{utterance}"),
        });
    }
    Ok(traces)
}

/// Adds what was said and is in the dataset, which the ledger does not repeat.
fn tell(out: &Path, manifest: &Manifest, session: &str, traces: &mut [Trace]) -> Result<()> {
    let is_whole = manifest.recipe.unit == SampleUnit::Session;
    let mut shown = Shown::default();
    for split in Split::ALL {
        for shard in manifest.shards(split.word()) {
            each_published(&out.join("dataset").join(&shard.path), &mut |sample| {
                if sample.session_id == session {
                    shown.samples.push(sample.shown(is_whole));
                }
                true
            })?;
        }
    }
    let said = traces.iter().map(|trace| Said {
        role: trace.role.clone(),
        fate: trace.fate.clone(),
        sample: trace.sample_id.clone(),
        ..Said::default()
    });
    shown.utterances = said.collect();
    for (trace, text) in traces.iter_mut().zip(shown.texts(manifest.recipe.agent())) {
        trace.text = trace.text.take().or_else(|| text.map(ToOwned::to_owned));
    }
    Ok(())
}

impl Trace {
    fn of(entry: &Entry<'_>) -> Self {
        let said = entry.said();
        Self {
            unit: entry.unit.to_owned(),
            source: entry.source.to_owned(),
            session_id: entry.session_id.map(ToOwned::to_owned),
            utterance_id: entry.utterance_id,
            begin: said.begin,
            role: said.role,
            label: said.label,
            fate: said.fate,
            reason: said.reason,
            detail: said.detail,
            sample_id: said.sample,
            text: said.text,
        }
    }
}

fn open(out: &Path) -> Result<Manifest> {
    manifest::read(&out.join("dataset/manifest.json"))
}
