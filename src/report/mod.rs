//! The report: one page for people, that holds all it needs. It is computed from the published files.
//!
//! The audit copy shows text that was dropped; the published one shows counts, and no text that is not in the dataset.

mod calls;
mod distribution;
mod figures;
mod users;

use figures::Figures;

use crate::manifest::Manifest;
use crate::readback::Survey;

/// The page and what is put into it.
const PAGE: &str = include_str!("page/page.html");
const PARTS: [(&str, &str); 4] = [
    ("{{css}}", include_str!("page/page.css")),
    ("{{d3}}", include_str!("page/vendor/d3.min.js")),
    ("{{plot}}", include_str!("page/vendor/plot.umd.min.js")),
    ("{{js}}", SCRIPT),
];

/// The last one starts what the others define.
const SCRIPT: &str = concat!(
    include_str!("page/charts.js"),
    include_str!("page/calls.js"),
    include_str!("page/page.js")
);

/// Returns the page that may be published.
#[must_use]
pub(crate) fn published(manifest: &Manifest, survey: &Survey) -> String {
    page(manifest, &Figures::new(manifest, survey, false))
}

/// Returns the page that stays private.
#[must_use]
pub(crate) fn private(manifest: &Manifest, survey: &Survey) -> String {
    page(manifest, &Figures::new(manifest, survey, true))
}

/// Returns the figures of the published page as JSON.
#[must_use]
pub(crate) fn figures(manifest: &Manifest, survey: &Survey) -> Vec<u8> {
    crate::manifest::json(&Figures::new(manifest, survey, false))
}

fn page(manifest: &Manifest, figures: &Figures<'_>) -> String {
    // In a script element, `<` could end it.
    let data = serde_json::to_string(figures).unwrap_or_default().replace('<', "\\u003c");
    let name = &manifest.recipe.card.name;
    let title = name.replace('&', "&amp;").replace('<', "&lt;");
    let own = [("{{title}}", title.as_str()), ("{{data}}", data.as_str())];
    // Each place is looked for in the page only, never in what was put into it.
    let mut written = String::with_capacity(data.len() + (1 << 20));
    let mut rest = PAGE;
    while let Some((before, behind)) = rest.split_once("{{") {
        written.push_str(before);
        let (place, behind) = behind.split_once("}}").unwrap_or((behind, ""));
        let place = format!("{{{{{place}}}}}");
        let part = PARTS.iter().chain(&own).find(|(known, _)| *known == place);
        written.push_str(part.map_or("", |(_, part)| part));
        rest = behind;
    }
    written.push_str(rest);
    written
}
