//! Transport: carries one HTTP request to a vendor and brings back the response.
//!
//! In: an `HttpRequest` whose URL passed [`AllowedHosts`]. Out: an [`VendorResponse`], or a
//! [`TransportError`] that says whether the vendor may have seen the request. It owns
//! names, sockets, TLS, pools, timeouts and the cap on bodies; it refuses to know tokens,
//! verdicts and retries.

mod client;
mod dial;
mod error;
mod guard;
mod http1;
mod http2;
mod proxy;
mod request;
mod settings;
mod tls;

#[cfg(test)]
mod tests;

pub use client::{Client, VendorResponse};
pub use error::{Processed, TransportError};
pub use guard::{AllowedHosts, GuardError};
pub use http2::ConnectionId;
pub use proxy::Proxy;
pub use settings::{Roots, TransportSettings};
