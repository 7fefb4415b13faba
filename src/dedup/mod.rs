//! What appears more than once. Folds in input order over the whole dataset, in fixed bytes a session.

mod sessions;

pub(crate) use sessions::{Admission, Sessions};
