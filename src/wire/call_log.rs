//! The call log: the JSON file behind `CallLogUrl`.
//!
//! There is no published schema: the sample on the platform's data-archiving page is the schema. Only `dialog`
//! is required here; unknown keys are tolerated, `role` and `type` are open sets.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, SeqAccess, Visitor};

use super::lenient::{Name, Object, Seconds, Text, Whole};
use crate::session::{Role, Session, Utterance};
use crate::text;

#[derive(Deserialize)]
struct CallLog<'a> {
    #[serde(borrow, default)]
    instanceid: Name<'a>,
    #[serde(borrow, default, rename = "remoteUserId")]
    remote_user_id: Name<'a>,
    #[serde(default, rename = "startTime")]
    start_time: Seconds,
    #[serde(borrow)]
    dialog: Dialog<'a>,
}

/// A day with more than one entry a second is no call: an empty entry takes a hundred times its bytes in memory.
const MOST_ENTRIES: u32 = 100_000;

/// The entries, as utterances: there are many, and a list of entries first would be thrown away.
struct Dialog<'a>(Vec<Utterance<'a>>);

impl<'de: 'a, 'a> Deserialize<'de> for Dialog<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Seen;
        impl<'de> Visitor<'de> for Seen {
            type Value = Dialog<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of entries")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Dialog<'de>, A::Error> {
                let mut utterances = Vec::with_capacity(16);
                let mut position = 1;
                while let Some(Object(entry)) = entries.next_element::<Object<Entry<'de>>>()? {
                    if position > MOST_ENTRIES {
                        return Err(A::Error::custom(format_args!("more than {MOST_ENTRIES} entries")));
                    }
                    utterances.push(entry.into_utterance(position));
                    position += 1;
                }
                Ok(Dialog(utterances))
            }
        }
        deserializer.deserialize_seq(Seen)
    }
}

#[derive(Deserialize)]
struct Entry<'a> {
    #[serde(default)]
    id: Whole,
    #[serde(default)]
    begin: Seconds,
    #[serde(borrow, default)]
    role: Text<'a>,
    #[serde(borrow, default, rename = "type")]
    kind: Text<'a>,
    #[serde(borrow, default)]
    text: Text<'a>,
}

/// Reads one call log.
pub(super) fn parse(text: &str) -> serde_json::Result<Session<'_>> {
    serde_json::from_str::<Object<CallLog<'_>>>(text).map(|Object(log)| Session::from(log))
}

impl<'a> From<CallLog<'a>> for Session<'a> {
    fn from(log: CallLog<'a>) -> Self {
        Self::new(log.instanceid.0, log.remote_user_id.0, log.start_time.0, log.dialog.0)
    }
}

impl<'a> Entry<'a> {
    fn into_utterance(self, position: u32) -> Utterance<'a> {
        Utterance {
            position,
            id: self.id.0.unwrap_or(i64::from(position)),
            // A negative begin lies before the start of its own clock: it is no time.
            begin: self.begin.0.filter(|&begin| begin >= 0),
            role: match self.role.0.unwrap_or_default() {
                role if role == "user" => Role::User,
                // One parser in the field has seen `assistant` in callbacks of the same platform.
                role if role == "agent" || role == "assistant" => Role::Agent,
                role => Role::Other(role),
            },
            // An entry without a type is an ordinary one: only `dialog` is required.
            kind: self.kind.0.filter(|kind| !kind.is_empty()).unwrap_or(Cow::Borrowed("normal")),
            text: trimmed(self.text.0.unwrap_or_default()),
        }
    }
}

fn trimmed(said: Cow<'_, str>) -> Cow<'_, str> {
    match said {
        Cow::Borrowed(said) => Cow::Borrowed(text::trim(said)),
        Cow::Owned(said) if text::trim(&said).len() == said.len() => Cow::Owned(said),
        Cow::Owned(said) => Cow::Owned(text::trim(&said).to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_as_int_float_or_string() {
        let log = r#"{"startTime":"1767225600.5","remoteUserId":7,"extra":{"a":[1]},
            "dialog":[{"id":"2","begin":3,"role":"user","text":"a\u00e9"},{"id":1.0,"begin":"1.25","role":"agent"}]}"#;
        let session = parse(log).unwrap();
        assert_eq!(session.started_at, Some(1_767_225_600_500));
        assert_eq!(session.user.as_deref(), Some("7"));
        let seen: Vec<_> = session.utterances.iter().map(|u| (u.id, u.begin, u.text.as_ref())).collect();
        assert_eq!(seen, [(1, Some(1250), ""), (2, Some(3000), "aé")]);
        assert!(session.id.starts_with("content-"));
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for log in [
            r#"{"a":1}"#,
            r#"{"dialog":"x"}"#,
            r#"{"dialog":[1]}"#,
            r#"{"dialog":[[1,2,"user","normal","hi"]]}"#,
            r#"["id","user",1,[]]"#,
            r#"{"dialog":[{"text":5}]}"#,
            r#"{"dialog":[{"begin":"soon"}]}"#,
            r#"{"dialog":[{"id":1.5}]}"#,
            r#"{"dialog":[],"dialog":[]}"#,
            r#"{"startTime":1767225600500,"dialog":[]}"#,
            r#"{"dialog":[{"text":"\ud800"}]}"#,
        ] {
            assert!(parse(log).is_err(), "{log}");
        }
    }
}
