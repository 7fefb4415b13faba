//! Refines one document: a pure function of the document and the plan. No clock, no random number, no I/O.

use std::collections::BTreeMap;

use crate::compose::{self, Room, SampleUnit};
use crate::document::{Document, Origin};
use crate::filter;
use crate::judge::{self, Label, Listener};
use crate::ledger::{Cause, Fate};
use crate::pair;
use crate::recipe::Plan;
use crate::redact::{self, Redacting};
use crate::sample::Sample;
use crate::session::{Session, Utterance};
use crate::source::Refusal;
use crate::split::Split;
use crate::wire;

/// One document with everything that became of it.
#[derive(Debug)]
pub struct Refined<'a> {
    /// Its name.
    pub origin: Origin,
    /// Its bytes as they came.
    pub bytes: &'a [u8],
    /// The call, or why there is none.
    pub outcome: Result<Call<'a>, Fate>,
}

/// A document that was understood.
#[derive(Debug)]
pub struct Call<'a> {
    /// The session.
    pub session: Session<'a>,
    /// Where its samples go.
    pub split: Split,
    /// What was heard in each utterance.
    pub labels: Vec<Label>,
    /// What became of each utterance, and the number of the sample in which it is learned or read.
    pub fates: Vec<(Fate, Option<u32>)>,
    /// What was inferred of utterances, by their place and in order, where the fate does not say it.
    pub notes: Vec<(usize, Box<str>)>,
    /// The samples that stay.
    pub samples: Vec<Sample<'a>>,
    /// The samples that a filter objected to.
    pub rejected: Vec<(Sample<'a>, Cause)>,
    /// Set when another document holds the session: nothing of this one is used.
    pub dropped: Option<Cause>,
}

/// What is known of one utterance of a call.
#[derive(Debug, Clone, Copy)]
pub struct Known<'c> {
    /// As it was archived.
    pub utterance: &'c Utterance<'c>,
    /// What was heard in it.
    pub label: Label,
    /// What became of it.
    pub fate: &'c Fate,
    /// The number of the sample in which it is learned or read.
    pub sample: Option<u32>,
    /// What was inferred of it.
    pub note: Option<&'c str>,
}

impl Known<'_> {
    /// Returns why it is as it is, in words: the evidence of the fate, else what was inferred.
    #[must_use]
    pub fn detail(&self) -> Option<&str> {
        self.fate.cause().and_then(|cause| cause.detail.as_deref()).or(self.note)
    }
}

/// Refines a document.
#[must_use]
pub(crate) fn refine<'a>(plan: &'a Plan, document: Document<'a>) -> Refined<'a> {
    Refined {
        outcome: wire::parse(&document)
            .map(|session| call(plan, session))
            .map_err(Fate::Quarantined),
        origin: document.origin,
        bytes: document.bytes,
    }
}

impl<'a> From<Refusal<'a>> for Refined<'a> {
    fn from(refusal: Refusal<'a>) -> Self {
        Self {
            origin: refusal.origin.clone(),
            bytes: refusal.bytes,
            outcome: Err(refusal.fate.clone()),
        }
    }
}

/// Returns for every utterance of a call the hashes of the features that the learned judge sees in it; none where it
/// is not asked. For training it: `benches/train.rs`.
#[must_use]
pub fn features(plan: &Plan, call: &Call<'_>) -> Vec<Option<Vec<u64>>> {
    judge::features(&plan.recipe.judge, Listener::new(&plan.lexicon, &call.session), &call.session)
}

/// Returns what is heard in each utterance of a call. For measuring what that costs: `benches/judging.rs`.
#[must_use]
pub fn labels(plan: &Plan, session: &Session<'_>) -> Vec<Label> {
    let verdicts = judge::judge(&plan.recipe.judge, Listener::new(&plan.lexicon, session), session);
    verdicts.iter().map(|verdict| verdict.label).collect()
}

/// Returns the hashes of the features that the judge of endings sees in a text. For training it: `benches/train.rs`.
#[must_use]
pub fn ending_features(said: &str) -> Vec<u64> {
    judge::ending_features(said)
}

