//! The digest of a dataset that does not depend on its packaging: not on files, shards, order or compression.
//!
//! Each sample is hashed with everything that it is but where it came from (`source`); the digest is the sum of the
//! hashes, so that the same calls in a folder, a JSONL or a shuffled archive give the same digest.

use std::fmt::Write as _;

use smallvec::SmallVec;
use twox_hash::XxHash3_128;

use crate::split::Split;

/// One sample as published, borrowed from wherever it lies.
#[derive(Debug, Clone)]
pub(crate) struct Row<'a, M> {
    /// Its split.
    pub split: Split,
    /// Column `id`.
    pub id: &'a str,
    /// Column `session_id`.
    pub session_id: &'a str,
    /// Column `user`.
    pub user: Option<&'a str>,
    /// Column `started_at`, Unix milliseconds.
    pub started_at: Option<i64>,
    /// Column `begin`, seconds from the start of the call.
    pub begin: Option<f64>,
    /// Columns `exchanges` and `merged`.
    pub counts: [i32; 2],
    /// Column `interrupted`.
    pub interrupted: bool,
    /// Columns `messages` and `weights`: role, content, weight.
    pub messages: M,
    /// Column `utterance_ids`.
    pub utterance_ids: &'a [i64],
}

/// A sum of XXH3 hashes of 128 bits, with their number: it tells changes from the same, not friend from foe.
/// What must stand up to a forger is the SHA-256 of each file in the manifest.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct ContentDigest {
    sum: u128,
    count: u64,
}

impl ContentDigest {
    /// Adds one sample.
    pub(crate) fn add<'a>(&mut self, row: Row<'_, impl Iterator<Item = (&'a str, &'a str, i8)>>) {
        let Row {
            split,
            id,
            session_id,
            user,
            started_at,
            begin,
            counts,
            interrupted,
            messages,
            utterance_ids,
        } = row;
        // Long texts are hashed where they lie, and the row is hashed of their hashes.
        let mut bytes = SmallVec::<[u8; 512]>::new();
        for text in [split.word(), id, session_id, user.unwrap_or_default()] {
            bytes.extend_from_slice(&hash(text).to_le_bytes());
        }
        let flags = [user.is_some(), started_at.is_some(), begin.is_some(), interrupted];
        bytes.extend_from_slice(&flags.map(u8::from));
        bytes.extend_from_slice(&started_at.unwrap_or_default().to_le_bytes());
        bytes.extend_from_slice(&begin.unwrap_or_default().to_le_bytes());
        for count in counts {
            bytes.extend_from_slice(&count.to_le_bytes());
        }
        for (role, content, weight) in messages {
            bytes.extend_from_slice(&hash(role).to_le_bytes());
            bytes.extend_from_slice(&hash(content).to_le_bytes());
            bytes.extend_from_slice(&weight.to_le_bytes());
        }
        for id in utterance_ids {
            bytes.extend_from_slice(&id.to_le_bytes());
        }
        self.add_bytes(&bytes);
    }

    /// Adds anything by its bytes alone, such as a document.
    pub(crate) fn add_bytes(&mut self, bytes: &[u8]) {
        self.sum = self.sum.wrapping_add(XxHash3_128::oneshot(bytes));
        self.count += 1;
    }

    /// Adds the samples of another part.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.sum = self.sum.wrapping_add(other.sum);
        self.count += other.count;
    }

    /// Returns the digest: 32 hexadecimal digits of the sum, `-`, and how many were added.
    #[must_use]
    pub(crate) fn hex(&self) -> String {
        format!("{:032x}-{}", self.sum, self.count)
    }
}

/// Returns the XXH3 hash of a text.
pub(crate) fn hash(text: &str) -> u128 {
    XxHash3_128::oneshot(text.as_bytes())
}

/// Writes bytes as hexadecimal digits.
#[must_use]
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        // Writing to memory cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
