//! The types of values by key, over all rows: what `datasets` makes one type of.

use std::collections::BTreeMap;

use serde_json::Value;

use super::dialogue::Row;
use super::target::Rule;

/// Keys by their path, such as `messages[].content`, with what stands under them.
#[derive(Debug, Default)]
pub(super) struct Types(BTreeMap<String, Seen>);

#[derive(Debug, Default, Clone, Copy)]
struct Seen {
    /// One bit for each kind of value but null.
    kinds: u8,
    nulls: bool,
    /// How many texts, and how many of them look like dates.
    texts: u64,
    dates: u64,
}

impl Types {
    /// Takes a row.
    pub(super) fn enter(&mut self, row: &Row) {
        for (key, value) in row {
            self.value(key, value);
        }
    }

    fn value(&mut self, path: &str, value: &Value) {
        // Without a name of its own for each value.
        if !self.0.contains_key(path) {
            self.0.insert(path.to_owned(), Seen::default());
        }
        let Some(seen) = self.0.get_mut(path) else { return };
        seen.kinds |= match value {
            Value::Null => 0,
            Value::Bool(_) => 1,
            Value::Number(_) => 2,
            Value::String(_) => 4,
            Value::Array(_) => 8,
            Value::Object(_) => 16,
        };
        seen.nulls |= value.is_null();
        match value {
            Value::String(text) => {
                seen.texts += 1;
                seen.dates += u64::from(is_date(text));
            }
            Value::Array(items) => items.iter().for_each(|item| self.value(&format!("{path}[]"), item)),
            Value::Object(row) => {
                for (key, value) in row {
                    self.value(&format!("{path}.{key}"), value);
                }
            }
            _ => {}
        }
    }

    /// Yields the keys that are odd in one file.
    pub(super) fn odd(&self) -> impl Iterator<Item = (Rule, &str)> {
        self.0.iter().flat_map(|(path, seen)| {
            let mixed = (seen.kinds.count_ones() > 1).then_some((Rule::MixedTypes, path.as_str()));
            let dates = (seen.texts > 0 && seen.dates == seen.texts).then_some((Rule::Dates, path.as_str()));
            mixed.into_iter().chain(dates)
        })
    }

    /// Yields the keys that are null throughout here, and something there, or of another kind there.
    pub(super) fn clashes<'t>(&'t self, other: &'t Self) -> impl Iterator<Item = &'t str> {
        let both = self
            .0
            .iter()
            .filter_map(|(path, seen)| Some((path, seen, other.0.get(path)?)));
        both.filter(|(_, a, b)| a.kinds != b.kinds).map(|(path, ..)| path.as_str())
    }
}

/// Whether a text looks like a date of ISO 8601, with a time or without.
fn is_date(text: &str) -> bool {
    let shape: String = text
        .chars()
        .take(20)
        .map(|c| if c.is_ascii_digit() { '0' } else { c })
        .collect();
    shape == "0000-00-00" || (shape.starts_with("0000-00-00") && shape.get(11..16) == Some("00:00"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_told_from_what_is_said() {
        for (text, expected) in [
            ("2025-01-01", true),
            ("2025-01-01T10:30:00Z", true),
            ("2025-01-01 10:30", true),
            ("2025-01-01 is fine", false),
            ("你好，今天是2025-01-01", false),
            ("12:30", false),
        ] {
            assert_eq!(is_date(text), expected, "{text}");
        }
    }
}
