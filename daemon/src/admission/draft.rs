//! What a decision comes to for one device: a delivery whose badge is not counted yet, or one that
//! ends before it begins.
//!
//! In: drafts, and the registry's view under which badges are counted. Out: deliveries for the
//! queue. Refuses to know how it was decided.

use super::badge;
use crate::channels::RouteTable;
use crate::model::{Delivery, Reason};
use crate::outcome::Suppressed;
use crate::registry::RegistryView;
use crate::store::StoreError;
use nudged_wire::BadgeChange;

/// A delivery whose badge is not counted yet.
pub struct DeliveryDraft {
    pub delivery: Delivery,
    /// What the sender wants of the number on the icon.
    pub badge: Option<BadgeChange>,
}

/// A delivery that ends before it begins.
pub struct SuppressedDraft {
    /// By which rule.
    pub reason: Reason,
    /// What is written of it.
    pub suppressed: Suppressed,
}

/// The deliveries with their badges; without a registry, badges are counted nowhere.
pub fn counted(
    table: &RouteTable,
    drafts: Vec<DeliveryDraft>,
    mut registry: Option<&mut RegistryView<'_>>,
) -> Result<Vec<Delivery>, StoreError> {
    let mut deliveries = Vec::with_capacity(drafts.len());
    for DeliveryDraft {
        mut delivery,
        badge,
    } in drafts
    {
        if let Some(route) = table.by_id(delivery.channel) {
            badge::count(&mut delivery, badge, &route.info, registry.as_deref_mut())?;
        }
        deliveries.push(delivery);
    }
    Ok(deliveries)
}
