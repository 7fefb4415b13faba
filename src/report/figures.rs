//! What the page shows, as the JSON that its script reads.

use serde::Serialize;

use super::calls::{OneCall, calls};
use super::distribution::{Distribution, distributions};
use super::users::{Spread, users};
use crate::count::{Totals, UNDETERMINED};
use crate::funnel::{self, Step};
use crate::ledger::{Unit, share};
use crate::manifest::Manifest;
use crate::readback::{Example, Survey};
use crate::split::Split;
use crate::text::cut;

/// So many of what comes most often are shown.
const MOST: usize = 10;
/// A longer text is cut, in characters: the page must open at once.
const LONG: usize = 300;
/// So is a longer recipe: words may have been added to its lexicon.
const LONG_RECIPE: usize = 20_000;

/// The whole page.
#[derive(Serialize)]
pub(super) struct Figures<'f> {
    turnset: &'f str,
    audit: bool,
    content_digest: &'f str,
    name: &'f str,
    documents: u64,
    sessions: u64,
    samples: u64,
    tokens_by: &'f str,
    totals: Sums,
    agrees: Option<&'static str>,
    splits: Vec<OfSplit>,
    funnel: Vec<OneStep>,
    distributions: Vec<Distribution>,
    reasons: Vec<OfReason<'f>>,
    languages: Vec<OfLanguage<'f>>,
    users: Spread,
    repeated: Repeated,
    days: Vec<OfDay<'f>>,
    calls_without_day: u64,
    calls_shown: usize,
    calls: Vec<OneCall<'f>>,
    recipe: String,
}

#[derive(Default, Serialize)]
struct Sums {
    characters: u64,
    words: u64,
    tokens: u64,
}

#[derive(Serialize)]
struct OfSplit {
    split: &'static str,
    samples: u64,
    users: usize,
}

#[derive(Serialize)]
struct OneStep {
    #[serde(flatten)]
    step: Step,
    fate: Option<&'static str>,
}

#[derive(Serialize)]
struct OfReason<'f> {
    unit: &'static str,
    reason: &'f str,
    fate: &'static str,
    count: u64,
    of_all: f64,
    examples: Vec<OneExample<'f>>,
}

#[derive(Serialize)]
struct OneExample<'f> {
    session: &'f str,
    role: &'f str,
    begin: Option<f64>,
    text: String,
    detail: Option<&'f str>,
    kept: Option<Kept<'f>>,
}

#[derive(Serialize)]
struct Kept<'f> {
    role: &'f str,
    begin: Option<f64>,
    text: String,
}

#[derive(Serialize)]
struct OfLanguage<'f> {
    language: Option<&'f str>,
    samples: u64,
}

#[derive(Serialize)]
struct Repeated {
    prompts: Vec<OneText>,
    answers: Vec<OneText>,
}

#[derive(Serialize)]
struct OneText {
    text: String,
    count: u64,
    of_all: f64,
}

#[derive(Serialize)]
struct OfDay<'f> {
    day: &'f str,
    calls: u64,
    samples: u64,
}

impl<'f> Figures<'f> {
    /// Shapes what was surveyed; text that was dropped only for the `audit` copy.
    pub(super) fn new(manifest: &'f Manifest, survey: &'f Survey, audit: bool) -> Self {
        let days = survey.days.iter();
        let calls = calls(survey, manifest.recipe.agent(), audit);
        Self {
            turnset: &manifest.turnset,
            audit,
            content_digest: &manifest.content_digest,
            name: &manifest.recipe.card.name,
            documents: survey.books.documents.entered,
            sessions: survey.books.documents.kept,
            samples: survey.tokens.count(),
            tokens_by: &manifest.tokens.by,
            totals: sums(manifest),
            agrees: (survey.books != manifest.books)
                .then_some("The books of the manifest are not what the published files hold."),
            splits: splits(manifest, survey),
            funnel: steps(survey),
            distributions: distributions(survey),
            reasons: reasons(survey, audit),
            languages: languages(manifest),
            users: users(survey),
            repeated: repeated(survey),
            days: days
                .filter_map(|(day, of_day)| {
                    Some(OfDay {
                        day: day.as_deref()?,
                        calls: of_day.calls,
                        samples: of_day.samples,
                    })
                })
                .collect(),
            calls_without_day: survey.days.get(&None).map_or(0, |day| day.calls),
            calls_shown: calls.len(),
            calls,
            recipe: recipe(manifest),
        }
    }
}

