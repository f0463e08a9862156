use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use nudged_plugin_api::Timestamp;
use p12_keystore::{
    Certificate, EncryptionAlgorithm, KeyStore, KeyStoreEntry, MacAlgorithm, PrivateKey,
    PrivateKeyChain,
};
use rcgen::{CertificateParams, CertifiedIssuer, DnType, KeyPair, date_time_ymd};

use super::error::FileKind;
use super::{ClientIdentity, CredentialError, client_identities, roots};

const YEAR_2030: Timestamp = Timestamp::from_seconds(1_893_456_000);

struct Made {
    certificate: rcgen::Certificate,
    key: KeyPair,
}

fn made() -> Made {
    let key = KeyPair::generate().unwrap();
    let certificate = params().self_signed(&key).unwrap();
    Made { certificate, key }
}

fn params() -> CertificateParams {
    let mut params = CertificateParams::default();
    params
        .distinguished_name
        .push(DnType::CommonName, "Apple Push Services: org.example");
    params.not_before = date_time_ymd(2029, 1, 1);
    params.not_after = date_time_ymd(2031, 1, 1);
    params
}

fn read(contents: impl AsRef<[u8]>) -> Result<ClientIdentity, CredentialError> {
    client_identity("push.pem", contents.as_ref(), None, YEAR_2030)
}

/// The first of them.
fn client_identity(
    name: &str,
    contents: &[u8],
    password: Option<&str>,
    now: Timestamp,
) -> Result<ClientIdentity, CredentialError> {
    client_identities(name, contents, password, now).map(|found| found.first)
}

fn wrong(contents: impl AsRef<[u8]>) -> CredentialError {
    let error = read(contents).unwrap_err();
    assert!(error.to_string().contains("push.pem"), "{error}");
    assert!(!error.remedy().is_empty());
    error
}

fn name() -> String {
    "push.pem".to_owned()
}

#[test]
fn certificate_and_key_are_read_in_any_order() {
    let Made { certificate, key } = made();
    let (certificate, key) = (certificate.pem(), key.serialize_pem());
    for file in [
        format!("{certificate}{key}"),
        format!("{key}{certificate}"),
        format!("Bag Attributes\n    friendlyName: x\n{certificate}\r\nKey:\r\n{key}"),
        format!("{certificate}{key}").replace('\n', "\r\n"),
    ] {
        let identity = read(file).unwrap();
        assert_eq!(identity.chain.len(), 1);
        assert!(
            identity.subject.contains("org.example"),
            "{}",
            identity.subject
        );
        assert_eq!(identity.expires_at, Timestamp::from_seconds(1_924_992_000));
    }
}

