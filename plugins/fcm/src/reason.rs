//! FCM's codes: "FCM ErrorCode", the canonical codes beneath it, and the reasons of `ErrorInfo`.
//!
//! In: an HTTP status and a code. Out: its rule. `decode` asks with FCM's own code where the table has
//! it, else with the word that FCM gives besides it; what APNs said to FCM is in `apple`. One code
//! may have several meanings, which a detail beside it tells apart: those rules are named, and
//! `decode` picks them. A code that Google adds tomorrow is passed on as it is and judged by its HTTP
//! status. Waits are what "Best practices when sending FCM messages at scale" asks for.

pub(crate) mod apple;

use nudged_driver_kit::reasons::{Reasons, Row, Rule, Wait};
use nudged_plugin_api::{Class, Scope};

use apple::{ACTIVITY_OVER, CONSOLE_MESSAGING};

/// What a refusal means. An empty `code` is none.
pub(crate) fn judge(status: u16, code: &str) -> Rule {
    REASONS.judge(status, code)
}

const TROUBLE: Rule = Rule::new(
    Class::Unavailable,
    "nothing to do: FCM is in trouble and the message is tried again",
)
.wait(Wait::Millis(10_000));
const FORBIDDEN: Rule = Rule::new(
    Class::Credential,
    "grant the service account the role Firebase Cloud Messaging API Admin (permission \
     cloudmessaging.messages.create) in the project of project_id",
);
/// One code for a bad token and for a bad message, see [`BAD_TOKEN`].
pub(crate) const WRONG_FIELD: Rule = Rule::new(
    Class::BadRequest,
    "correct the field that the vendor's text names in the message or its options",
)
.scope(Scope::Message);
/// A field that is named tells a bad token, or FCM's words; without either, no token is condemned.
pub(crate) const BAD_TOKEN: Rule = Rule::new(
    Class::InvalidToken,
    "have the app report the token that Firebase gave it, whole and unchanged",
)
.scope(Scope::Token);
/// FCM sends the detail of a bad field, without a field, for a message over its limit:
/// <https://github.com/firebase/firebase-admin-go/issues/580>
pub(crate) const TOO_BIG: Rule = Rule::new(
    Class::BadRequest,
    "shorten title, text, ext or data: FCM takes 4096 bytes of them together",
)
.scope(Scope::Message);
/// One code for three quotas, see [`OF_PROJECT`] and [`OF_DEVICE`].
pub(crate) const OVER_QUOTA: Rule = Rule::new(
    Class::Throttled,
    "spread messages out, or ask for more quota in Google Cloud console, APIs & Services, \
     Firebase Cloud Messaging API, Quotas",
)
.wait(Wait::Millis(60_000));
pub(crate) const OF_PROJECT: Rule = OVER_QUOTA.scope(Scope::Account);
pub(crate) const OF_DEVICE: Rule = Rule::new(
    Class::ThrottledDevice,
    "send this device fewer messages: Android takes 240 a minute and 5,000 an hour",
)
.scope(Scope::Token)
.wait(Wait::Millis(60_000));

/// What FCM says of a message.
pub(crate) const REASONS: Reasons = Reasons::new(
    &[
        // A server in trouble is no witness against a token, whatever its body says.
        Row::statuses(500, u16::MAX, TROUBLE),
        Row::when(
            "`INVALID_ARGUMENT`, and it names `live_activity_token`",
            ACTIVITY_OVER,
        ),
        Row::when("`INVALID_ARGUMENT`, and the text has \"too big\"", TOO_BIG),
        Row::when(
            "`INVALID_ARGUMENT`, and it names `message.token` or `message.fid`, or where it names \
             nothing the text speaks of the registration token",
            BAD_TOKEN,
        ),
        Row::codes(&["INVALID_ARGUMENT"], WRONG_FIELD),
        Row::codes(
            &["UNREGISTERED"],
            Rule::new(
                Class::InvalidToken,
                "nothing to do: the app was uninstalled or got a new token, which its next start \
                 reports",
            )
            .scope(Scope::Token),
        ),
        // Of the token or of the key file: one of the two is of another project.
        Row::codes(
            &["SENDER_ID_MISMATCH"],
            Rule::new(
                Class::InvalidToken,
                "have the app register with this channel's Firebase project, or give the channel \
                 the key file of the project in the app's google-services.json",
            )
            .scope(Scope::Credential),
        ),
        Row::when(
            "`QUOTA_EXCEEDED` or HTTP 429, and the quota is of a device",
            OF_DEVICE,
        ),
        Row::when(
            "`QUOTA_EXCEEDED` or HTTP 429, and the quota is of the project",
            OF_PROJECT,
        ),
        Row::codes(&["QUOTA_EXCEEDED"], OVER_QUOTA),
        // Only Apple devices and browsers have a third party.
        Row::codes(
            &["THIRD_PARTY_AUTH_ERROR"],
            Rule::new(Class::Credential, CONSOLE_MESSAGING).scope(Scope::Token),
        ),
        Row::codes(&["UNAVAILABLE", "INTERNAL"], TROUBLE),
        Row::status(
            401,
            Rule::new(
                Class::GrantExpired,
                "nothing to do if it happens once; if it stays, generate a new key file in Firebase \
                 console, Project settings, Service accounts",
            ),
        ),
        // What is forbidden to the account, in Google's word; without one it may be the message's own.
        Row::codes(
            &["SERVICE_DISABLED"],
            Rule::new(
                Class::Credential,
                "enable the Firebase Cloud Messaging API for the project in Google Cloud console, \
                 APIs & Services",
            )
            .scope(Scope::Credential),
        )
        .at(403, 403),
        Row::codes(
            &["BILLING_DISABLED", "CONSUMER_SUSPENDED", "CONSUMER_INVALID"],
            Rule::new(
                Class::Credential,
                "check in Google Cloud console that the project of project_id exists and is active",
            )
            .scope(Scope::Credential),
        )
        .at(403, 403),
        Row::codes(
            &["ACCESS_TOKEN_SCOPE_INSUFFICIENT"],
            Rule::new(
                Class::Credential,
                "check the token_uri setting: its server gave a token without the scope \
                 firebase.messaging",
            )
            .scope(Scope::Credential),
        )
        .at(403, 403),
        Row::codes(
            &["IAM_PERMISSION_DENIED"],
            FORBIDDEN.scope(Scope::Credential),
        )
        .at(403, 403),
        Row::status(403, FORBIDDEN),
        // Google says the same of a project and of a token that it does not know.
        Row::status(
            404,
            Rule::new(
                Class::Credential,
                "check project_id and endpoint: Firebase console, Project settings, General shows \
                 the Project ID",
            ),
        ),
        Row::status(408, TROUBLE),
        Row::status(429, OVER_QUOTA),
        Row::statuses(
            400,
            499,
            Rule::new(
                Class::BadRequest,
                "report the vendor's text to nudged: the driver wrote a request that FCM does not \
                 take",
            )
            .scope(Scope::Message),
        ),
    ],
    Rule::new(
        Class::Unavailable,
        "something other than FCM answers; check the endpoint setting and any proxy in between",
    )
    .wait(Wait::Millis(10_000)),
);

