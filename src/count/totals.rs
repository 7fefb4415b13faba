//! What the samples of a split are together.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::sample::{Sample, Speaker};

/// The samples of one split, added up.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Totals {
    /// How many samples.
    pub samples: u64,
    /// Their exchanges; one that is context of others counts for each.
    pub exchanges: u64,
    /// The answers that a model should learn.
    pub learned: u64,
    /// The answers that it should only read.
    pub read: u64,
    /// Characters of all contents that are not blank.
    pub characters: u64,
    /// Words of all contents.
    pub words: u64,
    /// Tokens of all contents.
    pub tokens: u64,
    /// Samples by language, `und` where it is none that turnset knows.
    pub languages: BTreeMap<String, u64>,
}

/// The code of ISO 639 for a language that nobody knows.
pub(crate) const UNDETERMINED: &str = "und";

impl Totals {
    /// Adds one sample.
    pub(crate) fn add(&mut self, sample: &Sample<'_>) {
        let answers = sample.messages.iter().filter(|message| message.role == Speaker::Assistant);
        let (answers, learned) = answers.fold((0, 0), |(all, learned), answer| (all + 1, learned + u64::from(answer.learn)));
        self.samples += 1;
        self.exchanges += u64::from(sample.exchanges);
        self.learned += learned;
        self.read += answers - learned;
        self.characters += u64::from(sample.size.characters);
        self.words += u64::from(sample.size.words);
        self.tokens += u64::from(sample.size.tokens);
        self.speak(sample.language.unwrap_or(UNDETERMINED), 1);
    }

    /// Adds the samples of another part.
    pub(crate) fn merge(&mut self, other: &Self) {
        let Self {
            samples,
            exchanges,
            learned,
            read,
            characters,
            words,
            tokens,
            languages,
        } = other;
        self.samples += samples;
        self.exchanges += exchanges;
        self.learned += learned;
        self.read += read;
        self.characters += characters;
        self.words += words;
        self.tokens += tokens;
        for (language, samples) in languages {
            self.speak(language, *samples);
        }
    }

    fn speak(&mut self, language: &str, samples: u64) {
        // Without a name of its own for each sample.
        match self.languages.get_mut(language) {
            Some(count) => *count += samples,
            None => drop(self.languages.insert(language.to_owned(), samples)),
        }
    }
}
