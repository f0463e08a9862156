//! The simulators, met as a customer meets them: over TLS and HTTP/2, with real credentials.

mod apns;
mod client;
mod control;
mod faults;
mod fcm;
mod sink;
