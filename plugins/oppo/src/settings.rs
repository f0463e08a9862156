//! What a channel is configured with, and what the driver says of itself.
//!
//! In: the channel's settings. Out: a [`Channel`] that is known to be complete.

use std::fmt;

use nudged_driver_kit::text::Unit;
use nudged_plugin_api::info::{Kind, MessageClass, RateUnit, TextLimit};
use nudged_plugin_api::{Info, Notice, Platform, Probe, Setting, SettingError, Settings};

use crate::options::{MAX_CALL_BACK_URL, NOTIFY_LEVELS, Style, is_call_back_url, is_category};
use crate::payload::{MAX_CONTENT, MAX_SUB_TITLE, MAX_TITLE};

/// Devices of one `broadcast`.
const MAX_TARGETS: u32 = 1000;
/// Room for a thousand registration ids of [`crate::token::MAX_TOKEN`] bytes, each byte
/// percent-encoded, and for everything else.
pub(crate) const MAX_BODY: usize = 512 * 1024;

const CHINA: &str = "https://api.push.oppomobile.com";
const OVERSEAS: &str = "https://api-intl.push.oppomobile.com";
const DEFAULT_TITLE: &str = "a new message";

/// The driver's self-description.
pub(crate) fn describe() -> Info {
    let mut info = Info::new("oppo", "OPPO Push", env!("CARGO_PKG_VERSION"))
        .platform(Platform::Android)
        .probe(Probe::Grant)
        .badge()
        .hosts(["api.push.oppomobile.com", "api-intl.push.oppomobile.com"])
        .settings(keys())
        // In Beijing.
        .day_ahead(8)
        .classes([
            MessageClass::new(
                "service",
                "Messages of the categories IM, ACCOUNT, DEVICE_REMINDER, ORDER, TODO and \
                 SUBSCRIPTION.",
            ),
            MessageClass::new(
                "marketing",
                "Messages of the categories CONTENT, MARKETING and SOCIAL.",
            )
            .daily_per_device(2)
            .daily(2, 100_000),
            MessageClass::new(
                "news",
                "Messages of the category NEWS, which count into marketing's daily total too.",
            )
            .daily_per_device(5)
            .daily(2, 100_000),
        ])
        .texts([
            TextLimit::new("title", MAX_TITLE, Unit::Utf16),
            TextLimit::new("subtitle", MAX_SUB_TITLE, Unit::Utf16),
            TextLimit::new("body", MAX_CONTENT, Unit::Utf16),
        ])
        .sources([
            "OPPO Push server API",
            "OPPO Push server API: return codes",
            "OPPO Push server SDK for Java 1.1.0",
            "OPPO Push: message classification and quotas",
            "OPPO Push: receipts",
        ]);
    info.batch = MAX_TARGETS;
    info.max_body = MAX_BODY as u32;
    // Of an app with fewer than ten million users; all of the app's calls share it.
    info.rate = Some(5000);
    info.rate_unit = RateUnit::Devices;
    info.concurrency = 100;
    info
}

