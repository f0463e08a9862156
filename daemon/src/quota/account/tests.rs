use std::sync::Arc;

use nudged_plugin_api::Class;
use nudged_plugin_api::frame::from_bytes;

use super::*;
use crate::quota::{Ledger, Reservation, VendorClock, count};

const HOUR: u64 = 3_600_000;
/// Noon on the vendor's clock.
const NOW: Timestamp = Timestamp(12 * HOUR);
const CHANNEL: CertificateId = CertificateId(7);

fn limits(daily: Option<DailyLimit>) -> ClassLimits {
    ClassLimits {
        class: "news".to_owned(),
        daily,
        ..ClassLimits::default()
    }
}

fn account(daily: Option<DailyLimit>) -> Arc<Account> {
    let account = Account::new(CHANNEL, "news".to_owned(), UsageRecord::default(), NOW);
    account.set_limits("vivo", limits(daily));
    Arc::new(account)
}

/// Ends with so many of the reservation's devices accepted; what is warned of.
fn settle(reservation: Reservation, accepted: u64, now: Timestamp) -> Option<Warning> {
    reservation.accept(accepted);
    let account = reservation.account().clone();
    account.accepted(accepted, now, |_| None)
}

/// Room for something that can wait.
fn take(
    account: &Arc<Account>,
    devices: usize,
    now: Timestamp,
) -> Result<Reservation, ClassClosed> {
    account.take(devices, Timestamp(u64::MAX), now)
}

fn closed(account: &Arc<Account>, now: Timestamp) -> ClassClosed {
    take(account, 1, now).expect_err("closed")
}

#[test]
fn what_is_in_flight_counts_until_it_is_settled_and_what_failed_comes_back() {
    let daily = DailyLimit::Channel(10);
    let account = account(Some(daily));
    let first = take(&account, 7, NOW).expect("room");
    assert_eq!(first.devices(), 7);
    let second = take(&account, 7, NOW).expect("room");
    assert_eq!(second.devices(), 3);
    let awaited = ClassClosed::Awaited {
        daily,
        until: NOW.plus(RECHECK_DELAY),
    };
    assert_eq!(closed(&account, NOW), awaited);

    settle(first, 5, NOW);
    let status = account.status(None, NOW);
    assert_eq!((status.used, status.in_flight), (5, 3));
    let third = take(&account, 7, NOW).expect("room");
    assert_eq!(third.devices(), 2);
    drop(third);
    settle(second, 3, NOW);
    settle(take(&account, 2, NOW).expect("room"), 2, NOW);

    let until = Timestamp(24 * HOUR);
    assert_eq!(closed(&account, NOW), ClassClosed::UsedUp { daily, until });
    assert_eq!(take(&account, 7, until).map(|it| it.devices()), Ok(7));
    assert_eq!(account.status(None, until).used, 0);
}

#[test]
fn a_class_without_a_number_and_an_estimate_hold_nothing() {
    let estimate = DailyLimit::Estimate {
        per_user: 1,
        least: 1,
    };
    for daily in [None, Some(estimate)] {
        let account = account(daily);
        settle(take(&account, 500, NOW).expect("room"), 500, NOW);
        assert_eq!(take(&account, 500, NOW).map(|it| it.devices()), Ok(500));
        assert_eq!(account.status(Some(1), NOW).used, 500);
    }
}

#[test]
fn each_level_is_told_once_a_day() {
    let account = account(Some(DailyLimit::Channel(100)));
    let mut warned_level = Vec::new();
    for now in [NOW, NOW.plus_millis(24 * HOUR)] {
        while let Ok(reservation) = take(&account, 1, now) {
            let warning = settle(reservation, 1, now);
            warned_level.extend(warning.map(|it| (it.used, it.level)));
        }
    }
    let day = [
        (80, UsageLevel::Low),
        (95, UsageLevel::NearlyUsedUp),
        (100, UsageLevel::UsedUp),
    ];
    assert_eq!(warned_level, [day, day].concat());
}

