//! The columns of the ledger: a row for every document and utterance, and for every sample that was dropped.

use std::sync::{Arc, LazyLock};

use arrow::array::{ArrayRef, Float64Builder, Int32Builder, Int64Builder, RecordBatch, StringBuilder};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

use super::sample_table::{batch, seconds};
use crate::ledger::{Fate, Unit};

/// The columns whose values hardly repeat.
pub(super) const UNIQUE: [&str; 6] = ["utterance_id", "position", "begin", "detail", "text", "sample_id"];

/// Rows are small, and each group has its price.
pub(super) const GROUP_ROWS: usize = 200_000;

/// The columns by whose values nobody looks for a row.
pub(super) const UNSORTED: [&str; 12] = [
    "unit",
    "role",
    "type",
    "label",
    "fate",
    "stage",
    "reason",
    "detail",
    "text",
    "sample_id",
    "source",
    "set_aside",
];

/// The schema of `audit/ledger.parquet`.
pub(super) static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
    Arc::new(Schema::new(vec![
        Field::new("unit", DataType::Utf8, false),
        Field::new("session_id", DataType::Utf8, true),
        Field::new("utterance_id", DataType::Int64, true),
        Field::new("position", DataType::Int32, true),
        Field::new("begin", DataType::Float64, true),
        Field::new("role", DataType::Utf8, true),
        Field::new("type", DataType::Utf8, true),
        Field::new("label", DataType::Utf8, true),
        Field::new("fate", DataType::Utf8, false),
        Field::new("stage", DataType::Utf8, true),
        Field::new("reason", DataType::Utf8, true),
        Field::new("detail", DataType::Utf8, true),
        Field::new("text", DataType::Utf8, true),
        Field::new("sample_id", DataType::Utf8, true),
        Field::new("source", DataType::Utf8, false),
        Field::new("set_aside", DataType::Utf8, true),
    ]))
});

/// One row.
#[derive(Clone, Copy)]
pub(super) struct Entry<'e> {
    pub(super) unit: Unit,
    pub(super) session_id: Option<&'e str>,
    pub(super) utterance_id: Option<i64>,
    /// The place of an utterance in the archived dialog, from 1.
    pub(super) position: Option<u32>,
    pub(super) begin: Option<i64>,
    pub(super) role: Option<&'e str>,
    pub(super) kind: Option<&'e str>,
    pub(super) label: Option<&'e str>,
    pub(super) fate: &'e Fate,
    /// What there is to say, where the fate does not.
    pub(super) note: Option<&'e str>,
    /// Only what is not in the dataset.
    pub(super) text: Option<&'e str>,
    pub(super) sample_id: Option<&'e str>,
    pub(super) source: &'e str,
    /// Where the bytes of a quarantined document lie, under `audit/`.
    pub(super) set_aside: Option<&'e str>,
}

impl<'e> Entry<'e> {
    /// Begins a row; what it does not name is null.
    pub(super) fn new(unit: Unit, fate: &'e Fate, source: &'e str) -> Self {
        Self {
            unit,
            session_id: None,
            utterance_id: None,
            position: None,
            begin: None,
            role: None,
            kind: None,
            label: None,
            fate,
            note: None,
            text: None,
            sample_id: None,
            source,
            set_aside: None,
        }
    }
}

/// Gathers rows.
pub(super) struct Rows {
    unit: StringBuilder,
    session_id: StringBuilder,
    utterance_id: Int64Builder,
    position: Int32Builder,
    begin: Float64Builder,
    role: StringBuilder,
    kind: StringBuilder,
    label: StringBuilder,
    fate: StringBuilder,
    stage: StringBuilder,
    reason: StringBuilder,
    detail: StringBuilder,
    text: StringBuilder,
    sample_id: StringBuilder,
    source: StringBuilder,
    set_aside: StringBuilder,
}

impl Rows {
    /// Makes room for so many rows, whose ids and sources take so many bytes.
    pub(super) fn new(rows: usize, ids: usize, sources: usize) -> Self {
        let word = || StringBuilder::with_capacity(rows, rows * 9);
        let rare = || StringBuilder::with_capacity(rows, 0);
        Self {
            unit: word(),
            session_id: StringBuilder::with_capacity(rows, ids),
            utterance_id: Int64Builder::with_capacity(rows),
            position: Int32Builder::with_capacity(rows),
            begin: Float64Builder::with_capacity(rows),
            role: word(),
            kind: word(),
            label: word(),
            fate: word(),
            stage: rare(),
            reason: rare(),
            detail: rare(),
            text: rare(),
            sample_id: StringBuilder::with_capacity(rows, ids + rows * 4),
            source: StringBuilder::with_capacity(rows, sources),
            set_aside: rare(),
        }
    }

    pub(super) fn push(&mut self, entry: Entry<'_>) {
        let Entry {
            unit,
            session_id,
            utterance_id,
            position,
            begin,
            role,
            kind,
            label,
            fate,
            note,
            text,
            sample_id,
            source,
            set_aside,
        } = entry;
        let cause = fate.cause();
        self.unit.append_value(unit.word());
        self.session_id.append_option(session_id);
        self.utterance_id.append_option(utterance_id);
        self.position
            .append_option(position.and_then(|position| i32::try_from(position).ok()));
        self.begin.append_option(begin.map(seconds));
        self.role.append_option(role);
        self.kind.append_option(kind);
        self.label.append_option(label);
        self.fate.append_value(fate.word());
        self.stage.append_option(cause.map(|cause| cause.reason.stage));
        self.reason.append_option(cause.map(|cause| cause.reason.code));
        self.detail
            .append_option(cause.and_then(|cause| cause.detail.as_deref()).or(note));
        self.text.append_option(text);
        self.sample_id.append_option(sample_id);
        self.source.append_value(source);
        self.set_aside.append_option(set_aside);
    }

    pub(super) fn finish(self) -> RecordBatch {
        let Self {
            mut unit,
            mut session_id,
            mut utterance_id,
            mut position,
            mut begin,
            mut role,
            mut kind,
            mut label,
            mut fate,
            mut stage,
            mut reason,
            mut detail,
            mut text,
            mut sample_id,
            mut source,
            mut set_aside,
        } = self;
        let columns: Vec<ArrayRef> = vec![
            Arc::new(unit.finish()),
            Arc::new(session_id.finish()),
            Arc::new(utterance_id.finish()),
            Arc::new(position.finish()),
            Arc::new(begin.finish()),
            Arc::new(role.finish()),
            Arc::new(kind.finish()),
            Arc::new(label.finish()),
            Arc::new(fate.finish()),
            Arc::new(stage.finish()),
            Arc::new(reason.finish()),
            Arc::new(detail.finish()),
            Arc::new(text.finish()),
            Arc::new(sample_id.finish()),
            Arc::new(source.finish()),
            Arc::new(set_aside.finish()),
        ];
        batch(&SCHEMA, columns)
    }
}
