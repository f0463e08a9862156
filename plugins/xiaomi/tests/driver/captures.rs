//! Answers in the form that Xiaomi gives them, one file each.

use nudged_plugin_api::Class::{
    self, Accepted, BadRequest, Credential, InvalidToken, QuotaExceeded, Throttled, Unavailable,
};
use nudged_plugin_api::{HttpResponse, Verdict};

use crate::reasons::{decode_for, decode_one};

pub fn read(file: &str) -> HttpResponse {
    let path = format!("{}/tests/captures/{file}", env!("CARGO_MANIFEST_DIR"));
    let body = std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let status = if file == "bad-gateway.html" { 502 } else { 200 };
    HttpResponse::new(status, body)
}

fn verdict_of(file: &str) -> Verdict {
    decode_one(&read(file))
}

#[test]
#[rustfmt::skip]
fn each_capture_means_what_xiaomi_says_it_means() {
    let table: [(&str, Class, &str, &str); 8] = [
        ("accepted.json", Accepted, "", ""),
        ("accepted-with-quota.json", Accepted, "", ""),
        ("no-valid-targets.json", InvalidToken, "20301", "No valid targets!; 发送消息失败; Send message failed; trace Xcm1"),
        ("quota.json", QuotaExceeded, "200001", "day quota 20000"),
        ("too-fast.json", Throttled, "200002", "QPS exceeded; 超过QPS限制; trace Xcm4"),
        ("wrong-secret.json", Credential, "21301", "认证失败"),
        ("wrong-channel.json", BadRequest, "27001", "does not fit"),
        ("bad-gateway.html", Unavailable, "HTTP 502", ""),
    ];
    for (file, class, code, text) in table {
        let verdict = verdict_of(file);
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
fn every_device_of_an_accepted_batch_gets_the_messages_id() {
    let verdicts = decode_for(&["a", "b", "c"], &read("accepted.json"));
    assert_eq!(verdicts.len(), 3);
    for verdict in verdicts {
        assert_eq!(verdict.class, Accepted);
        assert_eq!(verdict.vendor_id.as_deref(), Some("scm00b1234"));
    }
}

#[test]
fn the_id_is_read_from_data_that_is_a_text_too() {
    let body = r#"{"result":"ok","code":0,"data":"{\"id\":\"scm1\"}"}"#;
    let verdict = decode_one(&HttpResponse::new(200, body));
    assert_eq!(verdict.vendor_id.as_deref(), Some("scm1"));
}
