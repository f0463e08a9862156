//! Vendors' words for what a message is about, which the drivers of services before those vendors
//! need as well as the vendors' own.
//!
//! In: nothing. Out: the words, as the vendors' pages list them. Refuses to know what a driver makes
//! of one that is not there.

/// Huawei's: "REST API, Sending Messages", `category`.
pub const HUAWEI: [&str; 14] = [
    "IM",
    "VOIP",
    "SUBSCRIPTION",
    "TRAVEL",
    "HEALTH",
    "WORK",
    "ACCOUNT",
    "EXPRESS",
    "FINANCE",
    "DEVICE_REMINDER",
    "SYSTEM_REMINDER",
    "MAIL",
    "PLAY_VOICE",
    "MARKETING",
];

/// vivo's of system messages.
pub const VIVO_SYSTEM: [&str; 6] = [
    "IM",
    "ACCOUNT",
    "TODO",
    "DEVICE_REMINDER",
    "ORDER",
    "SUBSCRIPTION",
];

/// vivo's of operational messages.
pub const VIVO_OPERATIONAL: [&str; 4] = ["NEWS", "CONTENT", "MARKETING", "SOCIAL"];
