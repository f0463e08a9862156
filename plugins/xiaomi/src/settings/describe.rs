//! What the driver says of itself: hosts, limits, quotas and the keys of a channel.

use nudged_plugin_api::info::{Kind, MessageClass, TextLimit};
use nudged_plugin_api::{Info, KindInfo, Platform, Probe, Setting};

use super::{MAX_DESCRIPTION, MAX_TITLE, REGIONS, UNIT};

/// Most regids of one request.
const MAX_BATCH: usize = 1000;
/// Longest request body: a thousand regids with every character escaped, and room for the
/// rest. Xiaomi itself names no limit of the whole.
pub(crate) const MAX_BODY: usize = 1 << 20;
/// Requests a second of an app with fewer than 100,000 users that allow notifications; bigger
/// apps get up to 3000.
const RATE: u32 = 500;

/// The driver's self-description.
pub(crate) fn describe() -> Info {
    let mut info = Info::new(
        "xiaomi",
        "Xiaomi Push (Mi Push), server API v3",
        env!("CARGO_PKG_VERSION"),
    )
    .platform(Platform::Android)
    .probe(Probe::Request)
    .kinds([KindInfo::BACKGROUND])
    .hosts(REGIONS.map(|(_, host)| host))
    .settings(settings())
    // In Beijing.
    .day_ahead(8)
    .classes([
        MessageClass::new(
            "default",
            "Messages without a channel: one a device and day, and as many a day as users allow \
             notifications.",
        )
        .daily_per_device(1)
        .daily(1, 10_000),
        MessageClass::new(
            "public",
            "Messages in a public channel, counted when delivered; with a news licence 8 a device \
             and three for each user.",
        )
        .daily_per_device(5)
        // At least 10,000 users are counted.
        .daily(2, 20_000),
        MessageClass::new(
            "private",
            "Messages in an approved private channel: unlimited.",
        ),
    ])
    .texts([
        TextLimit::new("title", MAX_TITLE, UNIT),
        TextLimit::new("body", MAX_DESCRIPTION, UNIT),
    ])
    .sources([
        "Mi Push: Server API addresses and parameters (pId=1559)",
        "Mi Push: Server API error codes (pId=1560)",
        "Mi Push: Message limits (pId=1656)",
        "Mi Push: Server API address, outside mainland China (pId=1696)",
        "Mi Push: Access guide for message templates (pId=2314)",
        "Mi Push: Notice on the interfaces that take messages back (pId=2367)",
    ]);
    info.batch = MAX_BATCH as u32;
    info.max_body = MAX_BODY as u32;
    info.rate = Some(RATE);
    info.concurrency = 100;
    info.recall = true;
    info
}

fn settings() -> [Setting; 16] {
    [
        Setting::new(
            "app_secret",
            Kind::Text,
            "AppSecret of the app: Xiaomi's push console, the app's information.",
        )
        .required()
        .secret(),
        Setting::new(
            "package",
            Kind::Text,
            "Package name of the Android app: Xiaomi's push console, the app's information.",
        )
        .aliases(["package_name"])
        .required(),
        Setting::new(
            "region",
            Kind::Choice,
            "Where the phones are used: china is the mainland, europe the EEA and the UK, global \
             the rest of the world.",
        )
        .choices(REGIONS.map(|(name, _)| name))
        .with_default("\"china\""),
        Setting::new(
            "endpoint",
            Kind::Url,
            "Address used instead of the region's host, for a gateway or a test.",
        ),
        Setting::new(
            "channel_id",
            Kind::Text,
            "Notification channel of messages that name none: Xiaomi's push console, message \
             classification, channels. Without one, a device gets one message a day.",
        ),
        Setting::new(
            "channel_ids",
            Kind::Text,
            "Other channels that messages may name without a notice, with commas between them: \
             those that Xiaomi's push console shows as approved.",
        ),
        Setting::new(
            "channel_class",
            Kind::Choice,
            "What Xiaomi approved the channels for: private is chat and the like, without quotas; \
             public is everything else.",
        )
        .choices(["private", "public"])
        .with_default("\"private\""),
        Setting::new(
            "template_id",
            Kind::Text,
            "Template of messages in channel_id: Xiaomi's push console, message classification, \
             templates. Private messages need one since 2026.",
        ),
        Setting::new(
            "template_param",
            Kind::Text,
            "The template's variables, a JSON object of texts in which {title} and {body} stand \
             for the message's.",
        ),
        Setting::new(
            "open_app",
            Kind::Choice,
            "What a tap that opens the app does: callback calls the app's \
             onNotificationMessageClicked, launcher starts its launcher Activity.",
        )
        .choices(["callback", "launcher"])
        .with_default("\"callback\""),
        Setting::new(
            "default_title",
            Kind::Text,
            "Title of messages that have none, as Xiaomi requires one.",
        )
        .with_default("\"a new message\""),
        Setting::new(
            "callback_url",
            Kind::Text,
            "Address that Xiaomi posts its reports on messages to; none are asked for without it.",
        ),
        Setting::new(
            "callback_type",
            Kind::Integer,
            "Reports to ask for, added up: 1 delivered, 2 clicked, 16 target invalid, 32 push \
             disabled, 64 filter not matched, 128 daily quota reached, 1024 expired.",
        )
        .with_default("243"),
        Setting::new(
            "notify_foreground",
            Kind::Boolean,
            "false: the phone shows nothing while the app is on the screen.",
        )
        .with_default("true"),
        Setting::unneeded(
            "app_id",
            "the AppID is for phones; a server is known by app_secret and package.",
        ),
        Setting::unneeded(
            "app_key",
            "the AppKey is for phones; a server is known by app_secret and package.",
        ),
    ]
}
