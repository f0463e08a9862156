//! The number of a channel, as devices report it and records keep it.

use std::fmt;

use nudged_plugin_api::frame::{Field, Writer};
use nudged_plugin_api::minicbor::{Decoder, decode};

/// The number of a channel, which phones report with their token. It never changes
/// and belongs to one channel, so the queue and the registry speak of channels by it.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
)]
#[serde(transparent)]
pub struct CertificateId(pub u32);

impl fmt::Display for CertificateId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Field for CertificateId {
    fn put(&self, to: &mut Writer<'_>) {
        self.0.put(to);
    }
    fn take(from: &mut Decoder<'_>) -> Result<Self, decode::Error> {
        u32::take(from).map(Self)
    }
}
