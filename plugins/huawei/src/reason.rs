//! Push Kit's return codes: what each means, and what the operator should do.
//!
//! In: an HTTP status and a code. Out: its rule. A business error comes with HTTP 200 or 400, so the code
//! decides; only a server in trouble (5xx) is not asked for one. Codes of tomorrow are taken for what
//! the codes around them are. What a code speaks of stands beside it where its page says it: a missing
//! right (80300002, HTTP 403) and a receipt address (80300013) may be those of one message, of one
//! token's app or of the channel.

use nudged_driver_kit::reasons::{Reasons, Row, Rule, Wait};
use nudged_plugin_api::{Class, Scope};

/// Everything was accepted.
pub(crate) const SUCCESS: &str = "80000000";
/// Some tokens were not; the text is a document that names them.
pub(crate) const PARTIAL: &str = "80100000";

/// What a refusal means. An empty `code` is none.
pub(crate) fn judge(status: u16, code: &str) -> Rule {
    REASONS.judge(status, code)
}

const TROUBLE: Rule = Rule::new(
    Class::Unavailable,
    "nothing to do: Push Kit is in trouble and the message is tried again",
)
.wait(Wait::Millis(10_000));
const FLOW: Rule = Rule::new(
    Class::Throttled,
    "nothing to do if it passes: Push Kit limits what the app sends a second, so lower the channel's \
     rate if it stays",
)
.scope(Scope::Account)
.wait(Wait::SECOND);
const EXPIRED: Rule = Rule::new(
    Class::GrantExpired,
    "nothing to do if it happens once; if it stays, check app_id and app_secret in AppGallery \
     Connect, General information",
);
const MESSAGE: Rule = Rule::new(
    Class::BadRequest,
    "correct what the vendor's text names in the message or its options",
);
const DRIVER: Rule = Rule::new(
    Class::BadRequest,
    "report the vendor's text to nudged: the driver wrote a request that Push Kit does not take",
);
const REGION: Rule = Rule::new(
    Class::BadRequest,
    "check the data processing location of the project in AppGallery Connect: the driver sends to no \
     topics or groups",
);
const ADDRESS: Rule = Rule::new(
    Class::Credential,
    "check app_id, project_id and endpoint: AppGallery Connect shows both ids under General \
     information",
);
const PERMISSION: Rule = Rule::new(
    Class::Credential,
    "enable Push Kit for the app in AppGallery Connect, and check that app_id, app_secret and \
     project_id belong together",
);
const ELSE: Rule = Rule::new(
    Class::Unavailable,
    "check the endpoint setting and any proxy in between: something other than Push Kit answers",
)
.wait(Wait::Millis(10_000));
/// `illegal_tokens` of a message that the others got names it: beyond doubt.
pub(crate) const DEAD: Rule = Rule::new(
    Class::InvalidToken,
    "nothing to do: the app was uninstalled or got a new token, which its next start reports",
)
.scope(Scope::Token);
/// Neither drops a token nor sends twice to those who have the message.
pub(crate) const NAMELESS: Rule = Rule::new(
    Class::BadRequest,
    "report the vendor's text to nudged: some devices got the message, but the answer names none of \
     those that did not",
);

