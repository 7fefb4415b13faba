//! The columns of a sample: the contract with every reader.
//!
//! Plain `Utf8` and `List` (views and large lists break old releases of `datasets`); `messages` holds role and content
//! and nothing else; no column is named as trainers name theirs (prompt, completion, chosen, rejected, text, label).

use std::sync::{Arc, LazyLock};

use arrow::array::{
    ArrayRef, BooleanArray, Float64Array, Int8Array, Int32Array, Int64Array, ListArray, RecordBatch, StringBuilder, StructArray,
    TimestampMillisecondArray,
};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{DataType, Field, Fields, Schema, SchemaRef, TimeUnit};

use crate::digest::{ContentDigest, Row};
use crate::refine::Call;
use crate::sample::{Sample, Size};
use crate::split::Split;

/// The columns whose values hardly repeat, or are no larger than what would stand for them.
pub(super) const UNIQUE: [&str; 11] = [
    "id",
    "started_at",
    "begin",
    "exchanges",
    "characters",
    "words",
    "tokens",
    "merged",
    "weights.list.element",
    "messages.list.element.content",
    "utterance_ids.list.element",
];

/// Small row groups let a viewer jump, large ones compress: 10,000 to 50,000 rows of dialogue are what readers advise.
pub(super) const GROUP_ROWS: usize = 40_000;

/// The columns by whose values nobody looks for a row.
pub(super) const UNSORTED: [&str; 2] = ["messages.list.element.role", "messages.list.element.content"];

static MESSAGE: LazyLock<Fields> = LazyLock::new(|| {
    Fields::from(vec![
        Field::new("role", DataType::Utf8, false),
        Field::new("content", DataType::Utf8, false),
    ])
});

fn list_of(item: DataType) -> DataType {
    DataType::List(Arc::new(Field::new("element", item, false)))
}

/// The schema of `data/*.parquet`.
pub(super) static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
    Arc::new(Schema::new(vec![
        Field::new("id", DataType::Utf8, false),
        Field::new("session_id", DataType::Utf8, false),
        Field::new("user", DataType::Utf8, true),
        Field::new(
            "started_at",
            DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into())),
            true,
        ),
        Field::new("begin", DataType::Float64, true),
        Field::new("exchanges", DataType::Int32, false),
        Field::new("messages", list_of(DataType::Struct(MESSAGE.clone())), false),
        Field::new("weights", list_of(DataType::Int8), false),
        Field::new("merged", DataType::Int32, false),
        Field::new("interrupted", DataType::Boolean, false),
        Field::new("utterance_ids", list_of(DataType::Int64), false),
        Field::new("characters", DataType::Int32, false),
        Field::new("words", DataType::Int32, false),
        Field::new("tokens", DataType::Int32, false),
        Field::new("language", DataType::Utf8, true),
        Field::new("source", DataType::Utf8, false),
    ]))
});

/// The samples of one call, as the table takes them.
pub(super) struct Part<'p, 'a> {
    pub(super) call: &'p Call<'a>,
    pub(super) user: Option<&'p str>,
    pub(super) source: &'p str,
}

/// The columns that grow row by row.
struct Columns {
    id: StringBuilder,
    session_id: StringBuilder,
    user: StringBuilder,
    source: StringBuilder,
    started_at: Vec<Option<i64>>,
    begin: Vec<Option<f64>>,
    exchanges: Vec<i32>,
    merged: Vec<i32>,
    interrupted: Vec<bool>,
    roles: StringBuilder,
    contents: StringBuilder,
    weights: Vec<i8>,
    messages: Vec<usize>,
    utterance_ids: Vec<i64>,
    utterances: Vec<usize>,
    characters: Vec<i32>,
    words: Vec<i32>,
    tokens: Vec<i32>,
    language: StringBuilder,
}

/// Builds the rows of one split and adds them to the digest.
pub(super) fn rows(parts: &[Part<'_, '_>], split: Split, digest: &mut ContentDigest) -> RecordBatch {
    let messages = || {
        parts
            .iter()
            .flat_map(|part| &part.call.samples)
            .flat_map(|sample| &sample.messages)
    };
    let bytes = messages().map(|message| message.content.len()).sum();
    let samples = parts.iter().map(|part| part.call.samples.len()).sum();
    let ids = parts
        .iter()
        .map(|part| part.call.samples.len() * (part.call.session.id.len() + 4));
    let mut columns = Columns::new(samples, messages().count(), ids.sum(), bytes);
    let mut id = String::new();
    for part in parts {
        for sample in &part.call.samples {
            Sample::write_id(&part.call.session.id, sample.number, &mut id);
            columns.push(part, sample, &id, split, digest);
        }
    }
    batch(&SCHEMA, columns.finish())
}

