//! JSON Web Tokens as the vendors take them: compact form; ES256, RS256 or PS256.
//! In: the text. Out: its parts, and whether a public key signed it. Knows no clock.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use p256::ecdsa::signature::Verifier;
use serde::Deserialize;
use serde_json::{Map, Value};

/// A token taken apart, not yet believed.
#[derive(Debug)]
pub(crate) struct Jwt<'a> {
    pub(crate) header: Header,
    pub(crate) claims: Map<String, Value>,
    signed: &'a str,
    signature: Vec<u8>,
}

/// The header fields that matter here; others are ignored, as the vendors do.
#[derive(Debug, Deserialize)]
pub(crate) struct Header {
    pub(crate) alg: String,
    #[serde(default)]
    pub(crate) kid: Option<String>,
    #[serde(default)]
    pub(crate) typ: Option<String>,
}

impl<'a> Jwt<'a> {
    pub(crate) fn parse(text: &'a str) -> Option<Jwt<'a>> {
        Jwt::parse_in(text, &URL_SAFE_NO_PAD)
    }

    /// In the ordinary base64 with padding: no JWT by RFC 7515, but what some clients send.
    pub(crate) fn parse_padded(text: &'a str) -> Option<Jwt<'a>> {
        Jwt::parse_in(text, &STANDARD)
    }

    fn parse_in(text: &'a str, base64: &impl Engine) -> Option<Jwt<'a>> {
        let (signed, signature) = text.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        if claims.contains('.') {
            return None;
        }
        Some(Jwt {
            header: serde_json::from_slice(&base64.decode(header).ok()?).ok()?,
            claims: serde_json::from_slice(&base64.decode(claims).ok()?).ok()?,
            signed,
            signature: base64.decode(signature).ok()?,
        })
    }

    /// A claim that is a string.
    pub(crate) fn text(&self, claim: &str) -> Option<&str> {
        self.claims.get(claim)?.as_str()
    }

    /// A claim that is a number of seconds; a fraction is cut off.
    pub(crate) fn seconds(&self, claim: &str) -> Option<i64> {
        let value = self.claims.get(claim)?;
        value
            .as_i64()
            .or_else(|| value.as_f64().map(|seconds| seconds as i64))
    }

    /// RFC 7518 3.4: the signature is R and S, 32 bytes each. The DER that OpenSSL makes is refused.
    pub(crate) fn is_signed_es256(&self, key: &p256::ecdsa::VerifyingKey) -> bool {
        self.header.alg == "ES256"
            && p256::ecdsa::Signature::from_slice(&self.signature)
                .is_ok_and(|signature| key.verify(self.signed.as_bytes(), &signature).is_ok())
    }

    pub(crate) fn is_signed_rs256(
        &self,
        key: &rsa::pkcs1v15::VerifyingKey<rsa::sha2::Sha256>,
    ) -> bool {
        self.header.alg == "RS256"
            && rsa::pkcs1v15::Signature::try_from(self.signature.as_slice())
                .is_ok_and(|signature| key.verify(self.signed.as_bytes(), &signature).is_ok())
    }

    /// RFC 7518 3.5: RSASSA-PSS with SHA-256, MGF1 with the same, and a salt of 32 bytes.
    pub(crate) fn is_signed_ps256(&self, key: &rsa::pss::VerifyingKey<rsa::sha2::Sha256>) -> bool {
        self.header.alg == "PS256"
            && rsa::pss::Signature::try_from(self.signature.as_slice())
                .is_ok_and(|signature| key.verify(self.signed.as_bytes(), &signature).is_ok())
    }
}

#[cfg(test)]
mod tests {
    use rsa::RsaPublicKey;
    use rsa::pkcs8::DecodePublicKey;
    use rsa::sha2::Sha256;

    use super::*;

    /// A public key, and texts that OpenSSL signed with salts of 32 and of 20 bytes.
    const KEY: &str = "-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAsFl8wjoex8/Di1BAlVIa
9EXGWa/G8jejll/MBdLB8VHcAVewC0IX3Kn+vrWKTUgO5/q++zLw38AZNW2NMb6z
PN6eLUdz29Q45ATfCb0XEt3pdwgQSnLpotwLjVwkBlqqx5fwcP/DNhoOSENa6Wnf
RBWIMmYiW/6OYoVfphx+rQAEL/SLqs0/VjPyd9f3RT+cpXuZzOvIlvykhCnf3tG+
kmDymQmPSKHA30QXTX/sjUvaiN3WyFUBRrv3Ex1qjT/xvIgYvtr/7UUFk44IAOIE
4WWs9mlCGy2sEdZYXjRRAXZx/38hBTUqaqE5YPZK0Aoduros/dOg5LqqEJUHL9wi
pQIDAQAB
-----END PUBLIC KEY-----
";
    const TEXT: &str = "\
        eyJhbGciOiJQUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6ImsxIn0.eyJpc3MiOiIxMDAwMDAwMDAiLCJhdWQi\
        OiJodHRwczovL29hdXRoLWxvZ2luLmNsb3VkLmh1YXdlaS5jb20vb2F1dGgyL3YzL3Rva2VuIiwiaWF0Ijox\
        NzAwMDAwMDAwLCJleHAiOjE3MDAwMDM2MDB9";
    const SALT_32: &str = "\
        JDO5x4ZjogixpjvN_Pui3Wt24zu5bj_UKu4zn4OhwkoS7kWUjzn43ChscXCRQDhWyg32lnyhs8Oky59Ircea\
        dkoN3TKrzfEIR-spfTQDx9IiUCoDs5heJXWpU0JHvt8Na-CCCo_qY2Z9HJPW8u_R76xXIJMoF6TqjfaJNIz7\
        oK5MCoEawkmITZnoo4emVIplpC2R-U9I-YzTpTPDHZs_Y4reK65s8oEftMdRmqXgRxDUUn97c2S07s5A1rWd\
        YrGVU39D2SBCKfu015j3P_MsmTtakMRna--FFG17ZO1X_BPbPocI0KSm_62yn_EPGBOoOG1VYGSA0KESw1_z\
        3Okvzg";
    const SALT_20: &str = "\
        QfWlpt5Tr7ebybHL4_CCoijIdJPsqJfmobhQbPEoqi1vQcbE2yyB3bafqlrO4W6n7Fmv_5JKReu7Je6fJDyt\
        rgU0nwi0vtJGKKmbef6Cx3yifMkVcbEPp2zIiXny_pluQjo2vDCzpAMLJD5UZmt7BruJjgwhfyFqr0yqOmqY\
        m_Hrs4jYYpeBnOor6slE94gGW9VmGkmYy1KENaIUvZ6iY5ORo2Ae_3H_2eBb47xoNPaNwQel4zEC8mPQgqRP\
        mG11oIT-LwrblfPaOD9JB7CK6_fsaRo8D1hKbRTMqRNACrbDJgOX-mTP8lhqUGArXEDphxfYTYASj8MVr8pH\
        DGh8wQ";

    #[test]
    fn ps256_is_what_openssl_signs_with_a_salt_of_32_bytes() {
        let key = RsaPublicKey::from_public_key_pem(KEY).unwrap();
        let key = rsa::pss::VerifyingKey::<Sha256>::new(key);
        let is_signed = |text: &str, signature: &str| {
            let jwt = format!("{text}.{signature}");
            Jwt::parse(&jwt).unwrap().is_signed_ps256(&key)
        };

        assert!(is_signed(TEXT, SALT_32));
        assert!(!is_signed(TEXT, SALT_20));
        assert!(!is_signed(&TEXT.replace("eyJpc3Mi", "eyJJc3Mi"), SALT_32));
    }
}
