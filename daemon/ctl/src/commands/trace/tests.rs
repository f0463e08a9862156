use std::time::Duration;

use super::*;
use nudged_wire::{AttemptView, DeliveryState, OutcomeView};

fn attempt(class: &str) -> AttemptView {
    AttemptView {
        at: "2026-03-01T12:00:00.000Z".to_owned(),
        elapsed_ms: 41,
        class: class.to_owned(),
        fault: "quota".to_owned(),
        code: "TooManyRequests".to_owned(),
        text: "slow\ndown".to_owned(),
        remedy: "wait".to_owned(),
        retry_at: Some("2026-03-01T12:00:30.000Z".to_owned()),
        notices: Vec::new(),
    }
}

fn delivery(outcome: Option<OutcomeView>) -> DeliveryView {
    DeliveryView {
        n: 0,
        channel: Some("ios".to_owned()),
        certificate_id: Some(1),
        driver: Some("apns".to_owned()),
        user: Some("bob".to_owned()),
        device: Some("phone".to_owned()),
        token: "ab12…9f".to_owned(),
        state: DeliveryState::Queued,
        waits_for: None,
        attempts: vec![attempt("throttled")],
        outcome,
        recall: None,
    }
}

#[test]
fn a_queued_delivery_tells_when_it_is_tried_again() {
    let now = humantime::parse_rfc3339("2026-03-01T12:00:10Z").expect("a time");
    let line = headline(&delivery(None), now);
    let expected = "#0  bob/phone via ios (apns), token ab12…9f: queued, next try \
                    2026-03-01 12:00:30Z (in 20s)";
    assert_eq!(line, expected);
    assert_eq!(notes(&delivery(None)), ["what to do: wait"]);
}

#[test]
fn an_ended_delivery_tells_its_end_once() {
    let outcome = OutcomeView {
        kind: "rejected".to_owned(),
        code: "BadTopic".to_owned(),
        text: "slow\ndown".to_owned(),
        remedy: "set the topic".to_owned(),
        vendor_id: Some("v-1".to_owned()),
        at: "2026-03-01T12:00:01.000Z".to_owned(),
    };
    let delivery = delivery(Some(outcome));
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1);
    assert!(headline(&delivery, now).ends_with(": rejected BadTopic at 2026-03-01 12:00:01Z"));
    assert_eq!(
        notes(&delivery),
        ["what to do: set the topic", "vendor's id: v-1"]
    );
}

#[test]
fn an_attempt_is_one_line_whatever_the_vendor_wrote() {
    let text = attempts(&delivery(None));
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert!(lines[0].starts_with("    TRIED "), "{text}");
    assert!(
        lines[1].ends_with("throttled  quota     TooManyRequests  slow\\ndown"),
        "{text}"
    );
    let mut untried = DeliveryView {
        attempts: Vec::new(),
        ..delivery(None)
    };
    assert_eq!(attempts(&untried), "    not tried yet");
    untried.outcome = Some(OutcomeView {
        kind: "suppressed".to_owned(),
        ..OutcomeView::default()
    });
    assert_eq!(attempts(&untried), "    not tried");
}
