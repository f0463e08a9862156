//! What a channel is configured with.
//!
//! In: the channel's settings. Out: a [`Channel`] that is known to be complete, or which
//! setting is wrong. What the driver says of itself is in `describe`.

mod describe;

use std::collections::BTreeMap;
use std::fmt;

use nudged_driver_kit::address::is_web_page;
use nudged_driver_kit::text::Unit;
use nudged_plugin_api::{Notice, SettingError, Settings};
use serde::Deserialize;

pub(crate) use describe::{MAX_BODY, describe};

/// Where a single message for regids goes, on each region's host.
const PATH: &str = "/v3/message/regid";
/// Regions and their hosts; phones of a region are reached through its host only.
pub(crate) const REGIONS: [(&str, &str); 5] = [
    ("china", "api.xmpush.xiaomi.com"),
    ("russia", "ru-api.xmpush.global.xiaomi.com"),
    ("india", "idmb-api.xmpush.global.xiaomi.com"),
    ("europe", "fr-api.xmpush.global.xiaomi.com"),
    ("global", "sgp-api.xmpush.global.xiaomi.com"),
];

/// Every receipt that the classic API knows: delivered 1, clicked 2, target invalid 16, push
/// disabled 32, filter not matched 64, daily quota reached 128.
const CALLBACK_TYPE: i64 = 243;
/// The bits above, and 1024 for an expired message.
const CALLBACK_TYPES: i64 = 243 | 1024;
/// Longest callback URL that every edition of the documents allows.
const MAX_CALLBACK: usize = 128;
/// Longest title. Xiaomi counts characters and wants fewer than 50; others count UTF-16 units
/// for Xiaomi. Units hold for both.
pub(crate) const MAX_TITLE: usize = 49;
/// Longest text: fewer than 128.
pub(crate) const MAX_DESCRIPTION: usize = 127;
/// What the two lengths count.
pub(crate) const UNIT: Unit = Unit::Utf16;
/// Most variables of a message template.
pub(crate) const MAX_TEMPLATE_PARAMS: usize = 9;

/// A channel's settings, checked.
#[derive(Debug)]
pub struct Channel {
    /// Where every message goes.
    pub send_url: String,
    /// Where messages are taken back.
    pub recall_url: String,
    /// Where the state of messages is asked for.
    pub status_url: String,
    /// Proof of who sends.
    pub authorization: Secret,
    /// The Android app.
    pub package: String,
    /// Notification channel of a message that names none.
    pub channel_id: Option<String>,
    /// Other channels that Xiaomi's console knows.
    pub channel_ids: Vec<String>,
    /// What Xiaomi approved the channels for.
    pub channel_class: ChannelClass,
    /// Template of messages in `channel_id`.
    pub template: Option<Template>,
    /// What a tap that opens the app does.
    pub open_app: OpenApp,
    /// Whether a message shows while the app is on the screen.
    pub notify_foreground: bool,
    /// Title of a message that has none.
    pub default_title: String,
    /// Where Xiaomi reports what became of messages.
    pub callback: Option<Callback>,
}

/// What Xiaomi approved a notification channel for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChannelClass {
    /// Private messages (私信): chat, orders, accounts. No quota.
    Private,
    /// Public messages (公信): everything else.
    Public,
}

/// What a tap that opens the app does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OpenApp {
    /// Calls the app's `onNotificationMessageClicked` and opens nothing by itself.
    Callback,
    /// Starts the launcher Activity; the callback is not called.
    Launcher,
}

/// A message template that Xiaomi approved for private messages.
#[derive(Debug)]
pub struct Template {
    /// Its number.
    pub id: String,
    /// Its variables; `{title}` and `{body}` in a value stand for the message's.
    pub params: BTreeMap<String, String>,
}

/// Where Xiaomi reports what became of messages, and of what.
#[derive(Debug)]
pub struct Callback {
    /// The URL.
    pub url: String,
    /// The bits of the wanted reports.
    pub kinds: i64,
}

/// The value of the `authorization` header.
pub struct Secret(String);

impl Secret {
    /// The header's value, for the request only.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

/// Never shows it.
impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Channel {
    /// Checks the settings, or says which one is wrong.
    pub fn read(settings: &Settings) -> Result<Self, SettingError> {
        let app_secret = app_secret(settings.require_text("app_secret")?)?;
        let package = package(settings.require_text("package")?)?;
        let origin = match settings.url("endpoint")? {
            Some(endpoint) => endpoint.to_owned(),
            None => format!("https://{}", host(settings)?),
        };
        let channel_id = settings.text("channel_id").map(str::to_owned);
        Ok(Self {
            recall_url: format!("{origin}{PATH}/revoke"),
            status_url: format!("{origin}/v1/trace/messages/status"),
            send_url: format!("{origin}{PATH}"),
            authorization: Secret(format!("key={app_secret}")),
            package: package.to_owned(),
            template: template(settings, channel_id.is_some())?,
            channel_id,
            channel_ids: settings.text("channel_ids").map(listed).unwrap_or_default(),
            channel_class: match settings.text("channel_class") {
                None | Some("private") => ChannelClass::Private,
                Some("public") => ChannelClass::Public,
                Some(_) => return Err(not_a_choice("channel_class", "private", "public")),
            },
            open_app: match settings.text("open_app") {
                None | Some("callback") => OpenApp::Callback,
                Some("launcher") => OpenApp::Launcher,
                Some(_) => return Err(not_a_choice("open_app", "callback", "launcher")),
            },
            // Xiaomi shows it unless told otherwise.
            notify_foreground: !settings.has("notify_foreground")
                || settings.flag("notify_foreground"),
            default_title: default_title(settings)?,
            callback: callback(settings)?,
        })
    }
}

impl Channel {
    /// Whether a message may name this channel. Where the operator named none, nobody knows.
    pub(crate) fn knows(&self, channel_id: &str) -> bool {
        let mut known = self.channel_id.iter().chain(&self.channel_ids).peekable();
        known.peek().is_none() || known.any(|known| known == channel_id)
    }

