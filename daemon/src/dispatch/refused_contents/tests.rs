use std::sync::Arc;

use super::*;
use crate::model::{CertificateId, NotificationId, Recipient};

const NOW: Timestamp = Timestamp(1_790_000_000_000);
const BACKOFF: Backoff = Backoff::of_millis(1_000, 64_000, 3_600_000);

fn id(n: u32) -> DeliveryId {
    DeliveryId {
        notification: NotificationId::floor(NOW.0),
        n,
    }
}

fn verdict() -> Verdict {
    let verdict = Verdict::refused(Class::Credential, "THIRD_PARTY_AUTH_ERROR", "Add a key.");
    verdict.text("no key").scope(Scope::Message)
}

fn refuse(contents: &mut RefusedContents, n: u32, content: u64, now: Timestamp) {
    let at = now.plus(BACKOFF.doubled(0));
    contents.refused(id(n), content, &verdict(), at, BACKOFF, now);
}

/// Which of the first so many go at a time, each in a request of its own.
fn going(contents: &mut RefusedContents, devices: u32, now: Timestamp) -> Vec<u32> {
    let goes = |n: &u32| {
        let request = contents.next_request();
        contents.wait(id(*n), request, now).is_none()
    };
    (0..devices).filter(goes).collect()
}

#[test]
fn one_delivery_of_a_content_is_tried_and_the_others_wait_for_it() {
    let mut contents = RefusedContents::default();
    for n in 0..5 {
        refuse(&mut contents, n, 1, NOW);
    }
    assert_eq!(going(&mut contents, 5, NOW.plus_millis(999)), [0; 0]);
    let due = NOW.plus_millis(1_000);
    assert_eq!(going(&mut contents, 5, due), [0]);
    let request = contents.next_request();
    let wait = contents.wait(id(3), request, due).expect("waits");
    assert_eq!(wait.until, due.plus(PROBE_INTERVAL));
    assert_eq!(wait.attempt.code, "THIRD_PARTY_AUTH_ERROR");
    assert!(
        wait.attempt.text.ends_with("its reason was: no key"),
        "{wait:?}"
    );
    assert_eq!(wait.attempt.remedy, "Add a key.");

    contents.accepted(id(0));
    assert!(contents.is_empty());
    assert_eq!(going(&mut contents, 5, due), [0, 1, 2, 3, 4]);
}

#[test]
fn each_refusal_has_them_wait_twice_as_long_whichever_is_tried() {
    let mut contents = RefusedContents::default();
    for n in 0..8 {
        refuse(&mut contents, n, 1, NOW);
    }
    let mut now = NOW;
    let mut waits = Vec::new();
    for n in 0..8 {
        let request = contents.next_request();
        let wait = contents.wait(id(n), request, now).expect("waits");
        waits.push(wait.until.millis_after(now) / 1000);
        now = wait.until;
        let request = contents.next_request();
        assert_eq!(contents.wait(id(n), request, now), None);
        // Each comes to its own turn with its own first wait.
        refuse(&mut contents, n, 1, now);
    }
    assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 64]);
}

#[test]
fn who_was_not_refused_and_who_has_another_message_does_not_wait() {
    let mut contents = RefusedContents::default();
    refuse(&mut contents, 0, 1, NOW);
    refuse(&mut contents, 1, 1, NOW);
    refuse(&mut contents, 2, 2, NOW);
    let due = NOW.plus_millis(1_000);
    assert_eq!(going(&mut contents, 5, due), [0, 2, 3, 4]);
    // A phone that never was refused says nothing of those that were.
    contents.accepted(id(4));
    assert_eq!(going(&mut contents, 5, due), [3, 4]);
}

