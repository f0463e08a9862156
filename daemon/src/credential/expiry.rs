//! When a client certificate is about to expire, and when it has: each of these moments is told
//! once.
//!
//! In: when certificates expire, the time, and what was told. Out: what is to be told now, and when
//! the next moment comes. Pure: housekeeping asks, waits, and writes it to the log.

use std::collections::HashMap;

use nudged_plugin_api::Timestamp;

use crate::model::CertificateId;

/// Days before the end that are told.
const DAYS: [u64; 3] = [30, 7, 1];
const DAY: u64 = 86_400;

/// How near the end is; later ones are greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ExpiryStage {
    /// No more than so many days, a number of [`DAYS`], are left: the place in it.
    Near(usize),
    Over,
}

/// Whether a certificate is worth a warning.
pub fn expires_soon(expires_at: Timestamp, now: Timestamp) -> bool {
    stage(expires_at, now).is_some()
}

/// How near the end is at `now`; none while it is far away.
fn stage(expires_at: Timestamp, now: Timestamp) -> Option<ExpiryStage> {
    if expires_at <= now {
        return Some(ExpiryStage::Over);
    }
    let left = expires_at.millis_after(now);
    let passed = DAYS.iter().rposition(|days| left <= days * DAY * 1000);
    passed.map(ExpiryStage::Near)
}

/// When one of these certificates comes nearer to its end; none when all have expired.
pub fn next_stage_at(
    certificates: &[(CertificateId, Timestamp)],
    now: Timestamp,
) -> Option<Timestamp> {
    let moments = certificates.iter().flat_map(|(_, expires_at)| {
        let days = DAYS.iter().chain(&[0]);
        days.map(|days| Timestamp(expires_at.0.saturating_sub(days * DAY * 1000)))
    });
    moments.filter(|moment| *moment > now).min()
}

/// What was told of which certificate.
#[derive(Default)]
pub struct ReportedExpiry(HashMap<CertificateId, (Timestamp, Option<ExpiryStage>)>);

impl ReportedExpiry {
    /// What is to be told now of the certificates of these channels, and is not told again. Of one
    /// that is new and still good the start or the reload has just told how it stands.
    pub fn due(
        &mut self,
        certificates: &[(CertificateId, Timestamp)],
        now: Timestamp,
    ) -> Vec<(CertificateId, ExpiryStage)> {
        self.0
            .retain(|id, _| certificates.iter().any(|(it, _)| it == id));
        let mut due = Vec::new();
        for (id, expires_at) in certificates {
            let reached = stage(*expires_at, now);
            let known = self.0.insert(*id, (*expires_at, reached));
            let known = known.filter(|(same, _)| same == expires_at);
            let is_news = match known {
                Some((_, reported)) => reported < reached,
                None => reached == Some(ExpiryStage::Over),
            };
            if let Some(stage) = reached.filter(|_| is_news) {
                due.push((*id, stage));
            }
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const END: Timestamp = Timestamp::from_seconds(100 * DAY);
    const ID: CertificateId = CertificateId(1);

    fn at(days: u64, more_millis: u64) -> Timestamp {
        Timestamp(END.0 - days * DAY * 1000 - more_millis)
    }

    #[test]
    fn the_stages_begin_to_the_millisecond() {
        for (now, expected) in [
            (at(99, 0), None),
            (at(30, 1), None),
            (at(30, 0), Some(ExpiryStage::Near(0))),
            (at(7, 1), Some(ExpiryStage::Near(0))),
            (at(7, 0), Some(ExpiryStage::Near(1))),
            (at(1, 0), Some(ExpiryStage::Near(2))),
            (at(0, 1), Some(ExpiryStage::Near(2))),
            (END, Some(ExpiryStage::Over)),
            (Timestamp(u64::MAX), Some(ExpiryStage::Over)),
        ] {
            assert_eq!(stage(END, now), expected, "{now:?}");
        }
        assert!(
            ExpiryStage::Near(0) < ExpiryStage::Near(2) && ExpiryStage::Near(2) < ExpiryStage::Over
        );
    }

    #[test]
    fn the_next_moment_is_the_nearest_that_is_still_to_come() {
        let later = (CertificateId(2), Timestamp(END.0 + 1));
        for (now, expected) in [
            (at(99, 0), Some(at(30, 0))),
            (at(30, 0), Some(Timestamp(at(30, 0).0 + 1))),
            (at(2, 0), Some(at(1, 0))),
            (at(0, 1), Some(END)),
            (END, Some(later.1)),
            (later.1, None),
        ] {
            assert_eq!(next_stage_at(&[(ID, END), later], now), expected, "{now:?}");
        }
        assert_eq!(next_stage_at(&[], END), None);
    }

    #[test]
    fn each_stage_is_told_once_and_none_twice() {
        let mut reported = ReportedExpiry::default();
        let mut reached = Vec::new();
        // An hour is a step, so that each stage is passed by.
        for hour in (0..40 * 24).rev() {
            let now = Timestamp(END.0 - hour * 3_600_000);
            reached.extend(
                reported
                    .due(&[(ID, END)], now)
                    .into_iter()
                    .map(|(_, stage)| stage),
            );
        }
        assert_eq!(
            reached,
            [
                ExpiryStage::Near(0),
                ExpiryStage::Near(1),
                ExpiryStage::Near(2),
                ExpiryStage::Over
            ]
        );
        assert_eq!(reported.due(&[(ID, END)], Timestamp(END.0 + 1)), []);
    }

    #[test]
    fn what_was_slept_through_is_told_as_it_is_now() {
        let mut reported = ReportedExpiry::default();
        assert_eq!(reported.due(&[(ID, END)], at(20, 0)), []);
        assert_eq!(reported.due(&[(ID, END)], END), [(ID, ExpiryStage::Over)]);
        // Also when it was never seen before.
        assert_eq!(
            ReportedExpiry::default().due(&[(ID, END)], END),
            [(ID, ExpiryStage::Over)]
        );
    }

    #[test]
    fn a_renewed_certificate_begins_anew_and_one_that_goes_is_forgotten() {
        let mut reported = ReportedExpiry::default();
        let next = Timestamp(END.0 + 365 * DAY * 1000);
        reported.due(&[(ID, END)], at(10, 0));
        assert_eq!(reported.due(&[(ID, next)], at(10, 0)), []);
        let near = Timestamp(next.0 - DAY * 1000);
        assert_eq!(
            reported.due(&[(ID, next)], near),
            [(ID, ExpiryStage::Near(2))]
        );
        assert_eq!(reported.due(&[], near), []);
        assert_eq!(reported.due(&[(ID, next)], near), []);
    }
}
