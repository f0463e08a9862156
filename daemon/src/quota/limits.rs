//! What holds for a class of messages of a channel: how many a day, and in which hours. Pure.

use nudged_plugin_api::Timestamp;
use nudged_plugin_api::info::MessageClass;

use super::clock::VendorClock;
use super::hours::{OutsideHours, SendingHours};

/// What holds for a class of messages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClassLimits {
    /// Its name.
    pub class: String,
    /// By which its days are counted.
    pub clock: VendorClock,
    /// How many a day.
    pub daily: Option<DailyLimit>,
    /// In which hours.
    pub hours: Option<SendingHours>,
    /// What becomes of a message outside them.
    pub outside: OutsideHours,
}

/// How many messages a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DailyLimit {
    /// The operator's number.
    Channel(u64),
    /// The vendor's, which is the same for every account.
    Vendor(u64),
    /// The vendor's, which grows with the users of an account. How many those are only the
    /// vendor knows, and it raises the number on application: too uncertain to hold messages by.
    Estimate {
        /// Messages for each user.
        per_user: u32,
        /// However few the users are.
        least: u64,
    },
}

/// How far a day's quota is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum UsageLevel {
    /// Far from the end.
    #[default]
    Fine,
    /// 80 percent.
    Low,
    /// 95 percent.
    NearlyUsedUp,
    /// All of it.
    UsedUp,
}

impl ClassLimits {
    /// Whether a message would end unsent at `now`.
    pub fn drops(&self, now: Timestamp) -> bool {
        let opening = self.hours.and_then(|hours| hours.opening(now));
        self.outside == OutsideHours::Drop && opening.is_some()
    }
}

impl DailyLimit {
    /// What the vendor says of a class.
    pub fn of(class: &MessageClass) -> Option<Self> {
        let least = class.daily_at_least;
        match class.daily_per_user {
            None | Some(0) => least.filter(|least| *least > 0).map(Self::Vendor),
            Some(per_user) => Some(Self::Estimate {
                per_user,
                least: least.unwrap_or(0),
            }),
        }
    }

    /// The number, for an account with so many devices; none while they are not counted yet.
    pub fn limit(self, devices: Option<u64>) -> Option<u64> {
        match self {
            Self::Channel(limit) | Self::Vendor(limit) => Some(limit),
            Self::Estimate { per_user, least } => {
                let limit = devices?.saturating_mul(per_user.into()).max(least);
                (limit > 0).then_some(limit)
            }
        }
    }

    /// The number, if messages are held once it is reached.
    pub fn binding(self) -> Option<u64> {
        match self {
            Self::Channel(limit) | Self::Vendor(limit) => Some(limit),
            Self::Estimate { .. } => None,
        }
    }

    /// Whose number it is.
    pub fn source(self) -> &'static str {
        match self {
            Self::Channel(_) => "channel",
            Self::Vendor(_) => "vendor",
            Self::Estimate { .. } => "estimate",
        }
    }
}

impl UsageLevel {
    /// Of a quota of `limit`.
    pub fn of(used: u64, limit: u64) -> Self {
        let (used, limit) = (u128::from(used) * 100, u128::from(limit));
        if used >= limit * 100 {
            Self::UsedUp
        } else if used >= limit * 95 {
            Self::NearlyUsedUp
        } else if used >= limit * 80 {
            Self::Low
        } else {
            Self::Fine
        }
    }

    /// Stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fine => "fine",
            Self::Low => "low",
            Self::NearlyUsedUp => "nearly_used_up",
            Self::UsedUp => "used_up",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_grows_with_the_users_is_an_estimate_and_holds_nothing() {
        let class = MessageClass::new("news", "News.").daily(2, 10_000);
        let daily = DailyLimit::of(&class).expect("limited");
        assert_eq!(daily.limit(None), None);
        assert_eq!(daily.limit(Some(4_000)), Some(10_000));
        assert_eq!(daily.limit(Some(6_000)), Some(12_000));
        assert_eq!((daily.binding(), daily.source()), (None, "estimate"));
    }

    #[test]
    fn a_number_that_is_the_same_for_all_is_kept_to() {
        let class = MessageClass::new("test", "Tests.").daily(0, 1_000);
        let daily = DailyLimit::of(&class).expect("limited");
        assert_eq!(daily, DailyLimit::Vendor(1_000));
        assert_eq!(daily.binding(), Some(1_000));
        assert_eq!(DailyLimit::of(&MessageClass::new("chat", "Chat.")), None);
        let nothing = MessageClass::new("odd", "Odd.").daily(0, 0);
        assert_eq!(DailyLimit::of(&nothing), None);
    }

    #[test]
    fn levels_begin_at_80_95_and_100_percent() {
        for (used, level) in [
            (0, UsageLevel::Fine),
            (799, UsageLevel::Fine),
            (800, UsageLevel::Low),
            (949, UsageLevel::Low),
            (950, UsageLevel::NearlyUsedUp),
            (999, UsageLevel::NearlyUsedUp),
            (1_000, UsageLevel::UsedUp),
            (2_000, UsageLevel::UsedUp),
        ] {
            assert_eq!(UsageLevel::of(used, 1_000), level, "{used}");
        }
        assert_eq!(
            UsageLevel::of(u64::MAX - 1, u64::MAX),
            UsageLevel::NearlyUsedUp
        );
    }
}
