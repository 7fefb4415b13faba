//! The samples' part of a survey: lengths, users, days, what comes again, and the texts of what is shown.

use std::collections::HashMap;

use chrono::DateTime;
use polars::prelude::{DataFrame, PolarsResult};

use super::super::{list, text_field};
use super::{SHOWN, ShownSample, Survey};
use crate::digest::hash;
use crate::split::Split;
use crate::text;

/// What is read of the samples.
pub(super) const COLUMNS: [&str; 10] = [
    "id",
    "session_id",
    "user",
    "started_at",
    "begin",
    "exchanges",
    "messages",
    "weights",
    "tokens",
    "language",
];

/// What is carried from one row to the next.
pub(super) struct Samples {
    split: Split,
    /// The place of the split.
    place: usize,
    /// Whether a sample is a session, and all of it its own.
    is_whole: bool,
    /// The call that is open, with its samples and exchanges.
    open: Option<(String, u32, u32)>,
}

impl Samples {
    pub(super) fn new(split: Split, place: usize, is_whole: bool) -> Self {
        Self {
            split,
            place,
            is_whole,
            open: None,
        }
    }

    /// Takes some rows.
    pub(super) fn read(&mut self, frame: &DataFrame, survey: &mut Survey) -> PolarsResult<()> {
        let texts = |name| frame.column(name)?.str().cloned();
        let (ids, sessions, users, languages) = (texts("id")?, texts("session_id")?, texts("user")?, texts("language")?);
        let started_at = frame.column("started_at")?.datetime()?.physical().clone();
        let begins = frame.column("begin")?.f64()?.clone();
        let (exchanges, tokens) = (
            frame.column("exchanges")?.i32()?.clone(),
            frame.column("tokens")?.i32()?.clone(),
        );
        let (spans, messages) = list(frame, "messages")?;
        let (roles, contents) = (text_field(&messages, "role")?, text_field(&messages, "content")?);
        let weights = list(frame, "weights")?.1.i8()?.clone();
        let wanted = wanted(survey);
        for (at, span) in spans.into_iter().enumerate() {
            let session = sessions.get(at).unwrap_or_default();
            let samples_day = day(started_at.get(at));
            let is_new = self.open.as_ref().is_none_or(|(open, ..)| open != session);
            if is_new {
                self.end(survey);
                self.open = Some((session.to_owned(), 0, 0));
            }
            let own = if self.is_whole {
                exchanges.get(at).map_or(0, i32::unsigned_abs)
            } else {
                1
            };
            if let Some((_, samples, all)) = &mut self.open {
                *samples += 1;
                *all += own;
            }
            let day = survey.days.entry(samples_day).or_default();
            day.calls += u64::from(is_new);
            day.samples += 1;
            survey.tokens.enter(tokens.get(at).map_or(0, i32::unsigned_abs));
            match users.get(at) {
                Some(user) => {
                    if let Some(of_split) = survey.users.get_mut(self.place) {
                        *of_split.entry(hash(user)).or_default() += 1;
                    }
                }
                None => survey.without_user += 1,
            }
            let first = if self.is_whole {
                span.start
            } else {
                span.end.saturating_sub(2)
            };
            for at in first.max(span.start)..span.end {
                let place = match roles.get(at) {
                    Some("user") => 0,
                    Some("assistant") => 1,
                    _ => continue,
                };
                let said = contents.get(at).unwrap_or_default();
                if let Some((turns, repeated)) = survey.turns.get_mut(place).zip(survey.repeated.get_mut(place)) {
                    turns.enter(text::characters(said));
                    repeated.enter(said);
                }
            }
            if let Some(places) = wanted.get(session) {
                let own = first.max(span.start)..span.end.min(first.max(span.start) + 2 * SHOWN);
                let sample = ShownSample {
                    context: own.start - span.start,
                    id: ids.get(at).unwrap_or_default().to_owned(),
                    begin: begins.get(at),
                    messages: own
                        .map(|at| {
                            let role = roles.get(at).unwrap_or_default().to_owned();
                            (
                                role,
                                contents.get(at).unwrap_or_default().to_owned(),
                                weights.get(at) == Some(1),
                            )
                        })
                        .collect(),
                };
                places.iter().for_each(|place| place.take(survey, &sample));
                if let Some(call) = survey.calls.get_mut(&hash(session)).filter(|call| call.session_id == session) {
                    call.split = Some(self.split);
                    call.user = users.get(at).map(ToOwned::to_owned);
                    call.started_at = started_at.get(at);
                    call.language = call.language.take().or_else(|| languages.get(at).map(ToOwned::to_owned));
                }
            }
        }
        Ok(())
    }

    /// Closes the call that is open.
    pub(super) fn end(&mut self, survey: &mut Survey) {
        if let Some((_, samples, exchanges)) = self.open.take() {
            survey.samples_per_call.enter(samples);
            survey.exchanges.enter(exchanges);
        }
    }
}

/// Where the samples of a session are shown.
enum Place {
    /// In the call itself.
    Call(u128),
    /// Beside an example, by its reason and key.
    Example(String, u128),
}

/// The sessions whose samples are shown, and where.
fn wanted(survey: &Survey) -> HashMap<String, Vec<Place>> {
    let mut wanted: HashMap<String, Vec<Place>> = HashMap::new();
    for (key, call) in &survey.calls {
        wanted.entry(call.session_id.clone()).or_default().push(Place::Call(*key));
    }
    for (reason, examples) in &survey.examples {
        for (key, example) in examples {
            let place = Place::Example(reason.clone(), *key);
            wanted.entry(example.session_id.clone()).or_default().push(place);
        }
    }
    wanted
}

impl Place {
    fn take(&self, survey: &mut Survey, sample: &ShownSample) {
        match self {
            Self::Call(key) => {
                if let Some(call) = survey.calls.get_mut(key) {
                    call.samples.push(sample.clone());
                }
            }
            Self::Example(reason, key) => {
                let example = survey.examples.get_mut(reason).and_then(|examples| examples.get_mut(key));
                let Some(example) = example else { return };
                let side = if example.said.role == "agent" { "assistant" } else { "user" };
                let turn = sample.messages.iter().rev().find(|(role, ..)| role == side);
                let away = |begin: Option<f64>| match (begin, example.said.begin) {
                    (Some(begin), Some(dropped)) => (begin - dropped).abs(),
                    _ => f64::MAX,
                };
                let is_nearer = example
                    .kept
                    .as_ref()
                    .is_none_or(|(begin, _)| away(sample.begin) < away(*begin));
                if let Some((_, content, _)) = turn.filter(|_| is_nearer) {
                    example.kept = Some((sample.begin, content.clone()));
                }
            }
        }
    }
}

/// The day of a moment in Unix milliseconds, in UTC.
fn day(moment: Option<i64>) -> Option<String> {
    let moment = DateTime::from_timestamp_millis(moment?)?;
    Some(moment.format("%Y-%m-%d").to_string())
}
