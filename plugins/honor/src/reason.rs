//! Honor's codes: what each means, and what to do about it.
//!
//! A code stands in the answer's body; some of them repeat the HTTP status, which counts
//! where the body has no code. Codes that Honor adds tomorrow are passed on as they are and
//! judged by their neighbourhood.

use nudged_plugin_api::{Class, Scope, Timestamp};

/// Everything accepted, unless a list says otherwise.
pub(crate) const SUCCESS: &str = "200";
/// Huawei's word for it, from which Honor's service descends; some senders saw it.
const SUCCESS_OF_OLD: &str = "80000000";
/// Some of the tokens failed.
pub(crate) const PARTIAL: &str = "80100000";
/// Too many test messages today.
const TEST_LIMIT: &str = "80200047";
/// Class of test messages, which such a request leaves as its memo.
pub(crate) const TEST: &str = "test";

/// Whether a code says that Honor took the message.
pub(crate) fn is_success(code: &str) -> bool {
    matches!(code, SUCCESS | SUCCESS_OF_OLD | PARTIAL)
}

/// A code's class and remedy.
type Reason = (&'static str, Class, &'static str);

/// The table of refusals.
pub(crate) const REASONS: &[Reason] = &[
    ("400", Class::BadRequest, REPORT),
    ("403", Class::Credential, CREDENTIAL),
    ("404", Class::Credential, PATH),
    ("500", Class::Unavailable, TROUBLE),
    ("502", Class::Unavailable, TROUBLE),
    ("503", Class::Throttled, SLOWER),
    ("80100003", Class::BadRequest, REPORT),
    ("80200003", Class::GrantExpired, EXPIRED),
    (
        "80200020",
        Class::Credential,
        "check the receipt address in Honor developer console, push service",
    ),
    (
        "80200022",
        Class::Credential,
        "apply for this type of message in Honor developer console, push service, or set \
         importance to \"LOW\"",
    ),
    (
        TEST_LIMIT,
        Class::QuotaExceeded,
        "send fewer test messages: Honor allows an app 1000 a day",
    ),
    (
        "80200050",
        Class::BadRequest,
        "leave out image: Honor takes pictures in service messages only",
    ),
    (
        "80200056",
        Class::BadRequest,
        "change title or text: Honor found words in them that it does not deliver",
    ),
    (
        "80300006",
        Class::BadRequest,
        "report this to nudged: the driver sent a token twice",
    ),
    (
        "80300007",
        Class::InvalidToken,
        "nothing to do: the app was uninstalled or got a new token, which its next start reports",
    ),
    (
        "80300008",
        Class::BadRequest,
        "shorten title, text or ext: Honor takes 4096 bytes of them together",
    ),
    (
        "80300010",
        Class::BadRequest,
        "report this to nudged: the driver sent more than 1000 tokens",
    ),
    (
        "10001",
        Class::BadRequest,
        "check what stands between nudged and Honor: the header timestamp got lost",
    ),
    (
        "10205",
        Class::Credential,
        "correct app_id: Honor developer console, push service, shows it on the app's page",
    ),
    (
        "10207",
        Class::Credential,
        "set this machine's clock: the time in a request is too far from Honor's",
    ),
    (
        "10300",
        Class::BadRequest,
        "report this to nudged: the driver sent an empty token",
    ),
];

/// What the codes speak of whose page says it.
const SCOPES: &[(&str, Scope)] = &[
    ("404", Scope::Credential),
    ("503", Scope::Account),
    // Of the message's importance: the other one passes.
    ("80200022", Scope::MessageClass),
    ("80200056", Scope::Message),
    // Also the answer to tokens of another app: perhaps the channel is that of the other.
    ("80300007", Scope::Credential),
    ("10205", Scope::Credential),
    ("10207", Scope::Credential),
];

/// What a refusal of a message of this class speaks of; Honor's page leaves open what a refused
/// authentication (403) or a receipt address (80200020) does.
pub(crate) fn scope(status: u16, code: &str, class: &[u8]) -> Scope {
    let known = SCOPES.iter().find(|(known, _)| *known == code);
    match (status, known) {
        // Of a server in trouble, whatever its body says.
        (503, _) => Scope::Account,
        (500.., _) => Scope::Unsaid,
        // Said of any other message, it is no reason to keep back its class.
        (_, None) if code == TEST_LIMIT => match class == TEST.as_bytes() {
            true => Scope::MessageClass,
            false => Scope::Message,
        },
        (_, Some((_, scope))) => *scope,
        // The address is the channel's.
        (404, None) => Scope::Credential,
        (429, None) => Scope::Account,
        _ => Scope::Unsaid,
    }
}

const REPORT: &str = "correct the field that the vendor's text names in the message or its \
                      options; if it is none of these, report the text to nudged";
const CREDENTIAL: &str = "check app_id, client_id and client_secret against Honor developer \
                          console: all three must be of one app with the push service switched on";
const PATH: &str = "check app_id and the endpoint setting: nothing answers at this path";
const TROUBLE: &str = "nothing to do: Honor is in trouble and the message is tried again";
const SLOWER: &str = "lower the channel's rate if this stays: Honor allows some 3000 requests a \
                      second";
const EXPIRED: &str = "nothing to do if it happens once; if it stays, check client_id and \
                       client_secret in Honor developer console";
const ELSE: &str = "something other than Honor answers; check the endpoint setting and any proxy \
                    in between";
const NEW_CODE: &str = "look the code up in Honor's documents and report it to nudged, whose \
                        table does not have it";

/// What a refusal means. An empty `code` is none.
pub(crate) fn judge(status: u16, code: &str) -> (Class, &'static str) {
    let known = REASONS.iter().find(|(known, ..)| *known == code);
    match (known, status) {
        // A server in trouble is no witness against a token or a message, whatever it says.
        (_, 503) => (Class::Throttled, SLOWER),
        (_, 500..) => (Class::Unavailable, TROUBLE),
        (Some((_, class, remedy)), _) => (*class, remedy),
        (None, 401) => (Class::GrantExpired, EXPIRED),
        (None, 403) => (Class::Credential, CREDENTIAL),
        (None, 404) => (Class::Credential, PATH),
        (None, 408) => (Class::Unavailable, TROUBLE),
        (None, 429) => (Class::Throttled, SLOWER),
        (None, 400..=499) => (Class::BadRequest, REPORT),
        (None, _) if ["801", "802", "803"].iter().any(|family| of(code, family)) => {
            (Class::BadRequest, NEW_CODE)
        }
        (None, _) => (Class::Unavailable, ELSE),
    }
}

/// Whether a code is one of the eight-digit ones that start so.
fn of(code: &str, family: &str) -> bool {
    code.len() == 8 && code.starts_with(family)
}

/// How long to wait where the vendor does not say.
pub(crate) fn wait(class: Class, now: Timestamp) -> Option<u64> {
    match class {
        Class::Throttled => Some(1000),
        Class::QuotaExceeded => Some(now.millis_until_midnight(8)),
        _ => None,
    }
}
