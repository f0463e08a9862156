//! What each of vivo's codes means, and what it speaks of.

use nudged_plugin_api::Class::{
    self, BadRequest, Credential, DeviceOff, GrantExpired, InvalidToken, QuotaExceeded, Throttled,
    Unavailable,
};
use nudged_plugin_api::{Driver, Exchange, HttpResponse, Scope, Timestamp};
use nudged_vivo::Vivo;
use serde_json::json;

use crate::account::{
    NOW, TOKENS, channel, message, plain, rendered, settings, targets, verdict, verdicts,
};

/// 17:20 in Beijing: 6 h 40 min until midnight, 13 h 40 min until 07:00.
const MIDNIGHT: Option<u64> = Some(24_000_000);
const MORNING: Option<u64> = Some(49_200_000);

#[rustfmt::skip]
const TABLE: [(i64, Class, Option<u64>); 63] = [
    (10000, GrantExpired, None),
    (10040, Unavailable, None),
    (10043, Credential, None),
    (10045, Credential, None),
    (10050, BadRequest, None),
    (10051, BadRequest, None),
    (10054, BadRequest, None),
    (10055, BadRequest, None),
    (10056, BadRequest, None),
    (10057, BadRequest, None),
    (10058, BadRequest, None),
    (10059, BadRequest, None),
    (10060, BadRequest, None),
    (10065, BadRequest, None),
    (10067, BadRequest, None),
    (10070, QuotaExceeded, MIDNIGHT),
    (10071, QuotaExceeded, MORNING),
    (10072, Throttled, Some(1000)),
    (10073, QuotaExceeded, MIDNIGHT),
    (10082, Credential, None),
    (10085, BadRequest, None),
    (10089, BadRequest, None),
    (10093, Throttled, Some(1000)),
    (10094, Credential, None),
    (10095, BadRequest, None),
    (10096, BadRequest, None),
    (10097, BadRequest, None),
    (10103, BadRequest, None),
    (10104, BadRequest, None),
    (10150, BadRequest, None),
    (10151, BadRequest, None),
    (10152, BadRequest, None),
    (10153, BadRequest, None),
    (10155, Unavailable, Some(0)),
    (10200, Credential, None),
    (10201, Credential, None),
    (10202, Credential, None),
    (10203, Credential, None),
    (10204, Credential, None),
    (10205, Credential, None),
    (10206, Credential, None),
    (10207, Credential, None),
    (10250, Throttled, Some(60_000)),
    (10252, QuotaExceeded, MIDNIGHT),
    (10254, QuotaExceeded, MIDNIGHT),
    (10302, InvalidToken, None),
    (10303, DeviceOff, None),
    (10304, BadRequest, None),
    (10305, BadRequest, None),
    (10306, BadRequest, None),
    (10311, DeviceOff, None),
    (10352, BadRequest, None),
    (10353, BadRequest, None),
    (10800, BadRequest, None),
    (10801, BadRequest, None),
    // Not in the table: by the neighbours.
    (10066, BadRequest, None),
    (10199, BadRequest, None),
    (10210, Credential, None),
    (10253, QuotaExceeded, None),
    (10310, BadRequest, None),
    (10999, BadRequest, None),
    (500, Unavailable, None),
    (-1, Unavailable, None),
];

fn answer(code: i64) -> HttpResponse {
    HttpResponse::new(200, json!({"result": code, "desc": "不合法"}).to_string())
}

#[test]
fn every_row_of_the_table_has_its_class() {
    for (code, class, wait) in TABLE {
        let verdict = verdict(&answer(code));
        assert_eq!(verdict.class, class, "{code}");
        assert_eq!(verdict.code, code.to_string());
        assert_eq!(verdict.text, "不合法");
        assert!(
            !verdict.remedy.is_empty() && !verdict.remedy.contains(". "),
            "{code}"
        );
        assert_eq!(verdict.retry_after_millis, wait, "{code}");
    }
}

#[test]
fn only_a_dead_reg_id_costs_a_token() {
    for (code, ..) in TABLE.iter().filter(|row| row.0 != 10302) {
        assert_ne!(verdict(&answer(*code)).class, InvalidToken, "{code}");
    }
}

#[test]
fn a_phone_that_takes_nothing_now_keeps_its_token_whatever_stands_beside() {
    for status in [1, 2, 3] {
        let body = json!({"result": 10311, "invalidUser": {"userid": TOKENS[0], "status": status}});
        let verdict = verdict(&HttpResponse::new(200, body.to_string()));
        assert_eq!(verdict.class, DeviceOff, "{status}");
    }
}

