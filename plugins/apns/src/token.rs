//! A device's token as APNs knows it: hexadecimal digits, in lower case.
//!
//! In: what an app reported. Out: that form, or one sentence for its developer on what was reported
//! in a token's place. `<`, `>`, blanks and `-` are what old apps and databases write into one.

use nudged_driver_kit::token;
use nudged_plugin_api::{EncodeError, bad_token};

/// Apple promises no length; a token is 64 digits today, and this is a bound against nonsense.
const MAX_DIGITS: usize = 200;
/// Digits of the 32 bytes that a token has today, in base64.
const BASE64: [usize; 2] = [43, 44];

/// The form.
pub(crate) fn form(token: &str) -> Result<String, EncodeError> {
    // Nearly always it is the form already.
    if is_form(token) {
        return Ok(token.to_owned());
    }
    let between = |c: &char| !(matches!(c, '<' | '>' | '-') || c.is_whitespace());
    let digits: String = token.chars().filter(between).collect();
    let digits = digits.to_ascii_lowercase();
    if is_form(&digits) {
        return Ok(digits);
    }
    Err(bad_token(problem(token, &digits)))
}

fn is_form(token: &str) -> bool {
    let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    (2..=MAX_DIGITS).contains(&token.len())
        && token.len().is_multiple_of(2)
        && token.bytes().all(is_digit)
}

/// What was reported, and what to do.
fn problem(reported: &str, digits: &str) -> String {
    const HOW: &str = "the app must report each byte of the token that iOS gave it as two \
        hexadecimal digits";
    let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=_".contains(&byte);
    match digits {
        "" => format!("is empty; {HOW}"),
        _ if token::is_nothing(digits) => format!(
            "is the word that a program prints for nothing: the app reported before iOS had given \
             it a token; {HOW}"
        ),
        _ if reported.contains("bytes") && reported.contains("0x") => format!(
            "is the description of an NSData, which leaves out the middle of the token from iOS 13 \
             on; {HOW}"
        ),
        _ if reported.contains(':') => format!(
            "has a colon, as Firebase's registration tokens have: those go to a channel of driver \
             fcm, and here {HOW}"
        ),
        _ if digits.bytes().all(|byte| byte.is_ascii_hexdigit()) => match digits.len() {
            length if length > MAX_DIGITS => {
                format!("has {length} hexadecimal digits, more than {MAX_DIGITS}; {HOW}")
            }
            length => format!("has {length} hexadecimal digits, half a byte too many; {HOW}"),
        },
        _ if BASE64.contains(&digits.len()) && digits.bytes().all(is_base64) => {
            format!("looks like base64; {HOW}")
        }
        _ => format!("is not hexadecimal; {HOW}"),
    }
}