/// Judges, pairs, composes and filters a session.
pub(crate) fn call<'a>(plan: &'a Plan, session: Session<'a>) -> Call<'a> {
    let recipe = &plan.recipe;
    let listener = Listener::new(&plan.lexicon, &session);
    let verdicts = judge::judge(&recipe.judge, listener, &session);
    let system = recipe.system.as_deref();
    let room = recipe.filter.tokens.room();
    let room = room.map(|tokens| Room {
        tokens,
        counter: &plan.counter,
    });
    let (composed, fates, mut notes) = if recipe.unit == SampleUnit::TurnDetection {
        let (samples, fates) = compose::turn_ends(recipe.context, system, &recipe.pair, &plan.lexicon, &session, &verdicts);
        (samples, fates, Vec::new())
    } else {
        let paired = pair::pair(&recipe.pair, recipe.perspective, listener, &session, &verdicts);
        let samples = compose::compose(recipe.unit, recipe.context, system, room, &paired);
        (samples, paired.fates, paired.notes)
    };
    let mut samples = Vec::with_capacity(composed.len());
    let mut rejected = Vec::new();
    let mut masked = BTreeMap::new();
    for mut sample in composed {
        mask(&recipe.redact, system, &session, &mut sample, &mut masked);
        let utterances = sample.utterances.iter().filter_map(|&at| session.utterances.get(at));
        sample.language = listener.language(utterances.map(|utterance| utterance.text.as_ref()));
        let contents = sample.messages.iter().map(|message| message.content.as_ref());
        let objection = match plan.counter.size(contents) {
            Ok(size) => {
                sample.size = size;
                filter::check(&recipe.filter, &sample)
            }
            Err(cause) => Some(cause),
        };
        match objection {
            None => samples.push(sample),
            Some(cause) => rejected.push((sample, cause)),
        }
    }
    tell_masked(&mut notes, masked);
    Call {
        split: recipe.split.assign(&session),
        labels: verdicts.iter().map(|verdict| verdict.label).collect(),
        fates: settle(fates, &samples, &rejected),
        session,
        notes,
        samples,
        rejected,
        dropped: None,
    }
}

/// How a note begins of an utterance whose text is not in the dataset as it was said.
pub(crate) const REDACTED: &str = "redacted: ";

/// Masks what must not be published in the messages of a sample, and says for which utterances that was.
fn mask(
    redacting: &Redacting,
    system: Option<&str>,
    session: &Session<'_>,
    sample: &mut Sample<'_>,
    masked: &mut BTreeMap<usize, Vec<&'static str>>,
) {
    let mut all = Vec::new();
    for message in &mut sample.messages {
        // What the recipe says is no caller's.
        if Some(message.content.as_ref()) == system {
            continue;
        }
        if let Some((text, masks)) = redact::redact(redacting, &message.content) {
            message.content = text.into();
            all.extend(masks);
        }
    }
    if all.is_empty() {
        return;
    }
    let said = |at: usize| {
        session
            .utterances
            .get(at)
            .and_then(|said| redact::redact(redacting, &said.text))
    };
    let own: Vec<_> = sample.utterances.iter().filter_map(|&at| Some((at, said(at)?.1))).collect();
    if own.is_empty() {
        // It was told in pieces, and no piece shows it.
        masked.extend(sample.utterances.iter().map(|&at| (at, all.clone())));
    }
    masked.extend(own);
}

/// Adds to the notes what was masked.
fn tell_masked(notes: &mut Vec<(usize, Box<str>)>, masked: BTreeMap<usize, Vec<&'static str>>) {
    for (at, masks) in masked {
        let told = format!("{REDACTED}{}", masks.join(", "));
        match notes.binary_search_by_key(&at, |(noted, _)| *noted) {
            Ok(place) => {
                if let Some((_, note)) = notes.get_mut(place) {
                    *note = format!("{told}; {note}").into();
                }
            }
            Err(place) => notes.insert(place, (at, told.into())),
        }
    }
}

/// Says for each utterance in which sample it is. One that is in none shares the fate of the sample that was rejected.
fn settle(fates: Vec<Fate>, samples: &[Sample<'_>], rejected: &[(Sample<'_>, Cause)]) -> Vec<(Fate, Option<u32>)> {
    let mut settled: Vec<_> = fates.into_iter().map(|fate| (fate, None)).collect();
    // Where an answer is learned counts before where it is context, and the first sample before the next.
    for own in [true, false] {
        for sample in samples {
            let (context, learned) = sample.utterances.split_at(sample.context.min(sample.utterances.len()));
            for &at in if own { learned } else { context } {
                if let Some((_, number)) = settled.get_mut(at) {
                    number.get_or_insert(sample.number);
                }
            }
        }
    }
    for (sample, cause) in rejected {
        for &at in &sample.utterances {
            if let Some((fate @ (Fate::Kept | Fate::Merged), None)) = settled.get_mut(at) {
                *fate = Fate::Dropped(cause.clone());
            }
        }
    }
    settled
}

impl Call<'_> {
    /// Yields the utterances in the order of the call, each with everything that is known of it.
    pub fn utterances(&self) -> impl Iterator<Item = Known<'_>> {
        let known = self.session.utterances.iter().zip(&self.labels).zip(&self.fates).enumerate();
        known.map(|(at, ((utterance, label), (fate, sample)))| Known {
            utterance,
            label: *label,
            fate,
            sample: *sample,
            note: self.note(at),
        })
    }

    fn note(&self, at: usize) -> Option<&str> {
        let place = self.notes.binary_search_by_key(&at, |(noted, _)| *noted).ok()?;
        self.notes.get(place).map(|(_, note)| note.as_ref())
    }

    /// Takes everything of this call out of the dataset.
    pub fn drop_all(&mut self, cause: &Cause) {
        for (fate, sample) in &mut self.fates {
            *fate = Fate::Dropped(cause.clone());
            *sample = None;
        }
        self.samples.clear();
        self.rejected.clear();
        self.dropped = Some(cause.clone());
    }
}
