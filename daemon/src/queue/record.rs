//! How a queued delivery is written down.

use std::sync::Arc;

use nudged_plugin_api::frame::to_bytes;
use nudged_plugin_api::{Timestamp, frame};

use super::position::LanePosition;
use crate::model::{CertificateId, Content, Delivery, DeliveryId, NotificationId, Recipient};
use crate::store::{Keyspace, Store, StoreError, decoded};

#[derive(Clone, Default)]
struct StoredDelivery {
    id: DeliveryId,
    recipient: Recipient,
    content: Option<Content>,
    attempts: u32,
    leader: u32,
    not_before: Timestamp,
}
frame!(StoredDelivery { 0 id, 1 recipient, 2 content, 3 attempts, 4 leader, 5 not_before });

/// Which of its notification's deliveries a delivery has its content in common with: the
/// first of them. None = with no other, and it travels with the delivery and leaves with it.
pub type Leader = Option<u32>;

/// The bytes of a delivery, with its content or pointing to the shared one; and until when
/// its vendor asked to wait, if it did.
pub fn write(delivery: &Delivery, leader: Leader, not_before: Option<Timestamp>) -> Vec<u8> {
    to_bytes(&StoredDelivery {
        id: delivery.id,
        recipient: delivery.recipient.clone(),
        content: leader.is_none().then(|| Content::clone(&delivery.content)),
        attempts: delivery.attempts,
        leader: leader.unwrap_or_default(),
        not_before: not_before.unwrap_or_default(),
    })
}

/// A delivery as it is written down.
pub struct LoadedDelivery {
    /// The delivery.
    pub delivery: Delivery,
    /// With whom it shares its content.
    pub leader: Leader,
    /// Until when its vendor asked to wait.
    pub not_before: Timestamp,
}

/// Where the content is that deliveries have in common with their leader.
pub fn content_key(notification: NotificationId, leader: u32) -> [u8; 20] {
    let leader = DeliveryId {
        notification,
        n: leader,
    };
    leader.to_bytes()
}

/// Reads deliveries of one channel; neighbours that share a content get one copy of it.
pub struct DeliveryReader<'a> {
    store: &'a Store,
    channel: CertificateId,
    last: Option<([u8; 20], Arc<Content>)>,
}

impl<'a> DeliveryReader<'a> {
    /// A reader for a channel's records.
    pub fn new(store: &'a Store, channel: CertificateId) -> Self {
        Self {
            store,
            channel,
            last: None,
        }
    }

    /// The delivery in `bytes`.
    pub fn read(
        &mut self,
        position: LanePosition,
        bytes: &[u8],
    ) -> Result<LoadedDelivery, StoreError> {
        let record: StoredDelivery = decoded(position.keyspace(), bytes)?;
        let (content, leader) = match record.content {
            Some(content) => (Arc::new(content), None),
            None => (
                self.shared(record.id.notification, record.leader)?,
                Some(record.leader),
            ),
        };
        let delivery = Delivery {
            id: record.id,
            channel: self.channel,
            recipient: record.recipient,
            content,
            attempts: record.attempts,
        };
        Ok(LoadedDelivery {
            delivery,
            leader,
            not_before: record.not_before,
        })
    }

    fn shared(
        &mut self,
        notification: NotificationId,
        leader: u32,
    ) -> Result<Arc<Content>, StoreError> {
        let key = content_key(notification, leader);
        if let Some((last, content)) = &self.last
            && *last == key
        {
            return Ok(content.clone());
        }
        let content: Content =
            self.store
                .get(Keyspace::Content, &key)?
                .ok_or_else(|| StoreError::Damaged {
                    keyspace: Keyspace::Content,
                    problem: format!("the content of {notification} is missing"),
                })?;
        let content = Arc::new(content);
        self.last = Some((key, content.clone()));
        Ok(content)
    }
}
