//! What a channel is configured with, and what the driver says of itself.
//!
//! In: the channel's settings. Out: a [`Channel`] that is known to be complete.

use std::fmt;

use nudged_driver_kit::android;
use nudged_driver_kit::text::Unit;
use nudged_plugin_api::info::{Kind, MessageClass, TextLimit};
use nudged_plugin_api::{Info, KindInfo, Notice, Platform, Probe, Setting, SettingError, Settings};

use crate::options::Importance;
use crate::reason::TEST;

/// Honor's own address.
const ENDPOINT: &str = "https://push-api.cloud.honor.com";
/// Honor's token endpoint.
const TOKEN_URL: &str = "https://iam.developer.honor.com/auth/token";

/// Most tokens in one request.
pub(crate) const MAX_TOKENS: usize = 1000;
/// Longest token that the driver lets into a batch; Honor's have some hundred characters.
pub(crate) const MAX_TOKEN: usize = 1024;
/// Longest body without its tokens (code 80300008).
pub(crate) const MAX_PAYLOAD: usize = 4096;
/// Longest title and text, as Java counts.
pub(crate) const MAX_TITLE: usize = 50;
pub(crate) const MAX_BODY: usize = 400;

const DEFAULT_TITLE: &str = "a new message";

/// The driver's self-description.
pub(crate) fn describe() -> Info {
    let mut info = Info::new("honor", "Honor Push", env!("CARGO_PKG_VERSION"))
        .platform(Platform::Android)
        .probe(Probe::Grant)
        .badge()
        .kinds([KindInfo::BACKGROUND])
        .hosts([
            "push-api.cloud.honor.com:443",
            "iam.developer.honor.com:443",
        ])
        .settings([
            Setting::new(
                "app_id",
                Kind::Text,
                "App ID of the app, a number: Honor developer console, push service, the app's \
                 page.",
            )
            .required(),
            Setting::new(
                "client_id",
                Kind::Text,
                "Client ID of the app's credential, which is not its App ID: Honor developer \
                 console, the app's page.",
            )
            .required(),
            Setting::new(
                "client_secret",
                Kind::Text,
                "Client secret that belongs to client_id: Honor developer console, the app's page.",
            )
            .required()
            .secret(),
            Setting::new(
                "importance",
                Kind::Choice,
                "Class of messages that name none: NORMAL for service and communication, which \
                 needs Honor's consent (self-classification), LOW for marketing; without it the \
                 field is not sent and Honor decides.",
            )
            .choices(["NORMAL", "LOW"]),
            Setting::new(
                "package",
                Kind::Text,
                "Package name of the Android app, such as com.example.chat; with \
                 launcher_activity it lets a tap that opens the app hand over ext.",
            )
            .aliases(["package_name"]),
            Setting::new(
                "launcher_activity",
                Kind::Text,
                "Class of the Activity that the launcher starts, from the app's manifest, such as \
                 com.example.chat.MainActivity or .MainActivity; badges need it.",
            ),
            Setting::new(
                "default_title",
                Kind::Text,
                "Title of a notification that has none, since Honor wants one.",
            )
            .with_default(format!("\"{DEFAULT_TITLE}\"")),
            Setting::new(
                "endpoint",
                Kind::Url,
                "Address used instead of https://push-api.cloud.honor.com, for a gateway or a \
                 test.",
            ),
            Setting::new(
                "token_url",
                Kind::Url,
                "Whole address used instead of https://iam.developer.honor.com/auth/token, for a \
                 gateway or a test.",
            ),
            Setting::unneeded(
                "app_secret",
                "Honor knows a server by client_id and client_secret, which are a credential \
                 apart from the app's ID.",
            )
            .secret(),
        ])
        // In Beijing.
        .day_ahead(8)
        .classes([
            MessageClass::new(
                "normal",
                "Service and communication, importance NORMAL; no daily limit, but a wrong claim \
                 is punished.",
            ),
            MessageClass::new(
                "low",
                "Marketing, importance LOW; two messages a device and day, five for news apps.",
            )
            .daily_per_device(2),
            MessageClass::new(TEST, "Test messages, 1000 an app and day.").daily(0, 1000),
        ])
        .texts([
            TextLimit::new("title", MAX_TITLE, Unit::Utf16),
            TextLimit::new("body", MAX_BODY, Unit::Utf16),
        ])
        .sources([
            "Honor developer, push service: getting an access token",
            "Honor developer, push service: downlink messages (11002/reference/downlink-message)",
            "Honor developer, push service: message classification",
            "Honor's introduction of its push server API, 2023",
        ]);
    info.batch = MAX_TOKENS as u32;
    // Each token is quoted and followed by a comma.
    info.max_body = (MAX_PAYLOAD + MAX_TOKENS * (MAX_TOKEN + 3)) as u32;
    info.rate = Some(3000);
    info.concurrency = 100;
    info
}

