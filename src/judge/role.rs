//! Objects to speakers that are neither the user nor the agent, such as a human who took over.

use super::{Judging, Label, Lexicon, Scene, Verdict};
use crate::ledger::Reason;
use crate::session::Role;

/// The role is neither `user` nor `agent`.
const ROLE: Reason = Reason::new("judge", "role");

pub(super) fn judge(_: &Judging, _: &Lexicon, scene: &Scene<'_, '_>) -> Option<Verdict> {
    match &scene.utterance.role {
        Role::User | Role::Agent => None,
        Role::Other(role) => Some(Verdict {
            label: Label::Keep,
            objection: Some(ROLE.because(format!("role {role:?}"))),
            ..Verdict::default()
        }),
    }
}
