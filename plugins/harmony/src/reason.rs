//! Push Kit's codes and reasons: what each means, and what to do about it.
//!
//! A code is about the request. A reason is about some of its tokens: an answer that refuses
//! tokens sorts them by reason. A server in trouble is no witness against a message, whatever it
//! says. Codes and reasons that Huawei adds tomorrow are passed on as they are; a new reason never
//! costs a token. What a word speaks of stands beside it where Huawei's page says it.

use nudged_driver_kit::reasons::{Reasons, Row, Rule, Wait};
use nudged_plugin_api::{Class, Scope};

/// Everything accepted.
pub(crate) const SUCCESS: &str = "80000000";
/// Some of the tokens were refused, each for its reason.
pub(crate) const PARTIAL: &str = "80100000";
/// All of the tokens were refused, each for its reason.
pub(crate) const ALL_REFUSED: &str = "80300007";
/// Class of test messages, which such a request leaves as its memo.
pub(crate) const TEST: &str = "test";
/// Atomic services (apps without installation) have several, all of them about the app.
const ATOMIC: &str = "atomicUnable";

/// What the refusal of a request means. An empty `code` is none.
pub(crate) fn judge(status: u16, code: &str) -> Rule {
    REASONS.judge(status, code)
}

/// What the refusal of a token means.
pub(crate) fn judge_token(reason: &str) -> Rule {
    match TOKEN_REASONS.of_code(reason) {
        Some(rule) => rule,
        None if reason.starts_with(ATOMIC) => ATOMIC_UNABLE,
        None => NEW_WORD,
    }
}

const REPORT: Rule = Rule::new(
    Class::BadRequest,
    "correct the field that the vendor's text names in the message or its options; if it is none \
     of these, report the text to nudged",
);
const CREDENTIAL: Rule = Rule::new(
    Class::Credential,
    "check that service_account is a key file in force of the app's own project, that endpoint is \
     for API v3, and this machine's clock",
);
const TROUBLE: Rule = Rule::new(
    Class::Unavailable,
    "nothing to do: Push Kit is in trouble and the message is tried again",
);
const SLOWER: Rule = Rule::new(
    Class::Throttled,
    "set the channel's rate if this stays, or lower it",
)
.scope(Scope::Account)
.wait(Wait::SECOND);
const EXPIRED: Rule = Rule::new(
    Class::GrantExpired,
    "nothing to do if it happens once; if it stays, set this machine's clock",
);
const CLIENT_ID: Rule = Rule::new(
    Class::BadRequest,
    "set client_id to the client id of the app that the devices' tokens are of",
);
const PICTURE: Rule = Rule::new(
    Class::BadRequest,
    "leave out image, or have the picture reviewed in AppGallery Connect, Push Kit",
)
.scope(Scope::Message);
const PENALTY: &str = "see AppGallery Connect for why the app may not push, and what ends the \
                       penalty";
const NEW_WORD: Rule = Rule::new(
    Class::BadRequest,
    "look the code up in Push Kit's documents and report it to nudged, whose table does not have it",
);
const ATOMIC_UNABLE: Rule = Rule::new(
    Class::BadRequest,
    "check in AppGallery Connect what the atomic service may send",
);
/// All tokens refused, and no word why: nothing that should cost a whole registry.
pub(crate) const UNEXPLAINED: Rule = Rule::new(
    Class::BadRequest,
    "nothing to do if it happens once; if it stays, check in AppGallery Connect that the app \
     belongs to the project of service_account and may send this kind of message",
);

