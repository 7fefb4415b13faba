//! `turnset explain`: one call as a person would read it.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde::Serialize;
use turnset::{Call, Error, Fate, Known, Refined, Result, Sample};

use super::{RecipeArgs, interrupt, plain, print};

/// Show what becomes of each utterance of a call.
#[derive(Debug, Args)]
pub(super) struct Explain {
    /// Folders, quoted globs, or files; `-` is standard input.
    #[arg(required = true, value_name = "INPUT")]
    inputs: Vec<PathBuf>,
    /// The call to show, by its `instanceid` or by the name of its document; the first one if left out.
    #[arg(long, value_name = "ID")]
    session: Option<String>,
    #[command(flatten)]
    recipe: RecipeArgs,
    /// One JSON object a line instead of text.
    #[arg(long)]
    json: bool,
}

/// One utterance, as `--json` prints it.
#[derive(Serialize)]
struct Line<'l> {
    session_id: &'l str,
    utterance_id: i64,
    begin: Option<f64>,
    role: &'l str,
    r#type: &'l str,
    label: &'l str,
    fate: &'l str,
    reason: Option<String>,
    detail: Option<&'l str>,
    sample_id: Option<String>,
    text: &'l str,
}

impl Explain {
    pub(super) fn run(self) -> Result<ExitCode> {
        let Self {
            inputs,
            session,
            recipe,
            json,
        } = self;
        let plan = recipe.plan()?;
        let shared = interrupt::shared()?;
        let (mut shown, mut other) = (None, None);
        turnset::each(&plan, &inputs, &shared, &mut |refined: &Refined<'_>| {
            let id = refined.outcome.as_ref().ok().map(|call| call.session.id.as_ref());
            let wanted = match session.as_deref() {
                // The first call, not what else lies there.
                None => id.is_some(),
                Some(wanted) => Some(wanted) == id || wanted == refined.origin.to_string(),
            };
            if !wanted {
                if session.is_none()
                    && let Err(fate) = &refined.outcome
                {
                    other.get_or_insert_with(|| format!("{}: {}\n", refined.origin, refused(fate)));
                }
                return Ok(true);
            }
            shown = Some(match (&refined.outcome, json) {
                (Ok(call), true) => lines(call)?,
                (Ok(call), false) => tell(call, &refined.origin.to_string()),
                (Err(fate), _) => format!("{}: {}\n", refined.origin, refused(fate)),
            });
            Ok(false)
        })?;
        let shown = shown.or(other).ok_or_else(|| Error::Input {
            path: inputs.first().cloned().unwrap_or_default(),
            message: session.map_or("holds no call".to_owned(), |session| format!("holds no call {session}")),
        })?;
        print(shown.as_bytes())?;
        Ok(ExitCode::SUCCESS)
    }
}

fn tell(call: &Call<'_>, origin: &str) -> String {
    let session = &call.session;
    let mut text = format!("call {} from {origin}, {}\n\n", session.id, call.split.word());
    for known in call.utterances() {
        let utterance = known.utterance;
        let time = utterance.begin.map_or("       ?".to_owned(), time);
        let said = utterance.text.replace('\n', " ");
        let sample = known.sample.map_or(String::new(), |number| format!(", sample {number}"));
        let became = became(known.fate, known.detail());
        let _ = writeln!(text, "{time}  {:<5}  {said}", utterance.role.word());
        let _ = writeln!(text, "{:>15}  {}: {became}{sample}", "", known.label.word());
    }
    for sample in &call.samples {
        let _ = writeln!(text, "\nsample {}{}", sample.number, notes(sample));
        for message in &sample.messages {
            let learned = if message.learn { " (learned)" } else { "" };
            let _ = writeln!(text, "  {}{learned}: {}", message.role.word(), message.content);
        }
    }
    for (sample, cause) in &call.rejected {
        let _ = writeln!(
            text,
            "\nsample {}: {}",
            sample.number,
            became(&Fate::Dropped(cause.clone()), cause.detail.as_deref())
        );
    }
    if call.samples.is_empty() && call.rejected.is_empty() {
        text.push_str("\nno sample: no user turn is answered\n");
    }
    plain(&text)
}

fn notes(sample: &Sample<'_>) -> String {
    let mut notes = String::new();
    if sample.merged > 0 {
        let _ = write!(notes, ", {} merged", sample.merged);
    }
    if sample.interrupted {
        notes.push_str(", interrupted");
    }
    notes
}

fn became(fate: &Fate, detail: Option<&str>) -> String {
    let reason = fate.cause().map(|cause| cause.reason);
    let reason = reason.map_or(String::new(), |reason| format!(" by {}.{}", reason.stage, reason.code));
    let detail = detail.map_or(String::new(), |detail| format!(" ({detail})"));
    format!("{}{reason}{detail}", fate.word())
}

/// Says what became of something, and why.
pub(super) fn refused(fate: &Fate) -> String {
    became(fate, fate.cause().and_then(|cause| cause.detail.as_deref()))
}

fn time(milliseconds: i64) -> String {
    let (minutes, rest) = (milliseconds / 60_000, milliseconds % 60_000);
    format!("{minutes:>2}:{:02}.{:03}", rest / 1000, rest % 1000)
        .chars()
        .take(12)
        .collect()
}

fn lines(call: &Call<'_>) -> Result<String> {
    let session = &call.session;
    let mut text = String::new();
    for known in call.utterances() {
        let Known {
            utterance,
            label,
            fate,
            sample,
            ..
        } = known;
        #[expect(clippy::cast_precision_loss, reason = "no call is that long")]
        let line = Line {
            session_id: &session.id,
            utterance_id: utterance.id,
            begin: utterance.begin.map(|begin| begin as f64 / 1000.0),
            role: utterance.role.word(),
            r#type: &utterance.kind,
            label: label.word(),
            fate: fate.word(),
            reason: fate
                .cause()
                .map(|cause| format!("{}.{}", cause.reason.stage, cause.reason.code)),
            detail: known.detail(),
            sample_id: sample.map(|number| Sample::id(&session.id, number)),
            text: &utterance.text,
        };
        text.push_str(&serde_json::to_string(&line).map_err(|error| Error::Disagrees(error.to_string()))?);
        text.push('\n');
    }
    Ok(text)
}