#[test]
fn an_estimate_goes_by_the_devices_that_are_counted() {
    let account = account(Some(DailyLimit::Estimate {
        per_user: 2,
        least: 10,
    }));
    let warned_level = |counted: Option<u64>| {
        let reservation = take(&account, 10, NOW).expect("room");
        reservation.accept(10);
        let warning = account.accepted(10, NOW, |_| counted);
        warning.map(|it| (it.quota, it.level, it.binding))
    };
    assert_eq!(warned_level(None), None);
    assert_eq!(warned_level(Some(100)), None);
    assert_eq!(
        warned_level(Some(15)),
        Some((30, UsageLevel::UsedUp, false))
    );
}

#[test]
fn the_forecast_is_the_pace_of_the_last_hour_within_the_day() {
    let account = account(Some(DailyLimit::Channel(100)));
    settle(take(&account, 50, NOW).expect("room"), 50, NOW);
    let later = NOW.plus_millis(HOUR / 2);
    let status = account.status(None, later);
    assert_eq!(status.forecast, Some(later.plus_millis(HOUR / 2)));
    let evening = NOW.plus_millis(11 * HOUR);
    settle(take(&account, 1, evening).expect("room"), 1, evening);
    assert_eq!(account.status(None, evening).forecast, None);
}

#[test]
fn what_the_vendor_refuses_is_closed_until_its_time() {
    let account = account(None);
    let refusal = |until| VendorRefusal {
        until: Timestamp(until),
        code: "10070".to_owned(),
        ..VendorRefusal::default()
    };
    let (soon, late) = (NOW.0 + 1_000, NOW.0 + 2_000);
    assert!(account.refuse(refusal(late), NOW));
    // An answer to what went out before does not shorten it.
    assert!(!account.refuse(refusal(soon), NOW));
    let found = closed(&account, NOW);
    assert_eq!(found, ClassClosed::Refused(refusal(late)));
    assert!(found.is_vendors_time());
    assert!(take(&account, 1, Timestamp(late)).is_ok());
    assert!(account.refuse(refusal(late + 1), Timestamp(late)));
}

/// A class that the vendor refused until a second from `NOW`.
fn refused() -> (Arc<Account>, Timestamp) {
    let account = account(None);
    let until = NOW.plus_seconds(1);
    account.refuse(refusal_until(until), NOW);
    (account, until)
}

fn refusal_until(until: Timestamp) -> VendorRefusal {
    VendorRefusal {
        until,
        code: "10070".to_owned(),
        class: Class::QuotaExceeded,
        ..VendorRefusal::default()
    }
}

/// Whether one that can wait goes at once.
fn goes(account: &Arc<Account>, now: Timestamp) -> bool {
    take(account, 1, now).is_ok()
}

#[test]
fn after_a_refusal_one_goes_first_and_the_rest_once_it_got_through() {
    let (account, then) = refused();
    let probe = take(&account, 3, then).expect("the first");
    assert_eq!(probe.devices(), 3);
    let later = then.plus_seconds(1);
    let until = then.plus(RECHECK_DELAY);
    let refusal = refusal_until(then);
    let waits = ClassClosed::Probed { refusal, until };
    assert_eq!(closed(&account, later), waits);
    assert!(!waits.is_vendors_time() && waits.ends().is_none());
    assert_eq!(account.status(None, later).closed, Some(waits));

    assert!(probe.got_through(), "that is news");
    assert!(!probe.got_through());

    // Two at once, as there is nothing to find out any more.
    let both = [take(&account, 1, later), take(&account, 1, later)];
    assert!(both.iter().all(Result::is_ok));
    assert!(!account.is_refused());
}

#[test]
fn what_is_tried_first_and_refused_has_the_rest_wait_on() {
    let (account, then) = refused();
    let probe = take(&account, 1, then).expect("the first");
    let next = then.plus_seconds(60);
    assert!(account.refuse(refusal_until(next), then), "that is news");
    drop(probe);
    assert_eq!(closed(&account, then).until(), next);
    let probe = take(&account, 1, next).expect("the first again");
    assert!(!goes(&account, next));
    drop(probe);
}

#[test]
fn what_is_tried_first_and_lost_leaves_its_place_to_the_next() {
    let (account, then) = refused();
    for _ in 0..3 {
        let probe = take(&account, 1, then).expect("one");
        assert!(!goes(&account, then));
        drop(probe);
    }
    // An answer that comes late says nothing of the one that is in flight by now.
    let late = take(&account, 1, then).expect("one");
    account.release(0, Some(then));
    let probe = take(&account, 1, then.plus_millis(1)).expect("the next");
    assert!(!late.got_through());
    drop(late);
    assert!(!goes(&account, then.plus_millis(1)));
    assert!(probe.got_through());
}

