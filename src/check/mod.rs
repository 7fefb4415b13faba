//! Says what a target would do with files, in its own words: which rows it would refuse, drop, alter or cut. For files of
//! turnset and of anybody.

mod dialogue;
mod folder;
mod repair;
mod rows;
mod rules;
mod target;
mod twice;
mod types;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde::Serialize;

use crate::count::Counter;
use crate::error::Result;
use crate::output::Repaired;
use dialogue::Dialogue;
use repair::{REPAIRED, repair};
use rows::Read;
use rules::{Length, broken};
use target::Shape;
pub use target::{Outcome, Rule, Target};
use twice::has_key_twice;
use types::Types;

/// So many places are named for each rule.
const PLACES: usize = 5;

/// What to check, and for whom.
#[derive(Debug)]
pub struct Inspection<'i> {
    /// A file, a folder, or the output folder of a build.
    pub path: &'i Path,
    /// Who would read it.
    pub target: &'i Target,
    /// The most tokens of a row; the target's own number if left out.
    pub max_tokens: Option<u32>,
    /// A `tokenizer.json` that counts them; they are estimated if left out.
    pub tokenizer: Option<&'i Path>,
    /// A new folder for repaired copies, if they are wanted.
    pub fix: Option<&'i Path>,
}

/// What a target would do.
#[derive(Debug, Serialize)]
pub struct Checked {
    /// The target.
    pub target: &'static str,
    /// What it is.
    pub reader: String,
    /// Where its rules are known from.
    pub source: String,
    /// When they were looked up or run.
    pub date: String,
    /// Who counted tokens.
    pub tokens_by: String,
    /// The files that were read.
    pub files: Vec<PathBuf>,
    /// Their rows.
    pub rows: u64,
    /// The rows that the target takes as they are.
    pub accepted: u64,
    /// What is wrong, the worst first.
    pub findings: Vec<Finding>,
    /// The repaired copies, and the rows that no repair saves.
    pub repaired: Option<Repairs>,
}

/// One rule that is broken.
#[derive(Debug, Serialize)]
pub struct Finding {
    /// What the target does.
    pub outcome: Outcome,
    /// The rule.
    pub rule: Rule,
    /// What the target says.
    pub says: String,
    /// How many rows break it; of a file or a folder, how many files.
    pub count: u64,
    /// The first places: file and line, or file and key.
    pub places: Vec<String>,
}

/// What became of the rows with `--fix`.
#[derive(Debug, Default, Serialize)]
pub struct Repairs {
    /// Rows that were written as they were.
    pub unchanged: u64,
    /// Rows that were repaired.
    pub repaired: u64,
    /// Rows that no safe repair saves; they are in `refused/`.
    pub refused: u64,
}

/// Gathers findings.
#[derive(Default)]
struct Findings(BTreeMap<Rule, (u64, Vec<String>)>);

impl Findings {
    fn add(&mut self, rule: Rule, place: impl FnOnce() -> String) {
        let (count, places) = self.0.entry(rule).or_default();
        *count += 1;
        if places.len() < PLACES {
            places.push(place());
        }
    }

    fn finish(self, target: &Target) -> Vec<Finding> {
        let known = self.0.into_iter().filter_map(|(rule, (count, places))| {
            let reaction = target.rules.get(&rule)?;
            Some(Finding {
                outcome: reaction.outcome,
                rule,
                says: reaction.says.clone(),
                count,
                places,
            })
        });
        let mut findings: Vec<_> = known.collect();
        findings.sort_by_key(|finding| (finding.outcome, std::cmp::Reverse(finding.count)));
        findings
    }
}

/// Checks files for a target.
///
/// # Errors
/// [`crate::Error::Input`] where there is nothing to check, and any error of reading and writing.
pub fn check(inspection: &Inspection<'_>) -> Result<Checked> {
    let Inspection {
        path,
        target,
        max_tokens,
        tokenizer,
        fix,
    } = *inspection;
    let counter = Counter::new(tokenizer)?;
    let length = Length {
        most: max_tokens.or(target.limits.max_tokens),
        tokens: &|text| counter.tokens(text).unwrap_or(u32::MAX),
    };
    let found = folder::find(path, target)?;
    let mut findings = Findings::default();
    for (rule, place) in &found.odd {
        findings.add(*rule, || place.display().to_string());
    }
    let mut repairs = fix
        .map(|folder| Ok((Repaired::begin(folder)?, Repairs::default())))
        .transpose()?;
    let (mut rows, mut accepted) = (0, 0);
    let (mut all_types, mut training) = (Vec::new(), 0);
    for file in &found.files {
        let under = file.strip_prefix(path).ok().filter(|under| !under.as_os_str().is_empty());
        let copy = under.or(file.file_name().map(Path::new)).unwrap_or(file);
        let copies = repairs.as_mut().map(|(files, repairs)| (copy, files, repairs));
        let seen = look(target, &length, file, &mut findings, copies)?;
        rows += seen.rows;
        accepted += seen.accepted;
        training += if is_training(file, &found.files) { seen.rows } else { 0 };
        all_types.push((file, seen.types));
    }
    between(&all_types, &mut findings);
    let first = || path.display().to_string();
    if target.limits.min_rows.is_some_and(|least| training < least) {
        findings.add(Rule::FewRows, || format!("{}: {training} rows", first()));
    }
    if target.limits.max_rows.is_some_and(|most| rows > most) {
        findings.add(Rule::ManyRows, || format!("{}: {rows} rows", first()));
    }
    Ok(Checked {
        target: target.name,
        reader: target.reader.clone(),
        source: target.source.clone(),
        date: target.date.clone(),
        tokens_by: counter.tokenizing.by.clone(),
        rows,
        accepted,
        findings: findings.finish(target),
        repaired: repairs.map(|(_, repairs)| repairs),
        files: found.files,
    })
}

