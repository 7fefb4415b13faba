//! `turnset build`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde::Serialize;
use turnset::{Built, Error, Job, Manifest, Result, Step};

use super::progress::Meter;
use super::{RecipeArgs, interrupt, print, say};

/// Build a dataset from call logs.
#[derive(Debug, Args)]
pub(super) struct Build {
    /// Folders, quoted globs, or files: .json, .jsonl, each also .gz or .zst, .tar, .zip; `-` is standard input.
    #[arg(required = true, value_name = "INPUT")]
    inputs: Vec<PathBuf>,
    /// The folder to make: OUT/dataset and OUT/audit.
    #[arg(long, required_unless_present = "dry_run")]
    out: Option<PathBuf>,
    #[command(flatten)]
    recipe: RecipeArgs,
    /// Replace the dataset that is there.
    #[arg(long)]
    overwrite: bool,
    /// Print the plan and the counts, and write nothing.
    #[arg(long)]
    dry_run: bool,
    /// Print the result as JSON on standard output.
    #[arg(long)]
    json: bool,
    /// No progress and no funnel; warnings and errors only.
    #[arg(long, short)]
    quiet: bool,
    /// How many threads work; as many as there are cores if left out. The dataset is the same for any number.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Report<'r> {
    /// Where the dataset is; null if nothing was written.
    dataset: Option<String>,
    manifest: &'r Manifest,
    funnel: Vec<Step>,
    warnings: &'r [String],
}

impl Build {
    pub(super) fn run(self) -> Result<ExitCode> {
        let Self {
            inputs,
            out,
            recipe,
            overwrite,
            dry_run,
            json,
            quiet,
            threads,
        } = self;
        let plan = recipe.plan()?;
        if let Some(threads) = threads {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.into()).build_global();
            pool.map_err(|error| Error::Recipe {
                place: "--threads".to_owned(),
                message: error.to_string(),
            })?;
        }
        if dry_run && !quiet {
            say(&toml::to_string(&plan.recipe).unwrap_or_default());
        }
        let shared = interrupt::shared()?;
        let meter = Meter::new(quiet);
        let job = Job {
            inputs,
            out: out.filter(|_| !dry_run),
            overwrite,
            pass_over: Vec::new(),
        };
        let built = turnset::build(&plan, &job, &shared, &|progress| meter.show(progress));
        meter.finish();
        let Built { manifest, warnings } = built?;
        for warning in &warnings {
            say(&format!("warning: {warning}"));
        }
        let dataset = job.out.map(|out| out.join("dataset").display().to_string());
        let quarantined = manifest.books.documents.quarantined;
        if json {
            let report = Report {
                dataset,
                manifest: &manifest,
                funnel: turnset::steps(&manifest.books),
                warnings: &warnings,
            };
            tell(&turnset::json(&report));
        } else if !quiet {
            say(&turnset::table(&manifest.books, false));
            for (split, entry) in &manifest.splits {
                say(&format!("{split}: {} samples", entry.samples));
            }
            if quarantined > 0 {
                let place = if dataset.is_some() {
                    ": audit/quarantine holds them, audit/ledger.parquet says why"
                } else {
                    ""
                };
                say(&format!("{quarantined} documents were not understood{place}"));
            }
            if let Some(dataset) = dataset {
                // The last line, on standard output: scripts read it.
                tell(format!("{dataset}\n").as_bytes());
            }
        }
        Ok(ExitCode::from(if quarantined > 0 { 3 } else { 0 }))
    }
}

/// Prints the result. When that fails, the dataset is published all the same.
fn tell(result: &[u8]) {
    if let Err(error) = print(result) {
        say(&format!("warning: {error}; the dataset was published"));
    }
}
