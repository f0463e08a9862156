//! OAuth 2.0's answer to a request for a token (RFC 6749 §5.1).

use serde::{Deserialize, Deserializer};
use serde_json::Number;

use crate::grant::Grant;
use crate::http::HttpResponse;
use crate::time::Timestamp;

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

/// The grant in a 200 answer; none when it holds no bearer token that fits a header.
pub fn grant(response: &HttpResponse, now: Timestamp) -> Option<Grant> {
    if response.status != 200 {
        return None;
    }
    let token: Token = serde_json::from_slice(&response.body).ok()?;
    let bearer = token
        .token_type
        .is_none_or(|kind| kind.eq_ignore_ascii_case("bearer"));
    let printable = !token.access_token.is_empty()
        && token
            .access_token
            .bytes()
            .all(|byte| byte.is_ascii_graphic());
    (bearer && printable && token.expires_in > 0)
        .then(|| Grant::new(token.access_token, now, token.expires_in))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_767_000_000_000);

    fn answer(body: &str) -> Option<Grant> {
        grant(&HttpResponse::new(200, body), NOW)
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
        assert_eq!(grant(&refused, NOW), None);
    }
}
