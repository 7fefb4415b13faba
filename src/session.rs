//! The session: one call, understood. Also what grows out of it: turns and exchanges.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use twox_hash::XxHash3_128;

use crate::digest::hash;

/// Who spoke an utterance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role<'a> {
    /// The human.
    User,
    /// The voice agent.
    Agent,
    /// Anyone else: the set of roles is open.
    Other(Cow<'a, str>),
}

impl Role<'_> {
    /// Returns the word of the archive.
    #[must_use]
    pub fn word(&self) -> &str {
        match self {
            Self::User => "user",
            Self::Agent => "agent",
            Self::Other(word) => word,
        }
    }
}

/// One dialog entry, as recognised or spoken.
#[derive(Debug, Clone)]
pub struct Utterance<'a> {
    /// Its place in the archived dialog, counted from 1.
    pub position: u32,
    /// Its `id`, or its position where the archive has none.
    pub id: i64,
    /// Milliseconds from the start of the call; `None` where the archive has no usable `begin`.
    pub begin: Option<i64>,
    /// Who spoke.
    pub role: Role<'a>,
    /// The archive's `type`: an open set, `normal` and `greeting` among them.
    pub kind: Cow<'a, str>,
    /// What was said, without the blanks around it; may be empty.
    pub text: Cow<'a, str>,
}

impl Utterance<'_> {
    /// Whether a third party says something: what stands on the two sides of it does not belong together.
    #[must_use]
    pub(crate) fn divides(&self) -> bool {
        matches!(self.role, Role::Other(_)) && !self.text.is_empty()
    }
}

/// One call, understood.
#[derive(Debug, Clone)]
pub struct Session<'a> {
    /// The `instanceid`, or `content-` and a digest of the content where the archive has none.
    pub id: Cow<'a, str>,
    /// The human's id as archived: personal data.
    pub user: Option<Cow<'a, str>>,
    /// Unix milliseconds.
    pub started_at: Option<i64>,
    /// In the order of the call.
    pub utterances: Vec<Utterance<'a>>,
    /// Digest of everything above: the same for any spelling of the same call.
    pub content: u128,
    /// What is odd about the order of the archived entries, in words.
    pub oddity: Option<String>,
}

impl<'a> Session<'a> {
    /// Makes a session: puts the utterances in order and names it by its content where it has no id.
    #[must_use]
    pub fn new(
        id: Option<Cow<'a, str>>,
        user: Option<Cow<'a, str>>,
        started_at: Option<i64>,
        mut utterances: Vec<Utterance<'a>>,
    ) -> Self {
        put_in_order(&mut utterances);
        let oddity = oddity(&utterances);
        let content = digest(id.as_deref(), user.as_deref(), started_at, &utterances);
        let id = id.unwrap_or_else(|| Cow::Owned(format!("content-{content:032x}")));
        Self {
            id,
            user,
            started_at,
            utterances,
            content,
            oddity,
        }
    }
}

