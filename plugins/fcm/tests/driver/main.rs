//! The driver seen from outside: what it opens, sends and understands.

#![allow(
    clippy::unwrap_used,
    reason = "a test that panics has failed: that is what it is for"
)]
#![allow(
    clippy::disallowed_methods,
    reason = "tests read their cases from files"
)]

mod account;
mod auth;
mod conformance;
mod decode;
mod encode;
mod golden;
mod key_file;
mod probe;
mod reason;
mod settings;
