//! Devices that a channel's settings cost: removed on words that may have been the fault of settings
//! which the channel has no more.
//!
//! In: what was known of certificate ids, the channels that are taken into use. Out: how many such
//! devices each channel has, and on demand the devices again. Refuses to know which settings are
//! right: whoever changed them says so.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::meaning::Meaning;
use crate::config::shown;
use crate::dispatch::Route;
use crate::model::CertificateId;
use crate::registry::{Registry, TombstoneFilter};
use crate::store::StoreError;

/// Devices of a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blameless {
    /// The channel.
    pub channel: String,
    /// How many.
    pub devices: u64,
}

impl Blameless {
    /// What happened to them, and what brings them back.
    pub fn offer(&self) -> String {
        let were = match self.devices {
            1 => "1 device was".to_owned(),
            devices => format!("{} devices were", shown::thousands(devices)),
        };
        format!(
            "channel {}: {were} removed on words that may have been the fault of its settings before \
             they changed; nudgectl reload --restore puts them back",
            self.channel
        )
    }
}

/// The channels whose settings changed since they were known last.
pub fn changed(
    routes: &[Arc<Route>],
    known: &BTreeMap<CertificateId, Meaning>,
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
pub async fn count(
    registry: &Arc<Registry>,
    routes: &[Arc<Route>],
    of: &BTreeSet<CertificateId>,
) -> Vec<Blameless> {
    if of.is_empty() {
        return Vec::new();
    }
    let (registry, graves) = (registry.clone(), graves(routes, of));
    let counting = tokio::task::spawn_blocking(move || registry.count_tombstones(&graves));
    match counting.await {
        Ok(Ok(count)) => named(routes, &count),
        Ok(Err(error)) => {
            tracing::error!(%error, "removed devices cannot be counted");
            Vec::new()
        }
        // Something broke in there, which has said so itself.
        Err(_) => Vec::new(),
    }
}

/// Puts the devices of all these channels back that other settings may have cost.
pub async fn restore(
    registry: &Arc<Registry>,
    routes: &[Arc<Route>],
) -> Result<Vec<Blameless>, StoreError> {
    let mut restored = BTreeMap::new();
    for route in routes {
        let id = route.certificate_id;
        let back = registry.restore(&graves(routes, &[id].into())).await?;
        restored.insert(id, (back.devices + back.tokens) as u64);
    }
    Ok(named(routes, &restored))
}

fn graves(routes: &[Arc<Route>], of: &BTreeSet<CertificateId>) -> TombstoneFilter {
    let of = routes.iter().filter(|it| of.contains(&it.certificate_id));
    let not_under = of.map(|route| (route.certificate_id, route.settings));
    TombstoneFilter {
        not_under: Some(not_under.collect()),
        ..TombstoneFilter::default()
    }
}

fn named(routes: &[Arc<Route>], count: &BTreeMap<CertificateId, u64>) -> Vec<Blameless> {
    let of = |route: &Arc<Route>| {
        let devices = count.get(&route.certificate_id).copied().unwrap_or(0);
        (devices > 0).then(|| Blameless {
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
            Blameless { channel, devices }.offer()
        };
        assert!(offer(1).starts_with("channel ios: 1 device was removed on words"));
        assert!(offer(1_420).starts_with("channel ios: 1,420 devices were removed on words"));
        assert!(offer(2).ends_with("; nudgectl reload --restore puts them back"));
    }
}
