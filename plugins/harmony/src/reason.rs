//! Push Kit's codes and reasons: what each means, and what to do about it.
//!
//! A code is about the request. A reason is about some of its tokens: an answer that refuses
//! tokens sorts them by reason. Codes and reasons that Huawei adds tomorrow are passed on as
//! they are; a new reason never costs a token.

use nudged_plugin_api::{Class, Scope, Timestamp};

/// Everything accepted.
pub(crate) const SUCCESS: &str = "80000000";
/// Some of the tokens were refused, each for its reason.
pub(crate) const PARTIAL: &str = "80100000";
/// All of the tokens were refused, each for its reason.
pub(crate) const ALL_REFUSED: &str = "80300007";
/// Too many test messages today.
const TEST_LIMIT: &str = "80300029";
/// Class of test messages, which such a request leaves as its memo.
pub(crate) const TEST: &str = "test";

/// A code or reason with its class and remedy.
type Row = (&'static str, Class, &'static str);

/// Why a request was refused.
pub(crate) const CODES: &[Row] = &[
    ("80000001", Class::Unavailable, TROUBLE),
    ("80100001", Class::BadRequest, REPORT),
    ("80100003", Class::BadRequest, REPORT),
    ("80100004", Class::BadRequest, REPORT),
    (
        "80100016",
        Class::BadRequest,
        "change title or text: Huawei found words in them that it does not deliver",
    ),
    (
        "80100022",
        Class::BadRequest,
        "leave out image, or have the picture reviewed in AppGallery Connect, Push Kit",
    ),
    // The next and the ones about client_id come for recalls only.
    ("80100020", Class::BadRequest, REPORT),
    ("80200001", Class::Credential, CREDENTIAL),
    ("80200003", Class::GrantExpired, EXPIRED),
    ("80200005", Class::GrantExpired, EXPIRED),
    (
        "80300002",
        Class::Credential,
        "switch Push Kit on for the project in AppGallery Connect, and give the service account \
         the right to push",
    ),
    (
        "80300008",
        Class::BadRequest,
        "shorten title, text or ext: Push Kit takes 4096 bytes of them together",
    ),
    (
        "80300010",
        Class::BadRequest,
        "report this to nudged: the driver sent none or more than 1000 tokens",
    ),
    (
        "80300017",
        Class::BadRequest,
        "set client_id to the client id of the app that the devices' tokens are of",
    ),
    (
        "80300028",
        Class::BadRequest,
        "set client_id to the client id of the app that the devices' tokens are of",
    ),
    (
        TEST_LIMIT,
        Class::QuotaExceeded,
        "send fewer test messages: Push Kit allows a project 1000 a day",
    ),
    (
        "80300030",
        Class::BadRequest,
        "report this to nudged: the driver sent a test message to more than 10 devices",
    ),
    (
        "80300032",
        Class::BadRequest,
        "give the project the right to take messages back in AppGallery Connect, Push Kit",
    ),
    (
        "80300036",
        Class::Credential,
        "set this machine's clock: Huawei takes the JWT's life for more than a day",
    ),
    (
        "80300037",
        Class::Credential,
        "see AppGallery Connect for why the app may not push, and what ends the penalty",
    ),
    ("81000001", Class::Unavailable, TROUBLE),
];

/// Why a token was refused.
pub(crate) const REASONS: &[Row] = &[
    (
        "tokenFormatError",
        Class::InvalidToken,
        "have the app report the token that Push Kit gave it, whole and unchanged",
    ),
    (
        "tokenPlatformNotSupport",
        Class::InvalidToken,
        "give the device's token to a channel of the driver huawei if it is an Android phone",
    ),
    (
        "noRight",
        Class::InvalidToken,
        "have the app fetch a new token: this one is of another project, or the phone changed \
         hands",
    ),
    // From here on nothing is wrong with the token, so it stays.
    (
        "noPushTypeRight",
        Class::BadRequest,
        "apply for the right to this kind of message (background, call) in AppGallery Connect, \
         Push Kit",
    ),
    (
        "disableSendHuaweiMsgBecauseOfPenalty",
        Class::BadRequest,
        "see AppGallery Connect for why the app may not push, and what ends the penalty",
    ),
    (
        "appinfoError",
        Class::BadRequest,
        "check in AppGallery Connect that the app belongs to the project and has Push Kit on",
    ),
    (
        "countryNotSupport",
        Class::DeviceOff,
        "nothing to do, unless the app should be on sale in the phone's country",
    ),
    (
        "differentImgVerifyPolicy",
        Class::BadRequest,
        "leave out image, or have the picture reviewed in AppGallery Connect, Push Kit",
    ),
    (
        "notSupportPlayVoice",
        Class::DeviceOff,
        "nothing to do: this phone cannot read messages aloud",
    ),
    (
        "noRightToSendThisLiveNotificationEvent",
        Class::BadRequest,
        "apply for the right to this live view in AppGallery Connect, Push Kit",
    ),
];