/// What one file held.
struct Seen {
    rows: u64,
    accepted: u64,
    types: Types,
    /// The layout of its first row.
    shape: Option<Shape>,
}

/// Looks at one file.
fn look(
    target: &Target,
    length: &Length<'_>,
    file: &Path,
    findings: &mut Findings,
    mut copies: Option<(&Path, &mut Repaired, &mut Repairs)>,
) -> Result<Seen> {
    let name = file.display().to_string();
    let is_parquet = rows::ending(file) == "parquet";
    if !folder::takes(target, rows::ending(file)) {
        findings.add(Rule::FileType, || name.clone());
    }
    let bytes = std::fs::metadata(file).map_or(0, |metadata| metadata.len());
    if target.limits.max_bytes.is_some_and(|most| bytes > most) {
        findings.add(Rule::Bytes, || format!("{name}: {bytes} bytes"));
    }
    if is_parquet {
        for rule in rows::schema(file)? {
            findings.add(rule, || name.clone());
        }
    }
    let mut seen = Seen {
        rows: 0,
        accepted: 0,
        types: Types::default(),
        shape: None,
    };
    rows::each(file, &mut |batch| {
        let looked: Vec<_> = batch.par_iter().map(|read| objections(target, length, read)).collect();
        for (read, rules) in batch.iter().zip(&looked) {
            if matches!(read.row, Err(Rule::BlankLine)) {
                findings.add(Rule::BlankLine, || format!("{name}:{}", read.number));
                continue;
            }
            seen.rows += 1;
            seen.accepted += u64::from(rules.is_empty());
            for rule in rules {
                findings.add(*rule, || format!("{name}:{}", read.number));
            }
            let Ok(row) = &read.row else { continue };
            if !is_parquet {
                seen.types.enter(row);
            }
            if let Some(Dialogue { shape, .. }) = dialogue::read(row) {
                let first = *seen.shape.get_or_insert(shape);
                if shape != first {
                    findings.add(Rule::MixedShapes, || format!("{name}:{}", read.number));
                }
            }
        }
        if let Some((copy, files, repairs)) = &mut copies {
            for (read, rules) in batch.into_iter().zip(looked) {
                mend(target, length, read, &rules, (copy, files), repairs)?;
            }
        }
        Ok(())
    })?;
    if seen.rows == 0 {
        findings.add(Rule::EmptyFile, || name.clone());
    }
    for (rule, key) in seen.types.odd() {
        findings.add(rule, || format!("{name}: {key}"));
    }
    Ok(seen)
}

/// The rules that a row breaks, as far as the target minds.
fn objections(target: &Target, length: &Length<'_>, read: &Read) -> Vec<Rule> {
    let mut rules = match &read.row {
        Ok(row) => broken(target, length, row),
        Err(Rule::BlankLine) => Vec::new(),
        Err(Rule::NotUtf8) if !target.rules.contains_key(&Rule::NotUtf8) => vec![Rule::NotJson],
        Err(rule) => vec![*rule],
    };
    if target.rules.contains_key(&Rule::KeyTwice) && std::str::from_utf8(&read.line).is_ok_and(has_key_twice) {
        rules.push(Rule::KeyTwice);
    }
    if read.has_mark {
        // In front of all, most who read a file as a whole pass over it; who read lines do not.
        match target.rules.contains_key(&Rule::Bom) {
            true if read.number > 1 => rules.push(Rule::Bom),
            true => {}
            false => rules.push(Rule::NotJson),
        }
    }
    rules
}

/// Writes a row as it is, repaired, or to the refused ones.
fn mend(
    target: &Target,
    length: &Length<'_>,
    read: Read,
    rules: &[Rule],
    (file, files): (&Path, &mut Repaired),
    repairs: &mut Repairs,
) -> Result<()> {
    if matches!(read.row, Err(Rule::BlankLine)) {
        // There is nothing to keep.
        return Ok(());
    }
    if rules.is_empty() {
        repairs.unchanged += 1;
        return files.put(file, &read.line);
    }
    let has_repair = rules.iter().any(|rule| REPAIRED.contains(rule)) || read.has_mark;
    let mended = read.row.ok().filter(|_| has_repair).map(|mut row| {
        repair(target, &mut row);
        row
    });
    if let Some(row) = mended.filter(|row| broken(target, length, row).is_empty()) {
        repairs.repaired += 1;
        files.put(file, serde_json::Value::Object(row).to_string().as_bytes())
    } else {
        repairs.refused += 1;
        files.refuse(file, &read.line)
    }
}

/// Looks for keys that are of one type in one file and of another in the next.
fn between(all_types: &[(&PathBuf, Types)], findings: &mut Findings) {
    let Some(((_, first), rest)) = all_types.split_first() else {
        return;
    };
    for (file, types) in rest {
        for (rule, key) in first.clashes(types) {
            findings.add(rule, || format!("{}: {key}", file.display()));
        }
    }
}

/// Whether a file belongs to what is trained on: by its name, or because no name tells.
fn is_training(file: &Path, files: &[PathBuf]) -> bool {
    let tells = |file: &Path, word: &str| file.file_stem().is_some_and(|name| name.to_string_lossy().contains(word));
    tells(file, "train") || !files.iter().any(|file| tells(file, "train"))
}
