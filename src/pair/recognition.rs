//! Collapses what a recogniser sends more than once: a partial result before the whole sentence, and the same again.

use super::policy::Pairing;
use crate::judge::Lexicon;
use crate::ledger::{Fate, Reason};
use crate::session::{Role, Utterance};
use crate::text;

/// The next utterance of the user says the same, and more.
const PARTIAL: Reason = Reason::new("pair", "partial");
/// The next utterance of the user says the same.
const REPEATED: Reason = Reason::new("pair", "repeated");

/// Drops those user utterances that the next one says again, with nobody else between.
pub(crate) fn collapse(pairing: &Pairing, lexicon: &Lexicon, utterances: &[Utterance<'_>], fates: &mut [Fate]) {
    let mut last: Option<usize> = None;
    for at in 0..utterances.len() {
        if utterances.get(at).is_some_and(Utterance::divides) {
            last = None;
        }
        let Some(next) = utterances.get(at).filter(|_| fates.get(at) == Some(&Fate::Kept)) else {
            continue;
        };
        if let Some(before) = last
            && let Some(said) = utterances.get(before)
            && said.role == Role::User
            && next.role == Role::User
            && let Some(reason) = again(pairing, lexicon, said, next)
            && let Some(fate) = fates.get_mut(before)
        {
            *fate = Fate::Dropped(reason.because(format!("entry {} says it again", next.id)));
        }
        last = Some(at);
    }
}

/// Returns whether, and how, the second utterance says the first one again.
fn again(pairing: &Pairing, lexicon: &Lexicon, first: &Utterance<'_>, second: &Utterance<'_>) -> Option<Reason> {
    let gap = second.begin? - first.begin?;
    let (partial, repeated) = (pairing.partial_seconds * 1000.0, pairing.repeat_seconds * 1000.0);
    #[expect(clippy::cast_precision_loss, reason = "no call is that long")]
    let gap = gap as f64;
    if gap > partial.max(repeated) {
        return None;
    }
    let words: Vec<_> = text::words(&first.text).collect();
    // "5" and "5" are two digits, and "two" before "two zero seven" may be one.
    if words.iter().all(|word| lexicon.is_number(word)) {
        return None;
    }
    let whole: Vec<_> = text::words(&second.text).collect();
    if words == whole {
        return (gap <= repeated).then_some(REPEATED);
    }
    // A recogniser may stop within a word: "I want a ref", "I want a refund".
    let (last, before) = words.split_last()?;
    let begins = whole.starts_with(before) && whole.get(before.len())?.starts_with(last.as_ref());
    (words.len() > 1 && begins && gap <= partial).then_some(PARTIAL)
}
