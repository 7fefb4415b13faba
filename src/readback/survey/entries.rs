//! The ledger's part of a survey: books, reasons, gaps, and which calls are shown.

use super::super::entries::Entry;
use super::super::recount::enter;
use super::super::shown::{SHOWN, Shown};
use super::{CALLS, EXAMPLES, Example, Survey, keep_least};
use crate::digest::hash;

/// What is carried from one row to the next.
#[derive(Default)]
pub(super) struct Entries {
    /// The call that is open, if it may be shown.
    open: Option<(u128, Shown)>,
    /// Seconds at which the utterance before was entered.
    before: Option<f64>,
}

impl Entries {
    /// Takes a row.
    pub(super) fn take(&mut self, entry: &Entry<'_>, survey: &mut Survey) {
        let session = entry.session_id.unwrap_or_default();
        let account = match entry.unit {
            "document" => {
                self.end(survey);
                self.begin(survey, session, entry.source, entry.fate == "kept");
                &mut survey.books.documents
            }
            "sample" => &mut survey.books.samples,
            _ => &mut survey.books.utterances,
        };
        let (stage, code) = entry.reason.unzip();
        enter(account, entry.fate, stage, code);
        let reason = entry.reason.map(|(stage, code)| format!("{stage}.{code}"));
        if entry.fate == "quarantined" {
            survey.quarantining.extend(reason.clone());
        }
        if entry.unit != "utterance" {
            return;
        }
        self.gap(survey, entry.begin(), entry.role());
        if let Some(reason) = reason {
            let key = hash(&format!("{session}\0{}", entry.position()));
            keep_least(survey.examples.entry(reason).or_default(), EXAMPLES, key, || Example {
                session_id: session.to_owned(),
                said: entry.said(),
                kept: None,
            });
        }
        if let Some((_, shown)) = &mut self.open {
            if shown.utterances.len() < SHOWN {
                shown.utterances.push(entry.said());
            } else {
                shown.more += 1;
            }
        }
    }

    fn begin(&mut self, survey: &Survey, session: &str, source: &str, is_kept: bool) {
        self.before = None;
        let key = hash(session);
        let has_room = survey.calls.len() < CALLS || survey.calls.last_key_value().is_some_and(|(last, _)| key < *last);
        self.open = (is_kept && has_room).then(|| {
            let shown = Shown {
                session_id: session.to_owned(),
                source: source.to_owned(),
                ..Shown::default()
            };
            (key, shown)
        });
    }

    /// Closes the call that is open.
    pub(super) fn end(&mut self, survey: &mut Survey) {
        if let Some((key, shown)) = self.open.take() {
            keep_least(&mut survey.calls, CALLS, key, || shown);
        }
    }

    fn gap(&mut self, survey: &mut Survey, begin: Option<f64>, role: Option<&str>) {
        let [users, agents] = &mut survey.gaps;
        let tally = match role {
            Some("user") => users,
            Some("agent") => agents,
            _ => return,
        };
        if let Some(gap) = begin.zip(self.before).map(|(now, before)| now - before) {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a gap is no less than nothing, and a cast saturates"
            )]
            tally.enter((gap * 100.0).round() as u32);
        }
        self.before = begin.or(self.before);
    }
}
