//! What a channel is configured with, and what the driver says of itself.
//!
//! In: the channel's settings. Out: a [`Channel`] that is known to be complete. The list of
//! settings and the limits are in `describe`.

mod describe;

use nudged_driver_kit::android;
use nudged_driver_kit::text::Unit;
use nudged_plugin_api::{Notice, SettingError, Settings};

pub(crate) use describe::describe;

/// Push Kit's own address, for all regions.
const ENDPOINT: &str = "https://push-api.cloud.huawei.com";
/// Huawei's token endpoint.
const TOKEN_URL: &str = "https://oauth-login.cloud.huawei.com/oauth2/v3/token";
/// Title of a message that has none.
const DEFAULT_TITLE: &str = "a new message";
/// Longest body without its tokens, in bytes.
pub(crate) const MAX_PAYLOAD: usize = 4096;
/// Longest title and text, in UTF-16 units. Huawei publishes no figure; these are what chat
/// services cut to.
pub(crate) const MAX_TITLE: usize = 60;
pub(crate) const MAX_BODY_TEXT: usize = 600;
/// Longest token that is sent; Huawei's have some 130 characters.
pub(crate) const MAX_TOKEN: usize = 1024;

/// A channel's settings, checked.
pub struct Channel {
    /// App ID and OAuth client ID.
    pub app_id: String,
    /// OAuth client secret.
    pub app_secret: String,
    /// Where every message goes.
    pub send_url: String,
    /// Where access tokens come from.
    pub token_url: String,
    /// The app's package.
    pub package: Option<String>,
    /// Intent URI that opens the app.
    pub launcher: Option<String>,
    /// Full class name for the badge.
    pub badge_class: Option<String>,
    /// Android channel of a message that names none.
    pub channel_id: Option<String>,
    /// Category of a notification that names none.
    pub category: Option<String>,
    /// Importance of a notification that names none.
    pub importance: Option<String>,
    /// Urgency of a transparent message that names none.
    pub urgency: Option<String>,
    /// Receipt address of a message that names none.
    pub receipt_id: Option<String>,
    /// Title of a message that has none.
    pub default_title: String,
    /// Whether the app's own screen is no reason to hide a notification.
    pub foreground_show: bool,
}

impl Channel {
    /// Checks the settings, or says which one is wrong.
    pub fn read(settings: &Settings) -> Result<Self, SettingError> {
        let app_id = settings.require_text("app_id")?;
        check(
            app_id,
            is_id,
            "app_id",
            ID,
            "copy the App ID from AppGallery Connect",
        )?;
        let app_secret = settings.require_text("app_secret")?;
        check_secret(app_secret)?;
        let endpoint = settings.url("endpoint")?.unwrap_or(ENDPOINT);
        let send_url = match settings.text("project_id") {
            Some(project) => {
                let remedy = "copy the Project ID, not the project's name, from AppGallery Connect";
                check(project, is_id, "project_id", ID, remedy)?;
                format!("{endpoint}/v2/{project}/messages:send")
            }
            None => format!("{endpoint}/v1/{app_id}/messages:send"),
        };
        let launcher = launcher(settings)?;
        let badge_class = match settings.text("badge_class") {
            Some(class) => {
                let remedy = "write the launcher activity's full class name, with its package";
                check(class, is_class, "badge_class", CLASS, remedy)?;
                Some(class.to_owned())
            }
            None => launcher.as_ref().map(|(_, class)| class.clone()),
        };
        let category = settings.text("category");
        if let Some(category) = category {
            let remedy = "write one of Huawei's categories in capitals, such as IM";
            check(
                category,
                is_category,
                "category",
                "capitals, digits and _",
                remedy,
            )?;
        }
        Ok(Self {
            app_id: app_id.to_owned(),
            app_secret: app_secret.to_owned(),
            send_url,
            token_url: settings.url("token_url")?.unwrap_or(TOKEN_URL).to_owned(),
            package: settings.text("package").map(str::to_owned),
            launcher: launcher.map(|(intent, _)| intent),
            badge_class,
            channel_id: settings.text("channel_id").map(str::to_owned),
            category: category.map(str::to_owned),
            importance: choice(settings, "importance", &["LOW", "NORMAL", "HIGH"])?,
            urgency: choice(settings, "urgency", &["HIGH", "NORMAL"])?,
            receipt_id: settings.text("receipt_id").map(str::to_owned),
            default_title: default_title(settings)?,
            foreground_show: !settings.has("foreground_show") || settings.flag("foreground_show"),
        })
    }

