//! `turnset check`: what a target would do with a row, and the repairs that are safe.

use serde_json::{Value, json};

use crate::support::{Room, files, fixtures};

/// A row of messages, from words such as `U A`: S, U and A are system, user and assistant.
fn row(speakers: &str) -> Value {
    let message = |(at, word): (usize, &str)| {
        let role = match word {
            "S" => "system",
            "U" => "user",
            _ => "assistant",
        };
        json!({"role": role, "content": format!("text {at}")})
    };
    let messages: Vec<_> = speakers.split(' ').enumerate().map(message).collect();
    json!({"messages": messages})
}

fn lines(rows: &[Value]) -> String {
    rows.iter().map(|row| format!("{row}\n")).collect()
}

/// Checks some rows and returns the rules that a target finds broken, each with its outcome.
fn found(rows: &[Value], target: &str) -> Vec<(String, String)> {
    let room = Room::new();
    room.write("train.jsonl", lines(rows));
    let run = room.turnset(&["check", "train.jsonl", "--target", target, "--json"]);
    let checked: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run:?}"));
    let findings = checked["findings"].as_array().expect("findings");
    assert_eq!(run.code, Some(i32::from(!findings.is_empty())), "{run:?}");
    let word = |value: &Value| value.as_str().expect("a word").to_owned();
    findings
        .iter()
        .map(|finding| (word(&finding["rule"]), word(&finding["outcome"])))
        .collect()
}

fn says(speakers: &str, target: &str) -> String {
    // Enough good rows that only this one can be at fault.
    let mut rows = vec![row("U A"); 12];
    rows.push(row(speakers));
    let found = found(&rows, target);
    let words: Vec<String> = found.iter().map(|(rule, outcome)| format!("{rule} {outcome}")).collect();
    words.join(", ")
}

#[test]
fn each_target_says_what_it_does_with_the_shapes_of_real_calls() {
    for (speakers, target, expected) in [
        ("U A", "together", ""),
        ("S U A U A", "llama-factory", ""),
        ("A U A", "trl", "first refuses"),
        ("A U A", "llama-factory", "first drops"),
        ("A U A", "ms-swift", "first alters"),
        ("A U A", "together", ""),
        ("A U A", "mistral", ""),
        ("A U A", "data-juicer", "first alters"),
        ("U U A", "trl", "alternation refuses"),
        ("U U A", "llama-factory", "alternation drops"),
        ("U U A", "ms-swift", "alternation alters"),
        ("U U A", "together", "alternation refuses"),
        ("U U A", "mistral", ""),
        ("U A A", "llama-factory", "alternation drops"),
        ("U A U", "llama-factory", "last drops"),
        ("U A U", "mistral", "last refuses"),
        ("U A U", "together", ""),
        ("U A U", "ms-swift", "last alters"),
        ("U", "openai", "no_answer refuses"),
        ("U A S", "mistral", "system_late refuses, last refuses"),
    ] {
        let said = says(speakers, target);
        let mut said: Vec<_> = said.split(", ").collect();
        let mut expected: Vec<_> = expected.split(", ").collect();
        said.sort_unstable();
        expected.sort_unstable();
        assert_eq!(said, expected, "{speakers} for {target}");
    }
}

/// Twelve good rows and one whose last answer is changed by `spoil`.
fn spoiled(spoil: fn(&mut Value)) -> Vec<Value> {
    let mut rows = vec![row("U A"); 12];
    let mut bad = row("U A");
    spoil(&mut bad);
    rows.push(bad);
    rows
}

#[test]
fn weights_keys_and_contents_are_held_to_each_target() {
    type Case = (fn(&mut Value), &'static str, &'static str);
    let cases: [Case; 12] = [
        (|row| row["messages"][1]["weight"] = json!(0.5), "together", "weight_value"),
        (|row| row["messages"][1]["weight"] = json!(null), "together", "weight_value"),
        (|row| row["messages"][1]["weight"] = json!(0), "together", ""),
        (|row| row["messages"][1]["weight"] = json!(0), "openai", "nothing_learned"),
        (|row| row["messages"][1]["weight"] = json!(0), "trl", "unlearned"),
        (|row| row["messages"][1]["weight"] = json!(1), "bailian", "message_key"),
        (|row| row["messages"][0]["weight"] = json!(1), "openai", "weight_role"),
        (|row| row["messages"][1]["content"] = json!(null), "openai", "content"),
        (|row| row["messages"][1]["content"] = json!(" "), "openai", "blank"),
        (|row| row["id"] = json!("x"), "together", "row_key"),
        (|row| row["prompt"] = json!("x"), "trl", "reserved"),
        (|row| row["messages"][1]["role"] = json!("bot"), "bailian", "role"),
    ];
    for (spoil, target, expected) in cases {
        let mut rules: Vec<_> = found(&spoiled(spoil), target).into_iter().map(|(rule, _)| rule).collect();
        rules.sort();
        assert_eq!(rules.join(" "), expected, "{target}");
    }
}

