//! The words that judges know, one data file a language, looked up as phrases of normal words.

use std::collections::{BTreeMap, HashMap, HashSet};

use foldhash::fast::FixedState;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use crate::text;

/// The language files, embedded. A language is one file plus one line here.
const FILES: [(&str, &str); 10] = [
    ("en", include_str!("lexicon/en.toml")),
    ("zh", include_str!("lexicon/zh.toml")),
    ("yue", include_str!("lexicon/yue.toml")),
    ("ja", include_str!("lexicon/ja.toml")),
    ("ko", include_str!("lexicon/ko.toml")),
    ("es", include_str!("lexicon/es.toml")),
    ("fr", include_str!("lexicon/fr.toml")),
    ("de", include_str!("lexicon/de.toml")),
    ("id", include_str!("lexicon/id.toml")),
    ("ar", include_str!("lexicon/ar.toml")),
];

/// Those of them in Latin script, and every language that a recipe adds: told apart by their words.
const LATIN: [&str; 5] = ["en", "es", "fr", "de", "id"];

/// The words of one language, by tier. In a recipe, what is listed is added to the embedded language of that name,
/// and leaves every other tier that held it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Words {
    /// Filled pauses: sounds that carry no word, droppable wherever they stand ("um", "呃").
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pauses: Vec<String>,
    /// Listener signals that are hardly ever an answer unless a question precedes ("uh-huh", "嗯").
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub backchannels: Vec<String>,
    /// Answers after a question, listener signals after a statement ("okay", "对").
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub acknowledgements: Vec<String>,
    /// Discourse markers: empty when nothing else is said ("well", "那个").
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub markers: Vec<String>,
    /// What always stays: negations, commands, requests to repeat ("no", "停", "pardon").
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<String>,
    /// Words that open or link a clause and say nothing alone ("and the", "我想").
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub functions: Vec<String>,
    /// Words with which nobody ends what he has to say ("because", "the").
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dangling: Vec<String>,
    /// Whole entries that greet ("hello", "您好").
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub openings: Vec<String>,
    /// How the other is addressed beside a greeting ("sir", "老师").
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub vocatives: Vec<String>,
    /// Whole entries that say goodbye ("bye", "再见").
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub closings: Vec<String>,
    /// Whole entries that recognisers write over silence ("thanks for watching").
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hallucinations: Vec<String>,
    /// Final particles, after which a trailing word is dislocated and not dangling ("吗", "嘛").
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub particles: Vec<String>,
    /// What makes a question where it begins an utterance ("do you", "what").
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub question_words: Vec<String>,
    /// What makes a question, or a request to confirm, where it ends an utterance ("right", "吗").
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub question_ends: Vec<String>,
    /// What may ask to confirm, where it begins or ends an utterance that is no question otherwise ("so you", "right").
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub confirmations: Vec<String>,
    /// Of the words above, those that say "yes" and so answer a request to confirm; the others only take note of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub assents: Vec<String>,
    /// Ends of words that make a question which expects no answer (Korean "잖아요?").
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rhetorical: Vec<String>,
    /// Words that are numbers, which are said again on purpose ("two", "二").
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub numbers: Vec<String>,
    /// With what an agent asks to wait for its answer, anywhere in what it says ("let me check", "请稍等").
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub holds: Vec<String>,
    /// Whole entries with which a user tells an agent to stop talking or to wait ("stop", "别说了").
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub waits: Vec<String>,
}

/// A tier of words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tier {
    Pause,
    Backchannel,
    Acknowledgement,
    Marker,
    Answer,
    Function,
    Dangling,
    Opening,
    Vocative,
    Closing,
    Particle,
    QuestionWord,
    QuestionEnd,
    Number,
    Hold,
    Wait,
    Confirmation,
    Assent,
    Rhetorical,
}

/// The tiers of one phrase: they add up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tiers(u32);

impl Tiers {
    pub(super) fn has(self, tier: Tier) -> bool {
        self.0 & (1 << tier as u16) != 0
    }

    /// Whether something is said with it: a number, a phrase that asks to wait.
    pub(super) fn is_content(self) -> bool {
        let content = [Tier::Number, Tier::Hold, Tier::Confirmation];
        self.0 & !content.into_iter().fold(0, |bits, tier| bits | 1 << tier as u16) == 0
    }

    fn add(&mut self, tier: Tier) {
        self.0 |= 1 << tier as u16;
    }
}

/// A language, by its place in the lexicon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Language(u8);

