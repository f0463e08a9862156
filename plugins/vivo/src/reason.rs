//! vivo's result codes: what each means, and what to do about it, in the order of its reference.
//!
//! Below HTTP 500 vivo's own code decides where there is one, else the HTTP status: a server in
//! trouble is no witness, whatever its body says. A code that is not in the table is passed on as it
//! is and judged by its neighbours. What the state of a regId means stands in `state`.

mod state;

use nudged_driver_kit::reasons::{Reasons, Row, Rule, Wait};
use nudged_plugin_api::{Class, Scope};

use crate::classification::Classification;

#[cfg(test)]
use state::STATES;
pub(crate) use state::judge as judge_state;

const OPERATIONAL: &str = Classification::Operational.name();
const SYSTEM: &str = Classification::System.name();

/// What a refusal means. An empty `code` is none.
pub(crate) fn judge(status: u16, code: &str) -> Rule {
    REASONS.judge(status, code)
}

/// What an answer without an authToken means: what is wrong with a message cannot be wrong with this
/// request, so its keys are.
pub(crate) fn judge_grant(status: u16, code: &str) -> Rule {
    let rule = judge(status, code).said_of("");
    match rule.class {
        Class::Throttled | Class::QuotaExceeded | Class::Unavailable => rule,
        Class::Credential => rule.scope(Scope::Credential),
        _ => WRONG_KEYS,
    }
}

const TROUBLE: Rule = Rule::new(
    Class::Unavailable,
    "nothing to do: vivo is in trouble and the message is tried again",
);
const KEYS: Rule = Rule::new(
    Class::Credential,
    "copy app_id, app_key and app_secret again from the app's page in vivo's developer console",
)
.scope(Scope::Credential);
const WRONG_KEYS: Rule = Rule::new(
    Class::Credential,
    "copy app_id, app_key and app_secret again from the app's page in vivo's developer console, \
     and check this machine's clock",
)
.scope(Scope::Credential);
const REPORT: Rule = Rule::new(
    Class::BadRequest,
    "report the code and vivo's text to nudged: the driver wrote a request that vivo does not take",
);
const OUR_FAULT: Rule = REPORT.scope(Scope::Message);
const UNKNOWN: &str = "look the code up in vivo's reference, and for a newer version of the driver";
const OTHER_FETCHES: Rule = Rule::new(
    Class::Throttled,
    "check that no other program fetches tokens with this app's keys all the time",
)
.scope(Scope::Account)
.wait(Wait::SECOND);
const SLOWER: Rule = Rule::new(Class::Throttled, "lower the channel's rate if this stays")
    .scope(Scope::Account)
    .wait(Wait::SECOND);
const NO_PATH: Rule = Rule::new(
    Class::Credential,
    "check the endpoint and token_url settings: nothing of vivo's answers at this path",
)
.scope(Scope::Credential);
/// With the sender's name in front the text may pass.
pub(crate) const LOOKS_LIKE_TEST: Rule =
    wrong("change title and text: vivo takes them for a test's, so mark real tests as such");
/// The regId does not exist: it may be another app's.
pub(crate) const NO_REG_ID: Rule = Rule::new(
    Class::InvalidToken,
    "nothing to do: the app was uninstalled or gets a new regId, which its next start reports",
)
.scope(Scope::Credential);
/// The reference does not say whether the regId is dead, so it stays.
pub(crate) const NOT_FOUND: Rule = Rule::new(
    Class::DeviceOff,
    "nothing to do unless it stays: vivo does not find the device, which its app's next start may \
     mend",
);
/// The state that stands beside this code says less than the code does.
pub(crate) const NO_NOTICES: Rule = Rule::new(
    Class::DeviceOff,
    "nothing to do: the phone takes no notifications of the app now, or was not used for long",
);
/// Of a list that is refused for a regId, the others must not lose their registration.
pub(crate) const UNNAMED: Rule = Rule::new(
    Class::Unavailable,
    "nothing to do unless it stays: vivo refused the whole list for a regId, and it is sent again",
);
/// The verdict's code is `memo lost`.
pub(crate) const MEMO_LOST: Rule = Rule::new(
    Class::Unavailable,
    "nothing to do: the driver was replaced between two requests, and the list is sent again",
);
/// The verdict's code is `no result`.
pub(crate) const NO_RESULT: Rule = Rule::new(
    Class::Unavailable,
    "something other than vivo answers, or vivo is in trouble; check the endpoint setting and any \
     proxy in between",
);
/// The verdict's code is `no authToken`.
pub(crate) const NO_TOKEN: Rule = Rule::new(
    Class::Unavailable,
    "something other than vivo answers, or vivo is in trouble; check the endpoint and token_url \
     settings and any proxy in between",
);

