//! The table of refusals: "FCM ErrorCode" and the canonical codes beneath it.
//!
//! Below HTTP 500 what APNs said decides where FCM passes it on, as the driver of APNs judges it;
//! then FCM's own code, then the kind of request field that was at fault, then the HTTP status.
//! A code that Google adds tomorrow is passed on as it is and judged by its HTTP status.

use nudged_driver_kit::apple;
use nudged_plugin_api::{Class, Scope};

/// A refusal, taken apart.
#[derive(Debug, Default)]
pub(crate) struct Refusal<'a> {
    /// HTTP status.
    pub http: u16,
    /// `FcmError.errorCode`.
    pub fcm_code: Option<&'a str>,
    /// `ApnsError`: what APNs said, with its HTTP status.
    pub apns: Option<(&'a str, u16)>,
    /// Canonical code, such as `NOT_FOUND`.
    pub status: &'a str,
    /// Text for people.
    pub message: &'a str,
    /// Fields that `BadRequest` names.
    pub fields: &'a [&'a str],
    /// `ErrorInfo.reason`.
    pub info: &'a str,
    /// Which quota was exceeded, in the words of `QuotaFailure` and `ErrorInfo`, in lower case.
    pub quota: &'a str,
    /// The message was of a Live Activity, and went to the activity's token beside the device's.
    pub is_activity: bool,
}

/// What a refusal means, what it speaks of, and what to do about it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Meaning {
    pub class: Class,
    pub scope: Scope,
    pub remedy: &'static str,
}

const fn means(class: Class, scope: Scope, remedy: &'static str) -> Meaning {
    Meaning {
        class,
        scope,
        remedy,
    }
}

const CONSOLE_MESSAGING: &str = "in Firebase console, Project settings, Cloud Messaging, upload a \
     valid APNs authentication key for the iOS app or a valid Web Push key pair; Android phones \
     are not concerned";

/// The meaning of a refusal.
pub(crate) fn judge(refusal: &Refusal<'_>) -> Meaning {
    // A server in trouble is no witness against a token, whatever its body says.
    if refusal.http >= 500 {
        return UNAVAILABLE;
    }
    if let Some(meaning) = refusal.apns.and_then(through_apple) {
        // req 72: APNs was shown the activity's token only.
        return match meaning.class {
            Class::InvalidToken if refusal.is_activity => ACTIVITY_OVER,
            _ => meaning,
        };
    }
    match refusal.fcm_code {
        Some("UNREGISTERED") => means(
            Class::InvalidToken,
            Scope::Token,
            "nothing to do: the app was uninstalled or got a new token, which its next start \
             reports",
        ),
        // Of the token or of the key file: one of the two is of another project.
        Some("SENDER_ID_MISMATCH") => means(
            Class::InvalidToken,
            Scope::Credential,
            "have the app register with this channel's Firebase project, or give the channel the \
             key file of the project in the app's google-services.json",
        ),
        Some("INVALID_ARGUMENT") => invalid_argument(refusal),
        Some("QUOTA_EXCEEDED") => throttled(refusal),
        // Only Apple devices and browsers have a third party.
        Some("THIRD_PARTY_AUTH_ERROR") => means(Class::Credential, Scope::Token, CONSOLE_MESSAGING),
        Some("UNAVAILABLE" | "INTERNAL") => UNAVAILABLE,
        // UNSPECIFIED_ERROR, and whatever comes.
        Some(_) | None => by_status(refusal),
    }
}

const ACTIVITY_OVER: Meaning = means(
    Class::InvalidToken,
    Scope::Beside,
    "nothing to do: the Live Activity is over or got a new token, which the app reports with the \
     activity's id",
);

const UNAVAILABLE: Meaning = means(
    Class::Unavailable,
    Scope::Unsaid,
    "nothing to do: FCM is in trouble and the message is tried again",
);

/// What APNs said to FCM. Its key is the project's, so of a credential only iPhones suffer.
fn through_apple((reason, status): (&str, u16)) -> Option<Meaning> {
    let by_status = || {
        (400..600)
            .contains(&status)
            .then(|| apple::REASONS.judge(status, ""))
    };
    let rule = apple::REASONS.of_code(reason).or_else(by_status)?;
    Some(match (rule.class, rule.scope) {
        // FCM signs for APNs itself, so a token of its that expired is FCM's to renew.
        (Class::Credential | Class::GrantExpired, _) => {
            means(Class::Credential, Scope::Token, CONSOLE_MESSAGING)
        }
        (Class::InvalidToken, Scope::Credential) => means(
            Class::InvalidToken,
            Scope::Credential,
            "if it hits many iPhones, upload in Firebase console, Project settings, Cloud Messaging \
             the APNs key of the app's team for the environment that the app was built for; else \
             nothing to do, the token leaves the registry",
        ),
        (Class::InvalidToken, scope) => means(
            Class::InvalidToken,
            scope,
            "nothing to do: the app was removed from the iPhone or got a new token, which its next \
             start reports",
        ),
        (Class::BadRequest, scope) => means(
            Class::BadRequest,
            scope,
            "correct what Apple's word names in the message or in options.fcm.apns",
        ),
        // Other devices are not at APNs, or at another server of it.
        (class, _) => means(
            class,
            Scope::Token,
            "nothing to do: APNs takes the message later, and it is tried again",
        ),
    })
}

