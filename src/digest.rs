//! The digest of a dataset that does not depend on its packaging: not on files, shards, order or compression.
//!
//! Each sample is hashed with everything that it is but where it came from (`source`); the digest is the sum of the
//! hashes, so that the same calls in a folder, a JSONL or a shuffled archive give the same digest.

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

/// A sum of hashes, modulo 2^256, with their number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ContentDigest {
    sum: [u64; 4],
    count: u64,
}

impl ContentDigest {
    /// Adds one sample. `buffer` is scratch space.
    pub fn add<'a>(&mut self, row: Row<'_, impl Iterator<Item = (&'a str, &'a str, i8)>>, buffer: &mut Vec<u8>) {
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
        buffer.clear();
        let text = |buffer: &mut Vec<u8>, text: &str| {
            buffer.extend((text.len() as u64).to_le_bytes());
            buffer.extend(text.as_bytes());
        };
        text(buffer, split.word());
        text(buffer, id);
        text(buffer, session_id);
        buffer.push(u8::from(user.is_some()));
        text(buffer, user.unwrap_or_default());
        buffer.push(u8::from(started_at.is_some()));
        buffer.extend(started_at.unwrap_or_default().to_le_bytes());
        buffer.push(u8::from(begin.is_some()));
        buffer.extend(begin.unwrap_or_default().to_le_bytes());
        buffer.extend(counts.iter().flat_map(|count| count.to_le_bytes()));
        buffer.push(u8::from(interrupted));
        for (role, content, weight) in messages {
            text(buffer, role);
            text(buffer, content);
            buffer.extend(weight.to_le_bytes());
        }
        buffer.extend(utterance_ids.iter().flat_map(|id| id.to_le_bytes()));
        self.add_bytes(buffer);
    }

    /// Adds anything by its bytes alone, such as a document.
    pub fn add_bytes(&mut self, bytes: &[u8]) {
        let hash = blake3::hash(bytes);
        let mut sum = [0; 4];
        for (word, bytes) in sum.iter_mut().zip(hash.as_bytes().chunks_exact(8)) {
            *word = bytes.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte));
        }
        self.merge(&Self { sum, count: 1 });
    }

    /// Adds the samples of another part.
    pub fn merge(&mut self, other: &Self) {
        let mut carry = false;
        for (word, more) in self.sum.iter_mut().zip(other.sum) {
            let (sum, over) = word.overflowing_add(more);
            let (sum, again) = sum.overflowing_add(u64::from(carry));
            *word = sum;
            carry = over || again;
        }
        self.count += other.count;
    }

    /// Returns the digest as 64 hexadecimal digits.
    #[must_use]
    pub fn hex(&self) -> String {
        let mut bytes: Vec<u8> = self.sum.iter().flat_map(|word| word.to_le_bytes()).collect();
        bytes.extend(self.count.to_le_bytes());
        blake3::hash(&bytes).to_hex().to_string()
    }
}