/// What the codes and reasons speak of whose page says it.
const SCOPES: &[(&str, Scope)] = &[
    ("80100016", Scope::Message),
    ("80100022", Scope::Message),
    ("80200001", Scope::Credential),
    ("80300036", Scope::Credential),
    ("80300037", Scope::Account),
    ("tokenFormatError", Scope::Token),
    ("tokenPlatformNotSupport", Scope::Token),
    // The token is of another project: perhaps the channel is.
    ("noRight", Scope::Credential),
    ("noPushTypeRight", Scope::Message),
    ("countryNotSupport", Scope::Token),
    ("differentImgVerifyPolicy", Scope::Message),
    ("notSupportPlayVoice", Scope::Token),
    ("noRightToSendThisLiveNotificationEvent", Scope::Message),
];

/// What a code or reason speaks of. Whether a missing right to send (80300002) or a refused
/// authentication (HTTP 401, 403) is the project's or one message's, the page leaves open. `class`
/// is that of the message.
pub(crate) fn scope(status: u16, word: &str, class: &[u8]) -> Scope {
    let known = SCOPES.iter().find(|(known, _)| *known == word);
    match (status, known) {
        // Of a server in trouble, whatever its body says.
        (503, _) => Scope::Account,
        (500.., _) => Scope::Unsaid,
        // Said of any other message, it is no reason to keep back its class.
        (_, None) if word == TEST_LIMIT => match class == TEST.as_bytes() {
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

/// Atomic services (apps without installation) have several, all of them about the app.
const ATOMIC: &str = "atomicUnable";

const REPORT: &str = "correct the field that the vendor's text names in the message or its \
                      options; if it is none of these, report the text to nudged";
const CREDENTIAL: &str = "check that service_account is a key file in force of the app's own \
                          project, that endpoint is for API v3, and this machine's clock";
const PATH: &str = "check the project_id in service_account and the endpoint setting: nothing \
                    answers at this path";
const TROUBLE: &str = "nothing to do: Push Kit is in trouble and the message is tried again";
const SLOWER: &str = "set the channel's rate if this stays, or lower it";
const EXPIRED: &str = "nothing to do if it happens once; if it stays, set this machine's clock";
const ELSE: &str = "something other than Push Kit answers; check the endpoint setting and any \
                    proxy in between";
const NEW: &str = "look the code up in Push Kit's documents and report it to nudged, whose table \
                   does not have it";
/// All tokens refused, and no word why: nothing that should cost a whole registry.
pub(crate) const UNEXPLAINED: &str = "nothing to do if it happens once; if it stays, check in \
                                      AppGallery Connect that the app belongs to the project of \
                                      service_account and may send this kind of message";

/// What the refusal of a request means. An empty `code` is none.
pub(crate) fn judge(status: u16, code: &str) -> (Class, &'static str) {
    let known = CODES.iter().find(|(known, ..)| *known == code);
    match (known, status) {
        // A server in trouble is no witness against a message, whatever it says.
        (_, 503) => (Class::Throttled, SLOWER),
        (_, 500..) => (Class::Unavailable, TROUBLE),
        (Some((_, class, remedy)), _) => (*class, remedy),
        (None, 401 | 403) => (Class::Credential, CREDENTIAL),
        (None, 404) => (Class::Credential, PATH),
        (None, 408) => (Class::Unavailable, TROUBLE),
        (None, 429) => (Class::Throttled, SLOWER),
        (None, 400..=499) => (Class::BadRequest, REPORT),
        (None, _) if code == ALL_REFUSED => (Class::BadRequest, UNEXPLAINED),
        (None, _) if ["801", "802", "803"].iter().any(|family| of(code, family)) => {
            (Class::BadRequest, NEW)
        }
        (None, _) => (Class::Unavailable, ELSE),
    }
}

/// Whether a code is one of the eight-digit ones that start so.
fn of(code: &str, family: &str) -> bool {
    code.len() == 8 && code.starts_with(family)
}

/// What the refusal of a token means.
pub(crate) fn judge_token(reason: &str) -> (Class, &'static str) {
    match REASONS.iter().find(|(known, ..)| *known == reason) {
        Some((_, class, remedy)) => (*class, remedy),
        None if reason.starts_with(ATOMIC) => (
            Class::BadRequest,
            "check in AppGallery Connect what the atomic service may send",
        ),
        None => (Class::BadRequest, NEW),
    }
}

/// How long to wait where the vendor does not say.
pub(crate) fn wait(class: Class, now: Timestamp) -> Option<u64> {
    match class {
        Class::Throttled => Some(1000),
        Class::QuotaExceeded => Some(now.millis_until_midnight(8)),
        _ => None,
    }
}
