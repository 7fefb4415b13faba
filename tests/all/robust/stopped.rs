//! A run that cannot end: asked to stop, out of disk, or not alone. It says so and leaves what it found.

use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::support::{Room, Run, files, names};
use crate::{calls, pack};

/// Starts a build, sends it a signal as soon as it writes, and returns how it ended.
fn stopped(room: &Room, signal: &str) -> Run {
    let mut command = room.command(&["build", "new.jsonl", "--out", "out", "--overwrite"]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("turnset starts");
    let start = Instant::now();
    while !room.path("out/.turnset-partial/dataset").exists() {
        assert!(
            child.try_wait().expect("a child of ours").is_none(),
            "the build ended before it could be stopped"
        );
        assert!(start.elapsed() < Duration::from_mins(1), "the build does not begin");
        thread::sleep(Duration::from_millis(1));
    }
    let sent = Command::new("sh")
        .args(["-c", &format!("kill -{signal} {}", child.id())])
        .status()
        .expect("sh starts");
    assert!(sent.success(), "the build ended before it could be stopped");
    Run::from(child.wait_with_output().expect("turnset ends"))
}

#[test]
fn a_signal_leaves_nothing_new_and_says_so() {
    for signal in ["INT", "TERM"] {
        let room = Room::new();
        room.write("new.jsonl", pack::jsonl(&calls::corpus(2000)));
        stopped(&room, signal).ends_with(1).says("interrupted");
        assert_eq!(
            names(&room.path("")),
            ["new.jsonl"],
            "the folder that it made is gone, after SIG{signal}"
        );
    }
}

#[test]
fn a_signal_leaves_the_old_dataset_as_it_was() {
    let room = Room::new();
    room.write("old.jsonl", pack::jsonl(&calls::corpus(20)));
    room.write("new.jsonl", pack::jsonl(&calls::corpus(2000)));
    room.turnset(&["build", "old.jsonl", "--out", "out"]).ends_with(0);
    let old = files(&room.path("out"));
    for signal in ["INT", "TERM"] {
        stopped(&room, signal).ends_with(1).says("interrupted");
        assert_eq!(names(&room.path("out")), ["audit", "dataset"]);
        assert!(
            files(&room.path("out")) == old,
            "the old dataset is another after SIG{signal}"
        );
    }
}

/// Runs a shell script with a small disk of its own at `disk`, which nobody outside the script sees.
fn with_small_disk(room: &Room, size: &str, script: &str) -> Run {
    let is_root = fs::metadata("/proc/self").expect("a Linux system").uid() == 0;
    fs::create_dir(room.path("disk")).expect("a folder");
    let script = format!("mount -t tmpfs -o size={size} tmpfs disk || exit 99; {script}");
    let mut command = Command::new("unshare");
    command
        .arg(if is_root { "-m" } else { "-Urm" })
        .args(["sh", "-c", &script])
        .current_dir(room.path(""));
    command
        .env("TURNSET", env!("CARGO_BIN_EXE_turnset"))
        .env_remove("TURNSET_USER_KEY");
    let run = Run::from(command.output().expect("unshare starts: install util-linux"));
    assert!(
        run.code == Some(0),
        "this test needs to mount a small disk: {}{}",
        run.stdout,
        run.stderr
    );
    run
}

#[test]
fn a_full_disk_is_a_clear_error_and_nothing_is_published() {
    let room = Room::new();
    room.write("new.jsonl", pack::jsonl(&calls::corpus(2000)));
    let run = with_small_disk(
        &room,
        "1m",
        "$TURNSET build new.jsonl --out disk/out; echo code $?; find disk",
    );
    assert_eq!(run.stdout.lines().collect::<Vec<_>>(), ["code 1", "disk"]);
    run.says("No space left").says("hint: free some space");
}

#[test]
fn a_full_disk_leaves_the_old_dataset_as_it_was() {
    let room = Room::new();
    room.write("old.jsonl", pack::jsonl(&calls::corpus(20)));
    room.write("new.jsonl", pack::jsonl(&calls::corpus(2000)));
    let script = "$TURNSET build old.jsonl --out disk/out --quiet && cp -R disk/out before && \
        { $TURNSET build new.jsonl --out disk/out --overwrite; echo code $?; } && cp -R disk/out after";
    let run = with_small_disk(&room, "2m", script);
    assert_eq!(run.stdout, "code 1\n");
    run.says("No space left").says("hint: free some space");
    assert_eq!(names(&room.path("after")), ["audit", "dataset"]);
    assert!(
        files(&room.path("after")) == files(&room.path("before")),
        "the old dataset is another"
    );
}

#[test]
fn a_second_run_to_the_same_place_refuses() {
    let room = Room::new();
    room.write("call.json", calls::short("call").to_string());
    let lock = room.write("out/.turnset-partial/lock", "");
    let lock = File::open(lock).expect("the lock");
    lock.lock().expect("nobody else holds it");
    room.turnset(&["build", "call.json", "--out", "out"])
        .ends_with(1)
        .says("another run");
    assert_eq!(names(&room.path("out")), [".turnset-partial"]);
    lock.unlock().expect("it is ours");
    // What a run leaves that was killed is no hindrance.
    room.turnset(&["build", "call.json", "--out", "out"]).ends_with(0);
    assert_eq!(names(&room.path("out")), ["audit", "dataset"]);
}
