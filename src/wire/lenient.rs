//! Values as archives spell them: numbers as integer, float or a string that holds one; text that may be null.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};

/// The last second of the year 9999, beyond which no reader of the output can show a time.
const LAST_SECOND: f64 = 253_402_300_799.0;

/// The first second of the year 1, before which the same holds.
const FIRST_SECOND: f64 = -62_135_596_800.0;

/// A JSON object and nothing else: derived code alone would also read an array as a list of fields.
#[derive(Debug)]
pub(super) struct Object<T>(pub(super) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Seen<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Seen<T> {
            type Value = Object<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Object<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Object)
            }
        }
        deserializer.deserialize_map(Seen(PhantomData))
    }
}

/// Seconds as milliseconds; `None` where the archive says null, NaN or nothing.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Seconds(pub(super) Option<i64>);

/// A whole number; `None` where the archive says null or nothing.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Whole(pub(super) Option<i64>);

/// Text borrowed from the document where it has no escapes; `None` where the archive says null or nothing.
#[derive(Debug, Clone, Default)]
pub(super) struct Text<'a>(pub(super) Option<Cow<'a, str>>);

/// Text, or a number that stands for one, as some archives write ids.
#[derive(Debug, Clone, Default)]
pub(super) struct Name<'a>(pub(super) Option<Cow<'a, str>>);

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Seen;
        impl Visitor<'_> for Seen {
            type Value = Seconds;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("seconds as a number or a numeric string")
            }

            fn visit_f64<E: de::Error>(self, seconds: f64) -> Result<Seconds, E> {
                if seconds.is_nan() {
                    return Ok(Seconds(None));
                }
                if !(FIRST_SECOND..=LAST_SECOND).contains(&seconds) {
                    return Err(E::custom("seconds beyond the years 1 to 9999; are they milliseconds?"));
                }
                #[expect(clippy::cast_possible_truncation, reason = "within the bound above")]
                Ok(Seconds(Some((seconds * 1000.0).round() as i64)))
            }

            #[expect(clippy::cast_precision_loss, reason = "the bound is far below 2^53")]
            fn visit_i64<E: de::Error>(self, seconds: i64) -> Result<Seconds, E> {
                self.visit_f64(seconds as f64)
            }

            #[expect(clippy::cast_precision_loss, reason = "the bound is far below 2^53")]
            fn visit_u64<E: de::Error>(self, seconds: u64) -> Result<Seconds, E> {
                self.visit_f64(seconds as f64)
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Seconds, E> {
                match text.trim() {
                    "" => Ok(Seconds(None)),
                    text => text
                        .parse::<f64>()
                        .map_err(|_| E::invalid_value(de::Unexpected::Str(text), &self))
                        .and_then(|seconds| self.visit_f64(seconds)),
                }
            }

            fn visit_unit<E>(self) -> Result<Seconds, E> {
                Ok(Seconds(None))
            }
        }
        deserializer.deserialize_any(Seen)
    }
}

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Seen;
        impl Visitor<'_> for Seen {
            type Value = Whole;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number or a string that holds one")
            }

            fn visit_i64<E>(self, number: i64) -> Result<Whole, E> {
                Ok(Whole(Some(number)))
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Whole, E> {
                i64::try_from(number).map(|number| Whole(Some(number))).map_err(E::custom)
            }

            fn visit_f64<E: de::Error>(self, number: f64) -> Result<Whole, E> {
                if number.fract() == 0.0 && number.abs() < 9e15 {
                    #[expect(clippy::cast_possible_truncation, reason = "within the bound above")]
                    Ok(Whole(Some(number as i64)))
                } else {
                    Err(E::invalid_value(de::Unexpected::Float(number), &self))
                }
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Whole, E> {
                let text = text.trim();
                if text.is_empty() {
                    return Ok(Whole(None));
                }
                match (text.parse::<i64>(), text.parse::<f64>()) {
                    (Ok(number), _) => Ok(Whole(Some(number))),
                    (_, Ok(number)) => self.visit_f64(number),
                    _ => Err(E::invalid_value(de::Unexpected::Str(text), &self)),
                }
            }

            fn visit_unit<E>(self) -> Result<Whole, E> {
                Ok(Whole(None))
            }
        }
        deserializer.deserialize_any(Seen)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Seen;
        impl<'de> Visitor<'de> for Seen {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Some(Cow::Borrowed(text))))
            }

            fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Some(Cow::Owned(text.to_owned()))))
            }

            fn visit_unit<E>(self) -> Result<Text<'de>, E> {
                Ok(Text(None))
            }
        }
        deserializer.deserialize_any(Seen)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Name<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Seen;
        impl<'de> Visitor<'de> for Seen {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name as text or a whole number")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Name<'de>, E> {
                Ok(Name((!text.is_empty()).then_some(Cow::Borrowed(text))))
            }

            fn visit_str<E>(self, text: &str) -> Result<Name<'de>, E> {
                Ok(Name((!text.is_empty()).then(|| Cow::Owned(text.to_owned()))))
            }

            fn visit_i64<E>(self, number: i64) -> Result<Name<'de>, E> {
                Ok(Name(Some(Cow::Owned(number.to_string()))))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Name<'de>, E> {
                Ok(Name(Some(Cow::Owned(number.to_string()))))
            }

            fn visit_unit<E>(self) -> Result<Name<'de>, E> {
                Ok(Name(None))
            }
        }
        deserializer.deserialize_any(Seen)
    }
}
