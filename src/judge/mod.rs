//! Judges of utterances: what is heard in each one, and whether the recipe wants it.
//!
//! A judge borrows what it judges. The first judge that objects decides; a later one is not asked.

mod blank;
mod closing;
mod disfluency;
mod greeting;
mod heard;
mod kind;
mod language;
mod learned;
mod lexicon;
mod noise;
mod role;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use heard::Heard;
use language::Languages;
pub use learned::{SHAPE, slot};
pub(crate) use lexicon::Lexicon;
pub use lexicon::Words;

use crate::ledger::{Cause, Reason};
use crate::session::{Role, Session, Utterance};
use crate::text::End;

/// What is heard in an utterance, whatever becomes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Label {
    /// Something is said.
    #[default]
    Keep,
    /// Hesitation without a word that means anything: "um", "那个……".
    Filler,
    /// A listener's signal that answers nothing: "uh-huh" while the other goes on.
    Backchannel,
    /// The beginning of something that is not said: "I...".
    Fragment,
    /// A greeting and nothing else.
    Greeting,
    /// A farewell and nothing else, at the end of the call.
    Closing,
    /// Nothing that can be read.
    Noise,
}

impl Label {
    /// Returns the word used in the ledger's column `label`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Filler => "filler",
            Self::Backchannel => "backchannel",
            Self::Fragment => "fragment",
            Self::Greeting => "greeting",
            Self::Closing => "closing",
            Self::Noise => "noise",
        }
    }
}

/// What the judges say of one utterance.
#[derive(Debug, Clone, Default)]
pub(crate) struct Verdict {
    /// What was heard.
    pub label: Label,
    /// Why it should go, if it should.
    pub objection: Option<Cause>,
    /// The objection falls when the same speaker goes on at once: a cut sentence and its continuation.
    pub unless_continued: bool,
}

impl Verdict {
    /// Says what was heard, and objects where the recipe does not want it.
    fn new(label: Label, policy: Policy, reason: Reason, evidence: impl Into<Box<str>>) -> Self {
        Self {
            label,
            objection: (policy == Policy::Drop).then(|| reason.because(evidence)),
            unless_continued: false,
        }
    }
}

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
    pub greetings: Policy,
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
            greetings: Policy::Drop,
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
    fn acknowledgements(&self) -> Policy {
        self.acknowledgements.unwrap_or(match self.strictness {
            Strictness::Lenient => Policy::Keep,
            Strictness::Balanced | Strictness::Strict => Policy::Drop,
        })
    }

    fn learned(&self) -> i32 {
        self.learned.unwrap_or(match self.strictness {
            Strictness::Lenient => 300,
            Strictness::Balanced => 120,
            Strictness::Strict => 0,
        })
    }

    fn fragment_units(&self) -> u32 {
        self.fragment_units.unwrap_or(match self.strictness {
            Strictness::Lenient => 0,
            Strictness::Balanced => 4,
            Strictness::Strict => u32::MAX,
        })
    }
}

/// An utterance in its call, as far as a judge may look.
#[derive(Debug, Clone, Copy)]
struct Scene<'s, 'a> {
    utterance: &'s Utterance<'a>,
    heard: Heard,
    /// The whole call, and the place of the utterance in it.
    utterances: &'s [Utterance<'a>],
    all_heard: &'s [Heard],
    at: usize,
    /// How the speaker's entries end.
    habit: Habit,
    /// Whether the other side asked something that is not yet answered.
    is_asked: bool,
    /// Whether the other side has said anything yet.
    other_has_spoken: bool,
    /// Whether the user has already said something that was kept.
    user_has_spoken: bool,
}

impl Scene<'_, '_> {
    fn said(&self) -> &str {
        &self.utterance.text
    }
}

/// How the entries of one side end, as far as they hold more than listener's signals: a missing full stop says
/// something only where there are others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Habit {
    Unknown,
    AlwaysStops,
    OftenStops,
    NeverStops,
}

