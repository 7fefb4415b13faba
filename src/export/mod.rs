//! Chat formats: pure functions from a sample to lines of JSON.
//!
//! Which turns are learned is one truth, [`Message::learn`]. A format spells it as its reader needs it; one whose reader
//! learns from every answer gets rows that hold nothing else.

mod alpaca;
mod axolotl;
mod bailian;
mod mistral;
mod ms_swift;
mod openai;
mod query_response;
mod sharegpt;
mod together;
mod trl;

use crate::sample::{Message, Sample, Speaker};

/// Writes what a reader needs to find files of these names.
type Guide = fn(&[String]) -> String;

/// A chat format.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Format {
    /// Its name in recipes, and the name of its folder under `chat/`.
    pub name: &'static str,
    /// Appends the lines of one sample, each with its line feed; none where the reader has nothing to learn from.
    pub lines: fn(&Sample<'_>, &mut Vec<u8>),
    /// How large a file the reader takes, in bytes.
    pub max_bytes: Option<u64>,
    /// What lies beside the files so that the reader finds them: its name, and what is in it.
    pub guide: Option<(&'static str, Guide)>,
}

/// The formats. A format is one file plus one line here.
pub(crate) const FORMATS: [Format; 10] = [
    openai::FORMAT,
    ms_swift::FORMAT,
    bailian::FORMAT,
    sharegpt::FORMAT,
    alpaca::FORMAT,
    trl::FORMAT,
    axolotl::FORMAT,
    query_response::FORMAT,
    mistral::FORMAT,
    together::FORMAT,
];

/// Returns the format of a name.
#[must_use]
pub(crate) fn format(name: &str) -> Option<Format> {
    FORMATS.into_iter().find(|format| format.name == name)
}

/// Appends `"messages":[…]`-like lists: `spell` says what stands in an assistant's message beside role and content.
fn messages(messages: &[Message<'_>], spell: fn(bool) -> &'static [u8], line: &mut Vec<u8>) {
    line.push(b'[');
    for (at, message) in messages.iter().enumerate() {
        if at > 0 {
            line.push(b',');
        }
        line.extend_from_slice(b"{\"role\":\"");
        line.extend_from_slice(message.role.word().as_bytes());
        line.extend_from_slice(b"\",\"content\":");
        string(&message.content, line);
        if message.role == Speaker::Assistant {
            line.extend_from_slice(spell(message.learn));
        }
        line.push(b'}');
    }
    line.push(b']');
}

/// The spelling of a format that has none.
fn unspelled(_: bool) -> &'static [u8] {
    b""
}

/// A sample for a reader that learns from every answer: its system text, and exchanges in a row that are all learned.
struct Learned<'s, 'a> {
    system: Option<&'s Message<'a>>,
    /// User and assistant in turn.
    turns: &'s [Message<'a>],
}

