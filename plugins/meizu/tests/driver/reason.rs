//! What each of Meizu's codes means, and what it speaks of: of a request, and of a device.

use nudged_plugin_api::Class::{
    Accepted, BadRequest, Credential, DeviceOff, InvalidToken, QuotaExceeded, Throttled,
    ThrottledDevice, Unavailable,
};
use nudged_plugin_api::{HttpResponse, Scope};
use serde_json::json;

use crate::account::{NOW, OTHER, PUSH_ID};
use crate::decode::{decode, of_device, of_request};

#[test]
fn every_code_of_a_request_has_its_class() {
    for (code, class) in [
        ("200", Accepted),
        ("201", Credential),
        ("300", Unavailable),
        ("500", Unavailable),
        ("501", Unavailable),
        ("513", Unavailable),
        ("518", Throttled),
        ("519", Unavailable),
        ("1001", Unavailable),
        ("1003", Unavailable),
        ("1005", BadRequest),
        ("1006", Credential),
        ("110000", Credential),
        ("110001", Credential),
        ("110002", InvalidToken),
        ("110003", InvalidToken),
        ("110004", BadRequest),
        ("110009", Credential),
        ("110010", Throttled),
        ("110019", QuotaExceeded),
        ("110031", Credential),
        ("110032", BadRequest),
        ("110033", Credential),
        ("110051", Throttled),
        ("110053", QuotaExceeded),
        ("110099", BadRequest),
        ("7", Unavailable),
    ] {
        let verdict = of_request(200, json!(code));
        assert_eq!(verdict.class, class, "{code}");
        if class != Accepted {
            assert_eq!(verdict.code, code);
            assert_eq!(verdict.text, "words", "{code}");
            assert!(!verdict.remedy.is_empty(), "{code}");
        }
        let number: u64 = code.parse().unwrap();
        assert_eq!(
            of_request(200, json!(number)),
            verdict,
            "{code} as a number"
        );
    }
}

#[test]
fn every_code_of_a_device_has_its_class() {
    for (code, class) in [
        ("201", Credential),
        ("501", Unavailable),
        ("513", Unavailable),
        ("518", Throttled),
        ("519", Unavailable),
        ("520", DeviceOff),
        ("110002", InvalidToken),
        ("110003", InvalidToken),
        ("110005", BadRequest),
        ("110010", DeviceOff),
        ("110011", ThrottledDevice),
        ("599", Unavailable),
        ("110099", BadRequest),
        ("odd", BadRequest),
    ] {
        let verdict = of_device(code);
        assert_eq!(verdict.class, class, "{code}");
        assert_eq!(verdict.code, code);
        assert!(!verdict.remedy.is_empty(), "{code}");
    }
}

#[test]
fn the_same_number_means_another_thing_for_a_device() {
    assert_eq!(of_request(200, json!("110010")).class, Throttled);
    assert_eq!(of_device("110010").class, DeviceOff);
    // Of one pushId both say the same, of a batch only `value` names the dead one.
    for code in ["110002", "110003"] {
        let body = json!({"code": code, "message": "", "value": ""}).to_string();
        for verdict in decode(&[PUSH_ID, OTHER], &HttpResponse::new(200, body)) {
            assert_eq!((verdict.class, verdict.code.as_str()), (BadRequest, code));
        }
        let body = json!({"code": "200", "value": {code: [OTHER]}}).to_string();
        let verdicts = decode(&[PUSH_ID, OTHER], &HttpResponse::new(200, body));
        assert_eq!(
            [verdicts[0].class, verdicts[1].class],
            [Accepted, InvalidToken]
        );
        let body = json!({"code": code, "value": ""}).to_string();
        for verdict in decode(&[PUSH_ID, PUSH_ID], &HttpResponse::new(200, body)) {
            assert_eq!(verdict.class, InvalidToken, "one phone twice is one phone");
        }
    }
    // "200" inside `value` is no acceptance.
    assert_eq!(of_device("200").class, BadRequest);
}

#[test]
fn a_switched_off_or_folded_phone_keeps_its_token_and_is_not_tried_again() {
    for code in ["110010", "520"] {
        let verdict = of_device(code);
        assert_eq!(verdict.class, DeviceOff, "{code}");
        assert_eq!(verdict.retry_after_millis, None, "{code}");
    }
}

#[test]
fn quotas_come_back_at_midnight_in_beijing_and_speed_in_a_second() {
    let midnight = Some(NOW.millis_until_midnight(8));
    assert_eq!(
        of_request(200, json!("110019")).retry_after_millis,
        midnight
    );
    assert_eq!(of_device("110011").retry_after_millis, midnight);
    assert_eq!(
        of_request(200, json!("110010")).retry_after_millis,
        Some(1000)
    );
    assert_eq!(of_device("518").retry_after_millis, Some(1000));
    assert_eq!(of_request(200, json!("1003")).retry_after_millis, None);
    let busy = HttpResponse::new(503, "{}").with_header("retry-after", "7");
    assert_eq!(decode(&[PUSH_ID], &busy)[0].retry_after_millis, Some(7000));
}

#[test]
fn a_word_is_blamed_on_the_smallest_thing_that_it_speaks_of() {
    for (code, scope) in [
        ("1006", Scope::Credential),
        ("110000", Scope::Credential),
        ("110009", Scope::Account),
        ("110010", Scope::Account),
        ("110019", Scope::Account),
        ("110053", Scope::Message),
        ("110002", Scope::Token),
        // It may be another app's.
        ("110003", Scope::Credential),
        // Meizu's README leaves them open.
        ("201", Scope::Unsaid),
        ("518", Scope::Unsaid),
        ("110031", Scope::Unsaid),
    ] {
        assert_eq!(of_request(200, json!(code)).scope, scope, "{code}");
    }
    for (code, scope) in [
        ("110002", Scope::Token),
        ("110003", Scope::Credential),
        ("110011", Scope::Token),
        ("201", Scope::Unsaid),
        ("518", Scope::Unsaid),
    ] {
        assert_eq!(of_device(code).scope, scope, "{code}");
    }
}
