//! Vendors' answers in JSON, read leniently: numbers come as texts and the other way round, and
//! documents as texts inside documents.
//!
//! In: the bytes of an answer, or a value of it. Out: words, numbers, lists. What is missing or odd
//! reads as absent, so one field never costs the others. Refuses to know what a code means: that is
//! in [`reasons`](crate::reasons).

use nudged_plugin_api::text::{Unit, cut};
use serde_json::Value;

/// No vendor's code or id is nearly as long, in bytes.
const MAX_WORD: usize = 100;

/// The answer as JSON; null where it is none.
pub fn json(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap_or_default()
}

/// A code, a reason or an id: a number, or a text without control characters, trimmed. None where
/// it is empty or anything else; what is longer than any code is cut.
pub fn word(value: &Value) -> Option<String> {
    let word = match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) if !text.contains(char::is_control) => {
            cut(text.trim(), MAX_WORD, Unit::Bytes).into_owned()
        }
        _ => return None,
    };
    Some(word).filter(|word| !word.is_empty())
}

/// A whole number, or a text that is one.
pub fn number(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// What a vendor says in so many words; empty where it says nothing.
pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The texts of a list; none of what is no list, and nothing of it that is no text.
pub fn texts(value: &Value) -> impl Iterator<Item = &str> {
    let list = value.as_array().map_or(&[][..], Vec::as_slice);
    list.iter().filter_map(Value::as_str)
}

/// A document that some vendors write as a text inside the answer, and some gateways hand on as it is.
pub fn document(value: &Value) -> Value {
    match value {
        Value::String(text) => serde_json::from_str(text).unwrap_or_default(),
        value => value.clone(),
    }
}

/// The code as a verdict shows it: the vendor's, or where it gave none the HTTP status.
pub fn shown(code: &str, status: u16) -> String {
    match code {
        "" => format!("HTTP {status}"),
        code => code.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_code_is_a_number_or_a_text() {
        for (value, expected) in [
            (json!(80_300_007), Some("80300007")),
            (json!(-1), Some("-1")),
            (json!(" 80300007 "), Some("80300007")),
            (json!("tokenFormatError"), Some("tokenFormatError")),
            (json!(""), None),
            (json!("  "), None),
            (json!("a\nb"), None),
            (json!(null), None),
            (json!([200]), None),
            (json!({"code": 200}), None),
            (json!(true), None),
        ] {
            assert_eq!(word(&value).as_deref(), expected, "{value}");
        }
        let long = word(&json!("x".repeat(1000))).expect("a text");
        assert_eq!(long.len(), MAX_WORD);
    }

    #[test]
    fn a_number_may_be_in_quotes() {
        for (value, expected) in [
            (json!(10_302), Some(10_302)),
            (json!("10302"), Some(10_302)),
            (json!(" -2 "), Some(-2)),
            (json!(1.5), None),
            (json!("1x"), None),
            (json!(u64::MAX), None),
            (json!(null), None),
        ] {
            assert_eq!(number(&value), expected, "{value}");
        }
    }

    #[test]
    fn what_is_no_text_of_a_list_is_left_out() {
        let list = json!(["a", 7, null, "b"]);
        assert_eq!(texts(&list).collect::<Vec<_>>(), ["a", "b"]);
        for other in [json!("a"), json!(null), json!({"a": 1})] {
            assert_eq!(texts(&other).count(), 0, "{other}");
        }
    }

    #[test]
    fn a_document_may_be_a_text() {
        let document_of = json!({"id": "m1"});
        assert_eq!(document(&document_of), document_of);
        assert_eq!(document(&json!(r#"{"id":"m1"}"#)), document_of);
        assert_eq!(document(&json!("{")), Value::Null);
    }

    #[test]
    fn any_bytes_are_an_answer() {
        assert_eq!(json(b"<html>"), Value::Null);
        assert_eq!(json(br#"{"code":200}"#)["code"], 200);
        assert_eq!(shown("", 502), "HTTP 502");
        assert_eq!(shown("80300007", 200), "80300007");
    }
}
