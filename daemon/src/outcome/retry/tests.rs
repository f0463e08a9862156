use proptest::prelude::*;

use super::*;
use crate::outcome::ceiling::bounded;
use crate::outcome::ceiling::tests::any_number;
use crate::quota::VendorRefusal;

const NOW: Timestamp = Timestamp(1_000_000);
const BACKOFF: Backoff = Backoff::of_millis(1_000, 60_000, 3_600_000);
const CONTEXT: RetryContext = RetryContext {
    attempts: 0,
    expires_at: Timestamp(NOW.0 + 86_400_000),
    now_or_never: false,
    jitter: 1000,
    holds: 0,
};

fn verdict(class: Class, retry_after: Option<u64>) -> Verdict {
    let scope = match class {
        Class::Credential => Scope::Credential,
        _ => Scope::Unsaid,
    };
    Verdict::refused(class, "Code", "Do something")
        .retry_after_millis(retry_after)
        .scope(scope)
}

fn retry(wait: u64, counts: bool, hold: Option<u64>) -> Decision {
    Decision::Retry {
        at: NOW.plus_millis(wait),
        counts,
        hold: hold.map(|wait| NOW.plus_millis(wait)),
        asked: None,
    }
}

fn asked_to(wait: u64, counts: bool, hold: Option<u64>, asked: u64) -> Decision {
    match retry(wait, counts, hold) {
        Decision::Retry {
            at, counts, hold, ..
        } => Decision::Retry {
            at,
            counts,
            hold,
            asked: Some(NOW.plus_millis(asked)),
        },
        ended => ended,
    }
}

#[test]
fn every_class_of_verdict_has_its_consequence() {
    let end = Decision::End;
    let table = [
        (Class::Accepted, None, end(OutcomeKind::Accepted)),
        (Class::InvalidToken, None, end(OutcomeKind::InvalidToken)),
        (Class::BadRequest, None, end(OutcomeKind::Rejected)),
        (Class::DeviceOff, None, end(OutcomeKind::Rejected)),
        (Class::GrantExpired, None, retry(0, false, None)),
        (Class::Credential, None, retry(0, false, Some(60_000))),
        (
            Class::Credential,
            Some(90_000),
            asked_to(0, false, Some(90_000), 90_000),
        ),
        (Class::Throttled, None, retry(1_000, true, Some(1_000))),
        (
            Class::Throttled,
            Some(7_000),
            asked_to(7_000, true, Some(7_000), 7_000),
        ),
        (
            Class::ThrottledDevice,
            Some(7_000),
            asked_to(7_000, true, None, 7_000),
        ),
        (
            Class::QuotaExceeded,
            None,
            retry(3_600_000, false, Some(3_600_000)),
        ),
        (
            Class::QuotaExceeded,
            Some(9_000),
            asked_to(9_000, false, Some(9_000), 9_000),
        ),
        (Class::Unavailable, None, retry(1_000, true, None)),
        (Class::Unavailable, Some(0), asked_to(0, true, None, 0)),
        (
            Class::Unavailable,
            Some(30_000),
            asked_to(30_000, true, None, 30_000),
        ),
    ];
    for (class, asked, expected) in table {
        assert_eq!(
            decide(&verdict(class, asked), CONTEXT, BACKOFF, NOW),
            expected,
            "{class:?} {asked:?}"
        );
    }
}

#[test]
fn a_vendors_wait_below_the_ceiling_is_never_undercut() {
    for attempts in 0..70 {
        for jitter in [0, 500, 1000] {
            for asked in [1, 500, 5_000, 700_000] {
                for class in [Class::Throttled, Class::ThrottledDevice, Class::Unavailable] {
                    let context = RetryContext {
                        attempts,
                        jitter,
                        ..CONTEXT
                    };
                    let decision = decide(&verdict(class, Some(asked)), context, BACKOFF, NOW);
                    let Decision::Retry { at, .. } = decision else {
                        panic!("{decision:?}")
                    };
                    assert!(at >= NOW.plus_millis(asked), "{class:?} {attempts} {asked}");
                }
            }
        }
    }
}

#[test]
fn no_attempt_is_made_after_the_expiry() {
    let context = RetryContext {
        expires_at: NOW.plus_millis(1_000),
        ..CONTEXT
    };
    let decision = decide(&verdict(Class::Unavailable, None), context, BACKOFF, NOW);
    assert_eq!(decision, Decision::End(OutcomeKind::Expired));
    let decision = decide_no_response(NoResponse::MaybeSeen, context, BACKOFF, NOW);
    assert_eq!(decision, Decision::End(OutcomeKind::Expired));
}

