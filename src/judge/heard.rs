//! What can be heard in an utterance alone, whatever stands around it.

use smallvec::SmallVec;

use super::language::Languages;
use super::lexicon::{Language, Lexicon, Tier, Tiers};
use crate::text::{self, End};

/// A text of more bytes is long.
const LONG: usize = 60;

/// An utterance by the tiers of its words.
#[derive(Debug, Clone, Copy)]
pub(super) struct Heard {
    pub(super) language: Language,
    /// How many phrases of each kind it holds, as far as every word is known.
    pub(super) counts: Counts,
    /// Whether every word is known to the lexicon. One that is not is content.
    pub(super) is_covered: bool,
    pub(super) end: End,
    /// Whether it ends in a phrase with which nobody ends what he has to say.
    pub(super) dangles: bool,
    /// Whether it asks something.
    pub(super) asks: Asks,
}

/// Whether something is asked, and of what kind an answer would be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Asks {
    #[default]
    Nothing,
    /// It may ask to confirm what it says ("so you went there"): a "yes" answers it, an "okay" only takes note.
    Confirmation,
    /// It asks.
    Question,
}

impl Asks {
    fn of(is_question: bool, confirms: bool) -> Self {
        match (is_question, confirms) {
            (true, _) => Self::Question,
            (false, true) => Self::Confirmation,
            (false, false) => Self::Nothing,
        }
    }
}

/// How many phrases of each tier an utterance consists of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) pauses: u8,
    pub(super) backchannels: u8,
    pub(super) acknowledgements: u8,
    pub(super) markers: u8,
    pub(super) answers: u8,
    pub(super) functions: u8,
    pub(super) openings: u8,
    pub(super) closings: u8,
    pub(super) vocatives: u8,
    /// Those of the answers that tell an agent to stop or to wait.
    pub(super) waits: u8,
    /// Those of all that say "yes".
    pub(super) assents: u8,
}

impl Heard {
    /// Listens to an utterance.
    pub(super) fn of(lexicon: &Lexicon, languages: Languages, said: &str) -> Self {
        let end = text::end(said);
        if matches!(end, End::Stop | End::Question) && said.len() > LONG {
            // A long sentence that ends as one: no lexicon covers it, in whatever language.
            return Self {
                language: Language::ENGLISH,
                counts: Counts::default(),
                is_covered: false,
                end,
                dangles: false,
                asks: question(lexicon, said, end),
            };
        }
        let language = languages.hear(lexicon, said);
        let mut counts = Counts::default();
        let mut is_covered = true;
        let (mut opens_as_question, mut opens_as_check) = (false, false);
        for phrase in lexicon.phrases(language, said) {
            let Some((tiers, _)) = phrase else {
                is_covered = false;
                break;
            };
            opens_as_question |= tiers.has(Tier::QuestionWord);
            opens_as_check |= tiers.has(Tier::Confirmation);
            if !counts.enter(tiers) {
                is_covered = false;
                break;
            }
        }
        let tail = if end == End::Question {
            Tail::default()
        } else {
            Tail::of(lexicon, language, said)
        };
        Self {
            language,
            counts,
            is_covered: is_covered && counts != Counts::default(),
            end,
            dangles: end != End::Question && tail.dangles,
            // Where there is punctuation, it says what is a question.
            asks: if end == End::Question {
                question(lexicon, said, end)
            } else if end == End::Stop || is_covered {
                Asks::Nothing
            } else {
                Asks::of(opens_as_question, opens_as_check).max(tail.asks)
            },
        }
    }

    /// Whether the speaker hesitates: a filled pause, or a trailing off.
    pub(super) fn hesitates(&self) -> bool {
        self.counts.pauses > 0 || self.end == End::TrailsOff
    }
}

impl Counts {
    /// Enters one phrase; `false` where its tiers say nothing about what it is alone.
    fn enter(&mut self, tiers: Tiers) -> bool {
        self.waits = self.waits.saturating_add(u8::from(tiers.has(Tier::Wait)));
        self.assents = self.assents.saturating_add(u8::from(tiers.has(Tier::Assent)));
        let count = if tiers.has(Tier::Answer) || tiers.has(Tier::Wait) {
            &mut self.answers
        } else if tiers.has(Tier::Closing) {
            &mut self.closings
        } else if tiers.has(Tier::Opening) {
            &mut self.openings
        } else if tiers.has(Tier::Pause) {
            &mut self.pauses
        } else if tiers.has(Tier::Backchannel) {
            &mut self.backchannels
        } else if tiers.has(Tier::Acknowledgement) {
            &mut self.acknowledgements
        } else if tiers.has(Tier::Marker) {
            &mut self.markers
        } else if tiers.has(Tier::Function) {
            &mut self.functions
        } else if tiers.has(Tier::Vocative) {
            &mut self.vocatives
        } else {
            return false;
        };
        *count = count.saturating_add(1);
        true
    }
}

