//! What a channel is configured with, and what the driver says of itself.
//!
//! In: the channel's settings. Out: a [`Channel`] that is known to be complete.
//! The key file itself is read in `account`.

mod account;

use nudged_plugin_api::info::{Kind, MessageClass};
use nudged_plugin_api::{
    Info, KindInfo, Platform, Probe, Setting, SettingError, Settings, TokenUse,
};

pub use account::ServiceAccount;

use crate::reason::TEST;

/// Push Kit's own address.
const ENDPOINT: &str = "https://push-api.cloud.huawei.com";

/// Most tokens in one request.
pub(crate) const MAX_TOKENS: usize = 1000;
/// Longest token that the driver lets into a batch; Push Kit's have some hundred characters.
pub(crate) const MAX_TOKEN: usize = 1024;
/// Longest body without its tokens (code 80300008).
pub(crate) const MAX_PAYLOAD: usize = 4096;

const DEFAULT_TITLE: &str = "a new message";

/// The categories of a notification (push-type 0) that Huawei documents.
pub(crate) const CATEGORIES: [&str; 13] = [
    "IM",
    "VOIP",
    "MISS_CALL",
    "SUBSCRIPTION",
    "TRAVEL",
    "HEALTH",
    "WORK",
    "ACCOUNT",
    "EXPRESS",
    "FINANCE",
    "DEVICE_REMINDER",
    "MAIL",
    MARKETING,
];
/// The category that is limited, and that all others become without their right.
pub(crate) const MARKETING: &str = "MARKETING";

/// The driver's self-description.
pub(crate) fn describe() -> Info {
    let mut info = Info::new(
        "harmony",
        "Huawei Push Kit for HarmonyOS, REST v3",
        env!("CARGO_PKG_VERSION"),
    )
    .platform(Platform::Harmony)
    .probe(Probe::Request)
    .badge()
    .kinds([KindInfo::BACKGROUND, KindInfo::voip(TokenUse::Device)])
    .hosts(["push-api.cloud.huawei.com:443"])
    .settings([
        Setting::new(
            "service_account",
            Kind::File,
            "JSON key file of a service account with the right to push: Huawei developer console, \
             API services, credentials, service account key.",
        )
        .required()
        .secret(),
        Setting::new(
            "category",
            Kind::Choice,
            "Category of notifications that name none, such as IM; its right is granted in \
             AppGallery Connect, Push Kit, self-classification, and without it Huawei counts the \
             message as MARKETING.",
        )
        .choices(CATEGORIES)
        .required(),
        Setting::new(
            "client_id",
            Kind::Text,
            "Client ID of the app, which taking messages back needs: AppGallery Connect, project \
             settings, app information, OAuth 2.0 client ID.",
        ),
        Setting::new(
            "receipt_id",
            Kind::Text,
            "Name of the receipt address that answers of phones go to: AppGallery Connect, Push \
             Kit, receipts.",
        ),
        Setting::new(
            "default_title",
            Kind::Text,
            "Title of a notification that has none, since Push Kit wants one.",
        )
        .with_default(format!("\"{DEFAULT_TITLE}\"")),
        Setting::new(
            "endpoint",
            Kind::Url,
            "Address used instead of https://push-api.cloud.huawei.com, for a gateway or a test.",
        ),
        Setting::unneeded(
            "app_id",
            "a message goes by the project ID in the service account's key file.",
        ),
        Setting::unneeded(
            "project_id",
            "the project ID is in the service account's key file.",
        ),
        Setting::unneeded(
            "client_secret",
            "HarmonyOS takes a service account's key in its place; Android phones of Huawei have \
             the driver huawei.",
        )
        .aliases(["app_secret"])
        .secret(),
        Setting::unneeded(
            "bundle_name",
            "the bundle name is for phones; a message goes by the project ID in the key file.",
        )
        .aliases(["package", "package_name"]),
    ])
    // In Beijing.
    .day_ahead(8)
    .classes([
        MessageClass::new(
            "service",
            "Notifications of every category but MARKETING; Huawei publishes no daily number.",
        ),
        MessageClass::new(
            "marketing",
            "Category MARKETING, two messages a device and day, five for some kinds of app; what \
             is over is taken and dropped.",
        )
        .daily_per_device(2),
        MessageClass::new(TEST, "Test messages, 1000 a project and day.").daily(0, 1000),
    ])
    .sources([
        "HarmonyOS Push Kit, server API: request parameters (v3)",
        "HarmonyOS Push Kit, server API: request structure",
        "HarmonyOS Push Kit, server API: response",
        "HarmonyOS Push Kit: authorizing by a service account (JWT)",
        "HarmonyOS Push Kit: message classification and quotas",
    ]);
    info.batch = MAX_TOKENS as u32;
    // Each token is quoted and followed by a comma.
    info.max_body = (MAX_PAYLOAD + MAX_TOKENS * (MAX_TOKEN + 3)) as u32;
    info.concurrency = 100;
    info.recall = true;
    info
}

/// A channel's settings, checked.
#[derive(Debug)]
pub struct Channel {
    /// Who signs.
    pub account: ServiceAccount,
    /// Where every message goes.
    pub send_url: String,
    /// Where messages are taken back, if they can be.
    pub recall_url: Option<String>,
    /// Category of a notification that names none.
    pub category: String,
    /// Which receipt address phones answer to.
    pub receipt_id: Option<String>,
    /// Title of a notification that has none.
    pub default_title: String,
}

impl Channel {
    /// Checks the settings, or says which one is wrong.
    pub fn read(settings: &Settings) -> Result<Self, SettingError> {
        let category = settings.require_text("category")?;
        if !CATEGORIES.contains(&category) {
            return Err(SettingError::new(
                "category",
                format!("is not one of {}", CATEGORIES.join(", ")),
                "set category to the one whose right AppGallery Connect, Push Kit, shows",
            ));
        }
        let endpoint = settings.url("endpoint")?.unwrap_or(ENDPOINT);
        let account = ServiceAccount::read(settings.require_file("service_account")?)?;
        Ok(Self {
            recall_url: client_id(settings)?
                .map(|id| format!("{endpoint}/v1/{id}/messages:revoke")),
            send_url: format!("{endpoint}/v3/{}/messages:send", account.project_id),
            category: category.to_owned(),
            receipt_id: settings.text("receipt_id").map(str::to_owned),
            default_title: settings
                .text("default_title")
                .unwrap_or(DEFAULT_TITLE)
                .to_owned(),
            account,
        })
    }
}

/// The id becomes a part of a URL.
fn client_id(settings: &Settings) -> Result<Option<&str>, SettingError> {
    let id = settings.text("client_id").filter(|id| !id.is_empty());
    let plain = |id: &str| id.len() <= 64 && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    match id {
        Some(id) if !plain(id) => Err(SettingError::new(
            "client_id",
            "is not 1 to 64 letters and digits",
            "copy the OAuth 2.0 client ID of the app from AppGallery Connect, project settings",
        )),
        id => Ok(id),
    }
}
