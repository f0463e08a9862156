//! What tells one account of Apple's from another, and whether its credential is good.
//!
//! APNs has no dry run. A push to a token that no device has is refused as `BadDeviceToken` by an
//! APNs that took the credential and the topic, and in other words by one that did not: 403 for
//! a key, 400 `TopicDisallowed` for a topic. Nobody is pushed. One such request for a credential
//! that an operator has just changed is far from what Apple calls a flood of bad tokens.

use nudged_plugin_api::{Batch, Context, HttpRequest, Message, Settings, Target};

use crate::encode;
use crate::settings::Channel;

/// As long as a real one, and nobody's.
const NOBODY: &str = "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff";
/// `apns-id` is a UUID.
const ID: &str = "00000000-0000-4000-8000-000000000000";

/// Tokens are of an app in an environment. A bundle ID is of one team only, and it stays when the
/// app moves to another or a certificate gives way to a key.
pub(crate) fn account(topic: &str, settings: &Settings) -> String {
    let environment = match settings.text("environment") {
        Some("sandbox" | "development") => "sandbox",
        _ => "production",
    };
    format!("{topic}/{environment}")
}

/// A push to nobody.
pub(crate) fn request(channel: &Channel, context: &Context<'_>) -> Option<HttpRequest> {
    let message = Message::new("nudged", "Is this credential good?");
    let nobody = [Target::new(ID, NOBODY)];
    let rendered = encode::request(channel, Batch::new(&message, &nobody), context);
    rendered.ok().map(|rendered| rendered.request)
}
