//! Tests of the cutter.

use super::*;

fn cut(name: &str, text: &str, limit: u64) -> Vec<String> {
    let reading = Reading {
        max_document_bytes: limit,
    };
    let mut seen = Vec::new();
    let emitted = cut_stream(text.as_bytes(), &Arc::from(name), &reading, &Vec::new, &mut |piece| {
        for document in piece.documents() {
            seen.push(match document {
                Ok(document) => format!("{} {}", document.origin, String::from_utf8_lossy(document.bytes).trim()),
                Err(refusal) => format!("{} {:?}", refusal.origin, refusal.fate.cause().map(|cause| cause.reason.code)),
            });
        }
        Ok(())
    });
    assert!(emitted.is_ok());
    seen
}

#[test]
fn lines_arrays_and_wholes() {
    assert_eq!(cut("a.jsonl", "{1}\n\n{2}", 99), ["a.jsonl:1 {1}", "a.jsonl:3 {2}"]);
    assert_eq!(
        cut("a.json", "[{\"a\":\"],\"}, 2 ,[3]]", 99),
        ["a.json[1] {\"a\":\"],\"}", "a.json[2] 2", "a.json[3] [3]"]
    );
    assert_eq!(cut("a.json", "{\n \"a\": 1\n}\n", 99), ["a.json {\n \"a\": 1\n}"]);
    assert_eq!(cut("a", "{\"a\":1}\n{\"a\":2}\n", 99), ["a:1 {\"a\":1}", "a:2 {\"a\":2}"]);
    assert_eq!(cut("a.json", "{\"d\": [\n{\"a\":1},\n{\"a\":2}\n]}", 99).len(), 1);
}

#[test]
fn nothing_is_lost_at_the_end() {
    assert_eq!(
        cut("a.json", "[1, {\"a\": \"tru", 99),
        ["a.json[1] 1", "a.json[2] {\"a\": \"tru"]
    );
    assert_eq!(cut("a.json", "[1] x", 99), ["a.json[1] 1", "a.json[2] x"]);
    assert_eq!(cut("a.json", "[1,]", 99), ["a.json[1] 1", "a.json[2] "]);
    assert_eq!(cut("a.json", "[]", 99), ["a.json []"]);
    assert_eq!(cut("a.jsonl", "", 99), ["a.jsonl "]);
    assert_eq!(cut("a.json", " \n", 99), ["a.json "]);
}

#[test]
fn one_that_is_too_large_costs_itself_and_no_other() {
    let long = "x".repeat(3 * CHUNK);
    let text = format!("{{1}}\n{long}\n{{3}}\n");
    assert_eq!(
        cut("a.jsonl", &text, 1000),
        ["a.jsonl:1 {1}", "a.jsonl:2 Some(\"too_large\")", "a.jsonl:3 {3}"]
    );
    let short = "x".repeat(2000);
    let text = format!("{{1}}\n{short}\n{{3}}\n");
    assert_eq!(
        cut("a.jsonl", &text, 1000),
        ["a.jsonl:1 {1}", "a.jsonl:2 Some(\"too_large\")", "a.jsonl:3 {3}"]
    );
    let text = format!("[{{1}}, \"{long}\", {{3}}]");
    assert_eq!(
        cut("a.json", &text, 1000),
        ["a.json[1] {1}", "a.json[2] Some(\"too_large\")", "a.json[3] {3}"]
    );
    assert_eq!(cut("a.json", &long, 1000), ["a.json Some(\"too_large\")"]);
}
