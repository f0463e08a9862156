//! How a queued delivery is written down.

use std::sync::Arc;

use nudged_plugin_api::frame;
use nudged_plugin_api::frame::to_bytes;

use super::Place;
use crate::model::{CertificateId, Content, Delivery, DeliveryId, NotificationId, Recipient};
use crate::store::{Space, Store, StoreError, decoded};

#[derive(Clone, Default)]
struct Record {
    id: DeliveryId,
    recipient: Recipient,
    content: Option<Content>,
    attempts: u32,
}
frame!(Record { 0 id, 1 recipient, 2 content, 3 attempts });

/// The bytes of a delivery, with its content or pointing to the shared one.
pub fn write(delivery: &Delivery, with_content: bool) -> Vec<u8> {
    to_bytes(&Record {
        id: delivery.id,
        recipient: delivery.recipient.clone(),
        content: with_content.then(|| Content::clone(&delivery.content)),
        attempts: delivery.attempts,
    })
}

/// Where the content of several deliveries of a notification on a channel is.
pub fn content_key(notification: NotificationId, channel: CertificateId) -> Vec<u8> {
    [&notification.to_bytes()[..], &channel.0.to_be_bytes()].concat()
}

/// Reads deliveries of one channel; neighbours that share a content get one copy of it.
pub struct Reader<'a> {
    store: &'a Store,
    channel: CertificateId,
    last: Option<(NotificationId, Arc<Content>)>,
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

    /// The delivery in `bytes`, and whether its content is shared.
    pub fn read(&mut self, place: Place, bytes: &[u8]) -> Result<(Delivery, bool), StoreError> {
        let record: Record = decoded(place.space(), bytes)?;
        let shared = record.content.is_none();
        let content = match record.content {
            Some(content) => Arc::new(content),
            None => self.shared(record.id.notification)?,
        };
        let delivery = Delivery {
            id: record.id,
            channel: self.channel,
            recipient: record.recipient,
            content,
            attempts: record.attempts,
        };
        Ok((delivery, shared))
    }

    fn shared(&mut self, notification: NotificationId) -> Result<Arc<Content>, StoreError> {
        if let Some((id, content)) = &self.last
            && *id == notification
        {
            return Ok(content.clone());
        }
        let key = content_key(notification, self.channel);
        let content: Content =
            self.store
                .get(Space::Content, &key)?
                .ok_or_else(|| StoreError::Damaged {
                    space: Space::Content,
                    problem: format!("the content of {notification} is missing"),
                })?;
        let content = Arc::new(content);
        self.last = Some((notification, content.clone()));
        Ok(content)
    }
}
