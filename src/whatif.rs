//! What a threshold costs: the same calls under several recipes, in one pass over the data.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use rayon::prelude::*;

use crate::dedup::{Admission, Sessions};
use crate::document::Origin;
use crate::error::Result;
use crate::ledger::Fate;
use crate::pipeline::{next_window, open, read};
use crate::recipe::Plan;
use crate::refine::{Call, call};
use crate::session::Session;
use crate::source::{Batch, Piece, Shared, Source};
use crate::wire;

/// What survives under one recipe.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Survivors {
    /// Utterances of the calls that were understood.
    pub entered: u64,
    /// Utterances that are in the dataset.
    pub utterances: u64,
    /// Samples of the dataset.
    pub samples: u64,
    /// Tokens of its messages, estimated: one for four bytes, or for one and a half characters of Han, Kana or Hangul.
    pub tokens: u64,
}

/// An utterance that one of two recipes keeps and the other does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The call.
    pub session_id: String,
    /// The entry.
    pub utterance_id: i64,
    /// `user` or `agent`, or as archived.
    pub role: String,
    /// What was said.
    pub text: String,
    /// What becomes of it under the one recipe and under the next.
    pub fates: [Fate; 2],
}

/// The same calls under several recipes.
#[derive(Debug, Clone, Default)]
pub struct Comparison {
    /// For each recipe what survives.
    pub survivors: Vec<Survivors>,
    /// For each recipe but the last, the first few utterances that it treats otherwise than the next: those nearest to
    /// the line, since they are on one side of it here and on the other there.
    pub nearest: Vec<Vec<Difference>>,
}

/// Counts what survives under each plan. The plans must read inputs alike: those of the first are read.
///
/// # Errors
/// Any [`crate::Error`] of reading.
pub fn compare(plans: &[Plan], inputs: &[PathBuf], shared: &Arc<Shared>, most: usize) -> Result<Comparison> {
    let Some(first) = plans.first() else {
        return Ok(Comparison::default());
    };
    let source = Source::find(inputs, &[])?;
    let mut sessions = Sessions::default();
    let mut comparison = pass(plans, first, &source, &mut sessions, shared, most)?;
    if sessions.overtaken() {
        sessions.rewind();
        comparison = pass(plans, first, &source, &mut sessions, shared, most)?;
    }
    Ok(comparison)
}

fn pass(
    plans: &[Plan],
    first: &Plan,
    source: &Source,
    sessions: &mut Sessions,
    shared: &Arc<Shared>,
    most: usize,
) -> Result<Comparison> {
    let mut comparison = Comparison::new(plans);
    shared.read.store(0, Ordering::Relaxed);
    read(source, first, shared, |batches| {
        while let Some(window) = next_window(batches, shared)? {
            let window = open(window, first, shared);
            let mut calls: Vec<Vec<(Session<'_>, Origin)>> = window.par_iter().map(parsed).collect();
            for batch in &mut calls {
                batch.retain(|(session, origin)| sessions.admit(session, origin) == Admission::Admitted);
            }
            let parts: Vec<_> = calls.par_iter().map(|batch| compared(plans, batch, most)).collect();
            for part in parts {
                comparison.add(part, most);
            }
        }
        Ok(())
    })?;
    Ok(comparison)
}

/// Parses what is a call in a batch.
fn parsed(batch: &Batch) -> Vec<(Session<'_>, Origin)> {
    let documents = batch.iter().flat_map(Piece::documents).flatten();
    documents
        .filter_map(|document| Some((wire::parse(&document).ok()?, document.origin)))
        .collect()
}

fn compared(plans: &[Plan], batch: &[(Session<'_>, Origin)], most: usize) -> Comparison {
    let mut comparison = Comparison::new(plans);
    for (session, _) in batch {
        let calls: Vec<Call<'_>> = plans.iter().map(|plan| call(plan, session.clone())).collect();
        for (survivors, call) in comparison.survivors.iter_mut().zip(&calls) {
            survivors.count(call);
        }
        for (nearest, pair) in comparison.nearest.iter_mut().zip(calls.windows(2)) {
            if let [one, next] = pair {
                let room = most.saturating_sub(nearest.len());
                nearest.extend(differences(one, next).take(room));
            }
        }
    }
    comparison
}

/// Yields the utterances of which only one of two recipes makes something.
fn differences<'c>(one: &'c Call<'_>, next: &'c Call<'_>) -> impl Iterator<Item = Difference> + 'c {
    let is_kept = |fate: &Fate| matches!(fate, Fate::Kept | Fate::Merged);
    let pairs = one.fates.iter().zip(&next.fates);
    let utterances = one.session.utterances.iter().zip(pairs);
    let other = utterances.filter(move |(_, ((fate, _), (later, _)))| is_kept(fate) != is_kept(later));
    other.map(|(utterance, ((fate, _), (later, _)))| Difference {
        session_id: one.session.id.to_string(),
        utterance_id: utterance.id,
        role: utterance.role.word().to_owned(),
        text: utterance.text.to_string(),
        fates: [fate.clone(), later.clone()],
    })
}

impl Comparison {
    fn new(plans: &[Plan]) -> Self {
        Self {
            survivors: vec![Survivors::default(); plans.len()],
            nearest: vec![Vec::new(); plans.len().saturating_sub(1)],
        }
    }

    fn add(&mut self, part: Self, most: usize) {
        for (all, some) in self.survivors.iter_mut().zip(part.survivors) {
            all.entered += some.entered;
            all.utterances += some.utterances;
            all.samples += some.samples;
            all.tokens += some.tokens;
        }
        for (all, some) in self.nearest.iter_mut().zip(part.nearest) {
            let room = most.saturating_sub(all.len());
            all.extend(some.into_iter().take(room));
        }
    }
}

impl Survivors {
    fn count(&mut self, call: &Call<'_>) {
        let kept = call
            .fates
            .iter()
            .filter(|(fate, _)| matches!(fate, Fate::Kept | Fate::Merged));
        self.entered += call.fates.len() as u64;
        self.utterances += kept.count() as u64;
        self.samples += call.samples.len() as u64;
        self.tokens += call.samples.iter().map(|sample| u64::from(sample.size.tokens)).sum::<u64>();
    }
}
