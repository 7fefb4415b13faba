//! The samples of a shard as rows, for whoever looks at single ones.

use std::ops::Range;
use std::path::Path;

use polars::prelude::{DataFrame, Float64Chunked, Int8Chunked, Int32Chunked, Int64Chunked, PolarsResult, StringChunked};

use super::shown::{SHOWN, ShownSample};
use super::{each_slice, list, text_field};
use crate::error::Result;
use crate::sample::{Message, Sample, Speaker};

/// One sample as it was published.
#[derive(Debug)]
pub(crate) struct Published<'f> {
    pub(crate) id: &'f str,
    pub(crate) session_id: &'f str,
    pub(crate) user: Option<&'f str>,
    /// Unix milliseconds.
    pub(crate) started_at: Option<i64>,
    /// Seconds.
    pub(crate) begin: Option<f64>,
    pub(crate) exchanges: i32,
    pub(crate) tokens: i32,
    pub(crate) language: Option<&'f str>,
    pub(crate) utterance_ids: Vec<i64>,
    /// Role, content, and whether it is learned.
    pub(crate) messages: Vec<(&'f str, &'f str, bool)>,
}

struct Columns {
    texts: [StringChunked; 4],
    started_at: Int64Chunked,
    begin: Float64Chunked,
    numbers: [Int32Chunked; 2],
    spans: Vec<Range<usize>>,
    roles: StringChunked,
    contents: StringChunked,
    weights: Int8Chunked,
    id_spans: Vec<Range<usize>>,
    ids: Int64Chunked,
}

const TEXTS: [&str; 4] = ["id", "session_id", "user", "language"];
const NUMBERS: [&str; 2] = ["exchanges", "tokens"];

/// Calls back with every sample of a shard, in order, until the callback returns `false`.
///
/// # Errors
/// [`crate::Error::Parquet`] where the file cannot be read as what it should be.
pub(crate) fn each_published(path: &Path, look: &mut dyn FnMut(&Published<'_>) -> bool) -> Result<()> {
    let others = ["started_at", "begin", "messages", "weights", "utterance_ids"];
    let columns: Vec<_> = TEXTS.into_iter().chain(NUMBERS).chain(others).collect();
    let mut goes_on = true;
    each_slice(path, Some(&columns), |frame| {
        let columns = Columns::of(frame)?;
        for row in 0..frame.height() {
            goes_on = goes_on && columns.published(row).is_none_or(|sample| look(&sample));
        }
        Ok(())
    })
}

impl Columns {
    fn of(frame: &DataFrame) -> PolarsResult<Self> {
        let text = |name| frame.column(name)?.str().cloned();
        let number = |name| frame.column(name)?.i32().cloned();
        let [id, session, user, language] = TEXTS;
        let [exchanges, tokens] = NUMBERS;
        let (spans, messages) = list(frame, "messages")?;
        let (id_spans, ids) = list(frame, "utterance_ids")?;
        Ok(Self {
            texts: [text(id)?, text(session)?, text(user)?, text(language)?],
            started_at: frame.column("started_at")?.datetime()?.physical().clone(),
            begin: frame.column("begin")?.f64()?.clone(),
            numbers: [number(exchanges)?, number(tokens)?],
            spans,
            roles: text_field(&messages, "role")?,
            contents: text_field(&messages, "content")?,
            weights: list(frame, "weights")?.1.i8()?.clone(),
            id_spans,
            ids: ids.i64()?.clone(),
        })
    }

    fn published(&self, row: usize) -> Option<Published<'_>> {
        let [id, session_id, user, language] = &self.texts;
        let [exchanges, tokens] = &self.numbers;
        let message = |at| {
            let (role, content) = (self.roles.get(at)?, self.contents.get(at)?);
            Some((role, content, self.weights.get(at) == Some(1)))
        };
        Some(Published {
            id: id.get(row)?,
            session_id: session_id.get(row)?,
            user: user.get(row),
            started_at: self.started_at.get(row),
            begin: self.begin.get(row),
            exchanges: exchanges.get(row)?,
            tokens: tokens.get(row)?,
            language: language.get(row),
            utterance_ids: self.id_spans.get(row)?.clone().filter_map(|at| self.ids.get(at)).collect(),
            messages: self.spans.get(row)?.clone().filter_map(message).collect(),
        })
    }
}

impl<'f> Published<'f> {
    /// Returns the messages of its own: all of a session, of another sample the last request and its answer.
    pub(crate) fn own(&self, is_whole: bool) -> &[(&'f str, &'f str, bool)] {
        let from = if is_whole { 0 } else { self.messages.len().saturating_sub(2) };
        self.messages.get(from..).unwrap_or_default()
    }

    /// Returns the sample as chat formats take it: its messages.
    pub(crate) fn sample(&self) -> Sample<'f> {
        let speaker = |word: &str| match word {
            "system" => Speaker::System,
            "user" => Speaker::User,
            _ => Speaker::Assistant,
        };
        let messages = self.messages.iter().map(|&(role, content, learn)| Message {
            role: speaker(role),
            content: content.into(),
            learn,
        });
        Sample {
            messages: messages.collect(),
            ..Sample::default()
        }
    }

    /// Returns what is shown of it.
    pub(crate) fn shown(&self, is_whole: bool) -> ShownSample {
        let own = self.own(is_whole);
        let messages = own.iter().take(2 * SHOWN);
        ShownSample {
            id: self.id.to_owned(),
            begin: self.begin,
            context: self.messages.len() - own.len(),
            messages: messages
                .map(|&(role, content, learn)| (role.to_owned(), content.to_owned(), learn))
                .collect(),
        }
    }
}
