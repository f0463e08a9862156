//! Provider tokens, and the files that their keys are in.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use nudged_apns::Apns;
use nudged_plugin_api::{Authorize, Driver, File, Grant, Timestamp};
use p256::ecdsa::signature::Verifier as _;
use p256::ecdsa::{Signature, VerifyingKey};
use serde_json::{Value, json};

use crate::account::{NOW, key_settings, open, p8, secret};

fn channel(scalar: u8) -> Apns {
    open(&key_settings().with("key", File::new("k.p8", p8(scalar))))
}

fn sign(scalar: u8, now: Timestamp) -> Grant {
    match channel(scalar).authorize(now) {
        Authorize::Ready(grant) => grant,
        other => panic!("{other:?}"),
    }
}

/// What is wrong with a file.
fn refused(file: &[u8]) -> Option<String> {
    let settings = key_settings().with("key", File::new("k.p8", file));
    let error = Apns::open(&settings, NOW).err()?;
    assert_eq!(error.setting, "key");
    Some(error.problem)
}

fn part(encoded: &str) -> Value {
    let bytes = URL_SAFE_NO_PAD.decode(encoded).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

#[test]
fn a_token_verifies_and_makes_apples_claims() {
    let now = NOW.plus_millis(999);
    let token = sign(7, now).value;

    let (signed, signature) = token.rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    assert_eq!(signature.len(), 64, "JOSE form, not DER");
    let public = VerifyingKey::from(secret(7).public_key());
    let signature = Signature::from_slice(&signature).unwrap();
    public.verify(signed.as_bytes(), &signature).unwrap();
    let (header, claims) = signed.split_once('.').unwrap();
    assert_eq!(part(header), json!({"alg": "ES256", "kid": "ABC123DEFG"}));
    let issued = NOW.seconds();
    assert_eq!(part(claims), json!({"iss": "DEF123GHIJ", "iat": issued}));
}

#[test]
fn a_token_lives_an_hour_from_its_claim_and_is_renewed_at_fifty_minutes() {
    let grant = sign(7, NOW.plus_millis(999));
    assert_eq!(grant.issued_at, NOW);
    assert_eq!(grant.refresh_at, NOW.plus_seconds(50 * 60));
    assert_eq!(grant.expires_at, NOW.plus_seconds(60 * 60));
    assert_eq!(grant.not_again_before, NOW.plus_seconds(20 * 60));
}

#[test]
fn signing_twice_at_the_same_time_gives_the_same_token() {
    assert_eq!(sign(7, NOW), sign(7, NOW));
}

#[test]
fn a_rotated_key_with_the_same_ids_is_another_account() {
    let scope = |scalar| channel(scalar).grant_scope().unwrap();
    let usual = scope(7);
    let (account, fingerprint) = usual.rsplit_once('/').unwrap();
    assert_eq!(account, "DEF123GHIJ/ABC123DEFG");
    assert_eq!(fingerprint.len(), 16);
    assert_eq!(usual, scope(7));
    assert_ne!(usual, scope(8));
}

#[test]
fn a_key_is_read_whatever_happened_to_its_line_breaks() {
    let file = p8(7);
    let marked = format!("\u{feff}{file}");
    for file in [
        file.clone().into_bytes(),
        file.replace('\n', "\r\n").into(),
        file.replace('\n', " ").into(),
        file.replace('\n', "").into(),
        format!("\"{}\"", file.trim().replace('\n', "\\n")).into(),
        format!("\u{feff}\n{file}\n").into(),
        marked.encode_utf16().flat_map(u16::to_le_bytes).collect(),
    ] {
        let shown = String::from_utf8_lossy(&file).into_owned();
        assert_eq!(refused(&file), None, "{shown}");
    }
}

#[test]
fn a_file_that_is_no_p8_is_called_what_it_seems_to_be() {
    let pem = |label: &str| format!("-----BEGIN {label}-----\nAAAA\n-----END {label}-----\n");
    let pkcs8 = |oid: &[u8]| {
        let der = [&[0x30, 0x20, 2, 1, 0, 0x30, 0x0d][..], oid, &[0; 9]].concat();
        pem("PRIVATE KEY").replace("AAAA", &STANDARD.encode(der))
    };
    let made = |algorithm| {
        let key = rcgen::KeyPair::generate_for(algorithm).unwrap();
        key.serialize_pem()
    };
    let rsa = pkcs8(&[
        6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 5, 0,
    ]);
    for (file, instead) in [
        (String::new(), "empty"),
        (" \n".to_owned(), "empty"),
        (pem("CERTIFICATE"), "a certificate"),
        (pem("CERTIFICATE REQUEST"), "signing request"),
        (pem("PUBLIC KEY"), "a public key"),
        (pem("RSA PRIVATE KEY"), "an RSA key"),
        (rsa, "an RSA key"),
        (pem("EC PRIVATE KEY"), "SEC1"),
        (pem("ENCRYPTED PRIVATE KEY"), "encrypted"),
        (pem("OPENSSH PRIVATE KEY"), "OpenSSH"),
        (made(&rcgen::PKCS_ECDSA_P384_SHA384), "other than P-256"),
        (made(&rcgen::PKCS_ED25519), "Ed25519"),
        (pem("PRIVATE KEY"), "unknown kind, or damaged"),
        (pem("PRIVATE KEY").replace("AAAA", "A*A"), "damaged"),
        (p8(7).replace("-----END", "END"), "without its END line"),
        (STANDARD.encode(p8(7)), "base64 of a whole"),
        (r#"{"type": "service_account"}"#.to_owned(), "JSON"),
        ("/etc/nudged/AuthKey.p8".to_owned(), "name of a file"),
    ] {
        let said = refused(file.as_bytes()).expect("this is no .p8 file");
        assert!(said.contains(instead), "{file}: {said}");
    }
}

#[test]
fn a_binary_key_is_called_binary() {
    use p256::pkcs8::EncodePrivateKey as _;
    let der = secret(7).to_pkcs8_der().unwrap();
    let said = refused(der.as_bytes()).expect("DER is no PEM");
    assert!(said.contains("DER"), "{said}");
}

#[test]
fn no_answer_repeats_the_files_text() {
    let said = refused(b"-----BEGIN TOP SECRET-----\n-----END TOP SECRET-----").unwrap();
    assert!(!said.contains("SECRET"), "{said}");
}
