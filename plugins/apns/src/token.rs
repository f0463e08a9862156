//! A device's token in the one form in which APNs is told it.
//!
//! In: what an app reported. Out: hex digits in lower case, or why it can be no token. What the
//! description of `NSData` has around the digits is dropped.

use nudged_plugin_api::EncodeError;

use crate::encode::device_token;

/// The one form of a token.
pub fn form(token: &str) -> Result<String, EncodeError> {
    let dropped = |letter: char| matches!(letter, '<' | '>' | ' ' | '-');
    let digits: String = token.chars().filter(|it| !dropped(*it)).collect();
    device_token(&digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_one_however_it_is_written() {
        for token in ["AAbb01", "<aabb 01>", " aabb01", "aa-bb-01", "aabb01"] {
            assert_eq!(form(token).as_deref(), Ok("aabb01"), "{token}");
        }
        for token in ["null", "", "<>", "aab", "{length = 32, bytes = 0xb0bb }"] {
            assert!(form(token).is_err(), "{token}");
        }
    }
}