#[test]
fn what_cannot_wait_for_the_one_that_is_tried_first_goes_beside_it() {
    let (account, then) = refused();
    let _probe = take(&account, 1, then).expect("the first");
    let until = then.plus(RECHECK_DELAY);
    for (over_at, goes) in [
        (Timestamp(0), true),
        (until, true),
        (until.plus_millis(1), false),
    ] {
        assert_eq!(account.take(1, over_at, then).is_ok(), goes, "{over_at:?}");
    }
    // While the vendor's own time lasts nothing does.
    account.refuse(refusal_until(until), then);
    assert!(account.take(1, Timestamp(0), then).is_err());
}

#[test]
fn the_operators_release_lets_all_of_a_class_go_and_a_flush_only_one() {
    let (account, _) = refused();
    assert!(account.reopen(NOW).is_some());
    assert!(goes(&account, NOW));
    let both = [take(&account, 1, NOW), take(&account, 1, NOW)];
    assert!(both.iter().all(Result::is_ok));

    for ours in [false, true] {
        let (account, until) = refused();
        let refusal = VendorRefusal {
            ours,
            until: until.plus_millis(1),
            ..refusal_until(until)
        };
        account.refuse(refusal, NOW);
        account.retry_now();
        let probe = take(&account, 1, NOW);
        assert_eq!(probe.is_ok(), ours);
        assert!(!goes(&account, NOW));
    }
}

#[test]
fn it_is_looked_ever_more_seldom_for_one_that_takes_its_time() {
    let (account, then) = refused();
    let _probe = take(&account, 1, then).expect("the first");
    let mut now = then;
    let mut looks = Vec::new();
    while now < then.plus_seconds(60) {
        now = closed(&account, now).until();
        looks.push(now.millis_after(then) / 1000);
    }
    assert_eq!(looks, [5, 10, 20, 40, 80]);
    // Of a clock that was set back since.
    let back = Timestamp(then.0 - HOUR);
    let (early, _) = refused();
    let _probe = take(&early, 1, then).expect("the first");
    early.state().usage.refusal = Some(refusal_until(Timestamp(0)));
    assert_eq!(closed(&early, back).until(), back.plus(RECHECK_DELAY));
}

#[test]
fn a_class_without_terms_is_refused_on_after_a_restart() {
    let ledger = Ledger::default();
    let account = ledger.of_class(CHANNEL, "ios", "voip");
    account.refuse(refusal_until(Timestamp(u64::MAX)), NOW);
    ledger.of_class(CHANNEL, "ios", "quiet");
    let agreed = ledger.set_limits(CHANNEL, "ios", &[limits(None)]);
    let mut classes: Vec<_> = agreed.keys().map(String::as_str).collect();
    classes.sort_unstable();
    assert_eq!(classes, ["news", "voip"]);
}

#[test]
fn a_refusal_that_lies_years_ahead_ends_within_a_day_and_at_the_operators_word() {
    let never = VendorRefusal {
        until: Timestamp(u64::MAX),
        ..VendorRefusal::default()
    };
    let usage = UsageRecord {
        refusal: Some(never),
        ..UsageRecord::default()
    };
    let day = NOW.plus(MAX_WAIT);
    let account = Arc::new(Account::new(CHANNEL, "news".to_owned(), usage, NOW));
    assert_eq!(closed(&account, NOW).until(), day);
    assert!(take(&account, 1, day).is_ok());

    let refusal = VendorRefusal {
        until: day,
        ..VendorRefusal::default()
    };
    account.refuse(refusal.clone(), NOW);
    assert_eq!(account.reopen(NOW), Some(refusal));
    assert!(take(&account, 1, NOW).is_ok());
    assert_eq!(account.reopen(NOW), None);
}

