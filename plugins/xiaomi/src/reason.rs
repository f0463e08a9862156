//! Xiaomi's codes: what each means, and what to do about it.
//!
//! Xiaomi answers refusals with HTTP 200, so its code decides before the status. Only a server in
//! trouble comes first, which says nothing about messages or tokens, and a limit of speed; a quota
//! that is used up stays one with any status. What a code speaks of stands beside it as far as
//! Xiaomi's page says it. A code that it adds tomorrow is judged by its neighbourhood.

use nudged_driver_kit::reasons::{Reasons, Row, Rule, Wait};
use nudged_plugin_api::{Class, Scope};

/// What an error is judged as whose code is 0, none or no number.
pub(crate) const ERROR_WITHOUT_CODE: &str = "0";
/// Sending failed; only its reason says why.
pub(crate) const SEND_FAILED: &str = "20301";

/// What a refusal means. An empty `code` is none.
pub(crate) fn judge(status: u16, code: &str) -> Rule {
    REASONS.judge(status, code)
}

pub(crate) const TROUBLE: Rule = Rule::new(
    Class::Unavailable,
    "nothing to do: Xiaomi's servers are in trouble and the message is tried again",
);
const OFFLINE: Rule = Rule::new(
    Class::Unavailable,
    "nothing to do: the device is out of reach and the message is tried again",
)
.scope(Scope::Token);
const WRONG_FIELD: Rule = Rule::new(
    Class::BadRequest,
    "correct the field that the vendor's text names in the message or its options",
)
.scope(Scope::Message);
const WRONG_REQUEST: Rule = Rule::new(
    Class::BadRequest,
    "check the endpoint setting; if it is right, report the vendor's text to nudged",
);
/// With the sender's name in front the text may pass.
pub(crate) const WRONG_TEXT: Rule = Rule::new(
    Class::BadRequest,
    "change title and text to what Xiaomi's rules allow; the word test alone may be refused",
)
.scope(Scope::Message);
const WRONG_CALLBACK: Rule = Rule::new(
    Class::BadRequest,
    "correct callback_url and callback_type in the channel's settings, or the option \
     callback_param, and register the URL in Xiaomi's push console",
);
/// In the certificate's own channel the message may pass.
pub(crate) const WRONG_CHANNEL: Rule = Rule::new(
    Class::BadRequest,
    "name a channel_id that Xiaomi's push console shows as approved for such messages, with its \
     template_id if it is a private one",
)
.scope(Scope::Message);
const NOT_ALLOWED: Rule = Rule::new(
    Class::Credential,
    "check in Xiaomi's push console that push is enabled for the app, that it is not restricted, \
     and that this machine's address is on its list if it has one",
);
const WRONG_SECRET: Rule = Rule::new(
    Class::Credential,
    "copy the AppSecret of this package from Xiaomi's push console to app_secret, and check \
     package and region",
)
.scope(Scope::Credential);
const TOO_FAST: Rule = Rule::new(
    Class::Throttled,
    "lower the channel's rate if this stays: Xiaomi allows 500 to 3000 requests a second by the \
     app's number of users",
)
.scope(Scope::Account)
.wait(Wait::SECOND);
const QUOTA: Rule = Rule::new(
    Class::QuotaExceeded,
    "send chat in an approved private channel, which has no quota; Xiaomi's push console shows \
     what is used up",
)
.wait(Wait::MIDNIGHT_IN_CHINA);
/// It may be another package's or another region's.
const DEAD: Rule = Rule::new(
    Class::InvalidToken,
    "nothing to do: the app was uninstalled or has a new regid, which its next start reports; if \
     it happens to all devices, check package and region",
)
.scope(Scope::Credential);
/// A batch that is refused for a device names none, so it costs none its token.
pub(crate) const DEAD_AMONG_MANY: Rule = Rule::new(
    Class::BadRequest,
    "nothing to do: Xiaomi does not say which device it means, so the batch is sent in halves \
     until the one is found",
);