#[test]
fn what_shares_a_request_goes_together() {
    let mut contents = RefusedContents::default();
    (0..4).for_each(|n| refuse(&mut contents, n, 1, NOW));
    let due = NOW.plus_millis(1_000);
    let request = contents.next_request();
    let waiting = (0..4).filter(|n| contents.wait(id(*n), request, due).is_some());
    assert_eq!(waiting.count(), 0);
    assert_eq!(going(&mut contents, 4, due), [0; 0]);
}

#[test]
fn one_that_is_lost_or_has_ended_leaves_its_place_to_the_next() {
    let mut contents = RefusedContents::default();
    (0..3).for_each(|n| refuse(&mut contents, n, 1, NOW));
    let due = NOW.plus_millis(1_000);
    assert_eq!(going(&mut contents, 3, due), [0]);
    assert_eq!(
        going(
            &mut contents,
            3,
            due.plus(PROBE_TIMEOUT - Duration::from_millis(1))
        ),
        [0; 0]
    );
    let later = due.plus(PROBE_TIMEOUT);
    assert_eq!(going(&mut contents, 3, later), [0]);
    contents.no_answer(id(0));
    assert_eq!(going(&mut contents, 3, later), [0]);
    contents.ended(id(2));
    assert_eq!(going(&mut contents, 2, later), [0; 0]);
    contents.ended(id(0));
    assert_eq!(going(&mut contents, 2, later), [0, 1]);
    // Of a clock that was ahead.
    assert_eq!(going(&mut contents, 2, due), [0, 1]);
}

#[test]
fn the_operator_has_one_tried_at_once() {
    let mut contents = RefusedContents::default();
    (0..3).for_each(|n| refuse(&mut contents, n, 1, NOW));
    contents.retry_now(NOW);
    assert_eq!(going(&mut contents, 3, NOW), [0]);
}

#[test]
fn a_million_refusals_fill_no_memory() {
    let mut contents = RefusedContents::default();
    for n in 0..1_000_000 {
        refuse(&mut contents, n, u64::from(n % 100_000), NOW);
    }
    assert_eq!(
        (contents.refused.len(), contents.contents.len()),
        (MAX_REMEMBERED, MAX_REMEMBERED)
    );
    // Those beyond ask for themselves.
    assert!(contents.wait(id(999_999), 1, NOW).is_none());
    let later = NOW.plus(2 * FORGET_DELAY);
    refuse(&mut contents, 7, 7, later);
    assert_eq!((contents.refused.len(), contents.contents.len()), (1, 1));
}

#[test]
fn only_what_may_be_the_messages_own_fault_is_shared() {
    use Class::{BadRequest, Credential, QuotaExceeded, Throttled, Unavailable};
    for (class, scope, shared) in [
        (Credential, Scope::Message, true),
        (QuotaExceeded, Scope::Message, true),
        (BadRequest, Scope::Message, true),
        (Credential, Scope::Unsaid, true),
        (Credential, Scope::Credential, false),
        (Credential, Scope::Token, true),
        (Throttled, Scope::Token, false),
        (QuotaExceeded, Scope::MessageClass, false),
        (QuotaExceeded, Scope::Unsaid, false),
        (Throttled, Scope::Unsaid, false),
        (Unavailable, Scope::Message, false),
    ] {
        let verdict = Verdict::refused(class, "x", "").scope(scope);
        assert_eq!(is_of_content(&verdict), shared, "{class:?} {scope:?}");
    }
}

#[test]
fn the_same_words_are_one_content_however_long_they_live() {
    let delivery = |body: &str, until| {
        let mut content = crate::model::Content::default();
        content.message.body = Some(body.to_owned());
        content.message.lifetime = Lifetime::Until(Timestamp(until));
        Delivery {
            id: id(0),
            channel: CertificateId(1),
            recipient: Recipient::default(),
            content: Arc::new(content),
            attempts: 0,
        }
    };
    assert_eq!(content_of(&delivery("a", 1)), content_of(&delivery("a", 2)));
    assert_ne!(content_of(&delivery("a", 1)), content_of(&delivery("b", 1)));
}
