//! What a recipe may say about utterances.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::lexicon::Words;
use crate::session::Perspective;

/// What to do with utterances of one label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Policy {
    /// They go; the ledger keeps them.
    #[default]
    Drop,
    /// They stay, labelled in the ledger.
    Keep,
}

/// How readily the judges object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Strictness {
    /// Only what no word means anything in.
    Lenient,
    /// Also short sentences that were given up, and "okay" where nothing was asked.
    #[default]
    Balanced,
    /// Every sentence that was given up.
    Strict,
}

/// Which utterances are wanted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Judging {
    /// The archive's `type`s that are conversation. Other types, such as `speech` (a broadcast), go.
    pub types: Vec<String>,
    /// The default of the thresholds below.
    pub strictness: Strictness,
    /// Greetings: entries of type `greeting`, and whole-entry formulas before the user's first request.
    /// By `perspective`: drop, keep; a simulator of callers answers the greeting.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub greetings: Option<Policy>,
    /// Farewells at the end of the call. An agent should know how to end one.
    pub closings: Policy,
    /// Filled pauses and discourse markers with nothing else: "um", "呃", "那个……". User side only.
    pub fillers: Policy,
    /// Listener signals that answer nothing: "uh-huh", "嗯". After a question they are answers and stay. User side only.
    pub backchannels: Policy,
    /// Words that answer a question or acknowledge a statement, where nothing was asked: "okay", "对". User side only.
    /// By `strictness`: keep, drop, drop.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acknowledgements: Option<Policy>,
    /// Beginnings that lead to nothing: "I... um...". One that its speaker continues is merged, not dropped. User side only.
    pub fragments: Policy,
    /// A fragment with more content units than this stays, labelled: 1 for each Han or Kana character and each other
    /// word that no lexicon knows. By `strictness`: 0, 4, any number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fragment_units: Option<u32>,
    /// How sure the learned judge must be against a rule of the lexicon, in hundredths of a logit (100 is e to 1).
    /// By `strictness`: 300, 120, 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub learned: Option<i32>,
    /// What recognisers write over silence: their known phrases, and loops of one phrase. User side only.
    pub noise: Policy,
    /// So many repetitions of one phrase are a loop. Digits never are.
    #[schemars(range(min = 3))]
    pub noise_repeats: u32,
    /// Words of your own, by language (`en`, `zh`, `yue`, `ja`, `ko`, `es`, `fr`, `de`, `id`, `ar`, or a new one in Latin script).
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub lexicon: BTreeMap<String, Words>,
}

impl Default for Judging {
    fn default() -> Self {
        Self {
            types: vec!["normal".to_owned()],
            strictness: Strictness::Balanced,
            greetings: None,
            closings: Policy::Keep,
            fillers: Policy::Drop,
            backchannels: Policy::Drop,
            acknowledgements: None,
            fragments: Policy::Drop,
            fragment_units: None,
            learned: None,
            noise: Policy::Drop,
            noise_repeats: 6,
            lexicon: BTreeMap::new(),
        }
    }
}

impl Judging {
    /// Gives every key a value whose default depends on another.
    pub(crate) fn settle(&mut self, perspective: Perspective) {
        let (acknowledgements, fragment_units, learned) = match self.strictness {
            Strictness::Lenient => (Policy::Keep, 0, 300),
            Strictness::Balanced => (Policy::Drop, 4, 120),
            Strictness::Strict => (Policy::Drop, u32::MAX, 0),
        };
        self.acknowledgements.get_or_insert(acknowledgements);
        self.fragment_units.get_or_insert(fragment_units);
        self.learned.get_or_insert(learned);
        self.greetings.get_or_insert(match perspective {
            Perspective::Agent => Policy::Drop,
            Perspective::User => Policy::Keep,
        });
    }
}
