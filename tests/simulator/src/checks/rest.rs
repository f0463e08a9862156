//! What the vendors with bearer tokens and JSON bodies of many device tokens share: reading
//! the request, and telling the tokens apart. Their rules and codes are their own.

use std::collections::BTreeMap;

use http::HeaderMap;
use http::header::{AUTHORIZATION, CONTENT_TYPE};

use crate::checks::fields::{Checked, Fields};
use crate::vendors::customers::Customers;

/// What comes of a token's condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenResult {
    /// The answer lists the token among the failed ones.
    Failed,
    /// The whole request is refused, with the condition as its code.
    Refused,
    /// The answer is success; only a receipt would tell.
    Lost,
}

/// The tokens of a request.
#[derive(Debug, Default)]
pub(crate) struct Sorted {
    pub(crate) reached: Vec<String>,
    /// By condition, in the order of the request.
    pub(crate) failed: BTreeMap<String, Vec<String>>,
    pub(crate) lost: usize,
}

impl Sorted {
    pub(crate) fn failures(&self) -> usize {
        self.failed.values().map(Vec::len).sum()
    }

    /// Those for which the vendor claims success.
    pub(crate) fn successes(&self) -> usize {
        self.reached.len() + self.lost
    }
}

/// Asks after every token; the error is the code that refuses them all.
pub(crate) fn sort(
    customers: &Customers,
    tokens: Vec<String>,
    result_for: fn(&str) -> TokenResult,
) -> Result<Sorted, String> {
    let mut sorted = Sorted::default();
    for token in tokens {
        let Some(condition) = customers.condition(&token) else {
            sorted.reached.push(token);
            continue;
        };
        match result_for(&condition) {
            TokenResult::Failed => sorted.failed.entry(condition).or_default().push(token),
            TokenResult::Refused => return Err(condition),
            TokenResult::Lost => sorted.lost += 1,
        }
    }
    Ok(sorted)
}

/// The token of `Authorization: Bearer`.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    value
        .strip_prefix("Bearer ")
        .filter(|token| !token.is_empty() && !token.contains(char::is_whitespace))
}

/// Whether the body says that it is JSON, in UTF-8 if it names a charset.
pub(crate) fn is_json(headers: &HeaderMap) -> bool {
    let content_type = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let mut parts = content_type.split(';').map(str::trim);
    parts
        .next()
        .is_some_and(|media| media.eq_ignore_ascii_case("application/json"))
        && parts
            .filter_map(|part| part.split_once('='))
            .filter(|(name, _)| name.eq_ignore_ascii_case("charset"))
            .all(|(_, charset)| charset.trim_matches('"').eq_ignore_ascii_case("utf-8"))
}

/// The length of a body but for its tokens, their quotes and commas.
pub(crate) fn length_without(tokens: &[String], body: &[u8]) -> usize {
    let quoted: usize = tokens.iter().map(|token| token.len() + 2).sum();
    let commas = tokens.len().saturating_sub(1);
    body.len().saturating_sub(quoted + commas)
}

/// A list of device tokens; how many there may be is the vendor's to say.
pub(crate) fn tokens(fields: &mut Fields<'_>, name: &'static str) -> Checked<Option<Vec<String>>> {
    let Some(texts) = fields.texts(name)? else {
        return Ok(None);
    };
    let is_token = |text: &&str| !text.is_empty() && !text.contains(char::is_whitespace);
    match texts.iter().all(is_token) {
        true => Ok(Some(texts.into_iter().map(str::to_owned).collect())),
        false => Err(fields.problem(name, "has a blank")),
    }
}

/// Whether a condition is a number of so many digits.
pub(crate) fn is_number_of(condition: &str, digits: std::ops::RangeInclusive<usize>) -> bool {
    digits.contains(&condition.len()) && condition.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_bearer_token_follows_the_scheme() {
        let read = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, HeaderValue::from_static(value));
            bearer(&headers).map(str::to_owned)
        };

        assert_eq!(read("Bearer a").as_deref(), Some("a"));
        for bad in ["a", "Basic a", "Bearer ", "Bearer a b", "bearer=a"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn json_is_in_utf8() {
        let read = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(value));
            is_json(&headers)
        };

        assert!(read("application/json"));
        assert!(read("application/json; charset=UTF-8"));
        assert!(!read("application/json; charset=gbk"));
        assert!(!read("text/plain"));
        assert!(!is_json(&HeaderMap::new()));
    }

    #[test]
    fn tokens_do_not_count_towards_a_length() {
        let tokens = ["ab".to_owned(), "cd".to_owned()];

        assert_eq!(length_without(&tokens, br#"{"token":["ab","cd"]}"#), 12);
        assert_eq!(length_without(&[], b"{}"), 2);
    }
}
