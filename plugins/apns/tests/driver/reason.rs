//! What each of Apple's reasons means.

use nudged_driver_kit::apple;
use nudged_plugin_api::Class::{
    self, BadRequest, Credential, GrantExpired, InvalidToken, Throttled, ThrottledDevice,
    Unavailable,
};
use nudged_plugin_api::{HttpResponse, Scope};

use crate::decode::{answer, verdict};

/// Apple's tables, written from the pages: status, reason, class, spent connection, and what the
/// word speaks of.
#[rustfmt::skip]
const PAGES: [(u16, &str, Class, bool, Scope); 43] = [
    (400, "BadCollapseId", BadRequest, false, Scope::Message),
    (400, "BadDeviceToken", InvalidToken, false, Scope::Credential),
    (400, "BadExpirationDate", BadRequest, false, Scope::Message),
    (400, "BadMessageId", BadRequest, false, Scope::Message),
    (400, "BadPriority", BadRequest, false, Scope::Message),
    (400, "BadTopic", Credential, false, Scope::MessageClass),
    (400, "DeviceTokenNotForTopic", InvalidToken, false, Scope::Credential),
    (400, "DuplicateHeaders", BadRequest, false, Scope::Message),
    (400, "IdleTimeout", Unavailable, true, Scope::Unsaid),
    (400, "InvalidPushType", BadRequest, false, Scope::Message),
    (400, "MissingDeviceToken", BadRequest, false, Scope::Message),
    (400, "MissingTopic", BadRequest, false, Scope::Message),
    (400, "PayloadEmpty", BadRequest, false, Scope::Message),
    (400, "TopicDisallowed", Credential, false, Scope::MessageClass),
    (403, "BadCertificate", Credential, false, Scope::Credential),
    (403, "BadCertificateEnvironment", Credential, false, Scope::Credential),
    (403, "ExpiredProviderToken", GrantExpired, true, Scope::Unsaid),
    (403, "Forbidden", Credential, false, Scope::Unsaid),
    (403, "InvalidProviderToken", Credential, false, Scope::Credential),
    (403, "MissingProviderToken", Credential, false, Scope::Credential),
    (403, "UnrelatedKeyIdInToken", Unavailable, true, Scope::Unsaid),
    (403, "BadEnvironmentKeyIdInToken", Credential, false, Scope::Credential),
    (403, "BadEnvironmentKeyInToken", Credential, false, Scope::Credential),
    (404, "BadPath", BadRequest, false, Scope::Message),
    (405, "MethodNotAllowed", BadRequest, false, Scope::Message),
    (410, "ExpiredToken", InvalidToken, false, Scope::Token),
    (410, "Unregistered", InvalidToken, false, Scope::Token),
    (413, "PayloadTooLarge", BadRequest, false, Scope::Message),
    (429, "TooManyProviderTokenUpdates", Throttled, true, Scope::Account),
    (429, "TooManyRequests", ThrottledDevice, false, Scope::Token),
    (500, "InternalServerError", Unavailable, false, Scope::Unsaid),
    (503, "ServiceUnavailable", Unavailable, false, Scope::Unsaid),
    (503, "Shutdown", Unavailable, true, Scope::Unsaid),
    (400, "FeatureNotEnabled", Credential, false, Scope::MessageClass),
    (400, "MissingChannelId", BadRequest, false, Scope::Message),
    (400, "BadChannelId", BadRequest, false, Scope::Message),
    (400, "ChannelNotRegistered", InvalidToken, false, Scope::Token),
    (400, "BadRequestParams", BadRequest, false, Scope::Message),
    (400, "BadRequestPayload", BadRequest, false, Scope::Message),
    (400, "MissingPushType", BadRequest, false, Scope::Message),
    (400, "CannotCreateChannelConfig", BadRequest, false, Scope::Message),
    (400, "MissingChannelQueueSize", BadRequest, false, Scope::Message),
    (403, "TopicMismatch", Credential, false, Scope::MessageClass),
];

#[test]
fn each_reason_of_apples_pages_has_its_class() {
    for (status, reason, class, spent, scope) in PAGES {
        let verdict = answer(status, format!(r#"{{"reason":"{reason}"}}"#));
        assert_eq!(verdict.class, class, "{reason}");
        assert_eq!(verdict.scope, scope, "{reason}");
        assert_eq!(verdict.fresh_connection, spent, "{reason}");
        assert_eq!(verdict.code, reason);
        assert!(!verdict.remedy.is_empty(), "{reason}");
        assert_eq!(verdict.dead_since, None, "{reason}");
    }
    assert_eq!(apple::REASONS.codes().count(), PAGES.len());
}

#[test]
fn too_many_new_tokens_hold_the_channel_for_a_minute_not_for_twenty() {
    let verdict = answer(429, r#"{"reason":"TooManyProviderTokenUpdates"}"#);
    assert_eq!(verdict.retry_after_millis, Some(60_000));
    assert!(verdict.fresh_connection);
}

#[test]
fn an_unknown_reason_goes_by_status_and_stays_verbatim() {
    for (status, class) in [
        (400, BadRequest),
        (403, Credential),
        (404, BadRequest),
        (410, InvalidToken),
        (418, BadRequest),
        (429, Throttled),
        (500, Unavailable),
        (599, Unavailable),
    ] {
        let verdict = answer(status, r#"{"reason":"Sömething ☃ New"}"#);
        assert_eq!(verdict.class, class, "{status}");
        assert_eq!(verdict.code, "Sömething ☃ New");
        assert!(!verdict.fresh_connection);
    }
}

#[test]
fn retry_after_is_honoured_where_a_delivery_is_tried_again() {
    let wait = |status: u16, reason: &str| {
        let body = format!(r#"{{"reason":"{reason}"}}"#);
        let response = HttpResponse::new(status, body).with_header("retry-after", "900");
        verdict(&response).retry_after_millis
    };
    assert_eq!(wait(503, "ServiceUnavailable"), Some(900_000));
    assert_eq!(wait(503, "Shutdown"), Some(900_000));
    assert_eq!(wait(429, "TooManyRequests"), Some(900_000));
    assert_eq!(wait(500, "Unheard"), Some(900_000));
}
