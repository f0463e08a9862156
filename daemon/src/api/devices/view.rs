//! Devices as they are shown.

use nudged_plugin_api::Timestamp;

use super::tokens;
use crate::channels::RouteTable;
use crate::model::{AppState, Device, masked, rfc3339};
use crate::registry::DeviceKey;
use nudged_wire::{DeviceView, StateName};

/// A device as it is at `now`.
pub fn view(table: &RouteTable, key: DeviceKey, device: Device, now: Timestamp) -> DeviceView {
    let bound = device.binding.as_ref();
    let state = state(&device, now);
    let shown = tokens::view(table, &device);
    DeviceView {
        channel: bound
            .and_then(|bound| table.by_id(bound.channel))
            .map(|route| route.name.clone()),
        certificate_id: bound.map(|bound| bound.channel.0),
        token: bound.map(|bound| masked(&bound.token)),
        platform: device.platform,
        language: device.language,
        app_version: device.app_version,
        registered_at: rfc3339(device.registered_at),
        state,
        state_at: (device.state_at.0 > 0).then(|| rfc3339(device.state_at)),
        lease_until: (state == StateName::Foreground).then(|| rfc3339(device.lease_until)),
        unread: device.unread,
        tokens: shown,
        app: key.app,
        user: key.user,
        device: key.device,
    }
}

/// Where the app is at `now`.
pub fn state(device: &Device, now: Timestamp) -> StateName {
    match device.state {
        AppState::Background => StateName::Background,
        AppState::Foreground if now < device.lease_until => StateName::Foreground,
        AppState::Foreground => StateName::Background,
        AppState::LoggedOut => StateName::LoggedOut,
        AppState::Kicked => StateName::Kicked,
    }
}
