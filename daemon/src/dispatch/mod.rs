//! Dispatch: sends what is queued, each channel by itself.
//!
//! In: routes from the reload, deliveries from the queue. Out: settlements to outcome.
//!
//! ```text
//! tasks > task > presence, withhold > send > exchange > complete > blame > outcome
//! ```
//!
//! A `task` runs one `channel`; how much it may send is asked of `rate`, `window` and `breaker`, with
//! what credential of `grant`. Besides, the `operator` holds, releases, flushes and removes, `recall`
//! takes back and `probe` tries a credential. Whether something is retried is decided in `outcome`.

mod batch;
mod blame;
mod breaker;
mod broken;
mod channel;
mod complete;
mod exchange;
mod form;
mod grant;
mod in_flight;
mod log;
mod operator;
mod presence;
mod probe;
mod rate;
mod recall;
mod refused_contents;
mod retry_now;
mod route;
mod routes;
mod send;
mod suspicion;
mod task;
mod tasks;
mod window;
mod withhold;

pub use batch::share_a_request;
pub use breaker::Hold;
pub use broken::BrokenChannel;
pub use form::{Form, LONGEST_TOKEN};
pub use operator::{Filter, Operator, OverriddenHold, ReleaseResult, RemovalResult};
pub use presence::Presence;
pub use probe::CredentialCheck;
pub use recall::{RevocationResult, Revoker};
pub use retry_now::FlushResult;
pub use route::{REHEARSED_GRANT, Rehearsed, Route};
pub use routes::{Entry, Routes, Table, Way};
pub use suspicion::{SuspectedFault, Suspicion};
pub use tasks::{Dispatch, RouteChanges};
