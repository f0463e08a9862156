//! The JWT, seen by the one who verifies it.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use nudged_harmony::Harmony;
use nudged_plugin_api::{Authorize, Class, Driver, Grant, HttpResponse, Timestamp};
use rsa::pss::{Signature, VerifyingKey};
use rsa::sha2::{Digest, Sha256};
use rsa::signature::Verifier;
use rsa::traits::PublicKeyParts;
use rsa::{BigUint, RsaPrivateKey};
use serde_json::{Value, json};

use crate::account::{NOW, channel, key, key_file, key_of, open, pem_of, settings, with_file};

fn grant(driver: &Harmony, now: Timestamp) -> Grant {
    match driver.authorize(now) {
        Authorize::Ready(grant) => grant,
        other => panic!("{other:?}"),
    }
}

fn part(jwt: &str, index: usize) -> Value {
    let part = jwt.split('.').nth(index).unwrap();
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

fn signature(jwt: &str) -> Vec<u8> {
    let (_, signature) = jwt.rsplit_once('.').unwrap();
    BASE64_URL_SAFE_NO_PAD.decode(signature).unwrap()
}

/// Whether the signature is PS256 with a salt of so many bytes.
fn verifies(jwt: &str, salt: usize) -> bool {
    let (signed, _) = jwt.rsplit_once('.').unwrap();
    let signature = Signature::try_from(signature(jwt).as_slice()).unwrap();
    VerifyingKey::<Sha256>::new_with_salt_len(key().to_public_key(), salt)
        .verify(signed.as_bytes(), &signature)
        .is_ok()
}

#[test]
fn the_jwt_says_what_huawei_asks_for_and_its_signature_holds() {
    let jwt = grant(&channel(), NOW).value;
    assert_eq!(
        part(&jwt, 0),
        json!({"alg": "PS256", "typ": "JWT", "kid": "0123456789abcdef0123456789abcdef"})
    );
    assert_eq!(
        part(&jwt, 1),
        json!({
            "iss": "100000077",
            "aud": "https://oauth-login.cloud.huawei.com/oauth2/v3/token",
            "iat": 1_790_000_000_u64,
            "exp": 1_790_003_600_u64,
        })
    );
    assert!(verifies(&jwt, 32));
    assert!(!verifies(&jwt, 0) && !verifies(&jwt, 20));
}

#[test]
fn a_jwt_that_was_changed_does_not_verify() {
    let jwt = grant(&channel(), NOW).value;
    let (head, rest) = jwt.split_once('.').unwrap();
    let (claims, signature) = rest.split_once('.').unwrap();
    let mut claims = BASE64_URL_SAFE_NO_PAD.decode(claims).unwrap();
    let end = claims.len() - 2;
    claims[end] ^= 1;
    let claims = BASE64_URL_SAFE_NO_PAD.encode(claims);
    assert!(!verifies(&format!("{head}.{claims}.{signature}"), 32));
}

#[test]
fn the_same_second_gives_the_same_jwt_and_another_another_signature() {
    let first = grant(&channel(), NOW);
    assert_eq!(first, grant(&channel(), NOW));
    assert_eq!(first, grant(&channel(), Timestamp(NOW.0 + 800)));
    let later = grant(&channel(), NOW.plus_seconds(1));
    assert_ne!(signature(&first.value), signature(&later.value));
    assert!(verifies(&later.value, 32));
}

/// The salt in a JWT's signature: RFC 8017 §9.1.2, steps 6 to 11, for a key of 2048 bits.
fn salt(jwt: &str, key: &RsaPrivateKey) -> Vec<u8> {
    let message = BigUint::from_bytes_be(&signature(jwt)).modpow(key.e(), key.n());
    let mut message = message.to_bytes_be();
    while message.len() < 256 {
        message.insert(0, 0);
    }
    let (masked, rest) = message.split_at(256 - 32 - 1);
    let hash = &rest[..32];
    let mask = (0..7_u32).flat_map(|counter| {
        let block = Sha256::new().chain_update(hash);
        block
            .chain_update(counter.to_be_bytes())
            .finalize()
            .to_vec()
    });
    let block: Vec<u8> = masked.iter().zip(mask).map(|(a, b)| a ^ b).collect();
    let (padding, salt) = block.split_at(block.len() - 32);
    assert_eq!(padding.last(), Some(&1), "where the salt begins");
    salt.to_vec()
}

#[test]
fn each_text_and_each_key_has_a_salt_of_its_own() {
    let jwt = grant(&channel(), NOW).value;
    let first = salt(&jwt, key());
    let later = grant(&channel(), NOW.plus_seconds(1)).value;
    assert_ne!(first, salt(&later, key()));

    let other = key_of(8, 2048);
    let mut file = key_file();
    file["private_key"] = json!(pem_of(&other));
    let others = grant(&open(&with_file(&file.to_string())), NOW).value;
    let text = |jwt: &str| jwt.rsplit_once('.').unwrap().0.to_owned();
    assert_eq!(text(&jwt), text(&others));
    assert_ne!(first, salt(&others, &other));
}

#[test]
fn every_moment_verifies() {
    for second in 0..20 {
        let jwt = grant(&channel(), NOW.plus_seconds(second * 977)).value;
        assert!(verifies(&jwt, 32), "{second}");
        assert_eq!(signature(&jwt).len(), 256);
    }
}

#[test]
fn the_grant_ends_with_the_jwt_and_is_renewed_five_minutes_early() {
    let grant = grant(&channel(), NOW);
    let whole = Timestamp::from_seconds(NOW.seconds());
    assert_eq!(grant.issued_at, whole);
    assert_eq!(grant.refresh_at, whole.plus_seconds(3300));
    assert_eq!(grant.expires_at, whole.plus_seconds(3600));
}

#[test]
fn the_audience_stays_wherever_requests_go() {
    let moved = settings().with("endpoint", "https://push.example");
    let mut file = key_file();
    file["token_uri"] = json!("https://elsewhere.example/token");
    for settings in [moved, with_file(&file.to_string())] {
        let jwt = grant(&open(&settings), NOW).value;
        assert_eq!(
            part(&jwt, 1)["aud"],
            "https://oauth-login.cloud.huawei.com/oauth2/v3/token"
        );
    }
}

#[test]
fn the_grant_scope_changes_with_every_part_of_the_credential() {
    let usual = channel().grant_scope().unwrap();
    assert!(usual.starts_with("100000077/0123456789abcdef0123456789abcdef/"));
    assert_eq!(usual, channel().grant_scope().unwrap());
    for (field, value) in [
        ("sub_account", "100000078".to_owned()),
        ("key_id", "f".repeat(32)),
        ("private_key", pem_of(&key_of(8, 2048))),
    ] {
        let mut file = key_file();
        file[field] = json!(value);
        let other = open(&with_file(&file.to_string())).grant_scope().unwrap();
        assert_ne!(usual, other, "{field}");
    }
}

#[test]
fn an_answer_to_a_request_for_a_token_is_no_grant_since_none_was_asked_for() {
    let answer = HttpResponse::new(200, r#"{"access_token":"a","expires_in":3600}"#);
    let verdict = channel().authorized(&answer, NOW).unwrap_err();
    assert_eq!(verdict.class, Class::Credential);
}
