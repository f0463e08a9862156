//! Whole requests, one case a file: a message, and what OPPO must be sent for it.
//!
//! The expected requests were written from OPPO's field list.
//! Only the hashes (`notify_id`, the `app_message_id` of several devices) were taken as they came.

use nudged_driver_kit::test::golden::Golden;
use nudged_oppo::Oppo;
use nudged_plugin_api::{Driver, HttpResponse, Lifetime, Message};

use crate::account::{CN_A, CN_B, CN_C, NOW, encode, grant, settings, targets};

#[test]
fn every_message_becomes_its_golden_request() {
    let saved = r#"{"code":0,"message":"Success","data":{"message_id":"5f00aa"}}"#;
    Golden::<Oppo>::new(settings(), NOW)
        .targets(targets(&[CN_A, CN_B, CN_C]))
        .grant(grant())
        .answer(HttpResponse::new(200, saved))
        .run(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden"))
        .assert_passed(15);
}

#[test]
fn the_bytes_are_those_of_the_documented_example() {
    let settings = settings()
        .with("channel_id", "chat")
        .with("category", "IM")
        .with("notify_level", 2);
    let driver = Oppo::open(&settings, NOW).unwrap();
    let mut message = Message::new("Hello", "New message");
    message.ext = Some(r#"{"ext":"c1"}"#.to_owned());
    message.lifetime = Lifetime::Until(NOW.plus_seconds(86_400));
    let mut target = targets(&[CN_A]);
    target[0].id = "m-1".to_owned();
    let request = encode(&driver, &message, &target).unwrap().request;
    assert_eq!(
        String::from_utf8(request.body).unwrap(),
        "auth_token=tok456&message=%7B%22target_type%22%3A2%2C%22target_value%22%3A%22OPPO_CN_0123\
         456789abcdef0123456789abcdef%22%2C%22verify_registration_id%22%3Afalse%2C%22notification\
         %22%3A%7B%22app_message_id%22%3A%22m-1%22%2C%22style%22%3A1%2C%22title%22%3A%22Hello%22%2\
         C%22content%22%3A%22New+message%22%2C%22click_action_type%22%3A0%2C%22action_parameters%2\
         2%3A%22%7B%5C%22ext%5C%22%3A%5C%22c1%5C%22%7D%22%2C%22off_line%22%3Atrue%2C%22off_line_tt\
         l%22%3A86400%2C%22channel_id%22%3A%22chat%22%2C%22category%22%3A%22IM%22%2C%22notify_leve\
         l%22%3A2%7D%7D"
    );
}