impl Habit {
    fn of<'s>(heard: impl Iterator<Item = &'s Heard>) -> Self {
        let (mut all, mut open) = (0, 0);
        for heard in heard.filter(|heard| !heard.is_covered) {
            all += 1;
            open += u32::from(matches!(heard.end, End::Open | End::TrailsOff));
        }
        match (all, open * 100 / u32::max(all, 1)) {
            (..4, _) => Self::Unknown,
            (_, ..3) => Self::AlwaysStops,
            (_, ..70) => Self::OftenStops,
            _ => Self::NeverStops,
        }
    }
}

type Judge = fn(&Judging, &Lexicon, &Scene<'_, '_>) -> Option<Verdict>;

/// The judges, in the order in which they are asked. A judge is one file plus one line here.
const JUDGES: [Judge; 7] = [
    role::judge,
    blank::judge,
    noise::judge,
    greeting::judge,
    kind::judge,
    closing::judge,
    disfluency::judge,
];

/// Which side has the floor, and what it left open.
#[derive(Debug, Clone, Copy, Default)]
struct Floor {
    has_spoken: bool,
    asks: bool,
}

/// Returns a verdict for every utterance of a session, in order.
#[must_use]
pub(crate) fn judge(judging: &Judging, lexicon: &Lexicon, session: &Session<'_>) -> Vec<Verdict> {
    let mut verdicts = Vec::with_capacity(session.utterances.len());
    judge_each(judging, lexicon, session, &mut |_, verdict| verdicts.push(verdict));
    verdicts
}

/// Returns for every utterance of a session the features that the learned judge sees in it; none where it is not asked.
#[must_use]
pub(crate) fn features(judging: &Judging, lexicon: &Lexicon, session: &Session<'_>) -> Vec<Option<Vec<u64>>> {
    let mut all = Vec::with_capacity(session.utterances.len());
    judge_each(judging, lexicon, session, &mut |scene, _| {
        all.push(disfluency::features(scene));
    });
    all
}

fn judge_each(judging: &Judging, lexicon: &Lexicon, session: &Session<'_>, see: &mut dyn FnMut(&Scene<'_, '_>, Verdict)) {
    let utterances = session.utterances.as_slice();
    let languages = Languages::of(lexicon, session);
    let hear = |utterance: &Utterance<'_>| Heard::of(lexicon, languages, &utterance.text);
    let all_heard: Vec<Heard> = utterances.iter().map(hear).collect();
    let mut floors = [Floor::default(); 2];
    let mut user_has_spoken = false;
    let habit = |role: &Role<'_>| {
        Habit::of(
            utterances
                .iter()
                .zip(&all_heard)
                .filter(|(said, _)| said.role == *role)
                .map(|(_, heard)| heard),
        )
    };
    let (of_user, of_agent) = (habit(&Role::User), habit(&Role::Agent));
    for (at, (utterance, heard)) in utterances.iter().zip(&all_heard).enumerate() {
        let [user, agent] = floors;
        let (mine, other, habit) = if utterance.role == Role::User {
            (user, agent, of_user)
        } else {
            (agent, user, of_agent)
        };
        let scene = Scene {
            utterance,
            heard: *heard,
            utterances,
            all_heard: &all_heard,
            at,
            habit,
            is_asked: other.asks,
            other_has_spoken: other.has_spoken,
            user_has_spoken,
        };
        let verdict = JUDGES
            .iter()
            .find_map(|judge| judge(judging, lexicon, &scene))
            .unwrap_or_default();
        // What was asked still stands when the entry is not wanted (a greeting may ask), and while only a listener speaks.
        let says_something = !matches!(verdict.label, Label::Filler | Label::Backchannel | Label::Noise);
        let mine = Floor {
            has_spoken: true,
            asks: heard.asks || mine.asks,
        };
        let other = Floor {
            asks: other.asks && !(says_something && verdict.objection.is_none()),
            ..other
        };
        match utterance.role {
            Role::User => {
                user_has_spoken |= says_something && verdict.objection.is_none();
                floors = [mine, other];
            }
            Role::Agent => floors = [other, mine],
            Role::Other(_) => {}
        }
        see(&scene, verdict);
    }
}
