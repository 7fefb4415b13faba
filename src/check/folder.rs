//! Which files of a folder are checked, and what is wrong with the folder itself.

use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::rows::ending;
use super::target::{Rule, Target};
use crate::error::{Error, Result};

/// The endings that can be read.
const READ: [&str; 3] = ["jsonl", "json", "parquet"];
/// What `datasets` passes over wherever it lies, and what a dataset of turnset says of itself.
const PASSED_OVER: [&str; 7] = [
    "config.json",
    "dataset_info.json",
    "dataset_infos.json",
    "dataset_dict.json",
    "manifest.json",
    "croissant.json",
    "state.json",
];

/// What is to be checked.
pub(super) struct Found {
    /// In the order of their names.
    pub(super) files: Vec<PathBuf>,
    /// What is wrong with the folder, and where.
    pub(super) odd: Vec<(Rule, PathBuf)>,
}

/// Finds the files that a target would be given: one file; of a dataset of turnset those that are made for it; all files
/// of another folder.
///
/// # Errors
/// [`Error::Input`] where there is nothing that the target reads.
pub(super) fn find(path: &Path, target: &Target) -> Result<Found> {
    let nothing = |message: String| Error::Input {
        path: path.to_owned(),
        message,
    };
    if path.is_file() {
        return Ok(Found {
            files: vec![path.to_owned()],
            odd: Vec::new(),
        });
    }
    if !path.is_dir() {
        return Err(nothing("is not there".to_owned()));
    }
    let own = [path.join("dataset"), path.to_owned()];
    let own = own
        .into_iter()
        .find(|root| root.join("manifest.json").is_file() && root.join("data").is_dir());
    let root = own.clone().unwrap_or_else(|| path.to_owned());
    let odd = odd(&root);
    let files = match own {
        Some(root) => {
            let parquet = || listed(&root.join("data"));
            let chats = target.formats.iter().map(|format| listed(&root.join("chat").join(format)));
            let of_chat = if target.name == "datasets" {
                None
            } else {
                chats.into_iter().find(|files| !files.is_empty())
            };
            of_chat.or_else(|| takes(target, "parquet").then(parquet)).ok_or_else(|| {
                let formats = target.formats.join("` or `");
                nothing(format!(
                    "has no file for {}: `turnset convert` it to `{formats}` first",
                    target.name
                ))
            })?
        }
        None => listed(&root),
    };
    if files.is_empty() {
        return Err(nothing(format!("holds no file that {} reads", target.name)));
    }
    Ok(Found { files, odd })
}

/// Whether a target takes files of an ending.
pub(super) fn takes(target: &Target, ending: &str) -> bool {
    target.files.iter().any(|taken| taken == ending)
}

/// The files under a folder that can be read, without hidden ones.
fn listed(root: &Path) -> Vec<PathBuf> {
    let is_hidden = |name: &std::ffi::OsStr| name.to_string_lossy().starts_with('.');
    let entries = WalkDir::new(root).min_depth(1).sort_by_file_name().into_iter();
    let entries = entries.filter_entry(move |entry| !is_hidden(entry.file_name())).flatten();
    let files = entries
        .filter(|entry| entry.file_type().is_file())
        .map(walkdir::DirEntry::into_path);
    let is_read = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        READ.contains(&ending(path)) && !PASSED_OVER.contains(&name)
    };
    files.filter(is_read).collect()
}

/// What makes `datasets` take a folder for something else.
fn odd(root: &Path) -> Vec<(Rule, PathBuf)> {
    let mut odd = Vec::new();
    let state = root.join("state.json");
    if state.exists() {
        odd.push((Rule::StateJson, state));
    }
    let data = root.join("data");
    let mut endings = Vec::new();
    let files: Vec<PathBuf> = WalkDir::new(&data)
        .min_depth(1)
        .sort_by_file_name()
        .into_iter()
        .flatten()
        .filter(|entry| entry.file_type().is_file())
        .map(walkdir::DirEntry::into_path)
        .collect();
    for file in &files {
        if READ.contains(&ending(file)) {
            endings.push(ending(file));
        } else {
            odd.push((Rule::ForeignFile, file.clone()));
        }
    }
    endings.sort_unstable();
    endings.dedup();
    if endings.len() > 1 {
        odd.push((Rule::MixedFormats, data));
    }
    odd
}
