//! Hostile JSON, as documents and as lines: no crash, every one accounted for, valid neighbours unharmed.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{Room, Row, build, house, ledger_of, samples, text};
use crate::{calls, pack};

/// What went wrong somewhere, or might: each one is a whole file, or a line between sound ones.
fn snippets() -> Vec<Vec<u8>> {
    let call = |entry: &str| format!(r#"{{"instanceid":"hostile","dialog":[{entry}]}}"#).into_bytes();
    let mut snippets: Vec<Vec<u8>> = [
        "",
        " \t",
        "\u{feff}",
        "{",
        "}",
        "[",
        "]",
        "[]",
        "{}",
        "null",
        "true",
        "1",
        "\"dialog\"",
        "NaN",
        "[1,]",
        "{\"dialog\":[],}",
        "{'dialog':[]}",
        "{dialog:[]}",
        "{\"dialog\":[]} // said",
        "/* said */ {\"dialog\":[]}",
        "{\"dialog\":[]}{\"dialog\":[]}",
        "{\"dialog\":[]}\u{0}",
        "\u{0}\u{0}\u{0}",
        "{\"dialog\":\"\u{0}\"}",
        "{\"dialog\":[{\"text\":\"never ends",
        "{\"dialog\":[{\"text\":\"\\",
        "{\"dialog\":[],\"dialog\":[]}",
        "{\"dialog\":{}}",
        "{\"dialog\":null}",
        "\u{feff}{\"dialog\":[]}",
        "{\"dialog\":[]}\r",
        "{\n\"dialog\":\n[]",
        "{\"startTime\":1e999,\"dialog\":[]}",
        "{\"startTime\":-1e999,\"dialog\":[]}",
        "{\"startTime\":NaN,\"dialog\":[]}",
        "{\"instanceid\":{\"a\":1},\"dialog\":[]}",
        "{\"remoteUserId\":1.5,\"dialog\":[]}",
        "\u{1b}[31m{\"dialog\":[]}",
    ]
    .iter()
    .map(|snippet| snippet.as_bytes().to_vec())
    .collect();
    snippets.extend([
        call(r#"{"begin":1e999,"role":"user","text":"a"}"#),
        call(r#"{"begin":"nan","role":"user","text":"a"},{"begin":"inf","role":"agent","text":"b"}"#),
        call(r#"{"begin":123456789012345678901234567890,"text":"a"}"#),
        call(r#"{"id":9223372036854775808,"text":"a"}"#),
        call(r#"{"id":1e400,"text":"a"}"#),
        call(r#"{"text":"\ud800"}"#),
        call(r#"{"text":"\udc00\ud800"}"#),
        call(r#"{"text":"a","text":"b"}"#),
        call(r#"{"text":"\u0000\u001b[2J","role":"user"}"#),
        call("null"),
        call("[]"),
        call("{},"),
    ]);
    // Deeper than any stack.
    snippets.push(b"[".repeat(100_000));
    snippets.push(b"{\"a\":".repeat(100_000));
    snippets.push([b"{\"a\":".repeat(100_000), b"1".to_vec(), b"}".repeat(100_000)].concat());
    snippets.push(
        [
            br#"{"dialog":"#.to_vec(),
            b"[".repeat(100_000),
            b"]".repeat(100_000),
            b"}".to_vec(),
        ]
        .concat(),
    );
    // Not UTF-8: a byte alone, a sequence broken off, an overlong slash, a surrogate, UTF-16 with its mark.
    let not_utf8: [&[u8]; 5] = [b"\xff", b"\xe4\xb8", b"\xc0\xaf", b"\xed\xa0\x80", b"\xff\xfe{\0\"\0d\0\"\0"];
    snippets.extend(not_utf8.map(<[u8]>::to_vec));
    snippets.push([br#"{"dialog":[{"text":""#.as_slice(), b"\xe9\xff", br#""}]}"#].concat());
    // The first bytes of formats that are something else.
    snippets.extend([
        b"\x1f\x8b".to_vec(),
        b"\x28\xb5\x2f\xfd".to_vec(),
        b"PK\x03\x04".to_vec(),
        b"PAR1".to_vec(),
    ]);
    snippets.extend(suite());
    snippets
}

/// The JSON parsing test suite, where it lies beside the repository.
fn suite() -> Vec<Vec<u8>> {
    let folder = house().join("../shared/json-test-suite/test_parsing");
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).expect("a test case")).collect()
}

/// Checks that a sound call became the sample that it is, and comes from where it was put.
fn check_sound(samples: &[Row], name: &str, source: &str) {
    let own: Vec<_> = samples.iter().filter(|sample| text(sample, "session_id") == name).collect();
    let [sample] = own.as_slice() else {
        panic!("{name} gives {} samples, not one", own.len());
    };
    assert_eq!(text(sample, "source"), source);
    let contents: Vec<_> = sample["messages"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|message| message["content"].as_str())
        .collect();
    let wanted = [format!("question of {name}"), format!("answer to {name}")];
    assert_eq!(contents, wanted.each_ref().map(|content| Some(content.as_str())));
}

fn check_books(out: &Path, input: PathBuf) {
    let built = build(&[input], out, &[], 2).expect("a dataset");
    assert_eq!(built.manifest.books.check(), None);
    turnset::verify(out).expect("what was just published");
}

#[test]
fn hostile_documents_are_accounted_for_and_harm_no_other() {
    let room = Room::new();
    let snippets = snippets();
    room.write("calls/a.json", calls::short("first").to_string());
    room.write("calls/z.json", calls::short("last").to_string());
    for (at, snippet) in snippets.iter().enumerate() {
        room.write(&format!("calls/m{at:03}.json"), snippet);
    }
    let out = room.path("out");
    check_books(&out, room.path("calls"));

    let documents = ledger_of(&out, "document");
    for at in 0..snippets.len() {
        let name = format!("m{at:03}.json");
        // One that begins as an array or as lines is cut into several.
        let is_own = |row: &Row| {
            text(row, "source")
                .strip_prefix(&name)
                .is_some_and(|place| place.is_empty() || place.starts_with(['[', ':']))
        };
        assert!(documents.iter().any(is_own), "no row for {name}");
    }
    let samples = samples(&out);
    check_sound(&samples, "first", "a.json");
    check_sound(&samples, "last", "z.json");
}

#[test]
fn hostile_lines_are_accounted_for_and_harm_no_other() {
    let room = Room::new();
    let mut bytes = Vec::new();
    let snippets = snippets();
    for (at, snippet) in snippets.iter().enumerate() {
        bytes.extend(pack::jsonl([&calls::short(&format!("sound-{at}"))]));
        bytes.extend_from_slice(snippet);
        bytes.push(b'\n');
    }
    let out = room.path("out");
    check_books(&out, room.write("calls.jsonl", &bytes));

    // A snippet may hold line feeds, and then it is several lines.
    let (mut sources, mut sound) = (Vec::new(), Vec::new());
    for (line, number) in bytes.split(|&byte| byte == b'\n').zip(1..) {
        let source = format!("calls.jsonl:{number}");
        if line.windows(7).any(|word| word == b"\"sound-") {
            sound.push(source.clone());
        }
        if !line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line).trim_ascii().is_empty() {
            sources.push(source);
        }
    }
    let documents = ledger_of(&out, "document");
    let found: Vec<_> = documents.iter().map(|row| text(row, "source")).collect();
    assert_eq!(found, sources, "one row for every line that is not blank, in order");
    assert_eq!(sound.len(), snippets.len());
    let samples = samples(&out);
    for (at, source) in sound.iter().enumerate() {
        check_sound(&samples, &format!("sound-{at}"), source);
    }
}
