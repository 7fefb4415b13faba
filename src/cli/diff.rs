//! `turnset diff`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde::Serialize;
use turnset::{Diff as Differences, Group, Result};

use super::print;

/// Compare two datasets: samples added, removed and changed, and why.
///
/// Exit code 1 where a change is over a budget. A budget is a share: 0.01 is one percent.
#[derive(Debug, Args)]
pub(super) struct Diff {
    /// The output folder of the earlier build.
    before: PathBuf,
    /// The output folder of the later build.
    after: PathBuf,
    /// By how much the share of dropped utterances may change, up or down.
    #[arg(long, value_name = "SHARE", value_parser = share)]
    max_drop_rate_change: Option<f64>,
    /// By how much the share of quarantined documents may change, up or down.
    #[arg(long, value_name = "SHARE", value_parser = share)]
    max_quarantine_rate_change: Option<f64>,
    /// How many samples may come, as a share of the earlier ones.
    #[arg(long, value_name = "SHARE", value_parser = share)]
    max_added: Option<f64>,
    /// How many samples may go.
    #[arg(long, value_name = "SHARE", value_parser = share)]
    max_removed: Option<f64>,
    /// How many samples may change.
    #[arg(long, value_name = "SHARE", value_parser = share)]
    max_changed: Option<f64>,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

fn share(text: &str) -> Result<f64, String> {
    let share: f64 = text.parse().map_err(|_| "must be a number".to_owned())?;
    if share.is_finite() && share >= 0.0 {
        Ok(share)
    } else {
        Err("must be 0 or more".to_owned())
    }
}

/// What `--json` prints.
#[derive(Serialize)]
struct Report<'r> {
    #[serde(flatten)]
    diff: &'r Differences,
    over_budget: &'r [String],
}

impl Diff {
    pub(super) fn run(self) -> Result<ExitCode> {
        let Self {
            before,
            after,
            max_drop_rate_change,
            max_quarantine_rate_change,
            max_added,
            max_removed,
            max_changed,
            json,
        } = self;
        let diff = turnset::diff(&before, &after)?;
        let moved = |[before, after]: [f64; 2]| (after - before).abs();
        let budgets = [
            ("drop rate changed by", moved(diff.drop_rate), max_drop_rate_change),
            (
                "quarantine rate changed by",
                moved(diff.quarantine_rate),
                max_quarantine_rate_change,
            ),
            ("share of samples added:", diff.share(&diff.added), max_added),
            ("share of samples removed:", diff.share(&diff.removed), max_removed),
            ("share of samples changed:", diff.share(&diff.changed), max_changed),
        ];
        let over = budgets.into_iter().filter_map(|(what, found, most)| {
            let most = most.filter(|most| found > *most)?;
            Some(format!("{what} {found:.4}, more than {most}"))
        });
        let over: Vec<String> = over.collect();
        if json {
            let report = Report {
                diff: &diff,
                over_budget: &over,
            };
            print(&turnset::json(&report))?;
        } else {
            print(tell(&diff, &over).as_bytes())?;
        }
        Ok(ExitCode::from(u8::from(!over.is_empty())))
    }
}

fn tell(diff: &Differences, over: &[String]) -> String {
    let mut text = String::new();
    let [before, after] = diff.samples;
    let same = if diff.is_same {
        ", the same by their content digests"
    } else {
        ""
    };
    let _ = writeln!(text, "samples          {before} before, {after} after{same}");
    for (what, [before, after]) in [("drop rate", diff.drop_rate), ("quarantine rate", diff.quarantine_rate)] {
        let (before, after) = (before * 100.0, after * 100.0);
        let _ = writeln!(text, "{what:<16} {before:.2} % before, {after:.2} % after");
    }
    for (key, values) in &diff.recipe {
        let [before, after] = values.each_ref().map(|value| value.as_deref().unwrap_or("left out"));
        let _ = writeln!(text, "recipe           {key}: {before} before, {after} after");
    }
    for (what, groups) in [("added", &diff.added), ("removed", &diff.removed), ("changed", &diff.changed)] {
        group(what, groups, &mut text);
    }
    for budget in over {
        let _ = writeln!(text, "\nover budget: {budget}");
    }
    text
}

fn group(what: &str, groups: &BTreeMap<String, Group>, text: &mut String) {
    let _ = writeln!(text, "\n{what:<16} {}", Differences::count(groups));
    for (reason, group) in groups {
        let more = if group.count > group.examples.len() as u64 {
            ", …"
        } else {
            ""
        };
        let _ = writeln!(text, "  {:>7}  {reason}: {}{more}", group.count, group.examples.join(", "));
    }
}
