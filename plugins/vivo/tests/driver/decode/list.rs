//! Lists: save first, push second, and a verdict for each device.

use nudged_plugin_api::Class::{
    Accepted, BadRequest, DeviceOff, InvalidToken, QuotaExceeded, Unavailable,
};
use nudged_plugin_api::{Decoded, HttpResponse, Rendered};
use serde_json::{Value, json};

use crate::account::{TOKENS, body, channel, decode, message, plain, rendered, verdicts};

fn ok(body: &str) -> HttpResponse {
    HttpResponse::new(200, body)
}

fn encoded(tokens: &[&str]) -> Rendered {
    rendered(&channel(), &message(plain(json!({}))), tokens).unwrap()
}

/// The memo of the second request.
fn pushed(tokens: &[&str]) -> (Value, Vec<u8>) {
    let saved = ok(r#"{"result":0,"desc":"success","taskId":"5420"}"#);
    match decode(tokens, &saved, &encoded(tokens).memo) {
        Decoded::FollowUp(next) => (
            serde_json::from_slice(&next.request.body).unwrap(),
            next.memo,
        ),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_list_is_saved_and_then_pushed_and_every_device_is_accepted() {
    let (body, memo) = pushed(&TOKENS);
    assert_eq!(body["regIds"], json!(TOKENS));
    assert_eq!(body["taskId"], "5420");
    let answer = ok(r#"{"result":0,"desc":"success","requestId":"b-1"}"#);
    for verdict in verdicts(decode(&TOKENS, &answer, &memo)) {
        assert_eq!(verdict.class, Accepted);
        assert_eq!(verdict.vendor_id.as_deref(), Some("5420"));
    }
}

#[test]
fn saving_and_pushing_have_ids_of_their_own_that_stay_the_same() {
    let first = body(&encoded(&TOKENS))["requestId"].clone();
    let (second, _) = pushed(&TOKENS);
    assert_ne!(first, second["requestId"]);
    for id in [&first, &second["requestId"]] {
        assert!(id.as_str().unwrap().len() <= 64, "{id}");
    }
    assert_eq!(first, body(&encoded(&TOKENS))["requestId"]);
    assert_ne!(first, body(&encoded(&TOKENS[1..]))["requestId"]);
}

#[test]
fn only_the_devices_that_vivo_names_are_refused() {
    let (_, memo) = pushed(&TOKENS);
    let answer = json!({"result": 0, "desc": "ok", "requestId": "b-1", "invalidUsers": [
        {"userid": TOKENS[2], "status": 2}, {"userid": "somebody else", "status": 1},
    ]});
    let classes: Vec<_> = verdicts(decode(&TOKENS, &ok(&answer.to_string()), &memo))
        .into_iter()
        .map(|verdict| (verdict.class, verdict.code))
        .collect();
    let accepted = (Accepted, String::new());
    let refused = (InvalidToken, "status 2".to_owned());
    assert_eq!(classes, [accepted.clone(), accepted, refused]);
}

#[test]
fn a_reg_id_that_comes_back_as_a_number_is_recognized() {
    let (_, memo) = pushed(&TOKENS);
    let answer =
        ok(r#"{"result":0,"invalidUsers":[{"userid":12345678901234567890123,"status":"1"}]}"#);
    let classes: Vec<_> = verdicts(decode(&TOKENS, &answer, &memo))
        .into_iter()
        .map(|verdict| verdict.class)
        .collect();
    assert_eq!(classes, [InvalidToken, Accepted, Accepted]);
}

#[test]
fn each_state_has_its_class_and_a_missing_test_device_keeps_its_token() {
    let (_, memo) = pushed(&TOKENS[..2]);
    for (status, class) in [
        (1, InvalidToken),
        (2, InvalidToken),
        (3, InvalidToken),
        (4, BadRequest),
        (9, nudged_plugin_api::Class::DeviceOff),
    ] {
        let answer =
            json!({"result": 0, "invalidUsers": [{"userid": TOKENS[0], "status": status}]});
        let verdicts = verdicts(decode(&TOKENS[..2], &ok(&answer.to_string()), &memo));
        assert_eq!(verdicts[0].class, class, "{status}");
        assert_eq!(verdicts[0].code, format!("status {status}"));
        assert_eq!(verdicts[1].class, Accepted);
    }
}

#[test]
fn a_token_that_occurs_twice_is_sent_once_and_answered_twice() {
    let twice = [TOKENS[0], TOKENS[1], TOKENS[0]];
    let (body, memo) = pushed(&twice);
    assert_eq!(body["regIds"], json!([TOKENS[0], TOKENS[1]]));
    let answer = json!({"result": 0, "invalidUsers": [{"userid": TOKENS[0], "status": 1}]});
    let classes: Vec<_> = verdicts(decode(&twice, &ok(&answer.to_string()), &memo))
        .into_iter()
        .map(|verdict| verdict.class)
        .collect();
    assert_eq!(classes, [InvalidToken, Accepted, InvalidToken]);
}

#[test]
fn a_list_of_one_and_the_same_token_goes_as_a_single_message() {
    // vivo refuses a list of less than two with 10153.
    let twice = [TOKENS[0], TOKENS[0]];
    let rendered = encoded(&twice);
    assert!(
        rendered.request.url.ends_with("/message/send"),
        "{}",
        rendered.request.url
    );
    assert_eq!(body(&rendered)["regId"], TOKENS[0]);
    let answer = ok(r#"{"result":0,"desc":"success","taskId":"7"}"#);
    let verdicts = verdicts(decode(&twice, &answer, &rendered.memo));
    assert_eq!(verdicts.len(), 2);
    assert!(verdicts.iter().all(|verdict| verdict.class == Accepted));
}

#[test]
fn a_refusal_to_save_or_to_push_is_everybodys() {
    let refused = ok(r#"{"result":10252,"desc":"quota"}"#);
    let (_, memo) = pushed(&TOKENS);
    for memo in [encoded(&TOKENS).memo, memo] {
        let verdicts = verdicts(decode(&TOKENS, &refused, &memo));
        assert_eq!(verdicts.len(), 3);
        assert!(
            verdicts
                .iter()
                .all(|verdict| verdict.class == QuotaExceeded)
        );
    }
}

#[test]
fn a_task_that_vivo_lost_is_saved_again_at_once() {
    let (_, memo) = pushed(&TOKENS);
    for verdict in verdicts(decode(&TOKENS, &ok(r#"{"result":10155}"#), &memo)) {
        assert_eq!(
            (verdict.class, verdict.retry_after_millis),
            (Unavailable, Some(0))
        );
    }
}

#[test]
fn a_list_that_is_refused_for_a_reg_id_costs_only_the_named_one() {
    let (_, memo) = pushed(&TOKENS);
    let answer = json!({"result": 10302, "invalidUsers": [{"userid": TOKENS[1], "status": 1}]});
    for memo in [memo, b"lost".to_vec(), Vec::new()] {
        let classes: Vec<_> = verdicts(decode(&TOKENS, &ok(&answer.to_string()), &memo))
            .into_iter()
            .map(|verdict| verdict.class)
            .collect();
        assert_eq!(classes, [Unavailable, InvalidToken, Unavailable]);
    }
}

#[test]
fn a_list_that_is_refused_for_a_phone_that_takes_nothing_now_ends_for_that_phone_only() {
    let (_, memo) = pushed(&TOKENS);
    // The state beside the code is not believed, so the regId stays.
    let answer = json!({"result": 10311, "invalidUsers": [{"userid": TOKENS[1], "status": 1}]});
    let classes: Vec<_> = verdicts(decode(&TOKENS, &ok(&answer.to_string()), &memo))
        .into_iter()
        .map(|verdict| verdict.class)
        .collect();
    assert_eq!(classes, [Unavailable, DeviceOff, Unavailable]);
}

#[test]
fn a_saved_message_without_a_task_is_no_success() {
    let memo = encoded(&TOKENS).memo;
    for body in [
        r#"{"result":0}"#,
        r#"{"result":0,"taskId":""}"#,
        r#"{"result":0,"taskId":[]}"#,
    ] {
        for verdict in verdicts(decode(&TOKENS, &ok(body), &memo)) {
            assert_eq!(verdict.class, Unavailable, "{body}");
        }
    }
}

#[test]
fn a_lost_memo_sends_the_list_again() {
    let answer = ok(r#"{"result":0,"taskId":"5420"}"#);
    for memo in [&b""[..], b"\xff\0{memo", b"{}", b"{\"step\":\"later\"}"] {
        for verdict in verdicts(decode(&TOKENS, &answer, memo)) {
            assert_eq!(
                (verdict.class, verdict.code.as_str()),
                (Unavailable, "memo lost")
            );
        }
    }
}

#[test]
fn a_full_list_fits_the_declared_body() {
    use nudged_plugin_api::Driver;
    let tokens: Vec<String> = (0..1000).map(|number| format!("{number:0>256}")).collect();
    let tokens: Vec<&str> = tokens.iter().map(String::as_str).collect();
    let saved = ok(r#"{"result":0,"taskId":"5420"}"#);
    match decode(&tokens, &saved, &encoded(&tokens).memo) {
        Decoded::FollowUp(next) => {
            let most = nudged_vivo::Vivo::describe().max_body as usize;
            assert!(
                next.request.body.len() <= most,
                "{}",
                next.request.body.len()
            );
        }
        other => panic!("{other:?}"),
    }
}
