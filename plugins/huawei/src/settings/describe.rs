//! The driver's self-description: settings, hosts, limits, classes of messages, sources.

use nudged_driver_kit::text::Unit;
use nudged_plugin_api::info::{Kind, MessageClass, RateUnit, TextLimit};
use nudged_plugin_api::{Info, KindInfo, Platform, Probe, Setting};

use super::{DEFAULT_TITLE, MAX_BODY_TEXT, MAX_PAYLOAD, MAX_TITLE, MAX_TOKEN};

/// Most tokens in one request.
const MAX_BATCH: usize = 1000;

/// The driver's self-description.
pub(crate) fn describe() -> Info {
    let mut info = Info::new("huawei", "Huawei Push Kit (HMS)", env!("CARGO_PKG_VERSION"))
        .platform(Platform::Android)
        .probe(Probe::Grant)
        .badge()
        .kinds([KindInfo::BACKGROUND])
        .hosts([
            "push-api.cloud.huawei.com:443",
            "oauth-login.cloud.huawei.com:443",
        ])
        .settings(keys())
        .texts([
            TextLimit::new("title", MAX_TITLE, Unit::Utf16),
            TextLimit::new("body", MAX_BODY_TEXT, Unit::Utf16),
        ])
        // In Beijing.
        .day_ahead(8)
        .classes([
            MessageClass::new(
                "service",
                "Service and communication: a category other than MARKETING, or importance NORMAL \
                 or HIGH, and at most 3000 messages a device and day of all classes.",
            )
            .daily_per_device(3000),
            MessageClass::new(
                "marketing",
                "News and marketing: category MARKETING, or importance LOW, with 2 messages a \
                 device and day, 5 for news apps.",
            )
            .daily_per_device(2),
        ])
        .sources([
            "HMS Core Push Kit: Sending Messages (REST API v1)",
            "HMS Core Push Kit: Sending Messages Based on Scenarios (REST API v2)",
            "HMS Core Push Kit: Message Classification",
            "HMS Core Push Kit: Message Receipt",
            "HMS Core Account Kit: OAuth 2.0-based Authentication, client credentials mode",
            "HMS-Core/hms-push-serverdemo-java and -go",
        ]);
    info.batch = MAX_BATCH as u32;
    // Each token in quotes and with its comma.
    info.max_body = (MAX_PAYLOAD + MAX_BATCH * (MAX_TOKEN + 3)) as u32;
    // What even a small app has; more users have more.
    info.rate = Some(6000);
    info.rate_unit = RateUnit::Devices;
    info.concurrency = 100;
    info
}

fn keys() -> [Setting; 15] {
    use Kind::{Choice, Text, Url};
    [
        Setting::new(
            "app_id",
            Text,
            "App ID, which is also the client ID of the app's OAuth 2.0 client: AppGallery \
             Connect, My projects, the app, General information, App information.",
        )
        .aliases(["client_id"])
        .required(),
        Setting::new(
            "app_secret",
            Text,
            "App secret, called client secret in newer consoles: AppGallery Connect, My \
             projects, the app, General information, App information.",
        )
        .aliases(["client_secret"])
        .required()
        .secret(),
        Setting::new(
            "project_id",
            Text,
            "Project ID, to send through the v2 API, which a project with several apps needs: \
             AppGallery Connect, My projects, General information.",
        ),
        Setting::new(
            "package",
            Text,
            "Package name of the app, such as com.example.chat; needed with launcher_activity.",
        )
        .aliases(["package_name"]),
        Setting::new(
            "launcher_activity",
            Text,
            "Class of the activity that the launcher starts, such as .MainActivity; needed for \
             ext when a tap opens the app, and for badges.",
        ),
        Setting::new(
            "badge_class",
            Text,
            "Full class name for the badge, when it is not launcher_activity, such as \
             com.example.chat.MainActivity.",
        ),
        Setting::new(
            "channel_id",
            Text,
            "Android notification channel for messages that name none; the app must have \
             created it.",
        ),
        Setting::new(
            "category",
            Text,
            "Category of notifications that name none, such as IM; needs the right of \
             self-classification: AppGallery Connect, Push Kit, Configuration.",
        ),
        Setting::new(
            "importance",
            Choice,
            "Importance of notifications whose options name none: LOW is marketing and shown \
             silently, NORMAL is service and communication.",
        )
        .choices(["LOW", "NORMAL", "HIGH"]),
        Setting::new(
            "urgency",
            Choice,
            "Urgency of transparent messages whose options name none; HIGH needs a right that \
             Huawei grants on request.",
        )
        .choices(["HIGH", "NORMAL"]),
        Setting::new(
            "receipt_id",
            Text,
            "ID of the receipt address that gets the delivery reports: AppGallery Connect, Push \
             Kit, Configuration, app receipt.",
        ),
        Setting::new(
            "default_title",
            Text,
            "Title of a message that has none, as Push Kit shows no notification without.",
        )
        .with_default(format!("\"{DEFAULT_TITLE}\"")),
        Setting::new(
            "endpoint",
            Url,
            "Address used instead of https://push-api.cloud.huawei.com, for a gateway or a test.",
        ),
        Setting::new(
            "token_url",
            Url,
            "Address used instead of https://oauth-login.cloud.huawei.com/oauth2/v3/token, for a \
             gateway or a test.",
        ),
        Setting::new(
            "foreground_show",
            Kind::Boolean,
            "Whether a notification shows while the app is in front; false hands it to the app.",
        )
        .with_default("true"),
    ]
}
