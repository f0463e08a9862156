//! Honor's codes: what each means, and what to do about it.
//!
//! A code stands in the answer's body; some of them repeat the HTTP status, which counts where the
//! body has no code. No answer with HTTP 5xx costs a token or a message, whatever its body says.
//! Codes that Honor adds tomorrow are passed on as they are and judged by their neighbourhood.
//! What a code speaks of stands beside it where Honor's page says it; the page leaves open what a
//! refused authentication (403) and a receipt address (80200020) do.

use nudged_driver_kit::reasons::{Reasons, Row, Rule, Wait};
use nudged_plugin_api::{Class, Scope};

/// Everything accepted, unless a list says otherwise.
const SUCCESS: &str = "200";
/// Huawei's word for it, from which Honor's service descends; some senders saw it.
const SUCCESS_OF_OLD: &str = "80000000";
/// Some of the tokens failed.
pub(crate) const PARTIAL: &str = "80100000";
/// Class of test messages, which such a request leaves as its memo.
pub(crate) const TEST: &str = "test";

/// Whether a code says that Honor took the message.
pub(crate) fn is_success(code: &str) -> bool {
    matches!(code, SUCCESS | SUCCESS_OF_OLD | PARTIAL)
}

/// What a refusal means. An empty `code` is none.
pub(crate) fn judge(status: u16, code: &str) -> Rule {
    REASONS.judge(status, code)
}

const REPORT: Rule = Rule::new(
    Class::BadRequest,
    "correct the field that the vendor's text names in the message or its options; if it is none \
     of these, report the text to nudged",
);
const CREDENTIAL: Rule = Rule::new(
    Class::Credential,
    "check app_id, client_id and client_secret against Honor developer console: all three must be \
     of one app with the push service switched on",
);
const PATH: Rule = Rule::new(
    Class::Credential,
    "check app_id and the endpoint setting: nothing answers at this path",
)
.scope(Scope::Credential);
const TROUBLE: Rule = Rule::new(
    Class::Unavailable,
    "nothing to do: Honor is in trouble and the message is tried again",
);
const SLOWER: Rule = Rule::new(
    Class::Throttled,
    "lower the channel's rate if this stays: Honor allows some 3000 requests a second",
)
.scope(Scope::Account)
.wait(Wait::SECOND);
const EXPIRED: Rule = Rule::new(
    Class::GrantExpired,
    "nothing to do if it happens once; if it stays, check client_id and client_secret in Honor \
     developer console",
);
const NEW_CODE: Rule = Rule::new(
    Class::BadRequest,
    "look the code up in Honor's documents and report it to nudged, whose table does not have it",
);
const ELSE: Rule = Rule::new(
    Class::Unavailable,
    "something other than Honor answers; check the endpoint setting and any proxy in between",
);
/// Also Honor's answer to tokens of another app: perhaps the channel is that of the other.
const ALL_DEAD: Rule = Rule::new(
    Class::InvalidToken,
    "nothing to do: the app was uninstalled or got a new token, which its next start reports",
)
.scope(Scope::Credential);
/// `expireTokens` of a message that Honor took names it: beyond doubt.
pub(crate) const DEAD: Rule = ALL_DEAD.scope(Scope::Token);
/// `failTokens` does. Honor does not say whether such a token is dead or its phone out of reach, so it
/// is tried again until the message's time is up, and stays.
pub(crate) const FAILED: Rule = Rule::new(
    Class::ThrottledDevice,
    "nothing to do: this device is tried again; if it never works, have the app report its token \
     anew",
)
.wait(Wait::Millis(60_000));

