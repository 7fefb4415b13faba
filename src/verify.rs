//! Proves a published dataset: by its hashes, by its books, by its digest, and by building it again.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use walkdir::WalkDir;

#[cfg(feature = "polars")]
use crate::count::Totals;
use crate::error::{Error, Result};
use crate::hub;
use crate::manifest::{self, AuditFiles, Manifest};
use crate::output::{FileEntry, sha256_of};
use crate::pipeline::{Job, build};
use crate::recipe::Plan;
#[cfg(feature = "polars")]
use crate::report;
use crate::source::Shared;
#[cfg(feature = "polars")]
use crate::split::Split;

/// What was proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// The files whose bytes are those of the manifest.
    pub files: usize,
    /// The samples that were counted again.
    pub samples: u64,
    /// The utterances that were counted again.
    pub utterances: u64,
}

/// Hashes every file again, counts the books again from the published files, and adds up the content digest again.
///
/// # Errors
/// [`Error::Disagrees`] with the first thing that is not as the manifest says.
pub fn verify(out: &Path) -> Result<Verified> {
    let manifest: Manifest = manifest::read(&out.join("dataset/manifest.json"))?;
    check_file(&out.join("audit"), &manifest.audit)?;
    let audit: AuditFiles = manifest::read(&out.join("audit/files.json"))?;
    check_folder(&out.join("dataset"), &manifest.files, "manifest.json")?;
    check_folder(&out.join("audit"), &audit.files, "files.json")?;
    // The card repeats what no other file could contradict: the recipe, the inputs, the key. Another version may word it otherwise.
    if manifest.turnset == env!("CARGO_PKG_VERSION") {
        check_hub(out, &manifest)?;
    }
    check_books(out, &manifest)?;
    if manifest.turnset == env!("CARGO_PKG_VERSION") && manifest.recipe.output.report {
        check_report(out, &manifest)?;
    }
    Ok(Verified {
        files: manifest.files.len() + audit.files.len() + 2,
        samples: manifest.books.samples.kept,
        utterances: manifest.books.utterances.entered,
    })
}

/// Builds the dataset again from `inputs`, with the recipe of its manifest, and compares every byte.
///
/// # Errors
/// [`Error::Disagrees`] with the first file that differs; any error of a build.
pub fn rebuild(out: &Path, inputs: &[PathBuf], secret: Option<&[u8]>, shared: &Arc<Shared>) -> Result<()> {
    let manifest: Manifest = manifest::read(&out.join("dataset/manifest.json"))?;
    if manifest.users_keyed != secret.is_some() {
        let words = if manifest.users_keyed {
            "with a user key: give the same one"
        } else {
            "without a user key: give none"
        };
        return Err(Error::Disagrees(format!("the dataset was built {words}")));
    }
    // Beside the dataset, where there is room for another one.
    let scratch = tempfile::Builder::new()
        .prefix(".turnset-rebuild-")
        .tempdir_in(out)
        .map_err(Error::io("create", out))?;
    let job = Job {
        inputs: inputs.to_vec(),
        out: Some(scratch.path().join("out")),
        overwrite: false,
        pass_over: vec![out.to_owned()],
    };
    let again = build(&Plan::new(manifest.recipe.clone(), secret)?, &job, shared, &|_| {})?.manifest;
    for (file, new) in manifest.files.iter().zip(&again.files) {
        if file != new {
            let by = &manifest.turnset;
            return Err(Error::Disagrees(format!(
                "built again, {} is not the same (it was built by turnset {by})",
                file.path
            )));
        }
    }
    if manifest == again {
        Ok(())
    } else {
        Err(Error::Disagrees("built again, the manifest is not the same".to_owned()))
    }
}

fn check_file(root: &Path, entry: &FileEntry) -> Result<()> {
    let path = root.join(&entry.path);
    let (bytes, sha256) = sha256_of(&path)?;
    if bytes == entry.bytes && sha256 == entry.sha256 {
        Ok(())
    } else {
        Err(Error::Disagrees(format!(
            "{} is not the file that was published",
            path.display()
        )))
    }
}

