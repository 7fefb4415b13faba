//! Finds what the inputs name: folders, globs, files, standard input. Names it, sorts it, opens none of it.

use std::collections::BTreeMap;
use std::fs::{self, File, Metadata};
use std::io::{self, Seek};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use walkdir::WalkDir;

use super::{HIDDEN, NOT_A_FILE, UNREADABLE};
use crate::error::{Error, Result};
use crate::ledger::Fate;

/// Everything the inputs name, in byte order of the names.
#[derive(Debug)]
pub(crate) struct Source {
    pub(super) found: Vec<Found>,
}

/// How the names of turnset's own working folders begin.
const WORKING: &str = ".turnset-";

/// Something the inputs name.
#[derive(Debug)]
pub(super) struct Found {
    /// Relative to the common parent of all inputs.
    pub(super) name: Arc<str>,
    pub(super) path: PathBuf,
    /// Whether the user named it, rather than a folder that holds it.
    pub(super) named: bool,
    pub(super) what: What,
}

#[derive(Debug)]
pub(super) enum What {
    File { bytes: u64 },
    Spool(File),
    Refused(Fate),
}

impl Source {
    /// Finds what the inputs name, but for the folders `own`, which turnset writes itself.
    ///
    /// Standard input, `-`, is copied to a temporary file without a name, since a second pass may need it.
    ///
    /// # Errors
    /// [`Error::Input`] where an input names nothing.
    pub(crate) fn find(inputs: &[PathBuf], own: &[PathBuf]) -> Result<Self> {
        let mut walk = Walk {
            own: own.iter().filter_map(|own| own.canonicalize().ok()).collect(),
            found: BTreeMap::new(),
        };
        let mut roots = Vec::new();
        let mut spool = None;
        for input in inputs {
            if input.as_os_str() == "-" {
                // Standard input gives what it has once.
                if spool.is_none() {
                    spool = Some(spooled(io::stdin().lock()).map_err(Error::io("read", "-"))?);
                }
                continue;
            }
            for path in expand(input)? {
                let path = absolute(&path)?;
                let metadata = fs::metadata(&path).map_err(Error::io("read", input))?;
                if metadata.is_dir() {
                    walk.folder(&path);
                    roots.push(path);
                } else if is_pipe(&metadata) {
                    // As a shell's <(command) gives one: copied, since a second pass may need it.
                    let file = File::open(&path).and_then(spooled).map_err(Error::io("read", input))?;
                    roots.push(path.parent().unwrap_or(&path).to_owned());
                    walk.insert(path, true, What::Spool(file));
                } else if !metadata.is_file() {
                    return Err(Error::Input {
                        path: input.clone(),
                        message: "is neither a file nor a folder".to_owned(),
                    });
                } else {
                    roots.push(path.parent().unwrap_or(&path).to_owned());
                    walk.insert(path, true, what(Ok(metadata)));
                }
            }
        }
        let root = common_parent(&roots);
        let mut found: Vec<_> = walk
            .found
            .into_iter()
            .map(|(path, (named, what))| Found {
                name: name(path.strip_prefix(&root).unwrap_or(&path)),
                path,
                named,
                what,
            })
            .collect();
        found.extend(spool.map(|file| Found {
            name: "-".into(),
            path: "-".into(),
            named: true,
            what: What::Spool(file),
        }));
        found.sort_by(|a, b| a.name.cmp(&b.name));
        if found.is_empty() {
            return Err(Error::Input {
                path: inputs.first().cloned().unwrap_or_default(),
                message: "holds nothing".to_owned(),
            });
        }
        Ok(Self { found })
    }

    /// Returns how many bytes there are to read, packed.
    #[must_use]
    pub(crate) fn bytes(&self) -> u64 {
        let sizes = self.found.iter().map(|found| match &found.what {
            What::File { bytes } => *bytes,
            What::Spool(file) => file.metadata().map_or(0, |metadata| metadata.len()),
            What::Refused(_) => 0,
        });
        sizes.sum()
    }
}

struct Walk {
    own: Vec<PathBuf>,
    found: BTreeMap<PathBuf, (bool, What)>,
}

