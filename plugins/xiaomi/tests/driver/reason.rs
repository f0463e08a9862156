//! What each of Xiaomi's codes means, and what it speaks of.

use nudged_plugin_api::Class::{
    self, Accepted, BadRequest, Credential, InvalidToken, QuotaExceeded, Throttled, Unavailable,
};
use nudged_plugin_api::{HttpResponse, Scope};
use serde_json::json;

use crate::account::NOW;
use crate::decode::{decode_at, decode_for, decode_one, error};

#[rustfmt::skip]
const TABLE: &[(Class, &[i64])] = &[
    (Unavailable, &[-1, 1, 10001, 10002, 10003, 10009, 10010, 10011, 20607, 22102]),
    (Unavailable, &[65003, 66006, 10037]),
    (BadRequest, &[10008, 10012, 10016, 10017, 10028, 10033, 10035, 10038, 10039, 10041, 21305]),
    (BadRequest, &[10007, 10013, 10018, 10020, 10021, 10025, 100]),
    (BadRequest, &[20209, 20215, 20216, 20315, 22100, 22103, 27001]),
    (BadRequest, &[65006, 65007, 65008, 65009, 65010, 65011, 65012, 65013, 65014, 65015, 65016, 65017]),
    (BadRequest, &[65028, 65029, 65030, 65035, 65036, 65037, 65038, 65040, 65041]),
    (Credential, &[10004, 10005, 10006, 10014, 10026, 10031, 10032, 10036, 21301, 21302, 21303]),
    (Credential, &[22000, 22001, 22002, 22003, 22004, 22005, 22006, 22007, 22008, 22020, 22021, 22022]),
    (InvalidToken, &[10029, 20301, 66007]),
    (Throttled, &[10022, 10023, 10024, 10027, 10030, 200002]),
    (QuotaExceeded, &[10034, 22101, 26003, 26004, 26005, 26006, 200001]),
];

#[test]
fn every_code_of_the_table_has_its_class() {
    for (class, codes) in TABLE {
        for code in *codes {
            let verdict = decode_one(&error(*code));
            assert_eq!(verdict.class, *class, "{code}");
            assert_eq!(verdict.code, code.to_string());
            assert_eq!(verdict.text, "说明", "{code}");
            let remedy = verdict.remedy;
            assert!(
                !remedy.is_empty() && !remedy.contains(". "),
                "{code}: {remedy}"
            );
        }
    }
}

#[test]
fn only_a_request_for_one_device_costs_a_token() {
    for code in [10029, 20301, 66007] {
        let verdicts = decode_for(&["a", "b"], &error(code));
        let classes: Vec<_> = verdicts.iter().map(|verdict| verdict.class).collect();
        assert_eq!(classes, [BadRequest, BadRequest], "{code}");
        // The daemon finds the one by sending the halves apart.
        assert!(verdicts.iter().all(|verdict| verdict.split), "{code}");
        // Twice the same device is one device.
        let verdicts = decode_for(&["a", "a"], &error(code));
        assert!(
            verdicts.iter().all(|verdict| verdict.class == InvalidToken),
            "{code}"
        );
    }
}

#[test]
fn sending_that_failed_for_another_reason_costs_no_token() {
    let verdict = |reason| {
        let body = json!({"result": "error", "code": 20301, "reason": reason});
        decode_one(&HttpResponse::new(200, body.to_string())).class
    };
    assert_eq!(verdict("No valid targets!"), InvalidToken);
    assert_eq!(verdict("Message queue is full"), Unavailable);
}

#[test]
fn codes_that_are_not_about_a_token_never_cost_one() {
    for code in (-1..=200_100).filter(|code| ![10029, 20301, 66007].contains(code)) {
        let class = decode_one(&error(code)).class;
        assert_ne!(class, InvalidToken, "{code}");
        assert_ne!(class, Accepted, "{code}");
    }
}

#[test]
fn a_server_in_trouble_or_out_of_breath_never_costs_a_token() {
    for code in [10029, 20301, 66007] {
        let body = error(code).body;
        for (http, class) in [(500, Unavailable), (503, Unavailable), (429, Throttled)] {
            let verdict = decode_one(&HttpResponse::new(http, body.clone()));
            assert_eq!((verdict.class, verdict.code), (class, code.to_string()));
        }
    }
}

#[test]
fn an_unknown_code_is_kept_and_judged_by_its_neighbours() {
    for (code, class) in [
        (2, Unavailable),
        (-7, Unavailable),
        (10099, BadRequest),
        (21399, Credential),
        (22050, Credential),
        (65999, BadRequest),
        (300_001, BadRequest),
    ] {
        let verdict = decode_one(&error(code));
        assert_eq!((verdict.class, verdict.code), (class, code.to_string()));
    }
}

#[test]
fn a_quota_lasts_until_midnight_in_beijing() {
    // 2026-09-21 14:13:20 UTC is 22:13:20 in Beijing.
    let to_midnight = (3600 + 46 * 60 + 40) * 1000;
    for code in [10034, 22101, 200_001] {
        assert_eq!(
            decode_one(&error(code)).retry_after_millis,
            Some(to_midnight),
            "{code}"
        );
    }
    let after = decode_at(&["a"], &error(200_001), NOW.plus_millis(to_midnight));
    assert_eq!(after[0].retry_after_millis, Some(24 * 3_600_000));
}

#[test]
fn the_vendors_own_wait_is_kept() {
    let with = |response: HttpResponse| {
        decode_one(&response.with_header("retry-after", "121")).retry_after_millis
    };
    assert_eq!(with(error(200_002)), Some(121_000));
    assert_eq!(with(error(200_001)), Some(121_000));
    assert_eq!(with(HttpResponse::new(503, "")), Some(121_000));
    assert_eq!(with(HttpResponse::new(429, "")), Some(121_000));
    assert_eq!(decode_one(&error(200_002)).retry_after_millis, Some(1000));
    // A wait is no part of a refusal for good.
    assert_eq!(with(error(20301)), None);
}

#[test]
fn a_word_is_blamed_on_the_smallest_thing_that_it_speaks_of() {
    for (code, scope) in [
        (21301, Scope::Credential),
        (22001, Scope::Credential),
        (10004, Scope::Account),
        (10031, Scope::Account),
        (200_002, Scope::Account),
        // Private messages have no quota.
        (200_001, Scope::MessageClass),
        (27001, Scope::Message),
        (10041, Scope::Message),
        (65009, Scope::Message),
        (66007, Scope::Token),
        // It may be another package's, or another region's.
        (10029, Scope::Credential),
        // Xiaomi's documents leave them open.
        (10032, Scope::Unsaid),
        (10034, Scope::Unsaid),
        (26003, Scope::Unsaid),
    ] {
        assert_eq!(decode_one(&error(code)).scope, scope, "{code}");
    }
    let gone = json!({"result": "error", "code": 20301, "reason": "No valid targets!"});
    let gone = HttpResponse::new(200, gone.to_string());
    assert_eq!(decode_one(&gone).scope, Scope::Credential);
}