fn by_status(refusal: &Refusal<'_>) -> Meaning {
    match refusal.http {
        400 if refusal.status == "INVALID_ARGUMENT" => invalid_argument(refusal),
        401 => means(
            Class::GrantExpired,
            Scope::Unsaid,
            "nothing to do if it happens once; if it stays, generate a new key file in Firebase \
             console, Project settings, Service accounts",
        ),
        403 => forbidden(refusal.info),
        // Google says the same of a project and of a token that it does not know.
        404 => means(
            Class::Credential,
            Scope::Unsaid,
            "check project_id and endpoint: Firebase console, Project settings, General shows \
             the Project ID",
        ),
        408 => UNAVAILABLE,
        429 => throttled(refusal),
        400..=499 => means(
            Class::BadRequest,
            Scope::Message,
            "report the vendor's text to nudged: the driver wrote a request that FCM does not take",
        ),
        _ => means(
            Class::Unavailable,
            Scope::Unsaid,
            "something other than FCM answers; check the endpoint setting and any proxy in between",
        ),
    }
}

/// One code for a bad token and for a bad message. A field that is named tells them apart, or
/// FCM's words; without either, no token is condemned.
fn invalid_argument(refusal: &Refusal<'_>) -> Meaning {
    let of_token = |field: &&str| matches!(*field, "message.token" | "message.fid");
    if refusal.fields.contains(&"message.apns.live_activity_token") {
        return ACTIVITY_OVER;
    }
    let words = refusal.message.to_ascii_lowercase();
    let named = match refusal.fields {
        [] => words.contains("registration token") || words.contains("installation id"),
        fields => fields.iter().any(of_token),
    };
    // FCM sends the same detail without a field for a message over its limit:
    // https://github.com/firebase/firebase-admin-go/issues/580
    if words.contains("too big") {
        means(
            Class::BadRequest,
            Scope::Message,
            "shorten title, text, ext or data: FCM takes 4096 bytes of them together",
        )
    } else if named {
        means(
            Class::InvalidToken,
            Scope::Token,
            "have the app report the token that Firebase gave it, whole and unchanged",
        )
    } else {
        means(
            Class::BadRequest,
            Scope::Message,
            "correct the field that the vendor's text names in the message or its options",
        )
    }
}

fn throttled(refusal: &Refusal<'_>) -> Meaning {
    if refusal.quota.contains("device") {
        return means(
            Class::ThrottledDevice,
            Scope::Token,
            "send this device fewer messages: Android takes 240 a minute and 5,000 an hour",
        );
    }
    let scope = match refusal.quota.contains("project") {
        true => Scope::Account,
        false => Scope::Unsaid,
    };
    means(
        Class::Throttled,
        scope,
        "spread messages out, or ask for more quota in Google Cloud console, APIs & Services, \
         Firebase Cloud Messaging API, Quotas",
    )
}

/// What is forbidden to the account, in Google's word; without one it may be the message's own.
fn forbidden(info: &str) -> Meaning {
    let (scope, remedy) = match info {
        "SERVICE_DISABLED" => (
            Scope::Credential,
            "enable the Firebase Cloud Messaging API for the project in Google Cloud console, \
             APIs & Services",
        ),
        "BILLING_DISABLED" | "CONSUMER_SUSPENDED" | "CONSUMER_INVALID" => (
            Scope::Credential,
            "check in Google Cloud console that the project of project_id exists and is active",
        ),
        "ACCESS_TOKEN_SCOPE_INSUFFICIENT" => (
            Scope::Credential,
            "check the token_uri setting: its server gave a token without the scope \
             firebase.messaging",
        ),
        info => (
            match info {
                "IAM_PERMISSION_DENIED" => Scope::Credential,
                _ => Scope::Unsaid,
            },
            "grant the service account the role Firebase Cloud Messaging API Admin (permission \
             cloudmessaging.messages.create) in the project of project_id",
        ),
    };
    means(Class::Credential, scope, remedy)
}
