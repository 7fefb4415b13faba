//! The same call archived more than once: the fullest stays, whatever came first, and the ledger names it.

use serde_json::{Value, json};

use crate::support::{Room, Row, build, ledger_of, manifest, samples, text};
use crate::{calls, pack};

/// One call as it was fetched three times.
fn versions() -> [Value; 3] {
    let first = calls::short("call");
    let second = calls::longer(first.clone());
    let mut third = second.clone();
    let entry = |role: &str, text: &str| json!({"id": 99, "begin": 99.0, "role": role, "type": "normal", "text": text});
    let dialog = third["dialog"].as_array_mut().expect("a dialog");
    dialog.extend([
        entry("user", "Thank you, that is all I wanted to know."),
        entry("agent", "You are welcome."),
    ]);
    [first, second, third]
}

/// What became of each document, with what the ledger says of why.
fn fates(room: &Room) -> Vec<(String, String, String)> {
    let rows = ledger_of(&room.path("out"), "document");
    let fate = |row: &Row| {
        (
            text(row, "source").to_owned(),
            text(row, "reason").to_owned(),
            text(row, "detail").to_owned(),
        )
    };
    rows.iter().map(fate).collect()
}

#[test]
fn an_identical_twin_is_dropped_and_the_ledger_names_the_other() {
    let room = Room::new();
    let call = calls::short("call");
    room.write("in/a.json", serde_json::to_vec_pretty(&call).expect("a value is JSON"));
    room.write("in/b.json", call.to_string());
    room.turnset(&["build", "in", "--out", "out"]).ends_with(0);
    let fates = fates(&room);
    let [(_, kept, _), (twin, reason, detail)] = fates.as_slice() else {
        panic!("not two documents: {fates:?}");
    };
    assert_eq!((kept.as_str(), twin.as_str(), reason.as_str()), ("", "b.json", "twin"));
    assert!(detail.contains("a.json"), "{detail}");
    assert_eq!(samples(&room.path("out")).len(), 1);
}

#[test]
fn the_fullest_version_stays_in_whatever_order_they_come() {
    let [first, second, third] = versions();
    let alone = Room::new();
    let input = alone.write("call.json", third.to_string());
    let wanted = build(&[input], &alone.path("out"), &[], 1)
        .expect("a dataset")
        .manifest
        .content_digest;
    let orders = [
        [&first, &second, &third],
        [&first, &third, &second],
        [&second, &first, &third],
        [&second, &third, &first],
        [&third, &first, &second],
        [&third, &second, &first],
    ];
    for order in orders {
        let room = Room::new();
        let input = room.write("calls.jsonl", pack::jsonl(order));
        let built = build(&[input], &room.path("out"), &[], 2).expect("a dataset");
        assert_eq!(built.manifest.content_digest, wanted);
        let fullest = order.iter().position(|call| *call == &third).expect("the fullest") + 1;
        for (source, reason, detail) in fates(&room) {
            if source == format!("calls.jsonl:{fullest}") {
                assert_eq!(reason, "", "the fullest is kept");
            } else {
                assert_eq!(reason, "superseded");
                assert!(detail.contains(&format!("calls.jsonl:{fullest}")), "{source}: {detail}");
            }
        }
    }
}

#[test]
fn of_two_that_are_equally_full_the_same_one_stays_in_either_order() {
    let one = calls::short("call");
    let mut other = one.clone();
    other["remoteUserId"] = "2".into();
    let digest = |calls: [&Value; 2]| {
        let room = Room::new();
        let input = room.write("calls.jsonl", pack::jsonl(calls));
        build(&[input], &room.path("out"), &[], 1)
            .expect("a dataset")
            .manifest
            .content_digest
    };
    assert_eq!(digest([&one, &other]), digest([&other, &one]));
}

#[test]
fn a_fuller_version_wins_on_standard_input_too() {
    let [first, second, third] = versions();
    let run = |calls: [&Value; 3]| {
        let room = Room::new();
        room.turnset_fed(&["build", "-", "--out", "out"], &pack::jsonl(calls))
            .ends_with(0);
        manifest(&room.path("out")).content_digest
    };
    assert_eq!(run([&first, &second, &third]), run([&third, &second, &first]));
}
