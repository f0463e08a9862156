//! What is accepted, what is refused, and in which words; who may ask, and what sending would do.

mod bodies;
mod budget;
mod connections;
mod fan_out;
mod forms;
mod idempotency;
mod im;
mod notices;
mod openapi;
mod preview;
mod protocol;
mod recipients;
mod rights;
mod streams;
mod surrogates;
mod values;

use http::Method;
use nudged_rig::{DEADLINE, Reply, Rig};
use serde_json::Value;
use tokio::net::UnixStream;

use crate::world::to_token;

const NOTIFICATIONS: &str = "/v1/notifications";
/// `socket.max_body` when nothing else is configured.
const MAX_BODY: usize = 1 << 20;

type Change = fn(&mut Value);

/// Sends a good notification that was changed.
async fn send(rig: &Rig, change: impl FnOnce(&mut Value)) -> Reply {
    let mut notification = to_token(1, "hello");
    change(&mut notification);
    rig.client.send(&notification).await.unwrap()
}

async fn raw(rig: &Rig, kind: &str, body: impl Into<bytes::Bytes>) -> Reply {
    let reply = rig.client.raw(Method::POST, NOTIFICATIONS, kind, body);
    reply.await.unwrap()
}

/// A good notification of so many bytes.
fn padded(length: usize) -> String {
    let mut text = to_token(1, "long").to_string();
    let last = text.pop().unwrap();
    let missing = length - text.len() - 1;
    text.push_str(&" ".repeat(missing));
    text.push(last);
    text
}

/// The head of a request that posts notifications.
fn head(kind: &str, more: &str) -> String {
    format!(
        "POST {NOTIFICATIONS} HTTP/1.1\r\nhost: localhost\r\ncontent-type: {kind}\r\n{more}\r\n\r\n"
    )
}

async fn connect(rig: &Rig) -> UnixStream {
    UnixStream::connect(rig.home.socket()).await.unwrap()
}

async fn in_time<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(DEADLINE, future).await.unwrap()
}

async fn nothing_was_accepted(rig: &Rig) {
    let status = rig.client.get("/v1/status").await.unwrap().expect(200);
    assert_eq!(status["totals"]["notifications"], 0, "{status:#}");
    assert_eq!(status["totals"]["deliveries"], 0, "{status:#}");
    assert_eq!(rig.simulator.counts().apns.requests, 0);
}
