//! What goes with the data (the report, what the Hub and trainers look for, the lists of files), and publishing it all.

use std::sync::atomic::Ordering;

use crate::error::{Error, Result};
use crate::hub;
use crate::manifest::{self, AuditFiles, Manifest};
use crate::output::{FileEntry, Stage, Written};
#[cfg(feature = "polars")]
use crate::readback;
#[cfg(feature = "polars")]
use crate::report;
use crate::source::Shared;

/// Writes what goes with the data, and publishes all of it.
///
/// # Errors
/// Any error of writing, and [`Error::Interrupted`]; nothing is published then.
pub(crate) fn publish(stage: Stage, mut manifest: Manifest, written: Option<Written>, shared: &Shared) -> Result<Manifest> {
    let Some(Written { dataset, mut audit }) = written else {
        return Ok(manifest);
    };
    manifest.files = dataset;
    let hub = write_hub(&stage, &manifest)?;
    if manifest.recipe.output.report {
        write_report(&stage, &mut manifest, &mut audit)?;
    }
    manifest.files.extend(hub);
    finish(stage, manifest, audit, shared)
}

/// Lists what was written, and publishes it.
///
/// # Errors
/// Any error of writing, and [`Error::Interrupted`]; nothing is published then.
pub(crate) fn finish(stage: Stage, mut manifest: Manifest, mut audit: Vec<FileEntry>, shared: &Shared) -> Result<Manifest> {
    audit.sort();
    manifest.audit = stage.write_audit("files.json", &manifest::json(&AuditFiles { files: audit }))?;
    manifest.files.sort();
    stage.write_dataset("manifest.json", &manifest::json(&manifest))?;
    if shared.stop.load(Ordering::Relaxed) {
        return Err(Error::Interrupted);
    }
    stage.publish()?;
    Ok(manifest)
}

/// Writes the two copies of the report, from what was written before.
///
/// # Errors
/// Any error of reading and writing.
///
/// # Panics
/// When what was written does not hold what the books say: a bug. Nothing is published then.
#[cfg(feature = "polars")]
pub(crate) fn write_report(stage: &Stage, manifest: &mut Manifest, audit: &mut Vec<FileEntry>) -> Result<()> {
    let survey = readback::survey(&stage.dataset(), &stage.audit(), manifest)?;
    assert!(
        survey.books == manifest.books,
        "the written files do not hold what the books say"
    );
    let page = report::private(manifest, &survey);
    audit.push(stage.write_audit("report.html", page.as_bytes())?);
    let page = report::published(manifest, &survey);
    manifest.files.push(stage.write_dataset("report.html", page.as_bytes())?);
    Ok(())
}

/// A slim build has nothing to read what was written.
#[cfg(not(feature = "polars"))]
pub(crate) fn write_report(_: &Stage, _: &mut Manifest, _: &mut Vec<FileEntry>) -> Result<()> {
    Err(Error::Feature("polars"))
}

/// Writes what the Hub and trainers look for beside the data.
pub(crate) fn write_hub(stage: &Stage, manifest: &Manifest) -> Result<Vec<FileEntry>> {
    let files = hub::files(manifest).into_iter();
    files.map(|(name, text)| stage.write_dataset(name, text.as_bytes())).collect()
}
