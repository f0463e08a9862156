//! Several devices: `save_message_content`, then `broadcast`.

use nudged_plugin_api::{
    Class, Decoded, Driver, Exchange, FollowUp, HttpResponse, Message, Target, Verdict,
};

use crate::account::{
    CN_A, CN_B, CN_C, NOW, answer, channel, coded, encode, targets, verdict, verdicts,
};

const ALL: [&str; 3] = [CN_A, CN_B, CN_C];
const SAVED: &str = r#"{"code":0,"message":"Success","data":{"message_id":"5f00aa"}}"#;

fn ok(body: &str) -> HttpResponse {
    HttpResponse::new(200, body)
}

/// What `encode` leaves behind for these devices.
fn memo(tokens: &[&str]) -> Vec<u8> {
    let message = Message::new("Ann", "Hello");
    encode(&channel(), &message, &targets(tokens)).unwrap().memo
}

fn follow_up(decoded: Decoded) -> FollowUp {
    match decoded {
        Decoded::FollowUp(follow_up) => follow_up,
        other => panic!("{other:?}"),
    }
}

fn body(follow_up: &FollowUp) -> String {
    String::from_utf8(follow_up.request.body.clone()).unwrap()
}

/// The verdicts on this answer to `broadcast`.
fn sent(tokens: &[&str], response: &HttpResponse) -> Vec<Verdict> {
    let saved = follow_up(answer(tokens, &memo(tokens), &ok(SAVED)));
    verdicts(answer(tokens, &saved.memo, response))
}

fn classes(verdicts: &[Verdict]) -> Vec<Class> {
    verdicts.iter().map(|verdict| verdict.class).collect()
}

