//! The rule that the same random number with the same content is one message.
//!
//! In: a call, its random number and what it became. Out: a key, and for how long it stands
//! for that message. Refuses to know who remembers it.

use std::time::Duration;

use nudged_driver_kit::text::hex;
use sha2::{Digest, Sha256};

use super::body::Body;
use super::call::Call;
use crate::admission::Dedupe;
use nudged_wire::NotificationSpec;

/// The key of a message; none without a random number.
pub fn dedupe(call: Call, body: &Body, spec: &NotificationSpec) -> Option<Dedupe> {
    // req 61: the same random number is the same message, for 5 minutes in a group, else for 1 s.
    let (random, window) = match call {
        Call::Group => (
            body.random.0.or(body.msg_random.0),
            Duration::from_secs(300),
        ),
        _ => (body.msg_random.0.or(body.random.0), Duration::from_secs(1)),
    };
    // The notification has app, sender, recipients and content in it, and nothing that a
    // second attempt writes anew, such as the time.
    let content = serde_json::to_vec(&(call.name(), random?, spec)).ok()?;
    Some(Dedupe {
        key: format!("im:{}", hex(&Sha256::digest(content))),
        window,
    })
}
