//! The dataset card: `README.md` with the front matter that the Hub and `datasets` read.

use std::fmt::Write as _;

use super::columns::{COLUMNS, Kind};
use super::splits;
use crate::count::UNDETERMINED;
use crate::funnel;
use crate::manifest::Manifest;
use crate::recipe::Card;

/// Writes the card of a dataset.
#[must_use]
pub(super) fn card(manifest: &Manifest) -> String {
    let mut card = front_matter(manifest);
    let samples: u64 = manifest.splits.values().map(|totals| totals.samples).sum();
    let Card { name, license } = &manifest.recipe.card;
    let _ = write!(
        card,
        "\n# {name}\n\n\
         {samples} samples made by [turnset](https://crates.io/crates/turnset) {} from archived calls.\n\
         Content digest: `{}`, of {} documents with the digest `{}`.\n\
         `manifest.json` holds the recipe, the counts and the SHA-256 of every file.\n",
        manifest.turnset, manifest.content_digest, manifest.inputs.documents, manifest.inputs.digest
    );
    if !manifest.users_keyed {
        card.push_str(UNKEYED);
    }
    card.push_str("\n## Numbers\n\n");
    numbers(manifest, &mut card);
    let _ = write!(card, "\n## Licence\n\n");
    match license {
        Some(license) => {
            let _ = writeln!(card, "{license}");
        }
        None => card.push_str(
            "None was chosen yet: build with `card.license` in the recipe before you publish. The callers and the operator of\n\
             the agent may have rights in what they said.\n",
        ),
    }
    card.push_str(LOAD);
    card.push_str("\n## Columns\n\n| column | type | what it holds |\n|---|---|---|\n");
    for column in COLUMNS {
        let kind = match column.kind {
            Kind::One(kind) => kind.to_owned(),
            Kind::Many(kind) => format!("list of {kind}"),
            Kind::Messages => "list of role and content".to_owned(),
        };
        let _ = writeln!(card, "| `{}` | {kind} | {} |", column.name, column.meaning);
    }
    let _ = write!(
        card,
        "\n## What became of the calls\n\n{}",
        funnel::table(&manifest.books, true)
    );
    card.push_str(LIMITS);
    let recipe = toml::to_string(&manifest.recipe).unwrap_or_default();
    let _ = write!(card, "\n## Recipe\n\n```toml\n{recipe}```\n");
    card
}

const UNKEYED: &str = "
> The column `user` was made without a secret key: whoever has a list of possible user ids can find out which is which. \
Build with `--user-key-file` before you publish.
";

const LOAD: &str = "
## Load

```python
from datasets import load_dataset
dataset = load_dataset(\"path/to/dataset\")

import polars
frame = polars.read_parquet(\"path/to/dataset/data/*.parquet\")

import duckdb
duckdb.sql(\"select language, count(*) from 'path/to/dataset/data/*.parquet' group by language\")
```

`chat/<format>/<split>.jsonl` holds the same samples, in the same order, as each trainer reads them. A format whose
trainer learns from every answer holds the learned answers only, a row for each run of them. `dataset_info.json` is for
LLaMA-Factory (`dataset_dir: path/to/dataset`), `croissant.json` for catalogues.
";

const LIMITS: &str = "
## Known limits

- What was said is what a recogniser heard and what a model answered: both make mistakes, and nobody has read them all.
- An archive says when an utterance was entered, not when it began or ended. What was interrupted is inferred where the
  archive does not say it. Nothing here is a latency.
- Greetings, fillers and fragments were told by lexicons of ten languages and small judges that learned from English and
  Chinese; in other languages more of them stay.
- Users are pseudonyms, and telephone, identity card and bank card numbers and addresses of mail are masked as the recipe says
  (`redact`); names, places and whatever else callers said of themselves stand in the text as they said it.
- Splits are made by user: a test on them says nothing about callers of another kind.
";

