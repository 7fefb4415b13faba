//! `turnset report`: the page that a build writes, and what it may show.

use std::fs;

use serde_json::Value;

use crate::support::{Room, files, fixtures};

/// The figures of a page.
fn figures(page: &str) -> Value {
    let (_, behind) = page
        .split_once("<script id=\"figures\" type=\"application/json\">")
        .expect("figures");
    let (json, _) = behind.split_once("</script>").expect("an end");
    serde_json::from_str(json).expect("JSON")
}

#[test]
fn a_report_that_is_added_is_the_one_that_a_build_writes() {
    let room = Room::new();
    let calls = fixtures();
    room.turnset(&["build", &calls, "--out", "without", "--set", "output.report=false"])
        .ends_with(3);
    room.turnset(&["build", &calls, "--out", "with"]).ends_with(3);
    assert!(!room.path("without/dataset/report.html").exists());
    let run = room.turnset(&["report", "without"]).ends_with(0);
    assert!(run.stdout.starts_with("without/dataset/report.html\n"), "{}", run.stdout);
    assert!(files(&room.path("without")) == files(&room.path("with")));
    // Once more changes nothing.
    room.turnset(&["report", "without"]).ends_with(0);
    assert!(files(&room.path("without")) == files(&room.path("with")));
    room.turnset(&["verify", "without", "--rebuild", &calls]).ends_with(0);
}

#[test]
fn what_was_dropped_is_shown_in_the_private_copy_only() {
    let room = Room::new();
    let said = "My card number is, uh, 4929...";
    room.write(
        "call.json",
        r#"{"instanceid":"x","remoteUserId":"70001","dialog":[
        {"id":1,"begin":1,"role":"agent","type":"greeting","text":"Welcome </script><b>SECRET-GREETING</b> {{data}}"},
        {"id":2,"begin":3,"role":"user","type":"normal","text":"When do you open? <img src=x onerror=alert(1)>"},
        {"id":3,"begin":6,"role":"agent","type":"normal","text":"At nine. {{js}}"},
        {"id":4,"begin":9,"role":"user","type":"normal","text":"SAID"}]}"#
            .replace("SAID", said),
    );
    room.turnset(&["build", "call.json", "--out", "out", "--set", "card.name=Calls & </title>"])
        .ends_with(0);
    let page = |part: &str| fs::read_to_string(room.path(&format!("out/{part}/report.html"))).expect("a page");
    let (published, private) = (page("dataset"), page("audit"));
    for secret in ["SECRET-GREETING", said, "70001"] {
        assert!(!published.contains(secret), "{secret} is published");
    }
    assert!(private.contains("SECRET-GREETING") && private.contains(said));
    for page in [&published, &private] {
        assert!(
            !page.contains("<img src=x") && !page.contains("</script><b>"),
            "markup from a call"
        );
        assert!(page.contains("<title>Calls &amp; &lt;/title>"));
        let figures = figures(page);
        assert_eq!(figures["agrees"], Value::Null);
        let call = &figures["calls"][0];
        assert_eq!(call["utterances"].as_array().map(Vec::len), Some(4));
        assert_eq!(call["utterances"][2]["text"], "At nine. {{js}}");
    }
    assert!(private.contains("{{data}}"), "what is said is no place to put something");
}

#[test]
fn the_figures_add_up() {
    let room = Room::new();
    room.turnset(&["build", &fixtures(), "--out", "out", "--test", "0.3"])
        .ends_with(3);
    let run = room.turnset(&["report", "out", "--json"]).ends_with(0);
    let figures: Value = serde_json::from_str(&run.stdout).expect("JSON");
    let manifest: Value =
        serde_json::from_slice(&fs::read(room.path("out/dataset/manifest.json")).expect("a manifest")).expect("JSON");
    let sum = |list: &Value, key: &str| -> u64 {
        let list = list.as_array().expect("a list");
        list.iter().map(|item| item[key].as_u64().expect("a number")).sum()
    };
    let samples = manifest["books"]["samples"]["kept"].as_u64().expect("a number");
    assert_eq!(figures["samples"], samples);
    assert_eq!(sum(&figures["splits"], "samples"), samples);
    assert_eq!(sum(&figures["languages"], "samples"), samples);
    let lonely = figures["days"].as_array().map_or(0, Vec::len);
    assert!(lonely > 1, "calls of several days");
    for distribution in figures["distributions"].as_array().expect("distributions") {
        assert_eq!(
            sum(&distribution["bins"], "count"),
            distribution["count"].as_u64().expect("a number"),
            "{distribution}"
        );
        let number = |key: &str| distribution[key].as_f64().expect("a number");
        let rising = ["min", "median", "p90", "p99", "max"].map(number);
        assert!(rising.is_sorted(), "{distribution}");
    }
    let users = &figures["users"];
    let last = users["lorenz"].as_array().and_then(|points| points.last()).expect("a curve");
    assert_eq!(*last, serde_json::json!([1.0, 1.0]));
    assert!(
        users["gini"].as_f64().is_some_and(|gini| (0.0..1.0).contains(&gini)),
        "{users}"
    );
    let reasons: u64 = manifest["books"]["utterances"]["reasons"]
        .as_object()
        .expect("reasons")
        .values()
        .filter_map(Value::as_u64)
        .sum();
    let of_utterances = figures["reasons"]
        .as_array()
        .expect("reasons")
        .iter()
        .filter(|reason| reason["unit"] == "utterance");
    assert_eq!(
        of_utterances.filter_map(|reason| reason["count"].as_u64()).sum::<u64>(),
        reasons
    );
}

