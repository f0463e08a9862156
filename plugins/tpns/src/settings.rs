//! What a channel is configured with, and what the driver says of itself.
//!
//! In: the channel's settings. Out: a [`Channel`] that is known to be complete.

use std::fmt;

use nudged_plugin_api::info::Kind;
use nudged_plugin_api::{Info, KindInfo, Notice, Setting, SettingError, Settings};

use crate::options::Environment;

const GUANGZHOU: &str = "https://api.tpns.tencent.com";
const SHANGHAI: &str = "https://api.tpns.sh.tencent.com";
const HONGKONG: &str = "https://api.tpns.hk.tencent.com";
const SINGAPORE: &str = "https://api.tpns.sgp.tencent.com";
const PATH: &str = "/v3/push/app";

/// Most tokens in one request.
pub(crate) const MAX_TOKENS: usize = 1000;
/// Longest token.
pub(crate) const MAX_TOKEN: usize = 36;
/// Longest `message` of a request.
pub(crate) const MAX_MESSAGE: usize = 4096;
/// Room for everything in a request but message and tokens.
const MAX_ENVELOPE: usize = 2048;
/// Longest body: every token is quoted, may be escaped, and is followed by a comma.
pub(crate) const MAX_BODY: usize = MAX_MESSAGE + MAX_TOKENS * (2 * MAX_TOKEN + 3) + MAX_ENVELOPE;

const DEFAULT_TITLE: &str = "a new message";

/// The driver's self-description.
pub(crate) fn describe() -> Info {
    let mut info = Info::new(
        "tpns",
        "Tencent Push Notification Service",
        env!("CARGO_PKG_VERSION"),
    )
    .hosts([
        "api.tpns.tencent.com:443",
        "api.tpns.sh.tencent.com:443",
        "api.tpns.hk.tencent.com:443",
        "api.tpns.sgp.tencent.com:443",
    ])
    .badge()
    .kinds([KindInfo::BACKGROUND])
    .behind(["huawei", "honor", "xiaomi", "oppo", "vivo", "fcm"])
    .settings([
        Setting::new(
            "access_id",
            Kind::Text,
            "AccessId of the application, a number: TPNS console, Configuration, Basic \
             configuration.",
        )
        .required(),
        Setting::new(
            "secret_key",
            Kind::Text,
            "SecretKey that belongs to access_id, not the AccessKey, which is the phone's: TPNS \
             console, Configuration, Basic configuration.",
        )
        .required()
        .secret(),
        Setting::new(
            "platform",
            Kind::Choice,
            "What the application is for; TPNS keeps Android and iOS in applications of their \
             own.",
        )
        .required()
        .choices(["android", "ios"]),
        Setting::new(
            "environment",
            Kind::Choice,
            "For iOS: product for apps of the App Store and TestFlight, dev for those that \
             Xcode installed.",
        )
        .choices(["product", "dev"])
        .with_default("\"product\""),
        Setting::new(
            "region",
            Kind::Choice,
            "Service access point of the TPNS product, chosen when it was made: TPNS console, \
             Product management.",
        )
        .choices(["guangzhou", "shanghai", "hongkong", "singapore"])
        .with_default("\"guangzhou\""),
        channel_setting(
            "channel_id",
            "Android notification channel (n_ch_id) of messages that name none, for what TPNS \
             brings itself.",
        ),
        channel_setting(
            "xm_ch_id",
            "Channel for Xiaomi phones: Xiaomi's push console.",
        ),
        channel_setting("hw_ch_id", "Channel for Huawei phones, as the app made it."),
        channel_setting(
            "hw_category",
            "Huawei's category of messages that name none, such as IM; Huawei grants it.",
        ),
        channel_setting(
            "oppo_ch_id",
            "Channel for OPPO phones: OPPO's push console.",
        ),
        Setting::new(
            "vivo_ch_id",
            Kind::Choice,
            "Class of messages for vivo phones: 0 for operation, 1 for system messages.",
        )
        .choices(["0", "1"]),
        channel_setting(
            "fcm_ch_id",
            "Channel for phones with FCM, as the app made it.",
        ),
        Setting::new(
            "default_title",
            Kind::Text,
            "Title of a message that has none, since TPNS wants one.",
        )
        .with_default(format!("\"{DEFAULT_TITLE}\"")),
        Setting::new(
            "endpoint",
            Kind::Url,
            "Address used instead of the region's, for a gateway or a test.",
        ),
        Setting::unneeded(
            "access_key",
            "the AccessKey is for phones; a server signs with secret_key.",
        ),
    ])
    .sources([
        "TPNS, REST API: 推送接口 (Push API)",
        "TPNS, REST API: 签名认证 (signature authentication)",
        "TPNS, REST API: 请求结构 (service addresses)",
        "TPNS, REST API: 服务端错误码 (server error codes), January 2024",
        "TPNS, 产品限制说明 (product restrictions), January 2024",
    ]);
    info.batch = MAX_TOKENS as u32;
    info.max_body = MAX_BODY as u32;
    // TPNS limits neither rate nor number of pushes to tokens.
    info.rate = None;
    info.concurrency = 100;
    info
}

fn channel_setting(key: &str, help: &str) -> Setting {
    Setting::new(key, Kind::Text, help)
}

