//! What judging costs: `judging INPUT...` prints nanoseconds for each utterance, by the script that its call is in.
//!
//! It judges every call over and over on one core, without reading, pairing or writing.

#![allow(clippy::print_stdout, clippy::cast_precision_loss)]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use turnset::{Plan, Recipe, Session, Shared, each, labels};

const ROUNDS: u32 = 5;

#[derive(Default)]
struct Cost {
    utterances: u64,
    bytes: u64,
    time: Duration,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let inputs: Vec<PathBuf> = std::env::args().skip(1).map(PathBuf::from).collect();
    let plan = Plan::new(Recipe::default(), None)?;
    let mut costs: BTreeMap<&str, Cost> = BTreeMap::new();
    each(&plan, &inputs, &Arc::new(Shared::default()), &mut |refined| {
        if let Ok(call) = &refined.outcome {
            let session = &call.session;
            let cost = costs.entry(script(session)).or_default();
            let begin = Instant::now();
            for _ in 0..ROUNDS {
                std::hint::black_box(labels(&plan, std::hint::black_box(session)));
            }
            cost.time += begin.elapsed() / ROUNDS;
            cost.utterances += session.utterances.len() as u64;
            cost.bytes += session.utterances.iter().map(|said| said.text.len() as u64).sum::<u64>();
        }
        Ok(true)
    })?;
    println!(
        "{:<10} {:>12} {:>14} {:>12}",
        "script", "utterances", "ns/utterance", "ns/byte"
    );
    for (script, cost) in costs {
        let time = cost.time.as_nanos() as f64;
        let (each, byte) = (time / cost.utterances.max(1) as f64, time / cost.bytes.max(1) as f64);
        println!("{script:<10} {:>12} {each:>14.0} {byte:>12.2}", cost.utterances);
    }
    Ok(())
}

/// The script of most of the first letters of a call.
fn script(session: &Session<'_>) -> &'static str {
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    let letters = session.utterances.iter().flat_map(|said| said.text.chars()).take(200);
    for c in letters.filter(|c| c.is_alphabetic()) {
        let script = match c {
            '\u{3040}'..='\u{30ff}' => "Kana",
            '\u{3400}'..='\u{9fff}' => "Han",
            '\u{ac00}'..='\u{d7af}' => "Hangul",
            '\u{600}'..='\u{6ff}' => "Arabic",
            c if c < '\u{250}' => "Latin",
            _ => "other",
        };
        *counts.entry(script).or_default() += 1;
    }
    counts
        .into_iter()
        .max_by_key(|(_, count)| *count)
        .map_or("none", |(script, _)| script)
}
