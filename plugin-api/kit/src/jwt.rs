//! JSON Web Tokens (RFC 7519), as vendors want them signed with a channel's key.
//!
//! In: header, claims, and how the key signs. Out: the token, byte for byte the same for the same
//! input where the signature is. Refuses to know keys and algorithms.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::Serialize;

/// The token of these claims: `sign` is given what is signed, and gives the signature's bytes.
pub fn signed<S: AsRef<[u8]>>(
    header: &impl Serialize,
    claims: &impl Serialize,
    sign: impl FnOnce(&[u8]) -> S,
) -> String {
    let mut token = format!("{}.{}", part(header), part(claims));
    let signature = sign(token.as_bytes());
    token.push('.');
    BASE64_URL_SAFE_NO_PAD.encode_string(signature, &mut token);
    token
}

fn part(value: &impl Serialize) -> String {
    let json = serde_json::to_vec(value).expect("texts and numbers always make JSON");
    BASE64_URL_SAFE_NO_PAD.encode(json)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_token_is_header_claims_and_signature_in_base64_of_urls() {
        let header = json!({"alg": "none"});
        let claims = json!({"iss": "a", "iat": 1});
        let mut seen = Vec::new();
        let token = signed(&header, &claims, |text| {
            seen = text.to_vec();
            [0xfb, 0xff]
        });
        let (head, signature) = token.rsplit_once('.').expect("three parts");
        assert_eq!(head.as_bytes(), seen);
        assert_eq!(signature, "-_8");
        assert!(head.starts_with("eyJhbGciOiJub25lIn0."), "{head}");
    }
}
