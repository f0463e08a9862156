//! What the operator decides about connections to vendors.
//!
//! In: values that configuration has read. Out: the same for every client of the daemon.
//! Refuses to know which vendor is spoken to.

use std::time::Duration;

use rustls_pki_types::CertificateDer;

use super::proxy::Proxy;

/// Limits and routes that all clients share.
#[derive(Clone, Debug)]
pub struct TransportSettings {
    /// Authorities that a vendor's certificate may come from.
    pub roots: Roots,
    /// HTTP proxy that every connection goes through.
    pub proxy: Option<Proxy>,
    /// Longest wait from name lookup until the connection has answered once.
    pub connect_timeout: Duration,
    /// Longest wait from `send` until the last byte of the answer.
    pub request_timeout: Duration,
    /// Longest response body in bytes.
    pub max_response_body: usize,
    /// Most connections of a client to one origin.
    pub max_connections: usize,
    /// How long an idle connection stays silent before it is asked whether it lives.
    pub idle_ping: Duration,
}

impl Default for TransportSettings {
    fn default() -> Self {
        Self {
            roots: Roots::default(),
            proxy: None,
            connect_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(30),
            max_response_body: 64 * 1024,
            max_connections: 4,
            idle_ping: Duration::from_secs(3600),
        }
    }
}

/// Mozilla's authorities as built in, and those that the operator adds.
#[derive(Clone, Debug, Default)]
pub struct Roots {
    /// Certificates of further authorities.
    pub extra: Vec<CertificateDer<'static>>,
}

impl Roots {
    /// The built-in authorities and these.
    pub fn with_extra(extra: Vec<CertificateDer<'static>>) -> Self {
        Self { extra }
    }
}

/// Whether a request that gets lost is sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Resend {
    Possible,
    /// It is its message's only chance.
    Never,
}

impl Resend {
    /// A connection that was silent for longer is asked whether it lives, before the request goes
    /// out on it. That costs a round trip where little is sent, and nothing where much is. Over
    /// HTTP/1.1, which has no such question, a request that is not sent again gets a connection
    /// of its own then.
    pub(super) fn max_silence(self) -> Duration {
        match self {
            Self::Possible => Duration::from_secs(1),
            Self::Never => Duration::from_millis(100),
        }
    }
}