impl Walk {
    fn insert(&mut self, path: PathBuf, named: bool, what: What) {
        let entry = self.found.entry(path).or_insert((named, what));
        entry.0 |= named;
    }

    fn folder(&mut self, root: &Path) {
        let own = self.own.clone();
        let mut entries = WalkDir::new(root).follow_links(true).into_iter();
        while let Some(entry) = entries.next() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    // A loop of links, a link to nothing, a folder that may not be listed.
                    let path = error.path().unwrap_or(root).to_owned();
                    let words = match error.loop_ancestor() {
                        Some(_) => "a link to a folder that holds it".to_owned(),
                        None => error
                            .io_error()
                            .map_or_else(|| "cannot be read".to_owned(), ToString::to_string),
                    };
                    self.insert(path, false, What::Refused(Fate::Quarantined(UNREADABLE.because(words))));
                    continue;
                }
            };
            let is_folder = entry.file_type().is_dir();
            // By whatever links it is reached.
            let is_own = is_folder
                && own
                    .iter()
                    .any(|own| own.file_name() == Some(entry.file_name()) || entry.depth() == 0)
                && entry.path().canonicalize().is_ok_and(|path| own.contains(&path));
            if is_own || entry.file_name().as_encoded_bytes().starts_with(WORKING.as_bytes()) {
                if is_folder {
                    entries.skip_current_dir();
                }
            } else if entry.depth() > 0 && entry.file_name().as_encoded_bytes().starts_with(b".") {
                if is_folder {
                    entries.skip_current_dir();
                }
                self.insert(entry.into_path(), false, What::Refused(Fate::Dropped(HIDDEN.plain())));
            } else if !is_folder {
                let metadata = entry.metadata().map_err(io::Error::from);
                self.insert(entry.into_path(), false, what(metadata));
            }
        }
    }
}

fn what(metadata: io::Result<Metadata>) -> What {
    match metadata {
        Ok(metadata) if metadata.is_file() => What::File { bytes: metadata.len() },
        Ok(_) => What::Refused(Fate::Dropped(NOT_A_FILE.plain())),
        Err(error) => What::Refused(Fate::Quarantined(UNREADABLE.because(error.to_string()))),
    }
}

/// Returns the paths that an input names: itself if it exists, else what it matches as a glob.
fn expand(input: &Path) -> Result<Vec<PathBuf>> {
    let nothing = |message: &str| Error::Input {
        path: input.to_owned(),
        message: message.to_owned(),
    };
    if input.symlink_metadata().is_ok() {
        return Ok(vec![input.to_owned()]);
    }
    let pattern = input.to_str().filter(|pattern| pattern.contains(['*', '?', '[']));
    let Some(pattern) = pattern else {
        return Err(nothing("no such file or folder"));
    };
    let paths = glob::glob(pattern).map_err(|error| nothing(&error.to_string()))?;
    let paths: Vec<_> = paths
        .collect::<Result<_, _>>()
        .map_err(|error| Error::io("read", error.path())(io::Error::from(error.error().kind())))?;
    if paths.is_empty() {
        Err(nothing("matches nothing"))
    } else {
        Ok(paths)
    }
}

fn absolute(path: &Path) -> Result<PathBuf> {
    std::path::absolute(path).map_err(Error::io("read", path))
}

fn common_parent(roots: &[PathBuf]) -> PathBuf {
    let mut roots = roots.iter();
    let Some(mut common) = roots.next().cloned() else {
        return PathBuf::new();
    };
    for root in roots {
        while !root.starts_with(&common) && common.pop() {}
    }
    common
}

/// Writes a relative path with `/`, whatever the system.
fn name(path: &Path) -> Arc<str> {
    let parts: Vec<_> = path.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    parts.join("/").into()
}

/// Copies a stream to a temporary file without a name.
fn spooled(mut stream: impl io::Read) -> io::Result<File> {
    let mut spool = tempfile::tempfile()?;
    io::copy(&mut stream, &mut spool)?;
    spool.rewind()?;
    Ok(spool)
}

#[cfg(unix)]
fn is_pipe(metadata: &Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt;
    metadata.file_type().is_fifo()
}

#[cfg(not(unix))]
fn is_pipe(_: &Metadata) -> bool {
    false
}
