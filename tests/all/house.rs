//! The rules of the house, read from the source as text: what is where, and who may know whom.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use crate::support::{files, house, writes_golden};

const NOUNS: &[&str] = &["digest", "document", "error", "ledger", "sample", "session", "text"];
const VERBS: &[&str] = &[
    "compose", "count", "dedup", "export", "filter", "judge", "pair", "redact", "split", "wire",
];
const STAGES: &[&str] = &["source", "wire", "dedup", "judge", "pair", "compose", "count", "filter"];

/// Imports against the one direction, each with the reason.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    ("digest", "split", "a row of the dataset belongs to a split"),
    ("pair", "judge", "a verdict is what pairing is given"),
    ("compose", "pair", "what was paired is what samples are composed of"),
    ("compose", "count", "an over-long sample is split where it is composed"),
    ("compose", "judge", "what was heard is what a detector of turn ends learns"),
];

/// Crates that are heavy or touch the world, each with its home. `parquet` has two: what writes our files, and what reads
/// anybody's.
const HOMES: &[(&str, &str)] = &[
    ("arrow", "output"),
    ("parquet", "check"),
    ("parquet", "output"),
    ("polars", "readback"),
    ("flate2", "source"),
    ("tar", "source"),
    ("zip", "source"),
    ("zstd", "source"),
    ("clap", "cli"),
    ("clap_complete", "cli"),
    ("ctrlc", "cli"),
    ("indicatif", "cli"),
    ("tokenizers", "count"),
    ("unicode_segmentation", "text"),
];

/// A file of Rust, without its comments.
struct Source {
    path: String,
    /// The first word of its path: the room.
    room: String,
    /// Number and text of each line of code.
    code: Vec<(usize, String)>,
}

impl Source {
    fn names(&self, line: usize) -> String {
        format!("src/{}:{line}", self.path)
    }
}

fn text_of(folder: &str) -> BTreeMap<String, String> {
    let text = |(path, bytes): (String, Vec<u8>)| (path, String::from_utf8(bytes).expect("UTF-8"));
    files(&house().join(folder))
        .into_iter()
        .filter(|(path, _)| path.ends_with(".rs"))
        .map(text)
        .collect()
}

fn sources() -> Vec<Source> {
    let source = |(path, text): (String, String)| {
        let lines = text.lines().zip(1..).map(|(line, number)| (number, line.trim()));
        let code = lines
            .filter(|(_, line)| !line.starts_with("//"))
            .map(|(number, line)| (number, line.to_owned()));
        Source {
            room: path.trim_end_matches(".rs").split('/').next().unwrap_or_default().to_owned(),
            code: code.collect(),
            path,
        }
    };
    text_of("src").into_iter().map(source).collect()
}

/// The places where a line of code outside the `allowed` rooms holds one of the words.
fn places(words: &[&str], allowed: &[&str]) -> Vec<String> {
    let mut places = Vec::new();
    for source in sources().iter().filter(|source| !allowed.contains(&source.room.as_str())) {
        let hits = source
            .code
            .iter()
            .filter(|(_, line)| words.iter().any(|word| line.contains(word)));
        places.extend(hits.map(|(number, line)| format!("{}: {line}", source.names(*number))));
    }
    places
}

/// Yields what follows each occurrence of `start::` in a line, as far as it is a name.
fn names_after<'l>(line: &'l str, start: &str) -> Vec<&'l str> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let start = format!("{start}::");
    let hits = line.match_indices(&start).filter(|(at, _)| {
        !line
            .get(..*at)
            .is_some_and(|before| before.ends_with(|c: char| is_name(c) || c == ':'))
    });
    let rests = hits.filter_map(|(at, start)| line.get(at + start.len()..));
    rests
        .map(|rest| rest.split(|c: char| !is_name(c)).next().unwrap_or_default())
        .collect()
}

#[test]
fn no_file_is_longer_than_400_lines() {
    for folder in ["src", "tests", "benches"] {
        for (path, text) in text_of(folder) {
            let lines = text.lines().count();
            assert!(lines <= 400, "{folder}/{path} has {lines} lines");
        }
    }
}

#[test]
fn every_file_says_what_it_is_for() {
    for (path, text) in text_of("src") {
        assert!(text.starts_with("//! "), "src/{path} does not begin with `//! `");
    }
}

