use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use super::{TokensSpec, TokensView, absent};

/// What an app reports of a device: its token, and which channel gave it.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeviceReport {
    /// Name of the channel; this or `certificate_id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// Certificate id of the channel; this or `channel`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate_id: Option<u32>,
    /// The vendor's token, 1 to 4096 bytes. Absent, null or empty: no push to this device
    /// until the next report, nor calls or Live Activities, whose tokens are kept.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "given"
    )]
    #[schema(value_type = Option<String>)]
    pub token: Option<Option<String>>,
    /// Tokens for calls and Live Activities. What is absent stays as it was. With them the report
    /// has a `token` or null.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens: Option<TokensSpec>,
    /// The phone's system, such as `ios`. At most 64 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// The language of the app (BCP 47), such as `zh-Hans`. At most 64 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Version of the app. At most 64 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app_version: Option<String>,
    /// The user has just logged in. Without it, a token of a device on which the user was
    /// logged out is refused: such a report may be a late one.
    #[serde(
        default,
        skip_serializing_if = "std::ops::Not::not",
        deserialize_with = "absent::or_default"
    )]
    pub login: bool,
}

/// Where an app is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StateName {
    /// Out of sight, or killed: the device is pushed.
    Background,
    /// In sight and connected: the device is not pushed.
    Foreground,
    /// The user logged out: the device is not pushed.
    LoggedOut,
    /// The user was logged out by a login elsewhere: the device is not pushed.
    Kicked,
}

/// What an app, or the chat server for it, reports of where the app is.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StateSpec {
    /// Where it is.
    #[serde(deserialize_with = "absent::word")]
    pub state: StateName,
    /// With `foreground`: seconds for which that holds without another report, 1 to 86400;
    /// then the device counts as in background. Default: 400.
    #[schema(minimum = 1, maximum = 86400)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease: Option<u32>,
    /// With `background`: what the app's icon shows, 0 to 99999; each push counts on from
    /// there. Default: as before.
    #[schema(maximum = 99999)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unread: Option<u32>,
}

/// A registered device.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct DeviceView {
    /// The app.
    pub app: String,
    /// The user.
    pub user: String,
    /// The device.
    pub device: String,
    /// Name of its channel; null when no such channel is configured, or push is off.
    pub channel: Option<String>,
    /// Certificate id of its channel; null when push is off.
    pub certificate_id: Option<u32>,
    /// The token, masked; null when push is off.
    pub token: Option<String>,
    /// The phone's system.
    pub platform: Option<String>,
    /// The language of the app.
    pub language: Option<String>,
    /// Version of the app.
    pub app_version: Option<String>,
    /// When the token was last reported.
    pub registered_at: String,
    /// Where the app is. `background` too when nothing was reported, or the lease of
    /// `foreground` has run out.
    pub state: StateName,
    /// When the state was last reported; null = never.
    pub state_at: Option<String>,
    /// Until when `foreground` holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease_until: Option<String>,
    /// What the app's icon shows; null when the app does not report it.
    pub unread: Option<u32>,
    /// Its tokens for calls and Live Activities.
    #[serde(default, skip_serializing_if = "TokensView::is_empty")]
    pub tokens: TokensView,
}

/// A device is registered.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct DeviceReported {
    /// The device.
    #[serde(flatten)]
    pub device: DeviceView,
    /// Who had the token until now; that device is no longer registered.
    pub taken_from: Option<OwnerView>,
    /// Devices that had another of the tokens until now; they are registered without it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tokens_from: Vec<OwnerView>,
}

/// null is something else than nothing.
fn given<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<String>>, D::Error> {
    Deserialize::deserialize(from).map(Some)
}

/// Who has a token.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct OwnerView {
    /// The user.
    pub user: String,
    /// The device.
    pub device: String,
}

/// Devices of a user.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct DeviceList {
    /// By device id.
    pub devices: Vec<DeviceView>,
}
