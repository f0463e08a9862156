//! What OPPO's own registration ids look like: asked only after OPPO itself complained.

/// Whether a token has the form of OPPO's: 32 hexadecimal digits behind up to two words
/// (brand, region) with underscores, or 24 hexadecimal digits.
pub(super) fn is_well_formed(token: &str) -> bool {
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
}
