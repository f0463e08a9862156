//! Why nothing more of a class is sent for now, as a code and a clause.

use nudged_plugin_api::{Class, Timestamp};

use super::hours::{OutsideHours, SendingHours};
use super::limits::DailyLimit;
use super::usage::VendorRefusal;
use crate::model::{Attempt, AttemptClass, Reason};

/// Why nothing more of a class is sent for now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClassClosed {
    /// The vendor said so.
    Refused(VendorRefusal),
    /// The day's quota is used up.
    UsedUp {
        /// The quota.
        daily: DailyLimit,
        /// When the day ends.
        until: Timestamp,
    },
    /// What is left of the day's quota is in flight.
    Awaited {
        /// The quota.
        daily: DailyLimit,
        /// When that is checked again.
        until: Timestamp,
    },
    /// The vendor's refusal is over, and one is in flight that finds out whether it takes more.
    Probed {
        /// What it had said.
        refusal: VendorRefusal,
        /// When that is checked again.
        until: Timestamp,
    },
    /// It is outside the hours.
    OutsideHours {
        /// The hours.
        hours: SendingHours,
        /// When they begin.
        opens: Timestamp,
        /// What becomes of what comes before.
        outside: OutsideHours,
    },
}

impl ClassClosed {
    /// Until when.
    pub fn until(&self) -> Timestamp {
        match self {
            Self::Refused(refusal) => refusal.until,
            Self::UsedUp { until, .. }
            | Self::Awaited { until, .. }
            | Self::Probed { until, .. } => *until,
            Self::OutsideHours { opens, .. } => *opens,
        }
    }

    /// Whether the vendor named that time itself, so that nobody may cut it short.
    pub fn is_vendors_time(&self) -> bool {
        matches!(self, Self::Refused(refusal) if !refusal.ours)
    }

    /// By which rule messages end unsent, where they do not wait.
    pub fn ends(&self) -> Option<Reason> {
        match self {
            Self::OutsideHours {
                outside: OutsideHours::Drop,
                ..
            } => Some(Reason::OutsideHours),
            _ => None,
        }
    }

    /// The vendor's code, or ours.
    pub fn code(&self) -> &str {
        match self {
            Self::Refused(refusal) | Self::Probed { refusal, .. } => &refusal.code,
            Self::UsedUp { .. } | Self::Awaited { .. } => "quota_used_up",
            Self::OutsideHours { .. } => Reason::OutsideHours.code(),
        }
    }

    /// Why, as one clause.
    pub fn reason(&self, class: &str) -> String {
        match self {
            Self::Refused(_) => {
                format!("the vendor takes no more messages of class {class} for now")
            }
            Self::UsedUp { daily, .. } => {
                format!("today's {} of class {class} are used up", quota(*daily))
            }
            Self::Awaited { daily, .. } => {
                let quota = quota(*daily);
                format!("what is left of today's {quota} of class {class} is in flight")
            }
            Self::Probed { .. } => {
                format!(
                    "one message of class {class} is tried first, as the vendor took no more of \
                     them until now"
                )
            }
            Self::OutsideHours { hours, .. } => {
                format!("messages of class {class} are sent {hours} only")
            }
        }
    }

    /// What the operator should do, one sentence.
    pub fn remedy(&self) -> &str {
        match self {
            Self::Refused(refusal) => &refusal.remedy,
            Self::UsedUp { daily, .. } | Self::Awaited { daily, .. } => match daily {
                DailyLimit::Channel(_) => {
                    "wait for the vendor's next day; or raise limits.daily in the channel file, \
                     reload, and run nudgectl queue flush"
                }
                _ => {
                    "wait for the vendor's next day; if the vendor allows this account more, set \
                     limits.daily in the channel file, reload, and run nudgectl queue flush"
                }
            },
            Self::Probed { .. } => {
                "nothing to do: the others follow once the vendor has taken that one"
            }
            Self::OutsideHours { .. } => {
                "wait for the hours to begin; limits.hours and limits.outside_hours in the channel \
                 file change them, and what becomes of messages outside them"
            }
        }
    }

    /// The try that was none.
    pub fn attempt(&self, class: &str, at: Timestamp) -> Attempt {
        // req 56: a vendor's quota or frequency refusal is shown as what it is
        let kind = match self {
            Self::OutsideHours { .. } => AttemptClass::OutsideHours,
            Self::Refused(VendorRefusal {
                class: class @ (Class::Credential | Class::Throttled),
                ..
            })
            | Self::Probed {
                refusal:
                    VendorRefusal {
                        class: class @ (Class::Credential | Class::Throttled),
                        ..
                    },
                ..
            } => (*class).into(),
            _ => Class::QuotaExceeded.into(),
        };
        Attempt {
            at,
            class: kind,
            code: self.code().to_owned(),
            text: format!("not sent: {}", self.reason(class)),
            remedy: self.remedy().to_owned(),
            ..Attempt::default()
        }
    }
}

fn quota(daily: DailyLimit) -> String {
    match daily.binding() {
        Some(1) => "1 message".to_owned(),
        Some(limit) => format!("{limit} messages"),
        None => "messages".to_owned(),
    }
}
