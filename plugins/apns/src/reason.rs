//! The table of reasons: what each means, and what to do about it.
//!
//! In: APNs's `reason`. Out: class, remedy, whether the connection is spent, when to try
//! again. After the tables of "Handling notification responses from APNs" and "Sending
//! broadcast push notification requests to APNs". A reason that is not in them goes by
//! its HTTP status.

use nudged_plugin_api::{Class, Scope};

/// What a reason means.
#[derive(Debug)]
pub struct Rule {
    /// Apple's word; for the rules by status, the status.
    pub reason: &'static str,
    /// What it means for the delivery.
    pub class: Class,
    /// What to do, one sentence.
    pub remedy: &'static str,
    /// The connection that brought it is spent.
    pub fresh_connection: bool,
    /// Wait this long, where APNs itself names no time.
    pub retry_after_millis: Option<u64>,
    /// What Apple's word speaks of.
    pub scope: Scope,
}

impl Rule {
    const fn new(reason: &'static str, class: Class, remedy: &'static str) -> Self {
        Self {
            reason,
            class,
            remedy,
            fresh_connection: false,
            retry_after_millis: None,
            scope: Scope::Unsaid,
        }
    }

    const fn scope(mut self, scope: Scope) -> Self {
        self.scope = scope;
        self
    }

    const fn fresh_connection(mut self) -> Self {
        self.fresh_connection = true;
        self
    }

    const fn retry_after_millis(mut self, millis: u64) -> Self {
        self.retry_after_millis = Some(millis);
        self
    }
}

/// The rule for a reason that Apple documents.
pub fn find(reason: &str) -> Option<&'static Rule> {
    REASONS.iter().find(|rule| rule.reason == reason)
}

/// The rule for an answer with an unknown reason or none.
pub fn by_status(status: u16) -> &'static Rule {
    match status {
        403 => &FORBIDDEN,
        410 => &GONE,
        429 => &TOO_MANY,
        400..=499 => &WRONG,
        500..=599 => &TROUBLE,
        _ => &NOT_APNS,
    }
}

const FORBIDDEN: Rule = Rule::new(
    "403",
    Class::Credential,
    "Check the channel's key or certificate in Apple's developer console; APNs refuses it for a reason that this driver does not know.",
);
const GONE: Rule = Rule::new(
    "410",
    Class::InvalidToken,
    "Nothing to do: the token is dead and leaves the registry.",
);
const TOO_MANY: Rule = Rule::new(
    "429",
    Class::Throttled,
    "Send more slowly; the message is tried again later.",
);
const WRONG: Rule = Rule::new(
    "4xx",
    Class::BadRequest,
    "Look the reason up in Apple's \"Handling notification responses from APNs\" and change the message.",
);
const TROUBLE: Rule = Rule::new(
    "5xx",
    Class::Unavailable,
    "Nothing to do unless it lasts: APNs is in trouble, see Apple's System Status page.",
);
const NOT_APNS: Rule = Rule::new(
    "other",
    Class::Unavailable,
    "Check `endpoint` and any proxy on the way: APNs itself never answers like this.",
);

// Remedies that several reasons share. They blame the driver because it writes these itself.
const REPORT: &str = "Report this to the driver's author with the message that caused it.";
const KEY: &str = "Check that `key`, `key_id` and `team_id` belong together and the key was not revoked under Keys in Apple's developer console, and that this machine's clock is right.";
const ENVIRONMENT_OF_KEY: &str = "Set `environment` to the one that the key was made for, or make a key for both under Keys in Apple's developer console.";
const TOPIC: &str =
    "Check that `topic` is the app's bundle ID and that the key or certificate may be used for it.";
const BROADCAST: &str =
    "Send to device tokens: broadcast channels are not supported by this driver.";

use Class::{
    BadRequest, Credential, GrantExpired, InvalidToken, Throttled, ThrottledDevice, Unavailable,
};

