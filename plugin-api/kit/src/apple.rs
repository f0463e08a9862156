//! Apple's words, for all drivers whose messages reach iPhones: APNs's own, and those of services
//! that send through APNs and pass on what it said.
//!
//! In: APNs's `reason`. Out: class, what it speaks of, remedy, whether the connection is spent, when
//! to try again. After the tables of "Handling notification responses from APNs" and "Sending
//! broadcast push notification requests to APNs". A reason that is not in them goes by its HTTP
//! status. Also the one form of a collapse id.

use std::borrow::Cow;
use std::hash::Hasher;

use nudged_plugin_api::Class::{
    self, BadRequest, Credential, GrantExpired, InvalidToken, Throttled, ThrottledDevice,
    Unavailable,
};
use nudged_plugin_api::Scope;
use siphasher::sip128::{Hasher128, SipHasher13};

use crate::reasons::{Reasons, Row, Rule, Wait};

/// Apple: at most 64 bytes, not characters.
const MAX_COLLAPSE_ID: usize = 64;

/// A collapse key as `apns-collapse-id`: itself where a header can carry it, else a hash of it, the
/// same for the same key, now and in every later version.
pub fn collapse_id(key: &str) -> Cow<'_, str> {
    let fits = key.len() <= MAX_COLLAPSE_ID
        && key.bytes().all(|byte| matches!(byte, b' '..=b'~'))
        && key.trim_ascii().len() == key.len();
    if fits {
        return Cow::Borrowed(key);
    }
    let mut hasher = SipHasher13::new();
    hasher.write(key.as_bytes());
    Cow::Owned(format!("{:032x}", hasher.finish128().as_u128()))
}

const FORBIDDEN: Rule = Rule::new(
    Class::Credential,
    "check the channel's key or certificate in Apple's developer console; \
     APNs refuses it for a reason that this driver does not know",
);
const GONE: Rule = Rule::new(
    Class::InvalidToken,
    "nothing to do: the token is dead and leaves the registry",
)
.scope(Scope::Token);
const TOO_MANY: Rule = Rule::new(
    Class::Throttled,
    "send more slowly; the message is tried again later",
);
const WRONG: Rule = Rule::new(
    Class::BadRequest,
    "look the reason up in Apple's \"Handling notification responses from \
     APNs\" and change the message",
);
const TROUBLE: Rule = Rule::new(
    Class::Unavailable,
    "nothing to do unless it lasts: APNs is in trouble, see Apple's System \
     Status page",
);
const NOT_APNS: Rule = Rule::new(
    Class::Unavailable,
    "check `endpoint` and any proxy on the way: APNs itself never answers \
     like this",
);

// Remedies that several reasons share. They blame the driver because it writes these itself.
const REPORT: &str = "report this to the driver's author with the message that caused it";
const KEY: &str = "check that `key`, `key_id` and `team_id` belong together and the key was \
     not revoked under Keys in Apple's developer console, and that this \
     machine's clock is right";
const ENVIRONMENT_OF_KEY: &str = "set `environment` to the one that the key was made for, or make a key \
     for both under Keys in Apple's developer console";
const TOPIC: &str = "check that `topic` is the app's bundle ID and that the key or \
     certificate may be used for it";
const BROADCAST: &str = "send to device tokens: broadcast channels are not supported by this \
     driver";

