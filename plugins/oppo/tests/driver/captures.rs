//! Answers as OPPO gives them, one file each.

use nudged_plugin_api::Class::{
    Accepted, BadRequest, Credential, GrantExpired, InvalidToken, QuotaExceeded, Unavailable,
};
use nudged_plugin_api::{Decoded, HttpResponse, Message};

use crate::account::{CN_A, CN_B, answer, channel, encode, targets, verdict, verdicts};

fn capture(file: &str) -> HttpResponse {
    let path = format!("{}/tests/captures/{file}", env!("CARGO_MANIFEST_DIR"));
    let body = std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    HttpResponse::new(200, body)
}

#[test]
fn each_capture_of_a_single_send_means_what_oppo_says_it_means() {
    for (file, class, code) in [
        ("accepted.json", Accepted, ""),
        ("duplicate.json", Accepted, "32"),
        ("registration-id-invalid.json", InvalidToken, "10000"),
        ("argument-invalid.json", BadRequest, "41"),
        ("auth-token-invalid.json", GrantExpired, "11"),
        ("sign-invalid.json", Credential, "16"),
        ("daily-limit.json", QuotaExceeded, "33"),
        ("bad-gateway.html", Unavailable, "HTTP 200"),
    ] {
        let verdict = verdict(&capture(file));
        assert_eq!(
            (verdict.class, verdict.code.as_str()),
            (class, code),
            "{file}"
        );
    }
}

#[test]
fn the_accepted_message_has_oppos_id() {
    let id = verdict(&capture("accepted.json")).vendor_id;
    assert_eq!(id.as_deref(), Some("12345-1-1-5f00000000000000"));
}

#[test]
fn the_two_captures_of_a_common_send_make_one_flow() {
    let devices = [CN_A, CN_B];
    let first = encode(
        &channel(),
        &Message::new("Ann", "Hello"),
        &targets(&devices),
    )
    .unwrap();
    let second = match answer(&devices, &first.memo, &capture("saved.json")) {
        Decoded::FollowUp(second) => second,
        other => panic!("{other:?}"),
    };
    let all = verdicts(answer(
        &devices,
        &second.memo,
        &capture("broadcast-partial.json"),
    ));
    assert_eq!((all[0].class, all[1].class), (Accepted, InvalidToken));
    assert_eq!(all[0].vendor_id.as_deref(), Some("5f00aa"));
    assert_eq!(all[1].code, "10000");
}
