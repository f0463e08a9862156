//! Dispatch: sends what is queued, each channel by itself.
//!
//! In: routes from the reload, deliveries from the queue. Out: settlements to outcome.
//!
//! ```text
//! tasks > task > send_check, withhold > send > exchange > complete > blame > outcome
//! ```
//!
//! A `task` runs one `channel`; how much it may send is asked of `rate`, `window` and `breaker`, with
//! what credential of `grant`. Besides, the `operator` holds, releases, flushes and removes, `recall`
//! takes back and `probe` tries a credential. Whether something is retried is decided in `outcome`.

mod batch;
mod blame;
mod breaker;
mod channel;
mod complete;
mod exchange;
mod grant;
mod in_flight;
mod log;
mod operator;
mod probe;
mod rate;
mod recall;
mod refused_contents;
mod retry_now;
mod send;
mod send_check;
mod suspicion;
mod task;
mod tasks;
mod window;
mod withhold;

pub use operator::{Filter, Operator, ReleaseResult};
pub use probe::CredentialCheck;
pub use recall::{RevocationResult, Revoker};
pub use send_check::SendCheck;
pub use suspicion::{SuspectedFault, Suspicion};
pub use tasks::{Dispatch, RouteChanges};