/// Why a request was refused. Whether a missing right to send (80300002) or a refused authentication
/// (HTTP 401, 403) is the project's or one message's, Huawei's page leaves open.
pub(crate) const REASONS: Reasons = Reasons::new(
    &[
        Row::status(503, SLOWER),
        Row::statuses(500, u16::MAX, TROUBLE),
        Row::when(
            "80300007, or 80100000 for a single device, and no reason names the token",
            UNEXPLAINED,
        ),
        Row::codes(&["80000001", "81000001"], TROUBLE),
        // 80100020, the ones about client_id and 80300032 come for recalls only.
        Row::codes(&["80100001", "80100003", "80100004", "80100020"], REPORT),
        Row::codes(
            &["80100016"],
            Rule::new(
                Class::BadRequest,
                "change title or text: Huawei found words in them that it does not deliver",
            )
            .scope(Scope::Message),
        ),
        Row::codes(&["80100022"], PICTURE),
        Row::codes(&["80200001"], CREDENTIAL.scope(Scope::Credential)),
        Row::codes(&["80200003", "80200005"], EXPIRED),
        Row::codes(
            &["80300002"],
            Rule::new(
                Class::Credential,
                "switch Push Kit on for the project in AppGallery Connect, and give the service \
                 account the right to push",
            ),
        ),
        Row::codes(
            &["80300008"],
            Rule::new(
                Class::BadRequest,
                "shorten title, text or ext: Push Kit takes 4096 bytes of them together",
            ),
        ),
        Row::codes(
            &["80300010"],
            Rule::new(
                Class::BadRequest,
                "report this to nudged: the driver sent none or more than 1000 tokens",
            ),
        ),
        Row::codes(&["80300017", "80300028"], CLIENT_ID),
        Row::codes(
            &["80300029"],
            Rule::new(
                Class::QuotaExceeded,
                "send fewer test messages: Push Kit allows a project 1000 a day",
            )
            .of_class(TEST)
            .wait(Wait::MIDNIGHT_IN_CHINA),
        ),
        Row::codes(
            &["80300030"],
            Rule::new(
                Class::BadRequest,
                "report this to nudged: the driver sent a test message to more than 10 devices",
            ),
        ),
        Row::codes(
            &["80300032"],
            Rule::new(
                Class::BadRequest,
                "give the project the right to take messages back in AppGallery Connect, Push Kit",
            ),
        ),
        Row::codes(
            &["80300036"],
            Rule::new(
                Class::Credential,
                "set this machine's clock: Huawei takes the JWT's life for more than a day",
            )
            .scope(Scope::Credential),
        ),
        Row::codes(
            &["80300037"],
            Rule::new(Class::Credential, PENALTY).scope(Scope::Account),
        ),
        Row::status(401, CREDENTIAL),
        Row::status(403, CREDENTIAL),
        Row::status(
            404,
            Rule::new(
                Class::Credential,
                "check the project_id in service_account and the endpoint setting: nothing \
                 answers at this path",
            )
            .scope(Scope::Credential),
        ),
        Row::status(408, TROUBLE),
        Row::status(429, SLOWER),
        Row::statuses(400, 499, REPORT),
        Row::family(&["801", "802", "803"], 8, NEW_WORD),
    ],
    Rule::new(
        Class::Unavailable,
        "something other than Push Kit answers; check the endpoint setting and any proxy in between",
    ),
)
// The address is the channel's.
.scopes(&[(404, Scope::Credential), (429, Scope::Account)]);

/// Why a token was refused.
pub(crate) const TOKEN_REASONS: Reasons = Reasons::new(
    &[
        Row::codes(
            &["tokenFormatError"],
            Rule::new(
                Class::InvalidToken,
                "have the app report the token that Push Kit gave it, whole and unchanged",
            )
            .scope(Scope::Token),
        ),
        Row::codes(
            &["tokenPlatformNotSupport"],
            Rule::new(
                Class::InvalidToken,
                "give the device's token to a channel of the driver huawei if it is an Android \
                 phone",
            )
            .scope(Scope::Token),
        ),
        // The token is of another project: perhaps the channel is.
        Row::codes(
            &["noRight"],
            Rule::new(
                Class::InvalidToken,
                "have the app fetch a new token: this one is of another project, or the phone \
                 changed hands",
            )
            .scope(Scope::Credential),
        ),
        // From here on nothing is wrong with the token, so it stays.
        Row::codes(
            &["noPushTypeRight"],
            Rule::new(
                Class::BadRequest,
                "apply for the right to this kind of message (background, call) in AppGallery \
                 Connect, Push Kit",
            )
            .scope(Scope::Message),
        ),
        Row::codes(
            &["disableSendHuaweiMsgBecauseOfPenalty"],
            Rule::new(Class::BadRequest, PENALTY),
        ),
        Row::codes(
            &["appinfoError"],
            Rule::new(
                Class::BadRequest,
                "check in AppGallery Connect that the app belongs to the project and has Push Kit \
                 on",
            ),
        ),
        Row::codes(
            &["countryNotSupport"],
            Rule::new(
                Class::DeviceOff,
                "nothing to do, unless the app should be on sale in the phone's country",
            )
            .scope(Scope::Token),
        ),
        Row::codes(&["differentImgVerifyPolicy"], PICTURE),
        Row::codes(
            &["notSupportPlayVoice"],
            Rule::new(
                Class::DeviceOff,
                "nothing to do: this phone cannot read messages aloud",
            )
            .scope(Scope::Token),
        ),
        Row::codes(
            &["noRightToSendThisLiveNotificationEvent"],
            Rule::new(
                Class::BadRequest,
                "apply for the right to this live view in AppGallery Connect, Push Kit",
            )
            .scope(Scope::Message),
        ),
        Row::when("others from `atomicUnable`", ATOMIC_UNABLE),
    ],
    NEW_WORD,
);

#[cfg(test)]
nudged_driver_kit::tables_hold!(crate::Harmony, "reasons" => REASONS, "token reasons" => TOKEN_REASONS);
