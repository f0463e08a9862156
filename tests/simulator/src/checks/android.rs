//! What Android itself asks of texts that several vendors carry to it.

use percent_encoding::percent_decode_str;

use crate::checks::address::are_escapes_whole;

/// The keys of an intent URI that are no extras.
const INTENT_KEYS: [&str; 9] = [
    "action",
    "category",
    "type",
    "identifier",
    "sourceBounds",
    "launchFlags",
    "package",
    "component",
    "scheme",
];
/// Types of extras: `S.name=text`, `i.name=1`, ...
const EXTRA_TYPES: &str = "SBbcdfils";
const MAX_TTL_SECS: u32 = 15 * 86_400;

/// `intent:DATA#Intent;key=value;...;end`, with percent-encoded in every value what would end it.
/// As `Intent.parseUri` reads it: the last `#` begins the intent, `;` and `=` part its keys.
pub(crate) fn is_intent_uri(text: &str) -> bool {
    let parts = || {
        let (_data, parts) = text.strip_prefix("intent:")?.rsplit_once('#')?;
        let parts = parts.strip_prefix("Intent;")?;
        parts.strip_suffix("end")
    };
    let Some(parts) = parts() else {
        return false;
    };
    let odd = |c: char| c.is_whitespace() || c.is_control();
    !text.contains(odd)
        && !parts.is_empty()
        && parts.ends_with(';')
        && parts.split_terminator(';').all(is_intent_part)
}

/// Whole seconds with their unit, such as `86400s`: fifteen days at most.
pub(crate) fn is_ttl(text: &str) -> bool {
    let Some(digits) = text.strip_suffix('s') else {
        return false;
    };
    digits.bytes().all(|byte| byte.is_ascii_digit())
        && digits
            .parse()
            .is_ok_and(|secs: u32| (1..=MAX_TTL_SECS).contains(&secs))
}

/// What goes along with a notification becomes extras of the intent that a tap starts, by name: the
/// text of a JSON object.
pub(crate) fn is_extras(text: &str) -> bool {
    matches!(serde_json::from_str(text), Ok(serde_json::Value::Object(_)))
}

/// A Java class with its package.
pub(crate) fn is_class_name(text: &str) -> bool {
    let part = |part: &str| {
        part.starts_with(|c: char| c.is_alphabetic() || matches!(c, '_' | '$'))
            && part
                .chars()
                .all(|c| c.is_alphanumeric() || matches!(c, '_' | '$'))
    };
    text.contains('.') && text.split('.').all(part)
}

fn is_intent_part(part: &str) -> bool {
    let Some((key, value)) = part.split_once('=') else {
        return false;
    };
    let known = match key.split_once('.') {
        Some((kind, name)) => kind.len() == 1 && EXTRA_TYPES.contains(kind) && !name.is_empty(),
        None => INTENT_KEYS.contains(&key),
    };
    let whole = percent_decode_str(value).decode_utf8().is_ok() && are_escapes_whole(value);
    known && whole && !value.contains('=') && (key != "component" || value.contains('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_intent_uri_has_known_parts_and_escaped_values() {
        for good in [
            "intent://com.example.app/main#Intent;component=com.example.app/.MainActivity;\
             S.ext=%7B%22conv%22%3A%22c1%22%7D;end",
            "intent://com.example.app/main?#Intent;scheme=pushscheme;launchFlags=0x4000000;\
             component=com.example.app/.MainActivity;S.ext=%7B%22a%22%3A1%7D;end",
            "intent:#Intent;action=com.example.OPEN;i.count=1;end",
            "intent://room/42#end#Intent;scheme=chat;package=com.example;end",
            "intent:#Intent;component=a/.B;S.ext={\"a\":\"\u{4f60}%3B\"};end",
        ] {
            assert!(is_intent_uri(good), "{good}");
        }
        for bad in [
            "com.example.app/.MainActivity",
            "intent://com.example.app/main",
            "intent:#Intent;end",
            "intent:#Intent;component=a/.B",
            "intent:#Intent;component=a/.Bend",
            "intent:#Intent;component=MainActivity;end",
            "intent:#Intent;component=a/.B;S.ext=a b;end",
            "intent:#Intent;component=a/.B;S.ext=a\u{3000}b;end",
            "intent:#Intent;component=a/.B;S.ext=a#b;end",
            "intent:#Intent;component=a/.B;S.ext=a=b;end",
            "intent:#Intent;component=a/.B;S.ext=a;b;end",
            "intent:#Intent;component=a/.B;S.ext=%7;end",
            "intent:#Intent;component=a/.B;S.ext=%FF;end",
            "intent:#Intent;component=a/.B;S.=1;end",
            "intent:#Intent;component=a/.B;X.ext=1;end",
            "intent:#Intent;component=a/.B;ext=1;end",
        ] {
            assert!(!is_intent_uri(bad), "{bad}");
        }
    }

    #[test]
    fn a_ttl_is_whole_seconds_of_at_most_fifteen_days() {
        for good in ["1s", "86400s", "1296000s"] {
            assert!(is_ttl(good), "{good}");
        }
        for bad in ["0s", "1296001s", "86400", "s", "", "+5s", "1.5s", "1d"] {
            assert!(!is_ttl(bad), "{bad}");
        }
    }
}