/// A channel's settings, checked.
pub struct Channel {
    /// The application.
    pub access_id: String,
    pub(crate) secret_key: String,
    /// Where every message goes.
    pub send_url: String,
    /// What the application is for.
    pub platform: Platform,
    /// Which of Apple's two worlds.
    pub environment: Environment,
    /// Android channels of messages that name none.
    pub channels: Channels,
    /// Title of a message that has none.
    pub default_title: String,
}

/// What an application is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Platform {
    /// Android.
    Android,
    /// iOS.
    Ios,
}

/// Channels and classes, vendor by vendor.
#[derive(Debug, Default)]
pub struct Channels {
    /// TPNS's own.
    pub n_ch_id: Option<String>,
    /// Xiaomi's.
    pub xm_ch_id: Option<String>,
    /// Huawei's.
    pub hw_ch_id: Option<String>,
    /// Huawei's category.
    pub hw_category: Option<String>,
    /// OPPO's.
    pub oppo_ch_id: Option<String>,
    /// vivo's class.
    pub vivo_ch_id: Option<String>,
    /// FCM's.
    pub fcm_ch_id: Option<String>,
}

/// Never shows the secret.
impl fmt::Debug for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Channel")
            .field("access_id", &self.access_id)
            .field("send_url", &self.send_url)
            .field("platform", &self.platform)
            .field("environment", &self.environment)
            .field("channels", &self.channels)
            .finish_non_exhaustive()
    }
}

impl Channel {
    /// Checks the settings, or says which one is wrong.
    pub fn read(settings: &Settings) -> Result<Self, SettingError> {
        let regions = [
            ("guangzhou", GUANGZHOU),
            ("shanghai", SHANGHAI),
            ("hongkong", HONGKONG),
            ("singapore", SINGAPORE),
        ];
        let remedy = "set region to one of them, such as \"guangzhou\"";
        let region = settings.choice("region", &regions, remedy)?;
        let endpoint = settings.url("endpoint")?;
        let environments = [("product", Environment::Product), ("dev", Environment::Dev)];
        let remedy = "set environment to one of them, such as \"product\"";
        let environment = settings.choice("environment", &environments, remedy)?;
        let access_id = settings.require_digits(
            "access_id",
            "1500001048",
            "copy the AccessId from the TPNS console, Configuration, Basic configuration",
        )?;
        let secret_key = settings.require_secret(
            "secret_key",
            "SecretKey",
            "copy the SecretKey anew from the TPNS console, Configuration, Basic configuration",
        )?;
        Ok(Self {
            access_id: access_id.to_owned(),
            secret_key: secret_key.to_owned(),
            send_url: format!("{}{PATH}", endpoint.or(region).unwrap_or(GUANGZHOU)),
            platform: platform(settings)?,
            environment: environment.unwrap_or(Environment::Product),
            channels: channels(settings)?,
            default_title: settings
                .text("default_title")
                .filter(|title| !title.trim().is_empty())
                .unwrap_or(DEFAULT_TITLE)
                .to_owned(),
        })
    }

    /// What the settings cost every message: classes of messages that phones get few of.
    pub(crate) fn advice(&self) -> Vec<Notice> {
        if self.platform == Platform::Ios {
            return Vec::new();
        }
        let channels = &self.channels;
        let mut advice = Vec::new();
        for (key, setting, cost) in [
            (
                "oppo_ch_id",
                &channels.oppo_ch_id,
                "is not set, so messages that name no channel of OPPO's are public ones, of which a \
                 phone gets few a day",
            ),
            (
                "vivo_ch_id",
                &channels.vivo_ch_id,
                "is not set, so to vivo messages are of operation, of which a phone gets few a day; \
                 \"1\" is for chat",
            ),
        ] {
            if setting.is_none() {
                advice.push(Notice::new(key, cost));
            }
        }
        advice
    }
}

fn platform(settings: &Settings) -> Result<Platform, SettingError> {
    settings.require_text("platform")?;
    let platforms = [("android", Platform::Android), ("ios", Platform::Ios)];
    let remedy = "set platform to one of them, such as \"android\"";
    let chosen = settings.choice("platform", &platforms, remedy)?;
    Ok(chosen.expect("a text that is there is one of the choices or an error"))
}

fn channels(settings: &Settings) -> Result<Channels, SettingError> {
    let remedy = "set vivo_ch_id to one of them, such as \"0\"";
    let vivo = settings.choice("vivo_ch_id", &[("0", "0"), ("1", "1")], remedy)?;
    let text = |key| channel(settings, key);
    Ok(Channels {
        n_ch_id: text("channel_id")?,
        xm_ch_id: text("xm_ch_id")?,
        hw_ch_id: text("hw_ch_id")?,
        hw_category: text("hw_category")?,
        oppo_ch_id: text("oppo_ch_id")?,
        vivo_ch_id: vivo.map(str::to_owned),
        fcm_ch_id: text("fcm_ch_id")?,
    })
}

fn channel(settings: &Settings, key: &str) -> Result<Option<String>, SettingError> {
    match settings.text(key) {
        Some(id) if id.len() > 128 || id.contains(char::is_control) => Err(SettingError::new(
            key,
            "is longer than 128 bytes or has a control character",
            format!("set {key} to the channel's id, or leave it out"),
        )),
        id => Ok(id.map(str::to_owned)),
    }
}
