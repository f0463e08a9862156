//! How a queued delivery is written down.

use std::sync::Arc;

use nudged_plugin_api::frame::to_bytes;
use nudged_plugin_api::{Timestamp, frame};

use super::place::Place;
use crate::model::{CertificateId, Content, Delivery, DeliveryId, NotificationId, Recipient};
use crate::store::{Space, Store, StoreError, decoded};

#[derive(Clone, Default)]
struct Record {
    id: DeliveryId,
    recipient: Recipient,
    content: Option<Content>,
    attempts: u32,
    leader: u32,
    asked: Timestamp,
}
frame!(Record { 0 id, 1 recipient, 2 content, 3 attempts, 4 leader, 5 asked });

/// Which of its notification's deliveries a delivery has its content in common with: the
/// first of them. None = with no other, and it travels with the delivery and leaves with it.
pub type Leader = Option<u32>;

/// The bytes of a delivery, with its content or pointing to the shared one; and until when
/// its vendor asked to wait, if it did.
pub fn write(delivery: &Delivery, leader: Leader, asked: Option<Timestamp>) -> Vec<u8> {
    to_bytes(&Record {
        id: delivery.id,
        recipient: delivery.recipient.clone(),
        content: leader.is_none().then(|| Content::clone(&delivery.content)),
        attempts: delivery.attempts,
        leader: leader.unwrap_or_default(),
        asked: asked.unwrap_or_default(),
    })
}

/// A delivery as it is written down.
pub struct Written {
    /// The delivery.
    pub delivery: Delivery,
    /// With whom it shares its content.
    pub leader: Leader,
    /// Until when its vendor asked to wait.
    pub asked: Timestamp,
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
pub struct Reader<'a> {
    store: &'a Store,
    channel: CertificateId,
    last: Option<([u8; 20], Arc<Content>)>,
}

impl<'a> Reader<'a> {
    /// A reader for a channel's records.
    pub fn new(store: &'a Store, channel: CertificateId) -> Self {
        Self {
            store,
            channel,
            last: None,
        }
    }

    /// The delivery in `bytes`.
    pub fn read(&mut self, place: Place, bytes: &[u8]) -> Result<Written, StoreError> {
        let record: Record = decoded(place.space(), bytes)?;
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
        Ok(Written {
            delivery,
            leader,
            asked: record.asked,
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
                .get(Space::Content, &key)?
                .ok_or_else(|| StoreError::Damaged {
                    space: Space::Content,
                    problem: format!("the content of {notification} is missing"),
                })?;
        let content = Arc::new(content);
        self.last = Some((key, content.clone()));
        Ok(content)
    }
}
