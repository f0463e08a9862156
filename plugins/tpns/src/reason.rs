//! The table of `ret_code`: "服务端错误码" of the TPNS documents, what each means, and what the operator
//! should do about it.
//!
//! In: an HTTP status and a code. Out: its rule. A code that TPNS adds tomorrow is judged by its
//! neighbours and the HTTP status, and passed on as it is.

use nudged_driver_kit::reasons::{Reasons, Row, Rule, Wait};
use nudged_plugin_api::{Class, Scope};

/// `ret_code` of a push that TPNS took.
pub(crate) const TAKEN: &str = "0";

/// What a refusal means. An empty `code` is none.
pub(crate) fn judge(status: u16, code: &str) -> Rule {
    REASONS.judge(status, code)
}

/// TPNS says the same of a token that has died and of one that another application or another region
/// has: so it may be the settings that are wrong.
pub(crate) const INVALID_TOKEN: Rule = Rule::new(
    Class::InvalidToken,
    "nothing to do: the app was uninstalled or unregistered, or the token is another \
     application's; if it hits every device, check access_id and region; else the app's next start \
     reports a new one",
)
.scope(Scope::Credential);
/// The same of a batch, where TPNS does not say which.
pub(crate) const NAMELESS: Rule = Rule::new(
    Class::BadRequest,
    "nothing to do: TPNS refuses the batch for a token that it does not name, so the batch is sent \
     in halves until it is found",
);
const TROUBLE: Rule = Rule::new(
    Class::Unavailable,
    "nothing to do: TPNS is in trouble and the message is tried again",
);
const REPORT: Rule = Rule::new(
    Class::BadRequest,
    "report the vendor's text to nudged: the driver wrote a request that TPNS does not take",
)
.scope(Scope::Message);
const SECRET: Rule = Rule::new(
    Class::Credential,
    "set access_id and secret_key to those of one application (TPNS console, Configuration, Basic \
     configuration), and check this machine's clock",
);
const PAY: Rule = Rule::new(
    Class::Credential,
    "buy or renew the push resources of the application in the TPNS console",
)
.scope(Scope::Account);
const FAST: Rule = Rule::new(
    Class::Throttled,
    "lower the channel's rate, or ask Tencent for a higher one",
)
.wait(Wait::SECOND);
const ADDRESS: Rule = Rule::new(
    Class::Credential,
    "check the endpoint setting: its server does not know TPNS's interface",
);
const NEW_CODE: Rule = Rule::new(
    Class::BadRequest,
    "look for a newer version of the driver: it does not know this code of TPNS's",
);
/// How the codes of pushes start.
const HEADS: &[&str] = &["1008", "1001", "1011"];

/// What TPNS says of a push.
pub(crate) const REASONS: Reasons = Reasons::new(
    &[
        // A server in trouble is no witness against a token, whatever its body says.
        Row::statuses(500, u16::MAX, TROUBLE),
        Row::when(
            "any, and `invalid_targe_list`, spelled so, names the token",
            INVALID_TOKEN,
        ),
        Row::when(
            "`1008006`, `1008029` or `10010005` for several devices",
            NAMELESS,
        ),
        Row::codes(&["1008001", "1008002", "1008007", "10010012"], REPORT),
        Row::codes(&["1008003", "10030002"], SECRET.scope(Scope::Credential)),
        Row::codes(&["1008004"], TROUBLE),
        Row::codes(&["1008006", "1008029", "10010005"], INVALID_TOKEN),
        Row::codes(
            &["1008019"],
            Rule::new(
                Class::BadRequest,
                "change title or text: Tencent's content check refuses them",
            )
            .scope(Scope::Message),
        ),
        // Of the environment that the message asks for: another may have a good one.
        Row::codes(
            &["1008020", "1008021", "1008022", "1008023"],
            Rule::new(
                Class::Credential,
                "upload a valid APNs certificate of the application's environment in the TPNS \
                 console",
            ),
        ),
        Row::codes(&["1008028"], FAST.scope(Scope::Account)),
        Row::codes(&["1008030", "1008031", "1010001"], PAY),
        Row::codes(
            &["1008035"],
            Rule::new(
                Class::Credential,
                "check access_id, and set region to the service access point of the TPNS product",
            )
            .scope(Scope::Credential),
        ),
        Row::codes(
            &["10010018"],
            Rule::new(
                Class::BadRequest,
                "nothing to do: TPNS has taken the same push before",
            )
            .scope(Scope::Message),
        ),
        // Of interfaces for files, certificates, statistics and accounts.
        Row::codes(
            &[
                "1008011", "1008012", "1008013", "1008015", "1008016", "1008025", "1008026",
                "1008027", "10110008",
            ],
            REPORT,
        ),
        Row::family(HEADS, 7, NEW_CODE).at(200, 299),
        Row::family(HEADS, 8, NEW_CODE).at(200, 299),
        // Whoever answers so is not TPNS itself, which says it in its own codes.
        Row::status(401, SECRET),
        Row::status(403, SECRET),
        Row::statuses(404, 405, ADDRESS),
        Row::status(408, TROUBLE),
        Row::status(429, FAST),
        Row::statuses(400, 499, REPORT),
    ],
    Rule::new(
        Class::Unavailable,
        "something other than TPNS answers; check the endpoint setting and any proxy in between",
    ),
);

#[cfg(test)]
nudged_driver_kit::tables_hold!(crate::Tpns, "reasons" => REASONS);
