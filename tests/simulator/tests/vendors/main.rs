//! The simulators, met as a customer meets them: over TLS, with real credentials.

mod apns;
mod batching;
mod client;
mod control;
mod faults;
mod fcm;
mod sink;
