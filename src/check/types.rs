//! The types of values by key, over all rows: what `datasets` makes one type of.

use std::collections::BTreeMap;

use serde_json::Value;

use super::dialogue::Row;
use super::target::Rule;

/// Keys by their path, such as `messages[].content`, with what stands under them.
#[derive(Debug, Default)]
pub(super) struct Types(BTreeMap<String, Seen>);

/// How many values of each kind.
#[derive(Debug, Default, Clone, Copy)]
struct Seen {
    booleans: u64,
    whole: u64,
    fractions: u64,
    /// Texts, and those among them that look like dates.
    texts: u64,
    dates: u64,
    lists: u64,
    objects: u64,
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
        match value {
            Value::Null => {}
            Value::Bool(_) => seen.booleans += 1,
            Value::Number(number) if number.as_f64().is_some_and(|number| number.fract() == 0.0) => seen.whole += 1,
            Value::Number(_) => seen.fractions += 1,
            Value::String(text) => {
                seen.texts += 1;
                seen.dates += u64::from(is_date(text));
            }
            Value::Array(items) => {
                seen.lists += 1;
                for item in items {
                    self.value(&format!("{path}[]"), item);
                }
            }
            Value::Object(row) => {
                seen.objects += 1;
                for (key, value) in row {
                    self.value(&format!("{path}.{key}"), value);
                }
            }
        }
    }

    /// Yields the keys that are odd in one file.
    pub(super) fn odd(&self) -> impl Iterator<Item = (Rule, &str)> {
        self.0.iter().flat_map(|(path, seen)| {
            let dates = if is_said(path) { Rule::Dates } else { Rule::DateColumns };
            let mixed = seen.is_mixed().then_some((Rule::MixedTypes, path.as_str()));
            let dates = (seen.texts > 0 && seen.is_dates()).then_some((dates, path.as_str()));
            mixed.into_iter().chain(dates)
        })
    }

    /// Yields the keys of a later file that do not fit the types which the first one gives them.
    pub(super) fn clashes<'t>(&'t self, later: &'t Self) -> impl Iterator<Item = (Rule, &'t str)> {
        later.0.iter().filter_map(|(path, seen)| {
            // A key that the first file does not have, or only as null, has no type that a value could fit.
            let first = self.0.get(path).copied().unwrap_or_default();
            let rule = if seen.is_any() && !(first.is_any() && seen.fits(&first)) {
                Rule::MixedFiles
            } else if first.is_text() && seen.booleans + seen.whole + seen.fractions > 0 {
                Rule::Retyped
            } else {
                return None;
            };
            Some((rule, path.as_str()))
        })
    }
}

impl Seen {
    fn is_any(&self) -> bool {
        self.booleans + self.whole + self.fractions + self.texts + self.lists + self.objects > 0
    }

    fn is_mixed(&self) -> bool {
        let numbers = self.whole + self.fractions;
        let kinds = [self.booleans, numbers, self.texts, self.lists, self.objects];
        kinds.iter().filter(|count| **count > 0).count() > 1
    }

    fn is_text(&self) -> bool {
        self.texts > 0 && !self.is_dates()
    }

    fn is_dates(&self) -> bool {
        self.dates == self.texts
    }

    /// Whether these values can be read as what the first file makes of the key. Measured on `datasets` 2.21 to 5.2.
    fn fits(&self, first: &Self) -> bool {
        let is_whole = first.whole > 0 && first.fractions == 0;
        let has_text = self.texts > 0;
        !(is_whole && self.fractions > 0
            || has_text && !first.is_text() && !(first.texts > 0 && self.is_dates())
            || (self.lists > 0) != (first.lists > 0)
            || (self.objects > 0) != (first.objects > 0))
    }
}

/// Whether a key holds what is said in some layout.
fn is_said(path: &str) -> bool {
    let last = path.rsplit(['.', ']']).next().unwrap_or_default();
    let is_turn = path.contains("[]") && matches!(last, "content" | "value" | "");
    is_turn
        || matches!(
            path,
            "text" | "prompt" | "completion" | "instruction" | "output" | "query" | "response" | "system"
        )
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

    #[test]
    fn what_a_later_file_holds_must_fit_the_first() {
        let types = |json: &str| {
            let mut types = Types::default();
            types.enter(&serde_json::from_str(json).expect("a row"));
            types
        };
        for (first, later, fits) in [
            (r#"{"x":null}"#, r#"{"x":"a"}"#, false),
            (r#"{"x":"a"}"#, r#"{"x":null}"#, true),
            ("{}", r#"{"x":"a"}"#, false),
            (r#"{"x":"a"}"#, "{}", true),
            (r#"{"x":3}"#, r#"{"x":3.5}"#, false),
            (r#"{"x":3}"#, r#"{"x":3.0}"#, true),
            (r#"{"x":3.5}"#, r#"{"x":3}"#, true),
            (r#"{"x":3}"#, r#"{"x":"a"}"#, false),
            (r#"{"x":"a"}"#, r#"{"x":3}"#, true),
            (r#"{"x":"2025-01-01"}"#, r#"{"x":"a"}"#, false),
            (r#"{"x":"a"}"#, r#"{"x":"2025-01-01"}"#, true),
            (r#"{"x":true}"#, r#"{"x":1}"#, true),
            (r#"{"x":[]}"#, r#"{"x":["a"]}"#, false),
            (r#"{"x":["a"]}"#, r#"{"x":[]}"#, true),
            (r#"{"x":["a"]}"#, r#"{"x":"a"}"#, false),
            (r#"{"x":{"y":1}}"#, r#"{"x":"a"}"#, false),
        ] {
            let (first, later) = (types(first), types(later));
            let mut clashes = first.clashes(&later);
            assert_eq!(
                !clashes.any(|(rule, _)| rule == Rule::MixedFiles),
                fits,
                "{first:?} {later:?}"
            );
        }
    }
}
