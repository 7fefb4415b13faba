//! The floor: the least work that any tool of turnset's kind must do, on all cores.
//!
//! `floor INPUT TURNSET_OUT SCRATCH` parses every call log into borrowed structs, compresses the spoken text
//! once, and writes as many bytes as turnset left under `TURNSET_OUT`. It judges, pairs and checks nothing, so
//! its CPU time is what `compare.py` divides turnset's by.

#![allow(clippy::print_stdout)]

use std::borrow::Cow;
use std::error::Error;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::{env, thread};

use serde::Deserialize;
use zstd::bulk::Compressor;

/// The zstd level at which turnset writes its Parquet.
const LEVEL: i32 = 1;
const BLOCK: usize = 8 << 20;
const WRITE: usize = 1 << 20;

/// What lets a thread's trouble reach `main`.
type Trouble = Box<dyn Error + Send + Sync>;

#[derive(Deserialize)]
#[expect(dead_code, reason = "parsed because turnset must, not to be used")]
struct Call<'a> {
    #[serde(borrow)]
    instanceid: Cow<'a, str>,
    #[serde(rename = "startTime")]
    start_time: f64,
    #[serde(borrow, rename = "agentUserId")]
    agent_user_id: Cow<'a, str>,
    #[serde(borrow, rename = "remoteUserId")]
    remote_user_id: Cow<'a, str>,
    #[serde(borrow)]
    dialog: Vec<Entry<'a>>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "parsed because turnset must, not to be used")]
struct Entry<'a> {
    id: u64,
    begin: f64,
    #[serde(borrow)]
    role: Cow<'a, str>,
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    text: Cow<'a, str>,
}

/// One thread's share of the input.
enum Share {
    /// The lines that begin in this range of bytes of a JSONL file.
    Lines(PathBuf, u64, u64),
    Files(Vec<PathBuf>),
}

/// One thread's counts and its text not yet compressed.
struct Tally {
    calls: u64,
    utterances: u64,
    text_bytes: usize,
    compressed_bytes: usize,
    block: Vec<u8>,
    compressed: Vec<u8>,
    compressor: Compressor<'static>,
}

impl Tally {
    fn new() -> io::Result<Self> {
        Ok(Self {
            calls: 0,
            utterances: 0,
            text_bytes: 0,
            compressed_bytes: 0,
            block: Vec::with_capacity(BLOCK + WRITE),
            compressed: Vec::new(),
            compressor: Compressor::new(LEVEL)?,
        })
    }

    fn take(&mut self, document: &[u8]) -> Result<(), Trouble> {
        let call: Call<'_> = serde_json::from_slice(document)?;
        self.calls += 1;
        for entry in call.dialog.iter().filter(|entry| entry.kind == "normal") {
            self.utterances += 1;
            self.block.extend_from_slice(entry.text.as_bytes());
        }
        if self.block.len() >= BLOCK {
            self.compress()?;
        }
        Ok(())
    }

    fn compress(&mut self) -> io::Result<()> {
        self.compressed.clear();
        // The destination is bounded by its capacity; after the first block this reserves nothing.
        self.compressed.reserve(zstd::compress_bound(self.block.len()));
        let length = self.compressor.compress_to_buffer(&self.block, &mut self.compressed)?;
        self.compressed_bytes += length;
        self.text_bytes += self.block.len();
        self.block.clear();
        Ok(())
    }

    fn take_share(&mut self, share: &Share) -> Result<(), Trouble> {
        match share {
            Share::Lines(path, start, end) => self.take_lines(path, *start, *end)?,
            Share::Files(paths) => self.take_files(paths)?,
        }
        if !self.block.is_empty() {
            self.compress()?;
        }
        Ok(())
    }

    fn take_lines(&mut self, path: &Path, start: u64, end: u64) -> Result<(), Trouble> {
        let mut file = BufReader::with_capacity(WRITE, File::open(path)?);
        let mut line = Vec::new();
        let mut position = start;
        if start > 0 {
            // From one byte earlier, so that a line beginning exactly at `start` is not skipped.
            file.seek(SeekFrom::Start(start - 1))?;
            position += file.read_until(b'\n', &mut line)? as u64 - 1;
        }
        while position < end {
            line.clear();
            let length = file.read_until(b'\n', &mut line)?;
            if length == 0 {
                break;
            }
            position += length as u64;
            self.take(&line)?;
        }
        Ok(())
    }

