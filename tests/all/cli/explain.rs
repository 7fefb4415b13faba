//! `turnset explain`: one call as a person would read it.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use crate::support::{Room, Run, fixture};
use crate::{calls, pack};

fn explain(args: &[&str]) -> Run {
    Room::new().turnset(&[&["explain"][..], args].concat())
}

/// The sample of the platform: two stories told, one request that nobody answers.
fn sample() -> (String, Vec<Value>) {
    let path = fixture("platform_sample_en.json");
    let call: Value = serde_json::from_slice(&fs::read(&path).expect("a fixture")).expect("JSON");
    (path, call["dialog"].as_array().expect("a dialog").clone())
}

#[test]
fn every_utterance_is_shown_with_its_fate_and_the_platform_sample_gives_two_exchanges() {
    let (path, dialog) = sample();
    let told = explain(&[&path]).ends_with(0).stdout;
    for entry in &dialog {
        let said = entry["text"].as_str().expect("a text").lines().next().expect("a line");
        assert!(told.contains(said), "no `{said}` in:\n{told}");
    }
    assert_eq!(told.matches("kept, sample ").count(), 4);
    for words in [
        "0:07.085",
        "judge.greeting",
        "judge.fragment",
        "pair.unanswered",
        "\nsample 1",
        "\nsample 2",
    ] {
        assert!(told.contains(words), "no `{words}` in:\n{told}");
    }
    assert!(!told.contains("\nsample 3"), "{told}");
}

#[test]
fn json_has_a_line_for_every_utterance() {
    let (path, dialog) = sample();
    let run = explain(&[&path, "--json"]).ends_with(0);
    let lines: Vec<Value> = run
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(lines.len(), dialog.len());
    for (line, entry) in lines.iter().zip(&dialog) {
        assert_eq!(line["text"], entry["text"]);
        assert_eq!(line["utterance_id"], entry["id"]);
        assert_eq!(line["sample_id"].is_null(), line["fate"] == "dropped");
        assert_eq!(line["reason"].is_string(), line["fate"] == "dropped");
    }
    let samples: BTreeSet<_> = lines.iter().filter_map(|line| line["sample_id"].as_str()).collect();
    assert_eq!(samples.len(), 2);
}

#[test]
fn a_call_is_found_by_its_name_or_by_that_of_its_document() {
    let room = Room::new();
    room.write("calls.jsonl", pack::jsonl([&calls::short("one"), &calls::short("two")]));
    for session in ["two", "calls.jsonl:2"] {
        let run = room.turnset(&["explain", "calls.jsonl", "--session", session]).ends_with(0);
        assert!(
            run.stdout.contains("answer to two") && !run.stdout.contains("answer to one"),
            "{}",
            run.stdout
        );
    }
    room.turnset(&["explain", "calls.jsonl", "--session", "three"])
        .ends_with(1)
        .says("three");
}

#[test]
fn the_recipe_is_heard() {
    let (path, _) = sample();
    let told = explain(&[&path, "--set", "judge.fragments=keep"]).ends_with(0).stdout;
    assert!(!told.contains("judge.fragment"), "{told}");
}

#[test]
fn what_is_no_call_is_explained_too() {
    let run = explain(&[&fixture("truncated.json")]).ends_with(0);
    assert!(run.stdout.contains("quarantined by wire.truncated"), "{}", run.stdout);
}
