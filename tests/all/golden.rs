//! Golden cases: `fixtures/cases/<name>/` holds `input/`, what is expected of it, and perhaps a `recipe.toml`.
//!
//! A case needs no Rust. `make golden` writes `expected/`; otherwise any difference fails.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use serde::Serialize;
use turnset::{Job, Plan, Recipe, Shared};

use crate::support::{Room, Row, build, files, house, ledger, names, writes_golden};

/// Fixture calls that a person reads otherwise than turnset does today, each with the reason.
const READ_OTHERWISE: &[(&str, &str)] = &[];

/// A row of the ledger as `expected/ledger.jsonl` shows it; a null is left out.
#[derive(Serialize)]
struct Line<'r> {
    unit: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    utterance_id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<&'r str>,
    fate: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sample_id: Option<&'r str>,
    source: &'r str,
}

impl<'r> From<&'r Row> for Line<'r> {
    fn from(row: &'r Row) -> Self {
        let text = |column: &str| row[column].as_str();
        Self {
            unit: text("unit").expect("a unit"),
            session_id: text("session_id"),
            utterance_id: row["utterance_id"].as_i64(),
            position: row["position"].as_i64(),
            label: text("label"),
            fate: text("fate").expect("a fate"),
            reason: text("stage")
                .zip(text("reason"))
                .map(|(stage, code)| format!("{stage}.{code}")),
            sample_id: text("sample_id"),
            source: text("source").expect("a source"),
        }
    }
}

/// Builds a case and renders what is compared, by file name.
fn render(case: &Path) -> BTreeMap<String, Vec<u8>> {
    let room = Room::new();
    let out = room.path("out");
    let recipe = case.join("recipe.toml");
    let recipe = Recipe::load(recipe.exists().then_some(recipe.as_path()), &[]).expect("a recipe");
    let job = Job {
        inputs: vec![case.join("input")],
        out: Some(out.clone()),
        overwrite: false,
        pass_over: Vec::new(),
    };
    let plan = Plan::new(recipe, None).expect("a plan");
    let built = turnset::build(&plan, &job, &Arc::new(Shared::default()), &|_| {}).expect("a dataset");
    // The files of the format that every case has stand under their own names.
    let name = |path: String| path.strip_prefix("openai/").map_or(path.replace('/', "-"), ToOwned::to_owned);
    let chat = files(&out.join("dataset/chat"));
    let mut rendered: BTreeMap<_, _> = chat.into_iter().map(|(path, bytes)| (name(path), bytes)).collect();
    let lines = ledger(&out)
        .iter()
        .map(|row| serde_json::to_string(&Line::from(row)).expect("a line is JSON") + "\n")
        .collect::<String>();
    rendered.insert("ledger.jsonl".to_owned(), lines.into_bytes());
    rendered.insert(
        "funnel.txt".to_owned(),
        turnset::table(&built.manifest.books, false).into_bytes(),
    );
    rendered.insert("splits.json".to_owned(), turnset::json(&built.manifest.splits));
    rendered
}

/// Says in words where two texts first differ.
fn difference(wanted: &[u8], found: &[u8]) -> Option<String> {
    if wanted == found {
        return None;
    }
    let (wanted, found) = (String::from_utf8_lossy(wanted), String::from_utf8_lossy(found));
    let (mut wanted, mut found) = (wanted.lines(), found.lines());
    for number in 1.. {
        match (wanted.next(), found.next()) {
            (None, None) => break,
            (wanted, found) if wanted == found => {}
            (wanted, found) => {
                let end = "(the end of the file)";
                return Some(format!(
                    "line {number}\n  expected {}\n  found    {}",
                    wanted.unwrap_or(end),
                    found.unwrap_or(end)
                ));
            }
        }
    }
    Some("only in their line ends".to_owned())
}

#[test]
fn every_golden_case_is_as_expected() {
    let cases = house().join("fixtures/cases");
    let mut differences = Vec::new();
    for name in names(&cases).into_iter().filter(|name| cases.join(name).is_dir()) {
        let (case, expected) = (cases.join(&name), cases.join(&name).join("expected"));
        let found = render(&case);
        if writes_golden() {
            if expected.exists() {
                fs::remove_dir_all(&expected).expect("the old expectation goes");
            }
            fs::create_dir(&expected).expect("a folder for the new expectation");
            for (file, bytes) in found {
                fs::write(expected.join(file), bytes).expect("the new expectation");
            }
            continue;
        }
        let wanted = files(&expected);
        for file in wanted.keys().chain(found.keys().filter(|file| !wanted.contains_key(*file))) {
            let text = |files: &BTreeMap<String, Vec<u8>>| files.get(file).cloned().unwrap_or_default();
            let words = difference(&text(&wanted), &text(&found));
            differences.extend(words.map(|words| format!("{name}/{file} differs in {words}")));
        }
    }
    assert!(
        differences.is_empty(),
        "{}\n\n`make golden` accepts all of this",
        differences.join("\n\n")
    );
}

/// What a person would take from a fixture call.
#[derive(Debug, PartialEq)]
enum Reading {
    Exchanges(u64),
    Quarantined,
}

/// The table of `fixtures/calls/README.md`: file and reading.
fn readings() -> Vec<(String, Reading)> {
    let table = fs::read_to_string(house().join("fixtures/calls/README.md")).expect("the README of the fixtures");
    let row = |line: &str| {
        let mut cells = line.strip_prefix("| `")?.splitn(3, '|');
        let file = cells.next()?.trim_end().strip_suffix('`')?.to_owned();
        let reading = cells.nth(1)?.trim_start();
        let reading = match reading.split_once(" exchange") {
            Some((count, _)) if !reading.starts_with("quarantined") => Reading::Exchanges(count.parse().ok()?),
            _ => Reading::Quarantined,
        };
        Some((file, reading))
    };
    table.lines().filter_map(row).collect()
}

#[test]
fn turnset_reads_every_fixture_call_as_a_person_does() {
    let readings = readings();
    let mut listed: Vec<_> = readings
        .iter()
        .map(|(file, _)| file.clone())
        .chain(["README.md".to_owned()])
        .collect();
    listed.sort();
    assert_eq!(
        listed,
        names(&house().join("fixtures/calls")),
        "the README lists every fixture, each once"
    );

    let mut otherwise = Vec::new();
    for (file, reading) in readings {
        let room = Room::new();
        let input = house().join("fixtures/calls").join(&file);
        // A person counts interrupted answers too.
        let books = build(&[input], &room.path("out"), &["pair.interrupted=cut"], 1)
            .expect("a dataset")
            .manifest
            .books;
        let found = match (books.samples.kept, books.documents.kept) {
            (0, 0) => Reading::Quarantined,
            (samples, _) => Reading::Exchanges(samples),
        };
        if found != reading {
            otherwise.push((file, found, reading));
        }
    }
    let (known, new): (Vec<_>, Vec<_>) = otherwise
        .iter()
        .partition(|(file, ..)| READ_OTHERWISE.iter().any(|(known, _)| known == file));
    assert!(new.is_empty(), "(file, turnset, a person): {new:#?}");
    assert_eq!(
        known.len(),
        READ_OTHERWISE.len(),
        "a file that is read as a person reads it leaves the list"
    );
}