    fn take_files(&mut self, paths: &[PathBuf]) -> Result<(), Trouble> {
        let mut document = Vec::new();
        for path in paths {
            document.clear();
            File::open(path)?.read_to_end(&mut document)?;
            self.take(&document)?;
        }
        Ok(())
    }

    /// Writes `bytes` bytes of text as compressed as turnset's, lest a compressing file system flatter the floor.
    fn write(&self, path: &Path, bytes: u64) -> io::Result<()> {
        let text = self.compressed.iter().copied().cycle();
        let mut megabyte: Vec<u8> = text.take(WRITE).collect();
        megabyte.resize(WRITE, 0);
        let mut file = File::create(path)?;
        for _ in 0..bytes / WRITE as u64 {
            file.write_all(&megabyte)?;
        }
        io::copy(&mut megabyte.as_slice().take(bytes % WRITE as u64), &mut file)?;
        Ok(())
    }
}

/// Lists the files below a folder with their sizes.
fn files_below(folder: &Path, found: &mut Vec<(PathBuf, u64)>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            files_below(&entry.path(), found)?;
        } else {
            found.push((entry.path(), entry.metadata()?.len()));
        }
    }
    Ok(())
}

fn shares(input: &Path, threads: usize) -> io::Result<Vec<Share>> {
    if input.is_dir() {
        let mut found = Vec::new();
        files_below(input, &mut found)?;
        let paths: Vec<PathBuf> = found.into_iter().map(|(path, _)| path).collect();
        let each = paths.len().div_ceil(threads).max(1);
        return Ok(paths.chunks(each).map(|chunk| Share::Files(chunk.to_vec())).collect());
    }
    let size = fs::metadata(input)?.len();
    let cut = |n: usize| size * n as u64 / threads as u64;
    Ok((0..threads)
        .map(|n| Share::Lines(input.to_path_buf(), cut(n), cut(n + 1)))
        .collect())
}

fn main() -> Result<(), Trouble> {
    let arguments: Vec<PathBuf> = env::args_os().skip(1).map(PathBuf::from).collect();
    let [input, turnset_out, scratch] = arguments.as_slice() else {
        return Err("usage: floor INPUT TURNSET_OUT SCRATCH".into());
    };
    fs::create_dir_all(scratch)?;
    let mut published = Vec::new();
    files_below(turnset_out, &mut published)?;
    let to_write: u64 = published.iter().map(|(_, size)| size).sum();

    let shares = shares(input, thread::available_parallelism()?.get())?;
    let threads = shares.len().max(1) as u64;
    let tallies = thread::scope(|scope| {
        let running: Vec<_> = (0u64..)
            .zip(&shares)
            .map(|(n, share)| {
                scope.spawn(move || -> Result<Tally, Trouble> {
                    let mut tally = Tally::new()?;
                    tally.take_share(share)?;
                    // The first thread writes what does not divide evenly.
                    let remainder = if n == 0 { to_write % threads } else { 0 };
                    tally.write(&scratch.join(format!("floor-{n}.bin")), to_write / threads + remainder)?;
                    Ok(tally)
                })
            })
            .collect();
        running
            .into_iter()
            .map(|thread| thread.join().expect("a floor thread does not panic"))
            .collect::<Result<Vec<Tally>, Trouble>>()
    })?;

    println!(
        "floor: {} calls, {} utterances, {} bytes of text, {} compressed, {to_write} written, {threads} threads",
        tallies.iter().map(|tally| tally.calls).sum::<u64>(),
        tallies.iter().map(|tally| tally.utterances).sum::<u64>(),
        tallies.iter().map(|tally| tally.text_bytes).sum::<usize>(),
        tallies.iter().map(|tally| tally.compressed_bytes).sum::<usize>(),
    );
    Ok(())
}
