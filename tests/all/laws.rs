//! Laws: what holds for any calls at all, in any packaging, on any number of threads.

mod damage;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::calls::{self, TAG};
use crate::pack;
use crate::support::{self, Room, Row, build, ledger_of, samples, text};

/// A failing case is printed in full; a file of them would be one more thing to keep.
fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// Recipes that make samples of different shapes.
const RECIPES: &[&[&str]] = &[
    &[],
    &["context=2"],
    &["context=all"],
    &["unit=session"],
    &["unit=session", "system=Be brief."],
    &["context=1", "pair.leading_agent=system"],
    &["unit=session", "pair.leading_agent=system", "pair.unanswered=drop_session"],
    &["pair.double_answer=first", "pair.interrupted=strip"],
    &["pair.double_answer=last", "pair.interrupted=keep"],
    &["pair.double_answer=drop", "pair.interrupted=drop"],
    &[
        "judge.greetings=keep",
        "judge.fillers=keep",
        "judge.backchannels=keep",
        "judge.fragments=keep",
    ],
    &["perspective=user", "context=1"],
    &["unit=turn-detection"],
    &["unit=turn-detection", "context=2", "judge.strictness=strict"],
    &["judge.types=['normal', 'speech']", "context=all", "filter.exchanges.max=2"],
];

/// Both shares are large, so that few users fall into all three splits.
const SPLITS: &[&str] = &["split.test=0.3", "split.validation=0.3"];

proptest! {
    #![proptest_config(cases(32))]

    #[test]
    fn the_books_balance_and_every_utterance_has_exactly_one_row(calls in calls::mixed(), changes in recipes()) {
        let room = Room::new();
        let (out, input) = (room.path("out"), room.write("calls.jsonl", pack::jsonl(&calls)));
        let books = build(&[input], &out, changes, 2).expect("a dataset").manifest.books;
        prop_assert_eq!(books.check(), None);
        prop_assert_eq!(books.documents.entered, calls.len() as u64);

        let mut positions = BTreeMap::<String, Vec<u64>>::new();
        for row in ledger_of(&out, "utterance") {
            if row["fate"] == "dropped" {
                let said = text(entry_of(&calls, &row), "text").trim();
                prop_assert_eq!(text(&row, "text"), said, "what is not in the dataset is in the ledger");
            }
            let position = row["position"].as_u64().expect("a position");
            positions.entry(text(&row, "source").to_owned()).or_default().push(position);
        }
        for (call, line) in calls.iter().zip(1..) {
            let mut found = positions.remove(&format!("calls.jsonl:{line}")).unwrap_or_default();
            found.sort_unstable();
            prop_assert_eq!(found, (1..=dialog(call).len() as u64).collect::<Vec<_>>());
        }
        prop_assert!(positions.is_empty(), "rows of no call: {:?}", positions);
        turnset::verify(&out).expect("what was just published");
    }

    #[test]
    fn a_sample_says_what_its_utterances_said_and_nothing_else(calls in calls::mixed()) {
        let room = Room::new();
        let (out, input) = (room.path("out"), room.write("calls.jsonl", pack::jsonl(&calls)));
        build(&[input], &out, &["pair.interrupted=cut"], 2).expect("a dataset");
        let mut said = BTreeMap::<String, String>::new();
        for row in ledger_of(&out, "utterance").iter().filter(|row| row["fate"] != "dropped") {
            let entry = entry_of(&calls, row);
            // What stands behind the tag was never heard.
            let heard = if entry["role"] == "agent" { text(entry, "text").split(TAG).next() } else { entry["text"].as_str() };
            *said.entry(text(row, "sample_id").to_owned()).or_default() += &solid(heard.unwrap_or_default());
        }
        for sample in samples(&out) {
            let written: String = messages(&sample).map(|message| solid(text(message, "content"))).collect();
            prop_assert_eq!(Some(written), said.remove(text(&sample, "id")));
        }
        prop_assert!(said.is_empty(), "utterances are kept in samples that are not there: {:?}", said);
    }

    #[test]
    fn every_sample_has_the_one_shape_that_trainers_take(calls in calls::mixed(), changes in recipes()) {
        let room = Room::new();
        let (out, input) = (room.path("out"), room.write("calls.jsonl", pack::jsonl(&calls)));
        build(&[input], &out, changes, 2).expect("a dataset");
        for sample in samples(&out) {
            let roles: Vec<&str> = messages(&sample).map(|message| text(message, "role")).collect();
            let spoken = roles.strip_prefix(&["system"]).unwrap_or(&roles);
            prop_assert!(!spoken.is_empty(), "nobody speaks in {:?}", sample);
            for exchange in spoken.chunks(2) {
                prop_assert_eq!(exchange, ["user", "assistant"], "{:?}", roles);
            }
            prop_assert!(messages(&sample).all(|message| !text(message, "content").trim().is_empty()), "blank: {:?}", sample);
            let weights: Vec<_> = sample["weights"].as_array().expect("a list").iter().map(Value::as_u64).collect();
            prop_assert_eq!(weights.len(), roles.len());
            prop_assert!(weights.contains(&Some(1)), "nothing to learn from {:?}", sample);
            for (weight, role) in weights.iter().zip(roles) {
                prop_assert!(*weight == Some(0) || (*weight == Some(1) && role == "assistant"), "{:?} on {}", weight, role);
            }
        }
    }

    #[test]
    fn no_user_is_in_two_splits(calls in calls::mixed()) {
        let room = Room::new();
        let (out, input) = (room.path("out"), room.write("calls.jsonl", pack::jsonl(&calls)));
        build(&[input], &out, SPLITS, 2).expect("a dataset");
        let mut places = BTreeMap::<String, BTreeSet<String>>::new();
        for sample in samples(&out) {
            // By the user of the archive, so that a user with two pseudonyms is seen too.
            let who = match &call_of(&calls, &sample)["remoteUserId"] {
                Value::Null => continue,
                Value::String(user) => user.clone(),
                number => number.to_string(),
            };
            places.entry(who).or_default().insert(format!("{} in {}", text(&sample, "user"), text(&sample, "split")));
        }
        for (who, places) in places {
            prop_assert_eq!(places.len(), 1, "user {} is {:?}", who, places);
        }
    }

    #[test]
    fn a_call_that_is_added_changes_no_sample_of_another(
        old in calls::distinct("old"),
        new in calls::distinct("new"),
        in_front in any::<bool>(),
        changes in recipes(),
    ) {
        let room = Room::new();
        let changes = [changes, SPLITS].concat();
        let input = room.path("archive");
        room.write("archive/m.jsonl", pack::jsonl(&old));
        build(std::slice::from_ref(&input), &room.path("before"), &changes, 2).expect("a dataset");
        room.write(if in_front { "archive/a.jsonl" } else { "archive/z.jsonl" }, pack::jsonl(&new));
        build(&[input], &room.path("after"), &changes, 2).expect("a larger dataset");
        let mut after = samples(&room.path("after"));
        after.retain(|sample| text(sample, "session_id").starts_with("old"));
        prop_assert_eq!(samples(&room.path("before")), after);
    }

    #[test]
    fn the_content_digest_does_not_depend_on_packaging(
        (calls, shuffled) in calls::mixed().prop_flat_map(|calls| (Just(calls.clone()), Just(calls).prop_shuffle())),
        changes in recipes(),
    ) {
        let room = Room::new();
        for (name, bytes) in pack::pretty(&calls) {
            room.write(&name, bytes);
        }
        room.write("calls.jsonl", pack::jsonl(&calls));
        room.write("shuffled.jsonl", pack::jsonl(&shuffled));
        room.write("calls.tar.zst", pack::zst(&pack::tar(&pack::pretty(&shuffled))));
        room.write("calls.zip", pack::zip(&pack::pretty(&shuffled)));
        room.write("calls.json.gz", pack::gz(json!(calls).to_string().as_bytes()));
        let digest = |input: &str| {
            let built = build(&[room.path(input)], &room.path(&format!("{input}.out")), changes, 2);
            built.expect("a dataset").manifest.content_digest
        };
        let folder = digest("calls");
        for input in ["calls.jsonl", "shuffled.jsonl", "calls.tar.zst", "calls.zip", "calls.json.gz"] {
            prop_assert_eq!(&digest(input), &folder, "{}", input);
        }
    }
}

