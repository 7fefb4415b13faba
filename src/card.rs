//! The dataset card: `README.md` with the front matter that the Hub and `datasets` read.

use std::fmt::Write as _;

use crate::funnel;
use crate::manifest::Manifest;

/// Writes the card of a dataset. The manifest's list of files may still be incomplete.
#[must_use]
pub(crate) fn card(manifest: &Manifest) -> String {
    let mut card = front_matter(manifest);
    let samples: u64 = manifest.splits.values().map(|split| split.samples).sum();
    let _ = write!(
        card,
        "\n# Voice-agent calls as training samples\n\n\
         {samples} samples made by [turnset](https://crates.io/crates/turnset) {} from archived calls.\n\
         Content digest: `{}`, of {} documents with the digest `{}`.\n\
         `manifest.json` holds the recipe, the counts and the SHA-256 of every file.\n",
        manifest.turnset, manifest.content_digest, manifest.inputs.documents, manifest.inputs.digest
    );
    if !manifest.users_keyed {
        card.push_str(
            "\n> The column `user` was made without a secret key: whoever has a list of possible user ids can find out \
             which is which. Build with `--user-key-file` before you publish.\n",
        );
    }
    card.push_str("\n## Splits\n\n| split | samples |\n|---|--:|\n");
    for (split, entry) in &manifest.splits {
        let _ = writeln!(card, "| {split} | {} |", entry.samples);
    }
    card.push_str(
        "\n## Load\n\n\
         ```python\n\
         from datasets import load_dataset\n\
         dataset = load_dataset(\"path/to/dataset\")\n\n\
         import polars\n\
         frame = polars.read_parquet(\"path/to/dataset/data/*.parquet\")\n\
         ```\n\n\
         `chat/<format>/<split>.jsonl` holds the same samples, in the same order, as each trainer reads them. A format whose\n\
         trainer learns from every answer holds the learned answers only, a row for each run of them.\n",
    );
    card.push_str(COLUMNS);
    let _ = write!(
        card,
        "\n## What became of the calls\n\n{}",
        funnel::table(&manifest.books, true)
    );
    let recipe = toml::to_string(&manifest.recipe).unwrap_or_default();
    let _ = write!(card, "\n## Recipe\n\n```toml\n{recipe}```\n");
    card
}

const COLUMNS: &str = "
## Columns

| column | what it holds |
|---|---|
| `id` | the sample: its session and its number there |
| `session_id` | the call |
| `user` | a pseudonym of the caller, the same for all calls of one |
| `started_at` | when the call began, UTC |
| `begin` | seconds from there to the request that the sample answers |
| `exchanges` | how many requests with their answers it holds |
| `messages` | role and content: user first, assistant last, strictly in turn |
| `weights` | one a message: 1 where a model should learn, 0 where it should only read |
| `merged` | how many utterances were joined to an earlier one |
| `interrupted` | whether the caller cut in on an answer, as the archive says or as was inferred |
| `utterance_ids` | the entries of the call that it was made of |
| `source` | the document that it came from |
";

fn front_matter(manifest: &Manifest) -> String {
    let samples: u64 = manifest.splits.values().map(|split| split.samples).sum();
    let mut yaml =
        "---\npretty_name: Voice-agent calls\ntask_categories:\n- text-generation\ntags:\n- conversational\n- turnset\n"
            .to_owned();
    let _ = writeln!(yaml, "size_categories:\n- {}", size_category(samples));
    if !manifest.splits.is_empty() {
        yaml.push_str("configs:\n- config_name: default\n  data_files:\n");
        for split in ["train", "validation", "test"]
            .iter()
            .filter(|split| manifest.splits.contains_key(**split))
        {
            let _ = writeln!(yaml, "  - split: {split}\n    path: data/{split}-*.parquet");
        }
        // With `configs`, the cache of `datasets` does not look at the files: only what stands here tells a rebuilt
        // dataset from the one it replaces.
        let _ = writeln!(
            yaml,
            "dataset_info:\n  description: content digest {}",
            manifest.content_digest
        );
    }
    yaml.push_str("---\n");
    yaml
}

/// The Hub's own size classes.
fn size_category(samples: u64) -> &'static str {
    match samples {
        0..1_000 => "n<1K",
        1_000..10_000 => "1K<n<10K",
        10_000..100_000 => "10K<n<100K",
        100_000..1_000_000 => "100K<n<1M",
        1_000_000..10_000_000 => "1M<n<10M",
        _ => "n>10M",
    }
}