/// Says what an archive should not hold: entries without a time, ids that run against time.
fn oddity(utterances: &[Utterance<'_>]) -> Option<String> {
    let untimed = utterances.iter().filter(|utterance| utterance.begin.is_none()).count();
    let against = utterances
        .windows(2)
        .filter(|pair| matches!(pair, [a, b] if a.id > b.id))
        .count();
    match (untimed, against) {
        (0, 0) => None,
        (untimed, 0) => Some(format!("{untimed} entries without a usable begin")),
        (0, against) => Some(format!("ids run against begin at {against} places")),
        (untimed, against) => Some(format!(
            "{untimed} entries without a usable begin, ids run against begin at {against} places"
        )),
    }
}

/// Sorts by (`begin`, `id`), stably.
///
/// An entry without a usable `begin` stays behind the entry it follows in the file, since ids are not time.
/// Where `begin` and `id` both tie, the other role goes first if that saves a turn from being glued to itself.
fn put_in_order(utterances: &mut [Utterance<'_>]) {
    let rank = |utterance: &Utterance<'_>| (utterance.begin, utterance.id);
    let timed = utterances.iter().all(|utterance| utterance.begin.is_some());
    if timed && utterances.windows(2).all(|pair| matches!(pair, [a, b] if rank(a) < rank(b))) {
        return;
    }
    // (begin, id) of the timed entry that leads, then the place in the file.
    let mut lead = (None, i64::MIN);
    let mut keys = std::collections::BTreeMap::new();
    for utterance in utterances.iter() {
        if utterance.begin.is_some() {
            lead = rank(utterance);
        }
        keys.insert(utterance.position, (lead, utterance.position));
    }
    utterances.sort_by_key(|utterance| keys.get(&utterance.position).copied());
    for at in 1..utterances.len().saturating_sub(1) {
        if let Some([last, next, later]) = utterances.get_mut(at - 1..at + 2)
            && next.begin.is_some()
            && rank(next) == rank(later)
            && next.role == last.role
            && later.role != last.role
            && !next.text.is_empty()
            && !later.text.is_empty()
        {
            std::mem::swap(next, later);
        }
    }
}

fn digest(id: Option<&str>, user: Option<&str>, started_at: Option<i64>, utterances: &[Utterance<'_>]) -> u128 {
    let mut bytes = Vec::with_capacity(64 + 64 * utterances.len());
    let number = |bytes: &mut Vec<u8>, number: Option<i64>| {
        bytes.push(u8::from(number.is_some()));
        bytes.extend_from_slice(&number.unwrap_or_default().to_le_bytes());
    };
    for text in [id, user] {
        bytes.push(u8::from(text.is_some()));
        bytes.extend_from_slice(&hash(text.unwrap_or_default()).to_le_bytes());
    }
    number(&mut bytes, started_at);
    for utterance in utterances {
        number(&mut bytes, utterance.begin);
        number(&mut bytes, Some(utterance.id));
        for text in [utterance.role.word(), &utterance.kind, &utterance.text] {
            bytes.extend_from_slice(&hash(text).to_le_bytes());
        }
    }
    XxHash3_128::oneshot(&bytes)
}

/// Whose turns a model learns, as the chat format's assistant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Perspective {
    /// The agent's: a voice agent is trained.
    #[default]
    Agent,
    /// The user's: a simulator of callers is trained. The roles are swapped: the agent is the chat format's user, and the
    /// call begins with its greeting.
    User,
}

/// Indices into a session's utterances: mostly one or two.
pub(crate) type Places = smallvec::SmallVec<[usize; 4]>;

/// What one side says until the other side answers.
#[derive(Debug, Clone)]
pub(crate) struct Turn<'a> {
    /// The utterances merged, with a joiner that knows scripts.
    pub text: Cow<'a, str>,
    /// Indices into the session's utterances, in order; never empty.
    pub utterances: Places,
    /// Milliseconds from the start of the call, of the first utterance.
    pub begin: Option<i64>,
    /// The user cut in, as the archive says or as was inferred (agent turns only).
    pub interrupted: bool,
}

/// A user turn and the agent turn that answers it; with [`Perspective::User`] the other way round.
#[derive(Debug, Clone)]
pub(crate) struct Exchange<'a> {
    /// The request.
    pub request: Turn<'a>,
    /// The answer.
    pub answer: Turn<'a>,
    /// Whether a model should learn this answer, or only read it as context.
    pub learn: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(entries: &[(i64, Option<i64>, &'static str)]) -> Vec<u32> {
        let utterances = entries
            .iter()
            .zip(1..)
            .map(|(&(id, begin, role), position)| Utterance {
                position,
                id,
                begin,
                role: if role == "user" { Role::User } else { Role::Agent },
                kind: "normal".into(),
                text: "x".into(),
            })
            .collect();
        let session = Session::new(None, None, None, utterances);
        session.utterances.iter().map(|utterance| utterance.position).collect()
    }

    #[test]
    fn begin_wins_over_id_and_id_over_the_file() {
        assert_eq!(order(&[(1, Some(9), "user"), (2, Some(5), "agent")]), [2, 1]);
        assert_eq!(order(&[(2, Some(5), "user"), (1, Some(5), "agent")]), [2, 1]);
    }

    #[test]
    fn an_entry_without_begin_stays_behind_the_one_it_follows() {
        assert_eq!(
            order(&[(1, Some(9), "user"), (2, None, "agent"), (3, Some(5), "user")]),
            [3, 1, 2]
        );
        assert_eq!(order(&[(1, None, "user"), (2, Some(1), "agent")]), [1, 2]);
    }

    #[test]
    fn a_full_tie_lets_the_other_role_answer_first() {
        assert_eq!(
            order(&[(1, Some(1), "user"), (7, Some(5), "user"), (7, Some(5), "agent")]),
            [1, 3, 2]
        );
    }
}
