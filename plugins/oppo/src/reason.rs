//! OPPO's codes: what each means, and what to do about it.
//!
//! A known code decides, whatever the HTTP status, unless the server itself is in trouble: then it is
//! no witness against a token. A code that OPPO adds tomorrow is passed on as it is and judged by the
//! HTTP status and its sign. Beside each code stands what it speaks of, as far as OPPO's documents say.

use nudged_driver_kit::reasons::{Reasons, Row, Rule, Wait};
use nudged_plugin_api::{Class, Scope};

/// The message was sent before, under the same `app_message_id`.
pub(crate) const DUPLICATE: &str = "32";
/// No saved text of that `message_id`.
pub(crate) const NO_DATA: &str = "31";
/// An argument is wrong, which may be the registration id.
pub(crate) const ARGUMENT: &str = "41";
/// The registration id is wrong.
pub(crate) const REGISTRATION_ID: &str = "10000";
/// The app has no right to what was asked for, such as the level.
pub(crate) const NO_RIGHT: &str = "59";
/// Category or level are wrong.
pub(crate) const NO_LEVEL: &str = "67";

/// What an answer means. An empty `code` is none.
pub(crate) fn judge(status: u16, code: &str) -> Rule {
    REASONS.judge(status, code)
}

/// What an answer without an `auth_token` means: what is wrong with the request is the operator's, as
/// there is no message yet.
pub(crate) fn judge_grant(status: u16, code: &str) -> Rule {
    let rule = judge(status, code);
    match rule.class {
        Class::Throttled | Class::QuotaExceeded | Class::Unavailable | Class::Credential => rule,
        _ => NO_GRANT,
    }
}

/// Before a server in trouble is asked again.
const BREATHER: Wait = Wait::Millis(10_000);

const TROUBLE: Rule = Rule::new(
    Class::Unavailable,
    "nothing to do: OPPO is in trouble and the message is tried again",
)
.wait(BREATHER);
const SLOWER: Rule = Rule::new(
    Class::Throttled,
    "nothing to do if it passes; if it stays, lower the channel's rate or ask OPPO for more",
)
.scope(Scope::Account)
.wait(Wait::SECOND);
const OUR_FAULT: Rule = Rule::new(
    Class::BadRequest,
    "report the vendor's text to nudged: the driver wrote a request that OPPO does not take",
)
.scope(Scope::Message);
const GATEWAY: Rule = Rule::new(
    Class::Credential,
    "check endpoint and token_url and any gateway there: it changes the form that the driver writes",
)
.scope(Scope::Credential);
const USED_UP: Rule = Rule::new(
    Class::QuotaExceeded,
    "nothing to do: messages go on at midnight in China; ask OPPO for more if it happens often",
)
.scope(Scope::Account)
.wait(Wait::MIDNIGHT_IN_CHINA);
const MAY_NOT_SEND: Rule = Rule::new(
    Class::Credential,
    "check endpoint, any gateway there, and that this machine's address may send",
);
/// OPPO complains of a device in a request for one, whose token it cannot have given. It says 41 of
/// words, too.
pub(crate) const MALFORMED: Rule = Rule::new(
    Class::InvalidToken,
    "have the app report the registration id that OPPO gave it, whole and unchanged",
)
.scope(Scope::Token);
/// One device of several is, and this is another: the next batch is without it.
pub(crate) const SENT_AGAIN: Rule = Rule::new(
    Class::Unavailable,
    "nothing to do: other devices of the request were at fault, and this one is sent to again \
     without them",
)
.wait(Wait::Millis(0));
/// One device of several is, and nobody knows which: none loses its token for that.
pub(crate) const DEAD_AMONG_MANY: Rule = Rule::new(
    Class::BadRequest,
    "nothing to do: OPPO does not say which registration id it means, so the batch is sent in \
     halves until it is found",
);
pub(crate) const SAVED_WITHOUT_ID: Rule = Rule::new(
    Class::Unavailable,
    "nothing to do: OPPO saved the text without an id, and it is tried again",
)
.wait(BREATHER);
pub(crate) const NO_DEVICE_YET: Rule = Rule::new(
    Class::Unavailable,
    "nothing to do: OPPO complained of devices before any was named",
)
.wait(BREATHER);
pub(crate) const TEXT_LOST: Rule = Rule::new(
    Class::Unavailable,
    "nothing to do: OPPO lost the saved text, and it is saved again",
)
.wait(BREATHER);
/// It is unknown which request this answers; the verdict's code is [`MEMO_LOST_CODE`].
pub(crate) const MEMO_LOST: Rule = Rule::new(
    Class::Unavailable,
    "nothing to do: the message is sent again, as it is unknown which request this answered",
);
pub(crate) const MEMO_LOST_CODE: &str = "MemoLost";
const NO_GRANT: Rule = Rule::new(
    Class::Credential,
    "check app_key, master_secret and token_url: OPPO gave no auth_token for them",
)
.scope(Scope::Credential);
/// OPPO says yes, and gives no `auth_token`.
pub(crate) const NO_TOKEN: Rule = Rule::new(
    Class::Unavailable,
    "the server answered without an auth_token; check endpoint and token_url and any proxy in \
     between",
)
.wait(BREATHER);

