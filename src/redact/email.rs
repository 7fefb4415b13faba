//! Addresses of electronic mail.

use std::ops::Range;

/// Returns where addresses stand.
pub(super) fn places(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut places = Vec::new();
    for at in memchr::memchr_iter(b'@', bytes) {
        let is_local = |byte: &u8| byte.is_ascii_alphanumeric() || b"._%+-".contains(byte);
        let is_domain = |byte: &u8| byte.is_ascii_alphanumeric() || b".-".contains(byte);
        let (before, behind) = (bytes.get(..at).unwrap_or_default(), bytes.get(at + 1..).unwrap_or_default());
        let from = at - before.iter().rev().take_while(|byte| is_local(byte)).count();
        let domain = behind.iter().take_while(|byte| is_domain(byte)).count();
        let domain = text
            .get(at + 1..at + 1 + domain)
            .unwrap_or_default()
            .trim_end_matches(['.', '-']);
        let top = domain.rsplit_once('.').map_or("", |(_, top)| top);
        if from < at && top.len() >= 2 && top.bytes().all(|byte| byte.is_ascii_alphabetic()) {
            places.push(from..at + 1 + domain.len());
        }
    }
    places
}
