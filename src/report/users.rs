//! How unequal users are.

use serde::Serialize;

use crate::ledger::share;
use crate::readback::Survey;

#[derive(Serialize)]
pub(super) struct Spread {
    users: usize,
    without: u64,
    gini: f64,
    lorenz: Vec<[f64; 2]>,
    top: Vec<Top>,
}

#[derive(Serialize)]
struct Top {
    users: f64,
    samples: f64,
}

/// How unequal users are: the Lorenz curve from those with fewest samples to those with most.
pub(super) fn users(survey: &Survey) -> Spread {
    let mut counts: Vec<u64> = survey.users.iter().flat_map(|users| users.values().copied()).collect();
    counts.sort_unstable();
    let all: u64 = counts.iter().sum();
    let users = counts.len();
    let mut sums = Vec::with_capacity(users + 1);
    sums.push(0_u64);
    for count in &counts {
        sums.push(sums.last().copied().unwrap_or_default() + count);
    }
    let below = |number: usize| share(sums.get(number).copied().unwrap_or_default(), all);
    let of_users = |number: usize| share(number as u64, users as u64);
    let points = 50.min(users);
    let lorenz = (0..=points).filter(|_| users > 0).map(|point| {
        let number = users * point / points.max(1);
        [of_users(number), below(number)]
    });
    // The area under the steps of the curve, twice.
    let under: f64 = (0..users)
        .map(|number| (below(number) + below(number + 1)) * of_users(1))
        .sum();
    let top = [0.01, 0.1, 0.5].map(|part| {
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a number of users"
        )]
        let number = ((users as f64 * part).ceil() as usize).min(users);
        Top {
            users: part,
            samples: if all == 0 { 0.0 } else { 1.0 - below(users - number) },
        }
    });
    Spread {
        users,
        without: survey.without_user,
        gini: if users == 0 { 0.0 } else { 1.0 - under },
        lorenz: lorenz.collect(),
        top: top.into(),
    }
}
