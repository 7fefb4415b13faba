//! Which numbers belong to a person: telephones, identity cards, bank cards. By their form and their check digits.

use super::digits::Number;

/// A telephone: Chinese mobiles, numbers with a plus or a leading zero, and those of North America as they are grouped.
pub(super) fn phone(number: &Number<'_>) -> bool {
    let Number {
        values,
        groups,
        is_spoken,
        plus,
        ..
    } = number;
    let (values, count) = (values.as_slice(), values.len());
    if values.contains(&10) {
        return false;
    }
    // Thousands are grouped by threes, and a lone digit in front is none of a number.
    let is_grouped = *is_spoken || groups.iter().all(|group| *group >= 3);
    let national = match values {
        [0, 0, 8, 6, rest @ ..] | [8, 6, rest @ ..] if rest.len() == 11 => rest,
        all => all,
    };
    let is_mobile = matches!(national, [1, 3..=9, ..]) && national.len() == 11;
    let is_mobile = is_mobile && (is_grouped || groups.first().is_some_and(|group| *group <= 4 && groups.len() == 2));
    let is_trunk = matches!(values, [0, 1..=9, ..]) && (10..=12).contains(&count) && groups.len() <= 5;
    let is_trunk = is_trunk && (*is_spoken || groups.iter().all(|group| *group >= 2));
    let is_american = |values: &[u8]| matches!(values, [2..=9, _, _, 2..=9, ..]) && values.len() == 10;
    let american = match values {
        [1, rest @ ..] if count == 11 => is_american(rest),
        all => is_american(all),
    };
    let is_cut = *is_spoken || matches!(groups.as_slice(), [3, 3, 4] | [1, 3, 3, 4]);
    (*plus && (8..=15).contains(&count)) || is_mobile || is_trunk || (american && is_cut)
}

/// An identity card of mainland China: 18 digits, of which the last one checks the others (ISO 7064, MOD 11-2).
pub(super) fn identity_card(number: &Number<'_>) -> bool {
    let values = number.values.as_slice();
    let Some((last, others)) = values.split_last().filter(|_| values.len() == 18) else {
        return false;
    };
    if others.contains(&10) || !matches!(others, [1..=9, ..]) {
        return false;
    }
    // From behind, each digit weighs twice as much as the next, modulo 11.
    let sum = others.iter().fold(0, |sum, value| (sum * 2 + u32::from(*value)) % 11);
    (sum * 2 + u32::from(*last)) % 11 == 1
}

/// A bank card: 13 to 19 digits of the great issuers that fulfil Luhn's formula, in one piece or in fours.
pub(super) fn bank_card(number: &Number<'_>) -> bool {
    let Number {
        values,
        groups,
        is_spoken,
        ..
    } = number;
    let (last, fours) = groups.split_last().map_or((0, &[][..]), |(last, fours)| (*last, fours));
    let is_cut = *is_spoken || fours.is_empty() || (fours.iter().all(|group| *group == 4) && last <= 4) || groups == &[4, 6, 5];
    let doubled = |value: u8| if value > 4 { value * 2 - 9 } else { value * 2 };
    let sum: u32 = values
        .iter()
        .rev()
        .enumerate()
        .map(|(at, value)| u32::from(if at % 2 == 1 { doubled(*value) } else { *value }))
        .sum();
    (13..=19).contains(&values.len())
        && matches!(values.first(), Some(3..=6))
        && !values.contains(&10)
        && is_cut
        && sum.is_multiple_of(10)
}