/// Cuts a sample into the longest runs of exchanges that are all to be learned.
fn learned<'s, 'a>(sample: &'s Sample<'a>) -> impl Iterator<Item = Learned<'s, 'a>> {
    let (system, turns) = match sample.messages.split_first() {
        Some((first, rest)) if first.role == Speaker::System => (Some(first), rest),
        _ => (None, sample.messages.as_slice()),
    };
    // An answer is learned or not; the request before it shares its fate.
    let is_learned = |exchange: &[Message<'_>]| exchange.last().is_some_and(|answer| answer.learn);
    let exchanges = turns.len() / 2;
    let learns = move |at: usize| turns.get(2 * at..2 * at + 2).is_some_and(is_learned);
    let begins = (0..exchanges).filter(move |&at| learns(at) && (at == 0 || !learns(at - 1)));
    begins.filter_map(move |begin| {
        let end = (begin..exchanges).find(|&at| !learns(at)).unwrap_or(exchanges);
        let turns = turns.get(2 * begin..2 * end)?;
        Some(Learned { system, turns })
    })
}

impl<'s, 'a> Learned<'s, 'a> {
    /// Returns the earlier exchanges, and the last one.
    fn last(&self) -> Option<(&'s [Message<'a>], &'s Message<'a>, &'s Message<'a>)> {
        match self.turns {
            [earlier @ .., request, answer] => Some((earlier, request, answer)),
            _ => None,
        }
    }

    /// Appends the system text as a JSON string, empty where there is none: every row has every key.
    fn system(&self, line: &mut Vec<u8>) {
        string(self.system.map_or("", |system| &system.content), line);
    }

    /// Appends earlier exchanges as pairs: `[["request","answer"],…]`.
    fn history(earlier: &[Message<'_>], line: &mut Vec<u8>) {
        line.push(b'[');
        for (at, message) in earlier.iter().enumerate() {
            let is_request = at % 2 == 0;
            if is_request && at > 0 {
                line.push(b',');
            }
            line.push(if is_request { b'[' } else { b',' });
            string(&message.content, line);
            if !is_request {
                line.push(b']');
            }
        }
        line.push(b']');
    }
}

/// So many bytes are looked at together.
const PORTION: usize = 64;

/// Appends a text as a JSON string, as `serde_json` would, but for many bytes at a time: hardly any needs an escape.
fn string(text: &str, line: &mut Vec<u8>) {
    line.push(b'"');
    for portion in text.as_bytes().chunks(PORTION) {
        // Without a branch a byte, compilers look at all of them at once.
        let needs = |byte: u8| u8::from(byte < 0x20) | u8::from(byte == b'"') | u8::from(byte == b'\\');
        if portion.iter().fold(0, |any, byte| any | needs(*byte)) == 0 {
            line.extend_from_slice(portion);
        } else {
            for byte in portion {
                escape(*byte, line);
            }
        }
    }
    line.push(b'"');
}

/// Appends one byte of a JSON string.
fn escape(byte: u8, line: &mut Vec<u8>) {
    let short = match byte {
        b'"' | b'\\' => byte,
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        0x08 => b'b',
        0x0c => b'f',
        0..0x20 => {
            line.extend_from_slice(format!("\\u{byte:04x}").as_bytes());
            return;
        }
        _ => {
            line.push(byte);
            return;
        }
    };
    line.extend_from_slice(&[b'\\', short]);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three exchanges of which the second is only context.
    pub(super) fn sample() -> Sample<'static> {
        let message = |role, content: &'static str, learn| Message {
            role,
            content: content.into(),
            learn,
        };
        Sample {
            number: 1,
            messages: vec![
                message(Speaker::System, "Be brief.", false),
                message(Speaker::User, "a", false),
                message(Speaker::Assistant, "b", true),
                message(Speaker::User, "c", false),
                message(Speaker::Assistant, "d", false),
                message(Speaker::User, "e\n", false),
                message(Speaker::Assistant, "f", true),
            ],
            exchanges: 3,
            ..Sample::default()
        }
    }

    fn lines(name: &str) -> Vec<String> {
        let mut lines = Vec::new();
        (format(name).expect("a format").lines)(&sample(), &mut lines);
        let text = String::from_utf8(lines).expect("UTF-8");
        text.lines().map(ToOwned::to_owned).collect()
    }

    #[test]
    fn a_reader_that_has_a_word_for_it_gets_one_line_with_every_turn() {
        for (name, learned, read) in [
            ("openai", "\"weight\":1", "\"weight\":0"),
            ("mistral", "\"weight\":1", "\"weight\":0"),
            ("together", "\"weight\":1", "\"weight\":0"),
            ("axolotl", "\"weight\":1", "\"weight\":0"),
            ("ms-swift", "\"loss\":true", "\"loss\":false"),
        ] {
            let lines = lines(name);
            assert_eq!(lines.len(), 1, "{name}");
            assert_eq!(
                (lines[0].matches(learned).count(), lines[0].matches(read).count()),
                (2, 1),
                "{name}"
            );
        }
    }

    #[test]
    fn a_reader_that_learns_from_every_answer_gets_rows_of_learned_answers_only() {
        for name in ["bailian", "sharegpt", "alpaca", "query-response"] {
            let lines = lines(name);
            assert_eq!(lines.len(), 2, "{name}");
            for (line, [request, answer]) in lines.iter().zip([["\"a\"", "\"b\""], ["\"e\\n\"", "\"f\""]]) {
                assert!(line.contains(request) && line.contains(answer), "{name}: {line}");
                assert!(line.contains("Be brief.") && !line.contains("\"d\""), "{name}: {line}");
            }
        }
    }

    #[test]
    fn a_prompt_holds_everything_before_the_answer_that_completes_it() {
        let lines = lines("trl");
        assert_eq!(lines.len(), 2);
        assert!(lines[1].contains("\"d\"") && lines[1].ends_with("\"completion\":[{\"role\":\"assistant\",\"content\":\"f\"}]}"));
    }

    #[test]
    fn strings_are_those_of_serde_json() {
        let all: String = (0..0x2000_u32).filter_map(char::from_u32).collect();
        let long = format!("{}\"{}", "你好".repeat(40), "a".repeat(200));
        for text in ["", "a", &all, &long, &all.repeat(2)] {
            let mut written = Vec::new();
            string(text, &mut written);
            assert_eq!(Some(written), serde_json::to_vec(text).ok());
        }
    }

    #[test]
    fn every_line_is_json() {
        for known in FORMATS {
            for line in lines(known.name) {
                serde_json::from_str::<serde_json::Value>(&line)
                    .unwrap_or_else(|error| panic!("{}: {error}: {line}", known.name));
            }
        }
    }
}
