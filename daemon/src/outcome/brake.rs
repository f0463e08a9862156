//! The removal brake: a vendor that suddenly calls many tokens of a channel dead is more likely
//! wrong, or asked with the wrong account, than right. Pure; is told the time.
//!
//! In: dead tokens, the time and the number of devices. Out: whether a device may be removed.
//!
//! Two counts, each with a share of the devices and a least number of its own: a minute's, for the
//! vendor that goes wrong at once, and a day's, for the slow drip that empties a channel too. A device
//! that is kept for nothing costs one refused request each time; one that is removed by mistake gets
//! no push until its app starts. So it goes on by itself only when there was quiet for ten minutes, or
//! when the day is over.

use std::collections::VecDeque;
use std::time::Duration;

use nudged_plugin_api::Timestamp;

use crate::model::{BrakeLimits, TimestampExt};

/// Over this time, dead tokens are counted.
const WINDOW: Duration = Duration::from_secs(60);
/// Counts of the window are this fine.
const WINDOW_STEP: Duration = Duration::from_secs(1);
/// Over this time, removed devices are counted, and a slow brake stays on.
const DAY: Duration = Duration::from_secs(86_400);
/// Counts of the day, over which removed devices are counted, are this fine: a slow drip empties a
/// channel too.
const DAY_STEP: Duration = Duration::from_secs(900);
/// So long must the vendor be quiet before devices are removed again.
const RELEASE_DELAY: Duration = Duration::from_secs(600);

/// One channel's brake.
#[derive(Debug, Default)]
pub struct Brake {
    /// Dead tokens by the time at which they were called so.
    dead: VecDeque<(Timestamp, u64)>,
    /// Removed devices of the last day, and when.
    removed: VecDeque<(Timestamp, u64)>,
    engaged: Option<EngagedBrake>,
}

/// A channel whose devices are not removed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EngagedBrake {
    /// Since when.
    pub since: Timestamp,
    /// When the first device was removed of those that led here.
    pub first: Timestamp,
    /// Dead tokens so far, with those that led here.
    pub tokens: u64,
    /// The vendor's last reason.
    pub reason: String,
    /// Whether it was too many within a day, and not within a minute.
    pub slow: bool,
    /// When there were too many last.
    last: Timestamp,
}

/// What a dead token means for its device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BrakeDecision {
    /// It is removed.
    Remove,
    /// It stays, as those before it.
    Stay,
    /// It stays, and is the first that does.
    Engage,
}

/// Whether so many dead tokens in a minute are too many for a channel of so many devices.
pub fn too_many(dead: u64, devices: Option<u64>, limits: BrakeLimits) -> bool {
    if limits.share >= 100 || dead < limits.least.into() {
        return false;
    }
    // Until the devices are counted the number alone must do.
    devices.is_none_or(|devices| dead.saturating_mul(100) > devices.saturating_mul(limits.share))
}

impl Brake {
    /// A token was called dead; `devices` are those that are left, if that is known.
    pub fn dead(
        &mut self,
        now: Timestamp,
        devices: Option<u64>,
        limits: BrakeLimits,
        reason: impl FnOnce() -> String,
    ) -> BrakeDecision {
        self.forget(now);
        match self.dead.back_mut() {
            Some((at, count)) if now.since(*at) < WINDOW_STEP => *count += 1,
            _ => self.dead.push_back((now, 1)),
        }
        let dead = self.dead_in_window();
        // Those that are gone were part of what there was.
        let removed = if self.engaged.is_some() { 0 } else { dead - 1 };
        let over = too_many(dead, devices.map(|left| left + removed), limits);
        let gone: u64 = self.removed.iter().map(|it| it.1).sum();
        // Until the devices are counted nobody knows the share.
        let slow = !over
            && devices.is_some_and(|left| {
                let day = BrakeLimits {
                    share: limits.day_share,
                    least: limits.day_least,
                    ..limits
                };
                too_many(gone + 1, Some(left + gone), day)
            });
        match &mut self.engaged {
            Some(engaged) => {
                engaged.tokens += 1;
                engaged.reason = reason();
                if over {
                    engaged.last = now;
                }
                BrakeDecision::Stay
            }
            None if over || slow => {
                let counted = if slow { &self.removed } else { &self.dead };
                self.engaged = Some(EngagedBrake {
                    since: now,
                    first: counted.front().map_or(now, |it| it.0),
                    tokens: if slow { gone + 1 } else { dead },
                    slow,
                    reason: reason(),
                    last: now,
                });
                BrakeDecision::Engage
            }
            None => {
                match self.removed.back_mut() {
                    Some((at, count)) if now.since(*at) < DAY_STEP => *count += 1,
                    _ => self.removed.push_back((now, 1)),
                }
                BrakeDecision::Remove
            }
        }
    }

    /// Whether devices are not removed, and why.
    pub fn engaged(&self) -> Option<&EngagedBrake> {
        self.engaged.as_ref()
    }

    /// Goes on once there were not too many for long. Says whether it does so now.
    pub fn release_if_quiet(&mut self, now: Timestamp) -> bool {
        self.forget(now);
        // A day's count goes down by itself, as nothing is removed meanwhile.
        let is_quiet = |it: &EngagedBrake| match it.slow {
            true => now.since(it.since) >= DAY,
            false => now.since(it.last) >= RELEASE_DELAY,
        };
        let over = self.engaged.as_ref().is_some_and(is_quiet);
        if over {
            self.release();
        }
        over
    }

