//! What the tests share: a folder to run turnset in, and eyes for what it leaves behind.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use arrow::array::{Array, AsArray};
use arrow::datatypes::{DataType, Float64Type, Int8Type, Int32Type, Int64Type, TimestampMillisecondType};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::{Map, Value};
use turnset::{Built, Job, Manifest, Plan, Recipe, Shared};

/// The repository.
pub(crate) fn house() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The folder of the fixture calls, as an argument.
pub(crate) fn fixtures() -> String {
    house().join("fixtures/calls").display().to_string()
}

/// One of the fixture calls, as an argument.
pub(crate) fn fixture(name: &str) -> String {
    format!("{}/{name}", fixtures())
}

/// Whether `make golden` runs: what is expected is then written instead of compared.
pub(crate) fn writes_golden() -> bool {
    std::env::var_os("TURNSET_GOLDEN").is_some_and(|value| value == "write")
}

/// A folder of its own, in which `turnset` runs. It goes when the test ends.
pub(crate) struct Room(tempfile::TempDir);

/// A command that has ended.
#[derive(Debug)]
pub(crate) struct Run {
    /// `None` when a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Room {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a file, and the folders above it.
    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a path inside the room")).expect("a folder in the room");
        fs::write(&path, bytes).expect("a file in the room");
        path
    }

    /// Makes ready to run `turnset` here, without what the caller's environment would change.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_turnset"));
        command
            .args(args)
            .current_dir(self.0.path())
            .env_remove("TURNSET_USER_KEY")
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn turnset(&self, args: &[&str]) -> Run {
        Run::from(self.command(args).output().expect("turnset starts"))
    }

    /// Runs with something on standard input.
    pub(crate) fn turnset_fed(&self, args: &[&str], stdin: &[u8]) -> Run {
        let mut command = self.command(args);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("turnset starts");
        child
            .stdin
            .take()
            .expect("a pipe")
            .write_all(stdin)
            .expect("turnset reads all of its input");
        Run::from(child.wait_with_output().expect("turnset ends"))
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("turnset writes UTF-8");
        Self {
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }
}

impl Run {
    /// Checks the exit code and returns the run; a failure shows what was said.
    #[track_caller]
    pub(crate) fn ends_with(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stdout: {}\nstderr: {}", self.stdout, self.stderr);
        self
    }

    #[track_caller]
    pub(crate) fn says(self, words: &str) -> Self {
        assert!(self.stderr.contains(words), "no `{words}` in: {}", self.stderr);
        self
    }
}

/// Builds in this process, on `threads` threads, with `changes` as `--set` takes them.
pub(crate) fn build(inputs: &[PathBuf], out: &Path, changes: &[&str], threads: usize) -> turnset::Result<Built> {
    let changes: Vec<String> = changes.iter().map(|&change| change.to_owned()).collect();
    let plan = Plan::new(Recipe::load(None, &changes)?, None)?;
    let job = Job {
        inputs: inputs.to_vec(),
        out: Some(out.to_owned()),
        overwrite: false,
        pass_over: Vec::new(),
    };
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .expect("a pool of threads");
    pool.install(|| turnset::build(&plan, &job, &Arc::new(Shared::default()), &|_| {}))
}

/// Every file below a folder with its bytes, by its path relative to the folder. No folder, no files.
pub(crate) fn files(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    if !root.exists() {
        return files;
    }
    for entry in walkdir::WalkDir::new(root) {
        let entry = entry.expect("a folder that can be listed");
        if entry.file_type().is_file() {
            let name = entry.path().strip_prefix(root).expect("a path below the root");
            files.insert(
                name.display().to_string(),
                fs::read(entry.path()).expect("a file that can be read"),
            );
        }
    }
    files
}

/// The names in a folder, hidden ones too, in order.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let mut names: Vec<_> = entries
        .map(|entry| entry.expect("an entry").file_name().display().to_string())
        .collect();
    names.sort();
    names
}

/// One row of a Parquet file, by column.
pub(crate) type Row = Map<String, Value>;

/// The rows of the ledger.
pub(crate) fn ledger(out: &Path) -> Vec<Row> {
    rows(&out.join("audit/ledger.parquet"))
}

/// The rows of one unit of the ledger: `document`, `utterance` or `sample`.
pub(crate) fn ledger_of(out: &Path, unit: &str) -> Vec<Row> {
    ledger(out).into_iter().filter(|row| row["unit"] == unit).collect()
}

/// All samples of a dataset, each with its split in the additional column `split`.
pub(crate) fn samples(out: &Path) -> Vec<Row> {
    let data = out.join("dataset/data");
    if !data.exists() {
        return Vec::new();
    }
    let shards = names(&data);
    let read = |shard: &String| {
        let split = shard.split('-').next().expect("the split begins the name").to_owned();
        rows(&data.join(shard)).into_iter().map(move |mut row| {
            row.insert("split".to_owned(), split.clone().into());
            row
        })
    };
    shards.iter().flat_map(read).collect()
}

/// The manifest of an output.
pub(crate) fn manifest(out: &Path) -> Manifest {
    turnset::read(&out.join("dataset/manifest.json")).expect("a manifest")
}

/// A value of text; empty where it is null.
pub(crate) fn text<'r>(row: &'r Row, column: &str) -> &'r str {
    row[column].as_str().unwrap_or_default()
}

fn rows(path: &Path) -> Vec<Row> {
    let file = File::open(path).expect("a Parquet file");
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).and_then(ParquetRecordBatchReaderBuilder::build);
    let mut rows = Vec::new();
    for batch in reader.expect("a sound Parquet file") {
        let batch = batch.expect("a sound row group");
        let schema = batch.schema();
        rows.extend((0..batch.num_rows()).map(|at| {
            let cells = schema.fields().iter().zip(batch.columns());
            cells
                .map(|(field, column)| (field.name().clone(), value(column, at)))
                .collect::<Row>()
        }));
    }
    rows
}

fn value(array: &dyn Array, at: usize) -> Value {
    if array.is_null(at) {
        return Value::Null;
    }
    match array.data_type() {
        DataType::Utf8 => array.as_string::<i32>().value(at).into(),
        DataType::Boolean => array.as_boolean().value(at).into(),
        DataType::Int8 => array.as_primitive::<Int8Type>().value(at).into(),
        DataType::Int32 => array.as_primitive::<Int32Type>().value(at).into(),
        DataType::Int64 => array.as_primitive::<Int64Type>().value(at).into(),
        DataType::Float64 => array.as_primitive::<Float64Type>().value(at).into(),
        DataType::Timestamp(..) => array.as_primitive::<TimestampMillisecondType>().value(at).into(),
        DataType::List(_) => {
            let items = array.as_list::<i32>().value(at);
            (0..items.len()).map(|at| value(&items, at)).collect()
        }
        DataType::Struct(fields) => {
            let columns = array.as_struct().columns();
            let cells = fields
                .iter()
                .zip(columns)
                .map(|(field, column)| (field.name().clone(), value(column, at)));
            Value::Object(cells.collect())
        }
        other => panic!("a column of type {other}: teach this function to read it"),
    }
}