impl Language {
    pub(super) const ENGLISH: Self = Self(0);
    pub(super) const MANDARIN: Self = Self(1);
    pub(super) const CANTONESE: Self = Self(2);
    pub(super) const JAPANESE: Self = Self(3);
    pub(super) const KOREAN: Self = Self(4);
    pub(super) const ARABIC: Self = Self(9);

    pub(super) fn place(self) -> usize {
        usize::from(self.0)
    }
}

/// The phrases of one language, ready for look-up.
#[derive(Debug, Default)]
struct Vocabulary {
    /// By the hash of all words.
    phrases: HashMap<u64, Tiers, FixedState>,
    /// The hashes of the first words of phrases, with the length of the longest phrase that each begins.
    longest: HashMap<u64, usize, FixedState>,
    /// Those phrases that are one word in Latin script.
    latin: HashSet<Box<str>, FixedState>,
    /// The last characters of dangling phrases: hardly any text ends in one of them.
    dangling: HashSet<char, FixedState>,
    /// The hashes of whole entries, by those of their first words.
    hallucinations: HashMap<u64, Vec<u64>, FixedState>,
}

/// All languages, ready for look-up.
#[derive(Debug, Default)]
pub(crate) struct Lexicon {
    vocabularies: Vec<Vocabulary>,
    /// What the languages are called, in the same order.
    names: Vec<Box<str>>,
    /// Words by which languages in Latin script are told apart, with the languages that use them.
    pub(super) latin: HashMap<Box<str>, u32, FixedState>,
}

impl Lexicon {
    /// Reads the embedded language files, and adds what the recipe adds to them.
    ///
    /// # Panics
    /// When an embedded file is not of the form it should have, which a test would have seen.
    #[must_use]
    pub(crate) fn new(added: &BTreeMap<String, Words>) -> Self {
        let mut lexicon = Self::default();
        for (language, file) in FILES {
            let words: Words = toml::from_str(file).unwrap_or_else(|error| panic!("lexicon {language}: {error}"));
            let mut vocabulary = Vocabulary::default();
            vocabulary.extend(&words);
            if let Some(added) = added.get(language) {
                vocabulary.override_with(added);
            }
            lexicon.vocabularies.push(vocabulary);
            lexicon.names.push(language.into());
        }
        for (name, words) in added.iter().filter(|(name, _)| FILES.iter().all(|(known, _)| known != name)) {
            let mut vocabulary = Vocabulary::default();
            vocabulary.extend(words);
            lexicon.vocabularies.push(vocabulary);
            lexicon.names.push(name.as_str().into());
        }
        let is_latin = |at: usize| FILES.get(at).is_none_or(|(name, _)| LATIN.contains(name));
        for (at, vocabulary) in lexicon.vocabularies.iter().enumerate().filter(|(at, _)| is_latin(*at)) {
            // The order makes no difference: bits add up.
            #[expect(clippy::iter_over_hash_type, reason = "see above")]
            for word in &vocabulary.latin {
                *lexicon.latin.entry(word.clone()).or_default() |= 1 << at;
            }
        }
        lexicon
    }

    /// Returns what a language is called.
    pub(super) fn name(&self, language: Language) -> Option<&str> {
        self.names.get(language.place()).map(AsRef::as_ref)
    }

    /// Looks a single normal word up.
    pub(super) fn word(&self, language: Language, word: &str) -> Tiers {
        self.tiers(language, [text::hash(word)])
    }

    /// Looks a whole phrase of normal words up, by their hashes.
    pub(super) fn tiers(&self, language: Language, phrase: impl IntoIterator<Item = u64>) -> Tiers {
        let vocabulary = self.vocabularies.get(language.place());
        vocabulary
            .and_then(|vocabulary| vocabulary.phrases.get(&text::hash_all(phrase)))
            .copied()
            .unwrap_or_default()
    }

    /// Returns whether a text that ends in this character may end in a dangling phrase.
    pub(super) fn may_dangle(&self, language: Language, last: char) -> bool {
        let vocabulary = self.vocabularies.get(language.place());
        vocabulary.is_some_and(|vocabulary| vocabulary.dangling.contains(&last))
    }

    /// Returns whether a whole entry is one that recognisers write over silence.
    pub(super) fn is_hallucination(&self, language: Language, said: &str) -> bool {
        let vocabulary = self.vocabularies.get(language.place());
        let first = text::word_hashes(said).next();
        let known = vocabulary
            .zip(first)
            .and_then(|(known, first)| known.hallucinations.get(&first));
        known.is_some_and(|known| known.contains(&text::hash_all(text::word_hashes(said))))
    }

