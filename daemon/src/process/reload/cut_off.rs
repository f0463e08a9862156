//! Whose devices get no push from now on, or may not.
//!
//! In: a plan, the channels in use, what certificate ids stand for, how many devices each has. Out: a
//! sentence for each id that goes, changes its channel or comes to stand for another account. Pure.

use std::collections::{BTreeMap, BTreeSet};

use nudged_plugin_api::Timestamp;

use crate::channels::CertificateMeaning;
use crate::channels::RouteTable;
use crate::config::shown;
use crate::model::CertificateId;
use crate::process::plan::Plan;

/// The warnings about a plan. `devices` says how many there are, none while they are not counted.
pub fn cut_off(
    plan: &Plan,
    before: &RouteTable,
    known: &BTreeMap<CertificateId, CertificateMeaning>,
    devices: impl Fn(CertificateId) -> Option<u64>,
    now: Timestamp,
) -> Vec<String> {
    let mut warnings = Vec::new();
    let broken = plan.broken.iter().filter_map(|it| it.certificate_id);
    let there: BTreeSet<CertificateId> = plan
        .routes
        .iter()
        .map(|it| it.certificate_id)
        .chain(broken)
        .collect();
    // req 68: an id that goes or changes says how many devices it cuts off
    for entry in before.all() {
        let id = entry.certificate_id;
        if there.contains(&id) {
            continue;
        }
        let Some(count) = counted(devices(id)) else {
            continue;
        };
        let mut now_named = plan.routes.iter().filter(|it| it.name == entry.name);
        let instead = match now_named.next() {
            Some(route) => format!(
                ": the channel has certificate id {} now",
                route.certificate_id
            ),
            None => String::new(),
        };
        warnings.push(gone(&entry.name, id, &count) + &instead);
    }
    for route in &plan.routes {
        let id = route.certificate_id;
        let new = CertificateMeaning::of(route, now);
        let old = known.get(&id).filter(|known| known.differs(&new));
        if let (Some(old), Some(count)) = (old, counted(devices(id))) {
            warnings.push(format!(
                "channel {}, certificate id {id}: {count} hold tokens of {}, and are pushed by {} \
                 from now on, which may know none of them",
                route.name,
                old.description(),
                new.description()
            ));
        }
    }
    warnings
}

/// That the devices of a certificate id get no push.
pub fn gone(channel: &str, id: CertificateId, count: &str) -> String {
    let get = if count == "1 device" { "gets" } else { "get" };
    format!("channel {channel}, certificate id {id}: {count} {get} no push from now on")
}

/// `12,345 devices`; none for none.
pub fn counted(devices: Option<u64>) -> Option<String> {
    match devices {
        None => Some("its devices, which are not counted yet,".to_owned()),
        Some(0) => None,
        Some(1) => Some("1 device".to_owned()),
        Some(count) => Some(format!("{} devices", shown::thousands(count))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_counted_in_words() {
        for (devices, text) in [
            (Some(1), Some("1 device")),
            (Some(999), Some("999 devices")),
            (Some(12_345), Some("12,345 devices")),
            (Some(1_234_567), Some("1,234,567 devices")),
            (Some(0), None),
        ] {
            assert_eq!(counted(devices).as_deref(), text);
        }
        let not_yet = counted(None).expect("a text");
        assert_eq!(
            gone("xiaomi", CertificateId(3), "12,345 devices"),
            "channel xiaomi, certificate id 3: 12,345 devices get no push from now on"
        );
        assert!(gone("a", CertificateId(3), &not_yet).contains("not counted yet, get no push"));
    }
}
