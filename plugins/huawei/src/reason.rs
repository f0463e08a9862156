//! Push Kit's return codes: what each means, and what the operator should do.
//!
//! In: HTTP status and code. Out: class and remedy. A business error comes with HTTP 200 or
//! 400, so the code decides; only a server in trouble (5xx) is not asked for one.

use nudged_plugin_api::Class::{
    self, BadRequest, Credential, GrantExpired, InvalidToken, Throttled, Unavailable,
};
use nudged_plugin_api::Scope;

/// Everything was accepted.
pub(crate) const SUCCESS: &str = "80000000";
/// Some tokens were not; the text is a document that names them.
pub(crate) const PARTIAL: &str = "80100000";

const TROUBLE: &str = "nothing to do: Push Kit is in trouble and the message is tried again";
const FLOW: &str = "nothing to do if it passes: Push Kit limits what the app sends a second, so \
     lower the channel's rate if it stays";
const TOKEN: &str = "nothing to do if it happens once; if it stays, check app_id and app_secret in \
     AppGallery Connect, General information";
const MESSAGE: &str = "correct what the vendor's text names in the message or its options";
const DRIVER: &str =
    "report the vendor's text to nudged: the driver wrote a request that Push Kit does not take";
const REGION: &str = "check the data processing location of the project in AppGallery Connect: the \
     driver sends to no topics or groups";
const ADDRESS: &str = "check app_id, project_id and endpoint: AppGallery Connect shows both ids \
     under General information";
const PERMISSION: &str = "enable Push Kit for the app in AppGallery Connect, and check that app_id, \
     app_secret and project_id belong together";
const OTHER: &str =
    "check the endpoint setting and any proxy in between: something other than Push Kit answers";

/// Code, class, remedy.
#[rustfmt::skip]
const CODES: &[(&str, Class, &str)] = &[
    ("80100001", BadRequest, MESSAGE),
    ("80100002", BadRequest, DRIVER),
    ("80100003", BadRequest, MESSAGE),
    ("80100004", BadRequest, "give the message a lifetime that has not passed"),
    ("80100013", BadRequest, "set options.collapse_key to a number from -1 to 100"),
    ("80100016", BadRequest, "remove what Huawei takes for sensitive from title and text"),
    ("80100017", BadRequest, DRIVER),
    ("80100018", BadRequest, DRIVER),
    ("80200001", GrantExpired, TOKEN),
    ("80200003", GrantExpired, TOKEN),
    ("80300002", Credential, PERMISSION),
    ("80300007", InvalidToken,
        "have the app report a new token; if many tokens go at once, compare app_id and project_id \
         with AppGallery Connect, as tokens of another app get this answer too"),
    ("80300008", BadRequest, "shorten title, text, ext or options: 4096 bytes pass without tokens"),
    ("80300010", BadRequest, DRIVER),
    // Only messages of that urgency fail: no reason to hold the others.
    ("80300011", BadRequest,
        "ask Huawei for the right to send high-priority transparent messages, or set urgency to \
         NORMAL"),
    ("80300013", Credential,
        "check receipt_id, and the address and certificate behind it, in AppGallery Connect, Push \
         Kit, Configuration"),
    ("80600003", Unavailable, TROUBLE),
    ("81000001", Unavailable, TROUBLE),
    ("82000001", BadRequest, REGION),
    ("82000002", BadRequest, REGION),
    ("82000003", BadRequest, REGION),
    ("82000004", BadRequest, REGION),
    ("82000005", BadRequest, REGION),
    ("82000006", BadRequest, REGION),
    ("82000007", BadRequest, REGION),
    ("82000008", BadRequest, REGION),
    ("82000009", BadRequest, REGION),
    ("82000010", BadRequest, REGION),
    ("82000011", BadRequest, REGION),
    ("82000012", BadRequest, REGION),
    ("82000013", BadRequest, REGION),
];

/// What the codes speak of whose page says it.
#[rustfmt::skip]
const SCOPES: &[(&str, Scope)] = &[
    ("80100016", Scope::Message),
    // Also the answer to all tokens of another app: perhaps the channel is that of the other.
    ("80300007", Scope::Credential),
    ("80300011", Scope::Message),
];

/// What a refusal speaks of. A missing right (80300002, HTTP 403) and a receipt address (80300013)
/// may be those of one message, of one token's app or of the channel: Huawei does not say.
pub(crate) fn scope(http: u16, code: Option<&str>) -> Scope {
    let known = SCOPES.iter().find(|(known, _)| Some(*known) == code);
    match (http, known) {
        // Of a server in trouble, whatever its body says.
        (503, _) => Scope::Account,
        (500.., _) => Scope::Unsaid,
        (_, Some((_, scope))) => *scope,
        // The address is the channel's.
        (404, None) if code.is_none() => Scope::Credential,
        (429, None) => Scope::Account,
        _ => Scope::Unsaid,
    }
}

/// What a refusal means, and what to do about it.
pub(crate) fn judge(http: u16, code: Option<&str>) -> (Class, &'static str) {
    let known = CODES.iter().find(|(known, ..)| Some(*known) == code);
    match (http, known) {
        // A server in trouble is no witness against a token, whatever its body says.
        (503, _) => (Throttled, FLOW),
        (500.., _) => (Unavailable, TROUBLE),
        (_, Some((_, class, remedy))) => (*class, remedy),
        (401, None) => (GrantExpired, TOKEN),
        (403, None) => (Credential, PERMISSION),
        (404, None) => (Credential, ADDRESS),
        (408, None) => (Unavailable, TROUBLE),
        (429, None) => (Throttled, FLOW),
        (_, None) => by_neighbours(http, code.unwrap_or_default()),
    }
}

/// Codes of tomorrow are taken for what the codes around them are.
fn by_neighbours(http: u16, code: &str) -> (Class, &'static str) {
    let of_eight_digits = code.len() == 8 && code.bytes().all(|byte| byte.is_ascii_digit());
    match code.get(..3).filter(|_| of_eight_digits) {
        Some("801" | "803" | "820") if code != PARTIAL => (BadRequest, MESSAGE),
        Some("802") => (Credential, PERMISSION),
        Some("806" | "810") => (Unavailable, TROUBLE),
        _ if (400..500).contains(&http) && code != SUCCESS => (BadRequest, DRIVER),
        _ => (Unavailable, OTHER),
    }
}
