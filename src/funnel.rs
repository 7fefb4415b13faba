//! The funnel: the books as a table for people and scripts.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;

use crate::ledger::{Account, Books, STAGES, Unit, share};

/// One line of the funnel.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Step {
    /// `document`, `utterance` or `sample`.
    pub unit: &'static str,
    /// `entered`, a reason as `stage.code`, `merged` or `kept`.
    pub step: String,
    /// How many.
    pub count: u64,
    /// Their share of what remained before this step.
    pub of_remaining: f64,
    /// Their share of all that entered.
    pub of_all: f64,
}

/// Returns the steps of all three units, in the order in which the data passes them.
#[must_use]
pub fn steps(books: &Books) -> Vec<Step> {
    Unit::ALL
        .into_iter()
        .flat_map(|unit| account_steps(unit.word(), books.account(unit)))
        .collect()
}

fn account_steps(unit: &'static str, account: &Account) -> Vec<Step> {
    let mut remaining = account.entered;
    let mut steps = Vec::new();
    let mut step = |step: &str, count: u64, leaves: bool| {
        steps.push(Step {
            unit,
            step: step.to_owned(),
            count,
            of_remaining: share(count, remaining),
            of_all: share(count, account.entered),
        });
        if leaves {
            remaining -= count.min(remaining);
        }
    };
    step("entered", account.entered, false);
    let rank = |reason: &str| STAGES.iter().position(|stage| reason.split('.').next() == Some(stage));
    let mut reasons: Vec<_> = account.reasons.iter().collect();
    reasons.sort_by_key(|(reason, _)| rank(reason));
    for (reason, &count) in reasons {
        step(reason, count, true);
    }
    if account.merged > 0 {
        step("merged", account.merged, false);
    }
    step("kept", account.kept, false);
    steps
}

/// Writes the funnel as lines of text, or as a Markdown table.
#[must_use]
pub fn table(books: &Books, markdown: bool) -> String {
    let mut text = String::new();
    if markdown {
        text.push_str("| | | count | of what remained | of all |\n|---|---|--:|--:|--:|\n");
    } else {
        let _ = writeln!(text, "{:<10} {:<26} {:>10} {:>10} {:>8}", "", "", "count", "remaining", "all");
    }
    for step in steps(books) {
        let unit = if step.step == "entered" {
            format!("{}s", step.unit)
        } else {
            String::new()
        };
        let (count, of_remaining, of_all) = (step.count, step.of_remaining * 100.0, step.of_all * 100.0);
        let _ = if markdown {
            writeln!(
                text,
                "| {unit} | {} | {count} | {of_remaining:.1} % | {of_all:.1} % |",
                step.step
            )
        } else {
            writeln!(
                text,
                "{unit:<10} {:<26} {count:>10} {of_remaining:>9.1}% {of_all:>7.1}%",
                step.step
            )
        };
    }
    text
}
