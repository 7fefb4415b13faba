//! turnset turns archived voice-agent calls into LLM fine-tuning datasets.
//!
//! The modules in the order in which the data passes them; `ARCHITECTURE.md` draws the house.

// Nouns: know nobody.
mod digest;
mod document;
mod error;
mod ledger;
mod sample;
mod session;
mod text;

// Verbs: know nouns only.
mod compose;
mod count;
mod dedup;
mod export;
mod filter;
mod judge;
mod pair;
mod redact;
mod split;
mod wire;

// Edges: touch the world.
mod funnel;
mod hub;
mod manifest;
mod output;
#[cfg(feature = "polars")]
mod readback;
#[cfg(feature = "polars")]
mod report;
mod schema;
mod source;
mod verify;

// The whole.
mod check;
#[cfg(feature = "polars")]
mod diff;
mod extend;
#[cfg(feature = "polars")]
mod look;
mod pipeline;
mod publish;
mod recipe;
mod refine;
mod whatif;

pub use check::{Checked, Finding, Inspection, Outcome, Repairs, Rule, Target, check};
pub use count::{Tokenizing, Totals};
#[cfg(feature = "polars")]
pub use diff::{Diff, Group, diff};
pub use error::{Error, Result};
pub use extend::{add_report, convert};
pub use funnel::{Step, steps, table};
pub use judge::{Label, WEIGHT_UNIT, Words, slot};
pub use ledger::{Account, Books, Cause, Fate, Reason, Unit};
#[cfg(feature = "polars")]
pub use look::{Look, LookMessage, Trace, head, trace};
pub use manifest::{AuditFiles, Inputs, Manifest, json, read};
pub use output::{FileEntry, sha256_of};
pub use pipeline::{Built, Job, Progress, build, each};
pub use recipe::{Plan, Recipe};
pub use refine::{Call, Known, Refined, ending_features, features, labels};
pub use sample::{Message, Sample, Size, Speaker};
pub use schema::{Contract, SCHEMAS};
pub use session::{Perspective, Role, Session, Utterance};
pub use source::Shared;
pub use split::Split;
pub use verify::{Verified, figures, rebuild, verify};
pub use whatif::{Comparison, Difference, Survivors, compare};
