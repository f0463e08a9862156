//! From AppSecret to authToken.

use nudged_plugin_api::{Authorize, Class, Driver, HttpRequest, HttpResponse, Settings, Verdict};
use nudged_vivo::Vivo;
use serde_json::{Value, json};

use crate::account::{NOW, SECRET, channel, settings};

fn asked(settings: &Settings) -> HttpRequest {
    match Vivo::open(settings, NOW).unwrap().authorize(NOW) {
        Authorize::Fetch(request) => request,
        other => panic!("{other:?}"),
    }
}

fn refused(http: u16, body: &str) -> Verdict {
    channel()
        .authorized(&HttpResponse::new(http, body), NOW)
        .unwrap_err()
}

fn scope(settings: &Settings) -> String {
    Vivo::open(settings, NOW).unwrap().grant_scope().unwrap()
}

#[test]
fn the_request_has_the_signature_of_the_test_vector() {
    let request = asked(&settings());
    assert_eq!(request.url, "https://api-push.vivo.com.cn/message/auth");
    let header = ("content-type".to_owned(), "application/json".to_owned());
    assert_eq!(request.headers, [header]);
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    assert_eq!(
        body,
        json!({
            "appId": 105000001, "appKey": "0a1b2c3d-key", "timestamp": 1767000000000_u64,
            "sign": "ee8faa61d636d93440109fb0f5632dc9",
        })
    );
}

#[test]
fn keys_are_trimmed_before_they_are_signed() {
    let spaced = settings()
        .with("app_key", " 0a1b2c3d-key\n")
        .with("app_secret", "\ts3cr3t-vivo ");
    assert_eq!(asked(&spaced), asked(&settings()));
}

#[test]
fn a_token_lives_a_day_and_is_renewed_after_an_hour() {
    let body = r#"{"result":0,"desc":"success","authToken":"24e56a5b-5f9f"}"#;
    let grant = channel()
        .authorized(&HttpResponse::new(200, body), NOW)
        .unwrap();
    assert_eq!(grant.value, "24e56a5b-5f9f");
    assert_eq!(grant.issued_at, NOW);
    assert_eq!(grant.refresh_at, NOW.plus_seconds(3600));
    assert_eq!(grant.expires_at, NOW.plus_seconds(86_400));
    assert_eq!(grant.not_again_before, NOW.plus_seconds(5));
}

#[test]
fn an_answer_without_a_token_is_none() {
    for body in [
        "",
        "<html>",
        r#"{"result":0}"#,
        r#"{"result":0,"authToken":""}"#,
        r#"{"result":0,"authToken":"a\r\nb"}"#,
        r#"{"authToken":"abc"}"#,
    ] {
        let verdict = refused(200, body);
        assert_eq!(verdict.class, Class::Unavailable, "{body}");
        assert_eq!(verdict.code, "no authToken", "{body}");
    }
    assert_eq!(
        refused(503, r#"{"result":0,"authToken":"abc"}"#).class,
        Class::Unavailable
    );
}

#[test]
fn a_refusal_says_whose_turn_it_is() {
    for (http, body, class, code) in [
        (
            200,
            r#"{"result":10202,"desc":"appKey"}"#,
            Class::Credential,
            "10202",
        ),
        (200, r#"{"result":10205}"#, Class::Credential, "10205"),
        (200, r#"{"result":10206}"#, Class::Credential, "10206"),
        (200, r#"{"result":10207}"#, Class::Credential, "10207"),
        (200, r#"{"result":10043}"#, Class::Credential, "10043"),
        // Codes that mean something else for a message.
        (200, r#"{"result":10000}"#, Class::Credential, "10000"),
        (200, r#"{"result":10302}"#, Class::Credential, "10302"),
        (200, r#"{"result":10999}"#, Class::Credential, "10999"),
        (200, r#"{"result":10093}"#, Class::Throttled, "10093"),
        (200, r#"{"result":10250}"#, Class::Throttled, "10250"),
        (200, r#"{"result":10040}"#, Class::Unavailable, "10040"),
        (429, "", Class::Throttled, "HTTP 429"),
        (404, "", Class::Credential, "HTTP 404"),
        (401, "", Class::Credential, "HTTP 401"),
        (502, "<html>", Class::Unavailable, "HTTP 502"),
        (500, r#"{"result":10206}"#, Class::Unavailable, "10206"),
    ] {
        let verdict = refused(http, body);
        assert_eq!(
            (verdict.class, verdict.code.as_str()),
            (class, code),
            "{http} {body}"
        );
        assert!(!verdict.remedy.is_empty(), "{http} {body}");
    }
    assert_eq!(
        refused(200, r#"{"result":10093}"#).retry_after_millis,
        Some(1000)
    );
}

#[test]
fn a_scope_names_app_key_and_server_and_changes_with_the_secret() {
    let ours = scope(&settings());
    assert!(ours.starts_with("105000001/0a1b2c3d-key/"), "{ours}");
    assert!(!ours.contains(SECRET), "{ours}");
    for other in [
        settings().with("app_id", 105_000_002),
        settings().with("app_key", "other-key"),
        settings().with("app_secret", "other-secret"),
        settings().with("endpoint", "https://localhost:8443"),
        settings().with("token_url", "https://localhost:8443/t"),
    ] {
        assert_ne!(scope(&other), ours);
    }
    assert_eq!(scope(&settings().with("category", "IM")), ours);
}

#[test]
fn a_token_comes_from_where_the_settings_say() {
    let moved = settings().with("endpoint", "https://localhost:8443/vivo/");
    assert_eq!(
        asked(&moved).url,
        "https://localhost:8443/vivo/message/auth"
    );
    let both = moved.with("token_url", "https://tokens.example.com/get");
    assert_eq!(asked(&both).url, "https://tokens.example.com/get");
}
