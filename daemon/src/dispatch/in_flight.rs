//! Requests in flight: sent, and not answered yet.

use std::sync::Arc;

use nudged_plugin_api::{Grant, Notice, Target, Timestamp};

use super::batch::Batch;
use crate::quota::Reservation;
use crate::transport::{TransportError, VendorResponse};

/// A request in flight.
pub(super) struct InFlight {
    pub(super) batch: Batch,
    pub(super) targets: Vec<Target>,
    pub(super) grant: Option<Arc<Grant>>,
    pub(super) memo: Vec<u8>,
    pub(super) notices: Vec<Notice>,
    pub(super) reservation: Option<Arc<Reservation>>,
    /// The class of messages that it is in; empty = none.
    pub(super) class: String,
    pub(super) recall_key: String,
    pub(super) step: u32,
    pub(super) began: Timestamp,
}

/// A request that came back.
pub(super) struct Completion {
    pub(super) request: InFlight,
    pub(super) result: Result<VendorResponse, TransportError>,
}
