//! The programs that must open what turnset writes, in Python: `datasets`, polars, pandas, `DuckDB`, a schema validator.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Room, fixtures, house};

/// Every chat format that there is.
const FORMATS: &str =
    r#"output.chat=["openai","ms-swift","bailian","sharegpt","alpaca","trl","axolotl","query-response","mistral","together"]"#;

/// Builds three datasets that differ in content, shape and splits.
fn outs(room: &Room) -> [PathBuf; 3] {
    let calls = fixtures();
    let build = |name: &str, more: &[&str]| {
        // The fixtures hold broken calls on purpose.
        room.turnset(&[&["build", &calls, "--out", name][..], more].concat())
            .ends_with(3);
        room.path(name)
    };
    [
        build("plain", &[]),
        build("splits", &["--context", "all", "--test", "0.3", "--validation", "0.2"]),
        build(
            "sessions",
            &["--unit", "session", "--system", "Answer briefly.", "--set", FORMATS],
        ),
    ]
}

/// Runs one of the scripts of `tests/clients`; a failure shows what it said.
#[track_caller]
fn check(script: &str, args: &[&Path]) {
    // `make test` says where it installed them.
    let python = std::env::var_os("TURNSET_CLIENTS").map_or_else(|| house().join("target/clients-env/bin/python"), PathBuf::from);
    assert!(python.exists(), "no {}: run `make clients-env` first", python.display());
    let script = house().join("tests/clients").join(script);
    let run = Command::new(python).arg(script).args(args).output().expect("Python starts");
    let (stdout, stderr) = (String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    assert!(run.status.success(), "{}\n{stdout}{stderr}", run.status);
}

#[test]
fn the_readers_of_the_field_open_every_shape_with_zero_glue() {
    let room = Room::new();
    let [plain, splits, sessions] = outs(&room);
    check("readers.py", &[&plain, &splits, &sessions]);
}

#[test]
fn inputs_and_outputs_keep_the_published_contracts() {
    let room = Room::new();
    let [plain, splits, sessions] = outs(&room);
    check(
        "contracts.py",
        &[&house().join("schemas"), Path::new(&fixtures()), &plain, &splits, &sessions],
    );
}

#[test]
fn a_rebuilt_dataset_is_never_answered_from_a_stale_cache() {
    let room = Room::new();
    let [plain, splits, _] = outs(&room);
    check("stale_cache.py", &[&plain, &splits]);
}

#[test]
fn the_readers_refuse_a_spoiled_dataset() {
    let room = Room::new();
    let [_, splits, _] = outs(&room);
    check("bad_output.py", &[&splits]);
}