impl Columns {
    /// Makes room for so many samples and messages, and for the bytes of the ids and the texts.
    fn new(samples: usize, messages: usize, ids: usize, bytes: usize) -> Self {
        Self {
            id: StringBuilder::with_capacity(samples, ids),
            session_id: StringBuilder::with_capacity(samples, ids),
            user: StringBuilder::with_capacity(samples, samples * 32),
            source: StringBuilder::with_capacity(samples, samples * 32),
            started_at: Vec::with_capacity(samples),
            begin: Vec::with_capacity(samples),
            exchanges: Vec::with_capacity(samples),
            merged: Vec::with_capacity(samples),
            interrupted: Vec::with_capacity(samples),
            roles: StringBuilder::with_capacity(messages, messages * 7),
            contents: StringBuilder::with_capacity(messages, bytes),
            weights: Vec::with_capacity(messages),
            messages: Vec::with_capacity(samples),
            utterance_ids: Vec::with_capacity(messages),
            utterances: Vec::with_capacity(samples),
            characters: Vec::with_capacity(samples),
            words: Vec::with_capacity(samples),
            tokens: Vec::with_capacity(samples),
            language: StringBuilder::with_capacity(samples, samples * 2),
        }
    }

    fn push(&mut self, part: &Part<'_, '_>, sample: &Sample<'_>, id: &str, split: Split, digest: &mut ContentDigest) {
        let session = &part.call.session;
        let begin = sample.begin.map(seconds);
        let first = self.utterance_ids.len();
        let utterances = sample.utterances.iter().filter_map(|&at| session.utterances.get(at));
        self.utterance_ids.extend(utterances.map(|utterance| utterance.id));
        digest.add(Row {
            split,
            id,
            session_id: &session.id,
            user: part.user,
            started_at: session.started_at,
            begin,
            counts: [int(sample.exchanges), int(sample.merged)],
            interrupted: sample.interrupted,
            messages: sample
                .messages
                .iter()
                .map(|message| (message.role.word(), message.content.as_ref(), i8::from(message.learn))),
            utterance_ids: self.utterance_ids.get(first..).unwrap_or_default(),
        });
        self.id.append_value(id);
        self.session_id.append_value(&session.id);
        self.user.append_option(part.user);
        self.source.append_value(part.source);
        self.started_at.push(session.started_at);
        self.begin.push(begin);
        self.exchanges.push(int(sample.exchanges));
        self.merged.push(int(sample.merged));
        self.interrupted.push(sample.interrupted);
        for message in &sample.messages {
            self.roles.append_value(message.role.word());
            self.contents.append_value(&message.content);
            self.weights.push(i8::from(message.learn));
        }
        self.messages.push(sample.messages.len());
        self.utterances.push(self.utterance_ids.len() - first);
        let Size {
            characters,
            words,
            tokens,
        } = sample.size;
        self.characters.push(int(characters));
        self.words.push(int(words));
        self.tokens.push(int(tokens));
        self.language.append_option(sample.language);
    }

    fn finish(mut self) -> Vec<ArrayRef> {
        let messages = StructArray::new(
            MESSAGE.clone(),
            vec![Arc::new(self.roles.finish()), Arc::new(self.contents.finish())],
            None,
        );
        vec![
            Arc::new(self.id.finish()),
            Arc::new(self.session_id.finish()),
            Arc::new(self.user.finish()),
            Arc::new(TimestampMillisecondArray::from(self.started_at).with_timezone("UTC")),
            Arc::new(Float64Array::from(self.begin)),
            Arc::new(Int32Array::from(self.exchanges)),
            Arc::new(list(&self.messages, Arc::new(messages))),
            Arc::new(list(&self.messages, Arc::new(Int8Array::from(self.weights)))),
            Arc::new(Int32Array::from(self.merged)),
            Arc::new(BooleanArray::from(self.interrupted)),
            Arc::new(list(&self.utterances, Arc::new(Int64Array::from(self.utterance_ids)))),
            Arc::new(Int32Array::from(self.characters)),
            Arc::new(Int32Array::from(self.words)),
            Arc::new(Int32Array::from(self.tokens)),
            Arc::new(self.language.finish()),
            Arc::new(self.source.finish()),
        ]
    }
}

/// Puts columns under a schema.
///
/// # Panics
/// When the columns are not those of the schema: a bug in the lines above.
pub(super) fn batch(schema: &SchemaRef, columns: Vec<ArrayRef>) -> RecordBatch {
    RecordBatch::try_new(schema.clone(), columns).unwrap_or_else(|error| panic!("columns and schema differ: {error}"))
}

fn list(lengths: &[usize], items: ArrayRef) -> ListArray {
    let field = Arc::new(Field::new("element", items.data_type().clone(), false));
    ListArray::new(field, OffsetBuffer::from_lengths(lengths.iter().copied()), items, None)
}

/// Seconds from milliseconds.
#[expect(clippy::cast_precision_loss, reason = "no call is that long")]
pub(super) fn seconds(milliseconds: i64) -> f64 {
    milliseconds as f64 / 1000.0
}

fn int(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
