//! The table of return codes: "OPPO Push server API: return codes".
//!
//! A known code decides, whatever the HTTP status, unless the server itself is in trouble. A
//! code that OPPO adds tomorrow is passed on as it is and judged by the HTTP status and its
//! sign.

use nudged_plugin_api::Class::{
    self, Accepted, BadRequest, Credential, GrantExpired, InvalidToken, QuotaExceeded, Throttled,
    Unavailable,
};

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
const CODES: &[(i64, Class, &str)] = &[
    (-2, Throttled, SLOWER),
    (-1, Unavailable, TROUBLE),
    (11, GrantExpired, "nothing to do: a new auth_token is fetched"),
    (12, BadRequest, AUTHOR),
    (13, Throttled, SLOWER),
    (14, Credential, "set app_key to the AppKey of the app's page in the OPPO push console, and \
                      region to the one that the app registered in"),
    (15, Credential, GATEWAY),
    (16, Credential, "set master_secret to the MasterSecret of the app's page in the OPPO push \
                      console; the AppSecret is another one"),
    (17, Credential, GATEWAY),
    (18, Credential, GATEWAY),
    (19, Credential, "set this machine's clock: OPPO lets it differ by ten minutes at most"),
    (20, BadRequest, AUTHOR),
    (21, BadRequest, AUTHOR),
    (22, BadRequest, AUTHOR),
    (23, BadRequest, AUTHOR),
    (24, BadRequest, "look for a newer version of the driver: OPPO gave this call up"),
    (25, BadRequest, AUTHOR),
    (26, Credential, "take this machine's address off the blacklist in the OPPO push console, or \
                      have OPPO's support do it"),
    (27, Credential, "check in the OPPO push console that push is switched on for the app and \
                      that this machine's address may send"),
    (28, Credential, "switch the app on again in the OPPO push console"),
    (29, Credential, GATEWAY),
    (30, Credential, RIGHTS),
    (NO_DATA, BadRequest, AUTHOR),
    (DUPLICATE, Accepted, ""),
    (33, QuotaExceeded, TOMORROW),
    (34, QuotaExceeded, TOMORROW),
    (40, BadRequest, AUTHOR),
    (ARGUMENT, BadRequest, "correct the field that the vendor's text names, and look for words \
                            that OPPO forbids; if only some devices get this, their registration \
                            ids are dead or of another app"),
    (42, QuotaExceeded, TOMORROW),
    (51, BadRequest, "upload the picture again and give its new id"),
    (54, BadRequest, "give the option private_msg_template_id the id of a template that the \
                      console shows for this category"),
    (55, Throttled, SLOWER),
    (59, BadRequest, "leave out what the app has no right to, such as notify_level 16, or ask \
                      for the right in the OPPO push console"),
    (67, BadRequest, "correct category or notify_level: category is one of OPPO's words that the \
                      console granted, and levels need one"),
    (69, QuotaExceeded, TOMORROW),
    (REGISTRATION_ID, InvalidToken, "nothing to do if it is rare: the app registers again at its \
                      next start; if all devices get this, check app_key and region"),
];

/// What an answer means, and what to do about it.
pub(crate) fn judge(http: u16, code: Option<i64>) -> (Class, &'static str) {
    // A server in trouble is no witness against a token, whatever its body says.
    if http >= 500 || http == 408 {
        return (Unavailable, TROUBLE);
    }
    let ok = (200..300).contains(&http);
    let known = code.and_then(|code| CODES.iter().find(|(known, ..)| *known == code));
    match (known, code) {
        (Some((_, Accepted, _)), _) if !ok => by_status(http),
        (Some((_, class, remedy)), _) => (*class, remedy),
        // OPPO's own troubles have negative codes.
        (None, Some(code)) if ok && code < 0 => (Unavailable, TROUBLE),
        (None, Some(code)) if ok && code > 0 => (
            BadRequest,
            "look for a newer version of the driver: it does not know this code of OPPO's",
        ),
        (None, _) => by_status(http),
    }
}

fn by_status(http: u16) -> (Class, &'static str) {
    match http {
        429 => (Throttled, SLOWER),
        401 | 403 => (
            Credential,
            "check endpoint, any gateway there, and that this machine's address may send",
        ),
        404 => (
            Credential,
            "check endpoint and token_url: nothing answers at OPPO's paths there",
        ),
        400..=499 => (BadRequest, AUTHOR),
        _ => (
            Unavailable,
            "something other than OPPO answers; check the endpoint setting and any proxy in between",
        ),
    }
}
