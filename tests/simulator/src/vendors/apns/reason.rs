//! APNs refusals: the reason strings and their statuses, from Apple's "Handling
//! notification responses from APNs".

use http::StatusCode;

/// Why APNs refuses a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    BadCertificate,
    BadCertificateEnvironment,
    BadCollapseId,
    BadDeviceToken,
    BadExpirationDate,
    BadMessageId,
    BadPath,
    BadPriority,
    BadTopic,
    DeviceTokenNotForTopic,
    DuplicateHeaders,
    ExpiredProviderToken,
    InvalidProviderToken,
    InvalidPushType,
    MethodNotAllowed,
    MissingDeviceToken,
    MissingProviderToken,
    MissingTopic,
    PayloadEmpty,
    PayloadTooLarge,
    TooManyProviderTokenUpdates,
    TopicDisallowed,
    Unregistered,
    UnrelatedKeyIdInToken,
    /// Not Apple's: the payload breaks a documented rule that APNs itself leaves to the phone.
    SimulatorBadPayload,
}

impl Reason {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Reason::BadCertificate => "BadCertificate",
            Reason::BadCertificateEnvironment => "BadCertificateEnvironment",
            Reason::BadCollapseId => "BadCollapseId",
            Reason::BadDeviceToken => "BadDeviceToken",
            Reason::BadExpirationDate => "BadExpirationDate",
            Reason::BadMessageId => "BadMessageId",
            Reason::BadPath => "BadPath",
            Reason::BadPriority => "BadPriority",
            Reason::BadTopic => "BadTopic",
            Reason::DeviceTokenNotForTopic => "DeviceTokenNotForTopic",
            Reason::DuplicateHeaders => "DuplicateHeaders",
            Reason::ExpiredProviderToken => "ExpiredProviderToken",
            Reason::InvalidProviderToken => "InvalidProviderToken",
            Reason::InvalidPushType => "InvalidPushType",
            Reason::MethodNotAllowed => "MethodNotAllowed",
            Reason::MissingDeviceToken => "MissingDeviceToken",
            Reason::MissingProviderToken => "MissingProviderToken",
            Reason::MissingTopic => "MissingTopic",
            Reason::PayloadEmpty => "PayloadEmpty",
            Reason::PayloadTooLarge => "PayloadTooLarge",
            Reason::TooManyProviderTokenUpdates => "TooManyProviderTokenUpdates",
            Reason::TopicDisallowed => "TopicDisallowed",
            Reason::Unregistered => "Unregistered",
            Reason::UnrelatedKeyIdInToken => "UnrelatedKeyIdInToken",
            Reason::SimulatorBadPayload => "SimulatorBadPayload",
        }
    }

    pub(crate) fn status(self) -> StatusCode {
        match self {
            Reason::BadCertificate
            | Reason::BadCertificateEnvironment
            | Reason::ExpiredProviderToken
            | Reason::InvalidProviderToken
            | Reason::MissingProviderToken
            | Reason::UnrelatedKeyIdInToken => StatusCode::FORBIDDEN,
            Reason::BadPath => StatusCode::NOT_FOUND,
            Reason::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Reason::Unregistered => StatusCode::GONE,
            Reason::PayloadTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Reason::TooManyProviderTokenUpdates => StatusCode::TOO_MANY_REQUESTS,
            _ => StatusCode::BAD_REQUEST,
        }
    }
}

/// The reason that an injected status carries when the fault names none.
pub(crate) fn usual_reason(status: u16) -> &'static str {
    match status {
        400 => "BadDeviceToken",
        403 => "ExpiredProviderToken",
        404 => "BadPath",
        405 => "MethodNotAllowed",
        410 => "Unregistered",
        413 => "PayloadTooLarge",
        429 => "TooManyRequests",
        503 => "ServiceUnavailable",
        _ => "InternalServerError",
    }
}

/// A refusal with what its JSON needs besides the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) reason: Reason,
    pub(crate) detail: Option<String>,
    pub(crate) timestamp_ms: Option<u64>,
}

impl Refusal {
    /// A broken payload rule, in words.
    pub(crate) fn payload(detail: impl Into<String>) -> Refusal {
        Refusal {
            reason: Reason::SimulatorBadPayload,
            detail: Some(detail.into()),
            timestamp_ms: None,
        }
    }

    /// The token died at the given time.
    pub(crate) fn unregistered(timestamp_ms: u64) -> Refusal {
        Refusal {
            reason: Reason::Unregistered,
            detail: None,
            timestamp_ms: Some(timestamp_ms),
        }
    }
}

impl From<Reason> for Refusal {
    fn from(reason: Reason) -> Refusal {
        Refusal {
            reason,
            detail: None,
            timestamp_ms: None,
        }
    }
}
