//! Why a request brought no response, and whether the vendor may have seen it.
//!
//! In: failures of names, sockets, TLS and HTTP. Out: one precise variant each, a stable
//! code and what to do. Refuses to know whether anybody tries again.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use super::proxy::ProxyFailure;

/// Whether a failed request may have taken effect at the vendor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Processed {
    /// The vendor surely never acted on it.
    No,
    /// It may have been delivered.
    Unknown,
}

/// A request without a response. Clones share their causes, because all who waited for one
/// dial get its error.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransportError {
    /// The host has no address.
    #[error("cannot resolve {host}: {source}")]
    Resolve {
        /// Host that was looked up: the proxy's when there is one.
        host: String,
        /// What the resolver said.
        source: Arc<io::Error>,
    },
    /// No TCP connection.
    #[error("cannot connect to {host}: {source}")]
    Connect {
        /// Host and port: the proxy's when there is one.
        host: String,
        /// What the kernel said.
        source: Arc<io::Error>,
    },
    /// The proxy opened no tunnel.
    #[error("the proxy opened no tunnel to {host}: {source}")]
    Proxy {
        /// Host and port asked for.
        host: String,
        /// What the proxy did instead.
        source: ProxyFailure,
    },
    /// TLS failed, or the peer ended it with an alert.
    #[error("tls with {host} failed: {source}")]
    Tls {
        /// Host and port.
        host: String,
        /// What was wrong.
        source: rustls::Error,
    },
    /// The peer takes no connection with this client certificate.
    #[error("{host} refuses the client certificate: {source}")]
    ClientCertificate {
        /// Host and port.
        host: String,
        /// The peer's alert.
        source: rustls::Error,
    },
    /// The peer speaks TLS but did not choose HTTP/2.
    #[error("{host} does not offer http/2")]
    NoHttp2 {
        /// Host and port.
        host: String,
    },
    /// The HTTP/2 preface failed.
    #[error("{host} ended the http/2 handshake: {source}")]
    Handshake {
        /// Host and port.
        host: String,
        /// What HTTP/2 said.
        source: Arc<h2::Error>,
    },
    /// No usable connection within the connect timeout.
    #[error("no connection to {host} after {after:?}")]
    ConnectTimedOut {
        /// Host and port.
        host: String,
        /// The timeout.
        after: Duration,
    },
    /// All connections stayed full until the request timeout.
    #[error("no free stream to {host} after {after:?}")]
    NoStream {
        /// Host and port.
        host: String,
        /// The timeout.
        after: Duration,
    },
    /// Sent, but no complete answer within the request timeout.
    #[error("no answer from {host} after {after:?}")]
    TimedOut {
        /// Host and port.
        host: String,
        /// The timeout.
        after: Duration,
    },
    /// Sent, but the connection fell silent: no answer, and none to a PING.
    #[error("no answer from {host}, nor to a ping within {after:?}")]
    Silent {
        /// Host and port.
        host: String,
        /// How long the PING was waited for.
        after: Duration,
    },
    /// Sent, but the peer gave interim answers without end.
    #[error("{host} sends interim responses (1xx) without end")]
    Flooded {
        /// Host and port.
        host: String,
    },
    /// The connection ended before the answer.
    #[error("connection to {host} lost: {source}")]
    ConnectionLost {
        /// Host and port.
        host: String,
        /// What HTTP/2 said.
        source: Arc<h2::Error>,
    },
    /// The peer said that it did not process the request, or it was never sent.
    #[error("{host} refused the stream: {source}")]
    Refused {
        /// Host and port.
        host: String,
        /// What HTTP/2 said.
        source: Arc<h2::Error>,
    },
    /// The peer reset the stream.
    #[error("{host} reset the stream: {reason}")]
    Reset {
        /// Host and port.
        host: String,
        /// The code in RST_STREAM.
        reason: h2::Reason,
    },
    /// The answer is longer than the cap.
    #[error("the response of {host} is longer than {limit} bytes")]
    BodyTooLarge {
        /// Host and port.
        host: String,
        /// The cap in bytes.
        limit: usize,
    },
    /// Something else went wrong between request and answer over HTTP/1.1.
    #[error("http with {host} failed: {source}")]
    Http {
        /// Host and port.
        host: String,
        /// What the HTTP client said.
        source: Arc<reqwest::Error>,
    },
    /// The URL is none that can be sent to.
    #[error("the driver made an invalid url")]
    BadUrl,
    /// A header is none that can be sent.
    #[error("the driver made an invalid header {name:?}")]
    BadHeader {
        /// Name of the header; its value may be a secret.
        name: String,
    },
    /// A root certificate cannot be used.
    #[error("an extra root certificate cannot be used: {source}")]
    BadRoot {
        /// What was wrong.
        source: rustls::Error,
    },
    /// The client certificate cannot be used.
    #[error("the client certificate cannot be used: {source}")]
    BadIdentity {
        /// What was wrong.
        source: rustls::Error,
    },
    /// The HTTP/1.1 client could not be built.
    #[error("the http client cannot be built: {source}")]
    Build {
        /// What was wrong.
        source: Arc<reqwest::Error>,
    },
}