/// Every documented reason, in the order of Apple's tables: by status, then by name.
pub const REASONS: &[Rule] = &[
    // 400
    Rule::new(
        "BadCollapseId",
        BadRequest,
        "Shorten the collapse key to 64 bytes.",
    ),
    // Also the answer to a token of the other environment. Apple counts it against the
    // sender more than other errors, so it is never tried again.
    Rule::new(
        "BadDeviceToken",
        InvalidToken,
        "If it hits many devices, set `environment` to the one that the app was built for; else nothing to do, the token leaves the registry.",
    )
    .scope(Scope::Credential),
    Rule::new(
        "BadExpirationDate",
        BadRequest,
        "Check this machine's clock and the message's lifetime.",
    ),
    Rule::new("BadMessageId", BadRequest, REPORT),
    Rule::new("BadPriority", BadRequest, REPORT),
    // The topic is the channel's, so no message of the channel will fare better.
    Rule::new("BadTopic", Credential, TOPIC),
    Rule::new(
        "DeviceTokenNotForTopic",
        InvalidToken,
        "If it hits many devices, set `topic` to the bundle ID of the app that reports the tokens; else nothing to do, the token is another app's and leaves the registry.",
    )
    .scope(Scope::Credential),
    Rule::new("DuplicateHeaders", BadRequest, REPORT),
    Rule::new(
        "IdleTimeout",
        Unavailable,
        "Nothing to do: the message is sent again on a fresh connection.",
    )
    .fresh_connection()
    .retry_after_millis(0),
    Rule::new(
        "InvalidPushType",
        BadRequest,
        "Use a push type that Apple's \"Sending notification requests to APNs\" names.",
    ),
    Rule::new("MissingDeviceToken", BadRequest, REPORT),
    // The driver always sends a topic, so the fault is not in the channel's settings.
    Rule::new("MissingTopic", BadRequest, REPORT),
    Rule::new("PayloadEmpty", BadRequest, REPORT),
    Rule::new("TopicDisallowed", Credential, TOPIC),
    // 403
    Rule::new(
        "BadCertificate",
        Credential,
        "Make a new Apple Push Services certificate in Apple's developer console: this one is revoked, expired or not for push.",
    ),
    Rule::new(
        "BadCertificateEnvironment",
        Credential,
        "Set `environment` to the one that the certificate was made for, or use an Apple Push Services certificate, which is good for both.",
    ),
    // Connections that brought this answer were seen to bring it for ever after.
    Rule::new(
        "ExpiredProviderToken",
        GrantExpired,
        "Nothing to do if it happens once; else set this machine's clock.",
    )
    .fresh_connection(),
    Rule::new(
        "Forbidden",
        Credential,
        "Check in Apple's developer console that the key or certificate may send to this app.",
    ),
    Rule::new("InvalidProviderToken", Credential, KEY),
    Rule::new("MissingProviderToken", Credential, "Set `certificate` or `key`, and check that no proxy removes the authorization header or the client certificate."),
    // One connection serves one key for its whole life.
    Rule::new(
        "UnrelatedKeyIdInToken",
        Unavailable,
        "Nothing to do: the message is sent again on a fresh connection of this key.",
    )
    .fresh_connection()
    .retry_after_millis(0),
    Rule::new("BadEnvironmentKeyIdInToken", Credential, ENVIRONMENT_OF_KEY),
    // Seen under this name too.
    Rule::new("BadEnvironmentKeyInToken", Credential, ENVIRONMENT_OF_KEY),
    // 404, 405
    Rule::new("BadPath", BadRequest, REPORT),
    Rule::new("MethodNotAllowed", BadRequest, REPORT),
    // 410
    Rule::new(
        "ExpiredToken",
        InvalidToken,
        "Nothing to do: the token has expired and leaves the registry.",
    ),
    Rule::new(
        "Unregistered",
        InvalidToken,
        "Nothing to do: the app was removed or got a new token, and this one leaves the registry.",
    ),
    // 413
    Rule::new(
        "PayloadTooLarge",
        BadRequest,
        "Shorten the text or ext to 4096 bytes in all, 5120 for VoIP.",
    ),
    // 429
    // APNs refuses a connection that showed it more than one new token in 20 minutes, for
    // an unknown time. Holding the whole channel for those 20 minutes would be worse than
    // the illness: the old token is still good for an hour, and a fresh connection has seen
    // no other. Should APNs count the team and not the connection, a try a minute costs nothing.
    Rule::new(
        "TooManyProviderTokenUpdates",
        Throttled,
        "Let one process only use this key: APNs was shown too many new tokens of the team within 20 minutes.",
    )
    .fresh_connection()
    .retry_after_millis(60_000),
    // Counted for each device token, so the others go on.
    Rule::new(
        "TooManyRequests",
        ThrottledDevice,
        "Send less to this device, or give messages that replace each other a collapse key.",
    ),
    // 500, 503
    Rule::new(
        "InternalServerError",
        Unavailable,
        "Nothing to do unless it lasts: APNs is in trouble, see Apple's System Status page.",
    ),
    Rule::new(
        "ServiceUnavailable",
        Unavailable,
        "Nothing to do unless it lasts: APNs is in trouble, see Apple's System Status page.",
    ),
    Rule::new(
        "Shutdown",
        Unavailable,
        "Nothing to do: that server is going away, and the message is sent again on a fresh connection.",
    )
    .fresh_connection()
    .retry_after_millis(0),
    // Broadcast channels: 400, then 403
    Rule::new(
        "FeatureNotEnabled",
        Credential,
        "Enable broadcast for the app under Identifiers in Apple's developer console.",
    ),
    Rule::new("MissingChannelId", BadRequest, BROADCAST),
    Rule::new("BadChannelId", BadRequest, BROADCAST),
    Rule::new(
        "ChannelNotRegistered",
        InvalidToken,
        "Nothing to do: the broadcast channel is gone.",
    ),
    Rule::new("BadRequestParams", BadRequest, BROADCAST),
    Rule::new("BadRequestPayload", BadRequest, BROADCAST),
    Rule::new("MissingPushType", BadRequest, REPORT),
    Rule::new("CannotCreateChannelConfig", BadRequest, BROADCAST),
    Rule::new("MissingChannelQueueSize", BadRequest, BROADCAST),
    Rule::new("TopicMismatch", Credential, TOPIC),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_stands_once_with_a_remedy_of_one_sentence() {
        for (index, rule) in REASONS.iter().enumerate() {
            assert!(rule.remedy.ends_with('.'), "{}", rule.reason);
            assert!(
                !rule.remedy.trim_end_matches('.').contains(". "),
                "{}",
                rule.reason
            );
            assert!(
                REASONS[..index]
                    .iter()
                    .all(|other| other.reason != rule.reason),
                "{} twice",
                rule.reason
            );
        }
    }
}
