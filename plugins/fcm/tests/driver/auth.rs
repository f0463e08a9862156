//! "Using OAuth 2.0 for Server to Server Applications", from both ends.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use nudged_fcm::Fcm;
use nudged_plugin_api::{Authorize, Class, Driver, HttpRequest, HttpResponse, Method, Verdict};
use rsa::pkcs1v15::{Signature, VerifyingKey};
use rsa::sha2::Sha256;
use rsa::signature::Verifier;
use serde_json::{Value, json};

use crate::account::{NOW, channel, key, key_file, other_pem, settings, with_file};

fn fetch(driver: &Fcm) -> HttpRequest {
    match driver.authorize(NOW) {
        Authorize::Fetch(request) => request,
        other => panic!("{other:?}"),
    }
}

fn assertion(request: &HttpRequest) -> &str {
    std::str::from_utf8(&request.body)
        .unwrap()
        .strip_prefix("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=")
        .unwrap()
}

fn part(jwt: &str, index: usize) -> Value {
    let part = jwt.split('.').nth(index).unwrap();
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

fn refused(status: u16, body: &str) -> Verdict {
    channel()
        .authorized(&HttpResponse::new(status, body), NOW)
        .unwrap_err()
}

#[test]
fn the_assertion_is_what_google_asks_for_and_its_signature_holds() {
    let request = fetch(&channel());
    assert_eq!(request.method, Method::Post);
    assert_eq!(request.url, "https://oauth2.googleapis.com/token");
    assert!(request.headers.contains(&(
        "content-type".to_owned(),
        "application/x-www-form-urlencoded".to_owned()
    )));

    let jwt = assertion(&request);
    assert_eq!(
        part(jwt, 0),
        json!({"alg": "RS256", "typ": "JWT", "kid": "0123456789abcdef0123456789abcdef01234567"})
    );
    assert_eq!(
        part(jwt, 1),
        json!({
            "iss": "firebase-adminsdk-x1y2z@chat-1a2b3.iam.gserviceaccount.com",
            "scope": "https://www.googleapis.com/auth/firebase.messaging",
            "aud": "https://oauth2.googleapis.com/token",
            "iat": 1_790_000_000_u64,
            "exp": 1_790_003_600_u64,
        })
    );
    let (signed, signature) = jwt.rsplit_once('.').unwrap();
    let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).unwrap();
    VerifyingKey::<Sha256>::new(key().to_public_key())
        .verify(
            signed.as_bytes(),
            &Signature::try_from(signature.as_slice()).unwrap(),
        )
        .unwrap();
}

#[test]
fn the_same_moment_gives_the_same_assertion() {
    assert_eq!(fetch(&channel()), fetch(&channel()));
}

#[test]
fn the_token_uri_setting_moves_the_request_and_its_audience() {
    let settings = settings().with("token_uri", "https://localhost:8443/token");
    let driver = Fcm::open(&settings, NOW).unwrap();
    let request = fetch(&driver);
    assert_eq!(request.url, "https://localhost:8443/token");
    assert_eq!(
        part(assertion(&request), 1)["aud"],
        "https://localhost:8443/token"
    );
    // A test server's grant must never be sent to Google, nor Google's to it.
    assert_ne!(driver.grant_scope(), channel().grant_scope());
}

#[test]
fn the_grant_scope_is_account_and_key() {
    let scope = channel().grant_scope().unwrap();
    let named = "firebase-adminsdk-x1y2z@chat-1a2b3.iam.gserviceaccount.com/\
                 0123456789abcdef0123456789abcdef01234567/";
    assert_eq!(scope.len(), named.len() + 8, "{scope}");
    assert!(scope.starts_with(named), "{scope}");
    // The id of the old key over another one: what was granted to the old one says nothing of it.
    let mut file = key_file();
    file["private_key"] = other_pem().into();
    let other = Fcm::open(&with_file(&file.to_string()), NOW).unwrap();
    assert_ne!(other.grant_scope(), Some(scope));
}