/// Writes the totals of the splits and the languages as tables.
fn numbers(manifest: &Manifest, card: &mut String) {
    card.push_str(
        "| split | samples | exchanges | answers to learn | to read only | characters | words | tokens |\n\
         |---|--:|--:|--:|--:|--:|--:|--:|\n",
    );
    for (split, totals) in splits(manifest) {
        let _ = writeln!(
            card,
            "| {split} | {} | {} | {} | {} | {} | {} | {} |",
            totals.samples, totals.exchanges, totals.learned, totals.read, totals.characters, totals.words, totals.tokens
        );
    }
    let _ = match &manifest.tokens.sha256 {
        Some(sha256) => writeln!(
            card,
            "\nTokens were counted by `{}` (SHA-256 `{sha256}`).",
            manifest.tokens.by
        ),
        None => writeln!(
            card,
            "\nTokens are an estimate: one for four bytes, or for one and a half characters of Han, Kana or Hangul."
        ),
    };
    let languages = manifest.languages();
    if !languages.is_empty() {
        card.push_str("\n| language | samples |\n|---|--:|\n");
        for (language, samples) in languages {
            let language = if language == UNDETERMINED { "unknown" } else { language };
            let _ = writeln!(card, "| {language} | {samples} |");
        }
    }
}

fn front_matter(manifest: &Manifest) -> String {
    let samples: u64 = manifest.splits.values().map(|totals| totals.samples).sum();
    let Card { name, license } = &manifest.recipe.card;
    let mut yaml = format!("---\npretty_name: {}\n", quoted(name));
    match license {
        Some(license) => {
            let _ = writeln!(yaml, "license: {}", quoted(license));
        }
        // The Hub knows no word for a licence that is not chosen.
        None => yaml.push_str("license: other\nlicense_name: not-chosen-yet\n"),
    }
    let languages = manifest.languages();
    let mut known = languages.keys().filter(|language| **language != UNDETERMINED).peekable();
    if known.peek().is_some() {
        yaml.push_str("language:\n");
        known.for_each(|language| {
            let _ = writeln!(yaml, "- {}", quoted(language));
        });
    }
    yaml.push_str("task_categories:\n- text-generation\ntags:\n- conversational\n- turnset\n");
    let _ = writeln!(yaml, "size_categories:\n- {}", size_category(samples));
    if !manifest.splits.is_empty() {
        yaml.push_str("configs:\n- config_name: default\n  data_files:\n");
        for (split, _) in splits(manifest) {
            let _ = writeln!(yaml, "  - split: {split}\n    path: data/{split}-*.parquet");
        }
        // With `configs`, the cache of `datasets` does not look at the files: only what stands here tells a rebuilt
        // dataset from the one it replaces. The digest does not know how samples were counted.
        let counted = manifest.tokens.sha256.as_ref().unwrap_or(&manifest.tokens.by);
        let _ = writeln!(
            yaml,
            "dataset_info:\n  description: content digest {}, counted by turnset {} and {}\n  features:",
            manifest.content_digest,
            manifest.turnset,
            quoted(counted).trim_matches('"')
        );
        features(&mut yaml);
        yaml.push_str("  splits:\n");
        for (split, totals) in splits(manifest) {
            // `datasets` compares the examples. Of the bytes it wants a number; ours is that of the files.
            let bytes: u64 = manifest.shards(split).map(|file| file.bytes).sum();
            let samples = totals.samples;
            let _ = writeln!(yaml, "  - name: {split}\n    num_bytes: {bytes}\n    num_examples: {samples}");
        }
    }
    yaml.push_str("---\n");
    yaml
}

/// Spells the columns for `datasets`: lists as every release since 2.21 reads them.
fn features(yaml: &mut String) {
    for column in COLUMNS {
        let _ = writeln!(yaml, "  - name: {}", column.name);
        let _ = match column.kind {
            Kind::One(kind) => writeln!(yaml, "    dtype: {kind}"),
            Kind::Many(kind) => writeln!(yaml, "    list: {kind}"),
            Kind::Messages => writeln!(
                yaml,
                "    list:\n    - name: role\n      dtype: string\n    - name: content\n      dtype: string"
            ),
        };
    }
}

/// Writes text for YAML, so that `no` is Norwegian and a colon is one. JSON strings are YAML strings.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
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