#[test]
fn a_page_that_says_something_else_does_not_pass() {
    let room = Room::new();
    room.turnset(&["build", &fixtures(), "--out", "out"]).ends_with(3);
    let path = room.path("out/dataset/report.html");
    let page = fs::read_to_string(&path).expect("a page");
    fs::write(&path, page.replace("\"samples\":163", "\"samples\":164")).expect("another page");
    room.turnset(&["verify", "out"]).ends_with(1).says("report.html");
}

#[test]
fn what_is_masked_stands_in_the_audit_and_nowhere_else() {
    let room = Room::new();
    let calls = crate::support::house()
        .join("fixtures/cases/redaction/input")
        .display()
        .to_string();
    let chat = r#"output.chat=["openai","ms-swift","bailian","sharegpt","alpaca","trl"]"#;
    room.turnset(&["build", &calls, "--out", "out", "--set", chat, "--context", "1"])
        .ends_with(0);
    room.turnset(&["verify", "out", "--rebuild", &calls]).ends_with(0);
    let secrets = ["13900139000", "一三九零零", "kim@mail"];
    for (path, bytes) in files(&room.path("out/dataset")) {
        let text = String::from_utf8_lossy(&bytes);
        for secret in secrets {
            assert!(!text.contains(secret), "{secret} is in {path}");
        }
    }
    let head = room.turnset(&["head", "out"]).ends_with(0).stdout;
    assert!(
        secrets.iter().all(|secret| !head.contains(secret)) && head.contains("[PHONE]") && head.contains("[EMAIL]"),
        "{head}"
    );
    let told = room.turnset(&["where", "redaction-1", "--out", "out"]).ends_with(0).stdout;
    assert!(
        secrets.iter().all(|secret| told.contains(secret)) && told.contains("redacted: [PHONE]"),
        "{told}"
    );
    // The second of two pieces holds the address, and only it is repeated in the ledger.
    assert!(!told.contains("And my mail is\n"), "{told}");
    room.turnset(&["build", &calls, "--out", "kept", "--set", "redact.phone=keep"])
        .ends_with(0);
    let head = room.turnset(&["head", "kept"]).ends_with(0).stdout;
    assert!(head.contains("13900139000") && !head.contains("kim@mail"), "{head}");
    // What the recipe itself says is no caller's.
    room.turnset(&["build", &calls, "--out", "led", "--system", "Call 13700137000."])
        .ends_with(0);
    assert!(room.turnset(&["head", "led"]).ends_with(0).stdout.contains("13700137000"));
}

#[test]
fn a_number_that_is_told_in_pieces_is_masked_whole() {
    let room = Room::new();
    room.write(
        "call.json",
        r#"{"instanceid":"x","dialog":[
        {"id":1,"begin":1,"role":"user","type":"normal","text":"My number is 212 555"},
        {"id":2,"begin":3,"role":"user","type":"normal","text":"0142, please call me."},
        {"id":3,"begin":6,"role":"agent","type":"normal","text":"I will call you."}]}"#,
    );
    room.turnset(&["build", "call.json", "--out", "out"]).ends_with(0);
    let head = room.turnset(&["head", "out"]).ends_with(0).stdout;
    assert!(head.contains("My number is [PHONE], please call me."), "{head}");
    let told = room.turnset(&["where", "x"]).ends_with(0).stdout;
    assert!(told.contains("212 555") && told.contains("0142"), "{told}");
    room.turnset(&["verify", "out"]).ends_with(0);
}

#[test]
fn a_ledger_in_shards_is_read_whole() {
    let room = Room::new();
    room.turnset(&["build", &fixtures(), "--out", "out"]).ends_with(3);
    let figures = room.turnset(&["report", "out", "--json"]).ends_with(0).stdout;
    let told = room.turnset(&["where", "barge_in_en.json"]).ends_with(0).stdout;
    // So a very large one is named.
    fs::rename(
        room.path("out/audit/ledger.parquet"),
        room.path("out/audit/ledger-00000-of-00001.parquet"),
    )
    .expect("another name");
    assert_eq!(room.turnset(&["report", "out", "--json"]).ends_with(0).stdout, figures);
    assert_eq!(room.turnset(&["where", "barge_in_en.json"]).ends_with(0).stdout, told);
    fs::remove_file(room.path("out/audit/ledger-00000-of-00001.parquet")).expect("it goes");
    room.turnset(&["where", "barge_in_en.json"]).ends_with(1).says("no ledger");
}
