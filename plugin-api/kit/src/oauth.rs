//! OAuth 2.0 as vendors have it (RFC 6749): the request for a token with a client's credentials, and
//! the answer.
//!
//! In: the credentials; then an answer and what its errors mean. Out: the request; then a grant, or the
//! verdict. Refuses to know vendors, and other ways to prove who one is.

use nudged_plugin_api::{Grant, HttpRequest, HttpResponse, Timestamp, Verdict};
use serde::{Deserialize, Deserializer};
use serde_json::Number;

use crate::answer;
use crate::reasons::Reasons;

#[derive(Deserialize)]
struct Token {
    access_token: String,
    #[serde(default = "hour", deserialize_with = "seconds")]
    expires_in: u64,
    #[serde(default)]
    token_type: Option<String>,
}

fn hour() -> u64 {
    3600
}

/// A whole number of seconds, however large; 0 for what is below.
fn seconds<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    let number = Number::deserialize(from)?;
    // The cast keeps to the ends of what fits.
    let rounded = || number.as_f64().map(|seconds| seconds as u64);
    Ok(number.as_u64().or_else(rounded).unwrap_or(0))
}

/// The request for an access token with a client's credentials (§4.4), in the body (§2.3.1).
pub fn client_credentials(url: &str, id: &str, secret: &str) -> HttpRequest {
    let form = form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "client_credentials")
        .append_pair("client_id", id)
        .append_pair("client_secret", secret)
        .finish();
    HttpRequest::post(url)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("accept", "application/json")
        .body(form)
}

/// The grant in the answer of a token endpoint, or what it said instead, by its `error` (§5.2) and
/// `reasons`. A 200 answer without a bearer token that fits a header is none.
pub fn grant(response: &HttpResponse, reasons: &Reasons, now: Timestamp) -> Result<Grant, Verdict> {
    bearer(response, now).ok_or_else(|| {
        let answer = answer::json(&response.body);
        let error = answer::word(&answer["error"]).unwrap_or_default();
        let rule = reasons.judge(response.status, &error);
        rule.verdict(&error, response, now)
            .text(answer::text(&answer["error_description"]))
    })
}

/// The grant in a 200 answer; none when it holds no bearer token that fits a header.
pub fn bearer(response: &HttpResponse, now: Timestamp) -> Option<Grant> {
    if response.status != 200 {
        return None;
    }
    let token: Token = serde_json::from_slice(&response.body).ok()?;
    let is_bearer = token
        .token_type
        .is_none_or(|kind| kind.eq_ignore_ascii_case("bearer"));
    (is_bearer && is_value(&token.access_token) && token.expires_in > 0)
        .then(|| Grant::new(token.access_token, now, token.expires_in))
}

/// Whether a text can be an access token: there, and fit for a header.
pub fn is_value(token: &str) -> bool {
    !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_767_000_000_000);

    fn answer(body: &str) -> Option<Grant> {
        bearer(&HttpResponse::new(200, body), NOW)
    }

    #[test]
    fn a_bearer_token_becomes_a_grant() {
        let body = r#"{"access_token":"a\/b","expires_in":3600,"token_type":"Bearer"}"#;
        let grant = answer(body).unwrap();
        assert_eq!(grant.value, "a/b");
        assert_eq!(grant.expires_at, NOW.plus_seconds(3600));
        assert_eq!(grant.refresh_at, NOW.plus_seconds(3300));
    }

    #[test]
    fn no_lifetime_is_too_long() {
        for seconds in ["18446744073709551615", "1e300", "99999999999999999999999"] {
            let body = format!(r#"{{"access_token":"a","expires_in":{seconds}}}"#);
            let grant = answer(&body).unwrap();
            assert_eq!(grant.expires_at, Timestamp(u64::MAX), "{seconds}");
            assert!(grant.refresh_at <= grant.expires_at, "{seconds}");
        }
        let grant = answer(r#"{"access_token":"a","expires_in":3599.9}"#).unwrap();
        assert_eq!(grant.expires_at, NOW.plus_seconds(3599));
    }

    #[test]
    fn anything_else_does_not() {
        for body in [
            "",
            "<html>",
            r#"{"access_token":"","expires_in":3600}"#,
            r#"{"access_token":"a b","expires_in":3600}"#,
            r#"{"access_token":"a\r\nb","expires_in":3600}"#,
            r#"{"access_token":"a","expires_in":0}"#,
            r#"{"access_token":"a","expires_in":-1}"#,
            r#"{"access_token":"a","expires_in":-9223372036854775808}"#,
            r#"{"access_token":"a","expires_in":3600,"token_type":"mac"}"#,
        ] {
            assert_eq!(answer(body), None, "{body}");
        }
        let refused = HttpResponse::new(401, r#"{"access_token":"a"}"#);
        assert_eq!(bearer(&refused, NOW), None);
    }

    #[test]
    fn a_refusal_is_read_by_its_error_else_by_its_status() {
        use crate::reasons::{Row, Rule, Wait};
        use nudged_plugin_api::Class;

        const TROUBLE: Rule =
            Rule::new(Class::Unavailable, "nothing to do").wait(Wait::Millis(10_000));
        const SECRET: Rule = Rule::new(Class::Credential, "check the secret");
        const OTHER: Rule = Rule::new(Class::Unavailable, "check token_url");
        const REASONS: Reasons = Reasons::new(
            &[
                Row::statuses(500, 599, TROUBLE),
                Row::codes(&["invalid_client"], SECRET),
            ],
            OTHER,
        );
        let refusal = |status, body: &str| {
            let response = HttpResponse::new(status, body);
            let verdict = grant(&response, &REASONS, NOW).expect_err("it holds no token");
            (verdict.class, verdict.code, verdict.text, verdict.remedy)
        };
        let body = r#"{"error":"invalid_client","error_description":"no"}"#;
        let expected = |rule: Rule, code: &str, text: &str| {
            (
                rule.class,
                code.to_owned(),
                text.to_owned(),
                rule.remedy.to_owned(),
            )
        };
        assert_eq!(refusal(401, body), expected(SECRET, "invalid_client", "no"));
        assert_eq!(
            refusal(503, body),
            expected(TROUBLE, "invalid_client", "no")
        );
        assert_eq!(refusal(200, "<html>"), expected(OTHER, "HTTP 200", ""));
        let granted = HttpResponse::new(200, r#"{"access_token":"a"}"#);
        assert!(grant(&granted, &REASONS, NOW).is_ok());
    }

    #[test]
    fn credentials_go_in_the_form_and_never_in_the_address() {
        let request = client_credentials("https://a.test/token", "1", "s+/=");
        assert_eq!(request.url, "https://a.test/token");
        let body = "grant_type=client_credentials&client_id=1&client_secret=s%2B%2F%3D";
        assert_eq!(request.body, body.as_bytes());
    }
}
