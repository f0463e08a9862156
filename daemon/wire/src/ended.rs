use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{DeviceLine, Event, TombstoneView};
use crate::Problem;

/// The last line of a stream that ends before its time.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Ended {
    /// Why.
    pub problem: Problem,
}

/// A line of the stream of events.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub enum EventLine {
    /// A delivery has ended.
    Event(Box<Event>),
    /// The stream ends here.
    Ended(Ended),
}

/// A line of the export of devices.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub enum ExportLine {
    /// A device.
    Device(Box<DeviceLine>),
    /// The export ends here, and is not whole.
    Ended(Ended),
}

/// A line of the list of tombstones.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub enum TombstoneLine {
    /// A device that was removed.
    Tombstone(Box<TombstoneView>),
    /// The list ends here, and is not whole.
    Ended(Ended),
}
