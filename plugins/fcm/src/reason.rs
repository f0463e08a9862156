//! The table of refusals: "FCM ErrorCode" and the canonical codes beneath it.
//!
//! Below HTTP 500 FCM's own code decides where there is one, then the kind of request
//! field that was at fault, then the HTTP status. A code that Google adds tomorrow is
//! passed on as it is and judged by its HTTP status.

use nudged_plugin_api::Class;

/// A refusal, taken apart.
#[derive(Debug, Default)]
pub(crate) struct Refusal<'a> {
    /// HTTP status.
    pub http: u16,
    /// `FcmError.errorCode`.
    pub fcm_code: Option<&'a str>,
    /// Canonical code, such as `NOT_FOUND`.
    pub status: &'a str,
    /// Text for people.
    pub message: &'a str,
    /// Fields that `BadRequest` names.
    pub fields: &'a [&'a str],
    /// `ErrorInfo.reason`.
    pub info: &'a str,
    /// `QuotaFailure` speaks of one device.
    pub one_device: bool,
}

const CONSOLE_MESSAGING: &str = "in Firebase console, Project settings, Cloud Messaging, upload a \
     valid APNs authentication key for the iOS app or a valid Web Push key pair";

/// What a refusal means, and what to do about it.
pub(crate) fn judge(refusal: &Refusal<'_>) -> (Class, &'static str) {
    match refusal.fcm_code {
        // A server in trouble is no witness against a token, whatever its body says.
        _ if refusal.http >= 500 => UNAVAILABLE,
        Some("UNREGISTERED") => (
            Class::InvalidToken,
            "nothing to do: the app was uninstalled or got a new token, which its next start \
             reports",
        ),
        Some("SENDER_ID_MISMATCH") => (
            Class::InvalidToken,
            "have the app register with this channel's Firebase project, or give the channel the \
             key file of the project in the app's google-services.json",
        ),
        Some("INVALID_ARGUMENT") => invalid_argument(refusal),
        Some("QUOTA_EXCEEDED") => throttled(refusal),
        Some("THIRD_PARTY_AUTH_ERROR") => (Class::Credential, CONSOLE_MESSAGING),
        Some("UNAVAILABLE" | "INTERNAL") => UNAVAILABLE,
        // UNSPECIFIED_ERROR, and whatever comes.
        Some(_) | None => by_status(refusal),
    }
}

const UNAVAILABLE: (Class, &str) = (
    Class::Unavailable,
    "nothing to do: FCM is in trouble and the message is tried again",
);

fn by_status(refusal: &Refusal<'_>) -> (Class, &'static str) {
    match refusal.http {
        400 if refusal.status == "INVALID_ARGUMENT" => invalid_argument(refusal),
        401 => (
            Class::GrantExpired,
            "nothing to do if it happens once; if it stays, generate a new key file in Firebase \
             console, Project settings, Service accounts",
        ),
        403 => (Class::Credential, forbidden(refusal.info)),
        404 => (
            Class::Credential,
            "check project_id and endpoint: Firebase console, Project settings, General shows \
             the Project ID",
        ),
        408 => UNAVAILABLE,
        429 => throttled(refusal),
        400..=499 => (
            Class::BadRequest,
            "report the vendor's text to nudged: the driver wrote a request that FCM does not take",
        ),
        _ => (
            Class::Unavailable,
            "something other than FCM answers; check the endpoint setting and any proxy in between",
        ),
    }
}

/// One code for a bad token and for a bad message; the details tell them apart.
fn invalid_argument(refusal: &Refusal<'_>) -> (Class, &'static str) {
    let of_token = |field: &&str| matches!(*field, "message.token" | "message.fid");
    // FCM sends the same detail without a field for a message over its limit:
    // https://github.com/firebase/firebase-admin-go/issues/580
    let too_big = refusal.message.to_ascii_lowercase().contains("too big");
    if too_big {
        (
            Class::BadRequest,
            "shorten title, text, ext or data: FCM takes 4096 bytes of them together",
        )
    } else if refusal.fields.iter().any(of_token)
        || (refusal.fields.is_empty() && refusal.fcm_code == Some("INVALID_ARGUMENT"))
    {
        (
            Class::InvalidToken,
            "have the app report the token that Firebase gave it, whole and unchanged",
        )
    } else {
        (
            Class::BadRequest,
            "correct the field that the vendor's text names in the message or its options",
        )
    }
}

fn throttled(refusal: &Refusal<'_>) -> (Class, &'static str) {
    if refusal.one_device {
        return (
            Class::ThrottledDevice,
            "send this device fewer messages: Android takes 240 a minute and 5,000 an hour",
        );
    }
    (
        Class::Throttled,
        "spread messages out, or ask for more quota in Google Cloud console, APIs & Services, \
         Firebase Cloud Messaging API, Quotas",
    )
}

fn forbidden(info: &str) -> &'static str {
    match info {
        "SERVICE_DISABLED" => {
            "enable the Firebase Cloud Messaging API for the project in Google Cloud console, \
             APIs & Services"
        }
        "BILLING_DISABLED" | "CONSUMER_SUSPENDED" | "CONSUMER_INVALID" => {
            "check in Google Cloud console that the project of project_id exists and is active"
        }
        "ACCESS_TOKEN_SCOPE_INSUFFICIENT" => {
            "check the token_uri setting: its server gave a token without the scope \
             firebase.messaging"
        }
        _ => {
            "grant the service account the role Firebase Cloud Messaging API Admin (permission \
             cloudmessaging.messages.create) in the project of project_id"
        }
    }
}
