//! What callers send to both channels: at even intervals, whether answers come or not, each
//! notification with a text, a mark and a device token of its own.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::json;
use tokio::task::JoinSet;

use crate::client::Client;
use crate::rig::RigError;
use crate::vendor::Vendor;

/// One in so many for the failing channel has little time while the vendor fails.
const HASTY: usize = 5;
/// How much, in seconds.
const LITTLE_TIME: u64 = 2;

/// A notification that was accepted.
#[derive(Debug, Clone)]
pub(super) struct Sent {
    pub(super) mark: String,
    pub(super) id: String,
    /// When it was handed over, UNIX microseconds.
    pub(super) at_us: u64,
    /// It may expire.
    pub(super) hasty: bool,
}

/// What was sent in one phase, by channel.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) failing: Vec<Sent>,
    pub(super) healthy: Vec<Sent>,
}

/// Callers of one daemon.
pub(super) struct Traffic {
    client: Arc<Client>,
    failing: Vendor,
    healthy: Vendor,
    /// Numbers the tokens; both channels have the same.
    next: usize,
}

impl Traffic {
    pub(super) fn new(client: Client, failing: Vendor, healthy: Vendor) -> Traffic {
        Traffic {
            client: Arc::new(client),
            failing,
            healthy,
            next: 0,
        }
    }

    /// Sends so many to each channel.
    pub(super) async fn send(
        &mut self,
        count: usize,
        a_second: u32,
        may_expire: bool,
    ) -> Result<Batch, RigError> {
        let mut interval = tokio::time::interval(Duration::from_secs(1) / a_second.max(1));
        let (mut failing, mut healthy) = (JoinSet::new(), JoinSet::new());
        for number in self.next..self.next + count {
            interval.tick().await;
            let hasty = may_expire && number.is_multiple_of(HASTY);
            failing.spawn(hand_over(self.client.clone(), self.failing, number, hasty));
            healthy.spawn(hand_over(self.client.clone(), self.healthy, number, false));
        }
        self.next += count;
        Ok(Batch {
            failing: all(failing).await?,
            healthy: all(healthy).await?,
        })
    }
}

async fn all(mut calls: JoinSet<Result<Sent, RigError>>) -> Result<Vec<Sent>, RigError> {
    let mut sent = Vec::with_capacity(calls.len());
    while let Some(call) = calls.join_next().await {
        sent.push(call.map_err(std::io::Error::other)??);
    }
    Ok(sent)
}

async fn hand_over(
    client: Arc<Client>,
    vendor: Vendor,
    number: usize,
    hasty: bool,
) -> Result<Sent, RigError> {
    let mark = format!("{}-{number}", vendor.name);
    let mut notification = json!({
        "to": [{"channel": vendor.channel, "token": vendor.numbered(number)}],
        "message": {"title": "faults", "body": mark, "ext": mark},
    });
    if hasty {
        notification["ttl"] = LITTLE_TIME.into();
    }
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let at_us = since.unwrap_or_default().as_micros();
    let reply = client.send(&notification).await?;
    match reply.body["id"].as_str() {
        Some(id) if reply.status == 202 => Ok(Sent {
            mark,
            id: id.to_owned(),
            at_us: at_us.try_into().unwrap_or(u64::MAX),
            hasty,
        }),
        _ => Err(RigError::Unexpected(format!(
            "a notification was answered with {}: {}",
            reply.status, reply.body
        ))),
    }
}
