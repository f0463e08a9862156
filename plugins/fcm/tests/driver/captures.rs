//! Answers as Google gives them: published samples and reports, one file each.

use nudged_plugin_api::Class::{
    self, Accepted, BadRequest, Credential, GrantExpired, InvalidToken, Throttled, Unavailable,
};
use nudged_plugin_api::HttpResponse;

use crate::reasons::decode;

fn verdict_of(http: u16, file: &str) -> nudged_plugin_api::Verdict {
    let path = format!("{}/tests/captures/{file}", env!("CARGO_MANIFEST_DIR"));
    let body = std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    decode(&HttpResponse::new(http, body))
}

#[test]
#[rustfmt::skip]
fn each_capture_means_what_google_says_it_means() {
    let table: [(&str, u16, Class, &str, &str); 17] = [
        ("accepted.json", 200, Accepted, "", ""),
        ("accepted-dry-run.json", 200, Accepted, "", ""),
        ("token-malformed.json", 400, InvalidToken, "INVALID_ARGUMENT", "not a valid FCM registration token"),
        ("token-invalid-field.json", 400, InvalidToken, "INVALID_ARGUMENT", "message.token: Invalid registration token"),
        ("target-missing.json", 400, BadRequest, "INVALID_ARGUMENT", "Recipient of the message is not set."),
        ("data-not-text.json", 400, BadRequest, "INVALID_ARGUMENT", "message.data[0].value"),
        ("ttl-invalid.json", 400, BadRequest, "INVALID_ARGUMENT", "message.android.ttl: Invalid ttl"),
        ("too-big.json", 400, BadRequest, "INVALID_ARGUMENT", "Android message is too big"),
        ("too-big-without-details.json", 400, BadRequest, "INVALID_ARGUMENT", "invalid argument"),
        ("unregistered.json", 404, InvalidToken, "UNREGISTERED", "Requested entity was not found."),
        ("project-unknown.json", 404, Credential, "NOT_FOUND", "Requested entity was not found."),
        ("sender-id-mismatch.json", 403, InvalidToken, "SENDER_ID_MISMATCH", "SenderId mismatch"),
        ("api-disabled.json", 403, Credential, "PERMISSION_DENIED", "SERVICE_DISABLED"),
        ("access-token-expired.json", 401, GrantExpired, "UNAUTHENTICATED", "ACCESS_TOKEN_EXPIRED"),
        ("apns-key-wrong.json", 401, Credential, "THIRD_PARTY_AUTH_ERROR", "APNS or Web Push auth credential"),
        ("project-quota.json", 429, Throttled, "RESOURCE_EXHAUSTED", "Send requests per minute"),
        ("bad-gateway.html", 502, Unavailable, "HTTP 502", ""),
    ];
    for (file, http, class, code, text) in table {
        let verdict = verdict_of(http, file);
        assert_eq!(verdict.class, class, "{file}");
        assert_eq!(verdict.code, code, "{file}");
        assert!(verdict.text.contains(text), "{file}: {}", verdict.text);
    }
    let mut files: Vec<_> = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/captures"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.retain(|file| file != "README.md" && !table.iter().any(|row| row.0 == file));
    assert!(files.is_empty(), "captures without a row: {files:?}");
}

#[test]
fn an_accepted_message_carries_fcms_name_for_it() {
    assert_eq!(
        verdict_of(200, "accepted.json").vendor_id.as_deref(),
        Some("projects/chat-1a2b3/messages/0:1790000000123456%31bd1c9631bd1c96")
    );
}