const GRANT_TROUBLE: Rule = Rule::new(
    Class::Unavailable,
    "nothing to do: Google's token endpoint is in trouble and is asked again",
)
.wait(Wait::Millis(10_000));
/// One code for several troubles, see [`of_assertion`].
pub(crate) const ASSERTION: Rule = Rule::new(
    Class::Credential,
    "check this machine's clock, and that the key was not deleted; then generate a new key file in \
     Firebase console, Project settings, Service accounts",
);
const KEY_GONE: Rule = Rule::new(
    Class::Credential,
    "generate a new key file in Firebase console, Project settings, Service accounts: the key was \
     deleted or disabled",
);
const ACCOUNT_GONE: Rule = Rule::new(
    Class::Credential,
    "create a service account, or generate a key file of another: this service account was deleted",
);
const CLOCK: Rule = Rule::new(
    Class::Credential,
    "set this machine's clock: the assertion's time is too far from Google's",
);

/// What `invalid_grant` means with this description, which alone tells its meanings apart.
pub(crate) fn of_assertion(description: &str) -> Rule {
    let description = description.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| description.contains(word));
    if says(&["signature", "key"]) {
        KEY_GONE
    } else if says(&["account not found", "not a valid email"]) {
        ACCOUNT_GONE
    } else if says(&["iat", "exp", "timeframe"]) {
        CLOCK
    } else {
        ASSERTION
    }
}

/// What Google's token endpoint says instead of an access token, by the `error` of OAuth 2.0.
pub(crate) const GRANT_REASONS: Reasons = Reasons::new(
    &[
        Row::status(
            200,
            Rule::new(
                Class::Unavailable,
                "check the token_uri setting and any proxy in between: the token endpoint answered \
                 without a bearer token",
            )
            .wait(Wait::Millis(10_000)),
        ),
        Row::status(
            429,
            Rule::new(
                Class::Throttled,
                "nothing to do: the next access token is asked for after the wait",
            )
            .wait(Wait::Millis(60_000)),
        ),
        Row::status(408, GRANT_TROUBLE),
        Row::statuses(500, u16::MAX, GRANT_TROUBLE),
        Row::codes(
            &["internal_failure", "temporarily_unavailable"],
            GRANT_TROUBLE,
        ),
        Row::when(
            "`invalid_grant`, and the description speaks of the signature or key",
            KEY_GONE,
        ),
        Row::when(
            "`invalid_grant`, and the description does not know the account",
            ACCOUNT_GONE,
        ),
        Row::when(
            "`invalid_grant`, and the description speaks of the time",
            CLOCK,
        ),
        Row::codes(&["invalid_grant"], ASSERTION),
        Row::codes(
            &["invalid_scope"],
            Rule::new(
                Class::Credential,
                "enable the Firebase Cloud Messaging API in the service account's Google Cloud \
                 project",
            ),
        ),
        Row::codes(
            &[
                "invalid_client",
                "unauthorized_client",
                "deleted_client",
                "disabled_client",
            ],
            Rule::new(
                Class::Credential,
                "check in Google Cloud console, IAM, Service accounts, that the account exists and \
                 is enabled, then generate a new key file",
            ),
        ),
        Row::codes(
            &["invalid_request", "unsupported_grant_type"],
            Rule::new(
                Class::Credential,
                "check the token_uri setting: its server does not take signed assertions",
            ),
        ),
        Row::statuses(
            300,
            399,
            Rule::new(
                Class::Credential,
                "check the token_uri setting: its server redirects instead of answering",
            ),
        ),
        Row::status(
            404,
            Rule::new(
                Class::Credential,
                "check the token_uri setting: nothing answers at its path",
            ),
        )
        .without_code(),
    ],
    Rule::new(
        Class::Credential,
        "check the service account in Google Cloud console and generate a new key file",
    ),
);

#[cfg(test)]
nudged_driver_kit::tables_hold!(crate::Fcm, "reasons" => REASONS, "grant reasons" => GRANT_REASONS);
