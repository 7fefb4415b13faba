//! The calls that a page shows whole, with the fate of every utterance.

use serde::Serialize;

use crate::readback::{Shown, Survey};
use crate::split::Split;
use crate::text::cut;

/// A longer text is cut, in characters.
const LONG: usize = 600;
/// All calls together take no more bytes: the page must open at once.
const ROOM: usize = 700_000;

#[derive(Serialize)]
pub(super) struct OneCall<'f> {
    session: &'f str,
    source: &'f str,
    split: Option<&'static str>,
    user: Option<&'f str>,
    started_at: Option<String>,
    language: Option<&'f str>,
    utterances: Vec<Utterance<'f>>,
    more: usize,
    samples: Vec<OneSample<'f>>,
}

#[derive(Serialize)]
struct Utterance<'f> {
    position: i32,
    begin: Option<f64>,
    role: &'f str,
    label: &'f str,
    fate: &'f str,
    reason: Option<&'f str>,
    detail: Option<&'f str>,
    text: Option<String>,
    sample: Option<&'f str>,
}

#[derive(Serialize)]
struct OneSample<'f> {
    id: &'f str,
    context: usize,
    messages: Vec<OneMessage<'f>>,
}

#[derive(Serialize)]
struct OneMessage<'f> {
    role: &'f str,
    content: String,
    learn: bool,
}

/// Shapes the calls that there is room for. What was dropped is told only in the `audit` copy.
pub(super) fn calls<'f>(survey: &'f Survey, agent: Option<&str>, audit: bool) -> Vec<OneCall<'f>> {
    let mut bytes = 0;
    let calls = survey.calls.values().map(|call| one_call(call, agent, audit));
    calls
        .take_while(|call| {
            let is_first = bytes == 0;
            bytes += serde_json::to_string(call).map_or(0, |json| json.len());
            is_first || bytes < ROOM
        })
        .collect()
}

fn one_call<'f>(call: &'f Shown, agent: Option<&str>, audit: bool) -> OneCall<'f> {
    let texts = call.texts(agent);
    let utterances = call.utterances.iter().zip(texts).map(|(said, text)| Utterance {
        position: said.position,
        begin: said.begin,
        role: &said.role,
        label: &said.label,
        fate: &said.fate,
        reason: said.reason.as_deref(),
        detail: said.detail.as_deref().filter(|_| audit),
        text: text.or(said.text.as_deref().filter(|_| audit)).map(|text| cut(text, LONG)),
        sample: said.sample.as_deref(),
    });
    OneCall {
        session: &call.session_id,
        source: &call.source,
        split: call.split.map(Split::word),
        user: call.user.as_deref(),
        started_at: call.started(),
        language: call.language.as_deref(),
        utterances: utterances.collect(),
        more: call.more,
        samples: call
            .samples
            .iter()
            .map(|sample| OneSample {
                id: &sample.id,
                context: sample.context,
                messages: sample
                    .messages
                    .iter()
                    .map(|(role, content, learn)| OneMessage {
                        role,
                        content: cut(content, LONG),
                        learn: *learn,
                    })
                    .collect(),
            })
            .collect(),
    }
}
