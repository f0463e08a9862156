//! One channel's connections to its vendor.
//!
//! In: a request. Out: its response within the request timeout. Chooses HTTP/2 pools or the
//! HTTP/1.1 client by the driver's protocol and keeps one pool an origin, since a grant may
//! come from another host than the messages go to. Refuses to know what is in either.

use std::fmt;
use std::sync::Arc;

use http::Uri;
use nudged_plugin_api::{HttpRequest, HttpResponse, Protocol};
use tokio::time::Instant;

use super::dial::{Dialer, Origin};
use super::error::TransportError;
use super::http1::Http1;
use super::http2::{ConnectionId, Limits, Pool, exchange};
use super::request::outgoing;
use super::settings::{Resend, TransportSettings};
use super::tls;
use crate::credential::ClientIdentity;
use crate::sync::RwLock;

/// Streams that one connection gets before a second is opened, however few a channel has.
const MIN_STREAMS: usize = 256;

/// Connections that appear to vendors as one identity. Clones share them; when the last
/// clone is gone, the connections end after the requests in flight.
#[derive(Clone)]
pub struct Client {
    protocol_client: Arc<ProtocolClient>,
    /// Whether it has a client certificate that can be refused.
    has_identity: bool,
}

enum ProtocolClient {
    Http1(Http1),
    Http2 {
        dialer: Arc<Dialer>,
        limits: Limits,
        pools: RwLock<Vec<Arc<Pool>>>,
    },
}

/// What came back.
#[derive(Clone, Debug)]
pub struct VendorResponse {
    /// The response itself.
    pub response: HttpResponse,
    /// Connection that carried it; none over HTTP/1.1.
    pub connection: Option<ConnectionId>,
}

impl Client {
    /// A client without connections; the first request opens one. `concurrency` is the most
    /// requests that the channel sends at once.
    pub fn new(
        settings: &TransportSettings,
        identity: Option<&ClientIdentity>,
        protocol: Protocol,
        concurrency: u32,
    ) -> Result<Self, TransportError> {
        let protocol_client = match protocol {
            Protocol::Http2 => {
                let tls = tls::config(&settings.roots, identity, &[b"h2"])?;
                ProtocolClient::Http2 {
                    dialer: Arc::new(Dialer::new(tls, settings.proxy.clone())),
                    limits: limits(settings, concurrency),
                    pools: RwLock::default(),
                }
            }
            _ => {
                let tls = tls::config(&settings.roots, identity, &[b"h2", b"http/1.1"])?;
                ProtocolClient::Http1(Http1::new(tls, settings)?)
            }
        };
        Ok(Self {
            protocol_client: Arc::new(protocol_client),
            has_identity: identity.is_some(),
        })
    }

    /// Sends a request to a URL that is parsed already, in place of the request's own, and waits
    /// for its response, at most the request timeout. Dropping the future cancels the request.
    pub async fn send_to(
        &self,
        uri: Uri,
        request: HttpRequest,
    ) -> Result<VendorResponse, TransportError> {
        self.carry(uri, request, Resend::Possible).await
    }

    /// As `send_to`, for a request that is not sent again if it gets lost: only on a connection
    /// that was heard a moment ago.
    pub async fn send_once(
        &self,
        uri: Uri,
        request: HttpRequest,
    ) -> Result<VendorResponse, TransportError> {
        self.carry(uri, request, Resend::Never).await
    }

    async fn carry(
        &self,
        uri: Uri,
        request: HttpRequest,
        resend: Resend,
    ) -> Result<VendorResponse, TransportError> {
        let carried = self.carried(uri, request, resend).await;
        match self.has_identity {
            true => carried.map_err(TransportError::of_identity),
            false => carried,
        }
    }

    async fn carried(
        &self,
        uri: Uri,
        request: HttpRequest,
        resend: Resend,
    ) -> Result<VendorResponse, TransportError> {
        let (response, connection) = match &*self.protocol_client {
            ProtocolClient::Http1(http1) => {
                let origin = Origin::of(&uri)?;
                let (request, body) = outgoing(uri, request)?;
                (http1.exchange(&origin, request, body, resend).await?, None)
            }
            ProtocolClient::Http2 { limits, .. } => {
                let deadline = Instant::now() + limits.request_timeout;
                let pool = self.pool(&uri)?;
                let (mut request, body) = outgoing(uri, request)?;
                *request.version_mut() = http::Version::HTTP_2;
                let quiet = resend.max_silence();
                let (response, connection) =
                    exchange(&pool, request, body, quiet, deadline).await?;
                (response, Some(connection))
            }
        };
        Ok(VendorResponse {
            response,
            connection,
        })
    }

    /// Gives a connection no more requests; it ends when those in flight have.
    pub fn retire(&self, connection: ConnectionId) {
        self.each_pool(|pool| pool.retire(connection));
    }

    /// Connections that take requests; none are counted over HTTP/1.1.
    pub fn connections(&self) -> usize {
        let mut count = 0;
        self.each_pool(|pool| count += pool.connections());
        count
    }

    /// Requests that the vendor would take at once over all connections, as far as it has said;
    /// over HTTP/1.1 nobody says.
    pub fn capacity(&self) -> Option<usize> {
        let mut most = None;
        self.each_pool(|pool| most = most.max(pool.capacity()));
        most
    }

    fn each_pool(&self, mut act: impl FnMut(&Arc<Pool>)) {
        if let ProtocolClient::Http2 { pools, .. } = &*self.protocol_client {
            let pools = pools.read();
            pools.iter().for_each(&mut act);
        }
    }

    fn pool(&self, uri: &Uri) -> Result<Arc<Pool>, TransportError> {
        let ProtocolClient::Http2 {
            dialer,
            limits,
            pools,
        } = &*self.protocol_client
        else {
            unreachable!("asked for over HTTP/2 only");
        };
        let find = |pools: &[Arc<Pool>]| {
            let serving = pools.iter().find(|pool| pool.origin().serves(uri));
            serving.cloned()
        };
        if let Some(pool) = find(&pools.read()) {
            return Ok(pool);
        }
        let origin = Origin::of(uri)?;
        let mut pools = pools.write();
        if let Some(pool) = find(&pools) {
            return Ok(pool);
        }
        let pool = Pool::new(origin, Arc::clone(dialer), limits.clone());
        pools.push(Arc::clone(&pool));
        Ok(pool)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let protocol = match &*self.protocol_client {
            ProtocolClient::Http1(_) => "http/1.1",
            ProtocolClient::Http2 { .. } => "http/2",
        };
        write!(f, "Client({protocol}, {} connections)", self.connections())
    }
}

fn limits(settings: &TransportSettings, concurrency: u32) -> Limits {
    let connections = settings.max_connections.max(1);
    Limits {
        connections,
        streams: (concurrency as usize)
            .div_ceil(connections)
            .max(MIN_STREAMS),
        connect_timeout: settings.connect_timeout,
        request_timeout: settings.request_timeout,
        idle_ping: settings.idle_ping,
        max_response_body: settings.max_response_body,
    }
}
