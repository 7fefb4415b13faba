//! The books: what became of every document, utterance and sample.
//!
//! A fate is given once and counted once. [`Books::check`] holds the promise that nothing is lost.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What a row of the ledger is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// The bytes of one archived record, or something that was looked at and not taken for one.
    Document,
    /// One entry of a call's dialog.
    Utterance,
    /// One training example.
    Sample,
}

impl Unit {
    /// All units, in the order in which the data passes them.
    pub const ALL: [Self; 3] = [Self::Document, Self::Utterance, Self::Sample];

    /// Returns the word used in the ledger's column `unit`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Document => "document",
            Self::Utterance => "utterance",
            Self::Sample => "sample",
        }
    }
}

/// A stable code for why something was dropped or quarantined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reason {
    /// The room that objected, one of [`STAGES`].
    pub stage: &'static str,
    /// What it objected to.
    pub code: &'static str,
}

/// The stages that may object, in the order in which the data passes them.
pub(crate) const STAGES: [&str; 8] = ["source", "wire", "dedup", "judge", "pair", "compose", "count", "filter"];

/// A reason with what was seen. The detail may quote personal data: it goes to `audit/` only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// The stable code.
    pub reason: Reason,
    /// The evidence, for people.
    pub detail: Option<Box<str>>,
}

impl Reason {
    /// Makes a reason; for the constants that each judge and filter keeps in its own file.
    #[must_use]
    pub const fn new(stage: &'static str, code: &'static str) -> Self {
        Self { stage, code }
    }

    /// Returns a cause without detail.
    #[must_use]
    pub fn plain(self) -> Cause {
        Cause {
            reason: self,
            detail: None,
        }
    }

    /// Returns a cause with what was seen.
    #[must_use]
    pub fn because(self, detail: impl Into<Box<str>>) -> Cause {
        Cause {
            reason: self,
            detail: Some(detail.into()),
        }
    }
}

/// What became of a unit. Each unit has exactly one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It is in the dataset.
    Kept,
    /// It is in the dataset as a later part of another unit's text.
    Merged,
    /// The recipe does not want it.
    Dropped(Cause),
    /// It was not understood; its bytes were set aside.
    Quarantined(Cause),
}

impl Fate {
    /// Returns the word used in the ledger's column `fate`.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Merged => "merged",
            Self::Dropped(_) => "dropped",
            Self::Quarantined(_) => "quarantined",
        }
    }

    /// Returns why, where something objected.
    #[must_use]
    pub fn cause(&self) -> Option<&Cause> {
        match self {
            Self::Dropped(cause) | Self::Quarantined(cause) => Some(cause),
            Self::Kept | Self::Merged => None,
        }
    }
}

/// The account of one unit: `entered` is counted where units enter, the rest where they leave.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Account {
    /// How many came in.
    pub entered: u64,
    /// How many are in the dataset.
    pub kept: u64,
    /// How many were joined to another that is in the dataset.
    pub merged: u64,
    /// How many the recipe did not want.
    pub dropped: u64,
    /// How many were not understood.
    pub quarantined: u64,
    /// The dropped and quarantined by `stage.code`.
    pub reasons: BTreeMap<String, u64>,
}

impl Account {
    /// Enters one fate.
    pub fn enter(&mut self, fate: &Fate) {
        match fate {
            Fate::Kept => self.kept += 1,
            Fate::Merged => self.merged += 1,
            Fate::Dropped(cause) => {
                self.dropped += 1;
                self.count(cause.reason);
            }
            Fate::Quarantined(cause) => {
                self.quarantined += 1;
                self.count(cause.reason);
            }
        }
    }

    fn count(&mut self, reason: Reason) {
        *self.reasons.entry(format!("{}.{}", reason.stage, reason.code)).or_default() += 1;
    }

    fn left(&self) -> u64 {
        self.kept + self.merged + self.dropped + self.quarantined
    }

    fn add(&mut self, other: &Self) {
        self.entered += other.entered;
        self.kept += other.kept;
        self.merged += other.merged;
        self.dropped += other.dropped;
        self.quarantined += other.quarantined;
        for (reason, count) in &other.reasons {
            *self.reasons.entry(reason.clone()).or_default() += count;
        }
    }
}

/// The three accounts of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Books {
    /// Documents, with everything that was looked at and not taken for one.
    pub documents: Account,
    /// Utterances of the documents that were understood.
    pub utterances: Account,
    /// Samples that were composed.
    pub samples: Account,
}

impl Books {
    /// Returns the account of a unit.
    #[must_use]
    pub fn account(&self, unit: Unit) -> &Account {
        match unit {
            Unit::Document => &self.documents,
            Unit::Utterance => &self.utterances,
            Unit::Sample => &self.samples,
        }
    }

    /// Returns the account of a unit, to enter something.
    pub fn account_mut(&mut self, unit: Unit) -> &mut Account {
        match unit {
            Unit::Document => &mut self.documents,
            Unit::Utterance => &mut self.utterances,
            Unit::Sample => &mut self.samples,
        }
    }

    /// Adds the books of a part of the run.
    pub fn add(&mut self, other: &Self) {
        for unit in Unit::ALL {
            self.account_mut(unit).add(other.account(unit));
        }
    }

    /// Returns the first imbalance in words, or `None` when everything that entered left.
    #[must_use]
    pub fn check(&self) -> Option<String> {
        Unit::ALL.into_iter().find_map(|unit| {
            let account = self.account(unit);
            let reasons: u64 = account.reasons.values().sum();
            let word = unit.word();
            if account.entered != account.left() {
                Some(format!("{} {word}s entered and {} left", account.entered, account.left()))
            } else if reasons == account.dropped + account.quarantined {
                None
            } else {
                Some(format!(
                    "{word}s: {reasons} reasons for {} that were turned away",
                    account.dropped + account.quarantined
                ))
            }
        })
    }
}

/// Returns a share; that of nothing is none.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "a share for people")]
pub(crate) fn share(count: u64, of: u64) -> f64 {
    if of == 0 { 0.0 } else { count as f64 / of as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn books_that_lose_one_do_not_balance() {
        let mut books = Books::default();
        books.utterances.entered = 2;
        books.utterances.enter(&Fate::Kept);
        assert!(
            books
                .check()
                .is_some_and(|words| words.contains("2 utterances entered and 1 left"))
        );
        books.utterances.enter(&Fate::Dropped(Reason::new("judge", "filler").plain()));
        assert_eq!(books.check(), None);
    }
}
