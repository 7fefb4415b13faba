//! Parquet files: row groups encoded on every core, written in order, cut into shards.

use std::mem;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use parquet::arrow::ArrowSchemaConverter;
use parquet::arrow::arrow_writer::{ArrowColumnChunk, ArrowRowGroupWriterFactory, compute_leaves};
use parquet::arrow::add_encoded_arrow_schema_to_metadata;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesPtr};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::ColumnPath;
use rayon::prelude::*;

use super::files::{FileEntry, Hashed};
use crate::error::{Error, Result};

/// A row group ends after so many rows or bytes in memory, at the next border of a batch. Small ones let a viewer
/// jump, large ones compress; 10,000 to 50,000 rows of dialogue are in the range that readers advise.
const GROUP_ROWS: usize = 10_000;
const GROUP_BYTES: usize = 64 << 20;
/// A shard ends after so many bytes in memory: what the Hub advises.
const SHARD_BYTES: usize = 500 << 20;

/// How a table is written.
pub(super) struct Table {
    pub(super) schema: SchemaRef,
    properties: WriterPropertiesPtr,
}

impl Table {
    /// `texts` names the columns whose values hardly repeat, for which a dictionary costs time and saves nothing;
    /// `unsorted` those by whose least and greatest value nobody would ever look for a row.
    pub(super) fn new(schema: SchemaRef, texts: &[&str], unsorted: &[&str], level: i32) -> Result<Self> {
        let level = ZstdLevel::try_new(level).map_err(wrong("write", Path::new("recipe")))?;
        let mut properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(level))
            // No version of a dependency: the same data give the same bytes after an update.
            .set_created_by("turnset".to_owned());
        for text in texts {
            let column = ColumnPath::new(text.split('.').map(ToOwned::to_owned).collect());
            properties = properties.set_column_dictionary_enabled(column, false);
        }
        for text in unsorted {
            let column = ColumnPath::new(text.split('.').map(ToOwned::to_owned).collect());
            properties = properties.set_column_statistics_enabled(column, EnabledStatistics::None);
        }
        let mut properties = properties.build();
        add_encoded_arrow_schema_to_metadata(&schema, &mut properties);
        Ok(Self {
            schema,
            properties: Arc::new(properties),
        })
    }

    fn create(&self, path: PathBuf) -> Result<Shard> {
        let file = Hashed::create(path.clone())?;
        let descriptor = ArrowSchemaConverter::new().convert(&self.schema).map_err(wrong("write", &path))?;
        let writer = SerializedFileWriter::new(file, descriptor.root_schema_ptr(), self.properties.clone()).map_err(wrong("write", &path))?;
        let factory = ArrowRowGroupWriterFactory::new(&writer, self.schema.clone());
        Ok(Shard {
            writer,
            factory,
            groups: 0,
            bytes: 0,
        })
    }
}

struct Shard {
    writer: SerializedFileWriter<Hashed>,
    factory: ArrowRowGroupWriterFactory,
    groups: usize,
    bytes: usize,
}

/// A row group that is not yet encoded.
#[derive(Default)]
struct Group {
    batches: Vec<RecordBatch>,
    rows: usize,
    bytes: usize,
}

/// Writes one table into shards.
pub(super) struct TableWriter {
    table: Table,
    root: PathBuf,
    /// The path of the shards without number and ending, relative to the root.
    stem: String,
    pending: Group,
    shard: Option<Shard>,
    done: Vec<FileEntry>,
}

impl TableWriter {
    pub(super) fn new(table: Table, root: PathBuf, stem: String) -> Self {
        Self {
            table,
            root,
            stem,
            pending: Group::default(),
            shard: None,
            done: Vec::new(),
        }
    }

