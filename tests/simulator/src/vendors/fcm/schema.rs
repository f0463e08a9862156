//! The shape of a send request, from the discovery document of the FCM API v1: each
//! message type with its fields. A field is known in snake_case and in camelCase.

/// The type of a field.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    Text,
    Bool,
    Int32,
    Number,
    Duration,
    Timestamp,
    /// Name of the type, and its values in upper case.
    Enum(&'static str, &'static [&'static str]),
    Message(&'static Schema),
    TextMap,
    Struct,
    Texts,
    Durations,
}

/// A message type.
#[derive(Debug)]
pub(crate) struct Schema {
    pub(crate) fields: &'static [(&'static str, Kind)],
    /// Groups of which at most one field is set: name of the group, fields.
    pub(crate) oneofs: &'static [(&'static str, &'static [&'static str])],
}

use Kind::{
    Bool, Duration, Durations, Enum, Int32, Message, Number, Struct, Text, TextMap, Texts,
    Timestamp,
};

const fn plain(fields: &'static [(&'static str, Kind)]) -> Schema {
    Schema {
        fields,
        oneofs: &[],
    }
}

pub(crate) static REQUEST: Schema =
    plain(&[("validate_only", Bool), ("message", Message(&MESSAGE))]);

static MESSAGE: Schema = Schema {
    fields: &[
        // Output only, yet the parser takes it.
        ("name", Text),
        ("data", TextMap),
        ("notification", Message(&NOTIFICATION)),
        ("android", Message(&ANDROID)),
        ("android_v2", Message(&ANDROID_V2)),
        ("webpush", Message(&WEBPUSH)),
        ("apns", Message(&APNS)),
        ("fcm_options", Message(&FCM_OPTIONS)),
        ("token", Text),
        ("fid", Text),
        ("topic", Text),
        ("condition", Text),
    ],
    oneofs: &[("target", &["token", "fid", "topic", "condition"])],
};

static NOTIFICATION: Schema = plain(&[("title", Text), ("body", Text), ("image", Text)]);

static FCM_OPTIONS: Schema = plain(&[("analytics_label", Text)]);

static ANDROID: Schema = plain(&[
    ("collapse_key", Text),
    ("priority", PRIORITY),
    ("ttl", Duration),
    ("restricted_package_name", Text),
    ("data", TextMap),
    ("notification", Message(&ANDROID_NOTIFICATION)),
    ("fcm_options", Message(&FCM_OPTIONS)),
    ("direct_boot_ok", Bool),
    ("bandwidth_constrained_ok", Bool),
    ("restricted_satellite_ok", Bool),
]);

const PRIORITY: Kind = Enum(
    "google.firebase.fcm.v1.AndroidMessagePriority",
    &["NORMAL", "HIGH"],
);

macro_rules! android_notification {
    ($($extra:expr)?) => {
        plain(&[
            $($extra,)?
            ("title", Text),
            ("body", Text),
            ("icon", Text),
            ("color", Text),
            ("sound", Text),
            ("tag", Text),
            ("click_action", Text),
            ("body_loc_key", Text),
            ("body_loc_args", Texts),
            ("title_loc_key", Text),
            ("title_loc_args", Texts),
            ("channel_id", Text),
            ("ticker", Text),
            ("sticky", Bool),
            ("event_time", Timestamp),
            ("local_only", Bool),
            (
                "notification_priority",
                Enum(
                    "google.firebase.fcm.v1.AndroidNotification.NotificationPriority",
                    &[
                        "PRIORITY_UNSPECIFIED",
                        "PRIORITY_MIN",
                        "PRIORITY_LOW",
                        "PRIORITY_DEFAULT",
                        "PRIORITY_HIGH",
                        "PRIORITY_MAX",
                    ],
                ),
            ),
            ("default_sound", Bool),
            ("default_vibrate_timings", Bool),
            ("default_light_settings", Bool),
            ("vibrate_timings", Durations),
            (
                "visibility",
                Enum(
                    "google.firebase.fcm.v1.AndroidNotification.Visibility",
                    &["VISIBILITY_UNSPECIFIED", "PRIVATE", "PUBLIC", "SECRET"],
                ),
            ),
            ("notification_count", Int32),
            ("light_settings", Message(&LIGHT_SETTINGS)),
            ("image", Text),
            (
                "proxy",
                Enum(
                    "google.firebase.fcm.v1.AndroidNotification.Proxy",
                    &["PROXY_UNSPECIFIED", "ALLOW", "DENY", "IF_PRIORITY_LOWERED"],
                ),
            ),
            ("bypass_proxy_notification", Bool),
        ])
    };
}

static ANDROID_NOTIFICATION: Schema = android_notification!();
static ANDROID_V2_NOTIFICATION: Schema = android_notification!(("id", Int32));

static LIGHT_SETTINGS: Schema = plain(&[
    ("color", Message(&COLOR)),
    ("light_on_duration", Duration),
    ("light_off_duration", Duration),
]);

static COLOR: Schema = plain(&[
    ("red", Number),
    ("green", Number),
    ("blue", Number),
    ("alpha", Number),
]);

static ANDROID_V2: Schema = Schema {
    fields: &[
        ("collapse_key", Text),
        ("ttl", Duration),
        ("restricted_package_name", Text),
        ("data", TextMap),
        ("fcm_options", Message(&FCM_OPTIONS)),
        ("direct_boot_ok", Bool),
        ("bandwidth_constrained_ok", Bool),
        ("restricted_satellite_ok", Bool),
        ("remote_notification", Message(&REMOTE_NOTIFICATION)),
        ("background_sync", Message(&BACKGROUND_SYNC)),
    ],
    oneofs: &[("message_type", &["remote_notification", "background_sync"])],
};

static REMOTE_NOTIFICATION: Schema = plain(&[
    ("notification", Message(&ANDROID_V2_NOTIFICATION)),
    ("mutable_content", Bool),
    ("use_as_v1_data_message", Bool),
]);

static BACKGROUND_SYNC: Schema = plain(&[]);

static APNS: Schema = plain(&[
    ("headers", TextMap),
    ("payload", Struct),
    ("fcm_options", Message(&APNS_OPTIONS)),
    ("live_activity_token", Text),
]);

static APNS_OPTIONS: Schema = plain(&[("analytics_label", Text), ("image", Text)]);

static WEBPUSH: Schema = plain(&[
    ("headers", TextMap),
    ("data", TextMap),
    ("notification", Struct),
    ("fcm_options", Message(&WEBPUSH_OPTIONS)),
]);

static WEBPUSH_OPTIONS: Schema = plain(&[("link", Text), ("analytics_label", Text)]);
