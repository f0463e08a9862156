//! Devices that a channel's settings cost: removed after vendor answers that settings may have caused
//! which the channel has no more.
//!
//! In: what was known of certificate ids, the channels that are taken into use. Out: how many such
//! devices each channel has, and on demand the devices again. Refuses to know which settings are
//! right: whoever changed them says so.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::meaning::CertificateMeaning;
use crate::channels::Route;
use crate::config::shown;
use crate::model::CertificateId;
use crate::registry::{Registry, TombstoneFilter};
use crate::store::StoreError;

/// Devices of a channel that were removed on an answer which may have been the fault of its
/// settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestorableDevices {
    pub channel: String,
    pub devices: u64,
}

impl RestorableDevices {
    /// What happened to them, and what brings them back.
    pub fn offer(&self) -> String {
        let were = match self.devices {
            1 => "1 device was".to_owned(),
            devices => format!("{} devices were", shown::thousands(devices)),
        };
        format!(
            "channel {}: {were} removed after vendor answers that its former settings may have \
             caused; nudgectl reload --restore puts them back",
            self.channel
        )
    }
}

/// The channels whose settings changed since they were known last.
pub fn with_changed_settings(
    routes: &[Arc<Route>],
    known: &BTreeMap<CertificateId, CertificateMeaning>,
) -> BTreeSet<CertificateId> {
    let differ = |route: &&Arc<Route>| {
        let known = known.get(&route.certificate_id).map(|it| it.settings);
        has_changed(known, route.settings)
    };
    let changed = routes.iter().filter(differ);
    changed.map(|route| route.certificate_id).collect()
}

/// Of what is not known nobody can say that it changed.
fn has_changed(known: Option<u64>, now: u64) -> bool {
    known.is_some_and(|known| known != 0 && known != now)
}

/// How many such devices these channels have; those without any are left out.
pub async fn count_restorable(
    registry: &Arc<Registry>,
    routes: &[Arc<Route>],
    of: &BTreeSet<CertificateId>,
) -> Vec<RestorableDevices> {
    if of.is_empty() {
        return Vec::new();
    }
    let (registry, graves) = (registry.clone(), removed_under_other_settings(routes, of));
    let counting = tokio::task::spawn_blocking(move || registry.count_tombstones(&graves));
    match counting.await {
        Ok(Ok(count)) => named(routes, &count),
        Ok(Err(error)) => {
            tracing::error!(%error, "cannot count removed devices");
            Vec::new()
        }
        // Something broke in there, which has said so itself.
        Err(_) => Vec::new(),
    }
}

/// Puts the devices of all these channels back that other settings may have cost.
pub async fn restore_devices(
    registry: &Arc<Registry>,
    routes: &[Arc<Route>],
) -> Result<Vec<RestorableDevices>, StoreError> {
    let mut restored = BTreeMap::new();
    for route in routes {
        let id = route.certificate_id;
        let back = registry
            .restore(&removed_under_other_settings(routes, &[id].into()))
            .await?;
        restored.insert(id, (back.devices + back.tokens) as u64);
    }
    Ok(named(routes, &restored))
}

fn removed_under_other_settings(
    routes: &[Arc<Route>],
    of: &BTreeSet<CertificateId>,
) -> TombstoneFilter {
    let of = routes.iter().filter(|it| of.contains(&it.certificate_id));
    let not_under = of.map(|route| (route.certificate_id, route.settings));
    TombstoneFilter {
        not_under: Some(not_under.collect()),
        ..TombstoneFilter::default()
    }
}

fn named(routes: &[Arc<Route>], count: &BTreeMap<CertificateId, u64>) -> Vec<RestorableDevices> {
    let of = |route: &Arc<Route>| {
        let devices = count.get(&route.certificate_id).copied().unwrap_or(0);
        (devices > 0).then(|| RestorableDevices {
            channel: route.name.clone(),
            devices,
        })
    };
    routes.iter().filter_map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_changed_when_others_are_known() {
        for (known, now, changed) in [
            (None, 1, false),
            (Some(0), 1, false),
            (Some(1), 1, false),
            (Some(2), 1, true),
        ] {
            assert_eq!(has_changed(known, now), changed, "{known:?} {now}");
        }
    }

    #[test]
    fn an_offer_says_how_many_of_which_channel_and_what_to_do() {
        let offer = |devices| {
            let channel = "ios".to_owned();
            RestorableDevices { channel, devices }.offer()
        };
        assert!(offer(1).starts_with("channel ios: 1 device was removed after vendor answers"));
        assert!(
            offer(1_420)
                .starts_with("channel ios: 1,420 devices were removed after vendor answers")
        );
        assert!(offer(2).ends_with("; nudgectl reload --restore puts them back"));
    }
}
