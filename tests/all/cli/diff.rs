//! `turnset diff`, `head` and `where`: a look at datasets without a notebook.

use serde_json::Value;

use crate::support::{Room, fixtures};

fn build(room: &Room, out: &str, more: &[&str]) {
    let calls = fixtures();
    room.turnset(&[&["build", &calls, "--out", out][..], more].concat())
        .ends_with(3);
}

fn diff(room: &Room, args: &[&str]) -> (Option<i32>, Value) {
    let run = room.turnset(&[&["diff", "a", "b", "--json"][..], args].concat());
    (run.code, serde_json::from_str(&run.stdout).expect("JSON"))
}

fn count(groups: &Value) -> u64 {
    let groups = groups.as_object().expect("groups");
    groups.values().map(|group| group["count"].as_u64().expect("a count")).sum()
}

#[test]
fn the_same_dataset_has_no_differences() {
    let room = Room::new();
    build(&room, "a", &[]);
    build(&room, "b", &["--set", "output.chat=[\"trl\"]"]);
    let none = [
        "--max-added",
        "0",
        "--max-removed",
        "0",
        "--max-changed",
        "0",
        "--max-drop-rate-change",
        "0",
    ];
    let (code, diff) = diff(&room, &none);
    assert_eq!(code, Some(0));
    assert_eq!(diff["is_same"], true);
    for groups in ["added", "removed", "changed"] {
        assert_eq!(count(&diff[groups]), 0, "{groups}: {diff}");
    }
    assert!(diff["recipe"]["output.chat"].is_array(), "{diff}");
}

#[test]
fn samples_come_go_and_change_for_a_reason() {
    let room = Room::new();
    build(&room, "a", &[]);
    build(
        &room,
        "b",
        &[
            "--set",
            "judge.fillers=keep",
            "--set",
            "filter.length.agent.min=12",
            "--test",
            "0.4",
        ],
    );
    let (code, diff) = diff(&room, &[]);
    // Without a budget there is none to be over.
    assert_eq!(code, Some(0));
    let [before, after] = [0, 1].map(|at| diff["samples"][at].as_u64().expect("a number"));
    assert_eq!(before + count(&diff["added"]), after + count(&diff["removed"]), "{diff}");
    assert!(diff["removed"]["filter.length"]["count"].as_u64() > Some(0), "{diff}");
    assert!(diff["added"]["judge.filler"]["count"].as_u64() > Some(0), "{diff}");
    assert!(diff["changed"]["split"]["count"].as_u64() > Some(0), "{diff}");
    assert_eq!(diff["recipe"]["judge.fillers"][1], "\"keep\"");
    let over = room
        .turnset(&["diff", "a", "b", "--max-removed", "0", "--max-changed", "1"])
        .ends_with(1);
    assert!(
        over.stdout.contains("over budget: share of samples removed"),
        "{}",
        over.stdout
    );
    assert!(!over.stdout.contains("samples changed"), "{}", over.stdout);
    room.turnset(&["diff", "a", "b", "--max-drop-rate-change", "0"]).ends_with(1);
    room.turnset(&["diff", "a", "b", "--max-removed", "some"]).ends_with(2);
    room.turnset(&["diff", "a", "nowhere"]).ends_with(1);
}

#[test]
fn a_sample_is_found_again_under_another_number() {
    let room = Room::new();
    let call = |first: &str| {
        format!(
            r#"{{"instanceid":"x","remoteUserId":"7","dialog":[{first}
            {{"id":3,"begin":9,"role":"user","type":"normal","text":"And where is my parcel now?"}},
            {{"id":4,"begin":12,"role":"agent","type":"normal","text":"It is on its way."}}]}}"#
        )
    };
    let exchange = r#"{"id":1,"begin":1,"role":"user","type":"normal","text":"When do you open?"},
        {"id":2,"begin":4,"role":"agent","type":"normal","text":"At nine."},"#;
    room.write("one.json", call(exchange));
    room.write("two.json", call(""));
    room.turnset(&["build", "one.json", "--out", "a"]).ends_with(0);
    room.turnset(&["build", "two.json", "--out", "b"]).ends_with(0);
    let (_, diff) = diff(&room, &[]);
    assert_eq!(
        (count(&diff["removed"]), count(&diff["added"]), count(&diff["changed"])),
        (1, 0, 0),
        "{diff}"
    );
    // An empty dataset is no trouble, and neither is one that has everything more.
    room.write("none.json", r#"{"dialog":[]}"#);
    room.turnset(&["build", "none.json", "--out", "a", "--overwrite"])
        .ends_with(0);
    let run = room.turnset(&["diff", "a", "b", "--max-added", "0.5"]).ends_with(1);
    assert!(run.stdout.contains("not in the input"), "{}", run.stdout);
}

#[test]
fn head_shows_samples_as_they_are_learned() {
    let room = Room::new();
    build(&room, "a", &["--test", "0.4"]);
    let run = room.turnset(&["head", "a", "-n", "2"]).ends_with(0);
    assert_eq!(run.stdout.matches("assistant (learned): ").count(), 2, "{}", run.stdout);
    let lines = room
        .turnset(&["head", "a", "--split", "test", "--json", "-n", "1000"])
        .ends_with(0)
        .stdout;
    let rows: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert!(!rows.is_empty() && rows.iter().all(|row| row["split"] == "test"));
    room.turnset(&["head", "a", "--split", "validation"])
        .ends_with(1)
        .says("train");
}

#[test]
fn where_tells_what_became_of_every_utterance() {
    let room = Room::new();
    build(&room, "out", &[]);
    // By the name of its document; `--out` is `out` if left out.
    let run = room.turnset(&["where", "split_turn_en.json"]).ends_with(0);
    assert!(
        run.stdout.contains("merged, sample") && run.stdout.contains("joined to"),
        "{}",
        run.stdout
    );
    let lines = room.turnset(&["where", "split_turn_en.json", "--json"]).ends_with(0).stdout;
    let traces: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let session = traces[0]["session_id"].as_str().expect("a call");
    assert_eq!(room.turnset(&["where", session, "--json"]).ends_with(0).stdout, lines);
    let kept = traces
        .iter()
        .find(|trace| trace["fate"] == "kept" && trace["unit"] == "utterance")
        .expect("one is kept");
    assert!(kept["text"].is_string(), "{kept}");
    let id = kept["utterance_id"].to_string();
    let one = room.turnset(&["where", session, &id, "--json"]).ends_with(0).stdout;
    assert_eq!(one.lines().count(), 1);
    let broken = room.turnset(&["where", "not_json.json"]).ends_with(0);
    assert!(broken.stdout.contains("quarantined by wire.not_json"), "{}", broken.stdout);
    room.turnset(&["where", "nobody"]).ends_with(1).says("knows no call nobody");
    room.turnset(&["where", session, "999"]).ends_with(1).says("utterance 999");
}
