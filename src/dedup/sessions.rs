//! One session, archived more than once: fetched while the call was still running, and again later.
//!
//! Of identical content the first in input order stays, and nothing but the column `source` depends on which that is.
//! Of different content the fuller one stays: more utterances, then more text, then a later last utterance, then
//! the greater digest. The rule looks at content only, so the dataset is a function of the set of documents.

use std::collections::HashMap;

use crate::digest;
use crate::document::Origin;
use crate::ledger::{Cause, Reason};
use crate::session::Session;

/// Another document holds the same session, word for word.
const TWIN: Reason = Reason::new("dedup", "twin");
/// Another document holds more of the same session.
const SUPERSEDED: Reason = Reason::new("dedup", "superseded");

/// Ordered from the emptier to the fuller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Fullness {
    utterances: u32,
    text: u64,
    last_begin: Option<i64>,
    content: u128,
}

impl Fullness {
    fn of(session: &Session<'_>) -> Self {
        let utterances = &session.utterances;
        Self {
            utterances: u32::try_from(utterances.len()).unwrap_or(u32::MAX),
            text: utterances.iter().map(|utterance| utterance.text.len() as u64).sum(),
            last_begin: utterances.iter().filter_map(|utterance| utterance.begin).max(),
            content: session.content,
        }
    }
}

#[derive(Debug)]
struct Known {
    fullness: Fullness,
    origin: Origin,
    /// The pass in which the session was last admitted.
    admitted: u32,
}

/// The sessions seen so far; about 130 bytes each.
#[derive(Debug, Default)]
pub(crate) struct Sessions {
    known: HashMap<u128, Known>,
    overtaken: bool,
    /// How often the input was read before.
    pass: u32,
}

/// What becomes of a session that comes in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Admission {
    /// It is the one that stays.
    Admitted,
    /// Another one stays.
    Dropped(Cause),
}

impl Sessions {
    /// Decides about the next session in input order.
    pub(crate) fn admit(&mut self, session: &Session<'_>, origin: &Origin) -> Admission {
        let key = digest::hash(&session.id);
        let fullness = Fullness::of(session);
        let known = self.known.entry(key).or_insert_with(|| Known {
            fullness,
            origin: origin.clone(),
            admitted: u32::MAX,
        });
        if fullness == known.fullness {
            if known.admitted == self.pass {
                return Admission::Dropped(TWIN.because(format!("same content as {}", known.origin)));
            }
            known.admitted = self.pass;
            return Admission::Admitted;
        }
        if fullness > known.fullness {
            // The one admitted before should not have been: only a second pass can take it back.
            self.overtaken = true;
            *known = Known {
                fullness,
                origin: origin.clone(),
                admitted: self.pass,
            };
            return Admission::Admitted;
        }
        Admission::Dropped(SUPERSEDED.because(format!("fuller in {}", known.origin)))
    }

    /// Returns whether a session was admitted that a later one overtook.
    #[must_use]
    pub(crate) fn overtaken(&self) -> bool {
        self.overtaken
    }

    /// Returns whether a second pass found what the first had found.
    #[must_use]
    pub(crate) fn settled(&self) -> bool {
        !self.overtaken && self.known.values().all(|known| known.admitted == self.pass)
    }

    /// Makes ready for a second pass over the same documents, in which every decision is final.
    pub(crate) fn rewind(&mut self) {
        self.overtaken = false;
        self.pass += 1;
    }
}
