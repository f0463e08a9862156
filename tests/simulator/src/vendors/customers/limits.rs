//! How much a customer may send: messages a day, requests a second.

use std::collections::VecDeque;

const DAY_MS: u64 = 24 * 60 * 60 * 1000;
const SECOND_MS: u64 = 1000;

/// Messages a day. The day begins with the first message, not at the vendors' midnight in
/// Beijing, or tests would differ by the hour in which they run.
#[derive(Debug, Default)]
pub(crate) struct Quota {
    most: Option<u64>,
    taken: u64,
    began_ms: Option<u64>,
}

impl Quota {
    pub(crate) fn of(most: Option<u64>) -> Quota {
        Quota {
            most,
            ..Quota::default()
        }
    }

    pub(crate) fn take(&mut self, messages: u64, now_ms: u64) -> bool {
        let Some(most) = self.most else {
            return true;
        };
        let began_ms = *self.began_ms.get_or_insert(now_ms);
        if now_ms >= began_ms + DAY_MS {
            self.began_ms = Some(now_ms);
            self.taken = 0;
        }
        let fits = self.taken + messages <= most;
        if fits {
            self.taken += messages;
        }
        fits
    }
}

/// Requests in any second.
#[derive(Debug, Default)]
pub(crate) struct Rate {
    most: Option<u64>,
    /// When the requests of the last second were taken.
    taken_ms: VecDeque<u64>,
}

impl Rate {
    pub(crate) fn of(most: Option<u64>) -> Rate {
        Rate {
            most,
            ..Rate::default()
        }
    }

    pub(crate) fn take(&mut self, now_ms: u64) -> bool {
        let Some(most) = self.most else {
            return true;
        };
        while let Some(first) = self.taken_ms.front()
            && now_ms >= first + SECOND_MS
        {
            self.taken_ms.pop_front();
        }
        let fits = (self.taken_ms.len() as u64) < most;
        if fits {
            self.taken_ms.push_back(now_ms);
        }
        fits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quota_is_taken_whole_or_not_and_is_fresh_a_day_later() {
        let mut quota = Quota::of(Some(5));

        assert!(quota.take(3, 1_000));
        assert!(!quota.take(3, 2_000));
        assert!(quota.take(2, 3_000));
        assert!(!quota.take(1, 1_000 + DAY_MS - 1));
        assert!(quota.take(5, 1_000 + DAY_MS));
    }

    #[test]
    fn a_rate_holds_in_any_second() {
        let mut rate = Rate::of(Some(2));

        assert!(rate.take(1_900));
        assert!(rate.take(2_100));
        assert!(!rate.take(2_899));
        assert!(rate.take(2_900));
        assert!(!rate.take(2_901));
    }

    #[test]
    fn nothing_is_limited_unless_said() {
        assert!(Quota::default().take(u64::MAX, 0));
        assert!(Rate::default().take(0));
        assert!(!Rate::of(Some(0)).take(0));
    }
}
