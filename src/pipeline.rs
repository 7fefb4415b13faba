//! The whole run on one screen: read, refine, admit, encode, write, publish.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

use rayon::prelude::*;

use crate::count::Totals;
use crate::dedup::{Admission, Sessions};
use crate::digest::ContentDigest;
use crate::document::Document;
use crate::error::{Error, Result};
use crate::ledger::Books;
use crate::manifest::{Inputs, Manifest};
use crate::output::{self, Encoded, FileEntry, Stage, Writer, Written, encode};
use crate::publish::publish;
use crate::recipe::Plan;
use crate::refine::{Refined, refine};
use crate::source::{Batch, Piece, Refusal, Shared, Source};
use crate::split::Split;

/// How much of the input each thread works on at a time. Everything else in memory is a small multiple of this.
/// What is written does not depend on it.
const WINDOW_BYTES: usize = 1 << 20;
/// How many batches the reader thread may be ahead.
const AHEAD: usize = 4;

/// What to build and where.
#[derive(Debug, Clone)]
pub struct Job {
    /// Folders, globs, files, or `-`.
    pub inputs: Vec<PathBuf>,
    /// The output folder; `None` to count only.
    pub out: Option<PathBuf>,
    /// Whether to replace what is there.
    pub overwrite: bool,
    /// Further output folders, whose datasets are no input even where they lie in one.
    pub pass_over: Vec<PathBuf>,
}

/// How far a run is.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    /// Bytes read, packed, of `bytes_total`.
    pub bytes: u64,
    /// All bytes to read; those of standard input are known once it has been read.
    pub bytes_total: u64,
    /// Documents done.
    pub documents: u64,
    /// Samples made.
    pub samples: u64,
}

/// What a run made.
#[derive(Debug)]
pub struct Built {
    /// The manifest as published; without files if the run only counted.
    pub manifest: Manifest,
    /// What the user should know.
    pub warnings: Vec<String>,
}

/// Builds a dataset and publishes it whole, or not at all.
///
/// # Errors
/// Any [`Error`]; nothing is published then.
///
/// # Panics
/// When the books do not balance: a bug. Nothing is published then.
pub fn build(plan: &Plan, job: &Job, shared: &Arc<Shared>, progress: &(dyn Fn(Progress) + Sync)) -> Result<Built> {
    let outs = job.out.iter().chain(&job.pass_over);
    let own: Vec<_> = outs.flat_map(|out| output::own(out)).collect();
    let source = Source::find(&job.inputs, &own)?;
    shared.started.store(true, Ordering::Relaxed);
    let stage = job.out.as_deref().map(|out| Stage::begin(out, job.overwrite)).transpose()?;
    let mut sessions = Sessions::default();
    let mut run = Run::pass(plan, &source, stage.as_ref(), &mut sessions, shared, progress)?;
    if sessions.overtaken() {
        // A session came a second time and fuller than the first, which was already written.
        sessions.rewind();
        stage.as_ref().map_or(Ok(()), Stage::clear)?;
        shared.read.store(0, Ordering::Relaxed);
        run = Run::pass(plan, &source, stage.as_ref(), &mut sessions, shared, progress)?;
        if !sessions.settled() {
            return Err(Error::InputChanged("a call is not as it was in the first pass".to_owned()));
        }
    }
    if let Some(imbalance) = run.books.check() {
        panic!("the books do not balance: {imbalance}");
    }
    let (manifest, written) = run.close(plan)?;
    let warnings = warnings(plan, &manifest);
    let manifest = match stage {
        None => manifest,
        Some(stage) => publish(stage, manifest, written, shared)?,
    };
    Ok(Built { manifest, warnings })
}