impl std::fmt::Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let named = [
            (self.pauses, "pause"),
            (self.backchannels, "backchannel"),
            (self.acknowledgements, "acknowledgement"),
            (self.markers, "marker"),
            (self.answers, "answer"),
            (self.functions, "function phrase"),
        ];
        let mut first = true;
        for (count, name) in named.into_iter().filter(|(count, _)| *count > 0) {
            let (comma, plural) = (if first { "" } else { ", " }, if count > 1 { "s" } else { "" });
            write!(f, "{comma}{count} {name}{plural}")?;
            first = false;
        }
        if first { f.write_str("no words") } else { Ok(()) }
    }
}

/// Tells a question from one that expects no answer, as far as punctuation goes. Korean ends many statements as
/// questions, and listeners nod to them.
fn question(lexicon: &Lexicon, said: &str, end: End) -> Asks {
    let said = said.trim_end_matches(|c: char| !c.is_alphanumeric());
    let is_korean = || said.chars().next_back().and_then(text::script) == Some(text::Script::Hangul);
    if end != End::Question {
        return Asks::Nothing;
    }
    let mut ends = said.char_indices().rev().take(6).filter_map(|(at, _)| said.get(at..));
    let is_rhetorical = is_korean() && ends.any(|end| lexicon.word(Language::KOREAN, end).has(Tier::Rhetorical));
    Asks::of(!is_rhetorical, is_rhetorical)
}

/// What the last words say.
#[derive(Default)]
struct Tail {
    dangles: bool,
    asks: Asks,
}

impl Tail {
    fn of(lexicon: &Lexicon, language: Language, said: &str) -> Self {
        let said = said.trim_end_matches(|c: char| !c.is_alphanumeric());
        let Some(last) = said.chars().next_back() else {
            return Self::default();
        };
        if matches!(text::script(last), Some(text::Script::Han | text::Script::Kana)) {
            Self::unspaced(lexicon, language, said)
        } else {
            Self::spaced(lexicon, language, said)
        }
    }

    /// The last words of a script with spaces.
    fn spaced(lexicon: &Lexicon, language: Language, said: &str) -> Self {
        let mut words = text::words(said).rev().take(6).peekable();
        while let Some(word) = words.peek()
            && lexicon.word(language, word).has(Tier::Pause)
        {
            words.next();
        }
        let (mut dangles, mut asks) = (false, Asks::Nothing);
        if language == Language::KOREAN
            && let Some(word) = words.peek()
        {
            // Korean asks with the end of a word.
            let mut ends = word.char_indices().rev().take(3).filter_map(|(at, _)| word.get(at..));
            let is_question = ends.any(|end| lexicon.word(language, end).has(Tier::QuestionEnd));
            asks = Asks::of(is_question, false);
        }
        let last: SmallVec<[u64; 4]> = words.take(4).map(|word| text::hash(&word)).collect();
        for length in 1..=last.len() {
            let tiers = lexicon.tiers(language, last.iter().take(length).rev().copied());
            dangles |= tiers.has(Tier::Dangling);
            asks = asks.max(Asks::of(tiers.has(Tier::QuestionEnd), tiers.has(Tier::Confirmation)));
        }
        Self { dangles, asks }
    }

    /// The last words of a script without spaces, where a dictionary has to say what is a word.
    fn unspaced(lexicon: &Lexicon, language: Language, said: &str) -> Self {
        let mut said = said;
        while let Some(last) = said.chars().next_back()
            && lexicon.word(language, last.encode_utf8(&mut [0; 4])).has(Tier::Pause)
        {
            said = said.trim_end_matches(|c: char| c == last || !c.is_alphanumeric());
        }
        let (mut dangles, mut asks) = (false, Asks::Nothing);
        let may_dangle = said
            .chars()
            .next_back()
            .is_some_and(|last| lexicon.may_dangle(language, last));
        let mut last: SmallVec<[u64; 6]> = SmallVec::new();
        for (at, c) in said.char_indices().rev().take(6).take_while(|(_, c)| c.is_alphanumeric()) {
            last.push(text::hash(c.encode_utf8(&mut [0; 4])));
            let tiers = lexicon.tiers(language, last.iter().rev().copied());
            asks = asks.max(Asks::of(tiers.has(Tier::QuestionEnd), tiers.has(Tier::Confirmation)));
            // A particle in front of it ends the clause: what follows is dislocated.
            let is_dislocated = || {
                let before = said.get(..at).and_then(|before| before.chars().next_back());
                before.is_some_and(|before| lexicon.word(language, before.encode_utf8(&mut [0; 4])).has(Tier::Particle))
            };
            dangles |= may_dangle && tiers.has(Tier::Dangling) && !is_dislocated() && text::is_word_end(said, said.len() - at);
        }
        Self { dangles, asks }
    }
}
