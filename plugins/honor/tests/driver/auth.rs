//! OAuth 2.0 client credentials, from both ends.

use nudged_plugin_api::{Authorize, Class, Driver, HttpResponse, Method, Verdict};

use crate::account::{NOW, SECRET, open, settings};

fn refused(status: u16, body: &str) -> Verdict {
    open(&settings())
        .authorized(&HttpResponse::new(status, body), NOW)
        .unwrap_err()
}

#[test]
fn a_token_is_asked_for_with_id_and_secret_as_a_form() {
    let Authorize::Fetch(request) = open(&settings()).authorize(NOW) else {
        panic!("no request");
    };
    assert_eq!(request.method, Method::Post);
    assert_eq!(request.url, "https://iam.developer.honor.com/auth/token");
    let form = ("content-type", "application/x-www-form-urlencoded");
    assert!(
        request
            .headers
            .iter()
            .any(|(name, value)| (name.as_str(), value.as_str()) == form)
    );
    assert_eq!(
        String::from_utf8(request.body).unwrap(),
        "grant_type=client_credentials&client_id=a1b2c3d4&client_secret=s3cr3t%2Bof%2Fthe%3Dapp"
    );
}

#[test]
fn the_token_url_setting_moves_the_request() {
    let url = "https://localhost:8443/auth/realms/developer/protocol/openid-connect/token";
    let driver = open(&settings().with("token_url", url));
    let Authorize::Fetch(request) = driver.authorize(NOW) else {
        panic!("no request");
    };
    assert_eq!(request.url, url);
}

#[test]
fn the_grant_scope_changes_with_every_part_of_the_credential_and_shows_no_secret() {
    let scope = |settings| open(&settings).grant_scope().unwrap();
    let usual = scope(settings());
    assert!(!usual.contains(SECRET) && usual.starts_with("a1b2c3d4/"));
    assert_eq!(usual, scope(settings()));
    // What has nothing to do with the token shares it.
    assert_eq!(usual, scope(settings().with("app_id", "104000001")));
    for (key, value) in [
        ("client_id", "a1b2c3d5"),
        ("client_secret", "s3cr3t+of/the=App"),
        ("token_url", "https://localhost:8443/token"),
    ] {
        assert_ne!(usual, scope(settings().with(key, value)), "{key}");
    }
}

#[test]
fn a_token_becomes_a_grant_that_is_renewed_early() {
    let body = r#"{"access_token":"eyJ.a","expires_in":3600,"token_type":"Bearer"}"#;
    let grant = open(&settings())
        .authorized(&HttpResponse::new(200, body), NOW)
        .unwrap();
    assert_eq!(grant.value, "eyJ.a");
    assert_eq!(grant.refresh_at, NOW.plus_seconds(3300));
    assert_eq!(grant.expires_at, NOW.plus_seconds(3600));
}

#[test]
fn a_wrong_secret_is_the_operators_trouble() {
    for (status, error) in [
        (400, "unauthorized_client"),
        (401, "invalid_client"),
        (200, "unauthorized_client"),
        (401, "unheard_of"),
    ] {
        let body = format!(r#"{{"error":"{error}","error_description":"Invalid client secret"}}"#);
        let verdict = refused(status, &body);
        assert_eq!(verdict.class, Class::Credential, "{error}");
        assert_eq!(verdict.code, error);
        assert_eq!(verdict.text, "Invalid client secret");
        assert!(verdict.remedy.contains("client_secret"), "{error}");
    }
}

#[test]
fn an_endpoint_in_trouble_is_asked_again_after_its_own_wait() {
    for (status, class, wait) in [
        (429, Class::Throttled, 60_000),
        (500, Class::Unavailable, 10_000),
        (503, Class::Unavailable, 10_000),
        (200, Class::Unavailable, 10_000),
    ] {
        let verdict = refused(status, "<html>");
        assert_eq!(verdict.class, class, "{status}");
        assert_eq!(verdict.retry_after_millis, Some(wait), "{status}");
        let response = HttpResponse::new(status, "").with_header("retry-after", "7");
        let verdict = open(&settings()).authorized(&response, NOW).unwrap_err();
        assert_eq!(verdict.retry_after_millis, Some(7000), "{status}");
    }
}

#[test]
fn a_wrong_path_points_at_the_token_url() {
    for (status, body) in [
        (404, ""),
        (302, ""),
        (400, r#"{"error":"invalid_request"}"#),
    ] {
        let verdict = refused(status, body);
        assert_eq!(verdict.class, Class::Credential, "{status}");
        assert!(verdict.remedy.contains("token_url"), "{status}");
    }
}
