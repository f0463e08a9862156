//! Apple's words, for all drivers whose messages reach iPhones: APNs's own, and those of services
//! that send through APNs and pass on what it said.
//!
//! In: APNs's `reason`. Out: class, what it speaks of, remedy, whether the connection is spent, when
//! to try again. After the tables of "Handling notification responses from APNs" and "Sending
//! broadcast push notification requests to APNs". A reason that is not in them goes by its HTTP
//! status. Also the one form of a collapse id.

use std::borrow::Cow;
use std::hash::Hasher;

use siphasher::sip128::{Hasher128, SipHasher13};

use crate::verdict::{Class, Scope};

/// Apple: at most 64 bytes, not characters.
const LONGEST_COLLAPSE_ID: usize = 64;

/// A collapse key as `apns-collapse-id`: itself where a header can carry it, else a hash of it, the
/// same for the same key, now and in every later version.
pub fn collapse_id(key: &str) -> Cow<'_, str> {
    let fits = key.len() <= LONGEST_COLLAPSE_ID
        && key.bytes().all(|byte| matches!(byte, b' '..=b'~'))
        && key.trim_ascii().len() == key.len();
    if fits {
        return Cow::Borrowed(key);
    }
    let mut hasher = SipHasher13::new();
    hasher.write(key.as_bytes());
    Cow::Owned(format!("{:032x}", hasher.finish128().as_u128()))
}

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
    /// What Apple's word speaks of. A [`Scope::MessageClass`] is the push type, whose topic it is.
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
)
.scope(Scope::Token);
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
        "Report this to the driver's author with the collapse key: the driver hashes what is longer than 64 bytes.",
    ).scope(Scope::Message),
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
    ).scope(Scope::Message),
    Rule::new("BadMessageId", BadRequest, REPORT).scope(Scope::Message),
    Rule::new("BadPriority", BadRequest, REPORT).scope(Scope::Message),
    // A topic is of a push type, so those of another may fare better.
    Rule::new("BadTopic", Credential, TOPIC).scope(Scope::MessageClass),
    Rule::new(
        "DeviceTokenNotForTopic",
        InvalidToken,
        "If it hits many devices, set `topic` to the bundle ID of the app that reports the tokens; else nothing to do, the token is another app's and leaves the registry.",
    )
    .scope(Scope::Credential),
    Rule::new("DuplicateHeaders", BadRequest, REPORT).scope(Scope::Message),
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
    ).scope(Scope::Message),
    Rule::new("MissingDeviceToken", BadRequest, REPORT).scope(Scope::Message),
    // The driver always sends a topic, so the fault is not in the channel's settings.
    Rule::new("MissingTopic", BadRequest, REPORT).scope(Scope::Message),
    Rule::new("PayloadEmpty", BadRequest, REPORT).scope(Scope::Message),
    Rule::new("TopicDisallowed", Credential, TOPIC).scope(Scope::MessageClass),
    // 403
    Rule::new(
        "BadCertificate",
        Credential,
        "Make a new Apple Push Services certificate in Apple's developer console: this one is revoked, expired or not for push.",
    ).scope(Scope::Credential),
    Rule::new(
        "BadCertificateEnvironment",
        Credential,
        "Set `environment` to the one that the certificate was made for, or use an Apple Push Services certificate, which is good for both.",
    ).scope(Scope::Credential),
    // Connections that brought this answer were seen to bring it for ever after.
    Rule::new(
        "ExpiredProviderToken",
        GrantExpired,
        "Nothing to do if it happens once; else set this machine's clock.",
    )
    .fresh_connection(),
    // Apple's page leaves open what is not allowed.
    Rule::new(
        "Forbidden",
        Credential,
        "Check in Apple's developer console that the key or certificate may send to this app.",
    ),
    Rule::new("InvalidProviderToken", Credential, KEY).scope(Scope::Credential),
    Rule::new("MissingProviderToken", Credential, "Set `certificate` or `key`, and check that no proxy removes the authorization header or the client certificate.").scope(Scope::Credential),
    // One connection serves one key for its whole life.
    Rule::new(
        "UnrelatedKeyIdInToken",
        Unavailable,
        "Nothing to do: the message is sent again on a fresh connection of this key.",
    )
    .fresh_connection()
    .retry_after_millis(0),
    Rule::new("BadEnvironmentKeyIdInToken", Credential, ENVIRONMENT_OF_KEY).scope(Scope::Credential),
    // Seen under this name too.
    Rule::new("BadEnvironmentKeyInToken", Credential, ENVIRONMENT_OF_KEY).scope(Scope::Credential),
    // 404, 405
    Rule::new("BadPath", BadRequest, REPORT).scope(Scope::Message),
    Rule::new("MethodNotAllowed", BadRequest, REPORT).scope(Scope::Message),
    // 410
    Rule::new(
        "ExpiredToken",
        InvalidToken,
        "Nothing to do: the token has expired and leaves the registry.",
    ).scope(Scope::Token),
    Rule::new(
        "Unregistered",
        InvalidToken,
        "Nothing to do: the app was removed or got a new token, and this one leaves the registry.",
    ).scope(Scope::Token),
    // 413
    Rule::new(
        "PayloadTooLarge",
        BadRequest,
        "Shorten the text or ext to 4096 bytes in all, 5120 for VoIP.",
    ).scope(Scope::Message),
    // 429
    // APNs refuses a connection that showed it more than one new token in 20 minutes, for
    // an unknown time. Holding the whole channel for those 20 minutes would be worse than
    // the illness: the old token is still good for an hour, and a fresh connection has seen
    // no other. Should APNs count the team and not the connection, a try a minute costs nothing.
    Rule::new(
        "TooManyProviderTokenUpdates",
        Throttled,
        "Let one process only use this key: APNs was shown too many new tokens of the team within 20 minutes.",
    ).scope(Scope::Account)
    .fresh_connection()
    .retry_after_millis(60_000),
    // Counted for each device token, so the others go on.
    Rule::new(
        "TooManyRequests",
        ThrottledDevice,
        "Send less to this device, or give messages that replace each other a collapse key.",
    ).scope(Scope::Token),
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
    ).scope(Scope::MessageClass),
    Rule::new("MissingChannelId", BadRequest, BROADCAST).scope(Scope::Message),
    Rule::new("BadChannelId", BadRequest, BROADCAST).scope(Scope::Message),
    Rule::new(
        "ChannelNotRegistered",
        InvalidToken,
        "Nothing to do: the broadcast channel is gone.",
    ).scope(Scope::Token),
    Rule::new("BadRequestParams", BadRequest, BROADCAST).scope(Scope::Message),
    Rule::new("BadRequestPayload", BadRequest, BROADCAST).scope(Scope::Message),
    Rule::new("MissingPushType", BadRequest, REPORT).scope(Scope::Message),
    Rule::new("CannotCreateChannelConfig", BadRequest, BROADCAST).scope(Scope::Message),
    Rule::new("MissingChannelQueueSize", BadRequest, BROADCAST).scope(Scope::Message),
    Rule::new("TopicMismatch", Credential, TOPIC).scope(Scope::MessageClass),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collapse_key_that_no_header_carries_is_hashed_the_same_for_ever() {
        // Written down: phones replace notifications of older versions by these.
        let [most, more] = [64, 65].map(|length| "k".repeat(length));
        let keys = ["chat/7", &most, &more, "群组:午饭", "a\r\nb", " a"];
        let expected = [
            "chat/7",
            &most,
            "68d041b05ba3d57b606b49cfe84a5b8f",
            "507886a7fe7da1ba36c14408a5cd1b22",
            "2610885d4517796d1aff5578cf19f55b",
            "51514dbbdca566e100d621f9eb860194",
        ];
        assert_eq!(keys.map(collapse_id), expected);
    }

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
