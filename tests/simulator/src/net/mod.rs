//! From bytes to a vendor and back: TLS, HTTP/2 and HTTP/1.1 on loopback.
//!
//! `server` accepts connections, `http1` speaks the other protocol, `sink` is the short cut for
//! benchmarks, `exchange` is one request with its `reply`; `wire` and `meter` are what HTTP runs
//! on. Knows no vendor's rules.

pub(crate) mod exchange;
mod http1;
mod meter;
pub(crate) mod reply;
pub(crate) mod server;
mod sink;
mod wire;