#[test]
fn the_state_of_a_single_device_says_what_10302_means() {
    for (code, status, class) in [
        (10302, json!(1), InvalidToken),
        (10302, json!("2"), InvalidToken),
        (10302, json!(3), InvalidToken),
        (10302, json!(4), BadRequest),
        (10302, json!(9), DeviceOff),
        (10302, json!(null), InvalidToken),
        (10303, json!(1), InvalidToken),
        (10303, json!(4), BadRequest),
        (10303, json!(null), DeviceOff),
    ] {
        let body =
            json!({"result": code, "desc": "d", "invalidUser": {"userid": 1, "status": status}});
        let verdict = verdict(&HttpResponse::new(200, body.to_string()));
        assert_eq!(verdict.class, class, "{code} {status}");
        assert_eq!(verdict.code, code.to_string());
    }
}

#[test]
fn a_success_that_names_an_invalid_user_is_none() {
    let body = json!({"result": 0, "taskId": "5", "invalidUser": {"userid": "x", "status": 4}});
    let verdict = verdict(&HttpResponse::new(200, body.to_string()));
    assert_eq!(
        (verdict.class, verdict.code.as_str()),
        (BadRequest, "status 4")
    );
}

#[test]
fn a_server_in_trouble_never_costs_a_token() {
    for code in [0, 10302, 10311, 10000] {
        let body = json!({"result": code, "invalidUser": {"userid": TOKENS[0], "status": 1}});
        let verdict = verdict(&HttpResponse::new(503, body.to_string()));
        assert_eq!(verdict.class, Unavailable, "{code}");
    }
}

#[test]
fn quotas_come_back_at_midnight_and_the_window_opens_at_seven_in_beijing() {
    let at = |code, millis: u64| {
        let (driver, response) = (channel(), answer(code));
        let targets = targets(&TOKENS[..1]);
        let decoded = driver.decode(Exchange::new(&targets, &response), Timestamp(millis));
        verdicts(decoded)[0].retry_after_millis.unwrap()
    };
    // 2026-01-01 00:00 UTC is 08:00 in Beijing.
    let eight = 1_767_225_600_000;
    let hour = 3_600_000;
    assert_eq!(at(10070, eight), 16 * hour);
    assert_eq!(at(10071, eight + 15 * hour), 8 * hour);
    assert_eq!(at(10071, eight + 22 * hour), hour);
}

#[test]
fn the_vendors_own_wait_is_kept() {
    let too_fast = answer(10072).with_header("retry-after", "7");
    assert_eq!(verdict(&too_fast).retry_after_millis, Some(7000));
    let busy = HttpResponse::new(503, "").with_header("retry-after", "7");
    assert_eq!(verdict(&busy).retry_after_millis, Some(7000));
    // A wait is no part of a refusal for good.
    let gone = answer(10302).with_header("retry-after", "7");
    assert_eq!(verdict(&gone).retry_after_millis, None);
}

#[test]
fn a_quota_is_of_the_class_that_vivo_names() {
    let operational = settings().with("classification", "operational");
    let operational = Vivo::open(&operational, NOW).unwrap();
    let system = message(plain(json!({"category": "IM"})));
    let offer = message(plain(json!({"category": "NEWS"})));
    for tokens in [&TOKENS[..1], &TOKENS] {
        for driver in [&channel(), &operational] {
            let memo = |message| rendered(driver, message, tokens).unwrap().memo;
            let scope = |memo: &[u8], code| {
                let targets = targets(tokens);
                let answer = answer(code);
                let exchange = Exchange::with_memo(&targets, &answer, memo);
                let decoded = driver.decode(exchange, NOW);
                let verdict = verdicts(decoded).remove(0);
                (verdict.class, verdict.scope)
            };
            let (system, offer) = (memo(&system), memo(&offer));
            assert_eq!(scope(&system, 10073), (QuotaExceeded, Scope::MessageClass));
            assert_eq!(scope(&offer, 10070), (QuotaExceeded, Scope::MessageClass));
            // vivo counted it in the other class: this one's messages may pass.
            assert_eq!(scope(&system, 10070), (QuotaExceeded, Scope::Message));
            assert_eq!(scope(&offer, 10073), (QuotaExceeded, Scope::Message));
            assert_eq!(scope(&system, 10082), (Credential, Scope::MessageClass));
            assert_eq!(scope(&system, 10252), (QuotaExceeded, Scope::Account));
        }
    }
}

#[test]
fn a_word_is_blamed_on_the_smallest_thing_that_it_speaks_of() {
    for (code, scope) in [
        (10043, Scope::Account),
        (10072, Scope::Account),
        (10094, Scope::Credential),
        (10206, Scope::Credential),
        (10103, Scope::Message),
        (10096, Scope::Message),
        // It may be another app's regId.
        (10302, Scope::Credential),
        (10040, Scope::Unsaid),
    ] {
        assert_eq!(verdict(&answer(code)).scope, scope, "{code}");
    }
    for (status, scope) in [(1, Scope::Credential), (2, Scope::Token), (3, Scope::Token)] {
        let user = json!({"userid": TOKENS[0], "status": status});
        let answer = json!({"result": 10302, "desc": "", "invalidUser": user});
        assert_eq!(
            verdict(&HttpResponse::new(200, answer.to_string())).scope,
            scope,
            "{status}"
        );
    }
}
