//! Counts the books, the digest and the totals of a dataset again from its published files.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use polars::prelude::{DataFrame, PolarsResult};

use super::entries::{Entry, each_entry};
use super::{each_slice, list, text_field};
use crate::count::{Totals, UNDETERMINED};
use crate::digest::{ContentDigest, Row, hash};
use crate::error::{Error, Result};
use crate::ledger::{Account, Books};
use crate::refine::REDACTED;
use crate::split::Split;

/// What the published files say.
#[derive(Debug, Default)]
pub(crate) struct Recount {
    /// The books, counted again row by row.
    pub(crate) books: Books,
    /// The digest, added up again.
    pub(crate) digest: ContentDigest,
    /// The samples of each split, added up again.
    pub(crate) totals: [Totals; 3],
    /// The first thing that does not fit together, in words.
    pub(crate) objection: Option<String>,
    /// A hash of each sample's id.
    ids: HashSet<u128>,
    /// A hash of the session and the place of each utterance that is kept.
    utterances: HashSet<u128>,
}

/// Counts a dataset and its ledger again. `shards` are the Parquet files of `dataset/`, relative to it.
///
/// # Errors
/// [`Error::Parquet`] where a file cannot be read as what it should be.
pub(crate) fn recount<'s>(out: &Path, shards: impl Iterator<Item = &'s str>) -> Result<Recount> {
    let mut recount = Recount::default();
    for shard in shards {
        let name = shard.trim_start_matches("data/");
        let split = Split::ALL.into_iter().find(|split| name.starts_with(split.word()));
        let split = split.ok_or_else(|| Error::Disagrees(format!("{shard} belongs to no split")))?;
        each_slice(&out.join("dataset").join(shard), None, |frame| recount.samples(split, frame))?;
    }
    each_entry(&out.join("audit"), &mut |entry| recount.entry(&entry))?;
    let kept: u64 = recount.totals.iter().map(|totals| totals.samples).sum();
    recount.books.samples.kept += kept;
    recount.books.samples.entered += kept;
    Ok(recount)
}

impl Recount {
    fn samples(&mut self, split: Split, frame: &DataFrame) -> PolarsResult<()> {
        let texts = |name| frame.column(name)?.str().cloned();
        let (ids, sessions, users) = (texts("id")?, texts("session_id")?, texts("user")?);
        let started_at = frame.column("started_at")?.datetime()?.physical().clone();
        let begin = frame.column("begin")?.f64()?.clone();
        let (exchanges, merged) = (
            frame.column("exchanges")?.i32()?.clone(),
            frame.column("merged")?.i32()?.clone(),
        );
        let interrupted = frame.column("interrupted")?.bool()?.clone();
        let (spans, messages) = list(frame, "messages")?;
        let (roles, contents) = (text_field(&messages, "role")?, text_field(&messages, "content")?);
        let (weight_spans, weights) = list(frame, "weights")?;
        if weight_spans != spans {
            self.object(|| "there is not one weight for each message".to_owned());
        }
        let weights = weights.i8()?.clone();
        let (utterance_spans, utterance_ids) = list(frame, "utterance_ids")?;
        let utterance_ids: Vec<i64> = utterance_ids.i64()?.iter().flatten().collect();
        for (at, (span, utterance_span)) in spans.into_iter().zip(utterance_spans).enumerate() {
            let id = ids.get(at).unwrap_or_default();
            if !self.ids.insert(hash(id)) {
                self.object(|| format!("sample {id} stands there twice"));
            }
            let row = Row {
                split,
                id,
                session_id: sessions.get(at).unwrap_or_default(),
                user: users.get(at),
                started_at: started_at.get(at),
                begin: begin.get(at),
                counts: [exchanges.get(at).unwrap_or_default(), merged.get(at).unwrap_or_default()],
                interrupted: interrupted.get(at).unwrap_or_default(),
                messages: span.map(|at| {
                    (
                        roles.get(at).unwrap_or_default(),
                        contents.get(at).unwrap_or_default(),
                        weights.get(at).unwrap_or_default(),
                    )
                }),
                utterance_ids: utterance_ids.get(utterance_span).unwrap_or_default(),
            };
            self.digest.add(row);
        }
        if let Some(totals) = Split::ALL
            .iter()
            .zip(&mut self.totals)
            .find_map(|(known, totals)| (*known == split).then_some(totals))
        {
            totals.merge(&added_up(frame)?);
        }
        Ok(())
    }

