//! Calls to test with: generated ones with everything that archives do to a call, and plain ones.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

/// What the platform writes where the user cut in.
pub(crate) const TAG: &str = "<ims_agent_interrupted>";

/// What people and agents say: answers, fillers, greetings, nothing, and content, in two languages and some more.
const TEXTS: &[&str] = &[
    "I want a refund",
    "我想查快递",
    "Where is my parcel?",
    "请问几点开门？",
    "yes",
    "No.",
    "是的",
    "不",
    "停",
    "5",
    "um",
    "那个……",
    "I... um...",
    "I want to",
    "我想",
    "uh-huh",
    "嗯",
    "",
    " \u{3000}\n",
    "Hello!",
    "你好",
    "Your parcel left today. It comes tomorrow. Is that fine?",
    "好的。您的快递明天到，请保持电话畅通。",
    "One moment<ims_agent_interrupted>, please",
    "<ims_agent_interrupted>never heard",
    "First line\n\nthird line  ",
    "👍🏽",
    "قهوة من فضلك",
];

/// How an archive may spell a number.
#[derive(Debug, Clone, Copy)]
enum Spelling {
    Plain,
    Text,
    Negative,
    Missing,
}

/// One entry of a dialog.
#[derive(Debug, Clone)]
struct Entry {
    role: &'static str,
    kind: Option<&'static str>,
    /// Milliseconds since the entry before; 0 is a tie.
    step: u32,
    begin: Spelling,
    id: Spelling,
    text: &'static str,
}

/// How often a call was archived.
#[derive(Debug, Clone, Copy)]
enum Copies {
    One,
    /// Twice the same.
    Twins,
    /// Once while it was still running, and again later.
    Fuller,
}

#[derive(Debug, Clone)]
struct Draft {
    user: Option<u32>,
    named: bool,
    entries: Vec<Entry>,
    copies: Copies,
}

/// A few calls; some without an `instanceid`, some archived twice.
pub(crate) fn mixed() -> impl Strategy<Value = Vec<Value>> {
    vec(draft(), 1..7).prop_map(|drafts| {
        drafts
            .iter()
            .zip('a'..)
            .flat_map(|(draft, letter)| draft.copies("call", letter))
            .collect::<Vec<_>>()
    })
}

/// A few calls, each archived once under a name of its own that begins with `prefix`.
pub(crate) fn distinct(prefix: &'static str) -> impl Strategy<Value = Vec<Value>> {
    let log = move |(draft, letter): (&Draft, char)| draft.log(Some(name(prefix, letter)), letter);
    vec(draft(), 1..7).prop_map(move |drafts| drafts.iter().zip('a'..).map(log).collect::<Vec<_>>())
}

/// Names are so different that no small damage makes one of another.
fn name(prefix: &str, letter: char) -> String {
    format!("{prefix}-{}", letter.to_string().repeat(5))
}

fn draft() -> impl Strategy<Value = Draft> {
    let user = prop_oneof![1 => Just(None::<u32>), 6 => (0..5_u32).prop_map(Some)];
    let copies = prop_oneof![6 => Just(Copies::One), 1 => Just(Copies::Twins), 1 => Just(Copies::Fuller)];
    let parts = (user, proptest::bool::weighted(0.8), vec(entry(), 0..12), copies);
    parts.prop_map(|(user, named, entries, copies)| Draft {
        user,
        named,
        entries,
        copies,
    })
}

fn entry() -> impl Strategy<Value = Entry> {
    let role = prop_oneof![6 => Just("user"), 6 => Just("agent"), 1 => Just("human_agent")];
    let kind = prop_oneof![8 => Just(Some("normal")), 1 => Just(Some("greeting")), 1 => Just(Some("speech")), 1 => Just(None)];
    let step = prop_oneof![1 => Just(0_u32), 4 => 100..4000_u32];
    let begin = prop_oneof![
        9 => Just(Spelling::Plain),
        1 => Just(Spelling::Text),
        1 => Just(Spelling::Negative),
        1 => Just(Spelling::Missing),
    ];
    let id = prop_oneof![8 => Just(Spelling::Plain), 1 => Just(Spelling::Text), 1 => Just(Spelling::Missing)];
    (role, kind, step, begin, id, select(TEXTS)).prop_map(|(role, kind, step, begin, id, text)| Entry {
        role,
        kind,
        step,
        begin,
        id,
        text,
    })
}

