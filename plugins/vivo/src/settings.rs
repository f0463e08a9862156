//! What a channel is configured with, and what the driver says of itself.
//!
//! In: the channel's settings. Out: a [`Channel`] that is known to be complete.

use std::fmt;

use nudged_driver_kit::address::is_web_page;
use nudged_driver_kit::android::is_class_name;
use nudged_driver_kit::text::Unit;
use nudged_plugin_api::info::{Kind, MessageClass, RateUnit, TextLimit, Window};
use nudged_plugin_api::{Info, Platform, Probe, Setting, SettingError, Settings};

use crate::classification::{Classification, is_category};

/// vivo's own address.
const ENDPOINT: &str = "https://api-push.vivo.com.cn";
const DEFAULT_TITLE: &str = "a new message";

/// Most regIds in one `pushToList`.
pub(crate) const MAX_REG_IDS: usize = 1000;
/// Longest regId that the driver lets into a list; vivo's have 23 digits, or some more
/// characters after `v2-`.
pub(crate) const MAX_REG_ID: usize = 256;
/// Longest title and text.
pub(crate) const MAX_TITLE: usize = 40;
pub(crate) const MAX_CONTENT: usize = 100;
/// Longest `callback`, and `callback.param` in every version of the reference.
const MAX_CALLBACK: usize = 128;
pub(crate) const MAX_CALLBACK_PARAM: usize = 64;

/// Longest request body: a full list of the longest regIds in quotes, and what is around it.
/// A message is far smaller: title, text, link and custom data are a few thousand characters.
pub(crate) const MAX_BODY: usize = MAX_REG_IDS * (MAX_REG_ID + 3) + 4096;

/// The driver's self-description.
pub(crate) fn describe() -> Info {
    let mut info = Info::new("vivo", "vivo Push", env!("CARGO_PKG_VERSION"))
        .platform(Platform::Android)
        .probe(Probe::Grant)
        .badge()
        .hosts(["api-push.vivo.com.cn:443"])
        .settings(declared())
        // In Beijing.
        .day_ahead(8)
        .classes([
            MessageClass::new(
                "operational",
                "News, offers and the like (classification 0); apps of the news kind get more: 5 \
                 a device and 3 for each user a day.",
            )
            .daily_per_device(2)
            .daily(2, 10_000)
            .window(Window::hours(7, 23, 8)),
            MessageClass::new(
                "system",
                "What the user asked for, such as chat (classification 1); vivo raises or lifts \
                 the quota on application.",
            )
            .daily(3, 10_000),
        ])
        .texts([
            TextLimit::new("title", MAX_TITLE, Unit::Utf16),
            TextLimit::new("body", MAX_CONTENT, Unit::Utf16),
        ])
        .sources([
            "vivo Push: PUSH-UPS-API reference (server side)",
            "vivo Push: notes on message classification",
            "vivo Push: frequently asked questions",
            "vivo Push: message receipts",
        ]);
    info.batch = MAX_REG_IDS as u32;
    info.max_body = MAX_BODY as u32;
    // For apps of less than five million users; bigger ones get 4,000 and 5,000.
    info.rate = Some(3000);
    info.rate_unit = RateUnit::Devices;
    info.concurrency = 100;
    info
}

