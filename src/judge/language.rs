//! Tells which language an utterance is in, from its script and from the words of its call.

use super::lexicon::{Language, Lexicon};
use crate::session::Session;
use crate::text::{self, Script};

/// How many characters of a text are looked at.
const GLANCE: usize = 40;
/// How many Han characters of a call are looked at.
const ENOUGH: u32 = 120;
/// How many votes a language in Latin script must be ahead of all others to be that of a call.
const LEAD: u32 = 4;

/// Whether a character is written in Cantonese and hardly ever in Mandarin.
fn is_cantonese(c: char) -> bool {
    matches!(
        c,
        '嘅' | '咗'
            | '喺'
            | '佢'
            | '哋'
            | '唔'
            | '冇'
            | '㗎'
            | '嚟'
            | '噉'
            | '咁'
            | '啲'
            | '嗰'
            | '乜'
            | '嘢'
            | '咩'
            | '喇'
            | '囖'
            | '睇'
            | '俾'
            | '啱'
            | '咪'
            | '嘥'
            | '畀'
            | '揾'
            | '嗌'
            | '攞'
    )
}

/// What the languages of a call are, where a script has several.
#[derive(Debug, Clone, Copy)]
pub(super) struct Languages {
    latin: Language,
    /// Whether enough words were heard to tell that.
    is_latin_known: bool,
    /// Whether a second language in Latin script was heard.
    is_mixed: bool,
    han: Language,
}

impl Languages {
    /// Listens to the beginning of a call.
    pub(super) fn of(lexicon: &Lexicon, session: &Session<'_>) -> Self {
        let mut votes = [0; 32];
        let (mut kana, mut cantonese, mut han) = (0, 0, 0);
        let mut decided = false;
        for utterance in &session.utterances {
            let glance = || utterance.text.chars().take(GLANCE);
            match glance().find_map(text::script) {
                Some(Script::Latin) if !decided => {
                    vote(lexicon, &utterance.text, &mut votes);
                    decided = lead(&votes).1 >= LEAD;
                }
                Some(Script::Han | Script::Kana) if han < ENOUGH => {
                    for c in glance() {
                        match text::script(c) {
                            Some(Script::Kana) => kana += 1,
                            Some(Script::Han) if is_cantonese(c) => cantonese += 1,
                            Some(Script::Han) => han += 1,
                            _ => {}
                        }
                    }
                }
                _ => {}
            }
        }
        let (latin, ahead) = lead(&votes);
        let spoken = votes.iter().filter(|&&votes| votes > 0).count();
        Self {
            latin: if ahead > 0 { latin } else { Language::ENGLISH },
            is_latin_known: ahead > 1,
            is_mixed: !decided && spoken > 1,
            han: if kana > han / 4 {
                Language::JAPANESE
            } else if cantonese > han / 40 {
                Language::CANTONESE
            } else {
                Language::MANDARIN
            },
        }
    }

    /// Returns the language of most of some texts by their bytes; `None` where it is none that the lexicon knows.
    pub(super) fn of_most<'t>(self, lexicon: &Lexicon, texts: impl Iterator<Item = &'t str>) -> Option<Language> {
        let mut bytes = [0; 32];
        let mut unknown = 0;
        for text in texts {
            let said = match text.chars().find_map(text::script) {
                None => continue,
                Some(Script::Other) => None,
                Some(Script::Latin) if !self.is_latin_known => None,
                Some(_) => bytes.get_mut(self.hear(lexicon, text).place()),
            };
            *said.unwrap_or(&mut unknown) += text.len();
        }
        let (place, most) = (0..).zip(bytes).max_by_key(|(place, bytes)| (*bytes, u32::MAX - place))?;
        (most > unknown).then(|| Lexicon::language(place))
    }

    /// Returns the language of one utterance.
    pub(super) fn hear(self, lexicon: &Lexicon, said: &str) -> Language {
        let mut letters = said
            .chars()
            .take(GLANCE / 2)
            .filter_map(|c| text::script(c).map(|script| (script, c)));
        match letters.next() {
            Some((Script::Hangul, _)) => Language::KOREAN,
            Some((Script::Arabic, _)) => Language::ARABIC,
            Some((Script::Kana, _)) => Language::JAPANESE,
            Some((Script::Han, first)) => {
                if self.han != Language::MANDARIN {
                    return self.han;
                }
                if is_cantonese(first) {
                    return Language::CANTONESE;
                }
                for (script, c) in letters {
                    match script {
                        Script::Kana => return Language::JAPANESE,
                        Script::Han if is_cantonese(c) => return Language::CANTONESE,
                        _ => {}
                    }
                }
                Language::MANDARIN
            }
            Some((Script::Latin, _)) if self.is_mixed => {
                let mut votes = [0; 32];
                vote(lexicon, said, &mut votes);
                match lead(&votes) {
                    (language, 2..) => language,
                    _ => self.latin,
                }
            }
            _ => self.latin,
        }
    }
}

/// Counts the words of a text that each language knows.
fn vote(lexicon: &Lexicon, said: &str, votes: &mut [u32; 32]) {
    let end = said.char_indices().nth(GLANCE * 2).map_or(said.len(), |(at, _)| at);
    let words = said
        .get(..end)
        .unwrap_or_default()
        .split(|c: char| !c.is_alphabetic() && c != '\'');
    for word in words.filter(|word| word.len() > 1) {
        let known = if word.bytes().any(|byte| byte.is_ascii_uppercase()) {
            lexicon.latin.get(word.to_lowercase().as_str())
        } else {
            lexicon.latin.get(word)
        };
        let known = known.copied().unwrap_or_default();
        for (at, votes) in votes.iter_mut().enumerate() {
            *votes += known >> at & 1;
        }
    }
}

/// Returns the language with most votes, and by how many it leads.
fn lead(votes: &[u32; 32]) -> (Language, u32) {
    let mut first = (0, 0);
    let mut second = 0;
    for (bit, &votes) in (0..).zip(votes) {
        if votes > first.1 {
            second = first.1;
            first = (bit, votes);
        } else {
            second = second.max(votes);
        }
    }
    (Lexicon::language(first.0), first.1 - second)
}
