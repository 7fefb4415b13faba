//! How often each number comes: distributions and quantiles without the numbers themselves.

use std::collections::BTreeMap;

/// Counts of numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Tally(BTreeMap<u32, u64>);

impl Tally {
    /// Enters a number.
    pub(crate) fn enter(&mut self, number: u32) {
        *self.0.entry(number).or_default() += 1;
    }

    /// Returns how many numbers were entered.
    #[must_use]
    pub(crate) fn count(&self) -> u64 {
        self.0.values().sum()
    }

    /// Returns the sum of all numbers.
    #[must_use]
    pub(crate) fn sum(&self) -> u64 {
        self.0.iter().map(|(number, count)| u64::from(*number) * count).sum()
    }

    /// Returns the number below or at which this share of all lies (the nearest rank).
    #[must_use]
    pub(crate) fn quantile(&self, share: f64) -> Option<u32> {
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a rank of fewer than 2^52"
        )]
        let rank = ((self.count() as f64 * share).ceil() as u64).max(1);
        let mut below = 0;
        self.0.iter().find_map(|(number, count)| {
            below += count;
            (below >= rank).then_some(*number)
        })
    }

    /// Yields the numbers in order, each with how often it comes.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, u64)> {
        self.0.iter().map(|(number, count)| (*number, *count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_numbers_that_were_entered() {
        let mut tally = Tally::default();
        assert_eq!(tally.quantile(0.5), None);
        for number in [1, 2, 3, 4, 100] {
            tally.enter(number);
        }
        assert_eq!(
            [0.0, 0.5, 0.8, 0.99].map(|share| tally.quantile(share)),
            [Some(1), Some(3), Some(4), Some(100)]
        );
        assert_eq!((tally.count(), tally.sum()), (5, 110));
    }
}
