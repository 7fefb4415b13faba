//! The programs that must open what turnset writes, in Python: `datasets` in four releases, polars, pandas, `DuckDB`, the
//! validators of Together and Mistral, the chat templates of TRL, Croissant, a schema validator, a notebook.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use crate::support::{Room, fixtures, house};

/// Every chat format that there is.
const FORMATS: &str =
    r#"output.chat=["openai","ms-swift","bailian","sharegpt","alpaca","trl","axolotl","query-response","mistral","together"]"#;

/// The environments with a release of `datasets` each.
const RELEASES: [&str; 4] = ["datasets-2.21", "datasets-3.6", "datasets-4.8", "main"];

/// Three datasets that differ in content, shape and splits; the last has every chat format.
struct Outs {
    plain: PathBuf,
    splits: PathBuf,
    sessions: PathBuf,
    /// As the first, but for who counted its tokens.
    counted: PathBuf,
}

/// Built once for all tests, which only read them.
static OUTS: LazyLock<Outs> = LazyLock::new(|| {
    let room = Room::new();
    let calls = fixtures();
    let build = |name: &str, more: &[&str]| {
        // What is never dropped stays: here the next run writes over it.
        let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("clients").join(name);
        let path = out.display().to_string();
        // The fixtures hold broken calls on purpose.
        room.turnset(&[&["build", &calls, "--overwrite", "--out", &path][..], more].concat())
            .ends_with(3);
        out
    };
    let tokenizer = format!("tokenizer={}", resource("qwen.json").display());
    Outs {
        plain: build("plain", &[]),
        splits: build("splits", &["--context", "all", "--test", "0.3", "--validation", "0.2"]),
        sessions: build(
            "sessions",
            &["--unit", "session", "--system", "Answer briefly.", "--set", FORMATS],
        ),
        counted: build("counted", &["--set", &tokenizer]),
    }
});

/// What `make clients` installed.
fn clients() -> PathBuf {
    std::env::var_os("TURNSET_CLIENTS").map_or_else(|| house().join("target/clients"), PathBuf::from)
}

/// A file out of a package that is too large to install.
fn resource(name: &str) -> PathBuf {
    clients().join("resources").join(name)
}

/// Runs one of the scripts of `tests/clients` in an environment; a failure shows what it said.
#[track_caller]
fn check(environment: &str, script: &str, args: &[&Path]) {
    let python = clients().join(environment).join("bin/python");
    assert!(python.exists(), "no {}: run `make clients` first", python.display());
    let script = house().join("tests/clients").join(script);
    let run = Command::new(python)
        .arg(script)
        .args(args)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .expect("Python starts");
    let (stdout, stderr) = (String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    assert!(run.status.success(), "{environment}: {}\n{stdout}{stderr}", run.status);
}

#[test]
fn the_readers_of_the_field_open_every_shape_with_zero_glue() {
    check("main", "readers.py", &[&OUTS.plain, &OUTS.splits, &OUTS.sessions]);
}

#[test]
fn the_readers_refuse_a_spoiled_dataset() {
    check("main", "bad_output.py", &[&OUTS.splits]);
}

#[test]
fn inputs_and_outputs_keep_the_published_contracts() {
    let (schemas, calls) = (house().join("schemas"), fixtures());
    let args = [&schemas, Path::new(&calls), &OUTS.plain, &OUTS.splits, &OUTS.sessions];
    check("main", "contracts.py", &args);
}

#[test]
fn every_release_of_datasets_loads_and_concatenates_what_is_there() {
    for release in RELEASES {
        check(release, "old_datasets.py", &[&OUTS.plain, &OUTS.splits, &OUTS.sessions]);
    }
}

#[test]
fn a_rebuilt_dataset_is_never_answered_from_a_stale_cache() {
    for release in RELEASES {
        check(release, "stale_cache.py", &[&OUTS.plain, &OUTS.splits]);
        check(release, "stale_cache.py", &[&OUTS.plain, &OUTS.counted]);
    }
}

#[test]
fn the_layout_falls_into_none_of_the_traps() {
    for release in RELEASES {
        check(release, "layout_traps.py", &[&OUTS.sessions, &OUTS.splits]);
    }
}

#[test]
fn every_chat_template_renders_every_sample() {
    let templates = resource("chat_templates");
    check(
        "main",
        "templates.py",
        &[&templates, &OUTS.plain, &OUTS.splits, &OUTS.sessions],
    );
}

#[test]
fn the_platforms_take_the_files_that_are_made_for_them() {
    check("main", "openai_file.py", &[&OUTS.plain, &OUTS.splits, &OUTS.sessions]);
    check("main", "mistral_file.py", &[&OUTS.sessions]);
    check("together", "together_file.py", &[&OUTS.sessions]);
}

#[test]
fn what_check_says_is_what_the_clients_do() {
    let turnset = Path::new(env!("CARGO_BIN_EXE_turnset"));
    for environment in ["together", "datasets-2.21", "datasets-3.6", "datasets-4.8"] {
        check(environment, "check_agrees.py", &[turnset]);
    }
    check("main", "check_agrees.py", &[turnset, &resource("chat_templates")]);
}

#[test]
fn tokens_are_those_of_the_tokenizer() {
    check("main", "tokens.py", &[&OUTS.plain]);
    check("main", "tokens.py", &[&OUTS.counted, &resource("qwen.json")]);
}

#[test]
fn croissant_describes_and_reads_every_record() {
    check("main", "croissant.py", &[&OUTS.plain, &OUTS.splits, &OUTS.sessions]);
}

#[test]
fn the_notebook_runs_on_every_shape() {
    let notebook = house().join("examples/explore.ipynb");
    check("main", "notebook.py", &[&notebook, &OUTS.plain, &OUTS.splits, &OUTS.sessions]);
}

#[test]
fn the_example_for_ci_fails_on_drift() {
    check("main", "ci_example.py", &[Path::new(env!("CARGO_BIN_EXE_turnset"))]);
}

#[test]
fn the_report_opens_in_a_browser_on_every_screen() {
    let page = |out: &Path, part: &str| out.join(part).join("report.html");
    let room = Room::new();
    room.write("none.json", r#"{"dialog":[]}"#);
    room.turnset(&["build", "none.json", "--out", "none"]).ends_with(0);
    let pages = [
        page(&OUTS.splits, "dataset"),
        page(&OUTS.splits, "audit"),
        page(&room.path("none"), "dataset"),
    ];
    check("main", "page.py", &pages.each_ref().map(PathBuf::as_path));
}