#[test]
fn files_are_held_to_their_numbers_and_types() {
    assert_eq!(found(&vec![row("U A"); 9], "openai"), [("few_rows".into(), "refuses".into())]);
    let dates = json!({"messages": [{"role": "user", "content": "2025-01-01"}, {"role": "assistant", "content": "2025-01-02"}]});
    assert_eq!(
        found(std::slice::from_ref(&dates), "datasets"),
        [("dates".into(), "alters".into())]
    );
    assert_eq!(found(&[dates, row("U A")], "datasets"), []);
    let mut number = row("U A");
    number["messages"][0]["content"] = json!(5);
    assert_eq!(
        found(&[row("U A"), number], "datasets"),
        [("mixed_types".into(), "refuses".into())]
    );
    let room = Room::new();
    room.write(
        "a.jsonl",
        "\u{feff}{\"text\":\"one\"}\r\n\n\u{feff}{\"text\":\"two\"}\nno json\n",
    );
    room.write("b.jsonl", b"{\"text\":\"\xff\"}\n");
    room.write("c.jsonl", "");
    let run = room.turnset(&["check", ".", "--target", "datasets"]).ends_with(1);
    for said in [
        "bom",
        "a.jsonl:3",
        "not_json",
        "a.jsonl:4",
        "b.jsonl:1",
        "empty_file",
        "c.jsonl",
    ] {
        assert!(run.stdout.contains(said), "{said}: {}", run.stdout);
    }
}

#[test]
fn every_target_takes_what_is_made_for_it() {
    let room = Room::new();
    let chat = format!(
        "output.chat={:?}",
        [
            "openai",
            "ms-swift",
            "bailian",
            "sharegpt",
            "alpaca",
            "trl",
            "axolotl",
            "query-response",
            "mistral",
            "together"
        ]
    );
    let args = ["build", &fixtures(), "--out", "out", "--context", "1", "--set", &chat];
    room.turnset(&args).ends_with(3);
    for target in turnset::Target::names() {
        let run = room.turnset(&["check", "out", "--target", target]);
        assert_eq!(run.code, Some(0), "{target}: {}", run.stdout);
    }
    // Without a file that is made for it, a trainer that is given Parquet learns from what should only be read.
    std::fs::remove_dir_all(room.path("out/dataset/chat")).expect("the chat files go");
    let run = room.turnset(&["check", "out", "--target", "trl"]).ends_with(1);
    assert!(
        run.stdout.contains("learns") && run.stdout.contains("unlearned"),
        "{}",
        run.stdout
    );
    room.turnset(&["check", "out", "--target", "together"])
        .ends_with(1)
        .says("turnset convert");
    room.turnset(&["check", "out", "--target", "nobody"])
        .ends_with(2)
        .says("llama-factory");
}

