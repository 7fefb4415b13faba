//! The samples' part of a survey: lengths, users, days, what comes again, and the texts of what is shown.

use std::collections::HashMap;

use chrono::DateTime;

use super::super::samples::Published;
use super::super::shown::ShownSample;
use super::Survey;
use crate::digest::hash;
use crate::split::Split;
use crate::text;

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

    /// Takes a sample.
    pub(super) fn take(&mut self, sample: &Published<'_>, wanted: &Wanted, survey: &mut Survey) {
        let is_new = self.open.as_ref().is_none_or(|(open, ..)| open != sample.session_id);
        if is_new {
            self.end(survey);
            self.open = Some((sample.session_id.to_owned(), 0, 0));
        }
        if let Some((_, samples, exchanges)) = &mut self.open {
            *samples += 1;
            *exchanges += if self.is_whole { sample.exchanges.unsigned_abs() } else { 1 };
        }
        let day = survey.days.entry(day(sample.started_at)).or_default();
        day.calls += u64::from(is_new);
        day.samples += 1;
        survey.tokens.enter(sample.tokens.unsigned_abs());
        match sample.user.zip(survey.users.get_mut(self.place)) {
            Some((user, of_split)) => *of_split.entry(hash(user)).or_default() += 1,
            None => survey.without_user += 1,
        }
        for (role, said, _) in sample.own(self.is_whole) {
            let place = match *role {
                "user" => 0,
                "assistant" => 1,
                _ => continue,
            };
            if let Some((turns, repeated)) = survey.turns.get_mut(place).zip(survey.repeated.get_mut(place)) {
                turns.enter(text::characters(said));
                repeated.enter(said);
            }
        }
        let Some(places) = wanted.get(sample.session_id) else { return };
        let shown = sample.shown(self.is_whole);
        for place in places {
            place.take(survey, &shown);
        }
        let call = survey.calls.get_mut(&hash(sample.session_id));
        if let Some(call) = call.filter(|call| call.session_id == sample.session_id) {
            call.split = Some(self.split);
            call.user = sample.user.map(ToOwned::to_owned);
            call.started_at = sample.started_at;
            call.language = call.language.take().or_else(|| sample.language.map(ToOwned::to_owned));
        }
    }

    /// Closes the call that is open.
    pub(super) fn end(&mut self, survey: &mut Survey) {
        if let Some((_, samples, exchanges)) = self.open.take() {
            survey.samples_per_call.enter(samples);
            survey.exchanges.enter(exchanges);
        }
    }
}

/// Sessions by name.
pub(super) type Wanted = HashMap<String, Vec<Place>>;

/// Where the samples of a session are shown.
pub(super) enum Place {
    /// In the call itself.
    Call(u128),
    /// Beside an example, by its reason and key.
    Example(String, u128),
}

/// The sessions whose samples are shown, and where.
pub(super) fn wanted(survey: &Survey) -> Wanted {
    let mut wanted = Wanted::new();
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
