//! A tokenizer of the field, read from its `tokenizer.json`. The only user of the crate `tokenizers`.

use std::fs;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::Tokenizing;
use crate::error::{Error, Result};

/// What every tokenizer for dialogue must be able to read: one that cannot would lose each sample.
const PROBE: &str = "Hello, 你好 123";

#[derive(Debug)]
pub(super) struct Tokenizer(tokenizers::Tokenizer);

impl Tokenizer {
    /// Reads a tokenizer, and says how it is named.
    pub(super) fn open(file: &Path) -> Result<(Self, Tokenizing)> {
        let wrong = |message: String| Error::Recipe {
            place: format!("tokenizer {}", file.display()),
            message,
        };
        let bytes = fs::read(file).map_err(|error| wrong(format!("cannot be read: {error}")))?;
        let mut tokenizer =
            tokenizers::Tokenizer::from_bytes(&bytes).map_err(|error| wrong(format!("is no tokenizer.json: {error}")))?;
        // Both are there for training, and would make the count that of another text.
        tokenizer.with_padding(None);
        tokenizer
            .with_truncation(None)
            .map_err(|error| wrong(format!("cannot count whole texts: {error}")))?;
        let tokenizer = Self(tokenizer);
        tokenizer
            .count(PROBE)
            .map_err(|error| wrong(format!("cannot read {PROBE:?}: {error}")))?;
        let name = file
            .file_name()
            .map_or_else(|| "tokenizer".into(), |name| name.to_string_lossy());
        let named = Tokenizing {
            by: name.into_owned(),
            sha256: Some(crate::digest::hex(&Sha256::digest(&bytes))),
        };
        Ok((tokenizer, named))
    }

    /// Counts the tokens of a text, no special ones added.
    pub(super) fn count(&self, said: &str) -> Result<u32, String> {
        let encoding = self.0.encode_fast(said, false).map_err(|error| error.to_string())?;
        Ok(u32::try_from(encoding.len()).unwrap_or(u32::MAX))
    }
}
