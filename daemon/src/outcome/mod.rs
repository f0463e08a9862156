//! The end of the flow, and the only stage that decides on retries and writes back: queue, registry,
//! trace and events, in one transaction.
//!
//! In: settlements from dispatch. Out: events, counts. Refuses to know HTTP. A retry is decided in
//! `retry`, its pause in `backoff`; a token dies in `removal`, unless the `brake` is on; a delivery
//! ends in `ending`, whoever ends it; what the vendor asks is cut to what makes sense in `ceiling`.

mod backoff;
mod brake;
mod brakes;
mod ceiling;
mod ending;
mod events;
mod expire;
mod recall;
mod removal;
mod retry;
mod retry_now;
mod settle;
mod settlement;
mod stats;
mod traces;
mod write_off;

pub use backoff::Backoff;
pub use brakes::Brakes;
pub use ceiling::{MAX_GRANT_LIFETIME, bounded, bounded_grant};
pub use ending::Suppressed;
pub use events::{Events, OutcomeEvent};
pub use recall::{RecallDecision, decide_recall};
pub use removal::keeps_device;
pub use retry::{
    CREDENTIAL_WAIT, Decision, NoResponse, QUOTA_WAIT, RetryContext, decide, decide_channel,
    decide_class, decide_closed, decide_driver_failure, decide_hold, decide_no_response,
    decide_refused, effective_scope, is_expired, suspicion_wait,
};
pub use settle::Outcomes;
pub use settlement::Settlement;
pub use stats::Stats;
pub use traces::Traces;