proptest! {
    #![proptest_config(cases(8))]

    #[test]
    fn any_number_of_threads_writes_the_same_bytes(calls in calls::mixed(), changes in recipes()) {
        let room = Room::new();
        // Enough members for several batches, and the same calls again in the last of them.
        let members: Vec<_> = (0..300).zip(calls.iter().cycle()).map(|(at, call)| {
            let mut call = call.clone();
            call["instanceid"] = format!("copy-{}", at % 200).into();
            (format!("{at:03}.json"), call.to_string().into_bytes())
        }).collect();
        let input = room.write("calls.tar", pack::tar(&members));
        let bytes_of = |threads: usize| {
            let out = room.path(&threads.to_string());
            build(std::slice::from_ref(&input), &out, changes, threads).expect("a dataset");
            support::files(&out)
        };
        let one = bytes_of(1);
        for threads in [2, 8] {
            prop_assert!(bytes_of(threads) == one, "{} threads write other bytes", threads);
        }
    }
}

#[test]
fn any_number_of_threads_writes_the_same_bytes_of_a_large_input() {
    let room = Room::new();
    let input = room.write("calls.jsonl", pack::jsonl(&calls::corpus(2000)));
    let bytes_of = |out: &Path, threads| {
        build(std::slice::from_ref(&input), out, SPLITS, threads).expect("a dataset");
        support::files(out)
    };
    let one = bytes_of(&room.path("1"), 1);
    assert!(bytes_of(&room.path("2"), 2) == one, "2 threads write other bytes");
    assert!(bytes_of(&room.path("8"), 8) == one, "8 threads write other bytes");
}

fn recipes() -> impl Strategy<Value = &'static [&'static str]> {
    proptest::sample::select(RECIPES)
}

/// The call that a row comes from, by the line in its source.
fn call_of<'c>(calls: &'c [Value], row: &Row) -> &'c Value {
    let line = text(row, "source")
        .rsplit(':')
        .next()
        .and_then(|line| line.parse::<usize>().ok());
    line.and_then(|line| calls.get(line - 1))
        .expect("the source of a row is a line of the input")
}

/// The entry that a row of the ledger tells of.
fn entry_of<'c>(calls: &'c [Value], row: &Row) -> &'c Row {
    let position = row["position"].as_u64().and_then(|position| usize::try_from(position).ok());
    let entry = position.and_then(|position| dialog(call_of(calls, row)).get(position - 1));
    entry
        .and_then(Value::as_object)
        .expect("the position of a row is an entry of its call")
}

fn dialog(call: &Value) -> &[Value] {
    call["dialog"].as_array().expect("a dialog")
}

fn messages(sample: &Row) -> impl Iterator<Item = &Row> {
    let messages = sample["messages"].as_array().expect("a list");
    messages.iter().map(|message| message.as_object().expect("a struct"))
}

/// Text without the blanks that joining and trimming may change.
fn solid(text: &str) -> String {
    text.split_whitespace().collect()
}