fn declared() -> [Setting; 13] {
    [
        Setting::new(
            "app_id",
            Kind::Integer,
            "AppID of the app, a number: vivo developer console, message push, the app's page.",
        )
        .required(),
        Setting::new(
            "app_key",
            Kind::Text,
            "AppKey of the app: vivo developer console, message push, the app's page.",
        )
        .required(),
        Setting::new(
            "app_secret",
            Kind::Text,
            "AppSecret of the app: vivo developer console, message push, the app's page.",
        )
        .required()
        .secret(),
        Setting::new(
            "classification",
            Kind::Choice,
            "Class of messages that name neither it nor a category; system needs vivo's approval: \
             vivo developer console, message push.",
        )
        .choices(["operational", "system"])
        .with_default("\"system\""),
        Setting::new(
            "category",
            Kind::Text,
            "Category of messages that name none, such as IM; must belong to classification.",
        ),
        Setting::new(
            "package",
            Kind::Text,
            "Package name of the app, such as com.example.chat; makes an intent URI of pages that \
             are written as a class, an action or a link of the app's own.",
        )
        .aliases(["package_name"]),
        Setting::new(
            "notify_type",
            Kind::Integer,
            "How a phone announces messages: 1 not at all, 2 rings, 3 vibrates, 4 both.",
        )
        .with_default("4"),
        Setting::new(
            "default_title",
            Kind::Text,
            "Title of messages without one, as vivo requires a title.",
        )
        .with_default(format!("\"{DEFAULT_TITLE}\"")),
        Setting::new(
            "wide_characters",
            Kind::Choice,
            "What a Chinese character or an emoji counts in title (40) and text (100): one, as push \
             aggregators count, or two, as vivo's reference is quoted; set two if long texts come \
             back as 10056 or 10058.",
        )
        .choices(["one", "two"])
        .with_default("\"one\""),
        Setting::new(
            "callback_url",
            Kind::Text,
            "URL of yours that vivo reports deliveries to, at most 128 characters.",
        ),
        Setting::new(
            "callback_id",
            Kind::Text,
            "Id of a receipt address that was registered with vivo: vivo developer console, \
             message push, receipts.",
        ),
        Setting::new(
            "endpoint",
            Kind::Url,
            "Address used instead of https://api-push.vivo.com.cn, for a gateway or a test.",
        ),
        Setting::new(
            "token_url",
            Kind::Url,
            "Address used instead of https://api-push.vivo.com.cn/message/auth, for a gateway or \
             a test.",
        ),
    ]
}

/// A channel's settings, checked.
pub struct Channel {
    /// `appId`.
    pub app_id: u64,
    /// `appKey`.
    pub app_key: String,
    /// What signs requests for a token; never sent.
    pub app_secret: String,
    /// Class of messages that do not say.
    pub classification: Classification,
    /// Category of messages that do not say; belongs to `classification`.
    pub category: Option<String>,
    /// The app's package, where the operator gave it.
    pub package: Option<String>,
    /// `notifyType` of messages that do not say.
    pub notify_type: u8,
    /// Title of messages without one.
    pub default_title: String,
    /// Whether a character beyond ASCII counts two.
    pub wide_counts_two: bool,
    /// `callback`.
    pub callback_url: Option<String>,
    /// `callback.id`.
    pub callback_id: Option<String>,
    /// vivo's address, or what stands for it.
    pub origin: String,
    /// Where tokens come from.
    pub auth_url: String,
    /// Whether tokens come from elsewhere than vivo.
    pub elsewhere: bool,
}

/// Never shows the secret.
impl fmt::Debug for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Channel")
            .field("app_id", &self.app_id)
            .field("origin", &self.origin)
            .finish_non_exhaustive()
    }
}

impl Channel {
    /// Checks the settings, or says which one is wrong.
    pub fn read(settings: &Settings) -> Result<Self, SettingError> {
        let endpoint = settings.url("endpoint")?;
        let token_url = settings.url("token_url")?;
        let origin = endpoint.unwrap_or(ENDPOINT).to_owned();
        let classification = classification(settings)?;
        let wide_counts_two = wide_counts_two(settings)?;
        Ok(Self {
            app_id: app_id(settings)?,
            app_key: key(settings, "app_key", "AppKey")?,
            app_secret: key(settings, "app_secret", "AppSecret")?,
            classification,
            category: category(settings, classification)?,
            package: package(settings)?,
            notify_type: notify_type(settings)?,
            default_title: default_title(settings, wide_counts_two)?,
            wide_counts_two,
            callback_url: callback_url(settings)?,
            callback_id: callback_id(settings)?,
            auth_url: token_url.map_or_else(|| format!("{origin}/message/auth"), str::to_owned),
            origin,
            elsewhere: endpoint.is_some() || token_url.is_some(),
        })
    }
}

fn app_id(settings: &Settings) -> Result<u64, SettingError> {
    let remedy = "copy the AppID, a number such as 105000001, from the app's page in vivo's \
                  developer console";
    match settings.integer("app_id") {
        None => Err(SettingError::new(
            "app_id",
            "is missing or not a number",
            remedy,
        )),
        Some(number) => match u64::try_from(number) {
            Ok(number) if number > 0 => Ok(number),
            _ => Err(SettingError::new("app_id", "is not above 0", remedy)),
        },
    }
}

