use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::NoticeView;

/// What sending a notification now would do. Nothing was sent.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
pub struct PreviewView {
    /// Every device of every recipient.
    pub deliveries: Vec<PreviewDelivery>,
    /// The requests that the vendors would get.
    pub requests: Vec<PreviewRequest>,
}

/// Whether one device would be pushed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct PreviewDelivery {
    /// The user, when the recipient is one.
    pub user: Option<String>,
    /// The user's device.
    pub device: Option<String>,
    /// The token, masked.
    pub token: String,
    /// Name of the channel.
    pub channel: Option<String>,
    /// Certificate id of the channel.
    pub certificate_id: Option<u32>,
    /// Driver of the channel.
    pub driver: Option<String>,
    /// Whether it would be pushed.
    pub pushed: bool,
    /// Its place in `requests`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<usize>,
    /// Why it would not be pushed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<ReasonView>,
}

/// Why a device is not pushed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct ReasonView {
    /// Its outcome: `suppressed` by a rule, `rejected` or `failed` by the driver; `waits` where
    /// the channel is broken.
    pub outcome: String,
    /// Stable name of the rule, or the driver's code.
    pub code: String,
    /// The rule in words, or the driver's.
    pub text: String,
    /// What to do about it.
    pub remedy: String,
}

/// A request as the vendor would get it. Secrets, grants and tokens are masked; ids, times
/// and signatures are new in each request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct PreviewRequest {
    /// Name of the channel.
    pub channel: String,
    /// Its driver.
    pub driver: String,
    /// HTTP method.
    pub method: String,
    /// URL.
    pub url: String,
    /// Headers in the order in which the driver gives them.
    pub headers: Vec<HeaderView>,
    /// Body.
    pub body: String,
    /// How many devices share it.
    pub devices: usize,
    /// A second request may follow, which depends on the vendor's answer to this one: the devices
    /// of a message that it saved, or the message in other words where it refuses these.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub continues: bool,
    /// What of the message the vendor does not show as it was asked to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<NoticeView>,
}

/// A header of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct HeaderView {
    /// Its name.
    pub name: String,
    /// Its value, masked where it lets in.
    pub value: String,
}
