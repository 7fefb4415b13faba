//! Adds chat formats and the report to a dataset that is already there, from its own files.
//!
//! What comes out is, byte for byte, what a build with these in its recipe would have made.

use std::path::Path;

use crate::error::{Error, Result};
use crate::export::Format;
use crate::hub;
use crate::manifest::{self, AuditFiles, Manifest};
use crate::output::{ChatWriter, FileEntry, Stage, guide};
use crate::publish::{finish, write_hub, write_report};
#[cfg(feature = "polars")]
use crate::readback::each_published;
use crate::recipe::{Plan, Writing};
use crate::source::Shared;
use crate::split::Split;
use crate::verify::verify;

/// So many bytes of lines are gathered before they are written.
const BATCH_BYTES: usize = 1 << 20;

/// Writes a dataset in further chat formats, whole or not at all, after proving that it is what its manifest says.
///
/// Formats that it has already are written no second time.
///
/// # Errors
/// [`Error::Recipe`] for a format that there is not, [`Error::Disagrees`] where the dataset is not as its manifest says, and
/// any error of reading and writing.
pub fn convert(out: &Path, formats: &[String]) -> Result<Manifest> {
    extend(out, |output| {
        let is_new = |name: &&String| !output.chat.contains(name);
        let new: Vec<_> = formats.iter().filter(is_new).cloned().collect();
        output.chat.extend(new);
    })
}

/// Writes the report of a dataset that has none, as [`convert`] does.
///
/// # Errors
/// As [`convert`].
pub fn add_report(out: &Path) -> Result<Manifest> {
    extend(out, |output| output.report = true)
}

/// Writes what a recipe asks for beside what is there.
fn extend(out: &Path, ask: impl FnOnce(&mut Writing)) -> Result<Manifest> {
    let mut manifest: Manifest = manifest::read(&out.join("dataset/manifest.json"))?;
    let mut recipe = manifest.recipe.clone();
    ask(&mut recipe.output);
    let mut plan = Plan::new(recipe, None)?;
    if manifest.turnset != env!("CARGO_PKG_VERSION") {
        let words = format!("made by turnset {}: build it again", manifest.turnset);
        return Err(Error::Disagrees(words));
    }
    verify(out)?;
    let before = manifest.recipe.output.chat.len();
    let new = plan.formats.split_off(before.min(plan.formats.len()));
    let has_report = manifest.recipe.output.report;
    if plan.recipe == manifest.recipe {
        return Ok(manifest);
    }
    let AuditFiles { files: mut audit } = manifest::read(&out.join("audit/files.json"))?;
    let stage = Stage::begin(out, true)?;
    manifest.files.retain(|file| !hub::is_own(&file.path));
    for file in &manifest.files {
        stage.keep("dataset", &file.path)?;
    }
    for file in &audit {
        stage.keep("audit", &file.path)?;
    }
    manifest.recipe = plan.recipe;
    let written = write(out, &manifest, &new, &stage)?;
    manifest.files.extend(written);
    let hub = write_hub(&stage, &manifest)?;
    if manifest.recipe.output.report && !has_report {
        write_report(&stage, &mut manifest, &mut audit)?;
    }
    manifest.files.extend(hub);
    finish(stage, manifest, audit, &Shared::default())
}

/// Writes all splits in the new formats, and what lies beside them.
fn write(out: &Path, manifest: &Manifest, formats: &[Format], stage: &Stage) -> Result<Vec<FileEntry>> {
    let mut written = Vec::new();
    for split in Split::ALL {
        let mut chats: Vec<_> = formats
            .iter()
            .map(|format| (format, ChatWriter::new(*format, split, stage.dataset()), Vec::new()))
            .collect();
        for shard in manifest.shards(split.word()) {
            each_sample(&out.join("dataset").join(&shard.path), &mut |sample| {
                for (format, chat, lines) in &mut chats {
                    (format.lines)(sample, lines);
                    if lines.len() > BATCH_BYTES {
                        chat.take(lines)?;
                        lines.clear();
                    }
                }
                Ok(())
            })?;
        }
        for (_, mut chat, lines) in chats {
            chat.take(&lines)?;
            written.extend(chat.finish());
        }
    }
    for format in formats {
        let beside = guide(format, &stage.dataset(), &written)?;
        written.extend(beside);
    }
    Ok(written)
}

/// Calls back with the messages of every sample of a shard, in order, until that fails.
#[cfg(feature = "polars")]
fn each_sample(path: &Path, look: &mut dyn FnMut(&crate::sample::Sample<'_>) -> Result<()>) -> Result<()> {
    let mut done = Ok(());
    each_published(path, &mut |published| {
        done = look(&published.sample());
        done.is_ok()
    })?;
    done
}

/// A slim build has no reader for Parquet.
#[cfg(not(feature = "polars"))]
fn each_sample(_: &Path, _: &mut dyn FnMut(&crate::sample::Sample<'_>) -> Result<()>) -> Result<()> {
    Err(Error::Feature("polars"))
}
