//! Who answered whom: fixture calls with the exchanges that a person takes from them, word by word.

mod alike;

use std::fs;

use serde_json::{Value, json};

use crate::support::{Room, build, house, ledger_of, text};

/// A request, its answer, and whether to learn from it.
type Heard = (&'static str, &'static str, bool);

/// What a person takes from each fixture.
const READINGS: &[(&str, &[Heard])] = &[
    (
        "early_reply_en",
        &[
            (
                "I'd like to check the balance of my savings account.",
                "Your savings account holds two thousand and ten pounds.",
                true,
            ),
            (
                "Thank you, and the current account?",
                "The current account holds three hundred and five pounds.",
                true,
            ),
            ("Good. Any fees this month?", "No, there were none.", true),
        ],
    ),
    (
        "early_reply_zh",
        &[
            ("我想查一下储蓄卡的余额。", "您的储蓄卡余额是两千零一十元。", true),
            ("那信用卡呢？", "您的信用卡本期没有欠款。", true),
            ("这个月有手续费吗？", "没有，这个月没有产生手续费。", true),
        ],
    ),
    (
        "early_reply_completed_en",
        &[
            ("I have a question about", "Yes, what is it about?", true),
            (
                "My monthly statement.",
                "It was sent to your post box on the first of May.",
                true,
            ),
        ],
    ),
    (
        "early_reply_completed_zh",
        &[
            ("我想查询一下关于", "好的，请问您要查什么？", true),
            ("本月的账单。", "您本月的账单已经在五月一日寄出。", true),
        ],
    ),
    (
        "second_request_en",
        &[
            (
                "Tell me a story.",
                "Once upon a time, in a valley that no road had ever reached, there lived a clockmaker who had never seen the \
                 sea, and every evening she set all of her clocks to the hour at which she thought the tide would turn.",
                false,
            ),
            ("No, a shorter one.", "A cat found a hat.", true),
            ("Perfect, thanks a lot.", "You are welcome.", true),
        ],
    ),
    (
        "second_request_zh",
        &[
            (
                "给我讲个故事。",
                "从前有一个从来没有见过大海的钟表匠，她住在一个没有路能到的山谷里，每天晚上她都把所有的钟拨到她认为潮水会退去的那个时刻，\
                 然后坐在门前静静地听。",
                false,
            ),
            ("不要，换一个短一点的。", "小猫找到一顶帽子。", true),
            ("真好听，谢谢你。", "不客气，您喜欢就好。", true),
        ],
    ),
    (
        "stamped_at_the_start_en",
        &[
            (
                "Which rooms are open today?",
                "Today the ground floor with the boats, the map room, the tower and the whole of the new wing are open until six \
                 in the evening.",
                true,
            ),
            (
                "And what is shown in the tower?",
                "The tower shows the old signal lamps of the harbour, and from the top of it you can see all the way to the \
                 island on a clear day.",
                true,
            ),
            (
                "Is there a lift? I have a pram with me.",
                "Yes, there is a lift to the third floor, but the last two floors of the tower can only be reached by a narrow \
                 flight of stairs. You may leave the pram at the desk.",
                true,
            ),
        ],
    ),
    (
        "overheard_fragment_en",
        &[
            (
                "What should I bring to the check-up?",
                "Please bring your insurance card and a list of the medicines that you take.",
                true,
            ),
            ("Do I have to fast?", "Yes, from ten in the evening on.", true),
            ("Is water allowed?", "Water is fine.", true),
        ],
    ),
    (
        "late_answer_en",
        &[
            (
                "When does the night train leave?",
                "It leaves at ten forty from platform two.",
                true,
            ),
            (
                "Yes, and how much is a bed?",
                "A bed in a shared cabin is thirty-nine euros.",
                true,
            ),
        ],
    ),
    (
        "hold_then_answer_zh",
        &[
            (
                "我的锅炉还在保修期内吗？",
                "请稍等，我帮您查一下。还在，保修期到明年六月。",
                true,
            ),
            ("那请派人来看一下。", "好的，师傅星期二上午上门。", true),
        ],
    ),
    (
        "hold_then_answer_en",
        &[
            (
                "Is my boiler still under warranty?",
                "Let me check that for you. Yes, the warranty runs until next June.",
                true,
            ),
            (
                "Great, then please send someone.",
                "A technician will come on Tuesday morning.",
                true,
            ),
        ],
    ),
    (
        "repeated_recognition_en",
        &[
            ("Is breakfast included?", "Yes, breakfast is included in every room.", true),
            (
                "My room number is five. five",
                "Thank you, I have noted room fifty-five.",
                true,
            ),
        ],
    ),
    (
        "incremental_asr_en",
        &[(
            "I'd like to cancel my blood test on Friday.",
            "Your blood test on Friday is cancelled. Would you like another date?",
            true,
        )],
    ),
    (
        "okay_and_request_en",
        &[
            ("Is my car ready?", "It will be ready at four this afternoon.", true),
            ("Okay. Can you wash it too?", "Yes, a wash is twelve pounds.", true),
        ],
    ),
    (
        "okay_and_request_zh",
        &[
            ("我的车修好了吗？", "今天下午四点可以取车。", true),
            ("好的。能顺便洗一下吗？", "可以，洗车是三十元。", true),
        ],
    ),
];