#[test]
fn numbers_at_their_ends_and_days_of_another_clock_break_nothing() {
    let usage = UsageRecord {
        day: i64::MAX,
        used: u64::MAX,
        ..UsageRecord::default()
    };
    let account = Arc::new(Account::new(CHANNEL, "news".to_owned(), usage, NOW));
    account.set_limits("vivo", limits(Some(DailyLimit::Channel(10))));
    assert_eq!(take(&account, 20, NOW).map(|it| it.devices()), Ok(10));
    let usage = UsageRecord {
        used: u64::MAX,
        ..UsageRecord::default()
    };
    let account = Arc::new(Account::new(CHANNEL, "news".to_owned(), usage, NOW));
    let reservation = take(&account, 20, NOW).expect("no number");
    settle(reservation, 20, NOW);
    assert_eq!(account.status(None, NOW).used, u64::MAX);
    // An hour back over midnight is no other clock.
    let midnight = NOW.plus_millis(12 * HOUR);
    account.status(None, midnight);
    settle(take(&account, 5, midnight).expect("no number"), 5, midnight);
    assert_eq!(account.status(None, NOW).used, 5);
}

#[test]
fn outside_its_hours_a_class_waits_or_ends_as_the_channel_says() {
    let account = account(None);
    let hours = SendingHours::read("13:00-14:00", VendorClock::default()).expect("hours");
    for (outside, ends) in [
        (OutsideHours::Hold, None),
        (OutsideHours::Drop, Some(crate::model::Reason::OutsideHours)),
    ] {
        account.set_limits(
            "vivo",
            ClassLimits {
                hours: Some(hours),
                outside,
                ..limits(None)
            },
        );
        let found = closed(&account, NOW);
        assert_eq!((found.until(), found.ends()), (Timestamp(13 * HOUR), ends));
        assert!(!found.is_vendors_time());
        assert!(take(&account, 1, Timestamp(13 * HOUR)).is_ok());
    }
}

#[test]
fn a_number_that_was_raised_is_told_of_anew() {
    let account = account(Some(DailyLimit::Channel(10)));
    settle(take(&account, 8, NOW).expect("room"), 8, NOW);
    account.set_limits("vivo", limits(Some(DailyLimit::Channel(20))));
    let reservation = take(&account, 8, NOW).expect("room");
    let warning = settle(reservation, 8, NOW).expect("told");
    assert_eq!((warning.used, warning.quota), (16, 20));
}

#[test]
fn what_is_written_is_all_that_is_needed_after_a_restart() {
    let account = account(Some(DailyLimit::Channel(10)));
    settle(take(&account, 9, NOW).expect("room"), 9, NOW);
    account.refuse(
        VendorRefusal {
            until: NOW.plus_millis(5),
            ..VendorRefusal::default()
        },
        NOW,
    );
    let record = account.record();
    assert_eq!(record.key, [&[0, 0, 0, 7], &b"news"[..]].concat());
    let usage: UsageRecord = from_bytes(&record.value.expect("a record")).expect("readable");
    let after = Arc::new(Account::new(CHANNEL, "news".to_owned(), usage, NOW));
    after.set_limits("vivo", limits(Some(DailyLimit::Channel(10))));
    assert_eq!(after.refusal(NOW), account.refusal(NOW));
    let later = NOW.plus_millis(5);
    let last = take(&after, 5, later).expect("room");
    assert_eq!(last.devices(), 1);
    // 80 % was told before the restart, and 100 % is told now.
    assert_eq!(
        settle(last, 1, later).map(|it| it.level),
        Some(UsageLevel::UsedUp)
    );
}

#[test]
fn settlements_of_a_batch_are_counted_together() {
    let ledger = Ledger::default();
    let accounts = ledger.set_limits(CHANNEL, "vivo", &[limits(Some(DailyLimit::Channel(10)))]);
    let account = &accounts["news"];
    let now = crate::clock::now();
    let batch = Arc::new(take(account, 4, now).expect("room"));
    let alone = Arc::new(take(account, 1, now).expect("room"));
    let note = Arc::new(ledger.channel_account(CHANNEL).note());
    let reservations = [
        (&batch, true),
        (&alone, true),
        (&batch, false),
        (&batch, true),
        (&note, false),
    ];
    let changed = count(reservations, now, |_| None);
    assert_eq!(changed.len(), 2);
    let status = || {
        let status = ledger.status(CHANNEL, "news", None, now);
        status.map(|it| (it.used, it.in_flight))
    };
    assert_eq!(status(), Some((3, 2)));
    drop((batch, alone));
    assert_eq!(status(), Some((3, 0)));
}