#[test]
fn the_saved_text_is_sent_to_all_devices_with_semicolons_between() {
    let saved = follow_up(answer(&ALL, &memo(&ALL), &ok(SAVED)));
    assert_eq!(
        saved.request.url,
        "https://api.push.oppomobile.com/server/v1/message/notification/broadcast"
    );
    assert_eq!(
        saved.request.headers,
        [(
            "content-type".to_owned(),
            "application/x-www-form-urlencoded;charset=UTF-8".to_owned()
        )]
    );
    assert_eq!(
        body(&saved),
        format!(
            "auth_token=tok456&message_id=5f00aa&target_type=2&target_value={CN_A}%3B{CN_B}%3B{CN_C}"
        )
    );
    let answered =
        ok(r#"{"code":0,"message":"Success","data":{"message_id":"5f00aa","task_id":"5f00bb"}}"#);
    for verdict in verdicts(answer(&ALL, &saved.memo, &answered)) {
        assert_eq!(verdict, Verdict::accepted(Some("5f00aa".to_owned())));
    }
}

#[test]
fn devices_that_the_answer_names_are_told_apart_by_their_tokens() {
    let answered = ok(&format!(
        r#"{{"code":0,"data":{{"message_id":"5f00aa","10000":["{CN_B}"],"13":["{CN_C}"]}}}}"#
    ));
    let verdicts = sent(&ALL, &answered);
    assert_eq!(
        classes(&verdicts),
        [
            Class::Accepted,
            Class::InvalidToken,
            // The other devices go on.
            Class::ThrottledDevice
        ]
    );
    assert_eq!(verdicts[0].vendor_id.as_deref(), Some("5f00aa"));
    assert_eq!(verdicts[1].code, "10000");
    assert_eq!(verdicts[2].code, "13");
}

#[test]
fn members_that_are_no_lists_of_refused_devices_say_nothing() {
    for more in [
        format!(r#""0":["{CN_A}"]"#),
        format!(r#""10000":"{CN_A}""#),
        format!(r#""ok":["{CN_A}"]"#),
        r#""10000":[7,null,{},"CN_of_another_request"]"#.to_owned(),
        r#""10000":null"#.to_owned(),
    ] {
        let answered = ok(&format!(r#"{{"code":0,"data":{{{more}}}}}"#));
        assert_eq!(
            classes(&sent(&ALL, &answered)),
            [Class::Accepted; 3],
            "{more}"
        );
    }
}

#[test]
fn a_named_device_with_a_good_token_survives_a_wrong_argument() {
    let answered = ok(&format!(r#"{{"code":0,"data":{{"41":["{CN_B}","bad"]}}}}"#));
    let verdicts = sent(&[CN_A, CN_B, "bad"], &answered);
    assert_eq!(
        classes(&verdicts),
        [Class::Accepted, Class::BadRequest, Class::InvalidToken]
    );
}

#[test]
fn the_same_device_twice_is_sent_to_once_and_judged_twice() {
    let twice = [CN_A, CN_B, CN_A];
    let saved = follow_up(answer(&twice, &memo(&twice), &ok(SAVED)));
    assert!(body(&saved).ends_with(&format!("target_value={CN_A}%3B{CN_B}")));
    let gone = ok(&format!(r#"{{"code":0,"data":{{"10000":["{CN_A}"]}}}}"#));
    assert_eq!(
        classes(&sent(&twice, &gone)),
        [Class::InvalidToken, Class::Accepted, Class::InvalidToken]
    );
    // Only one device, although there are two deliveries.
    let message = Message::new("Ann", "Hello");
    let rendered = encode(&channel(), &message, &targets(&[CN_A, CN_A])).unwrap();
    assert!(rendered.request.url.ends_with("/unicast"));
    let both = verdicts(answer(&[CN_A, CN_A], &rendered.memo, &coded(10_000)));
    assert_eq!(classes(&both), [Class::InvalidToken; 2]);
}

#[test]
fn a_wrong_argument_for_all_is_the_fault_of_malformed_tokens_if_there_are_any() {
    for code in [41, 10_000] {
        let verdicts = sent(&[CN_A, "malformed", CN_B], &coded(code));
        assert_eq!(
            classes(&verdicts),
            [Class::Unavailable, Class::InvalidToken, Class::Unavailable],
            "{code}"
        );
        // At once: the next batch is without the culprit.
        assert_eq!(verdicts[0].retry_after_millis, Some(0));
        for http in [200, 400] {
            let response = HttpResponse::new(http, coded(code).body);
            let verdicts = sent(&ALL, &response);
            assert_eq!(classes(&verdicts), [Class::BadRequest; 3], "{code} {http}");
        }
    }
}

#[test]
fn a_refused_broadcast_that_names_devices_ends_only_theirs() {
    let answered = ok(&format!(
        r#"{{"code":10000,"message":"Invalid","data":{{"10000":["{CN_C}"]}}}}"#
    ));
    assert_eq!(
        classes(&sent(&ALL, &answered)),
        [Class::Unavailable, Class::Unavailable, Class::InvalidToken]
    );
}

#[test]
fn a_server_in_trouble_costs_no_token_whomever_it_names() {
    let body = format!(r#"{{"code":10000,"data":{{"10000":["{CN_A}"]}}}}"#);
    for (tokens, body) in [
        ([CN_A, "malformed"], body.as_str()),
        ([CN_A, CN_B], body.as_str()),
        ([CN_A, CN_B], r#"{"code":10000}"#),
    ] {
        for verdict in sent(&tokens, &HttpResponse::new(502, body)) {
            assert_eq!(verdict.class, Class::Unavailable, "{tokens:?} {body}");
            assert_eq!(verdict.retry_after_millis, Some(10_000));
        }
    }
}

#[test]
fn the_daily_limit_of_saved_texts_is_a_quota() {
    let verdicts = verdicts(answer(&ALL, &memo(&ALL), &coded(42)));
    assert_eq!(classes(&verdicts), [Class::QuotaExceeded; 3]);
    assert_eq!(verdicts[0].code, "42");
    assert!(
        verdicts[0]
            .retry_after_millis
            .is_some_and(|wait| wait > 3_600_000)
    );
}

#[test]
fn saving_never_costs_a_token() {
    let tokens = [CN_A, "malformed"];
    for code in [41, 10_000] {
        let verdicts = verdicts(answer(&tokens, &memo(&tokens), &coded(code)));
        for verdict in verdicts {
            assert_ne!(verdict.class, Class::InvalidToken, "{code}");
            assert_eq!(verdict.code, code.to_string());
        }
    }
}

#[test]
fn a_text_that_was_saved_before_is_sent_all_the_same() {
    // With its id in the answer, at once.
    let known = ok(r#"{"code":32,"data":{"message_id":"5f00aa"}}"#);
    let second = follow_up(answer(&ALL, &memo(&ALL), &known));
    assert!(body(&second).contains("message_id=5f00aa"));

    // Without, it is saved under no id of ours: saved does not mean sent.
    let message = Message::new("Ann", "Hello");
    let first = encode(&channel(), &message, &targets(&ALL)).unwrap();
    let again = follow_up(answer(&ALL, &first.memo, &coded(32)));
    assert_eq!(again.request.url, first.request.url);
    let first = String::from_utf8(first.request.body).unwrap();
    let with_id: Vec<&str> = first.split('&').collect();
    let mut without: Vec<&str> = with_id.clone();
    without.retain(|pair| !pair.starts_with("app_message_id="));
    assert_eq!(without.len() + 1, with_id.len());
    assert_eq!(body(&again), without.join("&"));
    let third = follow_up(answer(&ALL, &again.memo, &ok(SAVED)));
    assert!(third.request.url.ends_with("/broadcast"));

    // And no further.
    let verdicts = verdicts(answer(&ALL, &again.memo, &coded(32)));
    assert_eq!(classes(&verdicts), [Class::Unavailable; 3]);
}

#[test]
fn a_broadcast_that_was_sent_before_is_done() {
    let verdicts = sent(&ALL, &coded(32));
    assert_eq!(classes(&verdicts), [Class::Accepted; 3]);
    assert_eq!(verdicts[0].vendor_id.as_deref(), Some("5f00aa"));
}

#[test]
fn a_saved_text_that_oppo_lost_is_saved_again() {
    assert_eq!(classes(&sent(&ALL, &coded(31))), [Class::Unavailable; 3]);
    assert_eq!(verdict(&coded(31)).class, Class::BadRequest);
}

#[test]
fn a_dead_auth_token_is_renewed_at_either_step() {
    let first = verdicts(answer(&ALL, &memo(&ALL), &coded(11)));
    assert_eq!(classes(&first), [Class::GrantExpired; 3]);
    assert_eq!(classes(&sent(&ALL, &coded(11))), [Class::GrantExpired; 3]);
}

#[test]
fn a_text_saved_without_an_id_is_tried_again() {
    for body in [
        r#"{"code":0}"#,
        r#"{"code":0,"data":{"message_id":""}}"#,
        r#"{"code":0,"data":{"message_id":"a b"}}"#,
        r#"{"code":0,"data":[]}"#,
    ] {
        let verdicts = verdicts(answer(&ALL, &memo(&ALL), &ok(body)));
        assert_eq!(classes(&verdicts), [Class::Unavailable; 3], "{body}");
    }
}

#[test]
fn a_lost_or_foreign_memo_is_an_answer_that_counts_for_nothing() {
    for memo in [
        &b""[..],
        b"\xff\0{memo",
        b"{}",
        b"null",
        br#"{"step":"save"}"#,
    ] {
        for response in [ok(SAVED), coded(10_000), ok("")] {
            let verdicts = verdicts(answer(&ALL, memo, &response));
            assert_eq!(classes(&verdicts), [Class::Unavailable; 3]);
            assert_eq!(verdicts[0].code, "MemoLost");
        }
    }
}

#[test]
fn a_thousand_devices_fit_into_the_second_request() {
    let tokens: Vec<Target> = (0..1000)
        .map(|n| Target::new(format!("{n:036}"), format!("{n:\"<128}")))
        .collect();
    let message = Message::new("Ann", "Hello");
    let first = encode(&channel(), &message, &tokens).unwrap();
    let response = ok(SAVED);
    let exchange = Exchange::with_memo(&tokens, &response, &first.memo);
    let second = follow_up(channel().decode(exchange, NOW));
    let most = nudged_oppo::Oppo::describe().max_body as usize;
    assert!(second.request.body.len() > 300_000 && second.request.body.len() <= most);
}

#[test]
fn a_token_that_would_spoil_the_others_is_named() {
    let message = Message::new("Ann", "Hello");
    let long = "a".repeat(129);
    for token in ["a;b", "", "a b", "a\r\nb", "ü", &long] {
        for batch in [vec![token], vec![CN_A, token]] {
            let error = encode(&channel(), &message, &targets(&batch)).unwrap_err();
            assert_eq!(
                (error.code.as_str(), error.field.as_str()),
                ("BadToken", "token"),
                "{token}"
            );
        }
    }
}

#[test]
fn a_request_keeps_its_name_at_every_attempt_and_changes_it_with_its_devices() {
    let message = Message::new("Ann", "Hello");
    let name = |tokens: &[Target]| {
        let body = encode(&channel(), &message, tokens).unwrap().request.body;
        let pairs: Vec<_> = form_urlencoded::parse(&body).into_owned().collect();
        let named = pairs.into_iter().find(|(key, _)| key == "app_message_id");
        named.unwrap().1
    };
    let all = targets(&ALL);
    assert_eq!(name(&all), name(&all));
    assert_ne!(name(&all), name(&all[..2]));
    assert!(name(&all).len() <= 36);
}
