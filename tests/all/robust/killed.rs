//! A run that is killed leaves the old dataset, or none, or the whole new one, and the next run puts things right.

use std::collections::BTreeMap;
use std::fs;
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::support::{Room, files, names};
use crate::{calls, pack};

type Files = BTreeMap<String, Vec<u8>>;

const OLD: &[&str] = &["build", "old.jsonl", "--out", "out", "--overwrite", "--quiet"];
const NEW: &[&str] = &["build", "new.jsonl", "--out", "out", "--overwrite", "--quiet"];

/// An old dataset, and what it takes to replace it.
struct Site {
    room: Room,
    old: Files,
    new: Files,
    /// How long an undisturbed run takes.
    duration: Duration,
}

impl Site {
    fn new(calls: u32) -> Self {
        let room = Room::new();
        room.write("old.jsonl", pack::jsonl(&calls::corpus(20)));
        room.write("new.jsonl", pack::jsonl(&calls::corpus(calls)));
        let start = Instant::now();
        room.turnset(NEW).ends_with(0);
        let duration = start.elapsed();
        let new = files(&room.path("out"));
        room.turnset(OLD).ends_with(0);
        let old = files(&room.path("out"));
        Self {
            room,
            old,
            new,
            duration,
        }
    }

    fn start(&self) -> Child {
        self.room
            .command(NEW)
            .stderr(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("turnset starts")
    }

    /// Checks what a killed run left behind, and that the next one succeeds.
    fn check(&self, moment: &str) {
        let mut left = files(&self.room.path("out"));
        left.retain(|name, _| !name.starts_with(".turnset-partial/"));
        let is_absent = !left.keys().any(|name| name.starts_with("dataset/"));
        let is_whole = left == self.old || left == self.new;
        assert!(
            is_absent || is_whole,
            "killed {moment}, neither the old dataset nor the new one is whole: {:?}",
            left.keys()
        );
        self.room.turnset(OLD).ends_with(0);
        assert_eq!(
            names(&self.room.path("out")),
            ["audit", "dataset"],
            "after the run that followed a kill {moment}"
        );
        assert!(
            files(&self.room.path("out")) == self.old,
            "killed {moment}, and the next run wrote something else than before"
        );
    }
}

/// A number from 0 to 1 that looks random and is the same every time.
fn draw(seed: u64) -> f64 {
    let mixed = (seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 31)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    f64::from(u32::try_from(mixed >> 32).unwrap_or_default()) / f64::from(u32::MAX)
}

#[test]
fn a_kill_at_any_moment_leaves_the_old_dataset_or_none_or_the_whole_new_one() {
    let site = Site::new(2000);
    for run in 0..50 {
        let moment = site.duration.mul_f64(draw(run) * 1.05);
        let mut child = site.start();
        thread::sleep(moment);
        child.kill().expect("a child of ours");
        child.wait().expect("a child of ours");
        site.check(&format!("after {moment:?} of {:?}", site.duration));
    }
}

#[test]
fn a_kill_in_the_midst_of_publishing_is_put_right() {
    let site = Site::new(100);
    let old_parts = site.room.path("out/.turnset-partial/old");
    for run in 0..20 {
        let mut child = site.start();
        // The old parts are moved aside just before the new ones take their place.
        while !old_parts.exists() && child.try_wait().expect("a child of ours").is_none() {
            std::hint::spin_loop();
        }
        // A few renames take some microseconds: each run gets a little further.
        let start = Instant::now();
        while start.elapsed() < Duration::from_micros(10 * run) {
            std::hint::spin_loop();
        }
        child.kill().expect("a child of ours");
        child.wait().expect("a child of ours");
        site.check(&format!("{} µs after it began to publish", 10 * run));
    }
}

#[test]
fn what_a_killed_run_left_is_recovered_at_every_step_of_publishing() {
    let site = Site::new(100);
    let out = site.room.path("out");
    // The new parts, as a run leaves them before it publishes.
    site.room
        .turnset(&["build", "new.jsonl", "--out", "staged", "--quiet"])
        .ends_with(0);
    let rename = |from: &str, to: &str| fs::rename(site.room.path(from), site.room.path(to)).expect("a rename");
    let steps: [(&str, &str); 4] = [
        ("out/dataset", "out/.turnset-partial/old/dataset"),
        ("out/audit", "out/.turnset-partial/old/audit"),
        ("out/.turnset-partial/audit", "out/audit"),
        ("out/.turnset-partial/dataset", "out/dataset"),
    ];
    for killed_after in 0..=steps.len() {
        fs::create_dir_all(out.join(".turnset-partial/old")).expect("a folder");
        rename("staged/dataset", "out/.turnset-partial/dataset");
        rename("staged/audit", "out/.turnset-partial/audit");
        for (from, to) in steps.iter().take(killed_after) {
            rename(from, to);
        }
        // A run that refuses puts things right before it does.
        site.room
            .turnset(&["build", "old.jsonl", "--out", "out"])
            .ends_with(1)
            .says("is not empty");
        let wanted = if killed_after == steps.len() { &site.new } else { &site.old };
        assert!(files(&out) == *wanted, "after {killed_after} steps: {:?}", files(&out).keys());
        site.room.turnset(OLD).ends_with(0);
        site.room
            .turnset(&["build", "new.jsonl", "--out", "staged", "--overwrite", "--quiet"])
            .ends_with(0);
    }
}
