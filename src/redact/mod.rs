//! What must not be published as it is.

mod pseudonym;

pub use pseudonym::Pseudonyms;
