//! Adds chat formats to a dataset that is already there, from its own Parquet files.
//!
//! What comes out is, byte for byte, what a build with these formats in its recipe would have made.

use std::path::Path;

use crate::error::{Error, Result};
use crate::export::Format;
use crate::hub;
use crate::manifest::{self, AuditFiles, Manifest};
use crate::output::{ChatWriter, FileEntry, Stage, guide};
use crate::pipeline::write_hub;
#[cfg(feature = "polars")]
use crate::readback::each_sample;
use crate::recipe::Plan;
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
    let mut manifest: Manifest = manifest::read(&out.join("dataset/manifest.json"))?;
    let mut recipe = manifest.recipe.clone();
    let is_new = |name: &&String| !manifest.recipe.output.chat.contains(name);
    recipe.output.chat.extend(formats.iter().filter(is_new).cloned());
    let plan = Plan::new(recipe, None)?;
    if manifest.turnset != env!("CARGO_PKG_VERSION") {
        let words = format!(
            "made by turnset {}: build it again with the format in its recipe",
            manifest.turnset
        );
        return Err(Error::Disagrees(words));
    }
    verify(out)?;
    let before = manifest.recipe.output.chat.len();
    let new = plan.formats.get(before..).unwrap_or_default();
    if new.is_empty() {
        return Ok(manifest);
    }
    let audit: AuditFiles = manifest::read(&out.join("audit/files.json"))?;
    let stage = Stage::begin(out, true)?;
    manifest.files.retain(|file| !hub::is_own(&file.path));
    for file in &manifest.files {
        stage.keep("dataset", &file.path)?;
    }
    for path in audit.files.iter().map(|file| file.path.as_str()).chain(["files.json"]) {
        stage.keep("audit", path)?;
    }
    let written = write(out, &manifest, new, &stage)?;
    manifest.files.extend(written);
    manifest.recipe = plan.recipe;
    manifest.files.extend(write_hub(&stage, &manifest)?);
    manifest.files.sort();
    stage.write_dataset("manifest.json", &manifest::json(&manifest))?;
    stage.publish()?;
    Ok(manifest)
}

/// Writes all splits in the new formats, and what lies beside them.
fn write(out: &Path, manifest: &Manifest, formats: &[Format], stage: &Stage) -> Result<Vec<FileEntry>> {
    let mut written = Vec::new();
    for split in Split::ALL {
        let prefix = format!("data/{}-", split.word());
        let shards = manifest.files.iter().filter(|file| file.path.starts_with(&prefix));
        let mut chats: Vec<_> = formats
            .iter()
            .map(|format| (format, ChatWriter::new(*format, split, stage.dataset()), Vec::new()))
            .collect();
        for shard in shards {
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

/// A slim build has no reader for Parquet.
#[cfg(not(feature = "polars"))]
fn each_sample(_: &Path, _: &mut dyn FnMut(&crate::sample::Sample<'_>) -> Result<()>) -> Result<()> {
    Err(Error::Feature("polars"))
}
