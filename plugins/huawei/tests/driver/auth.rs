//! OAuth 2.0, client credentials mode, from both ends.

use nudged_huawei::Huawei;
use nudged_plugin_api::{
    Authorize, Class, Driver, HttpRequest, HttpResponse, Method, Settings, Verdict,
};
use serde_json::json;

use crate::account::{NOW, SECRET, channel, settings};

fn fetch(driver: &Huawei) -> HttpRequest {
    match driver.authorize(NOW) {
        Authorize::Fetch(request) => request,
        other => panic!("{other:?}"),
    }
}

fn refused(response: &HttpResponse) -> Verdict {
    channel().authorized(response, NOW).unwrap_err()
}

fn scope(settings: &Settings) -> String {
    Huawei::open(settings, NOW).unwrap().grant_scope().unwrap()
}

#[test]
fn the_request_is_a_form_with_the_secret_url_encoded() {
    let request = fetch(&channel());
    assert_eq!(request.method, Method::Post);
    assert_eq!(
        request.url,
        "https://oauth-login.cloud.huawei.com/oauth2/v3/token"
    );
    let form = (
        "content-type".to_owned(),
        "application/x-www-form-urlencoded".to_owned(),
    );
    assert!(request.headers.contains(&form));
    assert_eq!(
        String::from_utf8(request.body).unwrap(),
        "grant_type=client_credentials&client_id=100012345\
         &client_secret=4f1c%2B9e%2F8d%3D70%26ab%2512"
    );
    let moved = settings().with("token_url", "https://localhost:8443/oauth2/v2/token");
    let request = fetch(&Huawei::open(&moved, NOW).unwrap());
    assert_eq!(request.url, "https://localhost:8443/oauth2/v2/token");
}

#[test]
fn the_scope_is_the_app_and_changes_with_the_secret_without_telling_it() {
    let own = scope(&settings());
    assert!(own.starts_with("100012345/"), "{own}");
    assert_eq!(own.len(), "100012345/".len() + 16);
    assert_eq!(
        own,
        scope(
            &settings()
                .with("project_id", "7364")
                .with("channel_id", "x")
        )
    );
    assert!(!own.contains(SECRET));
    let others = [
        settings().with("app_secret", "4f1c+9e/8d=70&ab%13"),
        settings().with("app_id", "100012346"),
        // A test server's grant must never be sent to Huawei, nor Huawei's to it.
        settings().with("token_url", "https://localhost:8443/token"),
    ];
    for other in others {
        assert_ne!(scope(&other).split_once('/'), own.split_once('/'));
    }
    // Two apps that share a secret do not show it.
    let tail = |scope: String| scope.split_once('/').unwrap().1.to_owned();
    assert_ne!(
        tail(scope(&settings().with("app_id", "100012346"))),
        tail(own)
    );
}

#[test]
fn a_token_is_renewed_minutes_early_and_not_asked_for_again_at_once() {
    for (expires_in, refresh, again) in [(3600, 3300, 5), (600, 540, 5), (2, 1, 2)] {
        let body = format!(
            r#"{{"access_token":"CgB\/6e3x9","expires_in":{expires_in},"token_type":"Bearer"}}"#
        );
        let grant = channel()
            .authorized(&HttpResponse::new(200, body), NOW)
            .unwrap();
        assert_eq!(grant.value, "CgB/6e3x9");
        assert_eq!(grant.refresh_at, NOW.plus_seconds(refresh));
        assert_eq!(grant.expires_at, NOW.plus_seconds(expires_in));
        assert_eq!(grant.not_again_before, NOW.plus_seconds(again));
    }
}

#[test]
fn a_wrong_secret_is_a_credential_trouble_in_huaweis_words() {
    for status in [400, 401, 403, 200] {
        let body = json!({"error": 1101, "sub_error": 20044,
            "error_description": "invalid client_secret"});
        let verdict = refused(&HttpResponse::new(status, body.to_string()));
        assert_eq!(verdict.class, Class::Credential, "{status}");
        assert_eq!(verdict.code, "1101");
        assert_eq!(verdict.text, "sub_error 20044: invalid client_secret");
        assert!(verdict.remedy.contains("app_secret"));
        assert_eq!(verdict.retry_after_millis, None);
    }
    let verdict = refused(&HttpResponse::new(400, r#"{"error":"invalid_client"}"#));
    assert_eq!(
        (verdict.class, verdict.code.as_str()),
        (Class::Credential, "invalid_client")
    );
}

#[test]
fn a_busy_token_endpoint_is_asked_again_and_never_too_early() {
    for (status, class, wait) in [
        (429, Class::Throttled, 60_000),
        (500, Class::Unavailable, 10_000),
        (503, Class::Unavailable, 10_000),
        (408, Class::Unavailable, 10_000),
    ] {
        let answer = HttpResponse::new(status, "<html>");
        let verdict = refused(&answer);
        assert_eq!(
            (verdict.class, verdict.retry_after_millis),
            (class, Some(wait)),
            "{status}"
        );
        let verdict = refused(&answer.with_header("retry-after", "70"));
        assert_eq!(verdict.retry_after_millis, Some(70_000), "{status}");
    }
}

#[test]
fn an_answer_that_is_not_huaweis_points_at_the_token_url() {
    for (status, body, class) in [
        (200, "", Class::Unavailable),
        (200, "<html>", Class::Unavailable),
        (200, r#"{"access_token":""}"#, Class::Unavailable),
        (
            200,
            r#"{"access_token":"a\r\nb","expires_in":3600}"#,
            Class::Unavailable,
        ),
        (302, "", Class::Credential),
        (404, "<html>", Class::Credential),
    ] {
        let verdict = refused(&HttpResponse::new(status, body));
        assert_eq!(verdict.class, class, "{status} {body}");
        assert_eq!(verdict.code, format!("HTTP {status}"));
        assert!(verdict.remedy.contains("token_url"), "{}", verdict.remedy);
    }
}