    /// What these settings cost every message.
    pub fn advice(&self) -> Vec<Notice> {
        let mut advice = Vec::new();
        if self.launcher.is_none() {
            advice.push(Notice::new(
                "launcher_activity",
                "is not set: phones with HMS before 9.1.1 get no ext when a tap opens the app; set \
                 it and package",
            ));
        }
        if self.badge_class.is_none() {
            advice.push(Notice::new(
                "badge_class",
                "is not set, nor launcher_activity: no message changes the number on the app's icon",
            ));
        }
        advice
    }

    /// Whether access tokens come from Huawei itself.
    pub fn has_own_token_url(&self) -> bool {
        self.token_url != TOKEN_URL
    }
}

/// The launcher's intent and the full name of its class.
fn launcher(settings: &Settings) -> Result<Option<(String, String)>, SettingError> {
    let package = settings.text("package");
    if let Some(package) = package {
        let remedy = "write the applicationId of the app's build file";
        check(
            package,
            is_class,
            "package",
            "a name like com.example.chat",
            remedy,
        )?;
    }
    let Some(class) = settings.text("launcher_activity") else {
        return Ok(None);
    };
    let Some(package) = package else {
        return Err(SettingError::new(
            "package",
            "is missing, although launcher_activity is set and lies in a package",
            "set package to the app's package name",
        ));
    };
    let full = match class.strip_prefix('.') {
        Some(name) => format!("{package}.{name}"),
        None => class.to_owned(),
    };
    let remedy = "write the class as in the manifest's activity of category LAUNCHER";
    check(&full, is_class, "launcher_activity", CLASS, remedy)?;
    Ok(Some((android::activity(package, &full), full)))
}

fn default_title(settings: &Settings) -> Result<String, SettingError> {
    let title = settings.text("default_title").unwrap_or(DEFAULT_TITLE);
    let length = Unit::Utf16.length(title);
    if length > MAX_TITLE || title.contains(char::is_control) {
        return Err(SettingError::new(
            "default_title",
            format!("is {length} UTF-16 units long, or not one line; at most {MAX_TITLE} pass"),
            "shorten default_title, or leave it out",
        ));
    }
    Ok(title.to_owned())
}

fn choice(
    settings: &Settings,
    key: &str,
    choices: &[&str],
) -> Result<Option<String>, SettingError> {
    match settings.text(key) {
        Some(text) if !choices.contains(&text) => Err(SettingError::new(
            key,
            format!("is none of {}", choices.join(", ")),
            format!("set {key} to one of them, or leave it out"),
        )),
        text => Ok(text.map(str::to_owned)),
    }
}

const ID: &str = "up to 64 letters and digits, such as 100012345";
const CLASS: &str = "a class name like com.example.chat.MainActivity";

/// `text` never stands in the error: it might be a secret in the wrong place.
fn check(
    text: &str,
    holds: fn(&str) -> bool,
    key: &str,
    expected: &str,
    remedy: &str,
) -> Result<(), SettingError> {
    if holds(text) {
        return Ok(());
    }
    let problem = format!("has another form than was expected: {expected}");
    Err(SettingError::new(key, problem, remedy))
}

fn check_secret(secret: &str) -> Result<(), SettingError> {
    if secret.bytes().all(|byte| byte.is_ascii_graphic()) && secret.len() <= 256 {
        return Ok(());
    }
    Err(SettingError::new(
        "app_secret",
        format!(
            "has {} bytes with a space or other character that no app secret has",
            secret.len()
        ),
        "copy the app secret again from AppGallery Connect, General information",
    ))
}

/// An id becomes a part of the URL.
fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn is_category(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    text.len() <= 64 && text.bytes().all(plain)
}

pub(crate) fn is_class(text: &str) -> bool {
    text.len() <= 255 && android::is_class_name(text)
}