impl TransportError {
    /// Whether the vendor may not have kept up with what it was sent at once.
    pub fn is_overload(&self) -> bool {
        matches!(self, Self::TimedOut { .. } | Self::NoStream { .. })
    }

    /// Whether the channel's credential is at fault, and not the vendor.
    pub fn is_credential(&self) -> bool {
        matches!(self, Self::ClientCertificate { .. })
    }

    /// The same of a channel with a client certificate: then an alert that a server gives to a
    /// client it does not take speaks of that.
    pub(super) fn of_identity(self) -> Self {
        use rustls::AlertDescription::HandshakeFailure;
        match self {
            Self::Tls { host, source }
                if is_about_client(&source)
                    || source == rustls::Error::AlertReceived(HandshakeFailure) =>
            {
                Self::ClientCertificate { host, source }
            }
            other => other,
        }
    }

    /// Whether the vendor may have seen the request.
    pub fn processed(&self) -> Processed {
        match self {
            Self::TimedOut { .. }
            | Self::Silent { .. }
            | Self::Flooded { .. }
            | Self::ConnectionLost { .. }
            | Self::Reset { .. }
            | Self::BodyTooLarge { .. }
            | Self::Http { .. } => Processed::Unknown,
            _ => Processed::No,
        }
    }

    /// Stable name for events, metrics and the API.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Resolve { .. } => "resolve_failed",
            Self::Connect { .. } => "connect_failed",
            Self::Proxy { .. } => "proxy_failed",
            Self::Tls { .. } => "tls_failed",
            Self::ClientCertificate { .. } => "client_certificate_refused",
            Self::NoHttp2 { .. } => "no_http2",
            Self::Handshake { .. } => "handshake_failed",
            Self::ConnectTimedOut { .. } => "connect_timed_out",
            Self::NoStream { .. } => "no_free_stream",
            Self::TimedOut { .. } => "timed_out",
            Self::Silent { .. } => "connection_silent",
            Self::Flooded { .. } => "flooded",
            Self::ConnectionLost { .. } => "connection_lost",
            Self::Refused { .. } => "refused",
            Self::Reset { .. } => "reset",
            Self::BodyTooLarge { .. } => "body_too_large",
            Self::Http { .. } => "http_failed",
            Self::BadUrl => "bad_url",
            Self::BadHeader { .. } => "bad_header",
            Self::BadRoot { .. } => "bad_root",
            Self::BadIdentity { .. } => "bad_identity",
            Self::Build { .. } => "client_unbuildable",
        }
    }

    /// What an operator can do about it.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Resolve { .. } => "check the name servers of this machine and the host's name",
            Self::Connect { .. } => "check that the firewall lets this machine out to that port",
            Self::Proxy { source, .. } => source.remedy(),
            Self::Tls { source, .. } => tls_remedy(source),
            Self::ClientCertificate { .. } => {
                "the vendor does not accept this client certificate: renew it with the vendor, set it in the channel file and reload; if it is valid, check that nothing between this machine and the vendor intercepts tls"
            }
            Self::NoHttp2 { .. } => {
                "a proxy or firewall between this machine and the vendor intercepts tls: exempt the vendor's hosts from it"
            }
            Self::Handshake { .. } | Self::ConnectionLost { .. } => {
                "nothing to do if it is rare; otherwise look for a firewall that drops connections"
            }
            Self::ConnectTimedOut { .. } => {
                "check that the firewall lets this machine out to that port, or raise the connect timeout"
            }
            Self::NoStream { .. } => {
                "the vendor allows too few concurrent requests for this load: raise max_connections or lower the rate"
            }
            Self::Silent { .. } => {
                "nothing to do if it is rare; otherwise look for a firewall or NAT that drops idle connections"
            }
            Self::Flooded { .. } => "check that nothing but the vendor answers under this name",
            Self::TimedOut { .. } => {
                "nothing to do if it is rare; otherwise check the vendor's status page"
            }
            Self::Refused { .. } => "nothing to do: it is safe to send again",
            Self::Reset { .. } | Self::Http { .. } => {
                "nothing to do if it is rare; otherwise report it with the driver's version"
            }
            Self::BodyTooLarge { .. } | Self::BadUrl | Self::BadHeader { .. } => {
                "report it to the driver's author"
            }
            Self::BadRoot { .. } => "check the file of extra root certificates",
            Self::BadIdentity { .. } => "export the certificate with its key again",
            Self::Build { .. } => "check the proxy's url",
        }
    }
}

