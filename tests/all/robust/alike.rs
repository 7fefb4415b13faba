//! What looks like something else: names spelled alike, folders of other programs, long lines, empty archives.

use std::fs;

use serde_json::{Value, json};

use crate::support::{Room, ledger_of, names, samples, text};
use crate::{calls, pack};

fn member(name: &str, bytes: &[u8]) -> pack::Member {
    (name.to_owned(), bytes.to_vec())
}

fn sources(room: &Room) -> Vec<(String, String)> {
    let rows = ledger_of(&room.path("out"), "document");
    let pair = |column: &'static str| rows.iter().map(move |row| text(row, column).to_owned());
    pair("source").zip(pair("fate")).collect()
}

#[test]
fn two_bad_members_of_one_name_are_both_set_aside() {
    let room = Room::new();
    let sound = calls::short("sound").to_string();
    let members = [
        member("x.json", b"{1"),
        member("x.json", b"{2"),
        member("y.json", sound.as_bytes()),
    ];
    room.write("in/a.tar", pack::tar(&members));
    room.turnset(&["build", "in", "--out", "out"]).ends_with(3);
    let found = sources(&room);
    assert_eq!(found.iter().filter(|(_, fate)| fate == "quarantined").count(), 2, "{found:?}");
    assert_eq!(names(&room.path("out/audit/quarantine")).len(), 2);
    room.turnset(&["verify", "out"]).ends_with(0);
}

#[test]
fn a_truncated_compressed_tar_is_booked_once_and_read_as_far_as_it_goes() {
    let room = Room::new();
    let members: Vec<_> = (0..40)
        .map(|at| {
            member(
                &format!("{at:02}.json"),
                calls::corpus(at + 1).pop().expect("a call").to_string().as_bytes(),
            )
        })
        .collect();
    let packed = pack::gz(&pack::tar(&members));
    room.write("in/a.tar.gz", packed.get(..packed.len() / 2).expect("a half"));
    room.turnset(&["build", "in", "--out", "out"]).ends_with(3);
    let found = sources(&room);
    assert_eq!(
        found.iter().filter(|(source, _)| source == "a.tar.gz").count(),
        1,
        "{found:?}"
    );
    assert!(found.iter().any(|(_, fate)| fate == "kept"), "{found:?}");
}

#[test]
fn a_folder_that_turnset_did_not_make_is_never_replaced() {
    let room = Room::new();
    room.write("work/dataset/call.json", calls::short("mine").to_string());
    room.write("work/audit/notes.txt", "mine");
    room.turnset(&["build", "work", "--out", "work", "--overwrite"])
        .ends_with(1)
        .says("turnset did not make");
    assert_eq!(names(&room.path("work")), ["audit", "dataset"]);
    assert_eq!(names(&room.path("work/dataset")), ["call.json"]);
}

#[test]
fn an_output_reached_by_a_link_is_no_input() {
    let room = Room::new();
    room.write("in/call.json", calls::short("call").to_string());
    std::os::unix::fs::symlink(room.path("in"), room.path("alias")).expect("a link");
    room.turnset(&["build", "in", "--out", "alias/out"]).ends_with(0);
    room.turnset(&["build", "in", "--out", "alias/out", "--overwrite"])
        .ends_with(0);
    let rows = ledger_of(&room.path("in/out"), "document");
    assert_eq!(rows.len(), 1, "{rows:?}");
}

#[test]
fn a_long_first_line_does_not_make_one_document_of_all_lines() {
    let room = Room::new();
    let mut long = calls::short("long");
    let entries: Vec<Value> = (1..2000)
        .map(|at| json!({"id": at, "begin": at, "role": if at % 2 == 1 {"user"} else {"agent"}, "type": "normal", "text": format!("This is sentence {at} of a long call.")}))
        .collect();
    long["dialog"] = Value::from(entries);
    let lines = pack::jsonl([&long, &calls::short("two"), &calls::short("three")]);
    room.write("in/calls.json", &lines);
    room.turnset(&["build", "in", "--out", "out"]).ends_with(0);
    let found: Vec<_> = sources(&room).into_iter().map(|(source, _)| source).collect();
    assert_eq!(found, ["calls.json:1", "calls.json:2", "calls.json:3"]);
    let alone = Room::new();
    alone.write("in/calls.json", pack::jsonl([&long]));
    alone.turnset(&["build", "in", "--out", "out"]).ends_with(0);
    assert_eq!(sources(&alone), [("calls.json".to_owned(), "kept".to_owned())]);
    // A first line that is no JSON costs itself alone, wherever the lines come from.
    let fed = Room::new();
    let bad = [
        b"garbage\n".as_slice(),
        &pack::jsonl([&calls::short("one"), &calls::short("two")]),
    ]
    .concat();
    fed.turnset_fed(&["build", "-", "--out", "out"], &bad).ends_with(3);
    assert_eq!(samples(&fed.path("out")).len(), 2);
}

#[test]
fn a_call_of_more_entries_than_a_call_can_have_is_quarantined_before_it_fills_memory() {
    let room = Room::new();
    let bomb = format!("{{\"dialog\":[{}{{}}]}}", "{},".repeat(2_000_000));
    room.write("in/a.json.gz", pack::gz(bomb.as_bytes()));
    room.turnset(&["build", "in", "--out", "out"]).ends_with(3);
    assert_eq!(sources(&room), [("a.json.gz".to_owned(), "quarantined".to_owned())]);
}

#[test]
fn what_holds_nothing_is_booked_too() {
    let room = Room::new();
    room.write("in/blank.jsonl", "\n\n\n");
    room.write("in/empty.tar", pack::tar(&[]));
    room.write("in/empty.zip", pack::zip(&[]));
    room.write("in/page.zip", "<html></html>");
    fs::create_dir(room.path("in/folder")).expect("a folder");
    room.turnset(&["build", "in", "--out", "out"]).ends_with(3);
    let found: Vec<_> = sources(&room).into_iter().map(|(source, _)| source).collect();
    assert_eq!(found, ["blank.jsonl", "empty.tar", "empty.zip", "page.zip"]);
}

#[test]
fn nobody_reading_the_talk_is_no_trouble() {
    let room = Room::new();
    room.write("in/call.json", calls::short("call").to_string());
    let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("a full device");
    let ended = room
        .command(&["build", "in", "--out", "out"])
        .stderr(full)
        .stdout(std::process::Stdio::null())
        .status();
    assert_eq!(ended.expect("turnset starts").code(), Some(0));
    assert_eq!(samples(&room.path("out")).len(), 1);
}