/// What Xiaomi says of a message.
pub(crate) const REASONS: Reasons = Reasons::new(
    &[
        Row::statuses(500, u16::MAX, TROUBLE),
        // Counted by the class of the notification channel.
        Row::codes(&["200001"], QUOTA.scope(Scope::MessageClass)),
        Row::codes(
            &["10034", "22101", "26003", "26004", "26005", "26006"],
            QUOTA,
        ),
        Row::status(429, TOO_FAST),
        Row::when("20301, 10029 or 66007 for several devices", DEAD_AMONG_MANY),
        Row::when(
            "20301 for one device, and its reason speaks of no target",
            TROUBLE,
        ),
        Row::codes(&["10029", SEND_FAILED], DEAD),
        Row::codes(
            &["66007"],
            Rule::new(
                Class::InvalidToken,
                "have the app report the regid that Xiaomi gave it, whole and unchanged",
            )
            .scope(Scope::Token),
        ),
        Row::codes(
            &[
                "-1", "1", "10001", "10002", "10003", "10009", "10010", "10011", "20607", "22102",
            ],
            TROUBLE,
        ),
        Row::codes(&["65003", "66006"], OFFLINE),
        Row::codes(
            &["10037"],
            Rule::new(
                Class::Unavailable,
                "check this machine's clock if it stays: Xiaomi took the request for an old one",
            ),
        ),
        Row::codes(
            &[
                "10008", "10012", "10016", "10017", "10028", "10033", "10035", "10038", "10039",
                "20209", "20215", "20216", "21305", "22100", "22103", "65006", "65007", "65008",
                "65009", "65010", "65011", "65012", "65013", "65016", "65017", "65040", "65041",
            ],
            WRONG_FIELD,
        ),
        Row::codes(&["10041", "20315"], WRONG_TEXT),
        Row::codes(
            &["100", "10007", "10013", "10018", "10020", "10021"],
            WRONG_REQUEST,
        ),
        Row::codes(
            &[
                "10025", "65028", "65029", "65030", "65035", "65036", "65037", "65038",
            ],
            WRONG_CALLBACK,
        ),
        Row::codes(&["27001"], WRONG_CHANNEL),
        Row::codes(
            &["65014", "65015"],
            Rule::new(
                Class::BadRequest,
                "shorten ext and options.extra: Xiaomi takes ten keys and, by its older \
                 documents, 1023 bytes",
            )
            .scope(Scope::Message),
        ),
        // This machine's address is not on the app's list.
        Row::codes(&["10004"], NOT_ALLOWED.scope(Scope::Account)),
        Row::codes(&["10005", "10014", "10032", "10036"], NOT_ALLOWED),
        Row::codes(
            &["10026", "10031"],
            Rule::new(
                Class::Credential,
                "ask Xiaomi's support why the app is on the blacklist",
            )
            .scope(Scope::Account),
        ),
        Row::codes(
            &[
                "10006", "21301", "21302", "21303", "22000", "22001", "22002", "22003", "22004",
                "22005", "22006", "22007", "22008", "22020", "22021", "22022",
            ],
            WRONG_SECRET,
        ),
        Row::codes(
            &["10022", "10023", "10024", "10027", "10030", "200002"],
            TOO_FAST,
        ),
        Row::codes(&[ERROR_WITHOUT_CODE], TROUBLE),
        Row::range(21300, 21399, WRONG_SECRET),
        Row::range(22000, 22099, WRONG_SECRET),
        Row::range(65000, 65999, WRONG_FIELD),
        Row::range(i64::MIN, 99, TROUBLE),
        Row::range(
            100,
            i64::MAX,
            Rule::new(
                Class::BadRequest,
                "look the code up in Xiaomi's list of error codes, and for a newer nudged",
            ),
        ),
        // Something in between may say so of one request.
        Row::status(401, WRONG_SECRET.scope(Scope::Unsaid)),
        Row::status(403, WRONG_SECRET.scope(Scope::Unsaid)),
        Row::status(
            404,
            Rule::new(
                Class::Credential,
                "check the endpoint and region settings: nothing answers at their path",
            )
            .scope(Scope::Credential),
        ),
        Row::status(408, TROUBLE),
        Row::statuses(400, 499, WRONG_REQUEST),
    ],
    Rule::new(
        Class::Unavailable,
        "something other than Xiaomi answers; check the endpoint setting and any proxy in between",
    ),
);

#[cfg(test)]
nudged_driver_kit::tables_hold!(crate::Xiaomi, "reasons" => REASONS);