/// What Honor says of a message.
pub(crate) const REASONS: Reasons = Reasons::new(
    &[
        Row::status(503, SLOWER),
        Row::statuses(500, u16::MAX, TROUBLE),
        Row::when("200 or 80100000, and `expireTokens` names the token", DEAD),
        Row::when(
            "200 or 80100000, and `failTokens` names the token; 80100000 for a single device",
            FAILED,
        ),
        Row::codes(&["400", "80100003"], REPORT),
        Row::codes(&["403"], CREDENTIAL),
        Row::codes(&["404"], PATH),
        Row::codes(&["500", "502"], TROUBLE),
        Row::codes(&["503"], SLOWER),
        Row::codes(&["80200003"], EXPIRED),
        Row::codes(
            &["80200020"],
            Rule::new(
                Class::Credential,
                "check the receipt address in Honor developer console, push service",
            ),
        ),
        // Of the message's importance: the other one passes.
        Row::codes(
            &["80200022"],
            Rule::new(
                Class::Credential,
                "apply for this type of message in Honor developer console, push service, or set \
                 importance to \"LOW\"",
            )
            .scope(Scope::MessageClass),
        ),
        Row::codes(
            &["80200047"],
            Rule::new(
                Class::QuotaExceeded,
                "send fewer test messages: Honor allows an app 1000 a day",
            )
            .of_class(TEST)
            .wait(Wait::MIDNIGHT_IN_CHINA),
        ),
        Row::codes(
            &["80200050"],
            Rule::new(
                Class::BadRequest,
                "leave out image: Honor takes pictures in service messages only",
            ),
        ),
        Row::codes(
            &["80200056"],
            Rule::new(
                Class::BadRequest,
                "change title or text: Honor found words in them that it does not deliver",
            )
            .scope(Scope::Message),
        ),
        Row::codes(
            &["80300006"],
            Rule::new(
                Class::BadRequest,
                "report this to nudged: the driver sent a token twice",
            ),
        ),
        Row::codes(&["80300007"], ALL_DEAD),
        Row::codes(
            &["80300008"],
            Rule::new(
                Class::BadRequest,
                "shorten title, text or ext: Honor takes 4096 bytes of them together",
            ),
        ),
        Row::codes(
            &["80300010"],
            Rule::new(
                Class::BadRequest,
                "report this to nudged: the driver sent more than 1000 tokens",
            ),
        ),
        Row::codes(
            &["10001"],
            Rule::new(
                Class::BadRequest,
                "check what stands between nudged and Honor: the header timestamp got lost",
            ),
        ),
        Row::codes(
            &["10205"],
            Rule::new(
                Class::Credential,
                "correct app_id: Honor developer console, push service, shows it on the app's page",
            )
            .scope(Scope::Credential),
        ),
        Row::codes(
            &["10207"],
            Rule::new(
                Class::Credential,
                "set this machine's clock: the time in a request is too far from Honor's",
            )
            .scope(Scope::Credential),
        ),
        Row::codes(
            &["10300"],
            Rule::new(
                Class::BadRequest,
                "report this to nudged: the driver sent an empty token",
            ),
        ),
        Row::status(401, EXPIRED),
        Row::status(403, CREDENTIAL),
        Row::status(404, PATH),
        Row::status(408, TROUBLE),
        Row::status(429, SLOWER),
        Row::statuses(400, 499, REPORT),
        Row::family(&["801", "802", "803"], 8, NEW_CODE),
    ],
    ELSE,
)
.scopes(&[(404, Scope::Credential), (429, Scope::Account)]);

const GRANT_TROUBLE: Rule = Rule::new(
    Class::Unavailable,
    "nothing to do: Honor's token endpoint is in trouble and is asked again",
)
.wait(Wait::Millis(10_000));
const GRANT_PATH: Rule = Rule::new(
    Class::Credential,
    "check the token_url setting: no token endpoint answers at its path",
);

/// What Honor's token endpoint says instead of an access token, by the `error` of OAuth 2.0.
pub(crate) const GRANT_REASONS: Reasons = Reasons::new(
    &[
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
        Row::codes(&["server_error", "temporarily_unavailable"], GRANT_TROUBLE),
        Row::codes(
            &["invalid_client", "unauthorized_client", "access_denied"],
            Rule::new(
                Class::Credential,
                "check client_id and client_secret against Honor developer console, the app's \
                 page; the App ID is neither of them",
            ),
        ),
        Row::codes(
            &["invalid_request", "unsupported_grant_type", "invalid_grant"],
            Rule::new(
                Class::Credential,
                "check the token_url setting: its server does not take client credentials",
            ),
        ),
        Row::statuses(
            100,
            299,
            Rule::new(
                Class::Unavailable,
                "something other than Honor's token endpoint answers; check the token_url setting \
                 and any proxy in between",
            )
            .wait(Wait::Millis(10_000)),
        )
        .without_code(),
        Row::statuses(300, 399, GRANT_PATH).without_code(),
        Row::status(404, GRANT_PATH).without_code(),
    ],
    Rule::new(
        Class::Credential,
        "check client_id, client_secret and token_url against Honor developer console",
    ),
);

#[cfg(test)]
nudged_driver_kit::tables_hold!(crate::Honor, "reasons" => REASONS, "grant reasons" => GRANT_REASONS);
