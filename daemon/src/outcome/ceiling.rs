//! Ceilings for what comes from outside: what a vendor or a driver says is data, and one absurd
//! number in it must not hold a channel for years, nor have a vendor asked without a pause. Pure; is
//! told the time.
//!
//! In: verdicts and grants as a driver gives them. Out: the same, within reason.

use std::time::Duration;

use nudged_plugin_api::text::clip;
use nudged_plugin_api::{Class, Grant, Timestamp, Verdict};

use super::backoff::Backoff;
use crate::model::{MAX_WAIT, TimestampExt};

/// A grant is not believed to live longer: it is fetched anew each day at least.
pub const MAX_GRANT_LIFETIME: Duration = Duration::from_secs(86_400);
/// How long it is waited for a vendor that wants no new grant yet.
const MAX_GRANT_WAIT: Duration = Duration::from_secs(3_600);
/// A grant that is said to live shorter, or to be over, is taken for one of this lifetime: else the
/// next is fetched without a pause. The vendor refuses it if it is over.
const MIN_GRANT_LIFETIME: Duration = Duration::from_secs(10);
/// A grant is not renewed earlier than this, nor than in half of its life.
const MIN_GRANT_AGE: Duration = Duration::from_secs(60);

/// How long a wait may be that a verdict of this class asks for. A day's quota, of the account or of
/// one device, comes back with the day: asked for each hour, it would only be refused.
pub fn ceiling(class: Class, backoff: Backoff) -> Duration {
    match class {
        Class::QuotaExceeded | Class::ThrottledDevice => backoff.max_hold().max(MAX_WAIT),
        _ => backoff.max_hold(),
    }
}

/// A verdict whose wait, moment and texts are within reason. Where its wait was not, its text
/// says so.
pub fn bounded(mut verdict: Verdict, backoff: Backoff, now: Timestamp) -> Verdict {
    verdict.code = clip(verdict.code);
    verdict.text = clip(verdict.text);
    verdict.remedy = clip(verdict.remedy);
    verdict.vendor_id = verdict.vendor_id.map(clip);
    // A token that is reported from now on is younger than any death that is known.
    verdict.dead_since = verdict.dead_since.map(|moment| moment.min(now));
    let max = ceiling(verdict.class, backoff);
    let asked = verdict.retry_after_millis.map(Duration::from_millis);
    if let Some(asked) = asked.filter(|asked| *asked > max) {
        verdict.retry_after_millis = Some(max.as_millis() as u64);
        let cut = format!(
            "the vendor asked for {}; nudged waits {} and then tries one",
            largest_unit(asked),
            largest_unit(max)
        );
        verdict.text = match verdict.text.is_empty() {
            true => cut,
            false => format!("{}; {cut}", verdict.text),
        };
    }
    verdict
}

/// A grant whose moments are within reason: it lives at least a few seconds and at most a day,
/// is renewed within its life, and is not waited for longer than an hour.
pub fn bounded_grant(mut grant: Grant, now: Timestamp) -> Grant {
    let life = grant
        .expires_at
        .since(now)
        .clamp(MIN_GRANT_LIFETIME, MAX_GRANT_LIFETIME);
    grant.expires_at = now.plus(life);
    let soonest = now.plus((life / 2).min(MIN_GRANT_AGE));
    grant.refresh_at = grant.refresh_at.clamp(soonest, grant.expires_at);
    grant.issued_at = grant.issued_at.min(now);
    grant.not_again_before = grant.not_again_before.min(now.plus(MAX_GRANT_WAIT));
    grant
}

