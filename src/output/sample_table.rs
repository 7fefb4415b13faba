//! The columns of a sample: the contract with every reader.
//!
//! Plain `Utf8` and `List` (views and large lists break old releases of `datasets`); `messages` holds role and content
//! and nothing else; no column is named as trainers name theirs (prompt, completion, chosen, rejected, text, label).

use std::sync::{Arc, LazyLock};

use arrow::array::{
    ArrayRef, BooleanArray, Float64Array, Int8Array, Int32Array, Int64Array, ListArray, RecordBatch, StringArray, StringBuilder, StructArray, TimestampMillisecondArray,
};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{DataType, Field, Fields, Schema, SchemaRef, TimeUnit};

use crate::digest::{ContentDigest, Row};
use crate::refine::Call;
use crate::sample::Sample;
use crate::split::Split;

/// The columns whose values hardly repeat.
pub(super) const TEXTS: [&str; 4] = ["id", "session_id", "source", "messages.list.element.content"];

/// Small row groups let a viewer jump, large ones compress: 10,000 to 50,000 rows of dialogue are what readers advise.
pub(super) const GROUP_ROWS: usize = 20_000;

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
        Field::new("started_at", DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into())), true),
        Field::new("begin", DataType::Float64, true),
        Field::new("exchanges", DataType::Int32, false),
        Field::new("messages", list_of(DataType::Struct(MESSAGE.clone())), false),
        Field::new("weights", list_of(DataType::Int8), false),
        Field::new("merged", DataType::Int32, false),
        Field::new("interrupted", DataType::Boolean, false),
        Field::new("utterance_ids", list_of(DataType::Int64), false),
        Field::new("source", DataType::Utf8, false),
    ]))
});

/// The samples of one call, as the table takes them.
pub(super) struct Part<'p, 'a> {
    pub(super) call: &'p Call<'a>,
    pub(super) user: Option<&'p str>,
    pub(super) source: &'p str,
}

/// Builds the rows of one split and adds them to the digest.
pub(super) fn rows(parts: &[Part<'_, '_>], split: Split, digest: &mut ContentDigest) -> RecordBatch {
    let samples = || parts.iter().flat_map(|part| part.call.samples.iter().map(move |sample| (part, sample)));
    let ids: Vec<String> = samples().map(|(part, sample)| Sample::id(&part.call.session.id, sample.number)).collect();
    let utterance_ids: Vec<Vec<i64>> = samples().map(|(part, sample)| ids_of(part.call, sample)).collect();
    for (((part, sample), id), utterance_ids) in samples().zip(&ids).zip(&utterance_ids) {
        let row = Row {
            split,
            id,
            session_id: &part.call.session.id,
            user: part.user,
            started_at: part.call.session.started_at,
            begin: sample.begin.map(seconds),
            counts: [int(sample.exchanges), int(sample.merged)],
            interrupted: sample.interrupted,
            messages: sample.messages.iter().map(|message| (message.role.word(), message.content.as_ref(), i8::from(message.learn))),
            utterance_ids,
        };
        digest.add(row);
    }
    let weights = samples().flat_map(|(_, sample)| sample.messages.iter().map(|message| i8::from(message.learn)));
    let columns: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from_iter_values(&ids)),
        Arc::new(StringArray::from_iter_values(samples().map(|(part, _)| part.call.session.id.as_ref()))),
        Arc::new(samples().map(|(part, _)| part.user).collect::<StringArray>()),
        Arc::new(samples().map(|(part, _)| part.call.session.started_at).collect::<TimestampMillisecondArray>().with_timezone("UTC")),
        Arc::new(samples().map(|(_, sample)| sample.begin.map(seconds)).collect::<Float64Array>()),
        Arc::new(Int32Array::from_iter_values(samples().map(|(_, sample)| int(sample.exchanges)))),
        Arc::new(list(samples().map(|(_, sample)| sample.messages.len()), Arc::new(messages(samples().map(|(_, sample)| sample))))),
        Arc::new(list(samples().map(|(_, sample)| sample.messages.len()), Arc::new(Int8Array::from_iter_values(weights)))),
        Arc::new(Int32Array::from_iter_values(samples().map(|(_, sample)| int(sample.merged)))),
        Arc::new(samples().map(|(_, sample)| Some(sample.interrupted)).collect::<BooleanArray>()),
        Arc::new(list(utterance_ids.iter().map(Vec::len), Arc::new(Int64Array::from_iter_values(utterance_ids.iter().flatten().copied())))),
        Arc::new(StringArray::from_iter_values(samples().map(|(part, _)| part.source))),
    ];
    batch(&SCHEMA, columns)
}

/// Puts columns under a schema.
///
/// # Panics
/// When the columns are not those of the schema: a bug in the lines above.
pub(super) fn batch(schema: &SchemaRef, columns: Vec<ArrayRef>) -> RecordBatch {
    RecordBatch::try_new(schema.clone(), columns).unwrap_or_else(|error| panic!("columns and schema differ: {error}"))
}

fn messages<'s>(samples: impl Iterator<Item = &'s Sample<'s>> + Clone) -> StructArray {
    let messages = || samples.clone().flat_map(|sample| &sample.messages);
    let bytes = messages().map(|message| message.content.len()).sum();
    let mut contents = StringBuilder::with_capacity(messages().count(), bytes);
    for message in messages() {
        contents.append_value(&message.content);
    }
    let roles = StringArray::from_iter_values(messages().map(|message| message.role.word()));
    StructArray::new(MESSAGE.clone(), vec![Arc::new(roles), Arc::new(contents.finish())], None)
}

fn list(lengths: impl Iterator<Item = usize>, items: ArrayRef) -> ListArray {
    let field = Arc::new(Field::new("element", items.data_type().clone(), false));
    ListArray::new(field, OffsetBuffer::from_lengths(lengths), items, None)
}

fn ids_of(call: &Call<'_>, sample: &Sample<'_>) -> Vec<i64> {
    let utterances = sample.utterances.iter().filter_map(|&at| call.session.utterances.get(at));
    utterances.map(|utterance| utterance.id).collect()
}

/// Seconds from milliseconds.
#[expect(clippy::cast_precision_loss, reason = "no call is that long")]
pub(super) fn seconds(milliseconds: i64) -> f64 {
    milliseconds as f64 / 1000.0
}

fn int(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
