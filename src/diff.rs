//! Compares two datasets sample by sample: what came, what went, what changed, and why.
//!
//! A sample is found again by its call and the moment of its request, so that another number does not make it another one.
//! Memory grows with the samples of the first dataset, by some hundred bytes each.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use serde::Serialize;

use crate::digest::hash;
use crate::error::Result;
use crate::ledger::{Books, share};
use crate::manifest::{self, Manifest};
use crate::readback::{Published, each_entry, each_published};
use crate::split::Split;

/// So many ids are named for each reason.
const EXAMPLES: usize = 5;

/// What is different between two datasets.
#[derive(Debug, Serialize)]
pub struct Diff {
    /// The samples of the first and of the second.
    pub samples: [u64; 2],
    /// Samples that only the second has, by why the first has none: `stage.code`, or in words.
    pub added: BTreeMap<String, Group>,
    /// Samples that only the first has, by why the second has none.
    pub removed: BTreeMap<String, Group>,
    /// Samples that both have, by what is not the same.
    pub changed: BTreeMap<String, Group>,
    /// The share of utterances that were dropped or quarantined, in the first and in the second.
    pub drop_rate: [f64; 2],
    /// The share of documents that were quarantined.
    pub quarantine_rate: [f64; 2],
    /// The keys of the recipe that are not the same, with both values.
    pub recipe: BTreeMap<String, [Option<String>; 2]>,
    /// Whether both are the same samples, by their content digests.
    pub is_same: bool,
}

/// Samples that share a reason.
#[derive(Debug, Default, Serialize)]
pub struct Group {
    /// How many.
    pub count: u64,
    /// Some of them.
    pub examples: Vec<String>,
}

impl Diff {
    /// Returns how many samples are in some groups.
    #[must_use]
    pub fn count(groups: &BTreeMap<String, Group>) -> u64 {
        groups.values().map(|group| group.count).sum()
    }

    /// Returns the share of the first dataset's samples that some groups are; of nothing, all.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a share for people")]
    pub fn share(&self, groups: &BTreeMap<String, Group>) -> f64 {
        let count = Self::count(groups);
        if count == 0 {
            0.0
        } else {
            count as f64 / self.samples[0].max(1) as f64
        }
    }
}

/// What one sample is, in hashes.
struct Known {
    messages: u128,
    weights: u128,
    user: u128,
    split: Split,
}

/// By what a sample is found again: its call, the moment of its request, and its place among those of the same moment.
type Key = (u128, u128);

/// A sample that only one of two datasets has.
struct Lonely {
    id: String,
    session: String,
    utterances: Vec<i64>,
}

/// Compares two output folders, the earlier one first.
///
/// # Errors
/// Any error of reading.
pub fn diff(before: &Path, after: &Path) -> Result<Diff> {
    let read = |out: &Path| manifest::read::<Manifest>(&out.join("dataset/manifest.json"));
    let manifests = [read(before)?, read(after)?];
    let mut known: HashMap<Key, Known> = HashMap::new();
    each(before, &manifests[0], &mut |split, key, sample| {
        known.insert(key, Known::of(split, sample));
    })?;
    let (mut changed, mut added) = (BTreeMap::new(), Vec::new());
    each(after, &manifests[1], &mut |split, key, sample| match known.remove(&key) {
        None => added.push(Lonely::of(sample)),
        Some(earlier) => {
            if let Some(words) = earlier.changes(&Known::of(split, sample)) {
                enter(&mut changed, words, sample.id);
            }
        }
    })?;
    let mut removed = Vec::new();
    each(before, &manifests[0], &mut |_, key, sample| {
        if known.contains_key(&key) {
            removed.push(Lonely::of(sample));
        }
    })?;
    let [first, second] = &manifests;
    Ok(Diff {
        samples: [first.books.samples.kept, second.books.samples.kept],
        added: reasons(before, &added)?,
        removed: reasons(after, &removed)?,
        changed,
        drop_rate: manifests.each_ref().map(|manifest| drop_rate(&manifest.books)),
        quarantine_rate: manifests.each_ref().map(|manifest| {
            let documents = &manifest.books.documents;
            share(documents.quarantined, documents.entered)
        }),
        recipe: recipes(first, second),
        is_same: first.content_digest == second.content_digest,
    })
}