#[test]
fn a_token_is_renewed_five_minutes_early_and_a_short_one_in_proportion() {
    for (expires_in, refresh) in [(3599, 3299), (1200, 1080), (60, 30), (1, 1)] {
        let body = json!({"access_token": "ya29.c.b0A", "expires_in": expires_in,
            "token_type": "Bearer"});
        let response = HttpResponse::new(200, body.to_string());
        let grant = channel().authorized(&response, NOW).unwrap();
        assert_eq!(grant.value, "ya29.c.b0A");
        assert_eq!(grant.issued_at, NOW);
        assert_eq!(grant.refresh_at, NOW.plus_seconds(refresh));
        assert_eq!(grant.expires_at, NOW.plus_seconds(expires_in));
    }
}

#[test]
fn an_answer_without_a_usable_token_is_no_grant() {
    for body in [
        "",
        "[]",
        "<html>",
        r#"{"id_token": "a.b.c"}"#,
        r#"{"access_token": "", "expires_in": 3599}"#,
        r#"{"access_token": "a\r\nb", "expires_in": 3599}"#,
        r#"{"access_token": "a", "expires_in": 0}"#,
        r#"{"access_token": "a", "expires_in": 3599, "token_type": "MAC"}"#,
    ] {
        let verdict = refused(200, body);
        assert_eq!(verdict.class, Class::Unavailable, "{body}");
        assert_eq!(verdict.retry_after_millis, Some(10_000), "{body}");
        assert!(verdict.remedy.contains("token_uri"), "{body}");
    }
}

#[test]
fn a_refused_assertion_is_a_credential_trouble_with_its_own_remedy() {
    for (status, error, description, remedy) in [
        (
            400,
            "invalid_grant",
            "Invalid JWT Signature.",
            "generate a new key file",
        ),
        (
            400,
            "invalid_grant",
            "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable \
             timeframe. Check your iat and exp values in the JWT claim.",
            "clock",
        ),
        (
            400,
            "invalid_grant",
            "Invalid grant: account not found",
            "service account was deleted",
        ),
        (400, "invalid_grant", "Bad Request", "clock"),
        (400, "invalid_scope", "Invalid OAuth scope.", "enable"),
        (
            401,
            "invalid_client",
            "The OAuth client was not found.",
            "IAM",
        ),
        (401, "unauthorized_client", "Unauthorized", "IAM"),
        (403, "access_denied", "Denied", "Google Cloud console"),
    ] {
        let verdict = refused(
            status,
            &json!({"error": error, "error_description": description}).to_string(),
        );
        assert_eq!(verdict.class, Class::Credential, "{description}");
        assert_eq!(verdict.code, error);
        assert_eq!(verdict.text, description);
        assert!(verdict.remedy.contains(remedy), "{}", verdict.remedy);
        assert_eq!(verdict.retry_after_millis, None);
    }
}

#[test]
fn a_busy_token_endpoint_is_asked_again_and_never_too_early() {
    let slow = HttpResponse::new(429, r#"{"error":"rate_limit_exceeded"}"#);
    let verdict = channel().authorized(&slow, NOW).unwrap_err();
    assert_eq!(verdict.class, Class::Throttled);
    assert_eq!(verdict.retry_after_millis, Some(60_000));
    let verdict = channel()
        .authorized(&slow.with_header("retry-after", "7"), NOW)
        .unwrap_err();
    assert_eq!(verdict.retry_after_millis, Some(7_000));

    for (status, body) in [
        (500, "{\"error\":\"internal_failure\"}"),
        (400, "{\"error\":\"internal_failure\"}"),
        (502, "<html>"),
        (503, ""),
    ] {
        let verdict = refused(status, body);
        assert_eq!(verdict.class, Class::Unavailable, "{status}");
        assert_eq!(verdict.retry_after_millis, Some(10_000), "{status}");
    }
}

#[test]
fn an_answer_that_is_not_googles_points_at_the_token_uri() {
    for (status, body) in [
        (404, "<html>"),
        (302, ""),
        (400, r#"{"error":"invalid_request"}"#),
    ] {
        let verdict = refused(status, body);
        assert_eq!(verdict.class, Class::Credential, "{status}");
        assert!(verdict.remedy.contains("token_uri"), "{status}");
    }
    assert_eq!(refused(404, "<html>").code, "HTTP 404");
}
