//! Hostile archives, folders and sizes: set aside or passed over with a word, never a hang, a crash or a stray file.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::{Room, Row, ledger_of, names, samples, text};
use crate::{calls, pack};

fn member(name: &str, call: &Value) -> pack::Member {
    (name.to_owned(), call.to_string().into_bytes())
}

/// The fate of each document, as `fate stage.code`, by its source.
fn fates(room: &Room) -> Vec<(String, String)> {
    let fate = |row: &Row| match text(row, "stage") {
        "" => text(row, "fate").to_owned(),
        stage => format!("{} {stage}.{}", text(row, "fate"), text(row, "reason")),
    };
    ledger_of(&room.path("out"), "document")
        .iter()
        .map(|row| (text(row, "source").to_owned(), fate(row)))
        .collect()
}

/// The calls that made it into the dataset.
fn sessions(room: &Room) -> Vec<String> {
    samples(&room.path("out"))
        .iter()
        .map(|sample| text(sample, "session_id").to_owned())
        .collect()
}

#[track_caller]
fn check_fates(room: &Room, wanted: &[(&str, &str)]) {
    let found = fates(room);
    let found: Vec<_> = found.iter().map(|(source, fate)| (source.as_str(), fate.as_str())).collect();
    assert_eq!(found, wanted);
}

#[test]
fn members_that_climb_out_are_quarantined_and_nothing_is_written_outside() {
    let inner = pack::tar(&[member("in.json", &calls::short("inner"))]);
    let members = [
        member("/absolute.json", &calls::short("absolute")),
        member("../up.json", &calls::short("up")),
        member("a/../../b.json", &calls::short("across")),
        member("good/fine.json", &calls::short("fine")),
        ("inner.tar".to_owned(), inner),
    ];
    for (name, bytes) in [
        ("calls.tar", pack::tar(&members)),
        ("calls.zip", pack::zip(&members)),
        ("calls.tar.gz", pack::gz(&pack::tar(&members))),
    ] {
        let room = Room::new();
        room.write(&format!("in/{name}"), bytes);
        room.turnset(&["build", "in", "--out", "out"]).ends_with(3);
        let mut found: Vec<String> = fates(&room).into_iter().map(|(_, fate)| fate).collect();
        found.sort();
        assert_eq!(
            found,
            [
                "kept",
                "quarantined source.nested",
                "quarantined source.unsafe_path",
                "quarantined source.unsafe_path",
                "quarantined source.unsafe_path"
            ],
            "{name}"
        );
        assert_eq!(sessions(&room), ["fine"], "{name}");
        assert_eq!(names(&room.path("")), ["in", "out"], "{name}");
        assert_eq!(names(&room.path("in")), [name]);
        assert_eq!(names(&room.path("out")), ["audit", "dataset"]);
        assert!(!Path::new("/absolute.json").exists());
    }
}

#[test]
fn links_pipes_and_hidden_files_neither_hang_nor_crash() {
    let room = Room::new();
    room.write("in/call.json", calls::short("call").to_string());
    room.write("in/.hidden.json", calls::short("hidden").to_string());
    room.write("in/photo.jpg", b"\xff\xd8\xff");
    fs::create_dir(room.path("in/folder")).expect("a folder");
    symlink("..", room.path("in/folder/loop")).expect("a link");
    symlink("nowhere", room.path("in/dangling.json")).expect("a link");
    let made = Command::new("mkfifo")
        .arg(room.path("in/pipe.json"))
        .status()
        .expect("mkfifo starts");
    assert!(made.success());
    room.turnset(&["build", "in", "--out", "out"]).ends_with(3);
    check_fates(
        &room,
        &[
            (".hidden.json", "dropped source.hidden"),
            ("call.json", "kept"),
            ("dangling.json", "quarantined source.unreadable"),
            ("folder/loop", "quarantined source.unreadable"),
            ("photo.jpg", "dropped source.not_json"),
            ("pipe.json", "dropped source.not_a_file"),
        ],
    );
}