#[test]
fn now_or_never_is_one_attempt_that_the_vendor_may_have_seen() {
    let context = RetryContext {
        now_or_never: true,
        ..CONTEXT
    };
    for class in [Class::Unavailable, Class::Throttled, Class::Credential] {
        let decision = decide(&verdict(class, None), context, BACKOFF, NOW);
        assert_eq!(decision, Decision::End(OutcomeKind::Expired));
    }
    assert_eq!(
        decide_no_response(NoResponse::MaybeSeen, context, BACKOFF, NOW),
        Decision::End(OutcomeKind::Expired)
    );
    assert_eq!(
        decide_no_response(NoResponse::Unseen, context, BACKOFF, NOW),
        retry(1_000, false, None)
    );
}

#[test]
fn a_driver_that_always_fails_on_a_delivery_ends_it() {
    let failing = |attempts| {
        decide_driver_failure(
            RetryContext {
                attempts,
                ..CONTEXT
            },
            BACKOFF,
            NOW,
        )
    };
    assert_eq!(failing(0), retry(1_000, true, None));
    assert_eq!(failing(4), Decision::End(OutcomeKind::Failed));
}

#[test]
fn a_hold_is_waited_out_unless_the_expiry_comes_first() {
    let until = NOW.plus_millis(5_000);
    assert_eq!(decide_hold(CONTEXT, until), retry(5_000, false, None));
    let over = Decision::End(OutcomeKind::Expired);
    let short = RetryContext {
        expires_at: until,
        ..CONTEXT
    };
    assert_eq!(decide_hold(short, until), over);
    let once = RetryContext {
        now_or_never: true,
        ..CONTEXT
    };
    assert_eq!(decide_hold(once, until), over);
}

#[test]
fn a_closed_class_is_waited_for_and_nobody_undercuts_the_vendors_time() {
    let refusal = |ours| VendorRefusal {
        until: NOW.plus_millis(5_000),
        code: "10070".to_owned(),
        text: String::new(),
        remedy: String::new(),
        ours,
        class: Class::QuotaExceeded,
    };
    let closed = |ours| decide_closed(CONTEXT, &ClassClosed::Refused(refusal(ours)));
    assert_eq!(closed(false), asked_to(5_000, false, None, 5_000));
    assert_eq!(closed(true), retry(5_000, false, None));
    let short = RetryContext {
        expires_at: NOW.plus_millis(5_000),
        ..CONTEXT
    };
    let over = decide_closed(short, &ClassClosed::Refused(refusal(false)));
    assert_eq!(over, Decision::End(OutcomeKind::Expired));
}

#[test]
fn what_the_vendor_refused_to_look_at_is_due_at_once_but_once_is_once() {
    let refused = |context| decide_no_response(NoResponse::Refused, context, BACKOFF, NOW);
    assert_eq!(refused(CONTEXT), retry(0, false, None));
    let once = RetryContext {
        now_or_never: true,
        ..CONTEXT
    };
    assert_eq!(refused(once), retry(1_000, false, None));
}

#[test]
fn a_verdict_holds_the_channel_whatever_becomes_of_its_delivery() {
    let over = RetryContext {
        expires_at: NOW,
        ..CONTEXT
    };
    let once = RetryContext {
        now_or_never: true,
        ..CONTEXT
    };
    let table = [
        (Class::Accepted, None, None),
        (Class::InvalidToken, None, None),
        (Class::BadRequest, None, None),
        (Class::DeviceOff, None, None),
        // The grants and the breaker see to it.
        (Class::GrantExpired, Some(7_000), None),
        (Class::Unavailable, Some(7_000), None),
        // It is the fault of one device.
        (Class::ThrottledDevice, Some(7_000), None),
        (Class::Credential, None, Some(60_000)),
        (Class::Credential, Some(7_000), Some(60_000)),
        (Class::Credential, Some(90_000), Some(90_000)),
        (Class::Throttled, None, Some(1_000)),
        (Class::Throttled, Some(7_000), Some(7_000)),
        (Class::QuotaExceeded, None, Some(3_600_000)),
        (Class::QuotaExceeded, Some(9_000), Some(9_000)),
    ];
    for (class, asked, expected) in table {
        let expected = expected.map(|wait| NOW.plus_millis(wait));
        for context in [CONTEXT, over, once] {
            let verdict = verdict(class, asked);
            let hold = decide_channel(&verdict, context, BACKOFF, NOW);
            assert_eq!(hold, expected, "{class:?} {asked:?} {context:?}");
            if let Decision::Retry { hold, .. } = decide(&verdict, context, BACKOFF, NOW) {
                assert_eq!(hold, expected, "{class:?} {asked:?} {context:?}");
            }
        }
    }
}

