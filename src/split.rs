//! Splits by user: a pure function of the user and the recipe's salt, so that no later call moves an earlier one.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::session::Session;

/// A part of the dataset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Split {
    /// What is trained on.
    Train,
    /// What is looked at while training.
    Validation,
    /// What is kept for the end.
    Test,
}

impl Split {
    /// All splits, in the order of their names in the output.
    pub const ALL: [Self; 3] = [Self::Train, Self::Validation, Self::Test];

    /// Returns the word used in file names, which the readers of the field look for.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Validation => "validation",
            Self::Test => "test",
        }
    }
}

/// How users are divided. Everything is train unless a share is asked for.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Splitting {
    /// The share of users whose calls are for validation, from 0 up to below 1.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub validation: f64,
    /// The share of users whose calls are for the test, from 0 up to below 1.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub test: f64,
    /// Changes who goes where. Keep it, and no user ever moves as data grows.
    pub salt: String,
}

impl Splitting {
    /// Returns what is wrong with the shares, in words.
    #[must_use]
    pub fn objection(&self) -> Option<String> {
        let share = 0.0..1.0;
        let fits =
            share.contains(&self.validation) && share.contains(&self.test) && share.contains(&(self.validation + self.test));
        (!fits).then(|| "split.validation and split.test are shares of the users: from 0, and together below 1".to_owned())
    }

    /// Returns the splits that the recipe asks for.
    pub fn wanted(&self) -> impl Iterator<Item = Split> + use<> {
        let (validation, test) = (self.validation > 0.0, self.test > 0.0);
        Split::ALL.into_iter().filter(move |split| match split {
            Split::Train => true,
            Split::Validation => validation,
            Split::Test => test,
        })
    }

    /// Returns the split of a session: that of its user, or of its own id where the archive names no user.
    #[must_use]
    pub fn assign(&self, session: &Session<'_>) -> Split {
        if self.validation == 0.0 && self.test == 0.0 {
            return Split::Train;
        }
        let mut hasher = blake3::Hasher::new_derive_key("turnset split v1");
        hasher.update(&(self.salt.len() as u64).to_le_bytes());
        hasher.update(self.salt.as_bytes());
        hasher.update(&[u8::from(session.user.is_some())]);
        hasher.update(session.user.as_ref().unwrap_or(&session.id).as_bytes());
        let mut draw = [0; 8];
        hasher.finalize_xof().fill(&mut draw);
        // 53 bits: exactly what a float holds, so that the comparison below is the same on every machine.
        #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
        let draw = (u64::from_le_bytes(draw) >> 11) as f64 / (1_u64 << 53) as f64;
        if draw < self.test {
            Split::Test
        } else if draw < self.test + self.validation {
            Split::Validation
        } else {
            Split::Train
        }
    }
}
