//! `turnset build`: inputs, recipes, exit codes.

use std::collections::BTreeSet;
use std::fs;

use serde_json::{Value, json};

use crate::support::{Room, files, fixture, fixtures, manifest, names, samples, text};
use crate::{calls, pack};

#[test]
fn a_sound_input_ends_with_0_and_the_last_line_names_the_dataset() {
    let room = Room::new();
    let run = room
        .turnset(&["build", &fixture("platform_sample_en.json"), "--out", "out"])
        .ends_with(0);
    assert_eq!(run.stdout.lines().last(), Some("out/dataset"));
    assert_eq!(names(&room.path("out")), ["audit", "dataset"]);
    run.says("utterances entered").says("train: 2 samples");
}

#[test]
fn something_in_quarantine_ends_with_3_and_is_published() {
    let room = Room::new();
    let run = room
        .turnset(&["build", &fixture("several_calls.jsonl"), "--out", "out"])
        .ends_with(3);
    assert_eq!(run.stdout.lines().last(), Some("out/dataset"));
    assert_eq!(samples(&room.path("out")).len(), 4);
    let kept: Vec<_> = files(&room.path("out/audit/quarantine")).into_values().collect();
    let lines = fs::read(fixture("several_calls.jsonl")).expect("a fixture");
    assert_eq!(
        kept,
        [lines.split(|&byte| byte == b'\n').nth(2).expect("a third line")],
        "the bytes as they came"
    );
}

#[test]
fn an_input_that_is_missing_or_empty_ends_with_1_and_is_named() {
    let room = Room::new();
    fs::create_dir(room.path("empty")).expect("a folder");
    for input in ["nowhere.json", "nowhere/*.json", "empty"] {
        room.turnset(&["build", input, "--out", "out"])
            .ends_with(1)
            .says(input)
            .says("hint: ");
        assert!(!room.path("out").exists(), "{input}");
    }
}

#[test]
fn a_folder_that_holds_something_is_refused_and_left_alone() {
    let room = Room::new();
    room.write("out/mine.txt", "keep me");
    let call = fixture("platform_sample_en.json");
    room.turnset(&["build", &call, "--out", "out"])
        .ends_with(1)
        .says("not empty")
        .says("--overwrite");
    assert_eq!(names(&room.path("out")), ["mine.txt"]);
    room.turnset(&["build", &call, "--out", "out", "--overwrite"]).ends_with(0);
    assert_eq!(
        names(&room.path("out")),
        ["audit", "dataset", "mine.txt"],
        "only what turnset made is replaced"
    );

    let before = files(&room.path("out"));
    room.turnset(&["build", &fixture("bom.json"), "--out", "out"])
        .ends_with(1)
        .says("not empty");
    assert!(files(&room.path("out")) == before);
    room.turnset(&["build", &call, "--out", "out/mine.txt", "--overwrite"])
        .ends_with(1)
        .says("not a folder");
}

#[test]
fn a_dry_run_writes_nothing_and_prints_the_plan_and_the_counts() {
    let room = Room::new();
    let calls = fixtures();
    for args in [&["--out", "out"][..], &[][..]] {
        let run = room
            .turnset(&[&["build", &calls, "--dry-run"][..], args].concat())
            .ends_with(3);
        assert_eq!(run.stdout, "");
        run.says("unit = \"exchange\"").says("documents  entered").says("train: ");
        assert!(names(&room.path("")).is_empty());
    }
}

#[test]
fn json_is_one_value_with_everything_a_script_needs() {
    let room = Room::new();
    let calls = fixtures();
    for (flags, dataset) in [
        (&["--out", "out"][..], json!("out/dataset")),
        (&["--dry-run"][..], Value::Null),
    ] {
        let run = room.turnset(&[&["build", &calls, "--json"][..], flags].concat()).ends_with(3);
        let report: Value = serde_json::from_str(&run.stdout).expect("JSON and nothing else");
        let keys: BTreeSet<_> = report.as_object().expect("an object").keys().map(String::as_str).collect();
        assert_eq!(keys, BTreeSet::from(["dataset", "funnel", "manifest", "warnings"]));
        assert_eq!(report["dataset"], dataset);
        assert_eq!(
            report["manifest"]["books"]["samples"]["kept"],
            report["manifest"]["splits"]["train"]["samples"]
        );
        assert_eq!(report["funnel"][0]["step"], "entered");
        assert!(
            report["warnings"][0]
                .as_str()
                .is_some_and(|warning| warning.contains("TURNSET_USER_KEY"))
        );
    }
}

