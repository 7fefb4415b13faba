//! The columns of a sample as a reader is told of them: what they hold, and of what type they are.

/// The type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// One value, in the words of `datasets`.
    One(&'static str),
    /// A list of such values.
    Many(&'static str),
    /// A list of role and content.
    Messages,
}

/// One column.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    /// What it holds.
    pub(super) meaning: &'static str,
}

const fn column(name: &'static str, kind: Kind, meaning: &'static str) -> Column {
    Column { name, kind, meaning }
}

/// The columns, in their order in `data/*.parquet`.
pub(super) const COLUMNS: [Column; 16] = [
    column("id", Kind::One("string"), "the sample: its session and its number there"),
    column("session_id", Kind::One("string"), "the call"),
    column(
        "user",
        Kind::One("string"),
        "a pseudonym of the caller, the same for all calls of one",
    ),
    column("started_at", Kind::One("timestamp[ms, tz=UTC]"), "when the call began, UTC"),
    column(
        "begin",
        Kind::One("float64"),
        "seconds from there to the request that the sample answers",
    ),
    column(
        "exchanges",
        Kind::One("int32"),
        "how many requests with their answers it holds",
    ),
    column(
        "messages",
        Kind::Messages,
        "role and content: user first, assistant last, strictly in turn, after a system message if the recipe has one",
    ),
    column(
        "weights",
        Kind::Many("int8"),
        "one a message: 1 where a model should learn, 0 where it should only read",
    ),
    column(
        "merged",
        Kind::One("int32"),
        "how many utterances were joined to an earlier one",
    ),
    column(
        "interrupted",
        Kind::One("bool"),
        "whether the caller cut in on an answer, as the archive says or as was inferred",
    ),
    column(
        "utterance_ids",
        Kind::Many("int64"),
        "the entries of the call that it was made of",
    ),
    column("characters", Kind::One("int32"), "of all contents together, without blanks"),
    column(
        "words",
        Kind::One("int32"),
        "of all contents together, by UAX #29: every Han character is one",
    ),
    column(
        "tokens",
        Kind::One("int32"),
        "of all contents together, without those of a chat template",
    ),
    column(
        "language",
        Kind::One("string"),
        "the language of most of it; null where it is none that turnset knows",
    ),
    column("source", Kind::One("string"), "the document that it came from"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_columns_are_those_of_the_files() {
        let told = COLUMNS.map(|column| column.name);
        assert_eq!(crate::output::sample_columns(), told);
    }
}
