//! Objects to speakers that are neither the user nor the agent, such as a human who took over.

use super::{Context, Judging, Label, Lexicon, Verdict};
use crate::ledger::Reason;
use crate::session::{Role, Utterance};

/// The role is neither `user` nor `agent`.
const ROLE: Reason = Reason::new("judge", "role");

pub(super) fn judge(_: &Judging, _: &Lexicon, _: &Context<'_>, utterance: &Utterance<'_>) -> Option<Verdict> {
    match &utterance.role {
        Role::User | Role::Agent => None,
        Role::Other(role) => Some(Verdict {
            label: Label::Keep,
            objection: Some(ROLE.because(format!("role {role:?}"))),
            unless_continued: false,
        }),
    }
}