fn tls_remedy(error: &rustls::Error) -> &'static str {
    use rustls::CertificateError;
    match error {
        rustls::Error::InvalidCertificate(
            CertificateError::UnknownIssuer | CertificateError::BadSignature,
        ) => {
            "the server's certificate comes from an unknown authority: if a proxy intercepts tls here, add its authority as an extra root"
        }
        rustls::Error::InvalidCertificate(
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. },
        ) => "check the clock of this machine; if it is right, the server's certificate is not",
        rustls::Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => "another host answered under this name: check name servers, hosts file and proxy",
        error if is_about_client(error) => {
            "the vendor does not accept this client certificate: renew it with the vendor"
        }
        _ => "check that nothing between this machine and the vendor intercepts tls",
    }
}

/// Whether the peer's alert says that it does not take who we are.
pub(super) fn is_about_client(error: &rustls::Error) -> bool {
    use rustls::AlertDescription;
    matches!(
        error,
        rustls::Error::AlertReceived(
            AlertDescription::CertificateExpired
                | AlertDescription::CertificateRevoked
                | AlertDescription::CertificateUnknown
                | AlertDescription::CertificateRequired
                | AlertDescription::BadCertificate
                | AlertDescription::UnsupportedCertificate
                | AlertDescription::UnknownCA
                | AlertDescription::AccessDenied
        )
    )
}

/// The TLS error inside an I/O error, however often that was wrapped in others.
pub(super) fn tls_cause(error: &io::Error) -> Option<rustls::Error> {
    let inner = error.get_ref()?;
    match inner.downcast_ref::<rustls::Error>() {
        Some(cause) => Some(cause.clone()),
        None => tls_cause(inner.downcast_ref::<io::Error>()?),
    }
}

/// Names a failed exchange: refused only where HTTP/2 promises that nothing was processed
/// (RFC 9113 §8.7).
pub(super) fn exchange_failed(host: &str, error: h2::Error) -> TransportError {
    let host = host.to_owned();
    let refused_stream = error.is_reset() && error.reason() == Some(h2::Reason::REFUSED_STREAM);
    // A stream gets a remote GOAWAY as its own error only above the last stream id.
    if error.is_remote() && (error.is_go_away() || refused_stream) {
        let source = Arc::new(error);
        return TransportError::Refused { host, source };
    }
    match (error.is_reset(), error.reason()) {
        (true, Some(reason)) => TransportError::Reset { host, reason },
        _ => {
            let source = Arc::new(error);
            TransportError::ConnectionLost { host, source }
        }
    }
}