/// What Push Kit says of a message.
pub(crate) const REASONS: Reasons = Reasons::new(
    &[
        // A server in trouble is no witness against a token, whatever its body says.
        Row::status(503, FLOW),
        Row::statuses(500, u16::MAX, TROUBLE),
        Row::when("80100000, and `illegal_tokens` names the token", DEAD),
        Row::when(
            "80100000, and `illegal_tokens` names no token of the request",
            NAMELESS,
        ),
        Row::codes(&["80100001", "80100003"], MESSAGE),
        Row::codes(&["80100002", "80100017", "80100018", "80300010"], DRIVER),
        Row::codes(
            &["80100004"],
            Rule::new(
                Class::BadRequest,
                "give the message a lifetime that has not passed",
            ),
        ),
        Row::codes(
            &["80100013"],
            Rule::new(
                Class::BadRequest,
                "set options.collapse_key to a number from -1 to 100",
            ),
        ),
        Row::codes(
            &["80100016"],
            Rule::new(
                Class::BadRequest,
                "remove what Huawei takes for sensitive from title and text",
            )
            .scope(Scope::Message),
        ),
        Row::codes(&["80200001", "80200003"], EXPIRED),
        Row::codes(&["80300002"], PERMISSION),
        // Also the answer to all tokens of another app: perhaps the channel is that of the other.
        Row::codes(
            &["80300007"],
            Rule::new(
                Class::InvalidToken,
                "have the app report a new token; if many tokens go at once, compare app_id and \
                 project_id with AppGallery Connect, as tokens of another app get this answer too",
            )
            .scope(Scope::Credential),
        ),
        Row::codes(
            &["80300008"],
            Rule::new(
                Class::BadRequest,
                "shorten title, text, ext or options: 4096 bytes pass without tokens",
            ),
        ),
        // Only messages of that urgency fail: no reason to hold the others.
        Row::codes(
            &["80300011"],
            Rule::new(
                Class::BadRequest,
                "ask Huawei for the right to send high-priority transparent messages, or set \
                 urgency to NORMAL",
            )
            .scope(Scope::Message),
        ),
        Row::codes(
            &["80300013"],
            Rule::new(
                Class::Credential,
                "check receipt_id, and the address and certificate behind it, in AppGallery \
                 Connect, Push Kit, Configuration",
            ),
        ),
        Row::codes(&["80600003", "81000001"], TROUBLE),
        Row::codes(
            &[
                "82000001", "82000002", "82000003", "82000004", "82000005", "82000006", "82000007",
                "82000008", "82000009", "82000010", "82000011", "82000012", "82000013",
            ],
            REGION,
        ),
        Row::status(401, EXPIRED),
        Row::status(403, PERMISSION),
        // The address is the channel's.
        Row::status(404, ADDRESS.scope(Scope::Credential)).without_code(),
        Row::status(404, ADDRESS),
        Row::status(408, TROUBLE),
        Row::status(429, FLOW),
        // With a status that they do not come with.
        Row::codes(&[PARTIAL], DRIVER).at(400, 499),
        Row::codes(&[SUCCESS, PARTIAL], ELSE),
        Row::family(&["801", "803", "820"], 8, MESSAGE),
        Row::family(&["802"], 8, PERMISSION),
        Row::family(&["806", "810"], 8, TROUBLE),
        Row::statuses(400, 499, DRIVER),
    ],
    ELSE,
)
.scopes(&[(429, Scope::Account)]);

const GRANT_TROUBLE: Rule = Rule::new(
    Class::Unavailable,
    "nothing to do: Huawei's token endpoint is in trouble and is asked again",
)
.wait(Wait::Millis(10_000));

/// What Huawei's token endpoint says instead of an access token.
pub(crate) const GRANT_REASONS: Reasons = Reasons::new(
    &[
        Row::status(
            429,
            Rule::new(
                Class::Throttled,
                "nothing to do: Huawei gives an app 1000 access tokens in five minutes, and the \
                 next is asked for after the wait",
            )
            .wait(Wait::Millis(60_000)),
        ),
        Row::status(408, GRANT_TROUBLE),
        Row::statuses(500, u16::MAX, GRANT_TROUBLE),
        Row::statuses(
            200,
            299,
            Rule::new(
                Class::Unavailable,
                "check the token_url setting and any proxy in between: the answer holds no bearer \
                 token",
            )
            .wait(Wait::Millis(10_000)),
        )
        .without_code(),
        Row::statuses(
            100,
            499,
            Rule::new(
                Class::Credential,
                "check the token_url setting and any proxy in between: something other than \
                 Huawei's token endpoint answers",
            ),
        )
        .without_code(),
    ],
    Rule::new(
        Class::Credential,
        "set app_id and app_secret to those of AppGallery Connect, General information, App \
         information: a new app secret ends the old one",
    ),
);

#[cfg(test)]
nudged_driver_kit::tables_hold!(crate::Huawei, "reasons" => REASONS, "grant reasons" => GRANT_REASONS);
