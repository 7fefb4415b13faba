//! The words that judges know, one data file a language, looked up as phrases of normal words.

use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};

use foldhash::fast::FixedState;
use serde::Deserialize;

use crate::text;

/// The language files, embedded.
const FILES: [(&str, &str); 2] = [
    ("en", include_str!("lexicon/en.toml")),
    ("zh", include_str!("lexicon/zh.toml")),
];

/// What a phrase is, in any language: tiers of one phrase add up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tiers {
    pub(super) pause: bool,
    pub(super) backchannel: bool,
    pub(super) marker: bool,
    pub(super) function: bool,
    pub(super) dangling: bool,
    pub(super) opening: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    pauses: Vec<String>,
    backchannels: Vec<String>,
    markers: Vec<String>,
    functions: Vec<String>,
    dangling: Vec<String>,
    openings: Vec<String>,
}

/// All languages together, ready for look-up.
#[derive(Debug, Default)]
pub(crate) struct Lexicon {
    phrases: HashMap<Box<str>, Tiers, FixedState>,
    /// The first words of phrases, with the length of the longest phrase that each begins.
    longest: HashMap<Box<str>, usize, FixedState>,
}

impl Lexicon {
    /// Reads the embedded language files.
    ///
    /// # Panics
    /// When an embedded file is not of the form it should have, which a test would have seen.
    #[must_use]
    pub(crate) fn embedded() -> Self {
        let mut lexicon = Self::default();
        for (language, file) in FILES {
            let file: File = toml::from_str(file).unwrap_or_else(|error| panic!("lexicon {language}: {error}"));
            lexicon.add(&file.pauses, |tiers| tiers.pause = true);
            lexicon.add(&file.backchannels, |tiers| tiers.backchannel = true);
            lexicon.add(&file.markers, |tiers| tiers.marker = true);
            lexicon.add(&file.functions, |tiers| tiers.function = true);
            lexicon.add(&file.dangling, |tiers| tiers.dangling = true);
            lexicon.add(&file.openings, |tiers| tiers.opening = true);
        }
        lexicon
    }

    fn add(&mut self, phrases: &[String], tier: impl Fn(&mut Tiers)) {
        for phrase in phrases {
            let words: Vec<_> = text::words(phrase).collect();
            if let Some(first) = words.first() {
                let longest = self.longest.entry(first.as_ref().into()).or_default();
                *longest = words.len().max(*longest);
            }
            tier(self.phrases.entry(words.join(" ").into()).or_default());
        }
    }

    /// Cuts a text into the longest known phrases; a word that no phrase begins with comes as `None`.
    pub(super) fn phrases<'l>(&'l self, said: &'l str) -> impl Iterator<Item = Option<Tiers>> + 'l {
        let mut words = text::words(said);
        let mut ahead: VecDeque<Cow<'l, str>> = VecDeque::new();
        let mut phrase = String::new();
        std::iter::from_fn(move || {
            let first = ahead.pop_front().or_else(|| words.next())?;
            // Most texts end here: their first word begins no phrase, and no other word is looked at.
            let Some(&longest) = self.longest.get(first.as_ref()) else {
                return Some(None);
            };
            ahead.push_front(first);
            while ahead.len() < longest
                && let Some(word) = words.next()
            {
                ahead.push_back(word);
            }
            for length in (1..=longest.min(ahead.len())).rev() {
                phrase.clear();
                for word in ahead.iter().take(length) {
                    if !phrase.is_empty() {
                        phrase.push(' ');
                    }
                    phrase.push_str(word);
                }
                if let Some(tiers) = self.phrases.get(phrase.as_str()) {
                    ahead.drain(..length);
                    return Some(Some(*tiers));
                }
            }
            ahead.pop_front().map(|_| None)
        })
    }
}
