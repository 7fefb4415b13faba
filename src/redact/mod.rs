//! What must not be published as it is.

mod pseudonym;

pub(crate) use pseudonym::Pseudonyms;
