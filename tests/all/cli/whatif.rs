//! `turnset whatif`: what each value of a threshold costs, in one pass.

use serde_json::{Value, json};

use crate::support::{Room, Run, fixtures, text};

fn whatif(args: &[&str]) -> Run {
    let calls = fixtures();
    Room::new().turnset(&[&["whatif", &calls][..], args].concat())
}

fn lines(args: &[&str]) -> Vec<Value> {
    let run = whatif(&[args, &["--json"]].concat()).ends_with(0);
    run.stdout
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}

#[test]
fn every_value_counts_what_a_build_with_it_would_keep() {
    let tried = lines(&["--key", "filter.length.agent.min", "--values", "1,25,50"]);
    assert_eq!(tried.len(), 3);
    for line in tried {
        let room = Room::new();
        let set = format!("filter.length.agent.min={}", text_of(&line, "value"));
        let built = room.turnset(&["build", &fixtures(), "--dry-run", "--quiet", "--json", "--set", &set]);
        let built: Value = serde_json::from_str(&built.ends_with(3).stdout).expect("JSON");
        let books = &built["manifest"]["books"];
        assert_eq!(line["samples"], books["samples"]["kept"], "{set}");
        let utterances = &books["utterances"];
        let kept = utterances["kept"].as_u64().zip(utterances["merged"].as_u64());
        assert_eq!(line["utterances"].as_u64(), kept.map(|(kept, merged)| kept + merged), "{set}");
    }
}

fn text_of<'l>(line: &'l Value, key: &str) -> &'l str {
    text(line.as_object().expect("an object"), key)
}

#[test]
fn the_utterances_nearest_to_the_line_are_those_that_cross_it() {
    let tried = lines(&["--key", "filter.length.agent.min", "--values", "1,25", "--nearest", "3"]);
    let nearest = tried[0]["nearest"].as_array().expect("a list");
    assert_eq!(nearest.len(), 3);
    for near in nearest {
        assert_eq!(near["here"], "kept");
        assert!(text_of(near, "next").starts_with("dropped by filter.length"), "{near}");
    }
}

#[test]
fn values_are_found_where_none_are_given() {
    let values = |key: &str| -> Vec<Value> { lines(&["--key", key]).iter().map(|line| line["value"].clone()).collect() };
    assert_eq!(
        values("judge.strictness"),
        [json!("lenient"), json!("balanced"), json!("strict")]
    );
    assert_eq!(values("judge.fragments"), [json!("drop"), json!("keep")]);
    assert_eq!(values("judge.learned").len(), 5);
    let recipe = lines(&["--key", "judge.learned"])
        .into_iter()
        .find(|line| line["is_recipe"] == true);
    assert_eq!(recipe.expect("the recipe's own value")["value"], "120");
}

#[test]
fn what_is_no_key_is_an_error_that_names_it() {
    whatif(&["--key", "judge.typo"]).ends_with(2).says("judge.typo");
    whatif(&["--key", "judge.typo", "--values", "1"]).ends_with(2).says("typo");
    whatif(&["--key", "judge.noise_repeats", "--values", "1"])
        .ends_with(2)
        .says("noise_repeats");
}
