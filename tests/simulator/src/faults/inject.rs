//! Faults happening: to a request that its vendor would have accepted, or to a connection
//! before it has brought any. Which one, and when, is decided elsewhere.

use std::sync::LazyLock;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use http::header::{HeaderValue, RETRY_AFTER};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc::UnboundedSender;

use crate::faults::FaultKind;
use crate::net::exchange::{Acceptance, Service, StatusFault, accept, pause, write_down};
use crate::net::reply::{Order, Reply, Respond};
use crate::vendors::Vendor;
use crate::world::World;

/// A fatal alert, "handshake failure", as a TLS record.
const ALERT: [u8; 7] = [21, 3, 3, 0, 2, 2, 40];
/// The longest body.
const MAX_BODY: usize = 16 << 20;

/// Lets a fault happen to a request that its vendor would have accepted.
pub(crate) async fn inject<S: Service, R: Respond>(
    service: &S,
    world: &World,
    kind: FaultKind,
    acceptance: Acceptance,
    mut respond: R,
    orders: &UnboundedSender<Order>,
) {
    match kind {
        FaultKind::Status {
            status,
            reason,
            retry_after,
            timestamp_ms,
        } => {
            let fault = StatusFault {
                status,
                reason: reason.as_deref(),
                timestamp_ms,
            };
            let (reason, mut reply) = service.refusal(&fault, &acceptance);
            let seconds = retry_after.as_ref().and_then(|text| text.parse().ok());
            if let Some(seconds) = seconds {
                let wait_ms = u64::saturating_mul(seconds, 1000);
                let until_ms = world.clock.now_ms().saturating_add(wait_ms);
                let (vendor, targets) = (acceptance.vendor, &acceptance.targets);
                world.record.note_retry_after(vendor, targets, until_ms);
            }
            let retry_after = retry_after.and_then(|text| HeaderValue::try_from(text).ok());
            if let Some(value) = retry_after {
                reply = reply.with(RETRY_AFTER, value);
            }
            world.record.refuse(acceptance.vendor, &reason);
            pause(world.delay).await;
            respond.send(reply);
        }
        FaultKind::OauthStatus { status, error } => {
            let fault = StatusFault {
                status,
                reason: Some(&error),
                timestamp_ms: None,
            };
            let (reason, reply) = service.refusal(&fault, &acceptance);
            world.record.refuse(acceptance.vendor, &reason);
            respond.send(reply);
        }
        FaultKind::GoAway => respond.go_away(orders),
        FaultKind::Reset => respond.reset(),
        FaultKind::Drop => cut(orders, Order::Cut, &respond).await,
        FaultKind::Abort => cut(orders, Order::Abort, &respond).await,
        FaultKind::LoseReply => {
            write_down(world, acceptance);
            cut(orders, Order::Cut, &respond).await;
        }
        FaultKind::Hang { ms: None } => std::future::pending().await,
        FaultKind::Hang { ms: Some(ms) } => {
            pause(Duration::from_millis(ms)).await;
            respond.reset();
        }
        FaultKind::Delay { ms } => {
            accept(world, acceptance, Duration::from_millis(ms), &mut respond).await;
        }
        FaultKind::Drip { ms } => {
            let mut reply = write_down(world, acceptance);
            reply.drip = Some(Duration::from_millis(ms));
            respond.send(reply);
        }
        FaultKind::Garbage => respond.send(garbage(acceptance.vendor)),
        FaultKind::Huge { bytes } => respond.send(Reply {
            body: blanks(bytes),
            ..garbage(acceptance.vendor)
        }),
        FaultKind::TlsAlert | FaultKind::Mute => unreachable!("these happen to connections only"),
    }
}

/// The stream must live until the connection is gone, or its end would be seen as a reset.
async fn cut(orders: &UnboundedSender<Order>, how: Order, _held: &impl Respond) {
    let _closing = orders.send(how);
    std::future::pending().await
}

fn garbage(vendor: Vendor) -> Reply {
    let status = match vendor {
        Vendor::Apns => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::OK,
    };
    Reply::html(
        status,
        "<!DOCTYPE html><html><title>Error</title><p>That\u{2019}s an error.</html>",
    )
}

/// So many blanks, which all requests share.
fn blanks(bytes: usize) -> Bytes {
    static BLANKS: LazyLock<Bytes> = LazyLock::new(|| vec![b' '; MAX_BODY].into());
    BLANKS.slice(..bytes.min(MAX_BODY))
}

/// Lets a fault happen to a connection that has just been accepted.
pub(crate) async fn inject_into_connection(kind: &FaultKind, mut socket: TcpStream) {
    if *kind == FaultKind::TlsAlert {
        // What was not read would turn the end into a reset, which overtakes the alert.
        let mut hello = [0; 4096];
        let _hello = socket.read(&mut hello).await;
        let _gone = socket.write_all(&ALERT).await;
        let _gone = socket.shutdown().await;
    }
    // Until the peer has had enough.
    let _gone = tokio::io::copy(&mut socket, &mut tokio::io::sink()).await;
}
