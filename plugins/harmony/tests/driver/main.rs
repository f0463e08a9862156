//! The driver seen from outside: what it opens, signs, sends and understands.

#![allow(
    clippy::disallowed_methods,
    reason = "tests read their cases from files"
)]

mod account;
mod answers;
mod auth;
mod conformance;
mod encode;
mod golden;
mod probe;
mod recall;
mod settings;
