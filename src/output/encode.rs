//! Turns what was refined into rows and lines, and enters every fate in the books. Pure, and parallel over batches.

use arrow::array::RecordBatch;

use super::ledger_table::{Entry, Rows};
use super::sample_table::{self, Part};
use crate::count::Totals;
use crate::digest::ContentDigest;
use crate::document::Origin;
use crate::ledger::{Books, Fate, Unit};
use crate::recipe::Plan;
use crate::refine::{Call, Known, REDACTED, Refined};
use crate::sample::Sample;
use crate::split::Split;

/// What one batch leaves behind.
#[derive(Debug)]
pub(crate) struct Encoded {
    /// For each split its rows, and for each chat format its lines.
    pub(super) splits: [(RecordBatch, Vec<Vec<u8>>); 3],
    pub(super) ledger: RecordBatch,
    /// Names and bytes.
    pub(super) quarantine: Vec<(String, Vec<u8>)>,
    /// The samples of each split, added up.
    pub totals: [Totals; 3],
    /// The fates of the batch.
    pub books: Books,
    /// The digest of its samples.
    pub digest: ContentDigest,
    /// The sum of the digests of its documents.
    pub inputs: ContentDigest,
}

/// Encodes one batch.
#[must_use]
pub(crate) fn encode(plan: &Plan, batch: &[Refined<'_>]) -> Encoded {
    let mut quarantine = Vec::new();
    let mut books = Books::default();
    let mut digest = ContentDigest::default();
    let mut inputs = ContentDigest::default();
    let sources: Vec<String> = batch.iter().map(|refined| refined.origin.to_string()).collect();
    let mut rows = ledger_rows(batch, &sources);
    let users: Vec<Option<String>> = batch.iter().map(|refined| user(plan, refined)).collect();
    for (refined, source) in batch.iter().zip(&sources) {
        inputs.add_bytes(refined.bytes);
        match &refined.outcome {
            Ok(call) => enter_call(call, source, &mut rows, &mut books),
            Err(fate) => {
                let is_set_aside = matches!(fate, Fate::Quarantined(_)) && !refined.bytes.is_empty();
                let name = is_set_aside.then(|| set_aside(&refined.origin, refined.bytes));
                books.documents.entered += 1;
                books.documents.enter(fate);
                rows.push(Entry {
                    set_aside: name.as_deref(),
                    ..Entry::new(Unit::Document, fate, source)
                });
                quarantine.extend(name.map(|name| (name, refined.bytes.to_vec())));
            }
        }
    }
    let mut totals: [Totals; 3] = Default::default();
    let mut of_splits = totals.iter_mut();
    let splits = Split::ALL.map(|split| {
        let parts: Vec<Part<'_, '_>> = batch
            .iter()
            .zip(&sources)
            .zip(&users)
            .filter_map(|((refined, source), user)| {
                let call = refined.outcome.as_ref().ok().filter(|call| call.split == split)?;
                let user = user.as_deref();
                Some(Part { call, user, source })
            })
            .collect();
        if let Some(totals) = of_splits.next() {
            parts
                .iter()
                .flat_map(|part| &part.call.samples)
                .for_each(|sample| totals.add(sample));
        }
        (sample_table::rows(&parts, split, &mut digest), lines(plan, &parts))
    });
    Encoded {
        splits,
        ledger: rows.finish(),
        quarantine,
        totals,
        books,
        digest,
        inputs,
    }
}

/// Makes room for the rows of a batch: one for each document and utterance, and few more.
fn ledger_rows(batch: &[Refined<'_>], sources: &[String]) -> Rows {
    let (mut rows, mut ids, mut origins) = (0, 0, 0);
    for (refined, source) in batch.iter().zip(sources) {
        let session = refined.outcome.as_ref().ok().map(|call| &call.session);
        let own = 1 + session.map_or(0, |session| session.utterances.len());
        rows += own;
        ids += own * session.map_or(0, |session| session.id.len());
        origins += own * source.len();
    }
    Rows::new(rows, ids, origins)
}

fn user(plan: &Plan, refined: &Refined<'_>) -> Option<String> {
    let call = refined.outcome.as_ref().ok().filter(|call| !call.samples.is_empty())?;
    call.session.user.as_deref().map(|user| plan.pseudonyms.name(user))
}

fn lines(plan: &Plan, parts: &[Part<'_, '_>]) -> Vec<Vec<u8>> {
    let samples = || parts.iter().flat_map(|part| &part.call.samples);
    let write = |format: &crate::export::Format| {
        let texts = samples()
            .flat_map(|sample| &sample.messages)
            .map(|message| message.content.len() + 64);
        let mut lines = Vec::with_capacity(texts.sum());
        samples().for_each(|sample| (format.lines)(sample, &mut lines));
        lines
    };
    plan.formats.iter().map(write).collect()
}

fn enter_call(call: &Call<'_>, source: &str, rows: &mut Rows, books: &mut Books) {
    let session = &call.session;
    let session_id = Some(session.id.as_ref());
    let fate = call.dropped.clone().map_or(Fate::Kept, Fate::Dropped);
    books.documents.entered += 1;
    books.documents.enter(&fate);
    rows.push(Entry {
        session_id,
        note: session.oddity.as_deref(),
        ..Entry::new(Unit::Document, &fate, source)
    });
    books.utterances.entered += session.utterances.len() as u64;
    let mut sample_id = (0, String::new());
    for known in call.utterances() {
        let Known {
            utterance,
            label,
            fate,
            sample,
            note,
        } = known;
        books.utterances.enter(fate);
        if let Some(number) = sample
            && number != sample_id.0
        {
            sample_id.0 = number;
            Sample::write_id(&session.id, number, &mut sample_id.1);
        }
        rows.push(Entry {
            session_id,
            utterance_id: Some(utterance.id),
            position: Some(utterance.position),
            begin: utterance.begin,
            role: Some(utterance.role.word()),
            kind: Some(&utterance.kind),
            label: Some(label.word()),
            note,
            // Also what is in the dataset, but not as it was said.
            text: (sample.is_none() || note.is_some_and(|note| note.starts_with(REDACTED))).then_some(utterance.text.as_ref()),
            sample_id: sample.map(|_| sample_id.1.as_str()),
            ..Entry::new(Unit::Utterance, fate, source)
        });
    }
    books.samples.entered += (call.samples.len() + call.rejected.len()) as u64;
    books.samples.kept += call.samples.len() as u64;
    for (sample, cause) in &call.rejected {
        let fate = Fate::Dropped(cause.clone());
        books.samples.enter(&fate);
        rows.push(Entry {
            session_id,
            begin: sample.begin,
            sample_id: Some(&Sample::id(&session.id, sample.number)),
            ..Entry::new(Unit::Sample, &fate, source)
        });
    }
}

/// Names the file of a quarantined document: readable, harmless on every system, and the same only for the same bytes
/// of the same origin. Two origins can be spelled alike: an archive may hold a name twice.
fn set_aside(origin: &Origin, bytes: &[u8]) -> String {
    let origin = origin.to_string();
    let mut hasher = blake3::Hasher::new();
    let hash = hasher
        .update(origin.as_bytes())
        .update(&[0])
        .update(bytes)
        .finalize()
        .to_hex();
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') {
            c
        } else {
            '_'
        }
    };
    let start = origin.chars().count().saturating_sub(80);
    let name: String = origin.chars().skip(start).map(plain).collect();
    let short: String = hash.chars().take(8).collect();
    format!("quarantine/{short}-{}", name.trim_start_matches('.'))
}
