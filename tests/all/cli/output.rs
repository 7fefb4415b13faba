//! What may stand in an output, and what must not: no secret, no user id, no trace of the machine or the moment.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::support::{Room, files, fixture, fixtures, manifest, samples, text};

/// The user of each sample.
fn users(room: &Room) -> Vec<String> {
    samples(&room.path("out"))
        .iter()
        .map(|sample| text(sample, "user").to_owned())
        .collect()
}

#[test]
fn a_key_gives_the_same_pseudonyms_from_a_file_and_from_the_environment() {
    let call = fixture("platform_sample_en.json");
    let [plain, file, environment, other] = [Room::new(), Room::new(), Room::new(), Room::new()];
    let warned = plain.turnset(&["build", &call, "--out", "out"]).ends_with(0);
    warned.says("TURNSET_USER_KEY");

    file.write("key", "secret\n");
    let silent = file
        .turnset(&["build", &call, "--out", "out", "--user-key-file", "key"])
        .ends_with(0);
    assert!(!silent.stderr.contains("warning"), "{}", silent.stderr);
    for (room, key) in [(&environment, "secret"), (&other, "another")] {
        let mut command = room.command(&["build", &call, "--out", "out"]);
        let ended = command.env("TURNSET_USER_KEY", key).output().expect("turnset starts");
        assert!(ended.status.success());
    }
    assert_eq!(users(&file), users(&environment));
    let different: BTreeSet<_> = [&plain, &file, &other].into_iter().map(users).collect();
    assert_eq!(different.len(), 3, "{different:?}");
    assert!(!manifest(&plain.path("out")).users_keyed && manifest(&file.path("out")).users_keyed);
    file.write("empty", "\n");
    file.turnset(&["build", &call, "--out", "out2", "--user-key-file", "empty"])
        .ends_with(2)
        .says("empty");
}

#[test]
fn no_user_id_is_in_the_dataset() {
    let room = Room::new();
    room.turnset(&["build", &fixtures(), "--out", "out"]).ends_with(3);
    let call: Value = serde_json::from_slice(&fs::read(fixture("platform_sample_en.json")).expect("a fixture")).expect("JSON");
    let user = call["remoteUserId"].as_str().expect("a user");
    assert!(
        samples(&room.path("out"))
            .iter()
            .all(|sample| !text(sample, "user").contains(user))
    );
    for (name, bytes) in files(&room.path("out/dataset")) {
        assert!(!holds(&bytes, user), "{name} holds the user id {user}");
    }
}

#[test]
fn no_byte_of_an_output_knows_the_machine_the_folder_or_the_moment() {
    let (here, there) = (Room::new(), Room::new());
    for (room, zone, cwd) in [(&here, "Pacific/Kiritimati", "."), (&there, "America/Adak", "deep/below")] {
        fs::create_dir_all(room.path(cwd)).expect("a folder");
        fs::create_dir_all(room.path("archive/calls")).expect("a folder");
        for (name, bytes) in files(Path::new(&fixtures())) {
            room.write(&format!("archive/calls/{name}"), bytes);
        }
        let (input, out) = (
            room.path("archive/calls").display().to_string(),
            room.path("out").display().to_string(),
        );
        let mut command = room.command(&["build", &input, "--out", &out, "--test", "0.3"]);
        let ended = command
            .current_dir(room.path(cwd))
            .env("TZ", zone)
            .env("LC_ALL", "C")
            .output()
            .expect("turnset starts");
        assert_eq!(ended.status.code(), Some(3));
        // Long enough for a clock with seconds to show another one.
        thread::sleep(Duration::from_millis(1100));
    }
    let (one, other) = (files(&here.path("out")), files(&there.path("out")));
    assert!(
        one == other,
        "two machines write different bytes: {:?}",
        differing(&one, &other)
    );

    let folder = here.path("").display().to_string();
    let host = fs::read_to_string("/proc/sys/kernel/hostname").expect("a Linux system");
    for (name, bytes) in &one {
        assert!(
            !holds(bytes, folder.trim_end_matches('/')),
            "{name} holds the path of a machine"
        );
        // A short name, such as `box`, may be a word of a call.
        assert!(
            host.trim().len() < 8 || !holds(bytes, host.trim()),
            "{name} holds the name of the machine"
        );
    }
}

/// The names of the files that are not the same.
fn differing<'f>(one: &'f BTreeMap<String, Vec<u8>>, other: &BTreeMap<String, Vec<u8>>) -> Vec<&'f String> {
    one.iter()
        .filter(|(name, bytes)| other.get(*name) != Some(*bytes))
        .map(|(name, _)| name)
        .collect()
}

fn holds(bytes: &[u8], words: &str) -> bool {
    bytes.windows(words.len()).any(|window| window == words.as_bytes())
}
