//! One recipe with several values of one key, for trying what each of them does.

use schemars::schema_for;
use serde_json::Value as Json;
use toml::{Table, Value};

use super::{Recipe, set};
use crate::error::{Error, Result};

impl Recipe {
    /// Returns the recipe as it is with each of several values of one key.
    ///
    /// # Errors
    /// [`Error::Recipe`] for a key that does not exist, and values that it does not take.
    pub fn variants(&self, key: &str, values: &[String]) -> Result<Vec<Self>> {
        let table = Table::try_from(self).map_err(|error| Error::Recipe {
            place: "recipe".to_owned(),
            message: error.to_string(),
        })?;
        let variant = |value: &String| {
            let mut table = table.clone();
            let change = format!("{key}={value}");
            set(&mut table, &change)?;
            Self::from_table(table, &change)
        };
        values.iter().map(variant).collect()
    }

    /// Returns the value of a key as TOML, or as text where it is text.
    #[must_use]
    pub fn value(&self, key: &str) -> Option<String> {
        let table = Value::try_from(self).ok()?;
        let value = key.split('.').try_fold(&table, |table, part| table.get(part))?;
        Some(value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned))
    }

    /// Returns values of a key that are worth trying: some around its own, or every one that it can have.
    ///
    /// # Errors
    /// [`Error::Recipe`] for a key that does not exist, or whose values are any text.
    pub fn values(&self, key: &str) -> Result<Vec<String>> {
        let table = Value::try_from(self).ok();
        let value = table
            .as_ref()
            .and_then(|table| key.split('.').try_fold(table, |table, part| table.get(part)));
        let around = |value: f64| [-2.0, -1.0, 0.0, 1.0, 2.0].map(|step| value + step * (value.abs() / 2.0).max(1.0));
        match value {
            Some(Value::Boolean(_)) => Ok(vec!["false".to_owned(), "true".to_owned()]),
            #[expect(clippy::cast_precision_loss, reason = "values to try")]
            Some(Value::Integer(value)) => Ok(around(*value as f64).iter().map(|value| format!("{value:.0}")).collect()),
            Some(Value::Float(value)) => Ok(around(*value).iter().map(|value| format!("{value:?}")).collect()),
            _ => choices(key).or_else(|| numbers(key)).ok_or_else(|| Error::Recipe {
                place: key.to_owned(),
                message: "is no key, or one whose values to try must be given".to_owned(),
            }),
        }
    }
}

/// Returns values for a number that the recipe leaves open.
fn numbers(key: &str) -> Option<Vec<String>> {
    let schema = serde_json::to_value(schema_for!(Recipe)).ok()?;
    let types = property(&schema, key)?.get("type")?;
    let is_integer = types == "integer" || types.as_array().is_some_and(|types| types.iter().any(|one| one == "integer"));
    is_integer.then(|| ["0", "2", "5", "10", "20", "50", "100"].map(ToOwned::to_owned).to_vec())
}

/// Returns every value that a key of the recipe can have, where they are words.
fn choices(key: &str) -> Option<Vec<String>> {
    let schema = serde_json::to_value(schema_for!(Recipe)).ok()?;
    let at = property(&schema, key)?;
    // One word each with its description, or a list of words.
    let of_one = at
        .get("oneOf")
        .and_then(Json::as_array)
        .map(|words| words.iter().filter_map(|word| word.get("const")).collect());
    let words: Vec<&Json> = of_one.or_else(|| at.get("enum").and_then(Json::as_array).map(|words| words.iter().collect()))?;
    Some(words.into_iter().filter_map(Json::as_str).map(ToOwned::to_owned).collect())
}

/// Returns the schema of a key.
fn property<'s>(schema: &'s Json, key: &str) -> Option<&'s Json> {
    let part = |at, part| resolved(schema, resolved(schema, at)?.get("properties")?.get(part)?);
    key.split('.').try_fold(schema, part)
}

/// Follows a reference, and an alternative to null.
fn resolved<'s>(schema: &'s Json, at: &'s Json) -> Option<&'s Json> {
    let referred = |at: &'s Json| schema.pointer(at.get("$ref")?.as_str()?.strip_prefix('#')?);
    let or_null = |at: &'s Json| at.get("anyOf")?.as_array()?.iter().find_map(referred);
    referred(at).or_else(|| or_null(at)).or(Some(at))
}
