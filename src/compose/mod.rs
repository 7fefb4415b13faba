//! Composes samples: one exchange with earlier ones in front of it, the whole call, or the end of a user turn.

mod turn_ends;

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::count::Counter;
use crate::pair::Paired;
use crate::sample::{Message, Sample, Speaker};
use crate::session::{Exchange, Turn};
pub(crate) use turn_ends::turn_ends;

/// What one sample is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SampleUnit {
    /// One user turn and its answer, with `context` earlier exchanges in front. Each answer is learned once.
    #[default]
    Exchange,
    /// The whole call. Every answer in it is learned.
    Session,
    /// What the user has said so far, answered by `complete`, `incomplete`, `backchannel` or `wait`: for models that
    /// detect the end of a turn. Fillers, backchannels and fragments are what is learned here.
    #[serde(rename = "turn-detection")]
    TurnDetection,
}

/// How many earlier exchanges stand in front of a sample's own: a number or `"all"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Context {
    /// At most so many.
    Exchanges(u32),
    /// Everything since the call began.
    All,
}

impl Default for Context {
    fn default() -> Self {
        Self::Exchanges(0)
    }
}

impl Serialize for Context {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Exchanges(count) => serializer.serialize_u32(*count),
            Self::All => serializer.serialize_str("all"),
        }
    }
}

impl<'de> Deserialize<'de> for Context {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "a whole number or \"all\"")]
        enum Written {
            Count(u32),
            Word(String),
        }
        match Written::deserialize(deserializer)? {
            Written::Count(count) => Ok(Self::Exchanges(count)),
            Written::Word(word) if word == "all" => Ok(Self::All),
            Written::Word(word) => Err(de::Error::custom(format!("`{word}` is neither a whole number nor \"all\""))),
        }
    }
}

impl JsonSchema for Context {
    fn schema_name() -> Cow<'static, str> {
        "Context".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "How many earlier exchanges stand in front of a sample's own: a number or \"all\".",
            "anyOf": [{"type": "integer", "minimum": 0, "maximum": u32::MAX}, {"const": "all"}]
        })
    }
}

/// How large a sample may grow: where it would be larger, it is split at an exchange.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Room<'c> {
    /// In tokens.
    pub tokens: u32,
    /// Who counts them.
    pub counter: &'c Counter,
}

/// Composes the samples of one session, numbered from 1 in the order of the call.
#[must_use]
pub(crate) fn compose<'a>(
    unit: SampleUnit,
    context: Context,
    system: Option<&'a str>,
    room: Option<Room<'_>>,
    paired: &Paired<'a>,
) -> Vec<Sample<'a>> {
    let exchanges = paired.exchanges.as_slice();
    let windows: Vec<(usize, usize)> = match unit {
        SampleUnit::TurnDetection => Vec::new(),
        SampleUnit::Session if exchanges.is_empty() => Vec::new(),
        SampleUnit::Session => vec![(0, exchanges.len())],
        SampleUnit::Exchange => (1..=exchanges.len()).map(|end| (first(context, end), end)).collect(),
    };
    let windows = match room {
        None => windows,
        Some(room) => fitting(unit, room, system, paired, &windows),
    };
    windows
        .into_iter()
        .zip(1..)
        .filter_map(|((start, end), number)| {
            let lead = paired.lead.as_ref().filter(|_| start == 0);
            let own = if unit == SampleUnit::Session { start } else { end - 1 };
            Some(sample(
                number,
                system,
                lead,
                exchanges.get(start..own)?,
                exchanges.get(own..end)?,
            ))
        })
        .collect()
}

/// Cuts windows so that each has room for its exchanges, as far as one of them alone does not need more.
///
/// A whole session becomes several samples; one exchange loses the earliest of its context.
fn fitting(
    unit: SampleUnit,
    room: Room<'_>,
    system: Option<&str>,
    paired: &Paired<'_>,
    windows: &[(usize, usize)],
) -> Vec<(usize, usize)> {
    // What cannot be counted is dropped for that later.
    let tokens = |text: &str| room.counter.tokens(text).unwrap_or_default();
    let own = |exchange: &Exchange<'_>| tokens(&exchange.request.text).saturating_add(tokens(&exchange.answer.text));
    let sizes: Vec<u32> = paired.exchanges.iter().map(own).collect();
    let alone = instructions(system, None).map_or(0, |text| tokens(&text));
    let led = instructions(system, paired.lead.as_ref()).map_or(0, |text| tokens(&text));
    let fits = |start: usize, end: usize| {
        let instructions = if start == 0 { led } else { alone };
        let exchanges = sizes.get(start..end).unwrap_or_default();
        exchanges.iter().fold(instructions, |sum, size| sum.saturating_add(*size)) <= room.tokens
    };
    let mut fitting = Vec::with_capacity(windows.len());
    for &(mut start, end) in windows {
        if unit == SampleUnit::Exchange {
            while start + 1 < end && !fits(start, end) {
                start += 1;
            }
            fitting.push((start, end));
            continue;
        }
        for at in start + 1..end {
            if !fits(start, at + 1) {
                fitting.push((start, at));
                start = at;
            }
        }
        fitting.push((start, end));
    }
    fitting
}

fn first(context: Context, end: usize) -> usize {
    match context {
        Context::All => 0,
        Context::Exchanges(count) => (end - 1).saturating_sub(count as usize),
    }
}

fn sample<'a>(
    number: u32,
    system: Option<&'a str>,
    lead: Option<&Turn<'a>>,
    earlier: &[Exchange<'a>],
    own: &[Exchange<'a>],
) -> Sample<'a> {
    let mut sample = Sample {
        number,
        messages: Vec::with_capacity(1 + 2 * (earlier.len() + own.len())),
        begin: own.first().and_then(|exchange| exchange.request.begin),
        ..Sample::default()
    };
    if let Some(content) = instructions(system, lead) {
        sample.push(Speaker::System, content, false);
    }
    if let Some(lead) = lead {
        sample.count(lead);
    }
    for exchange in earlier {
        sample.exchange(exchange, false);
    }
    sample.context = sample.utterances.len();
    for exchange in own {
        sample.exchange(exchange, exchange.learn);
    }
    sample
}

fn instructions<'a>(system: Option<&'a str>, lead: Option<&Turn<'a>>) -> Option<Cow<'a, str>> {
    match (system, lead) {
        (None, None) => None,
        (Some(system), None) => Some(Cow::Borrowed(system)),
        (None, Some(lead)) => Some(lead.text.clone()),
        (Some(system), Some(lead)) => Some(Cow::Owned(format!("{system}\n\n{}", lead.text))),
    }
}

impl<'a> Sample<'a> {
    fn push(&mut self, role: Speaker, content: Cow<'a, str>, learn: bool) {
        self.messages.push(Message { role, content, learn });
    }

    fn exchange(&mut self, exchange: &Exchange<'a>, learn: bool) {
        self.push(Speaker::User, exchange.request.text.clone(), false);
        self.push(Speaker::Assistant, exchange.answer.text.clone(), learn);
        self.count(&exchange.request);
        self.count(&exchange.answer);
        self.exchanges += 1;
    }

    fn count(&mut self, turn: &Turn<'a>) {
        self.merged += u32::try_from(turn.utterances.len().saturating_sub(1)).unwrap_or(u32::MAX);
        self.interrupted |= turn.interrupted;
        self.utterances.extend_from_slice(&turn.utterances);
    }
}
