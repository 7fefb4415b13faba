//! The ledger's part of a survey: books, reasons, gaps, and which calls are shown.

use polars::prelude::{DataFrame, PolarsResult};

use super::super::recount::enter;
use super::{CALLS, EXAMPLES, Example, SHOWN, Said, Shown, Survey, keep_least};
use crate::digest::hash;

/// What is read of the ledger.
pub(super) const COLUMNS: [&str; 13] = [
    "unit",
    "session_id",
    "position",
    "begin",
    "role",
    "label",
    "fate",
    "stage",
    "reason",
    "detail",
    "text",
    "sample_id",
    "source",
];

/// What is carried from one row to the next.
#[derive(Default)]
pub(super) struct Entries {
    /// The call that is open, if it may be shown.
    open: Option<(u128, Shown)>,
    /// Seconds at which the utterance before was entered.
    before: Option<f64>,
}

impl Entries {
    /// Takes some rows.
    pub(super) fn read(&mut self, frame: &DataFrame, survey: &mut Survey) -> PolarsResult<()> {
        let texts = |name| frame.column(name)?.str().cloned();
        let (units, sessions, roles, labels) = (texts("unit")?, texts("session_id")?, texts("role")?, texts("label")?);
        let (fates, stages, reasons, details) = (texts("fate")?, texts("stage")?, texts("reason")?, texts("detail")?);
        let (said, samples, sources) = (texts("text")?, texts("sample_id")?, texts("source")?);
        let positions = frame.column("position")?.i32()?.clone();
        let begins = frame.column("begin")?.f64()?.clone();
        for at in 0..frame.height() {
            let fate = fates.get(at).unwrap_or_default();
            let session = sessions.get(at).unwrap_or_default();
            let account = match units.get(at).unwrap_or_default() {
                "document" => {
                    self.end(survey);
                    self.begin(survey, session, sources.get(at).unwrap_or_default(), fate == "kept");
                    &mut survey.books.documents
                }
                "sample" => &mut survey.books.samples,
                _ => &mut survey.books.utterances,
            };
            enter(account, fate, stages.get(at), reasons.get(at));
            if fate == "quarantined" {
                let code = reasons.get(at).unwrap_or_default();
                survey.quarantining.insert(reason(stages.get(at), code));
            }
            if units.get(at) != Some("utterance") {
                continue;
            }
            let begin = begins.get(at);
            self.gap(survey, begin, roles.get(at));
            let utterance = || Said {
                position: positions.get(at).unwrap_or_default(),
                begin,
                role: roles.get(at).unwrap_or_default().to_owned(),
                label: labels.get(at).unwrap_or_default().to_owned(),
                fate: fate.to_owned(),
                reason: reasons.get(at).map(|code| reason(stages.get(at), code)),
                detail: details.get(at).map(ToOwned::to_owned),
                text: said.get(at).map(ToOwned::to_owned),
                sample: samples.get(at).map(ToOwned::to_owned),
            };
            if let Some(code) = reasons.get(at) {
                let key = hash(&format!("{session}\0{}", positions.get(at).unwrap_or_default()));
                let name = reason(stages.get(at), code);
                keep_least(survey.examples.entry(name).or_default(), EXAMPLES, key, || Example {
                    session_id: session.to_owned(),
                    said: utterance(),
                    kept: None,
                });
            }
            if let Some((_, shown)) = &mut self.open {
                if shown.utterances.len() < SHOWN {
                    shown.utterances.push(utterance());
                } else {
                    shown.more += 1;
                }
            }
        }
        Ok(())
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

fn reason(stage: Option<&str>, code: &str) -> String {
    format!("{}.{code}", stage.unwrap_or_default())
}