fn keys() -> [Setting; 15] {
    [
        Setting::new(
            "app_key",
            Kind::Text,
            "AppKey of the app: OPPO push console, the app's configuration page.",
        )
        .required(),
        Setting::new(
            "master_secret",
            Kind::Text,
            "MasterSecret (server secret) of the app, on the same page; not its AppSecret, which \
             belongs into the phone.",
        )
        .aliases(["server_secret", "app_server_secret"])
        .required()
        .secret(),
        Setting::new(
            "region",
            Kind::Text,
            "Where the app's phones registered: china or overseas; each has servers of its own.",
        )
        .choices(["china", "overseas"])
        .with_default("\"china\""),
        Setting::new(
            "endpoint",
            Kind::Url,
            "Address used instead of the region's, such as https://api-push-cn.heytapmobi.com, a \
             gateway or a test.",
        ),
        Setting::new(
            "token_url",
            Kind::Url,
            "Whole address that is asked for auth_tokens, if not /server/v1/auth of the endpoint.",
        ),
        Setting::new(
            "channel_id",
            Kind::Text,
            "Android notification channel of messages that name none; the app creates it, and \
             the console's channel page knows it.",
        ),
        Setting::new(
            "channel_ids",
            Kind::Text,
            "Other channels that messages may name without a notice, with commas between them: \
             those that the console's channel page and the app know.",
        ),
        Setting::new(
            "category",
            Kind::Text,
            "Message category of messages that name none, such as IM; the app must have been \
             granted it in the console's message classification.",
        ),
        Setting::new(
            "notify_level",
            Kind::Integer,
            "How messages with a category are shown unless they say: 1 notification bar, 2 bar \
             and lock screen, 16 with banner and sound, which needs a right.",
        ),
        Setting::new(
            "style",
            Kind::Text,
            "How texts are shown unless a message says: normal cuts them at 50 characters, \
             long_text at 128.",
        )
        .choices(["normal", "long_text"])
        .with_default("\"normal\""),
        Setting::new(
            "default_title",
            Kind::Text,
            "Title of messages that have none, at most 50 characters.",
        )
        .with_default(format!("\"{DEFAULT_TITLE}\"")),
        Setting::new(
            "call_back_url",
            Kind::Text,
            "Address that OPPO posts receipts to, http or https, at most 200 characters.",
        ),
        Setting::new(
            "call_back_parameter",
            Kind::Text,
            "What receipts carry as param, at most 100 characters; without it the request's own \
             id.",
        ),
        Setting::unneeded(
            "app_id",
            "the AppID is for OPPO's console; a server is known by app_key and master_secret.",
        ),
        Setting::unneeded(
            "app_secret",
            "the AppSecret is for phones; a server signs with master_secret.",
        )
        .secret(),
    ]
}

/// A channel's settings, checked.
pub struct Channel {
    /// Names the app.
    pub app_key: String,
    /// Signs requests for an `auth_token`.
    pub master_secret: String,
    /// Server of all calls but the one for an `auth_token`.
    pub endpoint: String,
    /// Where `auth_token`s come from.
    pub token_url: String,
    /// Android channel of a message that names none.
    pub channel_id: Option<String>,
    /// Other channels that OPPO's console knows.
    pub channel_ids: Vec<String>,
    /// Category of a message that names none.
    pub category: Option<String>,
    /// Level of a message with a category that names none.
    pub notify_level: Option<u8>,
    /// Style of a message that names none.
    pub style: Style,
    /// Title of a message that has none.
    pub default_title: String,
    /// Receipts go there.
    pub call_back_url: Option<String>,
    /// Receipts carry this.
    pub call_back_parameter: Option<String>,
}

/// Never shows the secret.
impl fmt::Debug for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Channel")
            .field("app_key", &self.app_key)
            .field("endpoint", &self.endpoint)
            .finish_non_exhaustive()
    }
}

impl Channel {
    /// Checks the settings, or says which one is wrong.
    pub fn read(settings: &Settings) -> Result<Self, SettingError> {
        let app_key = credential(settings, "app_key", "AppKey")?;
        let master_secret = credential(settings, "master_secret", "MasterSecret")?;
        let region = match settings.text("region") {
            None | Some("china") => CHINA,
            Some("overseas") => OVERSEAS,
            Some(_) => return Err(not_of("region", "china", "overseas")),
        };
        let endpoint = settings.url("endpoint")?.unwrap_or(region).to_owned();
        Ok(Self {
            token_url: match settings.url("token_url")? {
                Some(url) => url.to_owned(),
                None => format!("{endpoint}/server/v1/auth"),
            },
            endpoint,
            app_key,
            master_secret,
            channel_id: line(settings, "channel_id", 200)?,
            channel_ids: line(settings, "channel_ids", 10_000)?
                .map(|ids| listed(&ids))
                .unwrap_or_default(),
            category: category(settings)?,
            notify_level: notify_level(settings)?,
            style: match settings.text("style") {
                None | Some("normal") => Style::Normal,
                Some("long_text") => Style::LongText,
                Some(_) => return Err(not_of("style", "normal", "long_text")),
            },
            default_title: line(settings, "default_title", MAX_TITLE)?
                .unwrap_or_else(|| DEFAULT_TITLE.to_owned()),
            call_back_url: call_back_url(settings)?,
            call_back_parameter: line(
                settings,
                "call_back_parameter",
                crate::options::MAX_CALL_BACK_PARAMETER,
            )?,
        })
    }
}