/// Calls back with every sample of a dataset and its key.
fn each(out: &Path, manifest: &Manifest, look: &mut dyn FnMut(Split, Key, &Published<'_>)) -> Result<()> {
    let mut last = (0, 0, 0_u32);
    for split in Split::ALL {
        for shard in manifest.shards(split.word()) {
            each_published(&out.join("dataset").join(&shard.path), &mut |sample| {
                let moment = match sample.begin {
                    Some(begin) => hash(&format!("{begin}")),
                    None => hash(sample.id),
                };
                let session = hash(sample.session_id);
                last = match last {
                    (of, at, number) if of == session && at == moment => (of, at, number + 1),
                    _ => (session, moment, 0),
                };
                look(split, (session, moment.wrapping_add(u128::from(last.2))), sample);
                true
            })?;
        }
    }
    Ok(())
}

impl Known {
    fn of(split: Split, sample: &Published<'_>) -> Self {
        let (mut messages, mut weights) = (String::new(), String::new());
        for (role, content, learn) in &sample.messages {
            for part in [role, "\0", content, "\0"] {
                messages.push_str(part);
            }
            weights.push(if *learn { '1' } else { '0' });
        }
        Self {
            messages: hash(&messages),
            weights: hash(&weights),
            user: hash(sample.user.unwrap_or_default()),
            split,
        }
    }

    /// Says what is not the same; `None` where all is.
    fn changes(&self, later: &Self) -> Option<String> {
        let parts = [
            ("messages", self.messages != later.messages),
            // Other messages have other weights.
            ("weights", self.messages == later.messages && self.weights != later.weights),
            ("split", self.split != later.split),
            ("user", self.user != later.user),
        ];
        let words: Vec<&str> = parts
            .into_iter()
            .filter(|(_, is_changed)| *is_changed)
            .map(|(word, _)| word)
            .collect();
        (!words.is_empty()).then(|| words.join(" and "))
    }
}

impl Lonely {
    fn of(sample: &Published<'_>) -> Self {
        Self {
            id: sample.id.to_owned(),
            session: sample.session_id.to_owned(),
            utterances: sample.utterance_ids.clone(),
        }
    }
}

/// Groups samples by why a dataset does not have them, which its ledger tells.
fn reasons(out: &Path, lonely: &[Lonely]) -> Result<BTreeMap<String, Group>> {
    let mut groups = BTreeMap::new();
    if lonely.is_empty() {
        return Ok(groups);
    }
    let mut of_session: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, sample) in lonely.iter().enumerate() {
        of_session.entry(&sample.session).or_default().push(at);
    }
    // For each sample the fate of its call, and the last reason among its utterances.
    let mut why: Vec<Option<String>> = vec![None; lonely.len()];
    each_entry(&out.join("audit"), &mut |entry| {
        let samples = entry.session_id.and_then(|session| of_session.get(session));
        let reason = entry.reason.map(|(stage, code)| format!("{stage}.{code}"));
        for &at in samples.into_iter().flatten() {
            let Some((why, sample)) = why.get_mut(at).zip(lonely.get(at)) else {
                continue;
            };
            let is_own = entry.utterance_id.is_some_and(|id| sample.utterances.contains(&id));
            match (entry.unit, &reason) {
                // The call is there; what became of it, its utterances tell.
                ("document", None) => *why = Some(ELSEWHERE.to_owned()),
                ("document", Some(reason)) if why.is_none() => *why = Some(reason.clone()),
                ("utterance", Some(reason)) if is_own => *why = Some(reason.clone()),
                _ => {}
            }
        }
    })?;
    for (sample, why) in lonely.iter().zip(why) {
        enter(&mut groups, why.unwrap_or_else(|| "not in the input".to_owned()), &sample.id);
    }
    Ok(groups)
}

/// Why a sample is missing of which every utterance is kept.
const ELSEWHERE: &str = "its utterances are in other samples";

fn enter(groups: &mut BTreeMap<String, Group>, reason: String, id: &str) {
    let group = groups.entry(reason).or_default();
    group.count += 1;
    if group.examples.len() < EXAMPLES {
        group.examples.push(id.to_owned());
    }
}

fn drop_rate(books: &Books) -> f64 {
    let utterances = &books.utterances;
    share(utterances.dropped + utterances.quarantined, utterances.entered)
}

/// Returns the keys of two recipes that differ, by their path.
fn recipes(first: &Manifest, second: &Manifest) -> BTreeMap<String, [Option<String>; 2]> {
    let mut keys: BTreeMap<String, [Option<String>; 2]> = BTreeMap::new();
    for (at, manifest) in [first, second].into_iter().enumerate() {
        let table = toml::Value::try_from(&manifest.recipe).ok();
        flat("", table.as_ref(), &mut |path, value| {
            if let Some(slot) = keys.entry(path).or_default().get_mut(at) {
                *slot = Some(value);
            }
        });
    }
    keys.retain(|_, [first, second]| first != second);
    keys
}

fn flat(path: &str, value: Option<&toml::Value>, see: &mut dyn FnMut(String, String)) {
    match value {
        Some(toml::Value::Table(table)) => {
            for (key, value) in table {
                let path = if path.is_empty() {
                    key.clone()
                } else {
                    format!("{path}.{key}")
                };
                flat(&path, Some(value), see);
            }
        }
        Some(value) => see(path.to_owned(), value.to_string()),
        None => {}
    }
}
