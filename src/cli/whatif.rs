//! `turnset whatif`: what each value of a threshold costs.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde::Serialize;
use turnset::{Comparison, Difference, Error, Plan, Result, Survivors};

use super::explain::refused;
use super::{RecipeArgs, interrupt, print};

/// Show what survives for each value of a recipe key, and which utterances are nearest to the line.
#[derive(Debug, Args)]
pub(super) struct Whatif {
    /// Folders, quoted globs, or files; `-` is standard input.
    #[arg(required = true, value_name = "INPUT")]
    inputs: Vec<PathBuf>,
    /// The key to try, as in `judge.learned` or `filter.length.agent.min`.
    #[arg(long)]
    key: String,
    /// The values to try, in order; some around the recipe's own, or all that there are, if left out.
    #[arg(long, value_name = "VALUES", value_delimiter = ',', allow_hyphen_values = true)]
    values: Vec<String>,
    /// How many utterances to show between two values.
    #[arg(long, value_name = "N", default_value_t = 5)]
    nearest: usize,
    #[command(flatten)]
    recipe: RecipeArgs,
    /// One JSON object a value instead of a table.
    #[arg(long)]
    json: bool,
}

/// One value, as `--json` prints it.
#[derive(Serialize)]
struct Line<'l> {
    key: &'l str,
    value: &'l str,
    is_recipe: bool,
    utterances_entered: u64,
    utterances: u64,
    samples: u64,
    tokens_estimated: u64,
    /// Utterances that the next value treats otherwise.
    nearest: Vec<Near<'l>>,
}

#[derive(Serialize)]
struct Near<'l> {
    session_id: &'l str,
    utterance_id: i64,
    role: &'l str,
    text: &'l str,
    here: String,
    next: String,
}

impl<'l> From<&'l Difference> for Near<'l> {
    fn from(difference: &'l Difference) -> Self {
        let Difference {
            session_id,
            utterance_id,
            role,
            text,
            fates: [here, next],
        } = difference;
        Self {
            session_id,
            utterance_id: *utterance_id,
            role,
            text,
            here: refused(here),
            next: refused(next),
        }
    }
}

impl Whatif {
    pub(super) fn run(self) -> Result<ExitCode> {
        let Self {
            inputs,
            key,
            values,
            nearest,
            recipe,
            json,
        } = self;
        let secret = recipe.secret()?;
        let recipe = recipe.recipe()?;
        let settled = Plan::new(recipe.clone(), None)?.recipe;
        let wrong = |message: &str| Error::Recipe {
            place: format!("--key {key}"),
            message: message.to_owned(),
        };
        if key.starts_with("input.") {
            return Err(wrong("says how inputs are read, and they are read once for all values"));
        }
        let plan = |value: &String| -> Result<Plan> {
            let mut variants = recipe.variants(&key, std::slice::from_ref(value))?;
            Plan::new(variants.pop().unwrap_or_default(), secret.as_deref())
        };
        let plans: Vec<Plan> = if values.is_empty() {
            // Some of those around the recipe's own may be none that it takes.
            settled.values(&key)?.iter().filter_map(|value| plan(value).ok()).collect()
        } else {
            values.iter().map(plan).collect::<Result<_>>()?
        };
        if plans.is_empty() {
            return Err(wrong("has no values to try: give them with --values"));
        }
        let own = settled.value(&key);
        let value = |plan: &Plan| plan.recipe.value(&key).unwrap_or_default();
        let values: Vec<String> = plans.iter().map(value).collect();
        let comparison = turnset::compare(&plans, &inputs, &interrupt::shared()?, nearest)?;
        let shown = if json {
            lines(&key, &values, own.as_deref(), &comparison)
        } else {
            table(&key, &values, own.as_deref(), &comparison)
        };
        print(shown.as_bytes())?;
        Ok(ExitCode::SUCCESS)
    }
}

fn table(key: &str, values: &[String], own: Option<&str>, comparison: &Comparison) -> String {
    let mut text = format!("{key:<26} {:>12} {:>10} {:>14}\n", "utterances", "samples", "tokens (about)");
    for (value, survivors) in values.iter().zip(&comparison.survivors) {
        let Survivors {
            utterances,
            samples,
            tokens,
            ..
        } = survivors;
        let mark = if own == Some(value) { " (the recipe)" } else { "" };
        let _ = writeln!(
            text,
            "{:<26} {utterances:>12} {samples:>10} {tokens:>14}",
            format!("{value}{mark}")
        );
    }
    for (pair, nearest) in values.windows(2).zip(&comparison.nearest) {
        let [one, next] = pair else { continue };
        if nearest.is_empty() {
            continue;
        }
        let _ = writeln!(text, "\nbetween {one} and {next}");
        for Difference {
            session_id,
            utterance_id,
            role,
            text: said,
            fates: [here, later],
        } in nearest
        {
            let said = said.replace(char::is_control, " ");
            let _ = writeln!(text, "  {role} in {session_id}, entry {utterance_id}: {said}");
            let _ = writeln!(text, "    {one}: {}\n    {next}: {}", refused(here), refused(later));
        }
    }
    text
}

fn lines(key: &str, values: &[String], own: Option<&str>, comparison: &Comparison) -> String {
    let mut text = String::new();
    for (at, (value, survivors)) in values.iter().zip(&comparison.survivors).enumerate() {
        let line = Line {
            key,
            value,
            is_recipe: own == Some(value),
            utterances_entered: survivors.entered,
            utterances: survivors.utterances,
            samples: survivors.samples,
            tokens_estimated: survivors.tokens,
            nearest: comparison.nearest.get(at).into_iter().flatten().map(Near::from).collect(),
        };
        text.push_str(&serde_json::to_string(&line).unwrap_or_default());
        text.push('\n');
    }
    text
}