/// The messages of a fixture as one sample, with their weights.
fn messages(fixture: &str, changes: &[&str]) -> (Room, Vec<(String, String, bool)>) {
    let room = Room::new();
    let input = house().join(format!("fixtures/calls/{fixture}.json"));
    let changes = [&["unit=session"], changes].concat();
    build(&[input], &room.path("out"), &changes, 1).expect("a dataset");
    let lines = fs::read_to_string(room.path("out/dataset/chat/openai/train.jsonl")).expect("samples");
    let sample: Value = serde_json::from_str(lines.lines().next().expect("a sample")).expect("JSON");
    let said = sample["messages"].as_array().expect("messages");
    let content = |message: &Value| message["content"].as_str().expect("text").to_owned();
    let exchanges = said
        .chunks(2)
        .map(|pair| (content(&pair[0]), content(&pair[1]), pair[1]["weight"] == 1));
    let exchanges = exchanges.collect();
    (room, exchanges)
}

#[test]
fn every_rule_pairs_as_a_person_would() {
    let mut wrong = Vec::new();
    for (fixture, reading) in READINGS {
        let (_, found) = messages(fixture, &[]);
        let wanted: Vec<_> = reading
            .iter()
            .map(|&(user, agent, learn)| (user.to_owned(), agent.to_owned(), learn))
            .collect();
        if found != wanted {
            wrong.push(format!("{fixture}\n  a person: {wanted:#?}\n  turnset:  {found:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The exchanges that are made of a call of (second, speaker, text).
fn exchanges(dialog: &[(f64, &str, &str)], changes: &[&str]) -> Vec<(String, String)> {
    let entries = dialog
        .iter()
        .zip(1..)
        .map(|((begin, role, said), id)| json!({"id": id, "begin": begin, "role": role, "type": "normal", "text": said}));
    let room = Room::new();
    let call = json!({"instanceid": "call", "dialog": entries.collect::<Vec<_>>()});
    let input = room.write("call.json", call.to_string());
    let changes = [&["unit=session", "pair.interrupted=cut"], changes].concat();
    build(&[input], &room.path("out"), &changes, 1).expect("a dataset");
    let lines = fs::read_to_string(room.path("out/dataset/chat/openai/train.jsonl")).unwrap_or_default();
    let sample: Value = serde_json::from_str(lines.lines().next().unwrap_or("{}")).expect("JSON");
    let said = sample["messages"].as_array().cloned().unwrap_or_default();
    let content = |message: &Value| message["content"].as_str().expect("text").to_owned();
    said.chunks(2).map(|pair| (content(&pair[0]), content(&pair[1]))).collect()
}

#[test]
fn a_missing_full_stop_alone_cuts_no_answer() {
    for fixture in ["no_full_stop_en", "no_full_stop_zh"] {
        let (_, found) = messages(fixture, &[]);
        assert!(
            found.len() == 4 && found.iter().all(|(.., learn)| *learn),
            "{fixture}: {found:#?}"
        );
    }
}

#[test]
fn what_was_given_up_stays_in_front_of_what_is_kept() {
    let call = [
        (1.0, "user", "I want to"),
        (2.0, "user", "talk about the"),
        (5.0, "agent", "Sure, what would you like to know about it?"),
    ];
    assert_eq!(exchanges(&call, &[])[0].0, "I want to talk about the");
    let call = [
        (1.0, "user", "I want to"),
        (1.5, "agent", "Sure, <ims_agent_interrupted>"),
        (2.0, "user", "talk about the"),
        (2.5, "agent", "Yes? <ims_agent_interrupted>"),
        (3.0, "user", "last bill that I got in May."),
        (9.0, "agent", "Your last bill was ten dollars."),
    ];
    assert_eq!(
        exchanges(&call, &[]),
        [(
            "I want to talk about the last bill that I got in May.".to_owned(),
            "Your last bill was ten dollars.".to_owned()
        )]
    );
}

#[test]
fn an_answer_of_which_nothing_was_heard_divides_no_request() {
    let call = [
        (1.0, "user", "I want a refund for my broken phone."),
        (2.0, "agent", "<ims_agent_interrupted>"),
        (4.0, "user", "My order number is five."),
        (9.0, "agent", "I will refund the phone of order five."),
    ];
    let request = "I want a refund for my broken phone. My order number is five.";
    assert_eq!(exchanges(&call, &[])[0].0, request);
}

#[test]
fn the_tag_of_an_interruption_means_nothing_in_what_the_user_says() {
    let call = [(1.0, "user", "<ims_agent_interrupted>never heard")];
    let found = exchanges(&call, &["unit=turn-detection"]);
    assert_eq!(
        found,
        [("<ims_agent_interrupted>never heard".to_owned(), "complete".to_owned())]
    );
}

#[test]
fn a_clock_that_hardly_moves_tells_nothing() {
    for step in [0.0, 0.1] {
        let call: Vec<_> = (0..6)
            .flat_map(|at| {
                let begin = f64::from(at) * 2.0 * step;
                [
                    (begin, "user", "What does the small one cost?"),
                    (begin + step, "agent", "It costs twenty dollars today."),
                ]
            })
            .collect();
        assert_eq!(exchanges(&call, &["pair.interrupted=drop"]).len(), 6, "{step}");
    }
}

#[test]
fn requests_that_nobody_answered_in_time_join_the_next_one() {
    let pair = [
        (1.0, "user", "I have a question about my account, please."),
        (9.0, "agent", "Sure, I can help you with that, what is your question today?"),
        (11.0, "user", "What is the balance of my savings account?"),
        (
            19.0,
            "agent",
            "Your savings account has a balance of five hundred dollars and ten cents.",
        ),
        (25.0, "user", "Tell me a story."),
        (35.0, "user", "No, a shorter one."),
        (
            35.4,
            "agent",
            "Once upon a time, in a valley that no road had ever reached, there lived a clockmaker who had never seen the sea.",
        ),
        (37.0, "user", "About a cat."),
        (50.0, "agent", "Once upon a time there was a cat that slept all day."),
    ];
    let found = exchanges(&pair, &[]);
    assert_eq!(found[2].0, "Tell me a story.");
    assert_eq!(found[3].0, "No, a shorter one. About a cat.");
}

#[test]
fn a_call_that_does_not_end_takes_no_time_without_end() {
    let user = |at: u32| (f64::from(at), "user", "I want to talk about the");
    let late = |at: u32| {
        let said = ["Please tell me about it.", "It is a nice one.", "Are you still there?"][at as usize % 3];
        (
            f64::from(at) * 30.0,
            if at.is_multiple_of(3) { "user" } else { "agent" },
            said,
        )
    };
    let given_up: Vec<_> = (0..20_000).map(user).chain([(20_001.0, "agent", "Sure.")]).collect();
    let waited: Vec<_> = (0..20_000).map(late).collect();
    let begin = std::time::Instant::now();
    for changes in [&["context=0"][..], &["unit=turn-detection"], &["perspective=user"]] {
        exchanges(&given_up, changes);
        exchanges(&waited, changes);
    }
    // Some seconds without optimisation; an hour where time grows with the square of a call.
    assert!(begin.elapsed().as_secs() < 120, "{:?}", begin.elapsed());
}

#[test]
fn what_is_inferred_is_called_inferred_in_the_ledger() {
    let (room, _) = messages("second_request_en", &[]);
    let rows = ledger_of(&room.path("out"), "utterance");
    let cut = rows.iter().find(|row| row["utterance_id"] == 4).expect("the long story");
    assert_eq!(text(cut, "fate"), "kept");
    assert!(text(cut, "detail").starts_with("inferred: "), "{cut:?}");
}

#[test]
fn nothing_is_inferred_where_the_recipe_does_not_want_it() {
    let (_, found) = messages("second_request_en", &["pair.infer=false"]);
    assert_eq!(found[0].0, "Tell me a story. No, a shorter one.");
    assert!(found.iter().all(|(.., learn)| *learn));
}
