//! Which deliveries share a request. Pure.

use std::sync::Arc;

use crate::model::Delivery;
use crate::queue::Lease;

/// Leases that share one request.
pub type Group = Vec<Lease>;

/// Whether two neighbours of the queue may go out in one request: the same notification with
/// the same content, as everything but the token must be the same.
pub fn share_a_request(one: &Delivery, other: &Delivery) -> bool {
    one.id.notification == other.id.notification
        && (Arc::ptr_eq(&one.content, &other.content) || one.content == other.content)
        && one.recipient.badge == other.recipient.badge
}
