//! What is heard in every language, through a whole build: the column `label` of the ledger.

use serde_json::{Value, json};

use crate::pack;
use crate::support::{Room, ledger_of, text};

/// A request to begin with, what the agent says, what the user says, and what a person would hear in it.
const HEARD: &[(&str, &str, &str, &str, &str)] = &[
    (
        "en",
        "I want to change my flight.",
        "Your flight is on Monday.",
        "um",
        "filler",
    ),
    (
        "en",
        "I want to change my flight.",
        "Your flight is on Monday.",
        "uh-huh",
        "backchannel",
    ),
    ("en", "I want to change my flight.", "Shall I change it?", "okay", "keep"),
    (
        "en",
        "I want to change my flight.",
        "Your flight is on Monday.",
        "I would like to",
        "fragment",
    ),
    ("en", "I want to change my flight.", "Your flight is on Monday.", "no", "keep"),
    ("zh", "我想改签机票。", "您的航班是星期一。", "呃……", "filler"),
    ("zh", "我想改签机票。", "您的航班是星期一。", "嗯嗯", "backchannel"),
    ("zh", "我想改签机票。", "您要改签吗？", "好的", "keep"),
    ("zh", "我想改签机票。", "您的航班是星期一。", "我想，呃，", "fragment"),
    ("zh", "我想改签机票。", "您的航班是星期一。", "这个改不了吗这个", "keep"),
    ("yue", "我想改機票，唔該。", "你嘅航班係星期一。", "誒", "filler"),
    ("yue", "我想改機票，唔該。", "你嘅航班係星期一。", "唔係", "keep"),
    ("ja", "予約を変更したいです。", "ご予約は月曜日です。", "えーと", "filler"),
    ("ja", "予約を変更したいです。", "ご予約は月曜日です。", "いいえ", "keep"),
    ("ko", "예약을 바꾸고 싶어요.", "예약은 월요일입니다.", "에또", "filler"),
    ("ko", "예약을 바꾸고 싶어요.", "예약은 월요일입니다.", "네네", "backchannel"),
    ("ko", "예약을 바꾸고 싶어요.", "예약은 월요일입니다.", "아니요", "keep"),
    (
        "es",
        "Quiero cambiar mi reserva, por favor.",
        "Su reserva es para el lunes.",
        "eh",
        "filler",
    ),
    (
        "es",
        "Quiero cambiar mi reserva, por favor.",
        "¿La cambio para el martes?",
        "sí",
        "keep",
    ),
    (
        "fr",
        "Je voudrais changer ma réservation.",
        "Votre réservation est pour lundi.",
        "euh",
        "filler",
    ),
    (
        "fr",
        "Je voudrais changer ma réservation.",
        "Votre réservation est pour lundi.",
        "non",
        "keep",
    ),
    (
        "de",
        "Ich möchte meine Buchung ändern.",
        "Ihre Buchung ist für Montag.",
        "ähm",
        "filler",
    ),
    (
        "de",
        "Ich möchte meine Buchung ändern.",
        "Ihre Buchung ist für Montag.",
        "nein",
        "keep",
    ),
    (
        "id",
        "Saya mau mengubah pesanan saya.",
        "Pesanan Anda untuk hari Senin.",
        "anu",
        "filler",
    ),
    (
        "id",
        "Saya mau mengubah pesanan saya.",
        "Pesanan Anda untuk hari Senin.",
        "tidak",
        "keep",
    ),
    ("ar", "أريد تغيير الحجز.", "حجزك يوم الاثنين.", "ممم", "filler"),
    ("ar", "أريد تغيير الحجز.", "حجزك يوم الاثنين.", "لا", "keep"),
    (
        "en",
        "I want to change my flight.",
        "Your flight is on Monday.",
        "thanks for watching",
        "noise",
    ),
    (
        "en",
        "I want to change my flight.",
        "Your flight is on Monday.",
        "the gate the gate the gate the gate the gate the gate the gate",
        "noise",
    ),
    (
        "en",
        "I want to change my flight.",
        "Your flight is on Monday.",
        "7 7 7 7 7 7 7 7",
        "keep",
    ),
];

fn call(at: usize, request: &str, agent: &str, said: &str) -> Value {
    let entry =
        |id: u32, role: &str, text: &str| json!({"id": id, "begin": id * 4, "role": role, "type": "normal", "text": text});
    json!({"instanceid": format!("call-{at:02}"), "dialog": [
        entry(1, "user", request), entry(2, "agent", agent), entry(3, "user", said), entry(4, "agent", agent),
    ]})
}

fn labels(changes: &[&str]) -> Vec<(String, String)> {
    let calls: Vec<_> = HEARD
        .iter()
        .enumerate()
        .map(|(at, (_, request, agent, said, _))| call(at, request, agent, said))
        .collect();
    let room = Room::new();
    room.write("calls.jsonl", pack::jsonl(&calls));
    let mut args = vec!["build", "calls.jsonl", "--out", "out"];
    for change in changes {
        args.extend(["--set", change]);
    }
    room.turnset(&args).ends_with(0);
    let rows = ledger_of(&room.path("out"), "utterance");
    let third = rows.iter().filter(|row| row["utterance_id"] == json!(3));
    third
        .map(|row| (text(row, "label").to_owned(), text(row, "fate").to_owned()))
        .collect()
}

#[test]
fn a_person_would_hear_the_same_in_every_language() {
    let heard = labels(&[]);
    assert_eq!(heard.len(), HEARD.len());
    let wrong: Vec<_> = HEARD
        .iter()
        .zip(&heard)
        .filter(|((.., wanted), (label, _))| wanted != label)
        .map(|((language, _, agent, said, wanted), (label, _))| format!("{language}: {agent} / {said}: {label}, not {wanted}"))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_recipe_adds_words_and_takes_them_from_where_they_were() {
    let heard = labels(&["judge.lexicon.en.answers=['um']", "judge.lexicon.zh.pauses=['嗯嗯']"]);
    assert_eq!(heard.first().map(|(label, _)| label.as_str()), Some("keep"));
    let zh = HEARD
        .iter()
        .position(|(_, _, _, said, _)| *said == "嗯嗯")
        .and_then(|at| heard.get(at));
    assert_eq!(zh.map(|(label, _)| label.as_str()), Some("filler"));
}

#[test]
fn strictness_decides_what_goes_and_not_what_is_heard() {
    let at = HEARD
        .iter()
        .position(|(_, _, _, said, _)| *said == "I would like to")
        .expect("a fragment");
    for (strictness, fate) in [("lenient", "dropped"), ("strict", "dropped")] {
        let heard = labels(&[&format!("judge.strictness={strictness}")]);
        assert_eq!(heard.get(at), Some(&("fragment".to_owned(), fate.to_owned())), "{strictness}");
    }
}