    fn entry(&mut self, entry: &Entry<'_>) {
        let account = match entry.unit {
            "document" => &mut self.books.documents,
            "utterance" => &mut self.books.utterances,
            "sample" => &mut self.books.samples,
            other => {
                let other = other.to_owned();
                return self.object(|| format!("the ledger has a unit {other}"));
            }
        };
        let (stage, code) = entry.reason.unzip();
        enter(account, entry.fate, stage, code);
        if !matches!(entry.fate, "kept" | "merged" | "dropped" | "quarantined") {
            self.object(|| "the ledger has a fate that is none".to_owned());
        }
        if entry.unit != "utterance" {
            return;
        }
        if !matches!(entry.fate, "kept" | "merged") {
            if entry.text().is_none() {
                self.object(|| "the text of an utterance is neither in the dataset nor in the ledger".to_owned());
            }
            return;
        }
        let (session, position) = (entry.session_id.unwrap_or_default(), entry.position());
        if !self.utterances.insert(hash(&format!("{session}\0{position}"))) {
            self.object(|| format!("entry {position} of call {session} is kept twice"));
        }
        let is_redacted = entry.detail().is_some_and(|detail| detail.starts_with(REDACTED));
        if entry.text().is_some() != is_redacted {
            self.object(|| "the ledger repeats a text that is in the dataset, or lacks one that is redacted there".to_owned());
        }
        let sample = entry.sample_id.unwrap_or_default();
        if !self.ids.contains(&hash(sample)) {
            self.object(|| format!("an utterance is kept in sample {sample}, which is not in the dataset"));
        }
    }

    fn object(&mut self, words: impl FnOnce() -> String) {
        self.objection.get_or_insert_with(words);
    }
}

/// Adds up the columns of numbers.
fn added_up(frame: &DataFrame) -> PolarsResult<Totals> {
    let sum = |name| -> PolarsResult<u64> {
        let column = frame.column(name)?.i32()?;
        Ok(column.iter().flatten().map(|one| u64::from(one.unsigned_abs())).sum())
    };
    let (_, messages) = list(frame, "messages")?;
    let (_, weights) = list(frame, "weights")?;
    let roles = text_field(&messages, "role")?;
    let weights = weights.i8()?;
    let learned = weights.iter().filter(|weight| *weight == Some(1)).count() as u64;
    let answers = roles.iter().filter(|role| *role == Some("assistant")).count() as u64;
    let mut languages = BTreeMap::new();
    for language in frame.column("language")?.str()?.iter() {
        *languages.entry(language.unwrap_or(UNDETERMINED).to_owned()).or_default() += 1;
    }
    Ok(Totals {
        samples: frame.height() as u64,
        exchanges: sum("exchanges")?,
        learned,
        read: answers.saturating_sub(learned),
        characters: sum("characters")?,
        words: sum("words")?,
        tokens: sum("tokens")?,
        languages,
    })
}

/// Enters a row of the ledger by its words.
pub(super) fn enter(account: &mut Account, fate: &str, stage: Option<&str>, reason: Option<&str>) {
    account.entered += 1;
    match fate {
        "kept" => account.kept += 1,
        "merged" => account.merged += 1,
        "dropped" => account.dropped += 1,
        _ => account.quarantined += 1,
    }
    if let (Some(stage), Some(reason)) = (stage, reason) {
        *account.reasons.entry(format!("{stage}.{reason}")).or_default() += 1;
    }
}