#[test]
fn the_smallest_thing_that_a_verdict_speaks_of_is_what_waits() {
    use Class::{Credential, QuotaExceeded, Throttled};
    const MINUTE: u64 = 60_000;
    const HOUR: u64 = 3_600_000;
    // The class, its scope; the delivery's wait; how long the channel and the class are held.
    let table = [
        (Credential, Scope::Unsaid, 2_000, None, None),
        (Credential, Scope::Message, 1_000, None, None),
        (Credential, Scope::Token, 1_000, None, None),
        (Credential, Scope::MessageClass, MINUTE, None, Some(MINUTE)),
        (Credential, Scope::Account, 0, Some(MINUTE), None),
        (Credential, Scope::Credential, 0, Some(MINUTE), None),
        (Throttled, Scope::Unsaid, 1_000, Some(1_000), None),
        (Throttled, Scope::Message, 1_000, None, None),
        (Throttled, Scope::Token, 1_000, None, None),
        (Throttled, Scope::MessageClass, 1_000, None, Some(1_000)),
        (Throttled, Scope::Account, 1_000, Some(1_000), None),
        (QuotaExceeded, Scope::Unsaid, HOUR, Some(HOUR), None),
        (QuotaExceeded, Scope::Message, HOUR, None, None),
        (QuotaExceeded, Scope::Token, HOUR, None, None),
        (QuotaExceeded, Scope::MessageClass, HOUR, None, Some(HOUR)),
        (QuotaExceeded, Scope::Account, HOUR, Some(HOUR), None),
    ];
    for (class, scope, wait, channel, of_class) in table {
        let verdict = verdict(class, None).scope(scope);
        let until = |wait: Option<u64>| wait.map(|wait| NOW.plus_millis(wait));
        let case = format!("{class:?} {scope:?}");
        let Decision::Retry { at, hold, .. } = decide(&verdict, CONTEXT, BACKOFF, NOW) else {
            panic!("{case}");
        };
        assert_eq!(at, NOW.plus_millis(wait), "{case}");
        assert_eq!(hold, until(channel), "{case}");
        let held = decide_class(&verdict, CONTEXT, BACKOFF, NOW);
        assert_eq!(held, until(of_class), "{case}");
    }
}

#[test]
fn a_verdict_on_a_class_leaves_it_open_where_there_is_none() {
    let said = verdict(Class::Credential, None).scope(Scope::MessageClass);
    assert_eq!(effective_scope(&said, "voip"), Scope::MessageClass);
    assert_eq!(effective_scope(&said, ""), Scope::Unsaid);
    assert_eq!(effective_scope(&said.scope(Scope::Token), ""), Scope::Token);
}

#[test]
fn what_is_refused_on_suspicion_waits_longer_than_its_channel_is_held_for_it() {
    let verdict = verdict(Class::Credential, None).scope(Scope::Unsaid);
    for attempts in 0..20 {
        for holds in 0..70 {
            for jitter in [0, 1000] {
                let context = RetryContext {
                    attempts,
                    holds,
                    jitter,
                    ..CONTEXT
                };
                let hold = suspicion_wait(holds, BACKOFF);
                assert!((1..=60_000).contains(&hold.as_millis()), "{hold:?}");
                let Decision::Retry { at, counts, .. } = decide(&verdict, context, BACKOFF, NOW)
                else {
                    panic!("it waits");
                };
                assert!(counts && at > NOW.plus(hold), "{attempts} {holds}");
            }
        }
    }
}

fn any_class() -> impl Strategy<Value = Class> {
    prop::sample::select(vec![
        Class::Accepted,
        Class::InvalidToken,
        Class::Credential,
        Class::GrantExpired,
        Class::BadRequest,
        Class::Throttled,
        Class::ThrottledDevice,
        Class::DeviceOff,
        Class::QuotaExceeded,
        Class::Unavailable,
    ])
}

proptest! {
    #[test]
    fn no_number_of_a_vendor_makes_anything_wait_beyond_the_ceiling(
        class in any_class(),
        wait in any_number(),
        dead in any_number(),
        attempts in any::<u32>(),
        jitter in any::<u16>(),
        now in 0..=i64::MAX as u64,
    ) {
        let now = Timestamp(now);
        let raw = Verdict::refused(class, "x", "y")
            .retry_after_millis(Some(wait))
            .dead_since(Some(Timestamp(dead)));
        let context = RetryContext {
            attempts,
            expires_at: Timestamp(u64::MAX),
            now_or_never: false,
            jitter,
            holds: attempts,
        };
        let max = now.plus(ceiling(class, BACKOFF).max(BACKOFF.max()));
        for verdict in [raw.clone(), bounded(raw, BACKOFF, now)] {
            if let Decision::Retry { at, hold, asked, .. } = decide(&verdict, context, BACKOFF, now) {
                prop_assert!(at <= max);
                prop_assert!(hold.is_none_or(|hold| hold <= max));
                prop_assert!(asked.is_none_or(|asked| asked <= max));
            }
            let hold = decide_channel(&verdict, context, BACKOFF, now);
            prop_assert!(hold.is_none_or(|hold| hold <= max));
        }
    }
}
