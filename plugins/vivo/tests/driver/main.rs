//! The driver seen from outside: what it opens, sends and understands.

#![allow(
    clippy::unwrap_used,
    reason = "a test that panics has failed: that is what it is for"
)]
#![allow(
    clippy::disallowed_methods,
    reason = "tests read their cases from files"
)]

mod auth;
mod captures;
mod case;
mod conformance;
mod golden;
mod limits;
mod list;
mod reasons;
mod settings;
mod trials;
