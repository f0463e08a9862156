//! `POST /server/v1/auth`, from both ends.

use nudged_oppo::Oppo;
use nudged_plugin_api::{
    Authorize, Class, Driver, Grant, HttpRequest, HttpResponse, Method, Settings, Verdict,
};

use crate::account::{NOW, channel, coded, settings};

const HOUR: u64 = 3600;

fn fetch(settings: &Settings) -> HttpRequest {
    match Oppo::open(settings, NOW).unwrap().authorize(NOW) {
        Authorize::Fetch(request) => request,
        other => panic!("{other:?}"),
    }
}

fn scope(settings: &Settings) -> String {
    let driver = Oppo::open(settings, NOW).unwrap();
    driver.grant_scope().unwrap()
}

fn created(millis: impl std::fmt::Display) -> Grant {
    let body = format!(
        r#"{{"code":0,"message":"Success","data":{{"auth_token":"tok456","create_time":{millis}}}}}"#
    );
    let response = HttpResponse::new(200, body);
    channel().authorized(&response, NOW).unwrap()
}

fn refused(response: &HttpResponse) -> Verdict {
    channel().authorized(response, NOW).unwrap_err()
}

#[test]
fn the_request_is_signed_over_key_time_and_secret() {
    let request = fetch(&settings());
    assert_eq!(request.method, Method::Post);
    assert_eq!(
        request.url,
        "https://api.push.oppomobile.com/server/v1/auth"
    );
    assert_eq!(
        request.headers,
        [(
            "content-type".to_owned(),
            "application/x-www-form-urlencoded;charset=UTF-8".to_owned()
        )]
    );
    assert_eq!(
        String::from_utf8(request.body).unwrap(),
        "app_key=ak123&timestamp=1767000000000\
         &sign=3fe64a08f7b29ffd22277d8d470c13380b7e286daff3ef4ac7b675434eddec0d"
    );
}

#[test]
fn the_token_url_setting_moves_the_request_and_the_scope() {
    let moved = settings().with("token_url", "https://localhost:8443/token");
    assert_eq!(fetch(&moved).url, "https://localhost:8443/token");
    let behind = settings().with("endpoint", "https://localhost:8443/oppo/");
    assert_eq!(
        fetch(&behind).url,
        "https://localhost:8443/oppo/server/v1/auth"
    );
    assert_ne!(scope(&moved), scope(&settings()));
    assert_ne!(scope(&behind), scope(&settings()));
}

#[test]
fn another_secret_is_another_scope_and_no_scope_shows_it() {
    let other = settings().with("master_secret", "ms457");
    assert_ne!(scope(&other), scope(&settings()));
    assert_eq!(scope(&settings()), scope(&settings()));
    assert!(!scope(&settings()).contains("ms456"));
    assert!(scope(&settings()).starts_with("ak123/"));
}

#[test]
fn a_token_works_for_a_day_from_its_creation_and_is_renewed_after_twenty_hours() {
    let grant = created(NOW.0);
    assert_eq!(grant.value, "tok456");
    assert_eq!(grant.issued_at, NOW);
    assert_eq!(grant.refresh_at, NOW.plus_seconds(20 * HOUR));
    assert_eq!(grant.expires_at, NOW.plus_seconds(24 * HOUR));

    let older = created(NOW.0 - 5 * HOUR * 1000);
    assert_eq!(older.refresh_at, NOW.plus_seconds(15 * HOUR));
    assert_eq!(older.expires_at, NOW.plus_seconds(19 * HOUR));
}

#[test]
fn an_old_token_that_oppo_hands_out_again_is_not_asked_for_without_pause() {
    let grant = created(NOW.0 - 22 * HOUR * 1000);
    assert_eq!(grant.refresh_at, NOW.plus_seconds(HOUR));
    assert_eq!(grant.expires_at, NOW.plus_seconds(2 * HOUR));
}

#[test]
fn a_creation_time_beyond_reason_counts_as_now() {
    let future = NOW.0 + 60_000;
    let ancient = NOW.0 - 25 * HOUR * 1000;
    for millis in [
        future.to_string(),
        ancient.to_string(),
        "0".to_owned(),
        "null".to_owned(),
        "\"soon\"".to_owned(),
        "-1".to_owned(),
        u64::MAX.to_string(),
    ] {
        let grant = created(&millis);
        assert_eq!(grant.issued_at, NOW, "{millis}");
        assert_eq!(grant.expires_at, NOW.plus_seconds(24 * HOUR), "{millis}");
    }
}

#[test]
fn an_answer_without_a_usable_token_is_no_grant() {
    for body in [
        "",
        "<html>",
        r#"{"code":0}"#,
        r#"{"code":0,"data":"tok"}"#,
        r#"{"code":0,"data":{"auth_token":""}}"#,
        r#"{"code":0,"data":{"auth_token":"a\r\nb"}}"#,
    ] {
        let verdict = refused(&HttpResponse::new(200, body));
        assert_eq!(verdict.class, Class::Unavailable, "{body}");
        assert_eq!(verdict.retry_after_millis, Some(10_000), "{body}");
        assert!(verdict.remedy.contains("endpoint"), "{body}");
    }
}

#[test]
fn a_wrong_key_secret_or_clock_is_the_credential_with_its_own_remedy() {
    for (code, remedy) in [
        (14, "AppKey"),
        (16, "MasterSecret"),
        (19, "clock"),
        (26, "blacklist"),
        (28, "switch the app on"),
        // Codes that speak of messages elsewhere: here there is none yet.
        (11, "app_key"),
        (12, "app_key"),
        (41, "app_key"),
        (32, "app_key"),
        (10_000, "app_key"),
    ] {
        let verdict = refused(&coded(code));
        assert_eq!(verdict.class, Class::Credential, "{code}");
        assert_eq!(verdict.code, code.to_string());
        assert_eq!(verdict.text, "Words.");
        assert!(
            verdict.remedy.contains(remedy),
            "{code}: {}",
            verdict.remedy
        );
    }
}

#[test]
fn a_busy_server_is_asked_again() {
    assert_eq!(refused(&coded(-1)).class, Class::Unavailable);
    assert_eq!(refused(&coded(-2)).class, Class::Throttled);
    assert_eq!(refused(&coded(13)).retry_after_millis, Some(1000));
    let slow = HttpResponse::new(503, "").with_header("retry-after", "7");
    assert_eq!(refused(&slow).retry_after_millis, Some(7000));
}
