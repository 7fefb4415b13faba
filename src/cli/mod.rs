//! The command line: the only place that prints. Data go to standard output, talk to standard error.

#![allow(clippy::print_stderr)]

mod build;
mod check;
mod completions;
mod convert;
#[cfg(feature = "polars")]
mod diff;
mod explain;
#[cfg(feature = "polars")]
mod head;
mod interrupt;
#[cfg(feature = "polars")]
mod place;
mod progress;
mod report;
mod schema;
mod verify;
mod whatif;

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use turnset::{Error, Plan, Recipe, Result};

/// Turns archived voice-agent calls into LLM fine-tuning datasets, and loses nothing on the way.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 110)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Build a dataset from call logs.
    Build(build::Build),
    /// Show what becomes of each utterance of a call.
    Explain(explain::Explain),
    /// Show what survives for each value of a recipe key.
    Whatif(whatif::Whatif),
    /// Write a dataset in further chat formats.
    Convert(convert::Convert),
    /// Show the first samples of a dataset.
    #[cfg(feature = "polars")]
    Head(head::Head),
    /// Show what became of a call in a dataset.
    #[cfg(feature = "polars")]
    Where(place::Where),
    /// Compare two datasets.
    #[cfg(feature = "polars")]
    Diff(diff::Diff),
    /// Say which rows a trainer would refuse, drop, alter or cut.
    Check(check::Check),
    /// Write the report of a dataset.
    Report(report::Report),
    /// Prove that a dataset is what its manifest says.
    Verify(verify::Verify),
    /// Print a contract as JSON Schema.
    Schema(schema::Print),
    /// Print completions for a shell.
    Completions(completions::Completions),
}

/// The recipe, as every command takes it that runs one.
#[derive(Debug, Args)]
struct RecipeArgs {
    /// The recipe, a TOML file; `turnset schema recipe` prints every key.
    #[arg(long, value_name = "FILE")]
    recipe: Option<PathBuf>,
    /// Change one key of the recipe, as in `--set split.test=0.1`.
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// What one sample is made of: `exchange` or `session` (recipe: unit).
    #[arg(long, value_name = "UNIT")]
    unit: Option<String>,
    /// How many earlier exchanges stand in front: a number or `all` (recipe: context).
    #[arg(long, value_name = "N|all")]
    context: Option<String>,
    /// The text of a system message for every sample (recipe: system).
    #[arg(long, value_name = "TEXT")]
    system: Option<String>,
    /// The share of users for validation (recipe: split.validation).
    #[arg(long, value_name = "SHARE")]
    validation: Option<f64>,
    /// The share of users for the test (recipe: split.test).
    #[arg(long, value_name = "SHARE")]
    test: Option<f64>,
    /// A file with the secret key of the users' pseudonyms; else the environment's `TURNSET_USER_KEY`.
    #[arg(long, value_name = "FILE")]
    user_key_file: Option<PathBuf>,
}

impl RecipeArgs {
    /// Reads the key of the users' pseudonyms.
    fn secret(&self) -> Result<Option<Vec<u8>>> {
        secret(self.user_key_file.as_deref())
    }

    /// Reads the recipe and makes it ready.
    fn plan(self) -> Result<Plan> {
        let secret = self.secret()?;
        Plan::new(self.recipe()?, secret.as_deref())
    }

    /// Reads the recipe.
    fn recipe(self) -> Result<Recipe> {
        let Self {
            recipe,
            set,
            unit,
            context,
            system,
            validation,
            test,
            user_key_file: _,
        } = self;
        let text = |text: String| toml_string(&text);
        let flags = [
            ("unit", unit.map(text)),
            (
                "context",
                context.map(|context| {
                    if context.parse::<u32>().is_ok() {
                        context
                    } else {
                        toml_string(&context)
                    }
                }),
            ),
            ("system", system.map(text)),
            ("split.validation", validation.map(|share| format!("{share:?}"))),
            ("split.test", test.map(|share| format!("{share:?}"))),
        ];
        let flags = flags
            .into_iter()
            .filter_map(|(key, value)| value.map(|value| format!("{key}={value}")));
        let changes: Vec<_> = set.into_iter().chain(flags).collect();
        Recipe::load(recipe.as_deref(), &changes)
    }
}

/// Writes text as a TOML string, so that no text is taken for another type. JSON strings are TOML strings.
fn toml_string(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

fn secret(file: Option<&Path>) -> Result<Option<Vec<u8>>> {
    let secret = match file {
        Some(file) => {
            let secret = std::fs::read(file).map_err(|source| Error::Io {
                action: "read",
                path: file.to_owned(),
                source,
            })?;
            if secret.trim_ascii().is_empty() {
                return Err(Error::Recipe {
                    place: format!("--user-key-file {}", file.display()),
                    message: "holds no key".to_owned(),
                });
            }
            Some(secret)
        }
        None => std::env::var_os("TURNSET_USER_KEY").map(std::ffi::OsString::into_encoded_bytes),
    };
    // A line feed at the end of a key file is the editor's, not the key's.
    Ok(secret
        .map(|secret| secret.trim_ascii().to_vec())
        .filter(|secret| !secret.is_empty()))
}

/// Runs the command and returns its exit code: 0 published, 1 not published, 2 usage or recipe,
/// 3 published with something in quarantine.
pub(crate) fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    let done = match cli.command {
        Command::Build(command) => command.run(),
        Command::Explain(command) => command.run(),
        Command::Whatif(command) => command.run(),
        Command::Convert(command) => command.run(),
        #[cfg(feature = "polars")]
        Command::Head(command) => command.run(),
        #[cfg(feature = "polars")]
        Command::Where(command) => command.run(),
        #[cfg(feature = "polars")]
        Command::Diff(command) => command.run(),
        Command::Check(command) => command.run(),
        Command::Report(command) => command.run(),
        Command::Verify(command) => command.run(),
        Command::Schema(command) => command.run(),
        Command::Completions(command) => command.run(),
    };
    match done {
        Ok(code) => code,
        // A reader that has seen enough, such as `head`, is no error.
        Err(Error::Io { source, .. }) if source.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error);
            ExitCode::from(error.exit_code())
        }
    }
}

/// Prints an error, its causes and a hint.
fn complain(error: &Error) {
    let (red, plain) = if io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none() {
        ("\x1b[1;31m", "\x1b[0m")
    } else {
        ("", "")
    };
    say(&format!("{red}error{plain}: {error}"));
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        say(&format!("  because: {error}"));
        cause = error.source();
    }
    if let Some(hint) = error.hint() {
        say(&format!("\nhint: {hint}"));
    }
}

/// Writes a line to standard error. Where nobody listens, that is no trouble of the run.
fn say(line: &str) {
    use io::Write;
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// Writes data to standard output.
fn print(data: &[u8]) -> Result<()> {
    use io::Write;
    let mut out = io::stdout().lock();
    out.write_all(data).and_then(|()| out.flush()).map_err(|source| Error::Io {
        action: "write",
        path: "standard output".into(),
        source,
    })
}

/// Shows what would command a terminal instead of letting it.
fn plain(text: &str) -> String {
    let show = |c: char| if c.is_control() && c != '\n' { '\u{fffd}' } else { c };
    text.chars().map(show).collect()
}