#[test]
fn an_unknown_key_ends_with_2_and_names_itself_and_its_place() {
    let room = Room::new();
    room.write("turnset.toml", "unit = \"exchange\"\n\n[split]\ntset = 0.1\n");
    let call = fixture("platform_sample_en.json");
    let run = room
        .turnset(&["build", &call, "--out", "out", "--recipe", "turnset.toml"])
        .ends_with(2);
    run.says("turnset.toml").says("line 4").says("`tset`").says("hint: ");
    let run = room
        .turnset(&["build", &call, "--out", "out", "--set", "splitt.test=0.1"])
        .ends_with(2);
    run.says("--set splitt.test=0.1").says("`splitt`").says("hint: ");
    for wrong in [
        "split.test=1.5",
        "unit=call",
        "context=-1",
        "output.chat=['nobody']",
        "system= ",
        "nothing",
    ] {
        room.turnset(&["build", &call, "--out", "out", "--set", wrong])
            .ends_with(2)
            .says("hint: ");
    }
    room.turnset(&["build", &call, "--out", "out", "--recipe", "nowhere.toml"])
        .ends_with(2)
        .says("nowhere.toml");
    assert_eq!(names(&room.path("")), ["turnset.toml"]);
}

#[test]
fn a_flag_beats_set_and_set_beats_the_recipe() {
    let room = Room::new();
    room.write("turnset.toml", "system = \"recipe\"\ncontext = 1\nunit = \"exchange\"\n");
    let call = fixture("platform_sample_en.json");
    let system = |more: &[&str]| {
        let args = [
            &["build", &call, "--out", "out", "--overwrite", "--recipe", "turnset.toml"][..],
            more,
        ]
        .concat();
        room.turnset(&args).ends_with(0);
        let recipe = serde_json::to_value(manifest(&room.path("out")).recipe).expect("a recipe is JSON");
        assert_eq!(recipe["context"], 1, "what nobody changes stays");
        recipe["system"].as_str().map(ToOwned::to_owned)
    };
    assert_eq!(system(&[]).as_deref(), Some("recipe"));
    assert_eq!(system(&["--set", "system=set"]).as_deref(), Some("set"));
    assert_eq!(system(&["--system", "flag", "--set", "system=set"]).as_deref(), Some("flag"));
}

#[test]
fn standard_input_and_quoted_globs_are_inputs() {
    let room = Room::new();
    room.turnset_fed(
        &["build", "-", "--out", "piped"],
        &pack::jsonl([&calls::short("one"), &calls::short("two")]),
    )
    .ends_with(0);
    let piped = samples(&room.path("piped"));
    assert_eq!(
        piped.iter().map(|sample| text(sample, "source")).collect::<Vec<_>>(),
        ["-:1", "-:2"]
    );

    for name in ["a/one.json", "a/two.json", "b/three.json", "b/four.txt"] {
        room.write(name, calls::short(name).to_string());
    }
    room.turnset(&["build", "*/t*.json", "--out", "matched"]).ends_with(0);
    let matched = samples(&room.path("matched"));
    assert_eq!(
        matched.iter().map(|sample| text(sample, "source")).collect::<Vec<_>>(),
        ["a/two.json", "b/three.json"]
    );
}

#[test]
fn a_split_that_would_be_empty_is_not_written_and_a_warning_says_so() {
    let room = Room::new();
    let call = fixture("platform_sample_en.json");
    let run = room
        .turnset(&["build", &call, "--out", "out", "--test", "0.3", "--validation", "0.3"])
        .ends_with(0);
    let splits: Vec<_> = manifest(&room.path("out")).splits.into_keys().collect();
    let [split] = splits.as_slice() else {
        panic!("one user is in {splits:?}");
    };
    assert_eq!(
        names(&room.path("out/dataset/data")),
        [format!("{split}-00000-of-00001.parquet")]
    );
    assert_eq!(names(&room.path("out/dataset/chat/openai")), [format!("{split}.jsonl")]);
    for empty in ["train", "validation", "test"].iter().filter(|name| *name != split) {
        assert!(
            run.stderr.contains(&format!("split `{empty}` would be empty")),
            "{}",
            run.stderr
        );
    }
}