#[test]
fn data_flow_in_one_direction() {
    let mut unused: BTreeSet<_> = EXCEPTIONS.iter().map(|(from, to, _)| (*from, *to)).collect();
    let mut wrong = Vec::new();
    for source in sources() {
        let room = source.room.as_str();
        let is_verb = VERBS.contains(&room);
        if !is_verb && !NOUNS.contains(&room) {
            continue;
        }
        for (number, line) in &source.code {
            assert!(
                !line.contains("crate::{"),
                "{}: one `use` a module, so that this test can read it",
                source.names(*number)
            );
            for import in names_after(line, "crate") {
                let known = NOUNS.contains(&import) || (is_verb && import == room);
                let excepted = EXCEPTIONS.iter().any(|(from, to, _)| (*from, *to) == (room, import));
                unused.retain(|exception| *exception != (room, import));
                if !known && !excepted {
                    wrong.push(format!("{}: {room} must not know {import}", source.names(*number)));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(unused.is_empty(), "exceptions that nobody needs any more: {unused:?}");
}

#[test]
fn every_room_of_the_one_direction_is_there() {
    let rooms: BTreeSet<_> = sources().into_iter().map(|source| source.room).collect();
    let missing: Vec<_> = NOUNS.iter().chain(VERBS).filter(|room| !rooms.contains(**room)).collect();
    assert!(missing.is_empty(), "{missing:?} are no rooms of src");
}

#[test]
fn only_the_command_line_prints() {
    // `eprint!(` and `eprintln!(` hold the first two.
    let found = places(&["print!(", "println!(", "dbg!("], &["cli", "main"]);
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn only_output_creates_files() {
    let words = [
        "File::create",
        "File::options",
        "OpenOptions",
        "create_dir",
        "fs::write",
        "fs::rename",
        "fs::copy",
        "fs::remove",
        "hard_link",
    ];
    let found = places(&words, &["output"]);
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn only_wire_and_schema_know_the_names_of_the_archive() {
    let found = places(
        &["instanceid", "remoteUserId", "startTime", "agentUserId"],
        &["wire", "schema"],
    );
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn each_heavy_crate_has_one_home() {
    for source in sources() {
        for (number, line) in &source.code {
            for (name, home) in HOMES {
                let is_used = !names_after(line, name).is_empty() || *line == format!("use {name};");
                let is_at_home = HOMES.contains(&(*name, source.room.as_str()));
                assert!(!is_used || is_at_home, "{}: {name} lives in {home}", source.names(*number));
            }
        }
    }
}

#[test]
fn reasons_are_unique_and_named_after_the_room_that_gives_them() {
    let mut seen = BTreeMap::new();
    for source in sources() {
        for (number, line) in &source.code {
            let Some((_, reason)) = line.split_once(": Reason = Reason::new(\"") else {
                continue;
            };
            let (stage, code) = reason
                .trim_end_matches("\");")
                .split_once("\", \"")
                .expect("a stage and a code");
            assert_eq!(stage, source.room, "{}", source.names(*number));
            assert!(STAGES.contains(&stage), "{stage} is no stage");
            let is_plain = code.chars().all(|c| c.is_ascii_lowercase() || c == '_' || c.is_ascii_digit());
            assert!(is_plain && !code.is_empty(), "{}: `{code}`", source.names(*number));
            if let Some(first) = seen.insert((stage.to_owned(), code.to_owned()), source.names(*number)) {
                panic!("{stage}.{code} stands in {first} and in {}", source.names(*number));
            }
        }
    }
    assert!(seen.len() > 20, "this test reads too few reasons: {seen:?}");
}

#[test]
fn the_schemas_are_what_turnset_prints() {
    let folder = house().join("schemas");
    let printed: BTreeMap<_, _> = turnset::SCHEMAS
        .iter()
        .map(|(name, schema)| (format!("{name}.schema.json"), schema()))
        .collect();
    if writes_golden() {
        fs::create_dir_all(&folder).expect("a folder for the schemas");
        for (name, schema) in &printed {
            fs::write(folder.join(name), schema).expect("a schema");
        }
    }
    let published = files(&folder);
    assert_eq!(published.keys().collect::<Vec<_>>(), printed.keys().collect::<Vec<_>>());
    for (name, schema) in &printed {
        assert!(
            published.get(name) == Some(schema),
            "schemas/{name} is out of date: `make golden` writes it"
        );
    }
}
