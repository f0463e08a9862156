//! Meizu's two tables of codes, row by row, and answers as it gives them.

use nudged_plugin_api::Class::{
    self, Accepted, BadRequest, Credential, DeviceOff, InvalidToken, QuotaExceeded, Throttled,
    ThrottledDevice, Unavailable,
};
use nudged_plugin_api::{Decoded, Driver, Exchange, HttpResponse, Scope, Verdict};
use serde_json::{Value, json};

use crate::account::{NOW, OTHER, PUSH_ID, THIRD, channel, targets};

fn decode(push_ids: &[&str], response: &HttpResponse) -> Vec<Verdict> {
    let targets = targets(push_ids);
    match channel().decode(Exchange::new(&targets, response), NOW) {
        Decoded::Verdicts(verdicts) => {
            assert_eq!(verdicts.len(), targets.len());
            verdicts
        }
        other => panic!("{other:?}"),
    }
}

fn of_request(http: u16, code: Value) -> Verdict {
    let body = json!({"code": code, "message": "words", "value": "", "redirect": ""});
    decode(&[PUSH_ID], &HttpResponse::new(http, body.to_string())).remove(0)
}

fn of_device(code: &str) -> Verdict {
    let body = json!({"code": "200", "message": "", "value": {code: [PUSH_ID]}, "msgId": "NS1"});
    decode(&[PUSH_ID], &HttpResponse::new(200, body.to_string())).remove(0)
}

fn capture(push_ids: &[&str], http: u16, file: &str) -> Vec<Verdict> {
    let path = format!("{}/tests/captures/{file}", env!("CARGO_MANIFEST_DIR"));
    let body = std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    decode(push_ids, &HttpResponse::new(http, body))
}

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
fn a_batch_that_passed_in_part_has_a_verdict_for_each_device() {
    let dead = "J0476035d625e6c64567f714567e040e7d017f0558675b";
    // Twice in the batch, and one that the answer does not name.
    let verdicts = capture(&[PUSH_ID, OTHER, dead, THIRD, OTHER], 200, "partial.json");
    let classes: Vec<_> = verdicts.iter().map(|verdict| verdict.class).collect();
    assert_eq!(
        classes,
        [
            Accepted,
            InvalidToken,
            InvalidToken,
            InvalidToken,
            InvalidToken
        ]
    );
    let codes: Vec<_> = verdicts
        .iter()
        .map(|verdict| verdict.code.as_str())
        .collect();
    assert_eq!(codes, ["", "110002", "110003", "110002", "110002"]);
    assert_eq!(
        verdicts[0].vendor_id.as_deref(),
        Some("c2ee5c3bf00448cfbceb7fdf68c3c8eb")
    );
}

#[test]
fn each_capture_means_what_meizu_says_it_means() {
    let table: [(&str, u16, Class, &str, Option<&str>); 7] = [
        (
            "accepted.json",
            200,
            Accepted,
            "",
            Some("NS20260101000000000_0_10000_1_3"),
        ),
        (
            "accepted-value-as-text.json",
            200,
            Accepted,
            "",
            Some("NS20260101000000002_0_10000_1_3"),
        ),
        (
            "accepted-code-as-number.json",
            200,
            Accepted,
            "",
            Some("NS20260101000000003_0_10000_1_3"),
        ),
        ("too-fast.json", 200, Throttled, "110010", None),
        ("folded.json", 200, DeviceOff, "520", None),
        ("sign-wrong.json", 200, Credential, "1006", None),
        ("bad-gateway.html", 502, Unavailable, "HTTP 502", None),
    ];
    for (file, http, class, code, vendor_id) in table {
        let verdict = capture(&[OTHER], http, file).remove(0);
        assert_eq!(verdict.class, class, "{file}");
        assert_eq!(verdict.code, code, "{file}");
        assert_eq!(verdict.vendor_id.as_deref(), vendor_id, "{file}");
    }
}

#[test]
fn one_refused_device_is_not_the_whole_app() {
    let body = json!({"code": "200", "value": {"201": [OTHER]}}).to_string();
    let verdicts = decode(&[PUSH_ID, OTHER], &HttpResponse::new(200, body));
    assert_eq!(
        [verdicts[0].class, verdicts[1].class],
        [Accepted, BadRequest]
    );
    let body = json!({"code": "200", "value": {"201": [OTHER, PUSH_ID]}}).to_string();
    let verdicts = decode(&[PUSH_ID, OTHER], &HttpResponse::new(200, body));
    assert_eq!(
        [verdicts[0].class, verdicts[1].class],
        [Credential, Credential]
    );
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
fn a_server_in_trouble_costs_no_token() {
    for code in ["110002", "110003", "200", "1006"] {
        assert_eq!(of_request(503, json!(code)).class, Unavailable, "{code}");
    }
    let body = json!({"code": "200", "value": {"110002": [PUSH_ID]}}).to_string();
    let verdict = decode(&[PUSH_ID], &HttpResponse::new(500, body)).remove(0);
    assert_eq!(
        (verdict.class, verdict.code.as_str()),
        (Unavailable, "HTTP 500")
    );
}

#[test]
fn without_a_code_the_status_decides() {
    for (http, class) in [
        (200, Unavailable),
        (204, Unavailable),
        (302, Unavailable),
        (400, BadRequest),
        (401, Credential),
        (403, Credential),
        (404, Credential),
        (408, Unavailable),
        (413, BadRequest),
        (429, Throttled),
        (500, Unavailable),
        (504, Unavailable),
    ] {
        for body in [
            "",
            "{}",
            "[]",
            "<html>",
            r#"{"code":""}"#,
            r#"{"code":"2\n00"}"#,
        ] {
            let verdict = decode(&[PUSH_ID], &HttpResponse::new(http, body)).remove(0);
            assert_eq!(verdict.class, class, "HTTP {http} {body}");
            assert_eq!(verdict.code, format!("HTTP {http}"), "{body}");
        }
    }
}

#[test]
fn a_redirect_is_told_and_not_followed() {
    let body = json!({"code": "300", "value": "", "redirect": "https://evil.example/"});
    let verdict = decode(&[PUSH_ID], &HttpResponse::new(200, body.to_string())).remove(0);
    assert_eq!((verdict.class, verdict.code.as_str()), (Unavailable, "300"));
    assert_eq!(verdict.text, "https://evil.example/");
}

#[test]
fn a_value_of_any_shape_is_read_as_far_as_it_goes() {
    for (value, class) in [
        (json!({"110002": OTHER}), InvalidToken),
        (json!({"110002": [null, 7, OTHER]}), InvalidToken),
        (json!({"110002": []}), Accepted),
        (json!({"110002": {"x": OTHER}}), Accepted),
        (json!({"11\n0002": [OTHER]}), Accepted),
        (json!([OTHER]), Accepted),
        (json!(7), Accepted),
        (json!(null), Accepted),
    ] {
        let body = json!({"code": "200", "value": value}).to_string();
        let verdict = decode(&[OTHER], &HttpResponse::new(200, body)).remove(0);
        assert_eq!(verdict.class, class, "{value}");
    }
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