/// A key as vivo signs it: trimmed.
fn key(settings: &Settings, name: &str, title: &str) -> Result<String, SettingError> {
    let key = settings.require_text(name)?.trim();
    if (1..=128).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(key.to_owned());
    }
    Err(SettingError::new(
        name,
        format!(
            "has {} bytes or characters that no {title} has, expected 1 to 128 letters, digits \
             and hyphens",
            key.len()
        ),
        format!("copy the {title} again from the app's page in vivo's developer console"),
    ))
}

fn classification(settings: &Settings) -> Result<Classification, SettingError> {
    let name = settings.text("classification").unwrap_or("system");
    Classification::parse(name).ok_or_else(|| {
        SettingError::new(
            "classification",
            "is neither operational nor system",
            "set classification to \"operational\" or \"system\", or leave it out",
        )
    })
}

fn category(settings: &Settings, class: Classification) -> Result<Option<String>, SettingError> {
    let Some(word) = settings.text("category") else {
        return Ok(None);
    };
    if !is_category(word) {
        return Err(SettingError::new(
            "category",
            "is no category of vivo's",
            format!(
                "write it in upper case, such as IM; {} messages have {}",
                class.name(),
                class.categories()
            ),
        ));
    }
    if !class.takes(word) {
        return Err(SettingError::new(
            "category",
            format!("{word} does not belong to classification {}", class.name()),
            format!(
                "use one of {}, or set the other classification",
                class.categories()
            ),
        ));
    }
    Ok(Some(word.to_owned()))
}

fn package(settings: &Settings) -> Result<Option<String>, SettingError> {
    match settings.text("package") {
        Some(package) if !is_class_name(package) => Err(SettingError::new(
            "package",
            "is not a dotted name such as com.example.chat",
            "copy the package from the app's AndroidManifest.xml, or leave it out",
        )),
        package => Ok(package.map(str::to_owned)),
    }
}

fn notify_type(settings: &Settings) -> Result<u8, SettingError> {
    match settings.integer("notify_type") {
        None => Ok(4),
        Some(number @ 1..=4) => Ok(number as u8),
        Some(_) => Err(SettingError::new(
            "notify_type",
            "is not 1 to 4",
            "set notify_type to 1 (nothing), 2 (rings), 3 (vibrates) or 4 (both)",
        )),
    }
}

fn default_title(settings: &Settings, wide_counts_two: bool) -> Result<String, SettingError> {
    let title = settings.text("default_title").unwrap_or(DEFAULT_TITLE);
    let length = crate::width::length(title, wide_counts_two);
    if title.trim().is_empty() || title.contains(char::is_control) || length > MAX_TITLE {
        return Err(SettingError::new(
            "default_title",
            format!("counts {length}, or is blank or has control characters"),
            format!("write one line that counts at most {MAX_TITLE}"),
        ));
    }
    Ok(title.to_owned())
}

fn wide_counts_two(settings: &Settings) -> Result<bool, SettingError> {
    match settings.text("wide_characters") {
        None | Some("one") => Ok(false),
        Some("two") => Ok(true),
        Some(_) => Err(SettingError::new(
            "wide_characters",
            "is neither one nor two",
            "set wide_characters to \"one\" or \"two\", or leave it out",
        )),
    }
}

fn callback_url(settings: &Settings) -> Result<Option<String>, SettingError> {
    let Some(url) = settings.text("callback_url") else {
        return Ok(None);
    };
    if is_web_page(url) && url.is_ascii() && url.len() <= MAX_CALLBACK {
        return Ok(Some(url.to_owned()));
    }
    Err(SettingError::new(
        "callback_url",
        format!(
            "is no http:// or https:// URL of at most {MAX_CALLBACK} characters, it has {}",
            url.chars().count()
        ),
        "write it like https://receipts.example.com/vivo, or leave it out",
    ))
}

fn callback_id(settings: &Settings) -> Result<Option<String>, SettingError> {
    let Some(id) = settings.text("callback_id") else {
        return Ok(None);
    };
    if id.len() <= 64 && id.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(Some(id.to_owned()));
    }
    Err(SettingError::new(
        "callback_id",
        "is longer than 64 characters or has odd ones",
        "copy the id that vivo's developer console shows beside the receipt address",
    ))
}
