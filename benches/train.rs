//! Trains the learned judges: `train CALLS.jsonl LABELS.tsv WEIGHTS` that of disfluencies, `train TEXTS.tsv WEIGHTS` that
//! of endings; `benches/train.py` prepares the inputs.
//!
//! A linear model over the features that turnset itself computes, by stochastic gradient descent with a step size for
//! each weight (Adagrad). The order of examples is fixed by a seed, so that the same corpora give the same weights.
//!
//! LABELS: session id, entry id, label, importance; TEXTS: 1 if cut, else 0, importance, text; separated by tabs.

#![allow(
    clippy::print_stdout,
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    clippy::cast_precision_loss
)]

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{env, fs};

use turnset::{Plan, Recipe, Shared, WEIGHT_UNIT, each, ending_features, features, slot};

const EPOCHS: usize = 12;
const STEP: f32 = 0.08;
const SHRINK: f32 = 2e-6;
/// A feature seen less often says nothing about others.
const SEEN: u32 = 4;

struct Example {
    features: Vec<u64>,
    class: usize,
    importance: f32,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let paths: Vec<PathBuf> = env::args().skip(1).map(PathBuf::from).collect();
    let (mut examples, weights, classes) = match paths.as_slice() {
        [calls, labels, weights] => (disfluencies(calls, labels)?, weights, 3),
        [texts, weights] => (endings(texts)?, weights, 2),
        _ => return Err("usage: train CALLS LABELS WEIGHTS, or train TEXTS WEIGHTS".into()),
    };
    let slots = choose(&examples);
    let trained = train(&mut examples, &slots, classes);
    fs::write(weights, bytes(&slots, &trained, classes))?;
    println!("{} examples, {} features: {}", examples.len(), slots.len(), weights.display());
    Ok(())
}

fn disfluencies(calls: &Path, labels: &Path) -> Result<Vec<Example>, Box<dyn std::error::Error>> {
    let mut known = HashMap::new();
    for line in fs::read_to_string(labels)?.lines() {
        let fields: Vec<_> = line.split('\t').collect();
        if let [session, id, label, importance] = fields[..] {
            let class = match label {
                "keep" => 0,
                "filler" | "backchannel" => 1,
                "fragment" => 2,
                _ => continue,
            };
            known.insert((session.to_owned(), id.parse::<i64>()?), (class, importance.parse::<f32>()?));
        }
    }
    let mut examples = Vec::new();
    let plan = Plan::new(Recipe::default(), None)?;
    each(&plan, &[calls.to_owned()], &Arc::new(Shared::default()), &mut |refined| {
        if let Ok(call) = &refined.outcome {
            for (utterance, features) in call.session.utterances.iter().zip(features(&plan, call)) {
                let key = (call.session.id.to_string(), utterance.id);
                if let (Some(features), Some(&(class, importance))) = (features, known.get(&key)) {
                    examples.push(Example {
                        features,
                        class,
                        importance,
                    });
                }
            }
        }
        Ok(true)
    })?;
    Ok(examples)
}

fn endings(texts: &Path) -> Result<Vec<Example>, Box<dyn std::error::Error>> {
    let texts = fs::read_to_string(texts)?;
    let example = |line: &str| {
        let fields: Vec<_> = line.splitn(3, '\t').collect();
        let [class, importance, text] = fields[..] else {
            return Err("a line of texts has three fields".into());
        };
        Ok(Example {
            features: ending_features(text),
            class: class.parse()?,
            importance: importance.parse()?,
        })
    };
    texts.lines().map(example).collect()
}

/// Gives each slot to the feature that was seen most often of those that want it.
fn choose(examples: &[Example]) -> BTreeMap<u64, usize> {
    let mut counts: BTreeMap<u64, u32> = BTreeMap::new();
    for feature in examples.iter().flat_map(|example| &example.features) {
        *counts.entry(*feature).or_default() += 1;
    }
    let mut owners: BTreeMap<usize, (u32, u64)> = BTreeMap::new();
    for (feature, count) in counts.into_iter().filter(|(_, count)| *count >= SEEN) {
        let owner = owners.entry(slot(feature).0).or_insert((count, feature));
        *owner = (*owner).max((count, feature));
    }
    owners.into_iter().map(|(slot, (_, feature))| (feature, slot)).collect()
}

/// Returns the weights in logits, slot after slot.
fn train(examples: &mut [Example], slots: &BTreeMap<u64, usize>, classes: usize) -> Vec<f32> {
    let count = slot(u64::MAX).0 + 1;
    let mut weights = vec![0_f32; count * classes];
    let mut squares = vec![1e-6_f32; count * classes];
    let mut seed = 1_u64;
    for epoch in 0..EPOCHS {
        for at in (1..examples.len()).rev() {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            examples.swap(at, (seed >> 33) as usize % (at + 1));
        }
        let mut loss = 0.0_f64;
        for example in examples.iter() {
            let own: Vec<usize> = example
                .features
                .iter()
                .filter_map(|feature| slots.get(feature).copied())
                .collect();
            let mut sums = vec![0_f32; classes];
            for slot in &own {
                for (class, sum) in sums.iter_mut().enumerate() {
                    *sum += weights[slot * classes + class];
                }
            }
            let top = sums.iter().copied().fold(f32::MIN, f32::max);
            let total: f32 = sums.iter().map(|sum| (sum - top).exp()).sum();
            loss -= f64::from((sums[example.class] - top) - total.ln()) * f64::from(example.importance);
            for (class, sum) in sums.iter().enumerate() {
                let hit = f32::from(u8::from(class == example.class));
                let slope = ((sum - top).exp() / total - hit) * example.importance;
                for slot in &own {
                    let at = slot * classes + class;
                    let slope = slope + SHRINK * weights[at];
                    squares[at] += slope * slope;
                    weights[at] -= STEP * slope / squares[at].sqrt();
                }
            }
        }
        println!("epoch {epoch}: {:.4}", loss / examples.len() as f64);
    }
    weights
}

/// Writes the slots, one after another: a mark and the weights as signed bytes. Of two classes only the difference counts.
fn bytes(slots: &BTreeMap<u64, usize>, weights: &[f32], classes: usize) -> Vec<u8> {
    let mut marks = vec![0_u8; weights.len() / classes];
    for (feature, at) in slots {
        marks[*at] = slot(*feature).1;
    }
    let byte = |weight: &f32| ((weight * WEIGHT_UNIT as f32).round().clamp(-127.0, 127.0) as i8).cast_unsigned();
    let of_slot = |(mark, weights): (u8, &[f32])| {
        let own: Vec<u8> = match weights {
            [keep, cut] => vec![byte(&(cut - keep))],
            weights => weights.iter().map(byte).collect(),
        };
        [mark].into_iter().chain(own).collect::<Vec<_>>()
    };
    marks.into_iter().zip(weights.chunks(classes)).flat_map(of_slot).collect()
}
