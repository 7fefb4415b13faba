//! Calls in every packaging that turnset opens, and in some that nobody should.

use std::io::{Cursor, Write as _};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// A name and what is stored under it.
pub(crate) type Member = (String, Vec<u8>);

/// One call a line.
pub(crate) fn jsonl<'c>(calls: impl IntoIterator<Item = &'c Value>) -> Vec<u8> {
    calls
        .into_iter()
        .map(|call| format!("{call}\n"))
        .collect::<String>()
        .into_bytes()
}

/// One pretty-printed file a call, named by number.
pub(crate) fn pretty(calls: &[Value]) -> Vec<Member> {
    let print = |call: &Value| serde_json::to_vec_pretty(call).expect("a value is JSON");
    calls
        .iter()
        .enumerate()
        .map(|(at, call)| (format!("calls/{at:03}.json"), print(call)))
        .collect()
}

/// A tar whose members lie in the given order.
pub(crate) fn tar(members: &[Member]) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (name, bytes) in members {
        let mut header = tar::Header::new_gnu();
        // By hand: `append_data` refuses the paths that a hostile archive has.
        for (slot, byte) in header.as_old_mut().name.iter_mut().zip(name.bytes()) {
            *slot = byte;
        }
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        archive.append(&header, bytes.as_slice()).expect("writing to memory");
    }
    archive.into_inner().expect("writing to memory")
}

/// A zip whose members lie in the given order.
pub(crate) fn zip(members: &[Member]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        archive
            .start_file(name, SimpleFileOptions::default())
            .expect("a name of its own");
        archive.write_all(bytes).expect("writing to memory");
    }
    archive.finish().expect("writing to memory").into_inner()
}

pub(crate) fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("writing to memory");
    encoder.finish().expect("writing to memory")
}

pub(crate) fn zst(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 1).expect("writing to memory")
}
