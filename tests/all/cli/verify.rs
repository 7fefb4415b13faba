//! `turnset verify`: what was published is found as it was, and any change is seen.

use std::fs;

use crate::support::{Room, files, fixture, fixtures, names};

/// A dataset with several splits and something in quarantine.
fn built() -> Room {
    let room = Room::new();
    room.turnset(&[
        "build",
        &fixtures(),
        "--out",
        "out",
        "--test",
        "0.3",
        "--validation",
        "0.3",
        "--quiet",
    ])
    .ends_with(3);
    room
}

#[test]
fn what_was_just_published_is_as_the_manifest_says() {
    let room = built();
    let before = files(&room.path("out"));
    let run = room.turnset(&["verify", "out"]).ends_with(0);
    assert!(run.stdout.contains(&format!("{} files", before.len())), "{}", run.stdout);
    assert!(files(&room.path("out")) == before, "verify changes nothing");
    room.turnset(&["verify", "nowhere"]).ends_with(1).says("nowhere");
}

#[test]
fn one_changed_byte_of_any_file_is_seen() {
    let room = built();
    for (name, bytes) in files(&room.path("out")) {
        for at in [0, bytes.len() / 2, bytes.len() - 1] {
            let changed: Vec<u8> = bytes
                .iter()
                .enumerate()
                .map(|(place, byte)| if place == at { byte ^ 1 } else { *byte })
                .collect();
            room.write(&format!("out/{name}"), changed);
            match turnset::verify(&room.path("out")) {
                Ok(_) => panic!("byte {at} of {name} is another, and verify does not see it"),
                Err(error) => assert_eq!(error.exit_code(), 1, "{error}"),
            }
        }
        room.write(&format!("out/{name}"), bytes);
    }
    room.turnset(&["verify", "out"]).ends_with(0);
    room.write("out/dataset/README.md", "mine");
    room.turnset(&["verify", "out"]).ends_with(1).says("README.md").says("hint: ");
}

#[test]
fn a_file_that_is_gone_is_missed() {
    let room = built();
    for (name, bytes) in files(&room.path("out")) {
        fs::remove_file(room.path("out").join(&name)).expect("a file of ours");
        assert!(
            turnset::verify(&room.path("out")).is_err(),
            "{name} is gone, and verify does not see it"
        );
        room.write(&format!("out/{name}"), bytes);
    }
}

#[test]
fn a_file_too_many_is_seen() {
    let room = built();
    for folder in ["dataset", "dataset/data", "dataset/chat/openai", "audit", "audit/quarantine"] {
        let path = room.write(&format!("out/{folder}/more.txt"), "more");
        room.turnset(&["verify", "out"]).ends_with(1).says("more.txt");
        fs::remove_file(path).expect("a file of ours");
    }
}

#[test]
fn a_rebuild_proves_every_byte_and_finds_another_input() {
    let room = built();
    let before = files(&room.path("out"));
    let run = room.turnset(&["verify", "out", "--rebuild", &fixtures()]).ends_with(0);
    assert!(run.stdout.contains("every byte is the same"), "{}", run.stdout);
    room.turnset(&["verify", "out", "--rebuild", &fixture("several_calls.jsonl")])
        .ends_with(1)
        .says("not the same");
    assert!(files(&room.path("out")) == before);
    assert_eq!(names(&room.path("out")), ["audit", "dataset"], "the scratch folder is gone");
}

#[test]
fn a_rebuild_wants_the_key_that_the_dataset_was_built_with() {
    let room = Room::new();
    room.write("key", "secret\n");
    room.write("other", "another\n");
    let call = fixture("platform_sample_en.json");
    room.turnset(&["build", &call, "--out", "out", "--user-key-file", "key"])
        .ends_with(0);
    room.turnset(&["verify", "out", "--rebuild", &call]).ends_with(1).says("key");
    room.turnset(&["verify", "out", "--user-key-file", "other", "--rebuild", &call])
        .ends_with(1)
        .says("not the same");
    room.turnset(&["verify", "out", "--user-key-file", "key", "--rebuild", &call])
        .ends_with(0);
}
