//! HTTP/1.1, or whatever the server prefers, for vendors whose protocol needs no care.
//!
//! In: a request and its origin. Out: the response, within the timeout and the cap. No
//! redirects, no cookies, no decompression. HTTP/1.1 cannot ask whether a connection lives, so
//! one that may have fallen silent is left: all of them, after a timeout. Refuses to know
//! other clients' connections.

use std::error::Error as StdError;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use bytes::Bytes;
use http::Request;
use nudged_plugin_api::HttpResponse;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Client, Url};
use tokio::time::Instant;

use super::dial::{Origin, ResolveError, copy, resolve};
use super::error::{TransportError, is_about_client, tls_cause};
use super::proxy::ProxyFailure;
use super::request::incoming;
use super::settings::{Resend, TransportSettings};

/// A connection that is idle for so long is not used again: shorter than any NAT or balancer
/// is known to forget one in.
const IDLE_TIMEOUT: Duration = Duration::from_secs(10);
/// What is sent must be acknowledged by then, and the kernel asks an idle connection so often.
const ACK_TIMEOUT: Duration = Duration::from_secs(10);
/// Where the server prefers HTTP/2: silence before a PING, and the wait for its answer.
const PING_INTERVAL: Duration = Duration::from_secs(5);

/// Connections are left when they are so old, or a busy one would last for days: others follow
/// the vendor's name to where it is by now.
const MAX_AGE: Duration = Duration::from_secs(600);

/// A pooled HTTP/1.1 client.
pub struct Http1 {
    pool: ArcSwap<Connections>,
    build: Box<dyn Fn() -> Result<Client, TransportError> + Send + Sync>,
    request_timeout: Duration,
    connect_timeout: Duration,
    limit: usize,
    /// Host and port of the proxy, for messages.
    proxy: Option<String>,
}

impl Http1 {
    /// A client with that TLS configuration.
    pub fn new(
        tls: rustls::ClientConfig,
        settings: &TransportSettings,
    ) -> Result<Self, TransportError> {
        let failed = |error| TransportError::Build {
            source: Arc::new(error),
        };
        let (connect_timeout, request_timeout) =
            (settings.connect_timeout, settings.request_timeout);
        let connections = settings.max_connections.max(1);
        let proxy = match &settings.proxy {
            Some(proxy) => Some(reqwest::Proxy::all(proxy.url()).map_err(failed)?),
            None => None,
        };
        let build = move || {
            // Sessions are resumed across clients: what is cloned shares their store.
            let mut builder = Client::builder()
                .tls_backend_preconfigured(tls.clone())
                .https_only(true)
                .redirect(reqwest::redirect::Policy::none())
                .dns_resolver(Arc::new(ReqwestResolver))
                .connect_timeout(connect_timeout)
                .timeout(request_timeout)
                .pool_max_idle_per_host(connections)
                .pool_idle_timeout(IDLE_TIMEOUT)
                .tcp_nodelay(true)
                .tcp_keepalive(ACK_TIMEOUT)
                .tcp_user_timeout(ACK_TIMEOUT)
                .http2_keep_alive_interval(PING_INTERVAL)
                .http2_keep_alive_timeout(PING_INTERVAL)
                .no_proxy();
            if let Some(proxy) = &proxy {
                builder = builder.proxy(proxy.clone());
            }
            builder.build().map_err(failed)
        };
        Ok(Self {
            pool: ArcSwap::from_pointee(Connections::new(build()?)),
            build: Box::new(build),
            request_timeout: settings.request_timeout,
            connect_timeout: settings.connect_timeout,
            limit: settings.max_response_body,
            proxy: settings
                .proxy
                .as_ref()
                .map(|proxy| proxy.shown().to_owned()),
        })
    }

    /// Sends a request and reads its response. One that is its message's only chance goes over no
    /// connection that has been silent.
    pub async fn exchange(
        &self,
        origin: &Origin,
        request: Request<()>,
        body: Bytes,
        resend: Resend,
    ) -> Result<HttpResponse, TransportError> {
        let request = convert(origin, request, body)?;
        let mut pool = self.pool.load_full();
        let silent = || pool.silent().is_some_and(|it| it > resend.max_silence());
        if resend == Resend::Never && silent() || pool.since.elapsed() > MAX_AGE {
            pool = self.renew(pool);
        }
        let answer = self.converse(&pool.client, origin, request).await;
        match &answer {
            Ok(_) => pool.hear(),
            // The next try goes elsewhere.
            Err(TransportError::TimedOut { .. } | TransportError::Http { .. }) => {
                self.renew(pool);
            }
            Err(_) => {}
        }
        answer
    }

    /// Leaves the connections of `old` to those who have requests on them; what is used instead.
    fn renew(&self, old: Arc<Connections>) -> Arc<Connections> {
        let now = self.pool.load_full();
        if !Arc::ptr_eq(&now, &old) {
            // Another was quicker.
            return now;
        }
        // What could be built once can be built again; if not, there is nothing better.
        let Ok(client) = (self.build)() else {
            return old;
        };
        self.pool
            .compare_and_swap(&old, Arc::new(Connections::new(client)));
        self.pool.load_full()
    }

