//! Which leases share a request: the same content, up to the vendor's batch size. Pure.

use std::sync::Arc;

use crate::queue::Lease;

/// Leases that share one request.
pub type Group = Vec<Lease>;

/// Groups neighbours of the same notification; what is apart in the queue stays apart.
pub fn group(leases: Vec<Lease>, most: usize) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for lease in leases {
        match groups.last_mut() {
            Some(group) if group.len() < most && same(&group[0], &lease) => group.push(lease),
            _ => groups.push(vec![lease]),
        }
    }
    groups
}

fn same(one: &Lease, other: &Lease) -> bool {
    let (one, other) = (one.delivery(), other.delivery());
    one.id.notification == other.id.notification
        && (Arc::ptr_eq(&one.content, &other.content) || one.content == other.content)
        && one.recipient.badge == other.recipient.badge
}
