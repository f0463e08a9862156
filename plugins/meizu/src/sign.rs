//! The proof in every request: "接口签名规范" of Meizu's PushAPI.
//!
//! In: the parameters as they are before form encoding, and the AppSecret. Out: the value
//! of the parameter `sign`.

use md5::{Digest, Md5};
use nudged_driver_kit::text::hex;

/// Lower-case hex of the MD5 over `name=value` of every parameter, sorted by name and without
/// anything in between, with the secret behind.
pub(crate) fn sign(parameters: &[(&str, &str)], secret: &str) -> String {
    let mut sorted = parameters.to_vec();
    sorted.sort_unstable();
    let mut digest = Md5::new();
    for (name, value) in sorted {
        for part in [name, "=", value] {
            digest.update(part);
        }
    }
    digest.update(secret);
    hex(&digest.finalize())
}

#[cfg(test)]
mod tests {
    use super::sign;

    #[test]
    fn the_documents_own_example_comes_out() {
        // The document prints the JSON with blanks; its digest is that of the compact text,
        // and its placeholder for the secret is the secret.
        let parameters = [
            ("appId", "10000"),
            ("pushIds", "RA50c6348036344485d01776773577c64740465480a6b"),
            (
                "messageJson",
                r#"{"title":"title","content":"content","pushTimeInfo":{"offLine":1,"validTime":24}}"#,
            ),
        ];
        assert_eq!(
            sign(&parameters, "<APP_SECRET>"),
            "ac076ff25d9900015a681cb5172aa53b"
        );
    }

    #[test]
    fn parameters_are_signed_by_name_and_not_by_place() {
        let mut parameters = [
            ("pushIds", "RA50aaa,RA50bbb"),
            (
                "messageJson",
                r#"{"noticeBarInfo":{"title":"Hello","content":"New message"}}"#,
            ),
            ("appId", "10000"),
        ];
        for _ in 0..3 {
            assert_eq!(
                sign(&parameters, "s3cr3t"),
                "225f29f631aa27a6547bc80ce1b41468"
            );
            parameters.rotate_left(1);
        }
        assert_ne!(
            sign(&parameters, "s3cr3u"),
            "225f29f631aa27a6547bc80ce1b41468"
        );
    }
}
