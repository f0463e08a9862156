//! Devices that settings which are no more may have cost: put back on demand, else offered.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::channels;
use crate::channels::Route;
use crate::model::CertificateId;
use crate::registry::Registry;
use crate::reloading::Reloaded;

/// Puts them back.
pub async fn restore(
    registry: &Arc<Registry>,
    routes: &[Arc<Route>],
    mut done: Reloaded,
) -> Reloaded {
    match channels::restore_devices(registry, routes).await {
        Ok(restored) => {
            for it in &restored {
                tracing::info!(
                    channel = it.channel,
                    devices = it.devices,
                    "devices restored"
                );
            }
            done.restored = restored;
        }
        Err(error) => done.warnings.push(format!(
            "not all removed devices could be restored: {error}; run nudgectl reload --restore \
             again to go on"
        )),
    }
    done
}

/// Adds how many devices of these channels could be put back; warns of it in the log only from
/// `min_warned` devices on.
pub async fn offer(
    registry: &Arc<Registry>,
    routes: &[Arc<Route>],
    of: &BTreeSet<CertificateId>,
    min_warned: u32,
    mut done: Reloaded,
) -> Reloaded {
    done.restorable = channels::count_restorable(registry, routes, of).await;
    for it in &done.restorable {
        if it.devices >= min_warned.into() {
            tracing::warn!(channel = it.channel, devices = it.devices, "{}", it.offer());
        }
    }
    done
}
