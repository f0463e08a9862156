//! The simulators, met as a customer meets them: over TLS, with real credentials.

#![allow(
    clippy::unwrap_used,
    reason = "a test that panics has failed: that is what it is for"
)]

mod apns;
mod batching;
mod client;
mod control;
mod faults;
mod fcm;
mod sink;
