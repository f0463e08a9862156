//! A `notify_level` that the account may not use costs the level, never the message.

use nudged_plugin_api::{Class, Decoded, FollowUp, HttpResponse, Message, Rendered};

use crate::account::{CN_A, CN_B, answer, channel, coded, encode, targets, verdicts};
use crate::encode::{message, told};

const SAVED: &str = r#"{"code":0,"data":{"message_id":"5f00aa"}}"#;
const SENT: &str = r#"{"code":0,"data":{"messageId":"5f00aa"}}"#;

fn with_level(level: u8) -> Message {
    message(|m| m.options = Some(format!(r#"{{"category":"IM","notify_level":{level}}}"#)))
}

fn rendered(message: &Message, tokens: &[&str]) -> Rendered {
    encode(&channel(), message, &targets(tokens)).unwrap()
}

fn follow_up(decoded: Decoded) -> FollowUp {
    match decoded {
        Decoded::FollowUp(follow_up) => follow_up,
        other => panic!("{other:?}"),
    }
}

/// A form's pairs, a message's JSON taken apart, so that one without a level can be compared.
fn pairs(body: &[u8]) -> Vec<(String, serde_json::Value)> {
    let pairs = form_urlencoded::parse(body).into_owned();
    pairs
        .map(|(key, value)| match serde_json::from_str(&value) {
            Ok(json) => (key, json),
            Err(_) => (key, value.into()),
        })
        .collect()
}

#[test]
fn a_level_that_oppo_refuses_is_left_out_and_the_trace_tells() {
    let plain = message(|m| m.options = Some(r#"{"category":"IM"}"#.to_owned()));
    let expected = rendered(&plain, &[CN_A]).request;
    for (level, code) in [(16, 67), (16, 59), (2, 67)] {
        let first = rendered(&with_level(level), &[CN_A]);
        let again = follow_up(answer(&[CN_A], &first.memo, &coded(code)));
        assert_eq!(again.request.url, expected.url);
        assert_eq!(pairs(&again.request.body), pairs(&expected.body));

        let sent = HttpResponse::new(200, SENT);
        let verdict = &verdicts(answer(&[CN_A], &again.memo, &sent))[0];
        assert_eq!(verdict.class, Class::Accepted);
        assert_eq!(verdict.vendor_id.as_deref(), Some("5f00aa"));
        let code = code.to_string();
        assert!(verdict.text.contains("notify_level") && verdict.text.contains(&code));

        // Once, whatever is wrong then.
        let verdict = &verdicts(answer(&[CN_A], &again.memo, &coded(67)))[0];
        assert_eq!(
            (verdict.class, verdict.text.as_str()),
            (Class::BadRequest, "Words.")
        );
    }
}

#[test]
fn a_list_is_saved_once_more_without_the_level() {
    let tokens = [CN_A, CN_B];
    let first = rendered(&with_level(16), &tokens);
    let again = follow_up(answer(&tokens, &first.memo, &coded(67)));
    assert_eq!(again.request.url, first.request.url);
    let mut expected = pairs(&first.request.body);
    expected.retain(|(key, _)| key != "notify_level");
    assert_eq!(pairs(&again.request.body), expected);

    // As any other: known already, it is saved under no id of ours.
    let nameless = follow_up(answer(&tokens, &again.memo, &coded(32)));
    expected.retain(|(key, _)| key != "app_message_id");
    assert_eq!(pairs(&nameless.request.body), expected);

    let saved = HttpResponse::new(200, SAVED);
    for memo in [&again.memo, &nameless.memo] {
        let sending = follow_up(answer(&tokens, memo, &saved));
        assert!(sending.request.url.ends_with("/broadcast"));
        for verdict in verdicts(answer(&tokens, &sending.memo, &saved)) {
            assert_eq!(verdict.class, Class::Accepted);
            assert!(verdict.text.contains("notify_level"), "{}", verdict.text);
        }
        let refused = verdicts(answer(&tokens, memo, &coded(67)));
        assert_eq!(refused[0].class, Class::BadRequest);
    }
}

#[test]
fn another_word_of_oppos_is_no_reason_to_leave_the_level_out() {
    let first = rendered(&with_level(16), &[CN_A]);
    for response in [coded(41), coded(54), HttpResponse::new(502, coded(67).body)] {
        let verdicts = verdicts(answer(&[CN_A], &first.memo, &response));
        assert_ne!(verdicts[0].class, Class::Accepted);
    }
    let sent = HttpResponse::new(200, SENT);
    let verdict = &verdicts(answer(&[CN_A], &first.memo, &sent))[0];
    assert_eq!(
        (verdict.class, verdict.text.as_str()),
        (Class::Accepted, "")
    );
    // Without a level there is nothing to leave out, and nothing to remember.
    let plain = message(|m| m.options = Some(r#"{"category":"IM"}"#.to_owned()));
    assert!(rendered(&plain, &[CN_A]).memo.is_empty());
}

#[test]
fn a_sender_who_asks_for_the_level_that_needs_a_right_is_told() {
    assert_eq!(told(&with_level(16)), ["options.notify_level"]);
    assert_eq!(told(&with_level(2)), [""; 0]);
}