/// What APNs's reasons mean, then what HTTP statuses do where the reason is unknown or absent. A
/// [`Scope::MessageClass`] is the push type, whose topic it is.
pub const REASONS: Reasons = Reasons::new(
    &[
        // 400
        Row::codes(
            &["BadCollapseId"],
            Rule::new(
                BadRequest,
                "report this to the driver's author with the collapse key: the driver \
                 hashes what is longer than 64 bytes",
            )
            .scope(Scope::Message),
        ),
        // Also the answer to a token of the other environment. Apple counts it against the
        // sender more than other errors, so it is never tried again.
        Row::codes(
            &["BadDeviceToken"],
            Rule::new(
                InvalidToken,
                "if it hits many devices, set `environment` to the one that the app was \
                 built for; else nothing to do, the token leaves the registry",
            )
            .scope(Scope::Credential),
        ),
        Row::codes(
            &["BadExpirationDate"],
            Rule::new(
                BadRequest,
                "check this machine's clock and the message's lifetime",
            )
            .scope(Scope::Message),
        ),
        Row::codes(
            &["BadMessageId"],
            Rule::new(BadRequest, REPORT).scope(Scope::Message),
        ),
        Row::codes(
            &["BadPriority"],
            Rule::new(BadRequest, REPORT).scope(Scope::Message),
        ),
        // A topic is of a push type, so those of another may fare better.
        Row::codes(
            &["BadTopic"],
            Rule::new(Credential, TOPIC).scope(Scope::MessageClass),
        ),
        Row::codes(
            &["DeviceTokenNotForTopic"],
            Rule::new(
                InvalidToken,
                "if it hits many devices, set `topic` to the bundle ID of the app that \
                 reports the tokens; else nothing to do, the token is another app's and \
                 leaves the registry",
            )
            .scope(Scope::Credential),
        ),
        Row::codes(
            &["DuplicateHeaders"],
            Rule::new(BadRequest, REPORT).scope(Scope::Message),
        ),
        Row::codes(
            &["IdleTimeout"],
            Rule::new(
                Unavailable,
                "nothing to do: the message is sent again on a fresh connection",
            )
            .fresh_connection()
            .wait(Wait::Millis(0)),
        ),
        Row::codes(
            &["InvalidPushType"],
            Rule::new(
                BadRequest,
                "use a push type that Apple's \"Sending notification requests to APNs\" \
                 names",
            )
            .scope(Scope::Message),
        ),
        Row::codes(
            &["MissingDeviceToken"],
            Rule::new(BadRequest, REPORT).scope(Scope::Message),
        ),
        // The driver always sends a topic, so the fault is not in the channel's settings.
        Row::codes(
            &["MissingTopic"],
            Rule::new(BadRequest, REPORT).scope(Scope::Message),
        ),
        Row::codes(
            &["PayloadEmpty"],
            Rule::new(BadRequest, REPORT).scope(Scope::Message),
        ),
        Row::codes(
            &["TopicDisallowed"],
            Rule::new(Credential, TOPIC).scope(Scope::MessageClass),
        ),
        // 403
        Row::codes(
            &["BadCertificate"],
            Rule::new(
                Credential,
                "make a new Apple Push Services certificate in Apple's developer console: \
                 this one is revoked, expired or not for push",
            )
            .scope(Scope::Credential),
        ),
        Row::codes(
            &["BadCertificateEnvironment"],
            Rule::new(
                Credential,
                "set `environment` to the one that the certificate was made for, or use \
                 an Apple Push Services certificate, which is good for both",
            )
            .scope(Scope::Credential),
        ),
        // Connections that brought this answer were seen to bring it for ever after.
        Row::codes(
            &["ExpiredProviderToken"],
            Rule::new(
                GrantExpired,
                "nothing to do if it happens once; else set this machine's clock",
            )
            .fresh_connection(),
        ),
        // Apple's page leaves open what is not allowed.
        Row::codes(
            &["Forbidden"],
            Rule::new(
                Credential,
                "check in Apple's developer console that the key or certificate may send \
                 to this app",
            ),
        ),
        Row::codes(
            &["InvalidProviderToken"],
            Rule::new(Credential, KEY).scope(Scope::Credential),
        ),
        Row::codes(
            &["MissingProviderToken"],
            Rule::new(
                Credential,
                "set `certificate` or `key`, and check that no proxy removes the \
                 authorization header or the client certificate",
            )
            .scope(Scope::Credential),
        ),
        // One connection serves one key for its whole life.
        Row::codes(
            &["UnrelatedKeyIdInToken"],
            Rule::new(
                Unavailable,
                "nothing to do: the message is sent again on a fresh connection of this \
                 key",
            )
            .fresh_connection()
            .wait(Wait::Millis(0)),
        ),
        Row::codes(
            &["BadEnvironmentKeyIdInToken"],
            Rule::new(Credential, ENVIRONMENT_OF_KEY).scope(Scope::Credential),
        ),
        // Seen under this name too.
        Row::codes(
            &["BadEnvironmentKeyInToken"],
            Rule::new(Credential, ENVIRONMENT_OF_KEY).scope(Scope::Credential),
        ),
        // 404, 405
        Row::codes(
            &["BadPath"],
            Rule::new(BadRequest, REPORT).scope(Scope::Message),
        ),
        Row::codes(
            &["MethodNotAllowed"],
            Rule::new(BadRequest, REPORT).scope(Scope::Message),
        ),
        // 410
        Row::codes(
            &["ExpiredToken"],
            Rule::new(
                InvalidToken,
                "nothing to do: the token has expired and leaves the registry",
            )
            .scope(Scope::Token),
        ),
        Row::codes(
            &["Unregistered"],
            Rule::new(
                InvalidToken,
                "nothing to do: the app was removed or got a new token, and this one \
                 leaves the registry",
            )
            .scope(Scope::Token),
        ),
        // 413
        Row::codes(
            &["PayloadTooLarge"],
            Rule::new(
                BadRequest,
                "shorten the text or ext to 4096 bytes in all, 5120 for VoIP",
            )
            .scope(Scope::Message),
        ),
        // 429
        // APNs refuses a connection that showed it more than one new token in 20 minutes, for
        // an unknown time. Holding the whole channel for those 20 minutes would be worse than
        // the illness: the old token is still good for an hour, and a fresh connection has seen
        // no other. Should APNs count the team and not the connection, a try a minute costs nothing.
        Row::codes(
            &["TooManyProviderTokenUpdates"],
            Rule::new(
                Throttled,
                "let one process only use this key: APNs was shown too many new tokens of \
                 the team within 20 minutes",
            )
            .scope(Scope::Account)
            .fresh_connection()
            .wait(Wait::Millis(60_000)),
        ),
        // Counted for each device token, so the others go on.
        Row::codes(
            &["TooManyRequests"],
            Rule::new(
                ThrottledDevice,
                "send less to this device, or give messages that replace each other a \
                 collapse key",
            )
            .scope(Scope::Token),
        ),
        // 500, 503
        Row::codes(
            &["InternalServerError"],
            Rule::new(
                Unavailable,
                "nothing to do unless it lasts: APNs is in trouble, see Apple's System \
                 Status page",
            ),
        ),
        Row::codes(
            &["ServiceUnavailable"],
            Rule::new(
                Unavailable,
                "nothing to do unless it lasts: APNs is in trouble, see Apple's System \
                 Status page",
            ),
        ),
        Row::codes(
            &["Shutdown"],
            Rule::new(
                Unavailable,
                "nothing to do: that server is going away, and the message is sent again \
                 on a fresh connection",
            )
            .fresh_connection()
            .wait(Wait::Millis(0)),
        ),
        // Broadcast channels: 400, then 403
        Row::codes(
            &["FeatureNotEnabled"],
            Rule::new(
                Credential,
                "enable broadcast for the app under Identifiers in Apple's developer \
                 console",
            )
            .scope(Scope::MessageClass),
        ),
        Row::codes(
            &["MissingChannelId"],
            Rule::new(BadRequest, BROADCAST).scope(Scope::Message),
        ),
        Row::codes(
            &["BadChannelId"],
            Rule::new(BadRequest, BROADCAST).scope(Scope::Message),
        ),
        Row::codes(
            &["ChannelNotRegistered"],
            Rule::new(InvalidToken, "nothing to do: the broadcast channel is gone")
                .scope(Scope::Token),
        ),
        Row::codes(
            &["BadRequestParams"],
            Rule::new(BadRequest, BROADCAST).scope(Scope::Message),
        ),
        Row::codes(
            &["BadRequestPayload"],
            Rule::new(BadRequest, BROADCAST).scope(Scope::Message),
        ),
        Row::codes(
            &["MissingPushType"],
            Rule::new(BadRequest, REPORT).scope(Scope::Message),
        ),
        Row::codes(
            &["CannotCreateChannelConfig"],
            Rule::new(BadRequest, BROADCAST).scope(Scope::Message),
        ),
        Row::codes(
            &["MissingChannelQueueSize"],
            Rule::new(BadRequest, BROADCAST).scope(Scope::Message),
        ),
        Row::codes(
            &["TopicMismatch"],
            Rule::new(Credential, TOPIC).scope(Scope::MessageClass),
        ),
        Row::status(403, FORBIDDEN),
        Row::status(410, GONE),
        Row::status(429, TOO_MANY),
        Row::statuses(400, 499, WRONG),
        Row::statuses(500, 599, TROUBLE),
    ],
    NOT_APNS,
);

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
        assert_eq!(REASONS.faults(), [""; 0]);
    }
}