#[test]
fn the_keys_own_certificate_comes_first() {
    let issuer = CertifiedIssuer::self_signed(params(), KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let leaf = params().signed_by(&key, &issuer).unwrap();
    let file = issuer.pem() + &key.serialize_pem() + &leaf.pem();
    let identity = read(file).unwrap();
    assert_eq!(identity.leaf(), leaf.der());
    assert_eq!(identity.chain, [leaf.der().clone(), issuer.der().clone()]);
}

#[test]
fn debug_shows_no_key() {
    let Made { certificate, key } = made();
    let identity = read(certificate.pem() + &key.serialize_pem()).unwrap();
    let shown = format!("{identity:?}");
    assert!(
        shown.contains("org.example") && !shown.to_lowercase().contains("key"),
        "{shown}"
    );
}

#[test]
fn what_is_missing_is_named_with_what_is_there() {
    let Made { certificate, key } = made();
    assert_eq!(
        wrong(certificate.pem()),
        CredentialError::NoKey {
            name: name(),
            found: FileKind::Certificate
        }
    );
    assert_eq!(
        wrong(key.serialize_pem()),
        CredentialError::NoCertificate {
            name: name(),
            found: FileKind::Key
        }
    );
    assert_eq!(wrong(""), CredentialError::Empty { name: name() });
}

#[test]
fn a_foreign_or_a_second_key_is_refused() {
    let (one, other) = (made(), made());
    assert_eq!(
        wrong(one.certificate.pem() + &other.key.serialize_pem()),
        CredentialError::Mismatch { name: name() }
    );
    let both = one.certificate.pem() + &one.key.serialize_pem() + &other.key.serialize_pem();
    assert_eq!(
        wrong(both),
        CredentialError::SeveralKeys {
            name: name(),
            count: 2
        }
    );
}

#[test]
fn the_clock_decides() {
    let Made { certificate, key } = made();
    let file = certificate.pem() + &key.serialize_pem();
    let at = |year_2030_plus_days: i64| {
        let now = YEAR_2030.seconds() as i64 + year_2030_plus_days * 86_400;
        client_identity(
            "push.pem",
            file.as_bytes(),
            None,
            Timestamp::from_seconds(now as u64),
        )
    };
    assert!(at(0).is_ok());
    let early = at(-400).unwrap_err();
    assert!(early.to_string().contains("1 Jan 2029"), "{early}");
    let late = at(400).unwrap_err();
    assert!(late.to_string().contains("1 Jan 2031"), "{late}");
    assert_eq!(late.remedy(), "renew the certificate with the vendor");
}

#[test]
fn other_files_are_recognised() {
    let Made { certificate, key } = made();
    let request = params().serialize_request(&key).unwrap();
    let found = |contents: &[u8]| match wrong(contents) {
        CredentialError::Unreadable { found, .. } => found,
        CredentialError::NoCertificate { found, .. } => found,
        error => panic!("{error}"),
    };
    assert_eq!(found(certificate.der()), FileKind::DerCertificate);
    assert_eq!(found(&key.serialize_der()), FileKind::DerKey);
    assert_eq!(
        found(request.pem().unwrap().as_bytes()),
        FileKind::SigningRequest
    );
    assert_eq!(found(request.der()), FileKind::SigningRequest);
    assert_eq!(found(key.public_key_pem().as_bytes()), FileKind::PublicKey);
    assert_eq!(found(b"hello"), FileKind::Text);
    assert_eq!(found(&[0xff, 0, 1, 2]), FileKind::Unknown);
    assert!(
        wrong(certificate.der())
            .remedy()
            .contains("openssl x509 -inform der")
    );
}

#[test]
fn encrypted_and_broken_pem_is_refused() {
    let certificate = made().certificate.pem();
    let encrypted = |label: &str, headers: &str| {
        wrong(format!(
            "{certificate}-----BEGIN {label}-----\n{headers}AAAA\n-----END {label}-----\n"
        ))
    };
    let expected = CredentialError::EncryptedKey { name: name() };
    assert_eq!(encrypted("ENCRYPTED PRIVATE KEY", ""), expected);
    let old = "Proc-Type: 4,ENCRYPTED\nDEK-Info: DES-EDE3-CBC,00\n\n";
    assert_eq!(encrypted("RSA PRIVATE KEY", old), expected);

    let cut = &certificate[..certificate.len() - 30];
    assert!(
        wrong(cut)
            .to_string()
            .contains("CERTIFICATE without its END")
    );
    let garbled = certificate.replace("MII", "M%I");
    assert!(wrong(garbled).to_string().contains("damaged"));
}

#[test]
fn a_pem_file_is_read_whatever_it_went_through() {
    let Made { certificate, key } = made();
    let file = certificate.pem() + &key.serialize_pem();
    let marked = format!("\u{feff}{file}");
    let body = |line: &&str| !line.starts_with("-----");
    let unwrapped = |pem: String| {
        let lines: Vec<&str> = pem.lines().collect();
        let base64: String = lines.iter().copied().filter(body).collect();
        format!("{}\n{base64}\n{}\n", lines[0], lines[lines.len() - 1])
    };
    for (what, contents) in [
        ("CRLF", file.replace('\n', "\r\n").into_bytes()),
        ("CR", file.replace('\n', "\r").into()),
        ("BOM", marked.clone().into()),
        ("BOM and CRLF", marked.replace('\n', "\r\n").into()),
        (
            "UTF-16",
            marked.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        ),
        ("glued", file.replace("-----\n-----", "----------").into()),
        ("no last line end", file.trim_end().into()),
        (
            "unwrapped",
            (unwrapped(certificate.pem()) + &unwrapped(key.serialize_pem())).into(),
        ),
        ("blanks for line ends", file.replace('\n', " ").into()),
        ("backslash n", file.replace('\n', "\\n").into()),
        ("indented", file.replace('\n', "\n\t").into()),
        (
            "the key twice",
            (file.clone() + &key.serialize_pem()).into(),
        ),
        (
            "the certificate twice",
            (file.clone() + &certificate.pem()).into(),
        ),
        (
            "latin letters between",
            [b"friendlyName: M\xfcller\n", file.as_bytes()].concat(),
        ),
        (
            "a trusted certificate",
            trusted(&certificate)
                .into_bytes()
                .into_iter()
                .chain(key.serialize_pem().into_bytes())
                .collect(),
        ),
    ] {
        let identity = read(contents).unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!(identity.chain, [certificate.der().clone()], "{what}");
    }
}

/// As `openssl x509 -trustout` writes it.
fn trusted(certificate: &rcgen::Certificate) -> String {
    let der = [certificate.der().as_ref(), &[0x30, 0]].concat();
    let base64 = STANDARD.encode(der);
    format!("-----BEGIN TRUSTED CERTIFICATE-----\n{base64}\n-----END TRUSTED CERTIFICATE-----\n")
}

#[test]
fn a_file_in_base64_is_called_so() {
    let made = made();
    let file = made.certificate.pem() + &made.key.serialize_pem();
    for inside in [
        file.into_bytes(),
        pkcs12(&made, "password", false),
        made.certificate.der().to_vec(),
    ] {
        let error = wrong(STANDARD.encode(inside));
        assert!(
            matches!(
                error,
                CredentialError::Unreadable {
                    found: FileKind::Base64,
                    ..
                }
            ),
            "{error}"
        );
        assert!(error.remedy().contains("base64 -d"));
    }
}

/// A certificate of this key that is valid from one year to another.
fn of_years(key: &KeyPair, from: i32, to: i32) -> rcgen::Certificate {
    let mut params = params();
    params.not_before = date_time_ymd(from, 1, 1);
    params.not_after = date_time_ymd(to, 1, 1);
    params.self_signed(key).unwrap()
}

#[test]
fn of_the_certificates_of_one_key_the_valid_ones_are_taken_the_longest_first() {
    let (key, issuer) = (KeyPair::generate().unwrap(), made().certificate);
    let [old, shorter, longer, later] = [(2028, 2030), (2029, 2031), (2029, 2032), (2031, 2033)]
        .map(|(from, to)| of_years(&key, from, to));
    let file = |certificates: &[&rcgen::Certificate]| {
        let pem: String = certificates.iter().map(|it| it.pem()).collect();
        pem + &key.serialize_pem()
    };
    let all = |certificates: &[&rcgen::Certificate]| {
        client_identities("push.pem", file(certificates).as_bytes(), None, YEAR_2030)
    };
    for order in [
        [&old, &shorter, &issuer, &longer, &later],
        [&later, &longer, &issuer, &shorter, &old],
    ] {
        let found = all(&order).unwrap();
        let identities = [vec![found.first], found.others].concat();
        // Certificates of the same key vouch for nobody.
        let chains: Vec<_> = identities.iter().map(|it| it.chain.clone()).collect();
        let chain = |leaf: &rcgen::Certificate| vec![leaf.der().clone(), issuer.der().clone()];
        assert_eq!(chains, [chain(&longer), chain(&shorter)]);
        let outdated = found.outdated.unwrap();
        assert!(matches!(outdated, CredentialError::NotYetValid { .. }));
    }
    let expired = all(&[&old]).unwrap_err();
    assert!(
        matches!(expired, CredentialError::Expired { .. }),
        "{expired}"
    );
    let early = all(&[&later, &old]).unwrap_err();
    assert!(
        matches!(early, CredentialError::NotYetValid { .. }),
        "{early}"
    );
}

fn pkcs12(made: &Made, password: &str, old: bool) -> Vec<u8> {
    let key = PrivateKey::from_der(&made.key.serialize_der()).unwrap();
    let certificate = Certificate::from_der(made.certificate.der()).unwrap();
    let chain = PrivateKeyChain::new("id", key, [certificate]);
    let mut store = KeyStore::new();
    store.add_entry("push", KeyStoreEntry::PrivateKeyChain(chain));
    let writer = store
        .writer(password)
        .encryption_iterations(10)
        .mac_iterations(10);
    match old {
        true => writer
            .encryption_algorithm(EncryptionAlgorithm::PbeWithShaAnd40BitRc4Cbc)
            .mac_algorithm(MacAlgorithm::HmacSha1),
        false => writer,
    }
    .write()
    .unwrap()
}

#[test]
fn pkcs12_is_read_in_its_new_and_its_old_encryption() {
    let made = made();
    for (password, old) in [
        ("pässword", false),
        ("password", true),
        ("", false),
        ("", true),
    ] {
        let file = pkcs12(&made, password, old);
        let set = Some(password).filter(|password| !password.is_empty());
        let identity = client_identity("push.p12", &file, set, YEAR_2030).unwrap();
        assert_eq!(identity.leaf(), made.certificate.der());
    }
}

/// Written by `openssl pkcs12 -export -legacy`: RC2 for the certificate, triple DES for the
/// key, which belongs to nobody. Password: test.
const LEGACY: &str = "\
    MIID1wIBAzCCA50GCSqGSIb3DQEHAaCCA44EggOKMIIDhjCCAl8GCSqGSIb3DQEHBqCCAlAwggJMAgEAMIICRQYJKoZI\
    hvcNAQcBMBwGCiqGSIb3DQEMAQYwDgQIV/DOjbPZrjoCAggAgIICGEMX/0U88gZ3sW82mSPUvzyhTk6dlgYU332XValJ\
    ljioy0P6asGjKNYE4q6x6w/fe6ULBGJxO/xhy1LleTVO8iEBDDneamkNrK5uHuiTO5FeQz0iDMzHvKDAx2dC91voKFYj\
    bFh9ekMV12FsWh0WMK/ikbnviFlIV+qA/v1SyGpSzoViTtNsMaVIVZ/ueJtlfGUmNnrzQj9sgpY3BHKr5xnX61GPhGR/\
    ZvEr1lLsKBEaQI4kmoy8vjGC3YVX4DuGgoPVFx/EPMkgBAiACfMjRia/+S3Aka1pEkTRS+Qp7uC7ZEuL1uTrNrxb96qQ\
    gLnP62SGt+DQ9khkm1Qm8QbLDJChU2mXDtR7J9cWg686EiaGJYOCkA8ha+lrCca5W4UCRS/lwPAR7D0IlBwGrnu7rW/S\
    zjJayawf1mSC9+DmapnLszocZlvFLhjTQsVIIdp0gDKbnEQeDtEQlw8hT132fe9iif+2PY/rKVqDM8QX1kld0rA1aEjm\
    jBnFY59mxcB5IY2YmbCYJTZYmG6EvI/uBLScTi8xZn17OBZd9FA2RDqwbdGyUvXJRdxbdFxhycTfk86bAlZNt7vHiYXe\
    M9Dhy+YwGdD4wa+zoabE7GDA5w5t7qNR9/MYai3DPweX9COEoGZgLKqJ1NGDC0Cgi+DTr8WeJ8N2Gg57roc8wEJdx2Od\
    ewu/KQ/M6GYLbnJsxgd062DzSJd0yMn0MIIBHwYJKoZIhvcNAQcBoIIBEASCAQwwggEIMIIBBAYLKoZIhvcNAQwKAQKg\
    gbQwgbEwHAYKKoZIhvcNAQwBAzAOBAiFrvzRGiDHaAICCAAEgZCwIy7emSnilH8RPujfudh8lAi9XuwtzaZFL3OlCcSb\
    MoRQS4g8Nrddawt52aaYSXTQ0gavQbSZNwTq7oM55bv4ehYNw8szib5qDOPMP9H76kPcTgSrDLOcMkueqefuXHZGkrGq\
    X7w0Qv7CrWoLhgsyVMGtm7JWDuyg/YU6lGPY2GxCD7486FLI0JA4Ll+zwA0xPjAXBgkqhkiG9w0BCRQxCh4IAHQAZQBz\
    AHQwIwYJKoZIhvcNAQkVMRYEFIBT8vUZV8zJevP69QJsJPilwmZ2MDEwITAJBgUrDgMCGgUABBSuZ3LqspbMhVYGzaeG\
    EnRnxYEdqwQItu9cqtPjw6sCAggA";

#[test]
fn a_legacy_file_of_openssl_is_read() {
    let file = STANDARD.decode(LEGACY).unwrap();
    let identity = client_identity("push.p12", &file, Some("test"), YEAR_2030).unwrap();
    assert_eq!(identity.subject, "CN=nudged test key, worthless");
}

#[test]
fn the_password_of_pkcs12_is_asked_for_and_checked() {
    for old in [false, true] {
        let file = pkcs12(&made(), "password", old);
        let error = |password| client_identity("push.p12", &file, password, YEAR_2030).unwrap_err();
        let name = || "push.p12".to_owned();
        assert_eq!(
            error(None),
            CredentialError::PasswordMissing { name: name() }
        );
        assert_eq!(
            error(Some("Password")),
            CredentialError::PasswordWrong { name: name() }
        );
        let cut = &file[..file.len() / 2];
        let error = client_identity("push.p12", cut, Some("password"), YEAR_2030).unwrap_err();
        assert_eq!(error, CredentialError::BrokenPkcs12 { name: name() });
    }
}

#[test]
fn roots_are_certificates_and_nothing_else() {
    let (one, two) = (made(), made());
    let both = one.certificate.pem() + &two.certificate.pem();
    assert_eq!(roots("ca.pem", both.as_bytes()).unwrap().len(), 2);
    let error = roots("ca.pem", one.key.serialize_pem().as_bytes()).unwrap_err();
    assert!(matches!(
        error,
        CredentialError::NoCertificate {
            found: FileKind::Key,
            ..
        }
    ));
    assert!(roots("ca.pem", b"").is_err());
    let hollow = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let error = roots("ca.pem", hollow.as_bytes()).unwrap_err();
    assert_eq!(
        error,
        CredentialError::BrokenCertificate {
            name: "ca.pem".to_owned()
        }
    );
}
