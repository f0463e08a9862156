//! What may be said of a text that was typed into a file.
//!
//! In: a text that an operator may have put into the wrong place. Out: the text itself where no
//! secret looks like it, else its length and what it looks like. Pure; every message about a
//! value or a name of a configuration file takes it from here.

/// Longest run of letters and digits that a secret's part is not taken for.
const MAX_WORD: usize = 11;
/// Longest label of an app's or a host's name.
const MAX_LABEL: usize = 19;
/// How names of key files end.
const ENDINGS: [&str; 11] = [
    ".p8", ".pem", ".p12", ".pfx", ".json", ".key", ".crt", ".cer", ".cert", ".der", ".txt",
];

/// The text in quotes where it is a name such as `notify_foreground`, else what it looks like.
pub fn name(text: &str) -> String {
    if is_name(text) {
        format!("{text:?}")
    } else {
        description(text)
    }
}

/// Whether a text is made of short words, as names of keys, drivers and choices are.
pub fn is_name(text: &str) -> bool {
    let short = |word: &str| word.len() <= MAX_WORD;
    (1..=40).contains(&text.len())
        && text.split(['_', '-', '.']).all(short)
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'-' | b'.'))
        || short(text)
            && !text.is_empty()
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
}

/// Whether a text is a path by its looks, and no part of a key or secret has these looks.
pub fn is_path(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let begins = text.starts_with(['/', '.']);
    (begins || ENDINGS.iter().any(|ending| lower.ends_with(ending)))
        && text.len() <= 255
        && !text.contains("-----")
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"/._-@~ ".contains(&byte))
        && text
            .split(|c: char| !c.is_ascii_alphanumeric())
            .all(|run| run.len() <= MAX_WORD && is_word(run))
}

/// `AuthKey`, `SIMKEY0001`, `0123456789`, `1a2b3c`: not as base64 mixes its letters.
fn is_word(run: &str) -> bool {
    let letters = run.trim_end_matches(|c: char| c.is_ascii_digit());
    let humps = letters.bytes().skip(1).filter(u8::is_ascii_uppercase);
    let any = |is: fn(&u8) -> bool| run.bytes().any(|byte| is(&byte));
    !any(u8::is_ascii_uppercase)
        || !any(u8::is_ascii_lowercase)
        || letters.bytes().all(|byte| byte.is_ascii_alphabetic()) && humps.count() <= 2
}

/// Whether a text is the name of an app, a host or a URL of one, as none but these have: labels
/// with dots between.
pub fn is_address(text: &str) -> bool {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    let dotted = |name: &str| {
        let label = |label: &str| {
            (1..=MAX_LABEL).contains(&label.len())
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        };
        name.contains('.') && name.split('.').all(label)
    };
    match rest {
        Some(rest) => {
            let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
            let host = host.split_once(':').map_or(host, |(host, _)| host);
            dotted(host) && path.split('/').all(|part| part.is_empty() || is_name(part))
        }
        None => dotted(text),
    }
}

/// How long it is and what it looks like.
pub fn description(text: &str) -> String {
    let length = thousands(text.chars().count() as u64);
    let what = if text.contains("-----BEGIN ") || text.contains("PRIVATE KEY-----") {
        " that look like a PEM file's contents"
    } else if text.trim_start().starts_with('{') {
        " that look like a JSON file's contents"
    } else if text.contains('\n') {
        " in several lines"
    } else {
        ""
    };
    format!("a text of {length} characters{what}")
}

/// A number as people read it: `12,345`.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut shown = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_shown_and_what_may_be_a_secret_is_described() {
        for text in [
            "kee",
            "team_id",
            "notify_foreground",
            "carrier-pigeon",
            "oauth2",
            "AppSecret",
        ] {
            assert_eq!(name(text), format!("{text:?}"));
        }
        for (text, said) in [
            (
                "0123456789abcdef0123456789abcdef",
                "a text of 32 characters",
            ),
            ("MIGTAgEAMBMG", "a text of 12 characters"),
            ("correct horse battery", "a text of 21 characters"),
            ("", "a text of 0 characters"),
        ] {
            assert_eq!(name(text), said);
        }
        let key = format!("-----BEGIN PRIVATE KEY-----{}", "A".repeat(2000));
        assert_eq!(
            name(&key),
            "a text of 2,027 characters that look like a PEM file's contents"
        );
        assert_eq!(
            name(" {\"type\":1}"),
            "a text of 11 characters that look like a JSON file's contents"
        );
    }

    #[test]
    fn a_path_has_looks_that_no_key_has() {
        for text in [
            "../AuthKey_SIMKEY0001.p8",
            "/etc/nudged/keys/push.P12",
            "my-app-firebase-adminsdk-abc12-0123456789.json",
            "/run/credentials/nudged",
            "./key",
        ] {
            assert!(is_path(text), "{text}");
        }
        for text in [
            "xiaomi-app-secret",
            "0123456789abcdef0123456789abcdef",
            "/MIGTAgEAMBMGByqGSM49",
            "GHAgEAMBMGBy../AuthKey_SIMKEY0001.p8",
            "/aV4/kQ8zPw2/tR",
            "MIGTAgEAMBMGByqGSM49AgEGCCqGSM49.p8",
            "-----BEGIN PRIVATE KEY-----.pem",
            "key.pem\nsecret.pem",
            "",
        ] {
            assert!(!is_path(text), "{text}");
        }
    }

    #[test]
    fn an_address_has_dots_between_short_labels() {
        for text in [
            "com.example.app",
            "https://push.example.com:8443/v1",
            "localhost.localdomain",
        ] {
            assert!(is_address(text), "{text}");
        }
        for text in [
            "secret",
            "https://0123456789abcdef0123456789abcdef/",
            "a b.c",
            "a..b",
        ] {
            assert!(!is_address(text), "{text}");
        }
    }
}
