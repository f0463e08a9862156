//! What is left of a removed device.

use nudged_plugin_api::frame;

use super::{Device, Evidence};

/// What is left of a device whose token the vendor called dead: enough to restore it, should
/// the vendor have been wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tombstone {
    /// The device as it was.
    pub device: Device,
    /// Why it is gone.
    pub evidence: Evidence,
}
frame!(Tombstone { 0 device, 1 evidence });