impl Channel {
    /// Whether a message may name this channel. Where the operator named none, nobody knows.
    pub(crate) fn knows(&self, channel_id: &str) -> bool {
        let mut known = self.channel_id.iter().chain(&self.channel_ids).peekable();
        known.peek().is_none() || known.any(|known| known == channel_id)
    }

    /// What these settings cost every message.
    pub(crate) fn advice(&self) -> Vec<Notice> {
        let missing = self.channel_id.is_none().then(|| {
            Notice::new(
                "channel_id",
                "is missing: phones with Android 8 or later show nothing of a message that names \
                 no notification channel itself",
            )
        });
        missing.into_iter().collect()
    }
}

/// Texts with commas between them.
fn listed(text: &str) -> Vec<String> {
    let names = text.split(',').map(str::trim);
    let names = names.filter(|name| !name.is_empty());
    names.map(str::to_owned).collect()
}

/// A key as the console shows it: printable, without blanks.
fn credential(settings: &Settings, key: &str, name: &str) -> Result<String, SettingError> {
    let value = settings.require_text(key)?;
    if value.len() <= 256 && value.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(value.to_owned());
    }
    Err(SettingError::new(
        key,
        format!(
            "has {} bytes with blanks, line ends or other characters that no {name} has, or too \
             many of them; expected letters and digits",
            value.len()
        ),
        format!("copy the {name} again from the app's page in the OPPO push console"),
    ))
}

/// A text of one line.
fn line(settings: &Settings, key: &str, max: usize) -> Result<Option<String>, SettingError> {
    let Some(text) = settings.text(key) else {
        return Ok(None);
    };
    let length = Unit::Utf16.length(text);
    if length <= max && !text.contains(char::is_control) {
        return Ok(Some(text.to_owned()));
    }
    Err(SettingError::new(
        key,
        format!("has {length} characters or line ends in it; expected one line of at most {max}"),
        format!("shorten {key}"),
    ))
}

fn category(settings: &Settings) -> Result<Option<String>, SettingError> {
    match settings.text("category") {
        Some(text) if !is_category(text) => Err(SettingError::new(
            "category",
            "is not a word of capital letters, digits and underscores",
            "write OPPO's own word, such as IM or ACCOUNT, or leave category out",
        )),
        text => Ok(text.map(str::to_owned)),
    }
}

fn notify_level(settings: &Settings) -> Result<Option<u8>, SettingError> {
    let Some(number) = settings.integer("notify_level") else {
        return Ok(None);
    };
    match u8::try_from(number) {
        Ok(level) if NOTIFY_LEVELS.contains(&level) => Ok(Some(level)),
        _ => Err(SettingError::new(
            "notify_level",
            format!("is {number}; expected 1, 2 or 16"),
            "set notify_level to 1, 2 or 16, or leave it out",
        )),
    }
}

fn call_back_url(settings: &Settings) -> Result<Option<String>, SettingError> {
    match settings.text("call_back_url") {
        Some(url) if !is_call_back_url(url) => Err(SettingError::new(
            "call_back_url",
            format!(
                "is not an http:// or https:// address of at most {MAX_CALL_BACK_URL} characters"
            ),
            "write call_back_url like https://push.example.com/oppo, or leave it out",
        )),
        url => Ok(url.map(str::to_owned)),
    }
}

fn not_of(key: &str, one: &str, other: &str) -> SettingError {
    SettingError::new(
        key,
        format!("is neither {one} nor {other}"),
        format!("set {key} to \"{one}\" or \"{other}\", or leave it out"),
    )
}