/// What is wrong with one message.
const fn wrong(remedy: &'static str) -> Rule {
    Rule::new(Class::BadRequest, remedy).scope(Scope::Message)
}

/// vivo wants the interface left alone for the day, and lowers the quota of who does not.
const fn used_up(remedy: &'static str) -> Rule {
    Rule::new(Class::QuotaExceeded, remedy)
        .scope(Scope::Account)
        .wait(Wait::MIDNIGHT_IN_CHINA)
}

const fn credential(scope: Scope, remedy: &'static str) -> Rule {
    Rule::new(Class::Credential, remedy).scope(scope)
}

/// What vivo says of a message.
pub(crate) const REASONS: Reasons = Reasons::new(
    &[
        Row::statuses(500, u16::MAX, TROUBLE),
        Row::when(
            "a list that is refused for a regId: of those that it does not name",
            UNNAMED,
        ),
        Row::codes(
            &["10000"],
            Rule::new(
                Class::GrantExpired,
                "nothing to do if it happens once; if it stays, have another program that shares \
                 this app's keys checked, or copy the keys again",
            ),
        ),
        Row::codes(&["10040"], TROUBLE),
        Row::codes(
            &["10043"],
            credential(
                Scope::Account,
                "switch push on for the app in vivo's developer console, message push",
            ),
        ),
        Row::codes(
            &["10045"],
            credential(
                Scope::Account,
                "wait for vivo to approve the app: until then only test messages to test devices \
                 pass",
            ),
        ),
        Row::codes(
            &["10051"],
            wrong("set classification to one that vivo has granted to the app"),
        ),
        Row::codes(
            &["10054"],
            wrong("set notifyType or notify_type to 1, 2, 3 or 4"),
        ),
        Row::codes(
            &["10055"],
            wrong("give the message a title that shows something"),
        ),
        Row::codes(
            &["10056"],
            wrong(
                "shorten the title, or set wide_characters to two if it is Chinese: vivo counts to \
                 40",
            ),
        ),
        Row::codes(
            &["10057"],
            wrong("give the message a text that shows something"),
        ),
        Row::codes(
            &["10058"],
            wrong(
                "shorten the text, or set wide_characters to two if it is Chinese: vivo counts to \
                 100",
            ),
        ),
        Row::codes(
            &["10059"],
            wrong("give the message a lifetime of 15 minutes to 1 day"),
        ),
        Row::codes(
            &["10060"],
            wrong(
                "correct the message's click: vivo opens the app, an http(s) URL, or an intent URI \
                 of the app",
            ),
        ),
        Row::codes(&["10065"], wrong("set networkType to -1 or 1")),
        Row::codes(
            &["10067"],
            wrong(
                "shorten ext or clientCustomMap: vivo takes 10 pairs of 1024 characters together",
            ),
        ),
        Row::codes(
            &["10070"],
            used_up(
                "send fewer operational messages, or apply to vivo for more: today's are used up",
            )
            .of_class(OPERATIONAL),
        ),
        Row::codes(
            &["10071"],
            Rule::new(
                Class::QuotaExceeded,
                "send operational messages between 07:00 and 23:00 Beijing time",
            )
            .of_class(OPERATIONAL)
            .wait(Wait::Hour { hour: 7, ahead: 8 }),
        ),
        Row::codes(&["10072"], SLOWER),
        Row::codes(
            &["10073"],
            used_up("apply to vivo for more system messages: today's are used up").of_class(SYSTEM),
        ),
        Row::codes(
            &["10082"],
            Rule::new(
                Class::Credential,
                "apply for system messages in vivo's developer console, or set classification to \
                 operational",
            )
            .of_class(SYSTEM),
        ),
        Row::codes(&["10085", "10104"], LOOKS_LIKE_TEST),
        Row::codes(
            &["10089"],
            wrong("check callback_url, callback_id and callbackParam"),
        ),
        Row::codes(&["10093"], OTHER_FETCHES),
        Row::codes(&["10095"], wrong("set notifyId to 1 to 2147483647")),
        Row::codes(
            &["10096"],
            wrong("name a category that vivo has, such as IM; new apps must name one"),
        ),
        Row::codes(
            &["10097"],
            wrong("name a category that belongs to the message's classification"),
        ),
        Row::codes(
            &["10103"],
            wrong("change title and text: vivo finds words in them that it does not show"),
        ),
        // The saved message is gone: at once it is saved again.
        Row::codes(
            &["10155"],
            Rule::new(
                Class::Unavailable,
                "nothing to do: the message is saved again and then pushed",
            )
            .wait(Wait::Millis(0)),
        ),
        Row::codes(&["10094", "10200", "10201", "10202", "10205"], KEYS),
        Row::codes(
            &["10203", "10204"],
            credential(Scope::Credential, REPORT.remedy),
        ),
        Row::codes(
            &["10206"],
            credential(
                Scope::Credential,
                "copy app_secret again from the app's page in vivo's developer console",
            ),
        ),
        Row::codes(
            &["10207"],
            credential(
                Scope::Credential,
                "set this machine's clock: it differs from vivo's by more than ten minutes",
            ),
        ),
        Row::codes(&["10250"], OTHER_FETCHES.wait(Wait::Millis(60_000))),
        Row::codes(
            &["10252"],
            used_up(
                "send fewer messages to several devices, or apply to vivo for more: today's are \
                 used up",
            ),
        ),
        Row::codes(
            &["10254"],
            used_up("send fewer messages: today's are used up"),
        ),
        Row::codes(&["10302"], NO_REG_ID),
        Row::codes(&["10303"], NOT_FOUND),
        Row::codes(&["10305"], wrong("shorten callback_url to 128 characters")),
        Row::codes(&["10306"], wrong("shorten callbackParam to 64 characters")),
        Row::codes(&["10311"], NO_NOTICES),
        // The last two are of the interface for live messages, which the driver does not call.
        Row::codes(
            &[
                "10050", "10150", "10151", "10152", "10153", "10304", "10352", "10353", "10800",
                "10801",
            ],
            OUR_FAULT,
        ),
        Row::range(10200, 10249, Rule::new(Class::Credential, UNKNOWN)),
        Row::range(10251, 10299, Rule::new(Class::QuotaExceeded, UNKNOWN)),
        Row::range(
            10001,
            10999,
            wrong("correct the field that vivo's text names in the message or its options"),
        ),
        Row::range(i64::MIN, i64::MAX, Rule::new(Class::Unavailable, UNKNOWN)),
        Row::status(
            401,
            Rule::new(
                Class::GrantExpired,
                "nothing to do if it happens once; if it stays, check the endpoint setting",
            ),
        ),
        Row::status(
            403,
            Rule::new(
                Class::Credential,
                "check the endpoint setting, and that vivo or a proxy lets this machine in",
            ),
        ),
        Row::statuses(404, 405, NO_PATH),
        Row::status(408, TROUBLE),
        Row::status(429, SLOWER),
        Row::statuses(400, 499, REPORT),
        Row::when(
            "no JSON object with a result, with HTTP 200 to 299",
            NO_RESULT,
        ),
    ],
    Rule::new(
        Class::Unavailable,
        "something other than vivo answers; check the endpoint setting and any proxy in between",
    ),
);

#[cfg(test)]
nudged_driver_kit::tables_hold!(crate::Vivo, "reasons" => REASONS, "states" => STATES);
