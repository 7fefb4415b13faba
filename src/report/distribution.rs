//! Distributions as a page shows them: quantiles, and bins that are equal or grow.

use serde::Serialize;

use crate::readback::{Survey, Tally};

/// So many bins a distribution has at most, where they are equal.
const BINS: u32 = 30;

#[derive(Serialize)]
pub(super) struct Distribution {
    name: &'static str,
    title: &'static str,
    unit: &'static str,
    count: u64,
    min: f64,
    median: f64,
    p90: f64,
    p99: f64,
    max: f64,
    mean: f64,
    log: bool,
    bins: Vec<Bin>,
}

#[derive(Serialize)]
struct Bin {
    from: f64,
    to: f64,
    count: u64,
}

/// Returns the distributions of a dataset.
pub(super) fn distributions(survey: &Survey) -> Vec<Distribution> {
    let [users, agents] = &survey.turns;
    let [gap_users, gap_agents] = &survey.gaps;
    [
        ("user_turn", "User turns", "characters", users, 1.0),
        ("agent_turn", "Agent turns", "characters", agents, 1.0),
        ("sample_tokens", "Tokens of a sample", "tokens", &survey.tokens, 1.0),
        ("exchanges", "Exchanges of a call", "exchanges", &survey.exchanges, 1.0),
        (
            "samples_per_call",
            "Samples of a call",
            "samples",
            &survey.samples_per_call,
            1.0,
        ),
        ("gap_user", "From the entry before to a user's", "seconds", gap_users, 100.0),
        (
            "gap_agent",
            "From the entry before to an agent's",
            "seconds",
            gap_agents,
            100.0,
        ),
    ]
    .into_iter()
    .map(|(name, title, unit, tally, scale)| distribution(name, title, unit, tally, scale))
    .collect()
}

/// Shapes a tally; `scale` of its numbers are one of the unit.
fn distribution(name: &'static str, title: &'static str, unit: &'static str, tally: &Tally, scale: f64) -> Distribution {
    let quantile = |share| tally.quantile(share).map_or(0.0, |number| f64::from(number) / scale);
    let [min, median, p90, p99, max] = [0.0, 0.5, 0.9, 0.99, 1.0].map(quantile);
    #[expect(clippy::cast_precision_loss, reason = "a mean for people")]
    let mean = tally.sum() as f64 / (tally.count().max(1) as f64 * scale);
    // Where few are many times as long as most, equal bins would show one bar.
    let log = max > 8.0 * median.max(1.0 / scale) && max * scale > f64::from(BINS);
    Distribution {
        name,
        title,
        unit,
        count: tally.count(),
        min,
        median,
        p90,
        p99,
        max,
        mean,
        log,
        bins: bins(tally, scale, log),
    }
}

/// Puts the numbers of a tally into bins, from the first that holds any to the last.
fn bins(tally: &Tally, scale: f64, log: bool) -> Vec<Bin> {
    let Some((least, most)) = tally.quantile(0.0).zip(tally.quantile(1.0)) else {
        return Vec::new();
    };
    let mut edges: Vec<u32> = vec![least];
    let width = (most - least) / BINS + 1;
    while let Some(&last) = edges.last().filter(|last| **last <= most) {
        // One and a quarter times as wide as the one before, where bins grow.
        let step = if log { (last / 4).max(1) } else { width };
        edges.push(last.saturating_add(step));
        if last == u32::MAX {
            break;
        }
    }
    let mut counts = vec![0; edges.len()];
    for (number, count) in tally.iter() {
        let bin = edges.partition_point(|edge| *edge <= number).saturating_sub(1);
        if let Some(slot) = counts.get_mut(bin) {
            *slot += count;
        }
    }
    let pairs = edges.windows(2).zip(counts);
    pairs
        .filter_map(|(pair, count)| match pair {
            [from, to] => Some(Bin {
                from: f64::from(*from) / scale,
                to: f64::from(*to) / scale,
                count,
            }),
            _ => None,
        })
        .collect()
}