    /// Whether the operator named this channel.
    pub(crate) fn lists(&self, channel_id: &str) -> bool {
        let mut listed = self.channel_id.iter().chain(&self.channel_ids);
        listed.any(|listed| listed == channel_id)
    }

    /// What these settings cost every message.
    pub(crate) fn advice(&self) -> Vec<Notice> {
        let missing = self.channel_id.is_none().then(|| {
            Notice::new(
                "channel_id",
                "is missing: a phone gets one message a day of those that name no notification \
                 channel themselves",
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

fn host(settings: &Settings) -> Result<&'static str, SettingError> {
    let region = settings.text("region").unwrap_or("china");
    let known = REGIONS.iter().find(|(name, _)| *name == region);
    known.map(|(_, host)| *host).ok_or_else(|| {
        SettingError::new(
            "region",
            "is none of china, russia, india, europe and global",
            "set region to where the phones are used, or leave it out for mainland China",
        )
    })
}

fn not_a_choice(key: &str, one: &str, other: &str) -> SettingError {
    SettingError::new(
        key,
        format!("is neither {one} nor {other}"),
        format!("set {key} to \"{one}\" or \"{other}\", or leave it out"),
    )
}

/// The secret goes into a header: one printable word, and never shown.
fn app_secret(secret: &str) -> Result<&str, SettingError> {
    let problem = if secret.is_empty() {
        "is empty".to_owned()
    } else if secret.starts_with("key=") {
        "starts with key=, expected the AppSecret alone".to_owned()
    } else if secret.len() > 256 {
        format!("has {} bytes, expected at most 256", secret.len())
    } else if !secret.bytes().all(|byte| byte.is_ascii_graphic()) {
        "has a space or another character that no AppSecret has".to_owned()
    } else {
        return Ok(secret);
    };
    Err(SettingError::new(
        "app_secret",
        problem,
        "copy the AppSecret, not AppID or AppKey, from the app's information in Xiaomi's push \
         console",
    ))
}

/// An application id of Android, which is also a part of the URI of a sound.
fn package(package: &str) -> Result<&str, SettingError> {
    let word = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_alphabetic())
            && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    if package.len() <= 255 && package.contains('.') && package.split('.').all(word) {
        return Ok(package);
    }
    Err(SettingError::new(
        "package",
        "is not the package name of one Android app, such as com.example.chat",
        "copy the package name from the app's information in Xiaomi's push console",
    ))
}

fn default_title(settings: &Settings) -> Result<String, SettingError> {
    let title = settings.text("default_title").unwrap_or("a new message");
    if title.trim().is_empty() {
        return Err(SettingError::new(
            "default_title",
            "is blank, and Xiaomi refuses blank titles",
            "write a short title, or leave default_title out",
        ));
    }
    Ok(title.to_owned())
}

fn template(settings: &Settings, has_channel: bool) -> Result<Option<Template>, SettingError> {
    let params = settings.text("template_param");
    let Some(id) = settings.text("template_id") else {
        return match params {
            None => Ok(None),
            Some(_) => Err(SettingError::new(
                "template_param",
                "is given without template_id",
                "set template_id to the template that has these variables, or leave both out",
            )),
        };
    };
    if !has_channel {
        return Err(SettingError::new(
            "template_id",
            "is given without channel_id, and every template belongs to a channel",
            "set channel_id to the channel that Xiaomi's push console shows beside the template",
        ));
    }
    let params: BTreeMap<String, String> = match params {
        None => BTreeMap::new(),
        Some(text) => serde_json::from_str(text).map_err(|_| {
            SettingError::new(
                "template_param",
                "is not a JSON object of texts",
                "write it like '{\"name\":\"{title}\",\"text\":\"{body}\"}', with the names of the \
                 template's variables",
            )
        })?,
    };
    if params.len() > MAX_TEMPLATE_PARAMS
        || params.iter().any(|(k, v)| k.is_empty() || v.is_empty())
    {
        return Err(SettingError::new(
            "template_param",
            format!(
                "has {} variables or an empty name or value; expected at most \
                 {MAX_TEMPLATE_PARAMS}, none of them empty",
                params.len()
            ),
            "name the template's own variables, each with its text",
        ));
    }
    let id = id.to_owned();
    Ok(Some(Template { id, params }))
}

fn callback(settings: &Settings) -> Result<Option<Callback>, SettingError> {
    let kinds = settings.integer("callback_type").unwrap_or(CALLBACK_TYPE);
    if kinds <= 0 || kinds & !CALLBACK_TYPES != 0 {
        return Err(SettingError::new(
            "callback_type",
            format!("is {kinds}, which is no sum of 1, 2, 16, 32, 64, 128 and 1024"),
            "add up the reports that you want, or leave it out for 243, all but expiry",
        ));
    }
    let Some(url) = settings.text("callback_url") else {
        return Ok(None);
    };
    if !is_web_page(url) || !url.is_ascii() || url.len() > MAX_CALLBACK {
        return Err(SettingError::new(
            "callback_url",
            format!(
                "is not an http:// or https:// URL of at most {MAX_CALLBACK} bytes; it has {}",
                url.len()
            ),
            "give the address, reachable from Xiaomi's servers, that takes the reports",
        ));
    }
    let url = url.to_owned();
    Ok(Some(Callback { url, kinds }))
}