/// What OPPO says of a message.
pub(crate) const REASONS: Reasons = Reasons::new(
    &[
        Row::statuses(500, u16::MAX, TROUBLE),
        Row::status(408, TROUBLE),
        Row::codes(&[DUPLICATE], Rule::new(Class::Accepted, "")).at(200, 299),
        Row::codes(&["-2", "13"], SLOWER),
        Row::codes(&["-1"], TROUBLE),
        Row::codes(
            &["11"],
            Rule::new(
                Class::GrantExpired,
                "nothing to do: a new auth_token is fetched",
            ),
        ),
        Row::codes(
            &["14"],
            Rule::new(
                Class::Credential,
                "set app_key to the AppKey of the app's page in the OPPO push console, and region \
                 to the one that the app registered in",
            )
            .scope(Scope::Credential),
        ),
        Row::codes(&["15", "17", "18", "29"], GATEWAY),
        Row::codes(
            &["16"],
            Rule::new(
                Class::Credential,
                "set master_secret to the MasterSecret of the app's page in the OPPO push \
                 console; the AppSecret is another one",
            )
            .scope(Scope::Credential),
        ),
        Row::codes(
            &["19"],
            Rule::new(
                Class::Credential,
                "set this machine's clock: OPPO lets it differ by ten minutes at most",
            )
            .scope(Scope::Credential),
        ),
        Row::codes(
            &["24"],
            Rule::new(
                Class::BadRequest,
                "look for a newer version of the driver: OPPO gave this call up",
            )
            .scope(Scope::Message),
        ),
        Row::codes(
            &["26"],
            Rule::new(
                Class::Credential,
                "take this machine's address off the blacklist in the OPPO push console, or have \
                 OPPO's support do it",
            )
            .scope(Scope::Account),
        ),
        Row::codes(
            &["27"],
            Rule::new(
                Class::Credential,
                "check in the OPPO push console that push is switched on for the app and that \
                 this machine's address may send",
            ),
        ),
        Row::codes(
            &["28"],
            Rule::new(
                Class::Credential,
                "switch the app on again in the OPPO push console",
            )
            .scope(Scope::Account),
        ),
        // Of the interface, by what the message is counted as.
        Row::codes(
            &["30"],
            Rule::new(
                Class::Credential,
                "ask for the right in the OPPO push console, or have OPPO's support look at the app",
            )
            .scope(Scope::MessageClass),
        ),
        Row::when("31 to a broadcast with HTTP 200 to 299", TEXT_LOST),
        Row::codes(
            &["12", "20", "21", "22", "23", "25", NO_DATA, "40"],
            OUR_FAULT,
        ),
        Row::codes(&["33"], USED_UP.scope(Scope::MessageClass)),
        // Of pictures.
        Row::codes(&["34"], USED_UP.scope(Scope::Message)),
        Row::codes(&["42", "69"], USED_UP),
        Row::codes(
            &["51"],
            Rule::new(
                Class::BadRequest,
                "upload the picture again and give its new id",
            )
            .scope(Scope::Message),
        ),
        Row::codes(
            &["54"],
            Rule::new(
                Class::BadRequest,
                "give the option private_msg_template_id the id of a template that the console \
                 shows for this category",
            )
            .scope(Scope::Message),
        ),
        Row::codes(&["55"], SLOWER.scope(Scope::Unsaid)),
        Row::codes(
            &[NO_RIGHT],
            Rule::new(
                Class::BadRequest,
                "leave out what the app has no right to, such as notify_level 16, or ask for the \
                 right in the OPPO push console",
            )
            .scope(Scope::Message),
        ),
        Row::codes(
            &[NO_LEVEL],
            Rule::new(
                Class::BadRequest,
                "correct category or notify_level: category is one of OPPO's words that the \
                 console granted, and levels need one",
            )
            .scope(Scope::Message),
        ),
        Row::when(
            "41 or 10000 of a device whose token cannot be one of OPPO's",
            MALFORMED,
        ),
        Row::when(
            "41 or 10000 to a broadcast, and other devices are at fault",
            SENT_AGAIN,
        ),
        Row::when("10000 to a broadcast, and no device is named", DEAD_AMONG_MANY),
        Row::when("10000 while the text is saved", NO_DEVICE_YET),
        Row::codes(
            &[ARGUMENT],
            Rule::new(
                Class::BadRequest,
                "correct the field that the vendor's text names, and look for words that OPPO \
                 forbids; if only some devices get this, their registration ids are dead or of \
                 another app",
            )
            .scope(Scope::Message),
        ),
        // Of a token of OPPO's form: it may be another app's, or another region's.
        Row::codes(
            &[REGISTRATION_ID],
            Rule::new(
                Class::InvalidToken,
                "nothing to do if it is rare: the app registers again at its next start; if all \
                 devices get this, check app_key and region",
            )
            .scope(Scope::Credential),
        ),
        // OPPO's own troubles have negative codes.
        Row::range(i64::MIN, -1, TROUBLE).at(200, 299),
        Row::range(
            1,
            i64::MAX,
            Rule::new(
                Class::BadRequest,
                "look for a newer version of the driver: it does not know this code of OPPO's",
            ),
        )
        .at(200, 299),
        Row::status(429, SLOWER),
        Row::status(401, MAY_NOT_SEND),
        Row::status(403, MAY_NOT_SEND),
        Row::status(
            404,
            Rule::new(
                Class::Credential,
                "check endpoint and token_url: nothing answers at OPPO's paths there",
            )
            .scope(Scope::Credential),
        ),
        Row::statuses(400, 499, OUR_FAULT.scope(Scope::Unsaid)),
    ],
    Rule::new(
        Class::Unavailable,
        "something other than OPPO answers; check the endpoint setting and any proxy in between",
    )
    .wait(BREATHER),
);

#[cfg(test)]
nudged_driver_kit::tables_hold!(crate::Oppo, "reasons" => REASONS);
