use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What an app reports of a device: its token and which channel gave it.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeviceReport {
    /// Name of the channel; this or `certificate_id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// Certificate id of the channel; this or `channel`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate_id: Option<u32>,
    /// The vendor's token, 1 to 4096 bytes.
    pub token: String,
    /// The phone's system, such as `ios`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
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
    /// Name of its channel; absent when no such channel is configured.
    pub channel: Option<String>,
    /// Certificate id of its channel.
    pub certificate_id: u32,
    /// The token, masked.
    pub token: String,
    /// The phone's system.
    pub platform: Option<String>,
    /// When the token was last reported.
    pub registered_at: String,
}

/// A device is registered.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct DeviceReported {
    /// The device.
    #[serde(flatten)]
    pub device: DeviceView,
    /// Who had the token until now.
    pub taken_from: Option<OwnerView>,
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
