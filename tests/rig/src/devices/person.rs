//! Users as they are: names in no order, a phone each, a token of 64 digits.

use std::fmt::Write;

use crate::vendor::APNS;

/// The name of a user. Neighbours in number are none in the database.
pub(super) fn user(n: u64) -> String {
    format!("user-{:016x}", mixed(n))
}

/// The token of the user's phone.
pub(super) fn token(n: u64) -> String {
    let (one, two) = (mixed(n ^ 0x5555), mixed(n ^ 0xaaaa));
    format!("{one:016x}{two:016x}{n:016x}{one:016x}")
}

/// The user's phone as a line of an import.
pub(super) fn line(n: u64, to: &mut String) {
    let (user, token, id) = (user(n), token(n), APNS.certificate_id);
    // Writing to a String cannot fail.
    let _ = writeln!(
        to,
        r#"{{"user":"{user}","device":"phone","certificate_id":{id},"token":"{token}","platform":"ios 26","language":"zh-Hans","app_version":"8.1.2"}}"#
    );
}

/// Different for every number (the finalizer of SplitMix64).
fn mixed(n: u64) -> u64 {
    let n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}