/// Calls back with every document of the inputs, refined, in order, until the callback returns `false`. Writes nothing.
///
/// # Errors
/// Any [`Error`] of reading, and that of the callback.
pub fn each(
    plan: &Plan,
    inputs: &[PathBuf],
    shared: &Arc<Shared>,
    look: &mut dyn FnMut(&Refined<'_>) -> Result<bool>,
) -> Result<()> {
    let source = Source::find(inputs, &[])?;
    read(&source, plan, shared, |batches| {
        while let Some(window) = next_window(batches, shared)? {
            let window = open(window, plan, shared);
            for document in window.iter().flatten().flat_map(Piece::documents) {
                if !look(&refined(plan, document))? {
                    shared.stop.store(true, Ordering::Relaxed);
                    return Ok(());
                }
            }
        }
        Ok(())
    })
}

/// One pass over the input.
struct Run {
    books: Books,
    digest: ContentDigest,
    inputs: ContentDigest,
    /// The samples of each split, added up.
    totals: [Totals; 3],
    writer: Option<Writer>,
}

impl Run {
    fn pass(
        plan: &Plan,
        source: &Source,
        stage: Option<&Stage>,
        sessions: &mut Sessions,
        shared: &Arc<Shared>,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<Self> {
        let mut run = Self {
            books: Books::default(),
            digest: ContentDigest::default(),
            inputs: ContentDigest::default(),
            totals: Default::default(),
            writer: stage.map(|stage| Writer::new(plan, stage)).transpose()?,
        };
        let bytes_total = source.bytes();
        read(source, plan, shared, |batches| {
            let mut encoded = Vec::new();
            while let Some(window) = next_window(batches, shared)? {
                // While one window is refined, what the one before left behind is compressed and written.
                let (written, next) = rayon::join(
                    || run.write(std::mem::take(&mut encoded)),
                    || process(plan, window, sessions, shared),
                );
                written?;
                encoded = next;
                run.enter(&encoded);
                if sessions.overtaken() {
                    // What is written now would be thrown away: only the sessions still matter.
                    run.writer = None;
                }
                progress(Progress {
                    bytes: shared.read.load(Ordering::Relaxed),
                    bytes_total,
                    documents: run.books.documents.entered,
                    samples: run.books.samples.kept,
                });
            }
            run.write(encoded)
        })?;
        Ok(run)
    }

    fn enter(&mut self, window: &[Encoded]) {
        for encoded in window {
            self.books.add(&encoded.books);
            self.digest.merge(&encoded.digest);
            self.inputs.merge(&encoded.inputs);
            for (totals, part) in self.totals.iter_mut().zip(&encoded.totals) {
                totals.merge(part);
            }
        }
    }

    fn write(&mut self, window: Vec<Encoded>) -> Result<()> {
        self.writer.as_mut().map_or(Ok(()), |writer| writer.take(window))
    }

    fn close(self, plan: &Plan) -> Result<(Manifest, Option<Written>)> {
        let written = self.writer.map(Writer::finish).transpose()?;
        let splits = Split::ALL
            .into_iter()
            .zip(self.totals)
            .filter(|(_, totals)| totals.samples > 0);
        let manifest = Manifest {
            turnset: env!("CARGO_PKG_VERSION").to_owned(),
            content_digest: self.digest.hex(),
            inputs: Inputs {
                documents: self.books.documents.entered,
                digest: self.inputs.hex(),
            },
            users_keyed: plan.pseudonyms.keyed,
            splits: splits.map(|(split, totals)| (split.word().to_owned(), totals)).collect(),
            tokens: plan.counter.tokenizing.clone(),
            books: self.books,
            recipe: plan.recipe.clone(),
            files: Vec::new(),
            audit: FileEntry::default(),
        };
        Ok((manifest, written))
    }
}

/// Runs the reader thread beside `work`, and ends it when `work` ends.
pub(crate) fn read<T>(
    source: &Source,
    plan: &Plan,
    shared: &Arc<Shared>,
    work: impl FnOnce(&Receiver<Batch>) -> Result<T>,
) -> Result<T> {
    std::thread::scope(|scope| {
        let (sender, batches) = sync_channel(AHEAD);
        let reader = scope.spawn(move || source.read(&plan.recipe.input, shared, &sender));
        let done = work(&batches);
        drop(batches);
        // When the work ended early, the reader can only say that nobody listens any more.
        let read = reader.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        match (done, read) {
            (Ok(done), Ok(()) | Err(Error::Interrupted)) => Ok(done),
            (Err(error), _) | (_, Err(error)) => Err(error),
        }
    })
}

/// Gathers batches for one round of work; `None` at the end of the input.
pub(crate) fn next_window(batches: &Receiver<Batch>, shared: &Shared) -> Result<Option<Vec<Batch>>> {
    let mut window = Vec::new();
    let mut bytes = 0;
    while bytes < WINDOW_BYTES * rayon::current_num_threads() {
        if shared.stop.load(Ordering::Relaxed) {
            return Err(Error::Interrupted);
        }
        match batches.recv_timeout(Duration::from_millis(100)) {
            Ok(batch) => {
                bytes += batch.iter().map(Piece::size).sum::<usize>();
                window.push(batch);
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    Ok((!window.is_empty()).then_some(window))
}

fn process(plan: &Plan, window: Vec<Batch>, sessions: &mut Sessions, shared: &Arc<Shared>) -> Vec<Encoded> {
    let window = open(window, plan, shared);
    let mut refined: Vec<Vec<Refined<'_>>> = window
        .par_iter()
        .map(|batch| {
            batch
                .iter()
                .flat_map(Piece::documents)
                .map(|document| refined(plan, document))
                .collect()
        })
        .collect();
    for refined in refined.iter_mut().flatten() {
        if let Ok(call) = &mut refined.outcome
            && let Admission::Dropped(cause) = sessions.admit(&call.session, &refined.origin)
        {
            call.drop_all(&cause);
        }
    }
    // Each batch is dropped by the core that encoded it.
    let encoded = refined.into_par_iter().map(|batch| encode(plan, &batch)).collect();
    for batch in window {
        shared.recycle(batch);
    }
    encoded
}

/// Opens what lies packed in a window.
pub(crate) fn open(window: Vec<Batch>, plan: &Plan, shared: &Arc<Shared>) -> Vec<Batch> {
    let open = |batch: Batch| {
        let pieces = batch.into_iter().flat_map(|piece| piece.open(&plan.recipe.input, shared));
        pieces.collect()
    };
    window.into_par_iter().map(open).collect()
}

fn refined<'a>(plan: &'a Plan, document: Result<Document<'a>, Refusal<'a>>) -> Refined<'a> {
    match document {
        Ok(document) => refine(plan, document),
        Err(refusal) => Refined::from(refusal),
    }
}

fn warnings(plan: &Plan, manifest: &Manifest) -> Vec<String> {
    let mut warnings = Vec::new();
    if manifest.books.samples.kept == 0 {
        warnings.push("no sample was made: the funnel and audit/ledger.parquet say why".to_owned());
    } else {
        let is_empty = |split: &Split| !manifest.splits.contains_key(split.word());
        for split in plan.recipe.split.wanted().filter(is_empty) {
            warnings.push(format!(
                "split `{}` would be empty and is not written: there are too few users",
                split.word()
            ));
        }
        if !plan.pseudonyms.keyed {
            warnings.push("no --user-key-file and no TURNSET_USER_KEY: the column `user` hides numeric ids from nobody who tries to guess them".to_owned());
        }
    }
    warnings
}
