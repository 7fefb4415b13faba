//! Users under other names: a keyed hash of the archived user id.
//!
//! User ids are short numbers. Without a secret key anyone can hash all of them and compare, so a keyless
//! pseudonym hides nothing from a person who tries; the build says so.

/// Gives each user one name, the same in every dataset made with the same key.
#[derive(Clone)]
pub(crate) struct Pseudonyms {
    key: [u8; 32],
    /// Whether a secret key was given.
    pub keyed: bool,
}

impl Pseudonyms {
    /// Derives the names from a secret, or from nothing.
    #[must_use]
    pub(crate) fn new(secret: Option<&[u8]>) -> Self {
        Self {
            key: blake3::derive_key("turnset user pseudonym v1", secret.unwrap_or_default()),
            keyed: secret.is_some(),
        }
    }

    /// Returns a user's name: 32 hexadecimal digits.
    #[must_use]
    pub(crate) fn name(&self, user: &str) -> String {
        let hash = blake3::keyed_hash(&self.key, user.as_bytes()).to_hex();
        hash.chars().take(32).collect()
    }
}

impl std::fmt::Debug for Pseudonyms {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pseudonyms")
            .field("keyed", &self.keyed)
            .finish_non_exhaustive()
    }
}
