//! Linear models over hashed features, in tables that are embedded: whole numbers, the same on every machine.
//!
//! A slot is a mark, by which its feature is known again, and a weight for each class. A feature that was never seen in
//! training weighs nothing, but for one in 255 that finds a slot with its mark.

/// Two to the power of this is the number of slots of a table.
const BITS: u32 = 16;
/// A sum of so many is a logit: a factor of e in the odds.
const UNIT: i32 = 16;

/// What a trainer has to know: by how much to multiply a weight in logits.
pub const WEIGHT_UNIT: i32 = UNIT;

/// The weights of a model with so many classes, slot after slot.
#[derive(Clone, Copy)]
pub(super) struct Table<const CLASSES: usize>(pub(super) &'static [u8]);

impl<const CLASSES: usize> Table<CLASSES> {
    /// Adds the weights of a feature.
    pub(super) fn add(self, feature: u64, sums: &mut [i32; CLASSES]) {
        let (at, mark) = slot(feature);
        let at = at * (1 + CLASSES);
        if let Some((own, weights)) = self.0.get(at..=at + CLASSES).and_then(<[u8]>::split_first)
            && *own == mark
        {
            for (sum, weight) in sums.iter_mut().zip(weights) {
                *sum += i32::from(weight.cast_signed());
            }
        }
    }

    /// Whether a feature was seen in training.
    pub(super) fn has(self, feature: u64) -> bool {
        let (at, mark) = slot(feature);
        self.0.get(at * (1 + CLASSES)) == Some(&mark)
    }
}

/// Returns the slot of a feature and its mark, which is never 0: that is the mark of an empty slot.
#[must_use]
pub fn slot(feature: u64) -> (usize, u8) {
    let mark = u8::try_from(feature % 255).unwrap_or_default() + 1;
    (usize::try_from(feature >> (64 - BITS)).unwrap_or_default(), mark)
}

/// Returns a sum of weights in hundredths of a logit.
pub(super) fn hundredths(sum: i32) -> i32 {
    sum * 100 / UNIT
}

/// Returns the hash of a feature: its template and what it is made of.
pub(super) fn feature(template: u64, parts: &[u64]) -> u64 {
    let hash = parts
        .iter()
        .fold(template.wrapping_mul(0x9e37_79b9_7f4a_7c15), |hash, &part| mix(hash, part));
    mix(hash, 0x51)
}

pub(super) fn mix(hash: u64, part: u64) -> u64 {
    (hash ^ part)
        .wrapping_mul(0x9fb2_1c65_1e98_df25)
        .rotate_left(29)
        .wrapping_mul(0xff51_afd7_ed55_8ccd)
}
