//! What makes a dataset at home on the Hub and in trainers: the card, Croissant, the list that LLaMA-Factory reads.
//!
//! Each is a function of the manifest, so that what they say can be proved by it.

mod card;
mod columns;
mod croissant;
mod dataset_info;

use crate::manifest::Manifest;

/// Returns the files that go with a dataset, by name. The manifest lists everything but them and itself.
#[must_use]
pub(crate) fn files(manifest: &Manifest) -> [(&'static str, String); 3] {
    [
        ("README.md", card::card(manifest)),
        ("croissant.json", croissant::croissant(manifest)),
        ("dataset_info.json", dataset_info::dataset_info(manifest)),
    ]
}

/// Returns whether a file of a dataset is one of these.
#[must_use]
pub(crate) fn is_own(path: &str) -> bool {
    matches!(path, "README.md" | "croissant.json" | "dataset_info.json")
}

/// Yields the splits that hold samples, in the order in which people read them.
fn splits(manifest: &Manifest) -> impl Iterator<Item = (&'static str, &crate::count::Totals)> {
    let words = crate::split::Split::ALL.into_iter().map(crate::split::Split::word);
    words.filter_map(|word| Some((word, manifest.splits.get(word)?)))
}
