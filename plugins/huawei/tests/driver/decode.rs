//! Answers as Push Kit gives them, one file each.

use nudged_plugin_api::Class::{
    self, Accepted, BadRequest, Credential, GrantExpired, InvalidToken, Throttled, Unavailable,
};
use nudged_plugin_api::{HttpResponse, Verdict};

use crate::account::{TOKEN, decode};

/// File, HTTP status, and what it means for `TOKEN` and for `IQAAAADEAD`.
pub const CAPTURES: [(&str, u16, Class, Class); 10] = [
    ("accepted.json", 200, Accepted, Accepted),
    ("partial.json", 200, Accepted, InvalidToken),
    ("all-tokens-invalid.json", 400, InvalidToken, InvalidToken),
    ("parameter-wrong.json", 400, BadRequest, BadRequest),
    ("too-big.json", 400, BadRequest, BadRequest),
    ("token-expired.json", 401, GrantExpired, GrantExpired),
    ("no-permission.json", 400, Credential, Credential),
    ("no-right-for-high.json", 400, BadRequest, BadRequest),
    ("internal.json", 500, Unavailable, Unavailable),
    ("flow-control.html", 503, Throttled, Throttled),
];

pub fn capture(file: &str, http: u16) -> HttpResponse {
    let path = format!("{}/tests/captures/{file}", env!("CARGO_MANIFEST_DIR"));
    let body = std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    HttpResponse::new(http, body)
}

fn verdicts(file: &str, http: u16) -> Vec<Verdict> {
    decode(&[TOKEN, "IQAAAADEAD"], &capture(file, http))
}

#[test]
fn each_capture_means_what_huawei_says_it_means() {
    for (file, http, first, second) in CAPTURES {
        let verdicts = verdicts(file, http);
        assert_eq!(
            (verdicts[0].class, verdicts[1].class),
            (first, second),
            "{file}"
        );
    }
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/captures");
    let mut files: Vec<_> = std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.retain(|file| file != "README.md" && !CAPTURES.iter().any(|row| row.0 == file));
    assert!(files.is_empty(), "captures without a row: {files:?}");
}

#[test]
fn an_accepted_message_carries_the_request_id() {
    for verdict in verdicts("accepted.json", 200) {
        assert_eq!(verdict.vendor_id.as_deref(), Some("160000000000000001"));
    }
    let partial = verdicts("partial.json", 200);
    assert_eq!(partial[0].vendor_id.as_deref(), Some("160000000000000002"));
    assert_eq!(partial[1].vendor_id, None);
}
