//! The digest of a dataset that does not depend on its packaging: not on files, shards, order or compression.
//!
//! Each sample is hashed with everything that it is but where it came from (`source`); the digest is the sum of the
//! hashes, so that the same calls in a folder, a JSONL or a shuffled archive give the same digest.

use twox_hash::XxHash3_128;
use twox_hash::xxhash3_128::Hasher;

use crate::split::Split;

/// One sample as published, borrowed from wherever it lies.
#[derive(Debug, Clone)]
pub struct Row<'a, M> {
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
pub struct ContentDigest {
    sum: u128,
    count: u64,
}

impl ContentDigest {
    /// Adds one sample.
    pub fn add<'a>(&mut self, row: Row<'_, impl Iterator<Item = (&'a str, &'a str, i8)>>) {
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
        let mut hasher = Hasher::new();
        text(&mut hasher, split.word());
        text(&mut hasher, id);
        text(&mut hasher, session_id);
        text(&mut hasher, user.unwrap_or_default());
        let flags = [user.is_some(), started_at.is_some(), begin.is_some(), interrupted];
        hasher.write(&flags.map(u8::from));
        hasher.write(&started_at.unwrap_or_default().to_le_bytes());
        hasher.write(&begin.unwrap_or_default().to_le_bytes());
        for count in counts {
            hasher.write(&count.to_le_bytes());
        }
        for (role, content, weight) in messages {
            text(&mut hasher, role);
            text(&mut hasher, content);
            hasher.write(&weight.to_le_bytes());
        }
        for id in utterance_ids {
            hasher.write(&id.to_le_bytes());
        }
        self.sum = self.sum.wrapping_add(hasher.finish_128());
        self.count += 1;
    }

    /// Adds anything by its bytes alone, such as a document.
    pub fn add_bytes(&mut self, bytes: &[u8]) {
        self.sum = self.sum.wrapping_add(XxHash3_128::oneshot(bytes));
        self.count += 1;
    }

    /// Adds the samples of another part.
    pub fn merge(&mut self, other: &Self) {
        self.sum = self.sum.wrapping_add(other.sum);
        self.count += other.count;
    }

    /// Returns the digest: 32 hexadecimal digits of the sum, `-`, and how many were added.
    #[must_use]
    pub fn hex(&self) -> String {
        format!("{:032x}-{}", self.sum, self.count)
    }
}

/// Hashes a text behind its length, so that no two rows run into each other alike.
fn text(hasher: &mut Hasher, text: &str) {
    hasher.write(&(text.len() as u64).to_le_bytes());
    hasher.write(text.as_bytes());
}
