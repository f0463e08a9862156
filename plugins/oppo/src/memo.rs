//! What is remembered of a request until its answer is there.
//!
//! `unicast` is answered at once and leaves nothing behind but what to send should OPPO refuse its
//! level. Several devices take two requests, and the second needs what only `encode` had: the
//! `auth_token`.

use nudged_driver_kit::token;
use nudged_plugin_api::Exchange;
use serde::{Deserialize, Serialize};

/// The request that an answer belongs to.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub(crate) enum Step {
    /// One device, all in one.
    Unicast {
        /// None where the message has none, as in the two below.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        level: Option<Level>,
    },
    /// The text is being saved.
    Save {
        /// For the request that sends it.
        auth_token: String,
        /// The form that saves it without an `app_message_id`, for when OPPO knows the text
        /// already and does not say under which id.
        again: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        level: Option<Level>,
    },
    /// The saved text is being sent.
    Broadcast {
        /// The saved text's id.
        message_id: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        level: Option<Level>,
    },
}

/// What becomes of the level of a message that has one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Level {
    /// It was asked for; this form does not.
    Asked(String),
    /// It was left out after this code.
    LeftOut(i64),
}

impl Step {
    /// The step that `exchange` answers; none when its memo was lost or is somebody else's.
    pub(crate) fn of(exchange: &Exchange<'_>) -> Option<Self> {
        if exchange.memo.is_empty() {
            // Only one device goes without a memo.
            return token::is_one(exchange.targets).then_some(Self::Unicast { level: None });
        }
        serde_json::from_slice(exchange.memo).ok()
    }

    /// As bytes.
    pub(crate) fn memo(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("texts always make JSON")
    }
}