/// A length of time for people, in its largest unit.
fn largest_unit(span: Duration) -> String {
    let seconds = span.as_millis().div_ceil(1000);
    match seconds {
        172_800.. => format!("{} days", seconds / 86_400),
        3_600.. => format!("{} h", seconds / 3_600),
        120.. => format!("{} min", seconds / 60),
        _ => format!("{seconds} s"),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Timestamp = Timestamp(1_767_000_000_000);
    const BACKOFF: Backoff = Backoff::of_millis(1_000, 600_000, HOUR);
    const HOUR: u64 = 3_600_000;
    const A_DAY: u64 = 24 * HOUR;

    fn asking(class: Class, millis: u64) -> Verdict {
        let verdict = Verdict::refused(class, "429", "wait");
        bounded(verdict.retry_after_millis(Some(millis)), BACKOFF, NOW)
    }

    #[test]
    fn a_wait_beyond_the_ceiling_is_cut_and_shown_and_others_are_kept() {
        let ten_years = asking(Class::Throttled, 315_360_000_000);
        assert_eq!(ten_years.retry_after_millis, Some(HOUR));
        let text = "the vendor asked for 3650 days; nudged waits 1 h and then tries one";
        assert_eq!(ten_years.text, text);
        for kept in [0, 1, 5_000, HOUR] {
            let verdict = asking(Class::Throttled, kept);
            assert_eq!(verdict.retry_after_millis, Some(kept));
            assert_eq!(verdict.text, "");
        }
        let midnight = asking(Class::QuotaExceeded, 9 * HOUR);
        assert_eq!(midnight.retry_after_millis, Some(9 * HOUR));
        for class in [Class::QuotaExceeded, Class::ThrottledDevice] {
            assert_eq!(asking(class, u64::MAX).retry_after_millis, Some(A_DAY));
        }
    }

    #[test]
    fn a_token_does_not_die_in_the_future() {
        let verdict = Verdict::refused(Class::InvalidToken, "410", "");
        let dead_since = |moment| bounded(verdict.clone().dead_since(Some(moment)), BACKOFF, NOW);
        let future = dead_since(Timestamp(u64::MAX));
        assert_eq!(future.dead_since, Some(NOW));
        assert_eq!(dead_since(Timestamp(5)).dead_since, Some(Timestamp(5)));
    }

    #[test]
    fn texts_are_cut_where_nobody_reads_on() {
        let mut verdict = Verdict::accepted(Some("x".repeat(5_000)));
        verdict.code = "c".repeat(5_000);
        verdict.text = "t".repeat(5_000);
        verdict.remedy = "r".repeat(5_000);
        let verdict = bounded(verdict, BACKOFF, NOW);
        let id = verdict.vendor_id.unwrap();
        for text in [id, verdict.code, verdict.text, verdict.remedy] {
            assert!(text.len() <= 1_024, "{}", text.len());
        }
    }

    #[test]
    fn lengths_of_time_are_given_in_their_largest_unit() {
        for (millis, text) in [
            (1, "1 s"),
            (119_000, "119 s"),
            (600_000, "10 min"),
            (HOUR, "1 h"),
            (A_DAY, "24 h"),
            (3 * A_DAY, "3 days"),
        ] {
            assert_eq!(largest_unit(Duration::from_millis(millis)), text);
        }
    }

    /// Numbers of every size, and those at the ends.
    pub(in crate::outcome) fn any_number() -> impl Strategy<Value = u64> {
        prop_oneof![
            Just(0),
            Just(1),
            Just(u64::MAX),
            Just(u64::MAX - 1),
            Just(i64::MAX as u64),
            Just(i64::MAX as u64 + 1),
            any::<u64>(),
            any::<u32>().prop_map(u64::from),
        ]
    }

    proptest! {
        #[test]
        fn no_numbers_of_a_grant_make_it_useless_or_immortal(
            seconds in any_number(),
            refresh in any_number(),
            not_again in any_number(),
            now in 0..=i64::MAX as u64,
        ) {
            let now = Timestamp(now);
            let grant = Grant::new("g", now, seconds)
                .refresh_after(refresh)
                .not_again_for(not_again);
            let grant = bounded_grant(grant, now);
            let life = grant.expires_at.since(now);
            prop_assert!((MIN_GRANT_LIFETIME..=MAX_GRANT_LIFETIME).contains(&life));
            prop_assert!(grant.refresh_at > now && grant.refresh_at <= grant.expires_at);
            prop_assert!(grant.not_again_before <= now.plus(MAX_GRANT_WAIT));
        }
    }
}