/// A channel's settings, checked.
pub struct Channel {
    /// Who asks for access tokens.
    pub client_id: String,
    pub(crate) client_secret: String,
    /// Where every message goes.
    pub send_url: String,
    /// Where access tokens come from.
    pub token_url: String,
    /// Class of a message that names none.
    pub importance: Option<Importance>,
    /// The app's package.
    pub package: Option<String>,
    /// The app and the Activity that its launcher starts.
    pub launcher: Option<Launcher>,
    /// Intent URI that opens the app.
    pub launcher_intent: Option<String>,
    /// Title of a notification that has none.
    pub default_title: String,
}

/// Never shows the secret.
impl fmt::Debug for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Channel")
            .field("client_id", &self.client_id)
            .field("send_url", &self.send_url)
            .field("token_url", &self.token_url)
            .field("importance", &self.importance)
            .field("launcher", &self.launcher)
            .finish_non_exhaustive()
    }
}

/// What a tap that opens the app starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Launcher {
    /// The app's package; known when the operator gave it.
    pub package: Option<String>,
    /// Full class of the Activity.
    pub class: String,
}

impl Channel {
    /// Checks the settings, or says which one is wrong.
    pub fn read(settings: &Settings) -> Result<Self, SettingError> {
        let app_id = settings.require_text("app_id")?;
        check_app_id(app_id)?;
        let client_id = plain(settings, "client_id")?;
        let client_secret = plain(settings, "client_secret")?;
        let endpoint = settings.url("endpoint")?.unwrap_or(ENDPOINT);
        let launcher = launcher(settings)?;
        Ok(Self {
            launcher_intent: launcher.as_ref().and_then(|launcher| {
                let package = launcher.package.as_deref()?;
                Some(android::activity(package, &launcher.class))
            }),
            send_url: format!("{endpoint}/api/v1/{app_id}/sendMessage"),
            token_url: settings.url("token_url")?.unwrap_or(TOKEN_URL).to_owned(),
            importance: match settings.text("importance") {
                None => None,
                Some(word) => Some(Importance::parse(word).ok_or_else(|| {
                    SettingError::new(
                        "importance",
                        "is neither NORMAL nor LOW",
                        "set importance to \"NORMAL\" or \"LOW\", or leave it out",
                    )
                })?),
            },
            package: settings.text("package").map(str::to_owned),
            launcher,
            default_title: settings
                .text("default_title")
                .unwrap_or(DEFAULT_TITLE)
                .to_owned(),
            client_id,
            client_secret,
        })
    }

    /// What these settings cost every message.
    pub fn advice(&self) -> Vec<Notice> {
        let mut advice = Vec::new();
        let launcher = self.launcher.as_ref();
        if launcher.is_none_or(|launcher| launcher.package.is_none()) {
            advice.push(Notice::new(
                "launcher_activity",
                "is not set together with package: older phones get no ext when a tap opens the app, \
                 and without it no message changes the number on the app's icon",
            ));
        }
        advice
    }
}

/// The App ID becomes a part of the URL.
fn check_app_id(app_id: &str) -> Result<(), SettingError> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if app_id.len() <= 64 && app_id.chars().all(fits) {
        return Ok(());
    }
    Err(SettingError::new(
        "app_id",
        "has characters that no App ID has; expected a number such as 104000000",
        "copy the App ID from Honor developer console, push service, the app's page",
    ))
}

/// A credential of printable ASCII; what surrounds it is a slip of the clipboard.
fn plain(settings: &Settings, key: &str) -> Result<String, SettingError> {
    let text = settings.require_text(key)?.trim();
    let problem = if text.is_empty() {
        "is empty".to_owned()
    } else if text.len() > 512 {
        format!("is {} bytes long, expected at most 512", text.len())
    } else if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        "has a space, line end or letter that no credential has".to_owned()
    } else {
        return Ok(text.to_owned());
    };
    Err(SettingError::new(
        key,
        problem,
        format!("copy {key} anew from Honor developer console, the app's page"),
    ))
}

fn launcher(settings: &Settings) -> Result<Option<Launcher>, SettingError> {
    let package = match settings.text("package") {
        None => None,
        Some(package) => Some(java_name("package", package, "com.example.chat")?),
    };
    let Some(class) = settings.text("launcher_activity") else {
        return Ok(None);
    };
    let class = match (class.strip_prefix('.'), &package) {
        (None, _) => class.to_owned(),
        (Some(rest), Some(package)) => format!("{package}.{rest}"),
        (Some(_), None) => {
            return Err(SettingError::new(
                "launcher_activity",
                "starts with a dot, but package is not set",
                "set package, or write the Activity's whole class name",
            ));
        }
    };
    java_name("launcher_activity", &class, "com.example.chat.MainActivity")?;
    Ok(Some(Launcher { package, class }))
}

/// A dotted name, as Java has them.
fn java_name(key: &str, name: &str, example: &str) -> Result<String, SettingError> {
    let part = |part: &str| {
        part.starts_with(|c: char| c.is_alphabetic() || c == '_')
            && part
                .chars()
                .all(|c| c.is_alphanumeric() || "_$".contains(c))
    };
    if name.len() <= 255 && name.contains('.') && name.split('.').all(part) {
        return Ok(name.to_owned());
    }
    Err(SettingError::new(
        key,
        format!("is not a dotted name such as {example}"),
        format!("copy {key} from the app's AndroidManifest.xml"),
    ))
}
