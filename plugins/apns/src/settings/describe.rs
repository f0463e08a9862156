//! What the driver says of itself: APNs's limits, and the keys of a channel.
//!
//! Out: the declaration that the daemon checks settings and messages by. Refuses to know values.

use nudged_plugin_api::info::Kind;
use nudged_plugin_api::{Info, KindInfo, Platform, Probe, Protocol, Setting, TokenUse};

use super::HOSTS;
use crate::push_type;

/// What APNs is and wants to know.
pub(crate) fn describe() -> Info {
    let mut info = Info::new(
        "apns",
        "Apple Push Notification service",
        env!("CARGO_PKG_VERSION"),
    )
    .platform(Platform::Ios)
    .badge()
    .probe(Probe::Request)
    .kinds([
        KindInfo::BACKGROUND,
        KindInfo::voip(TokenUse::Own),
        KindInfo::live_activity(TokenUse::Own),
    ])
    .hosts(HOSTS)
    .classes(push_type::classes())
    .settings(declared())
    .sources([
        "Apple: Sending notification requests to APNs",
        "Apple: Generating a remote notification",
        "Apple: Establishing a token-based connection to APNs",
        "Apple: Establishing a certificate-based connection to APNs",
        "Apple: Handling notification responses from APNs",
        "Apple: Starting and updating Live Activities with ActivityKit push notifications",
    ]);
    info.protocol = Protocol::Http2;
    info.max_body = push_type::MAX_PAYLOAD;
    // What APNs usually allows a connection; its SETTINGS frame has the last word.
    info.concurrency = 1000;
    info
}

fn declared() -> [Setting; 10] {
    [
        Setting::new(
            "key",
            Kind::File,
            "The .p8 file of an APNs authentication key, from Certificates, Identifiers & Profiles > Keys; Apple lets you download it once.",
        )
        .aliases(["p8"])
        .secret(),
        Setting::new(
            "key_id",
            Kind::Text,
            "Key ID of the key, 10 characters, shown beside it under Keys.",
        ),
        Setting::new(
            "team_id",
            Kind::Text,
            "Team ID of the developer account, 10 characters, shown under Membership details.",
        ),
        Setting::new(
            "certificate",
            Kind::Identity,
            "Instead of a key: the Apple Push Services certificate with its private key, exported from Keychain Access as .p12 or PEM.",
        )
        .aliases(["p12"]),
        Setting::new(
            "certificate_password",
            Kind::Text,
            "Password that the .p12 file was exported with.",
        )
        .aliases(["p12_password"])
        .secret(),
        Setting::new(
            "topic",
            Kind::Text,
            "Bundle ID of the app, shown under Identifiers, without any suffix; a certificate has it as its subject's UID.",
        )
        .aliases(["bundle_id"]),
        Setting::new(
            "environment",
            Kind::Choice,
            "Where the app's tokens come from: production for App Store, TestFlight and ad hoc builds, sandbox, which Apple's profiles call development, for builds run from Xcode.",
        )
        .choices(["production", "sandbox", "development"])
        .with_default("\"production\""),
        Setting::new(
            "port",
            Kind::Integer,
            "443, or 2197 where a firewall lets only APNs through.",
        )
        .with_default("443"),
        Setting::new(
            "endpoint",
            Kind::Url,
            "Replaces Apple's host and port, for a test server or a proxy.",
        ),
        Setting::new(
            "mutable_content",
            Kind::Boolean,
            "Let every alert pass through the app's notification service extension, which may change it before it is shown.",
        )
        .with_default("false"),
    ]
}
