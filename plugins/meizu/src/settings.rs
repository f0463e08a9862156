//! What a channel is configured with, and what the driver says of itself.
//!
//! In: the channel's settings. Out: a [`Channel`] that is known to be complete.

use std::fmt;

use nudged_driver_kit::address::is_web_page;
use nudged_driver_kit::android;
use nudged_driver_kit::text::Unit;
use nudged_plugin_api::info::{Kind, MessageClass, TextLimit};
use nudged_plugin_api::{Info, Notice, Platform, Setting, SettingError, Settings};

use crate::options::{CallbackType, MAX_CALLBACK, MAX_CALLBACK_PARAM, MessageType};

/// Meizu's address in China.
const CHINA: &str = "https://server-api-push.meizu.com";
/// Meizu's address abroad.
const OVERSEAS: &str = "https://server-api-push.in.meizu.com";
const PATH: &str = "/garcia/api/server/push/varnished/pushByPushId";

/// Most pushIds in one request; documents before April 2025 said 1000.
pub(crate) const MAX_PUSH_IDS: usize = 100;
/// Longest pushId that the driver lets into a batch; Meizu's have some 45 characters.
pub(crate) const MAX_PUSH_ID: usize = 256;
/// Longest `messageJson`. Meizu names no limit; this one keeps a request of a sane size.
pub(crate) const MAX_MESSAGE: usize = 16 * 1024;
/// Longest title and text.
pub(crate) const MAX_TITLE: usize = 32;
pub(crate) const MAX_CONTENT: usize = 100;

const DEFAULT_TITLE: &str = "a new message";

/// The driver's self-description.
pub(crate) fn describe() -> Info {
    let mut info = Info::new("meizu", "Meizu (Flyme) Push", env!("CARGO_PKG_VERSION"))
        .platform(Platform::Android)
        .hosts([
            "server-api-push.meizu.com:443",
            "server-api-push.in.meizu.com:443",
        ])
        .settings([
            Setting::new(
                "app_id",
                Kind::Text,
                "AppId of the app, a number: Meizu's push console, the app's page.",
            )
            .required(),
            Setting::new(
                "app_secret",
                Kind::Text,
                "AppSecret that belongs to app_id, not the AppKey, which is the phone's: Meizu's \
                 push console, the app's page.",
            )
            .required()
            .secret(),
            Setting::new(
                "message_type",
                Kind::Choice,
                "Class of messages that name none (noticeMsgType): public, of which a device \
                 gets three a day (five of a news app), or private, for messages of people to \
                 people.",
            )
            .choices(["public", "private"])
            .with_default("\"public\""),
            Setting::new(
                "package",
                Kind::Text,
                "Package name of the app, such as com.example.chat; needed only for in-app \
                 pages whose class starts with a dot.",
            )
            .aliases(["package_name"]),
            Setting::new(
                "callback_url",
                Kind::Text,
                "Address that Meizu posts receipts to; register it in Meizu's push console first.",
            ),
            Setting::new(
                "callback_param",
                Kind::Text,
                "Text that comes back in every receipt, at most 64 bytes.",
            ),
            Setting::new(
                "callback_type",
                Kind::Choice,
                "Which receipts callback_url gets.",
            )
            .choices(["delivered", "clicked", "both"])
            .with_default("\"both\""),
            Setting::new(
                "default_title",
                Kind::Text,
                "Title of a notification that has none, since Meizu wants one.",
            )
            .with_default(format!("\"{DEFAULT_TITLE}\"")),
            Setting::new(
                "region",
                Kind::Choice,
                "Where the app is registered: china is https://server-api-push.meizu.com, \
                 overseas is https://server-api-push.in.meizu.com.",
            )
            .choices(["china", "overseas"])
            .with_default("\"china\""),
            Setting::new(
                "endpoint",
                Kind::Url,
                "Address used instead of the region's, for a gateway or a test.",
            ),
            Setting::unneeded(
                "app_key",
                "the AppKey is for phones; a server signs with app_secret.",
            ),
        ])
        // In Beijing.
        .day_ahead(8)
        .classes([
            MessageClass::new(
                "public",
                "Public messages, noticeMsgType 0: three a device and day, five of a news app.",
            )
            .daily_per_device(3),
            MessageClass::new(
                "private",
                "Private messages, noticeMsgType 1, without a limit.",
            ),
        ])
        .texts([
            TextLimit::new("title", MAX_TITLE, Unit::Utf16),
            TextLimit::new("body", MAX_CONTENT, Unit::Utf16),
        ])
        .sources([
            "MEIZUPUSH/PushAPI, README of April 2025",
            "MEIZUPUSH/JavaSdk 1.2.11",
            "Aggregators' documents on Meizu's quotas, 2025 and 2026",
        ]);
    info.batch = MAX_PUSH_IDS as u32;
    // Form encoding makes three bytes of one; the rest is appId, sign and the names.
    info.max_body = (3 * MAX_MESSAGE + MAX_PUSH_IDS * (3 * MAX_PUSH_ID + 3) + 256) as u32;
    info.rate = Some(200);
    info.concurrency = 100;
    info
}

