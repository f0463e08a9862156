//! HTTP/2 to one origin: an exchange on a stream of a pooled connection.
//!
//! In: a request with its deadline. Out: the response and the connection that carried it.
//! Dropping the future resets the stream and frees its slot. Refuses to know other origins.

mod address;
mod connection;
mod connection_state;
mod frames;
mod latency;
mod ping;
mod pool;
mod stream;

use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use h2::{Reason, RecvStream};
use http::Request;
use nudged_plugin_api::HttpResponse;
use tokio::time::{Instant, timeout_at};

pub use connection::ConnectionId;
pub use pool::{Limits, Pool};

use super::error::{TransportError, exchange_failed};
use super::request::incoming;
use pool::StreamLease;

/// Sends a request and waits for the whole response, until the deadline. A connection that was
/// silent for longer than `max_silence` is asked first whether it lives.
pub async fn exchange(
    pool: &Arc<Pool>,
    request: Request<()>,
    body: Bytes,
    max_silence: Duration,
    deadline: Instant,
) -> Result<(HttpResponse, ConnectionId), TransportError> {
    let host = pool.origin().shown();
    let after = pool.limits().request_timeout;
    let in_vain = || TransportError::NoStream {
        host: host.to_owned(),
        after,
    };
    let lease = timeout_at(deadline, pool.lease(max_silence)).await;
    let mut lease = lease.map_err(|_| in_vain())??;
    if Instant::now() >= deadline {
        // A slot that came too late: sending now would only leave doubt.
        return Err(in_vain());
    }
    let id = lease.connection();
    let answer = timeout_at(deadline, converse(&mut lease, host, request, body, pool));
    match answer.await {
        Ok(Ok(answer)) => Ok((answer, id)),
        Ok(Err(error)) => Err(pool.cause(id).unwrap_or(error)),
        Err(_) => {
            // The stream went with the future, which told the peer CANCEL.
            lease.timed_out();
            let host = host.to_owned();
            Err(TransportError::TimedOut { host, after })
        }
    }
}

async fn converse(
    lease: &mut StreamLease,
    host: &str,
    request: Request<()>,
    body: Bytes,
    pool: &Pool,
) -> Result<HttpResponse, TransportError> {
    let failed = |error| exchange_failed(host, error);
    let mut sender = lease.take_sender();
    let (response, mut stream) = sender
        .send_request(request, body.is_empty())
        .map_err(|error| unsent(host, error))?;
    // A handle keeps the connection open; the stream does so by itself while it lasts.
    drop(sender);
    if !body.is_empty() {
        stream.send_data(body, true).map_err(failed)?;
    }
    let response = response.await.map_err(failed)?;
    lease.answered();
    let (head, body) = response.into_parts();
    let body = match body.is_end_stream() {
        true => Vec::new(),
        false => read(body, host, pool.limits().max_response_body).await?,
    };
    Ok(incoming(head.status, &head.headers, body))
}

async fn read(mut from: RecvStream, host: &str, limit: usize) -> Result<Vec<u8>, TransportError> {
    let mut body = Vec::new();
    while let Some(part) = poll_fn(|cx| from.poll_data(cx)).await {
        let part = match part {
            Ok(part) => part,
            // The response is complete and the peer wants no more of the request (RFC 9113 §8.1).
            Err(error) if error.is_reset() && error.reason() == Some(Reason::NO_ERROR) => break,
            Err(error) => return Err(exchange_failed(host, error)),
        };
        if body.len() + part.len() > limit {
            let host = host.to_owned();
            return Err(TransportError::BodyTooLarge { host, limit });
        }
        body.extend_from_slice(&part);
        // Fails only for more than was received.
        let _ = from.flow_control().release_capacity(part.len());
    }
    Ok(body)
}

/// The connection closed between the lease and the request: no frame was written.
fn unsent(host: &str, error: h2::Error) -> TransportError {
    let host = host.to_owned();
    let source = Arc::new(error);
    TransportError::Refused { host, source }
}
