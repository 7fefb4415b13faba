//! What a report tells of a dataset, gathered from its published files in one pass over the ledger and one over the samples.
//!
//! Memory grows with the number of users (some 40 bytes each), and with nothing else that grows with the input.

mod entries;
mod samples;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use super::entries::each_entry;
use super::samples::each_published;
use super::shown::{Said, Shown};
use super::tally::Tally;
use crate::compose::SampleUnit;
use crate::digest::hash;
use crate::error::Result;
use crate::ledger::Books;
use crate::manifest::Manifest;
use crate::split::Split;

/// So many calls are shown whole, chosen by a hash of their names.
const CALLS: usize = 40;
/// So many examples are shown of each reason.
const EXAMPLES: usize = 4;
/// So many different texts are counted at a time.
const DIFFERENT: usize = 100_000;
/// What is known of a dataset.
#[derive(Debug, Default)]
pub(crate) struct Survey {
    /// The books, counted again.
    pub(crate) books: Books,
    /// The reasons for which something was quarantined, not dropped.
    pub(crate) quarantining: BTreeSet<String>,
    /// Characters of the turns of users and of agents.
    pub(crate) turns: [Tally; 2],
    /// Tokens of samples.
    pub(crate) tokens: Tally,
    /// Exchanges of a call that are in the dataset.
    pub(crate) exchanges: Tally,
    /// Samples of a call.
    pub(crate) samples_per_call: Tally,
    /// Hundredths of a second from the entry before to one of a user, and to one of an agent.
    pub(crate) gaps: [Tally; 2],
    /// The samples of each user, by a hash of the pseudonym, in the splits.
    pub(crate) users: [HashMap<u128, u64>; 3],
    /// Samples of callers that are not known.
    pub(crate) without_user: u64,
    /// Calls and samples by day, `YYYY-MM-DD` in UTC, or none.
    pub(crate) days: BTreeMap<Option<String>, Day>,
    /// What was said most often, by users and by agents.
    pub(crate) repeated: [Repeated; 2],
    /// The calls that are shown, by the hash of their names.
    pub(crate) calls: BTreeMap<u128, Shown>,
    /// Examples of each reason, by the hash of their places.
    pub(crate) examples: BTreeMap<String, BTreeMap<u128, Example>>,
}

/// What came on one day.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Day {
    pub(crate) calls: u64,
    pub(crate) samples: u64,
}

/// How often texts come, in memory that is bounded: of very many different texts, the rarest are forgotten now and then,
/// so that a count may be too small by the number of times that this was done.
#[derive(Debug, Default)]
pub(crate) struct Repeated {
    /// By the hash of a text: how often it came, and the text from its second coming on.
    counts: HashMap<u128, (u32, Option<Box<str>>)>,
    /// How many texts were entered.
    entered: u64,
    /// How often the rarest were forgotten.
    forgotten: u32,
}

/// An utterance that was dropped, as an example of why.
#[derive(Debug)]
pub(crate) struct Example {
    pub(crate) session_id: String,
    pub(crate) said: Said,
    /// Where the nearest turn of the same side that was kept begins, and what was said.
    pub(crate) kept: Option<(Option<f64>, String)>,
}

/// Surveys a dataset that lies in two folders; `manifest` lists its Parquet files.
///
/// # Errors
/// [`crate::Error::Parquet`] where a file cannot be read as what it should be.
pub(crate) fn survey(dataset: &Path, audit: &Path, manifest: &Manifest) -> Result<Survey> {
    let mut survey = Survey::default();
    let mut entries = entries::Entries::default();
    each_entry(audit, &mut |entry| entries.take(&entry, &mut survey))?;
    entries.end(&mut survey);
    // With context in front, only the last exchange is the sample's own.
    let is_whole = manifest.recipe.unit == SampleUnit::Session;
    for (at, split) in Split::ALL.into_iter().enumerate() {
        let mut samples = samples::Samples::new(split, at, is_whole);
        for shard in manifest.shards(split.word()) {
            let wanted = samples::wanted(&survey);
            each_published(&dataset.join(&shard.path), &mut |sample| {
                samples.take(sample, &wanted, &mut survey);
                true
            })?;
        }
        samples.end(&mut survey);
    }
    let kept = survey.tokens.count();
    survey.books.samples.kept += kept;
    survey.books.samples.entered += kept;
    Ok(survey)
}

impl Repeated {
    fn enter(&mut self, said: &str) {
        self.entered += 1;
        let (count, text) = self.counts.entry(hash(said)).or_default();
        *count = count.saturating_add(1);
        if *count == 2 {
            *text = Some(said.into());
        }
        if self.counts.len() > DIFFERENT {
            self.forgotten += 1;
            let rare = self.forgotten;
            self.counts.retain(|_, (count, _)| *count > rare);
        }
    }

    /// Returns the texts that come most often, and how often.
    #[must_use]
    pub(crate) fn most(&self, number: usize) -> Vec<(&str, u64)> {
        let again = self
            .counts
            .values()
            .filter_map(|(count, text)| Some((text.as_deref()?, u64::from(*count))));
        let mut all: Vec<(&str, u64)> = again.collect();
        all.sort_by(|(a, of_a), (b, of_b)| of_b.cmp(of_a).then_with(|| a.cmp(b)));
        all.truncate(number);
        all
    }

    /// Returns how many texts were entered.
    #[must_use]
    pub(crate) fn count(&self) -> u64 {
        self.entered
    }
}

/// Keeps the few entries with the smallest keys.
fn keep_least<T>(map: &mut BTreeMap<u128, T>, most: usize, key: u128, value: impl FnOnce() -> T) {
    if map.len() < most || map.last_key_value().is_some_and(|(last, _)| key < *last) {
        map.insert(key, value());
        if map.len() > most {
            map.pop_last();
        }
    }
}
