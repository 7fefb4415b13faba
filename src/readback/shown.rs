//! What is shown of a call: its utterances by the ledger, its samples, and which text belongs to which.

use crate::split::Split;

/// Of a longer call only the beginning is shown, in utterances.
pub(super) const SHOWN: usize = 200;

/// A call that is shown.
#[derive(Debug, Default)]
pub(crate) struct Shown {
    pub(crate) session_id: String,
    pub(crate) source: String,
    pub(crate) split: Option<Split>,
    pub(crate) user: Option<String>,
    /// Unix milliseconds.
    pub(crate) started_at: Option<i64>,
    pub(crate) language: Option<String>,
    pub(crate) utterances: Vec<Said>,
    /// How many more it has.
    pub(crate) more: usize,
    pub(crate) samples: Vec<ShownSample>,
}

/// An utterance that is shown.
#[derive(Debug, Clone, Default)]
pub(crate) struct Said {
    pub(crate) position: i32,
    pub(crate) begin: Option<f64>,
    pub(crate) role: String,
    pub(crate) label: String,
    pub(crate) fate: String,
    pub(crate) reason: Option<String>,
    pub(crate) detail: Option<String>,
    /// What was said, where the ledger tells: what is in the dataset, the samples tell.
    pub(crate) text: Option<String>,
    pub(crate) sample: Option<String>,
}

/// A sample that is shown.
#[derive(Debug, Clone)]
pub(crate) struct ShownSample {
    pub(crate) id: String,
    pub(crate) begin: Option<f64>,
    /// How many messages stand before those of its own.
    pub(crate) context: usize,
    /// Role, content, and whether it is learned.
    pub(crate) messages: Vec<(String, String, bool)>,
}

impl Shown {
    /// Returns for each utterance what was said, as far as the samples tell: the whole turn at its first utterance.
    ///
    /// `agent` is the role in which the agent speaks in the messages; without one they are no turns, and tell nothing.
    #[must_use]
    pub(crate) fn texts(&self, agent: Option<&str>) -> Vec<Option<&str>> {
        let mut texts = vec![None; self.utterances.len()];
        let Some(agent) = agent else { return texts };
        for sample in &self.samples {
            for is_agent in [false, true] {
                let begins = self.utterances.iter().enumerate().filter(|(_, said)| {
                    let is_own = said.sample.as_deref() == Some(&sample.id) && said.fate == "kept";
                    is_own && (said.role == "agent") == is_agent
                });
                let turns = sample
                    .messages
                    .iter()
                    .filter(|(role, ..)| role != "system" && (role == agent) == is_agent);
                // From the end: what the agent says first may stand in the system message.
                for ((at, _), (_, content, _)) in begins.rev().zip(turns.rev()) {
                    if let Some(text) = texts.get_mut(at) {
                        *text = Some(content.as_str());
                    }
                }
            }
        }
        texts
    }

    /// Returns when the call began, in UTC.
    #[must_use]
    pub(crate) fn started(&self) -> Option<String> {
        let moment = chrono::DateTime::from_timestamp_millis(self.started_at?)?;
        Some(moment.format("%Y-%m-%dT%H:%M:%SZ").to_string())
    }
}
