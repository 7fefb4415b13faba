//! Parquet files: columns encoded in parallel, row groups written in order, cut into shards.

use std::mem;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, SchemaRef};
use parquet::arrow::ArrowSchemaConverter;
use parquet::arrow::add_encoded_arrow_schema_to_metadata;
use parquet::arrow::arrow_writer::{ArrowColumnWriter, ArrowRowGroupWriterFactory, compute_leaves};
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesPtr};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::ColumnPath;
use rayon::prelude::*;

use super::files::{FileEntry, Hashed};
use crate::error::{Error, Result};

/// A row group ends after so many bytes in memory, if not before: what the Hub advises, less some.
const GROUP_BYTES: usize = 64 << 20;
/// A shard ends after so many bytes in memory: what the Hub advises.
const SHARD_BYTES: usize = 500 << 20;

/// How a table is written.
pub(super) struct Table {
    schema: SchemaRef,
    properties: WriterPropertiesPtr,
    /// A row group ends after so many rows, at the next border of a batch.
    group_rows: usize,
}

impl Table {
    /// `unique` names the columns whose values hardly repeat, for which a dictionary costs time and saves nothing;
    /// `unsorted` those by whose least and greatest value nobody would ever look for a row.
    pub(super) fn new(schema: SchemaRef, unique: &[&str], unsorted: &[&str], group_rows: usize, level: i32) -> Result<Self> {
        let level = ZstdLevel::try_new(level).map_err(wrong("write", Path::new("recipe")))?;
        let mut properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(level))
            // No version of a dependency: the same data give the same bytes after an update.
            .set_created_by("turnset".to_owned());
        for name in unique {
            let column = ColumnPath::new(name.split('.').map(ToOwned::to_owned).collect());
            properties = properties.set_column_dictionary_enabled(column, false);
        }
        for name in unsorted {
            let column = ColumnPath::new(name.split('.').map(ToOwned::to_owned).collect());
            properties = properties.set_column_statistics_enabled(column, EnabledStatistics::None);
        }
        let mut properties = properties.build();
        add_encoded_arrow_schema_to_metadata(&schema, &mut properties);
        Ok(Self {
            schema,
            properties: Arc::new(properties),
            group_rows,
        })
    }

    fn create(&self, path: &Path) -> Result<Shard> {
        let file = Hashed::create(path.to_owned())?;
        let descriptor = ArrowSchemaConverter::new()
            .convert(&self.schema)
            .map_err(wrong("write", path))?;
        let writer = SerializedFileWriter::new(file, descriptor.root_schema_ptr(), self.properties.clone())
            .map_err(wrong("write", path))?;
        let factory = ArrowRowGroupWriterFactory::new(&writer, self.schema.clone());
        Ok(Shard {
            writer,
            factory,
            groups: 0,
            bytes: 0,
            open: Group::default(),
        })
    }
}

struct Shard {
    writer: SerializedFileWriter<Hashed>,
    factory: ArrowRowGroupWriterFactory,
    groups: usize,
    bytes: usize,
    open: Group,
}

/// A row group that is being encoded: one writer a leaf column, and none before the first row.
#[derive(Default)]
struct Group {
    columns: Vec<ArrowColumnWriter>,
    rows: usize,
    bytes: usize,
}

/// Writes one table into shards.
pub(super) struct TableWriter {
    table: Table,
    root: PathBuf,
    /// The path of the shards without number and ending, relative to the root.
    stem: String,
    shard: Option<Shard>,
    done: Vec<FileEntry>,
}

impl TableWriter {
    pub(super) fn new(table: Table, root: PathBuf, stem: String) -> Self {
        Self {
            table,
            root,
            stem,
            shard: None,
            done: Vec::new(),
        }
    }

    /// Takes more rows. Columns are encoded in parallel, and compressed as their pages fill.
    pub(super) fn take(&mut self, batches: &[RecordBatch]) -> Result<()> {
        let mut batches = batches;
        while !batches.is_empty() {
            if self.shard.is_none() {
                let path = self.root.join(format!("{}-{:05}", self.stem, self.done.len()));
                self.shard = Some(self.table.create(&path)?);
            }
            let Some(shard) = &mut self.shard else { break };
            let (rows, bytes) = (self.table.group_rows - shard.open.rows, GROUP_BYTES - shard.open.bytes);
            let (now, later) = batches.split_at(reach(batches, rows, bytes));
            let path = shard.writer.inner().path().to_owned();
            shard.encode(&self.table.schema, now).map_err(wrong("write", &path))?;
            if shard.open.rows >= self.table.group_rows || shard.open.bytes >= GROUP_BYTES {
                shard.end_group().map_err(wrong("write", &path))?;
            }
            if shard.bytes >= SHARD_BYTES {
                self.end_shard()?;
            }
            batches = later;
        }
        Ok(())
    }

