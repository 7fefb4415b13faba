//! Counts what a sample is long: characters, words, and tokens of a named tokenizer or an estimate.

#[cfg(feature = "tokenizers")]
mod tokenizer;
mod totals;

use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use totals::Totals;
pub(crate) use totals::UNDETERMINED;

use crate::error::Result;
use crate::ledger::Cause;
#[cfg(feature = "tokenizers")]
use crate::ledger::Reason;
use crate::sample::Size;
use crate::text::Measure;

/// The tokenizer cannot read the sample.
#[cfg(feature = "tokenizers")]
const NO_TOKENS: Reason = Reason::new("count", "no_tokens");

/// Who counted the tokens of a dataset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tokenizing {
    /// The name of the tokenizer's file, or `estimate`: a token for four bytes, or for one and a half characters of Han,
    /// Kana or Hangul.
    pub by: String,
    /// The SHA-256 of that file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

/// Counts characters, words and tokens.
#[derive(Debug)]
pub(crate) struct Counter {
    /// How tokens are counted.
    pub tokenizing: Tokenizing,
    #[cfg(feature = "tokenizers")]
    tokenizer: Option<tokenizer::Tokenizer>,
}

impl Counter {
    /// Makes a counter that estimates tokens, or counts them by a `tokenizer.json`.
    ///
    /// # Errors
    /// [`crate::Error::Recipe`] for a file that cannot be read, or that is no tokenizer.
    #[cfg(feature = "tokenizers")]
    pub(crate) fn new(file: Option<&Path>) -> Result<Self> {
        let tokenizer = file.map(tokenizer::Tokenizer::open).transpose()?;
        let tokenizing = tokenizer.as_ref().map(|(_, named)| named.clone());
        Ok(Self {
            tokenizing: tokenizing.unwrap_or_else(estimate),
            tokenizer: tokenizer.map(|(tokenizer, _)| tokenizer),
        })
    }

    /// Makes a counter that estimates tokens: a slim build has no tokenizers.
    ///
    /// # Errors
    /// [`crate::Error::Feature`] where one is asked for.
    #[cfg(not(feature = "tokenizers"))]
    pub(crate) fn new(file: Option<&Path>) -> Result<Self> {
        match file {
            Some(_) => Err(crate::error::Error::Feature("tokenizers")),
            None => Ok(Self { tokenizing: estimate() }),
        }
    }

    /// Counts the tokens of a text, without any that a model would be told beside it.
    ///
    /// # Errors
    /// `count.no_tokens` for a text that the tokenizer does not take.
    pub(crate) fn tokens(&self, said: &str) -> Result<u32, Cause> {
        self.counted(said)
            .unwrap_or_else(|| Ok(small(Measure::of(said).estimated_tokens())))
    }

    /// Counts by the tokenizer, if there is one.
    #[cfg(feature = "tokenizers")]
    fn counted(&self, said: &str) -> Option<Result<u32, Cause>> {
        let count = self.tokenizer.as_ref()?.count(said);
        Some(count.map_err(|error| NO_TOKENS.because(error)))
    }

    #[cfg(not(feature = "tokenizers"))]
    #[expect(clippy::unused_self, reason = "a slim build counts by nothing")]
    fn counted(&self, _: &str) -> Option<Result<u32, Cause>> {
        None
    }

    /// Counts the contents of the messages of a sample.
    ///
    /// # Errors
    /// `count.no_tokens` for one that the tokenizer does not take.
    pub(crate) fn size<'t>(&self, contents: impl Iterator<Item = &'t str>) -> Result<Size, Cause> {
        let mut size = Size::default();
        for said in contents {
            let measure = Measure::of(said);
            size.characters = size.characters.saturating_add(small(measure.characters));
            size.words = size.words.saturating_add(small(measure.words));
            let tokens = self.counted(said).unwrap_or_else(|| Ok(small(measure.estimated_tokens())))?;
            size.tokens = size.tokens.saturating_add(tokens);
        }
        Ok(size)
    }
}

/// A number of what a text holds, which are fewer than this can count.
fn small(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn estimate() -> Tokenizing {
    Tokenizing {
        by: "estimate".to_owned(),
        sha256: None,
    }
}