/// A channel's settings, checked.
pub struct Channel {
    /// The app.
    pub app_id: String,
    pub(crate) app_secret: String,
    /// Where every message goes.
    pub send_url: String,
    /// Class of a message that names none.
    pub message_type: MessageType,
    /// The app's package, where the operator gave it.
    pub package: Option<String>,
    /// Where receipts go.
    pub callback_url: Option<String>,
    /// What comes back in receipts.
    pub callback_param: Option<String>,
    /// Which receipts there are.
    pub callback_type: CallbackType,
    /// Title of a notification that has none.
    pub default_title: String,
}

/// Never shows the secret.
impl fmt::Debug for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Channel")
            .field("app_id", &self.app_id)
            .field("send_url", &self.send_url)
            .field("message_type", &self.message_type)
            .field("package", &self.package)
            .field("callback_url", &self.callback_url)
            .finish_non_exhaustive()
    }
}

impl Channel {
    /// Checks the settings, or says which one is wrong.
    pub fn read(settings: &Settings) -> Result<Self, SettingError> {
        let region = settings.choice(
            "region",
            &[("china", CHINA), ("overseas", OVERSEAS)],
            "set region to \"china\", or leave it out",
        )?;
        let endpoint = settings.url("endpoint")?.or(region).unwrap_or(CHINA);
        let app_id = settings.require_digits(
            "app_id",
            "110000",
            "copy the AppId from Meizu's push console, the app's page",
        )?;
        let app_secret = settings.require_secret(
            "app_secret",
            "AppSecret",
            "copy the AppSecret anew from Meizu's push console, the app's page",
        )?;
        let message_type = settings.choice(
            "message_type",
            &[
                ("public", MessageType::Public),
                ("private", MessageType::Private),
            ],
            "set message_type to \"public\", or leave it out",
        )?;
        Ok(Self {
            app_id: app_id.to_owned(),
            app_secret: app_secret.to_owned(),
            send_url: format!("{endpoint}{PATH}"),
            message_type: message_type.unwrap_or(MessageType::Public),
            package: package(settings)?,
            callback_url: callback_url(settings)?,
            callback_param: callback_param(settings)?,
            callback_type: callback_type(settings)?,
            default_title: settings
                .text("default_title")
                .filter(|title| !title.trim().is_empty())
                .unwrap_or(DEFAULT_TITLE)
                .to_owned(),
        })
    }
}

impl Channel {
    /// What these settings cost every message.
    pub(crate) fn advice(&self) -> Vec<Notice> {
        let public = (self.message_type == MessageType::Public).then(|| {
            Notice::new(
                "message_type",
                "is public: a phone gets three such messages a day of an app (five of a news \
                 app), so set it to private if they are chats",
            )
        });
        public.into_iter().collect()
    }
}

fn package(settings: &Settings) -> Result<Option<String>, SettingError> {
    let Some(package) = settings.text("package") else {
        return Ok(None);
    };
    if is_java_name(package) {
        return Ok(Some(package.to_owned()));
    }
    Err(SettingError::new(
        "package",
        "is not a dotted name such as com.example.chat",
        "copy the package from the app's AndroidManifest.xml",
    ))
}

fn callback_url(settings: &Settings) -> Result<Option<String>, SettingError> {
    let Some(url) = settings.text("callback_url") else {
        return Ok(None);
    };
    let problem = if url.len() > MAX_CALLBACK {
        format!("is {} bytes long, Meizu takes {MAX_CALLBACK}", url.len())
    } else if !is_web_page(url) {
        "is not an http:// or https:// URL".to_owned()
    } else {
        return Ok(Some(url.to_owned()));
    };
    Err(SettingError::new(
        "callback_url",
        problem,
        "set callback_url to the address that is registered in Meizu's push console",
    ))
}

fn callback_type(settings: &Settings) -> Result<CallbackType, SettingError> {
    let values = [
        ("both", CallbackType::Both),
        ("delivered", CallbackType::Delivered),
        ("clicked", CallbackType::Clicked),
    ];
    let remedy = "set callback_type to \"both\", or leave it out";
    let chosen = settings.choice("callback_type", &values, remedy)?;
    Ok(chosen.unwrap_or(CallbackType::Both))
}

fn callback_param(settings: &Settings) -> Result<Option<String>, SettingError> {
    let param = settings.text("callback_param");
    match param {
        Some(param) if param.len() > MAX_CALLBACK_PARAM => Err(SettingError::new(
            "callback_param",
            format!(
                "is {} bytes long, Meizu takes {MAX_CALLBACK_PARAM}",
                param.len()
            ),
            "shorten callback_param",
        )),
        param => Ok(param.map(str::to_owned)),
    }
}

/// A dotted name, as Java's packages and classes have.
pub(crate) fn is_java_name(name: &str) -> bool {
    name.len() <= 255 && android::is_class_name(name)
}