    fn end_shard(&mut self) -> Result<()> {
        if let Some(mut shard) = self.shard.take() {
            let path = shard.writer.inner().path().to_owned();
            shard.end_group().map_err(wrong("write", &path))?;
            let file = shard.writer.into_inner().map_err(wrong("write", &path))?;
            self.done.push(file.close(String::new()));
        }
        Ok(())
    }

    /// Closes the last shard and names all of them `STEM-00000-of-00002.parquet`, or `STEM.parquet` if `single`.
    /// A table without rows leaves no file, unless it is `single`.
    pub(super) fn finish(mut self, single: bool) -> Result<Vec<FileEntry>> {
        if single && self.shard.is_none() && self.done.is_empty() {
            self.shard = Some(self.table.create(&self.root.join(format!("{}-00000", self.stem)))?);
        }
        self.end_shard()?;
        let count = self.done.len();
        for (at, entry) in self.done.iter_mut().enumerate() {
            entry.path = if single && count == 1 {
                format!("{}.parquet", self.stem)
            } else {
                format!("{}-{at:05}-of-{count:05}.parquet", self.stem)
            };
            let (from, to) = (self.root.join(format!("{}-{at:05}", self.stem)), self.root.join(&entry.path));
            std::fs::rename(&from, &to).map_err(Error::io("write", to))?;
        }
        Ok(self.done)
    }
}

/// Returns how many batches go into a row group that still takes so many rows and bytes; one at least.
fn reach(batches: &[RecordBatch], rows: usize, bytes: usize) -> usize {
    let (mut some_rows, mut some_bytes) = (0, 0);
    let full = batches.iter().position(|batch| {
        some_rows += batch.num_rows();
        some_bytes += batch.get_array_memory_size();
        some_rows >= rows || some_bytes >= bytes
    });
    full.map_or(batches.len(), |last| last + 1)
}

impl Shard {
    fn encode(&mut self, schema: &SchemaRef, batches: &[RecordBatch]) -> parquet::errors::Result<()> {
        if self.open.columns.is_empty() {
            self.open.columns = self.factory.create_column_writers(self.groups)?;
        }
        // A field that holds a struct has several leaf columns, which come one after another.
        let mut columns = self.open.columns.as_mut_slice();
        let mut fields = Vec::with_capacity(schema.fields().len());
        for (at, field) in schema.fields().iter().enumerate() {
            let (own, rest) = columns.split_at_mut(leaves(field.data_type()));
            fields.push((at, field, own));
            columns = rest;
        }
        fields.into_par_iter().try_for_each(|(at, field, columns)| {
            for batch in batches {
                for (leaf, column) in compute_leaves(field, batch.column(at))?.iter().zip(columns.iter_mut()) {
                    column.write(leaf)?;
                }
            }
            Ok::<_, ParquetError>(())
        })?;
        self.open.rows += batches.iter().map(RecordBatch::num_rows).sum::<usize>();
        self.open.bytes += batches.iter().map(RecordBatch::get_array_memory_size).sum::<usize>();
        Ok(())
    }

    fn end_group(&mut self) -> parquet::errors::Result<()> {
        let Group { columns, rows, bytes } = mem::take(&mut self.open);
        if rows == 0 {
            return Ok(());
        }
        let mut group = self.writer.next_row_group()?;
        let chunks: Vec<_> = columns
            .into_par_iter()
            .map(ArrowColumnWriter::close)
            .collect::<Result<_, _>>()?;
        for chunk in chunks {
            chunk.append_to_row_group(&mut group)?;
        }
        group.close()?;
        self.groups += 1;
        self.bytes += bytes;
        Ok(())
    }
}

/// Counts the leaf columns of a type.
fn leaves(data_type: &DataType) -> usize {
    match data_type {
        DataType::List(item) => leaves(item.data_type()),
        DataType::Struct(fields) => fields.iter().map(|field| leaves(field.data_type())).sum(),
        _ => 1,
    }
}

/// Wraps a Parquet error; a full disk stays recognisable as one.
fn wrong(action: &'static str, path: &Path) -> impl Fn(ParquetError) -> Error + use<> {
    let path = path.to_owned();
    move |error| match error {
        ParquetError::External(source) => match source.downcast::<std::io::Error>() {
            Ok(source) => Error::Io {
                action,
                path: path.clone(),
                source: *source,
            },
            Err(source) => Error::Parquet {
                action,
                path: path.clone(),
                source,
            },
        },
        error => Error::Parquet {
            action,
            path: path.clone(),
            source: Box::new(error),
        },
    }
}