fn steps(survey: &Survey) -> Vec<OneStep> {
    let steps = funnel::steps(&survey.books).into_iter();
    steps
        .map(|step| OneStep {
            fate: step.step.contains('.').then(|| fate(survey, &step.step)),
            step,
        })
        .collect()
}

/// What becomes of a unit for a reason.
fn fate(survey: &Survey, reason: &str) -> &'static str {
    if survey.quarantining.contains(reason) {
        "quarantined"
    } else {
        "dropped"
    }
}

/// The recipe without what it says of the files: the same samples in more formats have the same report.
fn recipe(manifest: &Manifest) -> String {
    let mut recipe = toml::Table::try_from(&manifest.recipe).unwrap_or_default();
    recipe.remove("output");
    cut(&toml::to_string(&recipe).unwrap_or_default(), LONG_RECIPE)
}

fn sums(manifest: &Manifest) -> Sums {
    let add = |sums: Sums, totals: &Totals| Sums {
        characters: sums.characters + totals.characters,
        words: sums.words + totals.words,
        tokens: sums.tokens + totals.tokens,
    };
    manifest.splits.values().fold(Sums::default(), add)
}

fn splits(manifest: &Manifest, survey: &Survey) -> Vec<OfSplit> {
    let splits = Split::ALL.into_iter().zip(&survey.users);
    splits
        .filter_map(|(split, users)| {
            Some(OfSplit {
                split: split.word(),
                samples: manifest.splits.get(split.word())?.samples,
                users: users.len(),
            })
        })
        .collect()
}

fn reasons(survey: &Survey, audit: bool) -> Vec<OfReason<'_>> {
    let mut all = Vec::new();
    for unit in Unit::ALL {
        let account = survey.books.account(unit);
        let mut of_unit: Vec<_> = account.reasons.iter().collect();
        of_unit.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        for (reason, &count) in of_unit {
            let examples = survey.examples.get(reason).filter(|_| audit && unit == Unit::Utterance);
            all.push(OfReason {
                unit: unit.word(),
                reason,
                fate: fate(survey, reason),
                count,
                of_all: share(count, account.entered),
                examples: examples
                    .into_iter()
                    .flat_map(|examples| examples.values())
                    .map(one_example)
                    .collect(),
            });
        }
    }
    all
}

fn one_example(example: &Example) -> OneExample<'_> {
    let said = &example.said;
    OneExample {
        session: &example.session_id,
        role: &said.role,
        begin: said.begin,
        text: cut(said.text.as_deref().unwrap_or_default(), LONG),
        detail: said.detail.as_deref(),
        kept: example.kept.as_ref().map(|(begin, text)| Kept {
            role: &said.role,
            begin: *begin,
            text: cut(text, LONG),
        }),
    }
}

fn languages(manifest: &Manifest) -> Vec<OfLanguage<'_>> {
    let mut all: Vec<_> = manifest
        .languages()
        .into_iter()
        .map(|(language, samples)| OfLanguage {
            language: (language != UNDETERMINED).then_some(language),
            samples,
        })
        .collect();
    all.sort_by_key(|of| std::cmp::Reverse(of.samples));
    all
}

fn repeated(survey: &Survey) -> Repeated {
    let [prompts, answers] = survey.repeated.each_ref().map(|repeated| {
        let all = repeated.count();
        let most = repeated.most(MOST).into_iter();
        most.map(|(text, count)| OneText {
            text: cut(text, LONG),
            count,
            of_all: share(count, all),
        })
        .collect()
    });
    Repeated { prompts, answers }
}