#[test]
fn a_bomb_is_quarantined_within_seconds() {
    let room = Room::new();
    room.write("calls.json.gz", pack::gz(&vec![0; 200 << 20]));
    let start = Instant::now();
    room.turnset(&["build", "calls.json.gz", "--out", "out"]).ends_with(3);
    assert!(start.elapsed() < Duration::from_secs(30), "took {:?}", start.elapsed());
    check_fates(&room, &[("calls.json.gz", "quarantined source.too_large")]);
}

#[test]
fn a_truncated_stream_keeps_the_lines_before_the_damage() {
    // Both within what is looked at first and far behind it.
    for count in [12, 400] {
        let room = Room::new();
        let lines = pack::jsonl(&calls::corpus(count));
        let mut packed = pack::gz(&lines);
        packed.truncate(packed.len() / 2);
        room.write("calls.jsonl.gz", packed);
        room.turnset(&["build", "calls.jsonl.gz", "--out", "out"]).ends_with(3);
        let fates = fates(&room);
        let kept = fates.iter().filter(|(_, fate)| fate == "kept").count();
        assert!(
            kept > count as usize / 4,
            "of {count} lines, half of which are sound, {kept} are kept"
        );
        assert_eq!(
            fates.iter().filter(|(_, fate)| fate == "quarantined source.damaged").count(),
            1
        );
        assert_eq!(fates.len(), kept + 1);
    }
}

#[test]
fn a_damaged_member_costs_itself_and_no_other() {
    let room = Room::new();
    let members: Vec<_> = ["first", "second", "third"]
        .iter()
        .map(|name| member(&format!("{name}.json"), &calls::short(name)))
        .collect();
    let mut zip = pack::zip(&members);
    let at = zip
        .windows(11)
        .position(|name| name == b"second.json")
        .expect("the member's header");
    // Behind the header, in the middle of what is packed.
    for byte in zip.iter_mut().skip(at + 11 + 40).take(4) {
        *byte ^= 0xff;
    }
    room.write("calls.zip", zip);
    room.turnset(&["build", "calls.zip", "--out", "out"]).ends_with(3);
    check_fates(
        &room,
        &[
            ("calls.zip::first.json", "kept"),
            ("calls.zip::second.json", "quarantined source.damaged"),
            ("calls.zip::third.json", "kept"),
        ],
    );
}

#[test]
fn a_document_that_is_too_large_costs_itself_and_no_other() {
    let room = Room::new();
    let mut large = calls::short("large");
    large["padding"] = "x".repeat(20_000).into();
    let calls = [calls::short("before"), large, calls::short("behind")];
    room.write("in/a.json", pretty_array(&calls));
    room.write("in/b.jsonl", pack::jsonl(&calls.each_ref().map(|call| renamed(call, "line"))));
    room.write(
        "in/c.zip",
        pack::zip(&pack::pretty(&calls.each_ref().map(|call| renamed(call, "member")))),
    );
    room.turnset(&["build", "in", "--out", "out", "--set", "input.max_document_bytes=10000"])
        .ends_with(3);
    let too_large = "quarantined source.too_large";
    check_fates(
        &room,
        &[
            ("a.json[1]", "kept"),
            ("a.json[2]", too_large),
            ("a.json[3]", "kept"),
            ("b.jsonl:1", "kept"),
            ("b.jsonl:2", too_large),
            ("b.jsonl:3", "kept"),
            ("c.zip::calls/000.json", "kept"),
            ("c.zip::calls/001.json", too_large),
            ("c.zip::calls/002.json", "kept"),
        ],
    );
}

fn pretty_array(calls: &[Value]) -> Vec<u8> {
    serde_json::to_vec_pretty(calls).expect("values are JSON")
}

fn renamed(call: &Value, prefix: &str) -> Value {
    let mut call = call.clone();
    call["instanceid"] = format!("{prefix}-{}", call["instanceid"].as_str().expect("a name")).into();
    call
}
