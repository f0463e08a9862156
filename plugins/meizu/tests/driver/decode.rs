//! Where in Meizu's answer its word on each device stands.

use nudged_driver_kit::test::Captures;
use nudged_plugin_api::Class::{
    self, Accepted, BadRequest, Credential, DeviceOff, InvalidToken, Throttled, Unavailable,
};
use nudged_plugin_api::{Decoded, Driver, Exchange, HttpResponse, Verdict};
use serde_json::{Value, json};

use crate::account::{NOW, OTHER, PUSH_ID, THIRD, channel, targets};

type Capture = (&'static str, u16, Class, &'static str, Option<&'static str>);

/// Each answer to a message for one device, with its code and the vendor's id.
#[rustfmt::skip]
pub const CAPTURES: &[Capture] = &[
    ("accepted.json", 200, Accepted, "", Some("NS20260101000000000_0_10000_1_3")),
    ("accepted-value-as-text.json", 200, Accepted, "", Some("NS20260101000000002_0_10000_1_3")),
    ("accepted-code-as-number.json", 200, Accepted, "", Some("NS20260101000000003_0_10000_1_3")),
    ("partial.json", 200, InvalidToken, "110002", None),
    ("too-fast.json", 200, Throttled, "110010", None),
    ("folded.json", 200, DeviceOff, "520", None),
    ("sign-wrong.json", 200, Credential, "1006", None),
    ("bad-gateway.html", 502, Unavailable, "HTTP 502", None),
];

pub fn captures() -> Captures {
    Captures::of(env!("CARGO_MANIFEST_DIR"))
}

pub fn decode(push_ids: &[&str], response: &HttpResponse) -> Vec<Verdict> {
    let targets = targets(push_ids);
    match channel().decode(Exchange::new(&targets, response), NOW) {
        Decoded::Verdicts(verdicts) => {
            assert_eq!(verdicts.len(), targets.len());
            verdicts
        }
        other => panic!("{other:?}"),
    }
}

pub fn of_request(http: u16, code: Value) -> Verdict {
    let body = json!({"code": code, "message": "words", "value": "", "redirect": ""});
    decode(&[PUSH_ID], &HttpResponse::new(http, body.to_string())).remove(0)
}

pub fn of_device(code: &str) -> Verdict {
    let body = json!({"code": "200", "message": "", "value": {code: [PUSH_ID]}, "msgId": "NS1"});
    decode(&[PUSH_ID], &HttpResponse::new(200, body.to_string())).remove(0)
}

#[test]
fn each_capture_means_what_meizu_says_it_means() {
    for (file, status, class, code, vendor_id) in CAPTURES {
        let verdict = decode(&[OTHER], &captures().response(file, *status)).remove(0);
        assert_eq!(verdict.class, *class, "{file}");
        assert_eq!(verdict.code, *code, "{file}");
        assert_eq!(verdict.vendor_id.as_deref(), *vendor_id, "{file}");
    }
    captures().assert_all(CAPTURES.iter().map(|row| row.0));
}

#[test]
fn a_batch_that_passed_in_part_has_a_verdict_for_each_device() {
    let dead = "J0476035d625e6c64567f714567e040e7d017f0558675b";
    // Twice in the batch, and one that the answer does not name.
    let partial = captures().response("partial.json", 200);
    let verdicts = decode(&[PUSH_ID, OTHER, dead, THIRD, OTHER], &partial);
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
