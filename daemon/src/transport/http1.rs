//! HTTP/1.1, or whatever the server prefers, for vendors whose protocol needs no care.
//!
//! In: a request and its origin. Out: the answer, within the time-out and the cap. No
//! redirects, no cookies, no decompression. Refuses to know other clients' connections.

use std::error::Error as StdError;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use nudged_plugin_api::HttpResponse;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Client, Url};

use super::dial::{Origin, Unresolved, copy, resolve};
use super::error::{TransportError, tls_cause};
use super::proxy::ProxyFailure;
use super::request::incoming;
use super::settings::TransportSettings;

/// A pooled HTTP/1.1 client.
pub struct Http1 {
    client: Client,
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
        let mut builder = Client::builder()
            .tls_backend_preconfigured(tls)
            .https_only(true)
            .redirect(reqwest::redirect::Policy::none())
            .dns_resolver(Arc::new(Resolver))
            .connect_timeout(settings.connect_timeout)
            .timeout(settings.request_timeout)
            .pool_max_idle_per_host(settings.max_connections.max(1))
            .tcp_nodelay(true)
            .no_proxy();
        if let Some(proxy) = &settings.proxy {
            builder = builder.proxy(reqwest::Proxy::all(proxy.url()).map_err(failed)?);
        }
        Ok(Self {
            client: builder.build().map_err(failed)?,
            request_timeout: settings.request_timeout,
            connect_timeout: settings.connect_timeout,
            limit: settings.max_response_body,
            proxy: settings
                .proxy
                .as_ref()
                .map(|proxy| proxy.shown().to_owned()),
        })
    }

    /// Sends a request and reads its answer.
    pub async fn exchange(
        &self,
        origin: &Origin,
        request: Request<()>,
        body: Bytes,
    ) -> Result<HttpResponse, TransportError> {
        let failed = |error| self.failed(origin.shown(), error);
        let request = convert(origin, request, body)?;
        let mut response = self.client.execute(request).await.map_err(failed)?;
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
                false => TransportError::Http {
                    host,
                    source: Arc::new(error.without_url()),
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
            if let Some(Unresolved(source)) = error.downcast_ref() {
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

/// The system's resolver, as for HTTP/2.
struct Resolver;

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = resolve(name.as_str()).await?;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}