    /// Takes more rows. Encodes the row groups that are complete.
    pub(super) fn take(&mut self, batches: impl IntoIterator<Item = RecordBatch>) -> Result<()> {
        let mut complete = Vec::new();
        for batch in batches.into_iter().filter(|batch| batch.num_rows() > 0) {
            self.pending.rows += batch.num_rows();
            self.pending.bytes += batch.get_array_memory_size();
            self.pending.batches.push(batch);
            if self.pending.rows >= GROUP_ROWS || self.pending.bytes >= GROUP_BYTES {
                complete.push(mem::take(&mut self.pending));
            }
        }
        self.write(&complete)
    }

    fn write(&mut self, groups: &[Group]) -> Result<()> {
        let mut groups = groups;
        while let Some(first) = groups.first() {
            // The groups that go into one shard are encoded together.
            let shard = match &mut self.shard {
                Some(shard) => shard,
                none => none.insert(self.table.create(self.root.join(format!("{}-{:05}", self.stem, self.done.len())))?),
            };
            let (mut count, mut bytes) = (1, shard.bytes + first.bytes);
            while bytes < SHARD_BYTES && groups.get(count).is_some() {
                bytes += groups.get(count).map_or(0, |group| group.bytes);
                count += 1;
            }
            let (now, later) = groups.split_at(count);
            let path = shard.writer.inner().path().to_owned();
            let encoded: Vec<Vec<ArrowColumnChunk>> = now
                .par_iter()
                .enumerate()
                .map(|(at, group)| encode(&self.table.schema, &shard.factory, shard.groups + at, group))
                .collect::<parquet::errors::Result<_>>()
                .map_err(wrong("write", &path))?;
            for chunks in encoded {
                append(&mut shard.writer, chunks).map_err(wrong("write", &path))?;
            }
            shard.groups += now.len();
            shard.bytes = bytes;
            groups = later;
            if bytes >= SHARD_BYTES {
                self.end_shard()?;
            }
        }
        Ok(())
    }

    fn end_shard(&mut self) -> Result<()> {
        if let Some(shard) = self.shard.take() {
            let path = shard.writer.inner().path().to_owned();
            let file = shard.writer.into_inner().map_err(wrong("write", &path))?;
            self.done.push(file.close(String::new()));
        }
        Ok(())
    }

    /// Writes what is pending and names the shards `STEM-00000-of-00002.parquet`, or `STEM.parquet` if `single`.
    /// A table without rows leaves no file, unless it is `single`.
    pub(super) fn finish(mut self, single: bool) -> Result<Vec<FileEntry>> {
        if self.pending.rows > 0 {
            let last = mem::take(&mut self.pending);
            self.write(&[last])?;
        }
        if single && self.shard.is_none() && self.done.is_empty() {
            self.shard = Some(self.table.create(self.root.join(format!("{}-00000", self.stem)))?);
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

fn encode(schema: &SchemaRef, factory: &ArrowRowGroupWriterFactory, at: usize, group: &Group) -> parquet::errors::Result<Vec<ArrowColumnChunk>> {
    let mut writers = factory.create_column_writers(at)?;
    for batch in &group.batches {
        let mut writer = writers.iter_mut();
        for (field, column) in schema.fields().iter().zip(batch.columns()) {
            for leaf in compute_leaves(field, column)? {
                if let Some(writer) = writer.next() {
                    writer.write(&leaf)?;
                }
            }
        }
    }
    writers.into_iter().map(|writer| writer.close()).collect()
}

fn append(writer: &mut SerializedFileWriter<Hashed>, chunks: Vec<ArrowColumnChunk>) -> parquet::errors::Result<()> {
    let mut group = writer.next_row_group()?;
    for chunk in chunks {
        chunk.append_to_row_group(&mut group)?;
    }
    group.close()?;
    Ok(())
}

/// Wraps a Parquet error; a full disk stays recognisable as one.
fn wrong(action: &'static str, path: &Path) -> impl Fn(parquet::errors::ParquetError) -> Error + use<> {
    let path = path.to_owned();
    move |error| match error {
        parquet::errors::ParquetError::External(source) => match source.downcast::<std::io::Error>() {
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