    async fn converse(
        &self,
        client: &Client,
        origin: &Origin,
        request: reqwest::Request,
    ) -> Result<HttpResponse, TransportError> {
        let failed = |error| self.failed(origin.shown(), error);
        let mut response = client.execute(request).await.map_err(failed)?;
        let mut body = Vec::new();
        while let Some(part) = response.chunk().await.map_err(failed)? {
            if body.len() + part.len() > self.limit {
                let (host, limit) = (origin.shown().to_owned(), self.limit);
                return Err(TransportError::BodyTooLarge { host, limit });
            }
            body.extend_from_slice(&part);
        }
        Ok(incoming(response.status(), response.headers(), body))
    }

    fn failed(&self, host: &str, error: reqwest::Error) -> TransportError {
        let host = host.to_owned();
        if !error.is_connect() {
            return match error.is_timeout() {
                true => TransportError::TimedOut {
                    host,
                    after: self.request_timeout,
                },
                // TLS 1.3 has us refused with the first read after the handshake.
                false => match refusal(&error) {
                    Some(source) => TransportError::Tls { host, source },
                    None => TransportError::Http {
                        host,
                        source: Arc::new(error.without_url()),
                    },
                },
            };
        }
        if error.is_timeout() {
            let after = self.connect_timeout;
            return TransportError::ConnectTimedOut { host, after };
        }
        self.unconnected(host, &error)
    }

    /// Names a failure to connect by the first cause that says what it is.
    fn unconnected(&self, host: String, error: &reqwest::Error) -> TransportError {
        // Name lookup and TCP concern the proxy when there is one.
        let near = || self.proxy.clone().unwrap_or_else(|| host.clone());
        let mut cause = error.source();
        // Not the error itself: that shows the URL, and a URL can have a token in it.
        let mut last = String::new();
        while let Some(error) = cause {
            if let Some(ResolveError(source)) = error.downcast_ref() {
                let source = Arc::clone(source);
                return TransportError::Resolve {
                    host: near(),
                    source,
                };
            }
            if let Some(source) = error.downcast_ref::<rustls::Error>() {
                let source = source.clone();
                return TransportError::Tls { host, source };
            }
            if let Some(error) = error.downcast_ref::<io::Error>() {
                return match tls_cause(error) {
                    Some(source) => TransportError::Tls { host, source },
                    None => TransportError::Connect {
                        host: near(),
                        source: Arc::new(copy(error)),
                    },
                };
            }
            last = error.to_string();
            // The type of this one has no public path.
            if last.starts_with("tunnel error") && !last.contains("underlying connection") {
                let source = ProxyFailure::of_tunnel(&last);
                return TransportError::Proxy { host, source };
            }
            cause = error.source();
        }
        let source = Arc::new(io::Error::other(last));
        TransportError::Connect { host, source }
    }
}

/// The alert of a peer that does not take who we are, below other errors.
fn refusal(error: &reqwest::Error) -> Option<rustls::Error> {
    let mut cause = error.source();
    while let Some(error) = cause {
        let found = match error.downcast_ref::<rustls::Error>() {
            Some(found) => Some(found.clone()),
            None => error.downcast_ref::<io::Error>().and_then(tls_cause),
        };
        if let Some(found) = found.filter(is_about_client) {
            return Some(found);
        }
        cause = error.source();
    }
    None
}

fn convert(
    origin: &Origin,
    request: Request<()>,
    body: Bytes,
) -> Result<reqwest::Request, TransportError> {
    let (head, ()) = request.into_parts();
    let url = Url::parse(&head.uri.to_string()).map_err(|_| TransportError::BadUrl)?;
    // The guard read the URL with another parser; a URL that they read differently is a trick.
    if !origin.serves_url(&url) {
        return Err(TransportError::BadUrl);
    }
    let mut out = reqwest::Request::new(head.method, url);
    *out.headers_mut() = head.headers;
    if !body.is_empty() {
        *out.body_mut() = Some(body.into());
    }
    Ok(out)
}

/// Connections that are used again while nothing speaks against it.
struct Connections {
    client: Client,
    since: Instant,
    /// When one of them was heard last, in milliseconds since the beginning.
    heard: AtomicU64,
}

impl Connections {
    fn new(client: Client) -> Self {
        Self {
            client,
            since: Instant::now(),
            heard: AtomicU64::new(0),
        }
    }

    fn hear(&self) {
        let since = u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.heard.store(since.max(1), Ordering::Relaxed);
    }

    /// For how long none of them was heard; none before one was.
    fn silent(&self) -> Option<Duration> {
        let heard = self.heard.load(Ordering::Relaxed);
        (heard > 0).then(|| {
            let heard = Duration::from_millis(heard);
            self.since.elapsed().saturating_sub(heard)
        })
    }
}

/// The system's resolver, as for HTTP/2.
struct ReqwestResolver;

impl Resolve for ReqwestResolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = resolve(name.as_str()).await?;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}
