//! The mistake that a TOML reader reports, without what stands in the file.
//!
//! In: its message. Out: the same, with each name or value that it quotes shown only where no
//! secret looks like it. Pure. The messages are serde's and toml's own; one of a form that is
//! not known here loses every word that could be a part of a secret.

use super::shown;

/// The message as it may be shown.
pub fn redact(message: &str) -> String {
    for (begin, quotes_value) in [
        ("unknown field `", false),
        ("unknown variant `", false),
        ("invalid type: ", true),
        ("invalid value: ", true),
        ("invalid length ", true),
    ] {
        if let Some(rest) = message.strip_prefix(begin) {
            return match (rest.rfind(EXPECTED), quotes_value) {
                (Some(at), true) => {
                    let kind = rest[..at].split([' ', '`', '"']).next().unwrap_or_default();
                    format!("{begin}{}{}", kind_name(kind), redact_words(&rest[at..]))
                }
                // The list of what is expected is ours; the name before it is the file's.
                _ => {
                    let at = rest.find("`, ").or_else(|| rest.rfind('`'));
                    let (name, rest) = rest.split_at(at.unwrap_or(rest.len()));
                    let expected = redact_words(rest.strip_prefix('`').unwrap_or_default());
                    match shown::is_name(name) {
                        true => format!("{begin}{name}`{expected}"),
                        false => {
                            let what = begin.trim_end_matches(['`', ' ']);
                            format!("{what}, {}{expected}", shown::description(name))
                        }
                    }
                }
            };
        }
    }
    redact_words(message)
}

const EXPECTED: &str = ", expected ";

/// serde's words for kinds of values.
fn kind_name(kind: &str) -> &str {
    match kind {
        "string" | "integer" | "boolean" | "sequence" | "map" => kind,
        "floating" => "floating point",
        _ => "another value",
    }
}

/// Keeps the words of a sentence, and drops what could be a part of a secret.
fn redact_words(message: &str) -> String {
    let word = |word: &str| {
        let bare = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
        let sentence = bare
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || b"_-.'".contains(&byte));
        if shown::is_name(bare) || bare.is_empty() || sentence && bare.len() <= 24 {
            word.to_owned()
        } else {
            "…".to_owned()
        }
    };
    message.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "0123456789abcdef0123456789abcdef";

    #[test]
    fn names_that_look_like_names_are_told() {
        for message in [
            "unknown field `kee`, expected one of `driver`, `certificate_id`, `app`",
            "unknown variant `open`, expected one of `open_app`, `open_url`, `open_page`",
            "missing field `certificate_id`",
            "invalid type: string, expected u32",
            "unclosed table, expected `]`",
            "key with no value, expected `=`",
            "`soon` is not a duration such as \"90s\" or \"3days\": expected number at 0",
        ] {
            assert_eq!(redact(message), message);
        }
    }

    #[test]
    fn values_and_names_that_may_be_secrets_are_not() {
        for (message, begin) in [
            (
                format!("unknown field `{SECRET}`, expected `driver` or `app`"),
                "unknown field, a text of 32 characters, expected `driver` or `app`",
            ),
            (
                format!("invalid type: string \"{SECRET}, expected x\", expected u32"),
                "invalid type: string, expected u32",
            ),
            (
                "invalid type: floating point `1.5`, expected u32".to_owned(),
                "invalid type: floating point, expected u32",
            ),
            (
                format!("unknown variant `{SECRET}`, expected `hold` or `drop`"),
                "unknown variant, a text of 32 characters, expected `hold` or `drop`",
            ),
            (
                format!("`{SECRET}` is not a duration"),
                "… is not a duration",
            ),
            (format!("duplicate key {SECRET}"), "duplicate key …"),
        ] {
            assert_eq!(redact(&message), begin);
        }
        for quoted in ["a` b", "x\", expected `y", "`", ""] {
            for form in [
                "unknown field `{}`, expected `a`",
                "invalid type: string \"{}\", expected b",
            ] {
                let message = form.replace("{}", &format!("{SECRET}{quoted}{SECRET}"));
                assert!(!redact(&message).contains(&SECRET[..12]), "{message}");
            }
        }
    }
}
