//! What a delivery is called: its notification, and its place in it.

use nudged_plugin_api::frame::{Field, Writer};
use nudged_plugin_api::minicbor::{Decoder, decode};

use super::NotificationId;

/// Which delivery: the notification and the device's place among its recipients.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeliveryId {
    pub notification: NotificationId,
    /// Counted from 0.
    pub n: u32,
}

impl DeliveryId {
    /// As a key; deliveries of a notification are neighbours.
    pub fn to_bytes(self) -> [u8; 20] {
        let mut key = [0; 20];
        key[..16].copy_from_slice(&self.notification.to_bytes());
        key[16..].copy_from_slice(&self.n.to_be_bytes());
        key
    }

    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (id, n) = bytes.split_first_chunk::<16>()?;
        Some(Self {
            notification: NotificationId::from_bytes(*id),
            n: u32::from_be_bytes(n.try_into().ok()?),
        })
    }
}

impl Field for DeliveryId {
    fn put(&self, to: &mut Writer<'_>) {
        self.to_bytes().to_vec().put(to);
    }
    fn take(from: &mut Decoder<'_>) -> Result<Self, decode::Error> {
        Self::from_bytes(from.bytes()?)
            .ok_or_else(|| decode::Error::message("a delivery id has 20 bytes"))
    }
}