/// Checks that what goes with the dataset says what the manifest says.
fn check_hub(out: &Path, manifest: &Manifest) -> Result<()> {
    let mut before = manifest.clone();
    before.files.retain(|file| !hub::is_own(&file.path));
    for (name, text) in hub::files(&before) {
        let path = out.join("dataset").join(name);
        if std::fs::read_to_string(&path).map_err(Error::io("read", &path))? != text {
            return Err(Error::Disagrees(format!("{name} does not say what the manifest says")));
        }
    }
    Ok(())
}

/// Checks that a folder holds the listed files as listed, and nothing else but `list` itself.
fn check_folder(root: &Path, entries: &[FileEntry], list: &str) -> Result<()> {
    let listed: BTreeSet<_> = entries
        .iter()
        .map(|entry| root.join(&entry.path))
        .chain([root.join(list)])
        .collect();
    for entry in WalkDir::new(root).sort_by_file_name() {
        let entry = entry.map_err(|error| Error::io("read", root)(error.into()))?;
        if !entry.file_type().is_dir() && !listed.contains(entry.path()) {
            return Err(Error::Disagrees(format!("{} is not listed", entry.path().display())));
        }
    }
    entries.iter().try_for_each(|entry| check_file(root, entry))
}

#[cfg(feature = "polars")]
fn check_books(out: &Path, manifest: &Manifest) -> Result<()> {
    let shards = manifest
        .files
        .iter()
        .map(|file| file.path.as_str())
        .filter(|path| path.starts_with("data/"));
    let recount = crate::readback::recount(out, shards)?;
    let disagree = |words: String| Err(Error::Disagrees(words));
    if let Some(imbalance) = recount.books.check() {
        return disagree(imbalance);
    }
    if recount.books != manifest.books {
        return disagree("the books of the manifest are not those of the ledger".to_owned());
    }
    if recount.digest.hex() != manifest.content_digest {
        return disagree("the samples are not those of the content digest".to_owned());
    }
    let counted = Split::ALL.iter().map(|split| split.word()).zip(&recount.totals);
    if !counted.filter(|(_, totals)| totals.samples > 0).eq(in_order(manifest)) {
        return disagree("the splits do not hold what the manifest says".to_owned());
    }
    recount.objection.map_or(Ok(()), disagree)
}

/// Makes the report again from the published files, and compares it.
#[cfg(feature = "polars")]
fn check_report(out: &Path, manifest: &Manifest) -> Result<()> {
    let survey = crate::readback::survey(&out.join("dataset"), &out.join("audit"), manifest)?;
    let pages = [
        ("dataset", report::published(manifest, &survey)),
        ("audit", report::private(manifest, &survey)),
    ];
    for (part, page) in pages {
        let path = out.join(part).join("report.html");
        if std::fs::read_to_string(&path).map_err(Error::io("read", &path))? != page {
            let words = format!("{part}/report.html does not say what the published files say");
            return Err(Error::Disagrees(words));
        }
    }
    Ok(())
}

/// Returns the figures of the published report as JSON, computed from the published files.
///
/// # Errors
/// Any error of reading; [`Error::Feature`] in a build without polars.
#[cfg(feature = "polars")]
pub fn figures(out: &Path) -> Result<Vec<u8>> {
    let manifest: Manifest = manifest::read(&out.join("dataset/manifest.json"))?;
    let survey = crate::readback::survey(&out.join("dataset"), &out.join("audit"), &manifest)?;
    Ok(report::figures(&manifest, &survey))
}

/// A slim build has nothing to read the published files with.
///
/// # Errors
/// [`Error::Feature`].
#[cfg(not(feature = "polars"))]
pub fn figures(_: &Path) -> Result<Vec<u8>> {
    Err(Error::Feature("polars"))
}

/// A slim build never comes here: it cannot count the books again.
#[cfg(not(feature = "polars"))]
fn check_report(_: &Path, _: &Manifest) -> Result<()> {
    Err(Error::Feature("polars"))
}

/// Yields the splits of a manifest as they follow each other.
#[cfg(feature = "polars")]
fn in_order(manifest: &Manifest) -> impl Iterator<Item = (&'static str, &Totals)> {
    let words = Split::ALL.iter().map(|split| split.word());
    words.filter_map(|word| Some((word, manifest.splits.get(word)?)))
}

/// A slim build has no second reader for Parquet, and its own would prove nothing.
#[cfg(not(feature = "polars"))]
fn check_books(_: &Path, _: &Manifest) -> Result<()> {
    Err(Error::Feature("polars"))
}
