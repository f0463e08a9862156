//! What a channel is configured with, and what the driver says of itself.
//!
//! In: the channel's settings. Out: a [`Channel`] that is known to be complete.
//! The key file itself is read in `account`.

mod account;

use nudged_plugin_api::info::{Kind, Platform};
use nudged_plugin_api::{
    Info, KindInfo, Notice, Probe, Protocol, Setting, SettingError, Settings, TokenUse,
};

pub use account::ServiceAccount;

use crate::options::Mode;

/// FCM's own address.
const ENDPOINT: &str = "https://fcm.googleapis.com";
/// Google's token endpoint, the only one that a key file may name by itself.
const TOKEN_URI: &str = "https://oauth2.googleapis.com/token";

/// Longest request body. Title, body, image and data share 4096 bytes
/// ([`crate::encode::MAX_PAYLOAD`]), of which JSON may make six times as many (`\u0001`);
/// the token and the envelope get 4096 each.
pub(crate) const MAX_BODY: usize = 6 * 4096 + 4096 + 4096;

/// The driver's self-description.
pub(crate) fn describe() -> Info {
    let mut info = Info::new(
        "fcm",
        "Firebase Cloud Messaging, HTTP v1",
        env!("CARGO_PKG_VERSION"),
    )
    .hosts(["fcm.googleapis.com:443", "oauth2.googleapis.com:443"])
    .platform(Platform::Android)
    .probe(Probe::Request)
    .badge()
    .kinds([
        KindInfo::BACKGROUND,
        // Of iPhones that registered through FCM.
        KindInfo::live_activity(TokenUse::Beside),
    ])
    .settings([
        Setting::new(
            "service_account",
            Kind::File,
            "JSON key file of a service account: Firebase console, Project settings, \
             Service accounts, Generate new private key.",
        )
        .required()
        .secret(),
        Setting::new(
            "project_id",
            Kind::Text,
            "Firebase project that the apps belong to, when it is not the key file's own: \
             Firebase console, Project settings, General, Project ID.",
        ),
        Setting::new(
            "endpoint",
            Kind::Url,
            "Address used instead of https://fcm.googleapis.com, for a gateway or a test.",
        ),
        Setting::new(
            "token_uri",
            Kind::Url,
            "Address used instead of the key file's token_uri, for a gateway or a test.",
        ),
        Setting::new(
            "mode",
            Kind::Choice,
            "notification: Android draws the message; data: the app gets title, body, image \
             and ext as data and draws it itself.",
        )
        .choices(["notification", "data"])
        .with_default("\"notification\""),
        Setting::new(
            "channel_id",
            Kind::Text,
            "Android notification channel for messages that name none; the app must have \
             created it.",
        ),
        Setting::unneeded(
            "server_key",
            "the legacy server key opens an API that Google switched off in 2024; service_account \
             takes its place.",
        )
        .secret(),
        Setting::unneeded(
            "sender_id",
            "the sender ID (project number) is for phones; a message goes by the project ID in \
             the key file.",
        ),
    ])
    .sources([
        "FCM HTTP v1 API, REST resource projects.messages (discovery revision 20261023)",
        "FCM ErrorCode",
        "FCM REST error codes for the HTTP v1 API",
        "FCM throttling and quotas",
        "Best practices when sending FCM messages at scale",
        "Best practices for FCM registration token management",
        "Using OAuth 2.0 for Server to Server Applications",
    ]);
    info.protocol = Protocol::Http2;
    info.batch = 1;
    info.max_body = MAX_BODY as u32;
    // 600,000 messages a minute and project.
    info.rate = Some(10_000);
    info.concurrency = 500;
    info
}

/// A channel's settings, checked.
#[derive(Debug)]
pub struct Channel {
    /// Who signs.
    pub account: ServiceAccount,
    /// The Firebase project.
    pub project: String,
    /// Where every message goes.
    pub send_url: String,
    /// Who draws a message that does not say.
    pub mode: Mode,
    /// Android channel of a message that names none.
    pub channel_id: Option<String>,
}

impl Channel {
    /// Checks the settings, or says which one is wrong.
    pub fn read(settings: &Settings) -> Result<Self, SettingError> {
        let endpoint = settings.url("endpoint")?;
        let token_uri = settings.url("token_uri")?;
        // req 5: the whole key file.
        let file = settings.require_file("service_account")?;
        let elsewhere = endpoint.is_some() && token_uri.is_some();
        let account = ServiceAccount::read(file, token_uri, elsewhere)?;
        let project = match settings.text("project_id") {
            Some(project) => {
                check_project("project_id", project)?;
                project
            }
            None => {
                check_project("service_account", &account.project_id)?;
                &account.project_id
            }
        };
        let origin = endpoint.unwrap_or(ENDPOINT);
        Ok(Self {
            send_url: format!("{origin}/v1/projects/{project}/messages:send"),
            project: project.to_owned(),
            mode: match settings.text("mode") {
                None | Some("notification") => Mode::Notification,
                Some("data") => Mode::Data,
                Some(_) => {
                    return Err(SettingError::new(
                        "mode",
                        "is neither notification nor data",
                        "set mode to \"notification\" or \"data\", or leave it out",
                    ));
                }
            },
            channel_id: settings.text("channel_id").map(str::to_owned),
            account,
        })
    }

    /// What the settings cost every message.
    pub(crate) fn advice(&self) -> Vec<Notice> {
        match self.mode {
            Mode::Notification => Vec::new(),
            Mode::Data => vec![Notice::new(
                "mode",
                "data leaves every message to the app to draw: iPhones and phones whose app was \
                 force-stopped show nothing",
            )],
        }
    }
}

/// A project id becomes a part of the URL. Old ones carry a domain: `example.com:shop`.
fn check_project(key: &str, project: &str) -> Result<(), SettingError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | ':' | '_');
    if project.len() <= 100 && project.chars().all(plain) {
        return Ok(());
    }
    Err(SettingError::new(
        key,
        "names a project id with characters that no project id has; expected letters, \
         digits and hyphens, such as my-app-1a2b3",
        "copy the Project ID, not the project's name, from Firebase console, Project settings, \
         General",
    ))
}
