//! From an origin to a TLS stream that speaks HTTP/2.
//!
//! In: host and port. Out: the stream, by a fresh name lookup each time and through the
//! proxy if there is one. Refuses to know pools, requests and when to try again.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::error::Error as StdError;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::rt::TokioIo;
use rustls_pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tower::{Service, ServiceExt};

use super::error::{TransportError, tls_cause};
use super::proxy::{Proxy, ProxyFailure};

/// What is sent must be acknowledged by then.
const ACK_TIMEOUT: Duration = Duration::from_secs(20);

/// Host and port that connections go to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    uri: Uri,
    host: String,
    port: u16,
    shown: String,
}

impl Origin {
    /// Origin of an https URL.
    pub fn of(uri: &Uri) -> Result<Self, TransportError> {
        let (Some("https"), Some(host)) = (uri.scheme_str(), uri.host()) else {
            return Err(TransportError::BadUrl);
        };
        let port = uri.port_u16().unwrap_or(443);
        let host = host.to_ascii_lowercase();
        let shown = format!("{host}:{port}");
        let uri = format!("https://{shown}/")
            .parse()
            .map_err(|_| TransportError::BadUrl)?;
        Ok(Self {
            uri,
            host,
            port,
            shown,
        })
    }

    /// Whether this https URL goes there.
    pub fn serves(&self, uri: &Uri) -> bool {
        uri.port_u16().unwrap_or(443) == self.port
            && uri.scheme_str() == Some("https")
            && uri
                .host()
                .is_some_and(|host| host.eq_ignore_ascii_case(&self.host))
    }

    /// Whether another parser reads the same origin out of a URL.
    pub fn serves_url(&self, url: &reqwest::Url) -> bool {
        url.scheme() == "https"
            && url.port_or_known_default() == Some(self.port)
            && url.host_str() == Some(&self.host)
    }

    /// The addresses that its name has now; none when that cannot be said.
    pub async fn addresses(&self) -> BTreeSet<IpAddr> {
        let found = resolve(self.bare_host()).await.unwrap_or_default();
        found
            .iter()
            .map(|found| found.ip().to_canonical())
            .collect()
    }

    /// `host:port`, for messages.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    fn server_name(&self) -> Result<ServerName<'static>, TransportError> {
        let bare = self.bare_host().to_owned();
        ServerName::try_from(bare).map_err(|_| TransportError::BadUrl)
    }

    fn bare_host(&self) -> &str {
        self.host.trim_start_matches('[').trim_end_matches(']')
    }
}

/// Opens connections with the client's identity.
pub struct Dialer {
    tcp: HttpConnector<Resolver>,
    proxy: Option<Proxy>,
    tls: TlsConnector,
}

impl Dialer {
    /// A dialer with that TLS configuration, whose only protocol is `h2`.
    pub fn new(tls: rustls::ClientConfig, proxy: Option<Proxy>) -> Self {
        let mut tcp = HttpConnector::new_with_resolver(Resolver);
        tcp.enforce_http(false);
        // Else Nagle holds each small frame back until the last one is acknowledged.
        tcp.set_nodelay(true);
        // Keeps firewalls from forgetting an idle connection.
        tcp.set_keepalive(Some(Duration::from_secs(60)));
        tcp.set_keepalive_interval(Some(Duration::from_secs(15)));
        tcp.set_keepalive_retries(Some(4));
        tcp.set_tcp_user_timeout(Some(ACK_TIMEOUT));
        Self {
            tcp,
            proxy,
            tls: TlsConnector::from(Arc::new(tls)),
        }
    }

    /// Whether names are the proxy's to look up.
    pub fn has_proxy(&self) -> bool {
        self.proxy.is_some()
    }

    /// One connection, up to and including TLS.
    pub async fn dial(&self, origin: &Origin) -> Result<TlsStream<TcpStream>, TransportError> {
        let tcp = match &self.proxy {
            Some(proxy) => self.tunnel(proxy, origin).await?,
            None => self.connect(&origin.uri, origin.shown()).await?,
        };
        let host = || origin.shown.clone();
        let stream = self
            .tls
            .connect(origin.server_name()?, tcp)
            .await
            .map_err(|error| match tls_cause(&error) {
                Some(source) => TransportError::Tls {
                    host: host(),
                    source,
                },
                None => TransportError::Connect {
                    host: host(),
                    source: Arc::new(error),
                },
            })?;
        if stream.get_ref().1.alpn_protocol() != Some(b"h2") {
            return Err(TransportError::NoHttp2 { host: host() });
        }
        Ok(stream)
    }

    async fn connect(&self, to: &Uri, shown: &str) -> Result<TcpStream, TransportError> {
        let stream = self.tcp.clone().oneshot(to.clone()).await;
        let stream = stream.map_err(|error| connect_failed(shown, &error))?;
        Ok(stream.into_inner())
    }

    async fn tunnel(&self, proxy: &Proxy, origin: &Origin) -> Result<TcpStream, TransportError> {
        // Connecting first, apart from the tunnel, keeps the two kinds of failure apart.
        let stream = self.connect(proxy.address(), proxy.shown()).await?;
        let mut once = Some(TokioIo::new(stream));
        let ready = tower::service_fn(move |_: Uri| {
            let stream = once.take().expect("a tunnel is opened once");
            std::future::ready(Ok::<_, Infallible>(stream))
        });
        let mut tunnel = Tunnel::new(proxy.address().clone(), ready);
        if let Some(authorization) = proxy.authorization() {
            tunnel = tunnel.with_auth(authorization.clone());
        }
        let opened = tunnel.call(origin.uri.clone()).await;
        let stream = opened.map_err(|error| TransportError::Proxy {
            host: origin.shown.clone(),
            source: ProxyFailure::of_tunnel(&error.to_string()),
        })?;
        Ok(stream.into_inner())
    }
}

fn connect_failed(shown: &str, error: &(dyn StdError + 'static)) -> TransportError {
    let host = shown.to_owned();
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(ResolveError(source)) = error.downcast_ref() {
            let source = Arc::clone(source);
            return TransportError::Resolve { host, source };
        }
        if let Some(error) = error.downcast_ref::<io::Error>() {
            let source = Arc::new(copy(error));
            return TransportError::Connect { host, source };
        }
        cause = error.source();
    }
    let source = Arc::new(io::Error::other(error.to_string()));
    TransportError::Connect { host, source }
}

/// An I/O error that others hold, for a message of our own.
pub fn copy(error: &io::Error) -> io::Error {
    match error.raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code),
        None => io::Error::new(error.kind(), error.to_string()),
    }
}

/// Addresses of a host by the system's resolver, asked anew for each connection.
pub async fn resolve(host: &str) -> Result<Vec<SocketAddr>, ResolveError> {
    match tokio::net::lookup_host((host, 0)).await {
        Ok(found) => Ok(found.collect()),
        Err(error) => Err(ResolveError(Arc::new(error))),
    }
}

/// A host without addresses, recognisable below other errors.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ResolveError(pub Arc<io::Error>);

#[derive(Clone)]
struct Resolver;

impl Service<Name> for Resolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = ResolveError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, ResolveError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), ResolveError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        Box::pin(async move { Ok(resolve(name.as_str()).await?.into_iter()) })
    }
}
