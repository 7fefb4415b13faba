//! Who answered whom does not depend on how the archive numbers, orders and cuts what was said.

use std::fs;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use crate::support::{Room, build};

/// Requests and answers that nobody would hear otherwise, whatever stands around them.
const REQUESTS: &[&str] = &[
    "Please send the new contract to my office address.",
    "I would like to move the delivery to Thursday morning.",
    "What does the large cabin on the upper deck cost?",
    "请把新的合同寄到我的办公室地址。",
    "我想把送货时间改到星期四上午。",
];
const ANSWERS: &[&str] = &[
    "The contract will be with you on Wednesday.",
    "Thursday morning is free, and I have moved it there.",
    "合同星期三就会寄到您那里。",
    "星期四上午可以，已经为您改好了。",
];

/// The entries of a call, the pause after each of them long enough for everything to be said.
fn dialog() -> impl Strategy<Value = Vec<(&'static str, &'static str, u32)>> {
    let request = (Just("user"), select(REQUESTS), 12_000..20_000_u32);
    let answer = (Just("agent"), select(ANSWERS), 2_000..9_000_u32);
    vec((request, answer), 1..6).prop_map(|exchanges| exchanges.into_iter().flat_map(|(a, b)| [a, b]).collect())
}

/// Cuts what was said at a pause: between words, or in Chinese between characters, not at the edge.
fn halves(said: &str, place: u32) -> (&str, &str) {
    let is_spaced = said.is_ascii();
    let places: Vec<usize> = said
        .char_indices()
        .map(|(at, _)| at)
        .filter(|&at| !is_spaced || said[..at].ends_with(' '))
        .collect();
    let inner = &places[places.len() / 3..=places.len() * 2 / 3];
    said.split_at(inner[place as usize % inner.len()])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn other_ids_cuts_at_pauses_and_another_order_in_the_file_change_no_sample(
        (spoken, order) in dialog().prop_flat_map(|spoken| {
            let order: Vec<usize> = (0..2 * spoken.len()).collect();
            (Just(spoken), Just(order).prop_shuffle())
        }),
        cuts in vec(any::<Option<u32>>(), 10),
    ) {
        let mut begin = 0;
        let (mut plain, mut other) = (Vec::new(), Vec::new());
        let entry = |id: usize, begin: u32, role: &str, said: &str| {
            json!({"id": id, "begin": f64::from(begin) / 1000.0, "role": role, "type": "normal", "text": said})
        };
        for (at, (role, said, pause)) in spoken.iter().enumerate() {
            begin += pause;
            plain.push(entry(at + 1, begin, role, said));
            match cuts[at % cuts.len()] {
                Some(place) => {
                    let (first, second) = halves(said, place);
                    other.push(entry(order[2 * at], begin, role, first));
                    other.push(entry(order[2 * at + 1], begin + 700, role, second));
                }
                None => other.push(entry(order[2 * at], begin, role, said)),
            }
        }
        let turned = order[0] % other.len();
        other.rotate_left(turned);
        other.reverse();
        let heard = |dialog: Vec<Value>| {
            let room = Room::new();
            let call = json!({"instanceid": "call", "dialog": dialog});
            let input = room.write("call.json", call.to_string());
            build(&[input], &room.path("out"), &["context=1"], 1).expect("a dataset");
            fs::read_to_string(room.path("out/dataset/chat/openai/train.jsonl")).unwrap_or_default()
        };
        prop_assert_eq!(heard(plain), heard(other));
    }
}
