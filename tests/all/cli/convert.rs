//! `turnset convert`: what a build with these formats would have made.

use std::fs;

use crate::support::{Room, files, fixtures};

#[test]
fn a_converted_dataset_is_the_one_that_a_build_with_these_formats_makes() {
    let room = Room::new();
    let calls = fixtures();
    let make = |out: &str, chat: &str| {
        let chat = format!("output.chat={chat}");
        let splits = ["--set", "split.test=0.3", "--context", "1"];
        room.turnset(&[&["build", &calls, "--out", out, "--set", &chat][..], &splits].concat())
            .ends_with(3);
    };
    make("converted", r#"["openai"]"#);
    make("built", r#"["openai","ms-swift","sharegpt","bailian"]"#);
    let formats = ["--format", "ms-swift", "--format", "sharegpt", "--format", "bailian"];
    let run = room.turnset(&[&["convert", "converted"][..], &formats].concat()).ends_with(0);
    assert!(run.stdout.contains("converted/dataset/chat/ms-swift"), "{}", run.stdout);
    let (converted, built) = (files(&room.path("converted")), files(&room.path("built")));
    assert_eq!(converted.keys().collect::<Vec<_>>(), built.keys().collect::<Vec<_>>());
    for (path, bytes) in &built {
        assert!(converted.get(path) == Some(bytes), "{path} differs");
    }
    room.turnset(&["verify", "converted", "--rebuild", &calls]).ends_with(0);
    // Once more changes nothing.
    room.turnset(&["convert", "converted", "--format", "sharegpt"]).ends_with(0);
    assert!(files(&room.path("converted")) == built);
}

#[test]
fn what_cannot_be_converted_is_left_as_it_is() {
    let room = Room::new();
    room.turnset(&["build", &fixtures(), "--out", "out"]).ends_with(3);
    let before = files(&room.path("out"));
    room.turnset(&["convert", "out", "--format", "chatml"])
        .ends_with(2)
        .says("ms-swift");
    assert!(files(&room.path("out")) == before);
    let shard = room.path("out/dataset/data/train-00000-of-00001.parquet");
    let mut bytes = fs::read(&shard).expect("a shard");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&shard, bytes).expect("a spoiled shard");
    room.turnset(&["convert", "out", "--format", "trl"])
        .ends_with(1)
        .says("is not the file that was published");
    room.turnset(&["convert", "nowhere", "--format", "trl"]).ends_with(1);
}
