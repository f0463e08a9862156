//! The proof in every request: "签名认证" of the TPNS documents.
//!
//! In: the time of the request, the AccessId, the body as it is sent, and the SecretKey.
//! Out: the value of the header `Sign`.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, Mac};
use nudged_driver_kit::text::hex;
use sha2::Sha256;

/// Base64 of the lower-case hex text of the HMAC-SHA256 over time, AccessId and body.
pub(crate) fn sign(seconds: &str, access_id: &str, body: &[u8], secret_key: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret_key.as_bytes())
        .expect("an HMAC takes a key of any length");
    for part in [seconds.as_bytes(), access_id.as_bytes(), body] {
        mac.update(part);
    }
    BASE64_STANDARD.encode(hex(&mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::sign;

    #[test]
    fn the_documents_own_example_comes_out() {
        let body = r#"{"audience_type": "account","platform": "android","message": {"title": "test title","content": "test content","android": { "action": {"action_type": 3,"intent": "xgscheme://com.xg.push/notify_detail?param1=xg"}}},"message_type": "notify","account_list": ["5822f0eee44c3625ef0000bb"] }"#;
        let key = "1452fcebae9f3115ba794fb0fff2fd73";
        let expected = "Y2QyMDc3NDY4MmJmNzhiZmRiNDNlMTdkMWQ1ZDU2YjNlNWI3ODlhMTY3MGZjMTUyN2VmNTRjNjVkMmQ3Yjc2ZA==";
        assert_eq!(
            sign("1565314789", "1500001048", body.as_bytes(), key),
            expected
        );
        assert_ne!(
            sign("1565314790", "1500001048", body.as_bytes(), key),
            expected
        );
    }
}