impl Draft {
    fn copies(&self, prefix: &str, letter: char) -> Vec<Value> {
        let log = self.log(self.named.then(|| name(prefix, letter)), letter);
        match self.copies {
            Copies::One => vec![log],
            Copies::Twins => vec![log.clone(), log],
            Copies::Fuller => vec![log.clone(), longer(log)],
        }
    }

    fn log(&self, name: Option<String>, letter: char) -> Value {
        let mut begin = 0;
        let dialog = self.entries.iter().zip(1..).map(|(entry, position)| {
            begin += entry.step;
            entry.log(position, f64::from(begin) / 1000.0)
        });
        let mut log = json!({"startTime": 1_767_225_600 + letter as u32, "dialog": dialog.collect::<Vec<_>>()});
        if let Some(name) = name {
            log["instanceid"] = name.into();
        }
        if let Some(user) = self.user {
            // The same user, as text and as a number.
            log["remoteUserId"] = if (letter as u32).is_multiple_of(2) {
                json!(user)
            } else {
                json!(user.to_string())
            };
        }
        log
    }
}

impl Entry {
    fn log(&self, position: u32, seconds: f64) -> Value {
        let mut log = json!({"role": self.role, "text": self.text});
        if let Some(kind) = self.kind {
            log["type"] = kind.into();
        }
        match self.begin {
            Spelling::Plain => log["begin"] = seconds.into(),
            Spelling::Text => log["begin"] = seconds.to_string().into(),
            Spelling::Negative => log["begin"] = json!(-1.5),
            Spelling::Missing => {}
        }
        match self.id {
            Spelling::Text => log["id"] = position.to_string().into(),
            Spelling::Missing => {}
            Spelling::Plain | Spelling::Negative => log["id"] = position.into(),
        }
        log
    }
}

/// The same call, fetched later.
pub(crate) fn longer(mut log: Value) -> Value {
    let dialog = log["dialog"].as_array_mut().expect("a dialog");
    dialog.push(
        json!({"id": 91, "begin": 91.0, "role": "user", "type": "normal", "text": "One more thing, do you open on Sunday?"}),
    );
    dialog.push(json!({"id": 92, "begin": 92.0, "role": "agent", "type": "normal", "text": "Yes, from ten to four."}));
    log
}

/// A call of one exchange that says its own name.
pub(crate) fn short(name: &str) -> Value {
    json!({"instanceid": name, "remoteUserId": "1", "dialog": [
        {"id": 1, "begin": 1.0, "role": "user", "type": "normal", "text": format!("question of {name}")},
        {"id": 2, "begin": 2.0, "role": "agent", "type": "normal", "text": format!("answer to {name}")},
    ]})
}

/// Enough calls to keep a build busy, the same ones every time.
pub(crate) fn corpus(count: u32) -> Vec<Value> {
    // Words that hardly repeat, so that a dataset of them is about as large as its input.
    let words = |seed: u32| {
        (0..20)
            .map(|at| format!("word{} ", seed.wrapping_mul(2_654_435_761).wrapping_add(at * 40_503)))
            .collect::<String>()
    };
    let entry = |call: u32, at: u32| {
        let role = if at.is_multiple_of(2) { "user" } else { "agent" };
        json!({"id": at + 1, "begin": at, "role": role, "type": "normal", "text": words(call * 10 + at)})
    };
    let log = |call: u32| {
        let dialog: Vec<_> = (0..10).map(|at| entry(call, at)).collect();
        json!({"instanceid": format!("corpus-{call}"), "remoteUserId": (call % 97).to_string(), "dialog": dialog})
    };
    (0..count).map(log).collect()
}
