//! Damaged bytes: nothing crashes, and nothing is lost but what was hit.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use super::cases;
use crate::support::{Room, Row, build, samples, text};
use crate::{calls, pack};

/// One thing that happens to bytes on the way.
#[derive(Debug, Clone, Copy)]
enum Edit {
    /// A byte becomes another one.
    Change(u8),
    Insert(u8),
    Delete,
    Truncate,
}

type Edits = Vec<(Index, Edit)>;

fn edits() -> impl Strategy<Value = Edits> {
    let edit = prop_oneof![
        4 => (1..=255_u8).prop_map(Edit::Change),
        2 => any::<u8>().prop_map(Edit::Insert),
        2 => Just(Edit::Delete),
        1 => Just(Edit::Truncate),
    ];
    vec((any::<Index>(), edit), 1..4)
}

/// Damages bytes and returns how many of the first are as they were.
fn damage(bytes: &mut Vec<u8>, edits: &[(Index, Edit)]) -> usize {
    let mut sound = bytes.len();
    for (place, edit) in edits {
        if bytes.is_empty() {
            break;
        }
        let at = place.index(bytes.len());
        sound = sound.min(at);
        match *edit {
            Edit::Change(bits) => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= bits),
            Edit::Insert(byte) => bytes.insert(at, byte),
            Edit::Delete => {
                bytes.remove(at);
            }
            Edit::Truncate => bytes.truncate(at),
        }
    }
    sound
}

/// The line of a JSONL that a sample comes from.
fn line(sample: &Row) -> usize {
    let line = text(sample, "source").rsplit(':').next().and_then(|line| line.parse().ok());
    line.expect("a line number")
}

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn lines_before_the_damage_survive(calls in calls::distinct("call"), edits in edits()) {
        let room = Room::new();
        let mut bytes = pack::jsonl(&calls);
        build(&[room.write("calls.jsonl", &bytes)], &room.path("whole"), &[], 2).expect("a dataset");
        let sound = damage(&mut bytes, &edits);
        let lines = bytes.iter().take(sound).filter(|&&byte| byte == b'\n').count();
        let built = build(&[room.write("calls.jsonl", &bytes)], &room.path("damaged"), &[], 2).expect("a dataset");
        prop_assert_eq!(built.manifest.books.check(), None);
        let first = |out: &str| {
            let mut samples = samples(&room.path(out));
            // A stream of which nothing is left has no lines.
            samples.retain(|sample| text(sample, "source").contains(':') && line(sample) <= lines);
            samples
        };
        prop_assert_eq!(first("whole"), first("damaged"));
    }

    #[test]
    fn a_damaged_line_costs_itself_and_no_other(calls in calls::distinct("call"), hit in any::<Index>(), edits in edits()) {
        let room = Room::new();
        let hit = hit.index(calls.len());
        let mut lines: Vec<_> = calls.iter().map(|call| call.to_string().into_bytes()).collect();
        build(&[room.write("calls.jsonl", lines.join(&b'\n'))], &room.path("whole"), &[], 2).expect("a dataset");
        for bytes in lines.iter_mut().skip(hit).take(1) {
            damage(bytes, &edits);
            // What breaks a line in two is another kind of damage.
            bytes.iter_mut().filter(|byte| **byte == b'\n').for_each(|byte| *byte = b' ');
        }
        build(&[room.write("calls.jsonl", lines.join(&b'\n'))], &room.path("damaged"), &[], 2).expect("a dataset");
        let others = |out: &str| {
            let mut samples = samples(&room.path(out));
            samples.retain(|sample| text(sample, "source").contains(':') && line(sample) != hit + 1);
            samples
        };
        prop_assert_eq!(others("whole"), others("damaged"));
    }

    #[test]
    fn no_damage_to_an_archive_is_a_crash(calls in calls::mixed(), edits in edits()) {
        let room = Room::new();
        let members = pack::pretty(&calls);
        let archives = [
            ("calls.tar", pack::tar(&members)),
            ("calls.tar.zst", pack::zst(&pack::tar(&members))),
            ("calls.zip", pack::zip(&members)),
            ("calls.jsonl.gz", pack::gz(&pack::jsonl(&calls))),
        ];
        for (name, mut bytes) in archives {
            damage(&mut bytes, &edits);
            let input = room.write(name, &bytes);
            // A panic would fail the test by itself.
            match build(&[input], &room.path(&format!("{name}.out")), &[], 2) {
                Ok(built) => prop_assert_eq!(built.manifest.books.check(), None, "{}", name),
                Err(error) => prop_assert_eq!(error.exit_code(), 1, "{}: {}", name, error),
            }
        }
    }
}