    /// Goes on, and counts from none. Says what it was engaged for.
    pub fn release(&mut self) -> Option<EngagedBrake> {
        self.dead.clear();
        self.removed.clear();
        self.engaged.take()
    }

    fn dead_in_window(&self) -> u64 {
        self.dead.iter().map(|it| it.1).sum()
    }

    fn forget(&mut self, now: Timestamp) {
        while let Some((at, _)) = self.dead.front()
            && now.since(*at) >= WINDOW
        {
            self.dead.pop_front();
        }
        while let Some((at, _)) = self.removed.front()
            && now.since(*at) >= DAY
        {
            self.removed.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: BrakeLimits = BrakeLimits {
        share: 5,
        least: 100,
        day_share: 25,
        day_least: 10,
    };
    const START: Timestamp = Timestamp(1_000_000_000);

    #[test]
    fn what_is_too_many() {
        let none = BrakeLimits {
            share: 100,
            ..LIMITS
        };
        let zero = BrakeLimits {
            share: 0,
            least: 1,
            ..LIMITS
        };
        for (dead, devices, limits, expected) in [
            (99, Some(0), LIMITS, false),
            (99, None, LIMITS, false),
            (100, None, LIMITS, true),
            (100, Some(100), LIMITS, true),
            (100, Some(1_999), LIMITS, true),
            (100, Some(2_000), LIMITS, false),
            (101, Some(2_000), LIMITS, true),
            (50_000, Some(1_000_000), LIMITS, false),
            (50_001, Some(1_000_000), LIMITS, true),
            (u64::MAX, Some(u64::MAX), LIMITS, false),
            (1_000_000, Some(10), none, false),
            (1_000_000, None, none, false),
            (1, Some(1_000_000), zero, true),
        ] {
            let case = format!("{dead} of {devices:?} with {limits:?}");
            assert_eq!(too_many(dead, devices, limits), expected, "{case}");
        }
    }

    /// So many dead tokens, `apart` milliseconds from one to the next, in a channel of so many
    /// devices; how many of them were removed.
    fn remove(brake: &mut Brake, count: u64, apart: u64, devices: Option<u64>) -> u64 {
        let mut removed = 0;
        for n in 0..count {
            let now = START.plus_millis(n * apart);
            let left = devices.map(|devices| devices - removed);
            let decision = brake.dead(now, left, LIMITS, || "gone".to_owned());
            removed += u64::from(decision == BrakeDecision::Remove);
        }
        removed
    }

    #[test]
    fn removal_stops_where_it_becomes_too_much() {
        for (count, apart, devices, removed) in [
            (1_000, 0, None, 99),
            (1_000, 0, Some(1_000), 99),
            (1_000, 0, Some(10_000), 500),
            (1_000, 10, Some(10_000), 500),
            // A hundred a minute of so few are too many; fewer a minute are not.
            (1_000, 590, Some(1_000), 99),
            // Not within a minute, but a quarter is too much for a day.
            (1_000, 620, Some(1_000), 250),
            (99, 0, Some(99), 24),
            // A small channel that loses its devices one by one.
            (40, 3_600_000, Some(40), 10),
            (40, 600_000, Some(40), 10),
            (30, 1, Some(30), 9),
            // So few that nobody can say.
            (9, 0, Some(9), 9),
            // What comes and goes in any day: one in five.
            (200, 400_000, Some(1_000), 200),
        ] {
            let mut brake = Brake::default();
            let case = format!("{count} of {devices:?}, {apart} ms apart");
            assert_eq!(remove(&mut brake, count, apart, devices), removed, "{case}");
            assert_eq!(brake.engaged().is_some(), removed < count, "{case}");
        }
    }

    #[test]
    fn it_is_reported_once_that_it_engages() {
        let mut brake = Brake::default();
        let decisions: Vec<BrakeDecision> = (0..300)
            .map(|_| brake.dead(START, None, LIMITS, || "gone".to_owned()))
            .collect();
        let stops = decisions
            .iter()
            .filter(|it| **it == BrakeDecision::Engage)
            .count();
        assert_eq!(stops, 1);
        let engaged = brake.engaged().expect("engaged");
        assert_eq!((engaged.tokens, engaged.first), (300, START));
    }

    #[test]
    fn it_goes_on_when_it_was_quiet_or_is_released() {
        let mut brake = Brake::default();
        remove(&mut brake, 200, 0, None);
        let almost = START.plus(RELEASE_DELAY - Duration::from_millis(1));
        assert!(!brake.release_if_quiet(almost));
        // A few more do not prolong it, too many do.
        brake.dead(almost, None, LIMITS, String::new);
        assert!(brake.release_if_quiet(START.plus(RELEASE_DELAY)));
        assert!(!brake.release_if_quiet(START.plus(RELEASE_DELAY)));
        assert_eq!(remove(&mut brake, 200, 0, None), 99);
        assert!(brake.release().is_some());
        assert!(brake.release().is_none());
        assert_eq!(remove(&mut brake, 50, 0, None), 50);
    }
}
