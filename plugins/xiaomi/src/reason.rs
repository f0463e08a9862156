//! The table of refusals: "Server API error codes".
//!
//! A server in trouble says nothing about messages or tokens, so HTTP 5xx and 429 come first,
//! then Xiaomi's code, then its neighbourhood, then the HTTP status: Xiaomi answers refusals
//! with HTTP 200. Each meaning has what it speaks of, as far as Xiaomi's documents say.

use nudged_plugin_api::{Class, Scope};

use crate::encode::Again;

/// A refusal, taken apart.
#[derive(Debug)]
pub(crate) struct Refusal<'a> {
    /// HTTP status.
    pub http: u16,
    /// `code`, where it is a whole number.
    pub code: Option<i64>,
    /// Whether `result` is `error`.
    pub says_error: bool,
    /// `reason`.
    pub reason: &'a str,
    /// The request was for one device.
    pub one_device: bool,
}

pub(crate) type Meaning = (Class, Scope, &'static str);

const UNAVAILABLE: Meaning = (
    Class::Unavailable,
    Scope::Unsaid,
    "nothing to do: Xiaomi's servers are in trouble and the message is tried again",
);
const OFFLINE: Meaning = (
    Class::Unavailable,
    Scope::Token,
    "nothing to do: the device is out of reach and the message is tried again",
);
const EXPIRED: Meaning = (
    Class::Unavailable,
    Scope::Unsaid,
    "check this machine's clock if it stays: Xiaomi took the request for an old one",
);
const WRONG_FIELD: Meaning = (
    Class::BadRequest,
    Scope::Message,
    "correct the field that the vendor's text names in the message or its options",
);
const WRONG_REQUEST: Meaning = (
    Class::BadRequest,
    Scope::Unsaid,
    "check the endpoint setting; if it is right, report the vendor's text to nudged",
);
const WRONG_TEXT: Meaning = (
    Class::BadRequest,
    Scope::Message,
    "change title and text to what Xiaomi's rules allow; the word test alone may be refused",
);
const WRONG_CALLBACK: Meaning = (
    Class::BadRequest,
    Scope::Unsaid,
    "correct callback_url and callback_type in the channel's settings, or the option \
     callback_param, and register the URL in Xiaomi's push console",
);
const WRONG_CHANNEL: Meaning = (
    Class::BadRequest,
    Scope::Message,
    "name a channel_id that Xiaomi's push console shows as approved for such messages, with its \
     template_id if it is a private one",
);
const TOO_MUCH_EXTRA: Meaning = (
    Class::BadRequest,
    Scope::Message,
    "shorten ext and options.extra: Xiaomi takes ten keys and, by its older documents, 1023 bytes",
);
const NOT_ALLOWED: Meaning = (
    Class::Credential,
    Scope::Unsaid,
    "check in Xiaomi's push console that push is enabled for the app, that it is not restricted, \
     and that this machine's address is on its list if it has one",
);
const WRONG_SECRET: Meaning = (
    Class::Credential,
    Scope::Credential,
    "copy the AppSecret of this package from Xiaomi's push console to app_secret, and check \
     package and region",
);
const BLACKLISTED: Meaning = (
    Class::Credential,
    Scope::Account,
    "ask Xiaomi's support why the app is on the blacklist",
);
const TOO_FAST: Meaning = (
    Class::Throttled,
    Scope::Account,
    "lower the channel's rate if this stays: Xiaomi allows 500 to 3000 requests a second by the \
     app's number of users",
);
const QUOTA: Meaning = (
    Class::QuotaExceeded,
    Scope::Unsaid,
    "send chat in an approved private channel, which has no quota; Xiaomi's push console shows \
     what is used up",
);
const QUOTA_OF_CLASS: Meaning = (QUOTA.0, Scope::MessageClass, QUOTA.2);
/// This machine's address is not on the app's list.
const WRONG_ADDRESS: Meaning = (NOT_ALLOWED.0, Scope::Account, NOT_ALLOWED.2);
const MALFORMED: Meaning = (
    Class::InvalidToken,
    Scope::Token,
    "have the app report the regid that Xiaomi gave it, whole and unchanged",
);
/// It may be another package's or another region's.
const DEAD: Meaning = (
    Class::InvalidToken,
    Scope::Credential,
    "nothing to do: the app was uninstalled or has a new regid, which its next start reports; if \
     it happens to all devices, check package and region",
);
const DEAD_AMONG_MANY: Meaning = (
    Class::BadRequest,
    Scope::Unsaid,
    "nothing to do: Xiaomi does not say which device it means, so the batch is sent in halves \
     until the one is found",
);

/// Xiaomi's codes.
#[rustfmt::skip]
const CODES: &[(&[i64], Meaning)] = &[
    (&[-1, 1, 10001, 10002, 10003, 10009, 10010, 10011, 20607, 22102], UNAVAILABLE),
    (&[65003, 66006], OFFLINE),
    (&[10037], EXPIRED),
    (&[10008, 10012, 10016, 10017, 10028, 10033, 10035, 10038, 10039, 21305], WRONG_FIELD),
    (&[20209, 20215, 20216, 22100, 22103], WRONG_FIELD),
    (&[10041, 20315], WRONG_TEXT),
    (&[100, 10007, 10013, 10018, 10020, 10021], WRONG_REQUEST),
    (&[10025], WRONG_CALLBACK),
    (&[27001], WRONG_CHANNEL),
    (&[10004], WRONG_ADDRESS),
    (&[10005, 10014, 10032, 10036], NOT_ALLOWED),
    (&[10026, 10031], BLACKLISTED),
    (&[10006, 21301, 21302, 21303], WRONG_SECRET),
    (&[22000, 22001, 22002, 22003, 22004, 22005, 22006, 22007, 22008, 22020, 22021, 22022], WRONG_SECRET),
    (&[10022, 10023, 10024, 10027, 10030, 200002], TOO_FAST),
    (&[10034, 22101, 26003, 26004, 26005, 26006], QUOTA),
    // Counted by the class of the notification channel.
    (&[200001], QUOTA_OF_CLASS),
    (&[65014, 65015], TOO_MUCH_EXTRA),
    (&[65006, 65007, 65008, 65009, 65010, 65011, 65012, 65013, 65016, 65017, 65040, 65041], WRONG_FIELD),
    (&[65028, 65029, 65030, 65035, 65036, 65037, 65038], WRONG_CALLBACK),
    (&[10029, 20301], DEAD),
    (&[66007], MALFORMED),
];

/// What a refusal means, and what to do about it.
pub(crate) fn judge(refusal: &Refusal<'_>) -> Meaning {
    let known = refusal.code.and_then(meaning);
    match (refusal.http, known) {
        (500.., _) => UNAVAILABLE,
        (429, Some(meaning @ (Class::QuotaExceeded, ..))) => meaning,
        (429, _) => TOO_FAST,
        (_, Some(meaning @ (Class::InvalidToken, ..))) => dead(refusal, meaning),
        (_, Some(meaning)) => meaning,
        (_, None) => unknown(refusal),
    }
}

/// Whether the refusal is owed to some of the devices, and Xiaomi does not say which.
pub(crate) fn is_of_some_device(meaning: Meaning) -> bool {
    meaning == DEAD_AMONG_MANY
}

/// What a code may be owed to that another form would mend.
pub(crate) fn cause(code: &str) -> Option<Again> {
    let meaning = code.parse().ok().and_then(meaning)?;
    match meaning {
        WRONG_TEXT => Some(Again::Named),
        WRONG_CHANNEL => Some(Again::Elsewhere),
        _ => None,
    }
}

fn meaning(code: i64) -> Option<Meaning> {
    let row = CODES.iter().find(|(codes, _)| codes.contains(&code));
    row.map(|(_, meaning)| *meaning)
}

/// A token goes only where Xiaomi speaks of it alone.
fn dead(refusal: &Refusal<'_>, meaning: Meaning) -> Meaning {
    if !refusal.one_device {
        return DEAD_AMONG_MANY;
    }
    // 20301 says that sending failed; only its reason says why.
    let reason = refusal.reason.to_ascii_lowercase();
    let of_target = ["target", "regid", "registration"]
        .iter()
        .any(|word| reason.contains(word));
    if refusal.code == Some(20301) && !reason.is_empty() && !of_target {
        return UNAVAILABLE;
    }
    meaning
}

/// A code that no document of ours has, or none at all.
fn unknown(refusal: &Refusal<'_>) -> Meaning {
    match refusal.code {
        Some(21300..=21399 | 22000..=22099) => return WRONG_SECRET,
        Some(65000..=65999) => return WRONG_FIELD,
        Some(code) if code < 100 && code != 0 => return UNAVAILABLE,
        Some(code) if code != 0 => {
            return (
                Class::BadRequest,
                Scope::Unsaid,
                "look the code up in Xiaomi's list of error codes, and for a newer nudged",
            );
        }
        _ if refusal.says_error => return UNAVAILABLE,
        _ => {}
    }
    match refusal.http {
        // Something in between may say so of one request.
        401 | 403 => (Class::Credential, Scope::Unsaid, WRONG_SECRET.2),
        404 => (
            Class::Credential,
            Scope::Credential,
            "check the endpoint and region settings: nothing answers at their path",
        ),
        408 => UNAVAILABLE,
        400..=499 => WRONG_REQUEST,
        _ => (
            Class::Unavailable,
            Scope::Unsaid,
            "something other than Xiaomi answers; check the endpoint setting and any proxy in \
             between",
        ),
    }
}
