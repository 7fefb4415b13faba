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
mod policy;
mod role;
mod scene;

use heard::{Asks, Heard};
use language::Languages;
use learned::endings;
pub use learned::{WEIGHT_UNIT, slot};
pub(crate) use lexicon::Lexicon;
pub use lexicon::Words;
use lexicon::{Language, Tier};
pub(crate) use policy::{Judging, Policy};
use scene::{Floor, Habit, Scene, confirmation};

use crate::ledger::{Cause, Reason};
use crate::session::{Role, Session, Utterance};

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
    /// When the objection falls.
    pub unless: Unless,
    /// The user tells the agent to stop or to wait.
    pub waits: bool,
}

/// When an objection falls because of what follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Unless {
    /// Whatever follows.
    #[default]
    Never,
    /// When the same speaker goes on at once: a cut sentence and its continuation.
    Continued,
    /// Also when the other side answers it: a sentence that was given up, and understood all the same.
    Answered,
}

impl Verdict {
    /// Says what was heard, and objects where the recipe does not want it.
    fn new(label: Label, policy: Policy, reason: Reason, evidence: impl Into<Box<str>>) -> Self {
        Self {
            label,
            objection: (policy == Policy::Drop).then(|| reason.because(evidence)),
            ..Self::default()
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

/// Returns a verdict for every utterance of a session, in order.
#[must_use]
pub(crate) fn judge(judging: &Judging, listener: Listener<'_>, session: &Session<'_>) -> Vec<Verdict> {
    let mut verdicts = Vec::with_capacity(session.utterances.len());
    judge_each(judging, listener, session, &mut |_, verdict| verdicts.push(verdict));
    verdicts
}

/// Returns for every utterance of a session the features that the learned judge sees in it; none where it is not asked.
#[must_use]
pub(crate) fn features(judging: &Judging, listener: Listener<'_>, session: &Session<'_>) -> Vec<Option<Vec<u64>>> {
    let mut all = Vec::with_capacity(session.utterances.len());
    judge_each(judging, listener, session, &mut |scene, _| {
        all.push(disfluency::features(scene));
    });
    all
}

/// Listens to the utterances of one call, whose languages it knows.
#[derive(Clone, Copy)]
pub(crate) struct Listener<'l> {
    pub(crate) lexicon: &'l Lexicon,
    languages: Languages,
}

impl<'l> Listener<'l> {
    #[must_use]
    pub(crate) fn new(lexicon: &'l Lexicon, session: &Session<'_>) -> Self {
        let languages = Languages::of(lexicon, session);
        Self { lexicon, languages }
    }

    /// Returns the name of the language of most of some texts of the call; `None` where it is none that turnset knows.
    #[must_use]
    pub(crate) fn language<'t>(&self, texts: impl Iterator<Item = &'t str>) -> Option<&'l str> {
        self.lexicon.name(self.languages.of_most(self.lexicon, texts)?)
    }

    /// Returns whether a text asks the other side to wait: "One moment, please."
    #[must_use]
    pub(crate) fn asks_to_wait(&self, said: &str) -> bool {
        let language = self.languages.hear(self.lexicon, said);
        let mut phrases = self.lexicon.phrases(language, said);
        phrases.any(|phrase| phrase.is_some_and(|(tiers, _)| tiers.has(Tier::Hold)))
    }

    /// Returns whether a text without final punctuation may have been cut by its words; in languages that the learned
    /// judge does not know, every one may.
    #[must_use]
    pub(crate) fn may_be_cut(&self, said: &str) -> bool {
        match self.languages.hear(self.lexicon, said) {
            Language::ENGLISH | Language::MANDARIN => endings::score(said) > 0,
            _ => true,
        }
    }
}

/// Returns the features that the judge of endings sees in a text.
#[must_use]
pub(crate) fn ending_features(said: &str) -> Vec<u64> {
    let mut features = Vec::new();
    endings::features(said, &mut |feature| features.push(feature));
    features
}

fn judge_each(judging: &Judging, listener: Listener<'_>, session: &Session<'_>, see: &mut dyn FnMut(&Scene<'_, '_>, Verdict)) {
    let utterances = session.utterances.as_slice();
    let Listener { lexicon, languages } = listener;
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
    let endings = endings::hear(utterances, &all_heard, of_user);
    for (at, (utterance, heard)) in utterances.iter().zip(&all_heard).enumerate() {
        let [user, agent] = floors;
        let (mine, other, habit) = if utterance.role == Role::User {
            (user, agent, of_user)
        } else {
            (agent, user, of_agent)
        };
        // Where only one side was recorded, it seems to ask itself.
        let is_aside = !other.has_spoken && heard.is_covered && heard.counts.acknowledgements > 0;
        let aside = if is_aside { mine.asks } else { Asks::Nothing };
        let scene = Scene {
            utterance,
            heard: *heard,
            utterances,
            all_heard: &all_heard,
            at,
            habit,
            endings: &endings,
            asked: other.asks.max(aside).max(confirmation(utterances, &all_heard, at)),
            user_has_spoken,
        };
        let verdict = JUDGES
            .iter()
            .find_map(|judge| judge(judging, lexicon, &scene))
            .unwrap_or_default();
        let verdict = Verdict {
            waits: utterance.role == Role::User && heard.is_covered && heard.counts.waits > 0 && heard.counts.functions == 0,
            ..verdict
        };
        // What was asked still stands when the entry is not wanted (a greeting may ask), and while only a listener speaks.
        let says_something = !matches!(verdict.label, Label::Filler | Label::Backchannel | Label::Noise);
        let mine = mine.goes_on(heard);
        let other = other.is_told(says_something && verdict.objection.is_none());
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
