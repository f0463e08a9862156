//! Registration ids: what may be sent, and what OPPO's own look like.
//!
//! In: a device's token. Out: whether it can stand in a request, and whether OPPO can have
//! given it. The second is only asked after OPPO itself complained.

use nudged_driver_kit::token;
use nudged_plugin_api::EncodeError;

/// Longest token that is sent; OPPO's own have about 40 bytes.
pub(crate) const MAX_TOKEN: usize = 128;
/// Stands between the tokens of a `broadcast`.
pub(crate) const SEPARATOR: char = ';';

/// Refuses what would spoil the requests of other devices, or no phone can have reported.
pub(crate) fn check(token: &str) -> Result<&str, EncodeError> {
    let never: [token::Never<'_>; 2] = [
        (
            |c| c == SEPARATOR,
            "contains a semicolon, which separates registration ids",
        ),
        (
            |c| !c.is_ascii_graphic(),
            "has a blank, control or non-ASCII character, which no registration id has",
        ),
    ];
    token::check(token, "a registration id", MAX_TOKEN, &never)
}

/// Whether a token has the form of OPPO's: 32 hexadecimal digits behind up to two words
/// (brand, region) with underscores, or 24 hexadecimal digits.
pub(crate) fn is_well_formed(token: &str) -> bool {
    let hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let word = |text: &str| {
        !text.is_empty()
            && text.len() <= 16
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    let mut parts = token.rsplit('_');
    let id = parts.next().unwrap_or_default();
    let prefixes: Vec<&str> = parts.collect();
    hex(id)
        && prefixes.len() <= 2
        && prefixes.iter().all(|prefix| word(prefix))
        && (id.len() == 32 || (id.len() == 24 && prefixes.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registration_ids_are_known_by_their_form() {
        let id = "0123456789abcdef0123456789ABCDEF";
        for token in [
            id.to_owned(),
            format!("CN_{id}"),
            format!("OPPO_CN_{id}"),
            format!("Realme_IN_{id}"),
            id[..24].to_owned(),
        ] {
            assert!(is_well_formed(&token), "{token}");
        }
        for token in [
            "".to_owned(),
            "CN_".to_owned(),
            format!("CN_{}", &id[1..]),
            format!("{id}0"),
            format!("_{id}"),
            format!("A_B_C_{id}"),
            format!("CN_{}", &id[..24]),
            "CN_0123456789abcdef0123456789abcdeg".to_owned(),
        ] {
            assert!(!is_well_formed(&token), "{token}");
        }
    }

    #[test]
    fn what_would_spoil_a_request_is_refused() {
        assert_eq!(check("CN_0123"), Ok("CN_0123"));
        for token in ["", "a;b", "a b", "a\n", "é", &"a".repeat(129)] {
            assert_eq!(check(token).unwrap_err().field, "token", "{token:?}");
        }
    }
}
