//! The command line: what it accepts, what it says and where, and how it ends.

mod build;
mod check;
mod convert;
mod diff;
mod explain;
mod output;
mod report;
mod verify;
mod whatif;

use serde_json::Value;

use crate::support::{Room, fixtures};

#[test]
fn every_contract_is_printed_as_json() {
    let room = Room::new();
    for (name, _) in turnset::SCHEMAS {
        let run = room.turnset(&["schema", name]).ends_with(0);
        let schema: Value = serde_json::from_str(&run.stdout).expect("JSON");
        assert!(schema["$schema"].is_string(), "{name}");
    }
    room.turnset(&["schema", "nothing"]).ends_with(2).says("call-log");
}

#[test]
fn completions_know_every_command() {
    let script = Room::new().turnset(&["completions", "bash"]).ends_with(0).stdout;
    for command in [
        "build",
        "explain",
        "whatif",
        "check",
        "diff",
        "head",
        "where",
        "report",
        "convert",
        "verify",
        "schema",
        "completions",
        "--overwrite",
    ] {
        assert!(script.contains(command), "no {command}");
    }
}

#[test]
fn wrong_usage_ends_with_2_and_help_with_0() {
    let room = Room::new();
    room.turnset(&[]).ends_with(2);
    room.turnset(&["bild"]).ends_with(2);
    room.turnset(&["build"]).ends_with(2).says("<INPUT>");
    room.turnset(&["build", "calls.json"]).ends_with(2).says("--out");
    room.turnset(&["build", "calls.json", "--out", "out", "--threads", "many"])
        .ends_with(2);
    let help = room.turnset(&["--help"]).ends_with(0);
    assert!(help.stdout.contains("Usage:") && help.stderr.is_empty());
    let version = room.turnset(&["--version"]).ends_with(0);
    assert_eq!(version.stdout.trim(), concat!("turnset ", env!("CARGO_PKG_VERSION")));
}

#[test]
fn nothing_is_coloured_where_nobody_looks() {
    let room = Room::new();
    let fixtures = fixtures();
    let runs = [
        room.turnset(&["build", &fixtures, "--out", "out"]),
        room.turnset(&["build", &fixtures, "--out", "out"]),
        room.turnset(&["explain", &fixtures]),
        room.turnset(&["verify", "out"]),
        room.turnset(&["help", "build"]),
        room.turnset(&["bild"]),
    ];
    for run in runs {
        assert!(!run.stdout.contains('\x1b') && !run.stderr.contains('\x1b'), "{run:?}");
    }
}