    /// Returns whether a normal word is a number in any language, or holds a digit.
    pub(crate) fn is_number(&self, word: &str) -> bool {
        let key = text::hash_all([text::hash(word)]);
        let is_number = |known: &Vocabulary| known.phrases.get(&key).is_some_and(|tiers| tiers.has(Tier::Number));
        word.chars().any(char::is_numeric) || self.vocabularies.iter().any(is_number)
    }

    /// Returns the language of a bit in [`Lexicon::latin`].
    pub(super) fn language(bit: u32) -> Language {
        Language(u8::try_from(bit).unwrap_or_default())
    }

    /// Cuts a text into the longest known phrases; a word that no phrase begins with comes as `None`.
    pub(super) fn phrases<'l>(&'l self, language: Language, said: &'l str) -> impl Iterator<Item = Option<(Tiers, u8)>> + 'l {
        let vocabulary = self.vocabularies.get(language.place());
        let mut words = text::word_hashes(said);
        let mut ahead: SmallVec<[u64; 8]> = SmallVec::new();
        std::iter::from_fn(move || {
            if ahead.is_empty() {
                ahead.push(words.next()?);
            }
            // Most texts end here: their first word begins no phrase, and no other word is looked at.
            let longest = vocabulary
                .and_then(|known| known.longest.get(ahead.first()?))
                .copied()
                .unwrap_or_default();
            ahead.extend(words.by_ref().take(longest.saturating_sub(ahead.len())));
            for length in (1..=longest.min(ahead.len())).rev() {
                let key = text::hash_all(ahead.iter().take(length).copied());
                if let Some(tiers) = vocabulary.and_then(|known| known.phrases.get(&key)) {
                    ahead.drain(..length);
                    return Some(Some((*tiers, u8::try_from(length).unwrap_or(u8::MAX))));
                }
            }
            ahead.remove(0);
            Some(None)
        })
    }
}

/// A word that tells languages in Latin script apart: not too short to be in all of them.
fn is_latin_word(phrase: &str) -> bool {
    phrase.len() > 1 && phrase.chars().all(|c| c.is_alphabetic() && c < '\u{250}')
}

impl Vocabulary {
    fn extend(&mut self, words: &Words) {
        for (tier, phrases) in words.tiers() {
            for phrase in phrases {
                if tier == Tier::Dangling {
                    let last = text::words(phrase).next_back();
                    self.dangling.extend(last.and_then(|last| last.chars().next_back()));
                }
                let key = self.enter(phrase);
                self.phrases.entry(key).or_default().add(tier);
            }
        }
        for entry in &words.hallucinations {
            let first = text::word_hashes(entry).next().unwrap_or_default();
            let whole = text::hash_all(text::word_hashes(entry));
            self.hallucinations.entry(first).or_default().push(whole);
        }
    }

    fn override_with(&mut self, words: &Words) {
        for (_, phrases) in words.tiers() {
            for phrase in phrases {
                let key = self.enter(phrase);
                self.phrases.remove(&key);
            }
        }
        self.extend(words);
    }

    /// Remembers how a phrase begins, and returns its key.
    fn enter(&mut self, phrase: &str) -> u64 {
        let words: Vec<_> = text::words(phrase).collect();
        if let [word] = words.as_slice()
            && is_latin_word(word)
        {
            self.latin.insert(word.as_ref().into());
        }
        let hashes: Vec<u64> = words.iter().map(|word| text::hash(word)).collect();
        if let Some(first) = hashes.first() {
            let longest = self.longest.entry(*first).or_default();
            *longest = hashes.len().max(*longest);
        }
        text::hash_all(hashes)
    }
}

impl Words {
    fn tiers(&self) -> [(Tier, &[String]); 19] {
        let Self {
            pauses,
            backchannels,
            acknowledgements,
            markers,
            answers,
            functions,
            dangling,
            openings,
            vocatives,
            closings,
            hallucinations: _,
            particles,
            question_words,
            question_ends,
            numbers,
            holds,
            waits,
            confirmations,
            assents,
            rhetorical,
        } = self;
        [
            (Tier::Pause, pauses),
            (Tier::Backchannel, backchannels),
            (Tier::Acknowledgement, acknowledgements),
            (Tier::Marker, markers),
            (Tier::Answer, answers),
            (Tier::Function, functions),
            (Tier::Dangling, dangling),
            (Tier::Opening, openings),
            (Tier::Vocative, vocatives),
            (Tier::Closing, closings),
            (Tier::Particle, particles),
            (Tier::QuestionWord, question_words),
            (Tier::QuestionEnd, question_ends),
            (Tier::Number, numbers),
            (Tier::Hold, holds),
            (Tier::Wait, waits),
            (Tier::Confirmation, confirmations),
            (Tier::Assent, assents),
            (Tier::Rhetorical, rhetorical),
        ]
    }
}
