use std::time::{Duration, Instant, SystemTime};

use super::trace;
use crate::client::ApiResponse;
use crate::error::CtlError;
use crate::print::count;
use crate::session::Session;
use nudged_wire::{Accepted, NotificationView};

const MIN_PAUSE: Duration = Duration::from_millis(20);
const MAX_PAUSE: Duration = Duration::from_secs(1);

/// Waits until every delivery has ended, shows how, and fails unless all were accepted.
pub async fn run(
    session: &mut Session<'_>,
    sent: &[Accepted],
    limit: Option<Duration>,
) -> Result<(), CtlError> {
    let deadline = limit.and_then(|limit| Instant::now().checked_add(limit));
    let mut counts = DeliveryCounts::default();
    // What has no delivery leaves no trace.
    for accepted in sent.iter().filter(|it| it.deliveries + it.suppressed > 0) {
        let (answer, view) = ended(session, &accepted.id, deadline).await?;
        counts.add(accepted.deliveries, &view);
        if !session.passed_on(&answer)? {
            session.out.line("")?;
            trace::show(session.out, &view, SystemTime::now())?;
        }
    }
    counts.verdict().map_err(CtlError::NotAccepted)
}

/// Asks for the trace, less and less often: it also knows what ended before anybody asked,
/// which a stream of events from now on would miss.
async fn ended(
    session: &Session<'_>,
    id: &str,
    deadline: Option<Instant>,
) -> Result<(ApiResponse, NotificationView), CtlError> {
    let mut pause = MIN_PAUSE;
    loop {
        let answer = session.client.get(&trace::path(id)).await?;
        let view: NotificationView = answer.parse()?;
        let left = deadline.map(|at| at.saturating_duration_since(Instant::now()));
        if view.deliveries.iter().all(|it| it.outcome.is_some())
            || left.is_some_and(|it| it.is_zero())
        {
            return Ok((answer, view));
        }
        tokio::time::sleep(left.map_or(pause, |left| pause.min(left))).await;
        pause = MAX_PAUSE.min(pause * 3 / 2);
    }
}

/// How deliveries ended.
#[derive(Debug, Default, PartialEq, Eq)]
struct DeliveryCounts {
    deliveries: usize,
    accepted: usize,
    pending: usize,
    /// A trace shows so many deliveries and no more.
    unseen: usize,
}

impl DeliveryCounts {
    fn add(&mut self, deliveries: usize, view: &NotificationView) {
        self.deliveries += deliveries;
        self.unseen += deliveries.saturating_sub(view.deliveries.len());
        for delivery in &view.deliveries {
            match &delivery.outcome {
                None => self.pending += 1,
                Some(outcome) if outcome.kind == "accepted" => self.accepted += 1,
                Some(_) => {}
            }
        }
    }

    fn verdict(&self) -> Result<(), String> {
        if self.deliveries == 0 {
            return Err("there was no device to deliver to".to_owned());
        }
        if self.accepted == self.deliveries {
            return Ok(());
        }
        let mut parts = Vec::new();
        let ended = self
            .deliveries
            .saturating_sub(self.accepted + self.pending + self.unseen);
        if ended > 0 {
            parts.push(format!("{ended} not accepted"));
        }
        if self.pending > 0 {
            parts.push(format!("{} not ended in time", self.pending));
        }
        if self.unseen > 0 {
            parts.push(format!("{} beyond what a trace shows", self.unseen));
        }
        let all = count(self.deliveries as u64, "delivery", "deliveries");
        Err(format!("of {all}: {}", parts.join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_all_accepted_is_good() {
        let counts = |deliveries, accepted, pending, unseen| {
            DeliveryCounts {
                deliveries,
                accepted,
                pending,
                unseen,
            }
            .verdict()
        };
        assert_eq!(counts(2, 2, 0, 0), Ok(()));
        let words = |result: Result<(), String>| result.expect_err("not all");
        assert_eq!(
            words(counts(0, 0, 0, 0)),
            "there was no device to deliver to"
        );
        assert_eq!(words(counts(1, 0, 0, 0)), "of 1 delivery: 1 not accepted");
        assert_eq!(
            words(counts(9, 2, 3, 1)),
            "of 9 deliveries: 3 not accepted, 3 not ended in time, 1 beyond what a trace shows"
        );
    }
}