#[test]
fn repairs_keep_what_is_learned_and_lose_no_row() {
    let room = Room::new();
    let mut rows = vec![
        row("U A"),
        row("U U A"),
        row("U A U"),
        json!({"messages": [{"role": "human", "content": "我想"}, {"role": "human", "content": "查快递"}, {"role": "bot", "content": "好的", "weight": 1.0}], "id": 7}),
        json!({"messages": [{"role": "user", "content": [{"type": "text", "text": "hi"}], "weight": null}, {"role": "assistant", "content": "yes", "weight": true}]}),
    ];
    let kept = rows.len();
    // Nothing safe can be done for these.
    rows.push(json!({"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": null}]}));
    rows.push(json!({"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b", "weight": 0.5}]}));
    room.write("calls/train.jsonl", lines(&rows) + "no json\n");
    let run = room
        .turnset(&["check", "calls", "--target", "together", "--fix", "fixed"])
        .ends_with(1);
    assert!(
        run.stdout.contains("2 rows as they were, 3 repaired; 3 that no"),
        "{}",
        run.stdout
    );
    let fixed = files(&room.path("fixed"));
    let read = |name: &str| String::from_utf8(fixed[name].clone()).expect("UTF-8");
    assert_eq!(read("train.jsonl").lines().count(), kept);
    assert_eq!(read("refused/train.jsonl").lines().count(), rows.len() + 1 - kept);
    assert!(
        read("train.jsonl").contains(r#""content":"text 0 text 1""#),
        "{}",
        read("train.jsonl")
    );
    assert!(
        read("train.jsonl").contains(r#""content":"我想查快递""#),
        "{}",
        read("train.jsonl")
    );
    room.turnset(&["check", "fixed/train.jsonl", "--target", "together"])
        .ends_with(0);
    // What was repaired stands in a folder of its own, and is never written over.
    room.turnset(&["check", "calls", "--target", "together", "--fix", "fixed"])
        .ends_with(1)
        .says("is not empty");
}

#[test]
fn a_weight_that_a_target_does_not_read_is_never_repaired_away() {
    let room = Room::new();
    let mut unlearned = row("U A U A");
    unlearned["messages"][1]["weight"] = json!(0);
    room.write("train.jsonl", lines(&[unlearned]));
    room.turnset(&["check", "train.jsonl", "--target", "bailian", "--fix", "a"])
        .ends_with(1);
    assert!(files(&room.path("a")).contains_key("refused/train.jsonl"));
    // One that spells it otherwise gets its own spelling.
    room.turnset(&["check", "train.jsonl", "--target", "ms-swift", "--fix", "b"])
        .ends_with(1);
    let text = String::from_utf8(files(&room.path("b"))["train.jsonl"].clone()).expect("UTF-8");
    assert!(text.contains(r#""loss":false"#) && !text.contains("weight"), "{text}");
}

#[test]
fn what_is_learned_or_told_before_is_never_taken_out() {
    let exchange = |extra: Value| {
        let mut row = row("U A");
        for (key, value) in extra.as_object().expect("keys") {
            match key.strip_prefix("answer.") {
                Some(key) => row["messages"][1][key] = value.clone(),
                None => row[key] = value.clone(),
            }
        }
        row
    };
    for (target, extra) in [
        ("bailian", json!({"weights": [0, 0]})),
        ("openai", json!({"weights": [0]})),
        ("openai", json!({"answer.reasoning_content": "because"})),
        ("bailian", json!({"answer.tool_calls": [{"id": "1"}]})),
        ("bailian", json!({"answer.weight": "0"})),
        ("bailian", json!({"answer.weight": 0.3})),
        ("openai", json!({"answer.masked": true})),
        ("bailian", json!({"tools": [{"name": "look"}]})),
        (
            "bailian",
            json!({"answer.content": [{"type": "text", "text": "a", "train": false}]}),
        ),
    ] {
        let room = Room::new();
        room.write("train.jsonl", lines(&vec![exchange(extra.clone()); 12]));
        room.turnset(&["check", "train.jsonl", "--target", target, "--fix", "fixed"])
            .ends_with(1);
        let fixed = files(&room.path("fixed"));
        assert!(
            fixed.contains_key("refused/train.jsonl") && fixed.len() == 1,
            "{target}: {extra}"
        );
    }
    // A system text becomes the first message, and what says to learn may go where everything is learned.
    let room = Room::new();
    room.write(
        "train.jsonl",
        lines(&[exchange(
            json!({"system": "Be brief.", "weights": [0, 1], "answer.weight": 1}),
        )]),
    );
    room.turnset(&["check", "train.jsonl", "--target", "bailian", "--fix", "fixed"])
        .ends_with(1);
    let fixed: Value = serde_json::from_slice(&files(&room.path("fixed"))["train.jsonl"]).expect("a row");
    assert_eq!(fixed["messages"][0], json!({"role": "system", "content": "Be brief."}));
    assert_eq!(fixed["messages"][2], json!({"role": "assistant", "content": "text 1"}));
}
