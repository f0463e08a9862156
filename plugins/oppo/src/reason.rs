//! The table of return codes: "OPPO Push server API: return codes".
//!
//! A known code decides, whatever the HTTP status, unless the server itself is in trouble. A
//! code that OPPO adds tomorrow is passed on as it is and judged by the HTTP status and its
//! sign. Beside each code stands what it speaks of, as far as OPPO's documents say.

use nudged_plugin_api::Class::{
    self, Accepted, BadRequest, Credential, GrantExpired, InvalidToken, QuotaExceeded, Throttled,
    Unavailable,
};
use nudged_plugin_api::Scope::{self, Account, MessageClass, Unsaid};

/// The message was sent before, under the same `app_message_id`.
pub(crate) const DUPLICATE: i64 = 32;
/// No saved text of that `message_id`.
pub(crate) const NO_DATA: i64 = 31;
/// An argument is wrong, which may be the registration id.
pub(crate) const ARGUMENT: i64 = 41;
/// The registration id is wrong.
pub(crate) const REGISTRATION_ID: i64 = 10_000;

const TROUBLE: &str = "nothing to do: OPPO is in trouble and the message is tried again";
const SLOWER: &str = "nothing to do if it passes; if it stays, lower the channel's rate or ask \
     OPPO for more";
const AUTHOR: &str = "report the vendor's text to nudged: the driver wrote a request that OPPO \
     does not take";
const GATEWAY: &str = "check endpoint and token_url and any gateway there: it changes the form \
     that the driver writes";
const RIGHTS: &str = "ask for the right in the OPPO push console, or have OPPO's support look at \
     the app";
const TOMORROW: &str = "nothing to do: messages go on at midnight in China; ask OPPO for more if \
     it happens often";

#[rustfmt::skip]
const CODES: &[(i64, Class, Scope, &str)] = &[
    (-2, Throttled, Account, SLOWER),
    (-1, Unavailable, Unsaid, TROUBLE),
    (11, GrantExpired, Unsaid, "nothing to do: a new auth_token is fetched"),
    (12, BadRequest, Scope::Message, AUTHOR),
    (13, Throttled, Account, SLOWER),
    (14, Credential, Scope::Credential, "set app_key to the AppKey of the app's page in the OPPO push console, and \
                      region to the one that the app registered in"),
    (15, Credential, Scope::Credential, GATEWAY),
    (16, Credential, Scope::Credential, "set master_secret to the MasterSecret of the app's page in the OPPO push \
                      console; the AppSecret is another one"),
    (17, Credential, Scope::Credential, GATEWAY),
    (18, Credential, Scope::Credential, GATEWAY),
    (19, Credential, Scope::Credential, "set this machine's clock: OPPO lets it differ by ten minutes at most"),
    (20, BadRequest, Scope::Message, AUTHOR),
    (21, BadRequest, Scope::Message, AUTHOR),
    (22, BadRequest, Scope::Message, AUTHOR),
    (23, BadRequest, Scope::Message, AUTHOR),
    (24, BadRequest, Scope::Message, "look for a newer version of the driver: OPPO gave this call up"),
    (25, BadRequest, Scope::Message, AUTHOR),
    (26, Credential, Account, "take this machine's address off the blacklist in the OPPO push console, or \
                      have OPPO's support do it"),
    (27, Credential, Unsaid, "check in the OPPO push console that push is switched on for the app and \
                      that this machine's address may send"),
    (28, Credential, Account, "switch the app on again in the OPPO push console"),
    (29, Credential, Scope::Credential, GATEWAY),
    // Of the interface, by what the message is counted as.
    (30, Credential, MessageClass, RIGHTS),
    (NO_DATA, BadRequest, Scope::Message, AUTHOR),
    (DUPLICATE, Accepted, Unsaid, ""),
    (33, QuotaExceeded, MessageClass, TOMORROW),
    (34, QuotaExceeded, Scope::Message, TOMORROW),
    (40, BadRequest, Scope::Message, AUTHOR),
    (ARGUMENT, BadRequest, Scope::Message, "correct the field that the vendor's text names, and look for words \
                            that OPPO forbids; if only some devices get this, their registration \
                            ids are dead or of another app"),
    (42, QuotaExceeded, Account, TOMORROW),
    (51, BadRequest, Scope::Message, "upload the picture again and give its new id"),
    (54, BadRequest, Scope::Message, "give the option private_msg_template_id the id of a template that the \
                      console shows for this category"),
    (55, Throttled, Unsaid, SLOWER),
    (59, BadRequest, Scope::Message, "leave out what the app has no right to, such as notify_level 16, or ask \
                      for the right in the OPPO push console"),
    (67, BadRequest, Scope::Message, "correct category or notify_level: category is one of OPPO's words that the \
                      console granted, and levels need one"),
    (69, QuotaExceeded, Account, TOMORROW),
    // Of a token of OPPO's form: it may be another app's, or another region's.
    (REGISTRATION_ID, InvalidToken, Scope::Credential, "nothing to do if it is rare: the app registers again at its \
                      next start; if all devices get this, check app_key and region"),
];

/// What an answer means, and what to do about it.
pub(crate) fn judge(http: u16, code: Option<i64>) -> (Class, Scope, &'static str) {
    // A server in trouble is no witness against a token, whatever its body says.
    if http >= 500 || http == 408 {
        return (Unavailable, Unsaid, TROUBLE);
    }
    let ok = (200..300).contains(&http);
    let known = code.and_then(|code| CODES.iter().find(|(known, ..)| *known == code));
    match (known, code) {
        (Some((_, Accepted, ..)), _) if !ok => by_status(http),
        (Some((_, class, scope, remedy)), _) => (*class, *scope, remedy),
        // OPPO's own troubles have negative codes.
        (None, Some(code)) if ok && code < 0 => (Unavailable, Unsaid, TROUBLE),
        (None, Some(code)) if ok && code > 0 => (
            BadRequest,
            Unsaid,
            "look for a newer version of the driver: it does not know this code of OPPO's",
        ),
        (None, _) => by_status(http),
    }
}

fn by_status(http: u16) -> (Class, Scope, &'static str) {
    match http {
        429 => (Throttled, Account, SLOWER),
        401 | 403 => (
            Credential,
            Unsaid,
            "check endpoint, any gateway there, and that this machine's address may send",
        ),
        404 => (
            Credential,
            Scope::Credential,
            "check endpoint and token_url: nothing answers at OPPO's paths there",
        ),
        400..=499 => (BadRequest, Unsaid, AUTHOR),
        _ => (
            Unavailable,
            Unsaid,
            "something other than OPPO answers; check the endpoint setting and any proxy in between",
        ),
    }
}
