//! Certificates and keys: a CA for the servers, a push CA for APNs clients, and what
//! a customer downloads from the vendors' consoles. All made at start, none in the repository.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use p256::pkcs8::EncodePrivateKey;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, CustomExtension, DistinguishedName,
    DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose, date_time_ymd,
};
use rsa::rand_core::{OsRng, RngCore};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use x509_parser::prelude::{FromDer, X509Certificate};

/// Apple's arc for push certificates: `.1` development, `.2` production, `.6` topics.
const APPLE_PUSH: [u64; 8] = [1, 2, 840, 113635, 100, 6, 3, 0];
const DEVELOPMENT: u64 = 1;
const PRODUCTION: u64 = 2;
const TOPICS: u64 = 6;
const UID: [u64; 7] = [0, 9, 2342, 19200300, 100, 1, 1];
const DAY_SECONDS: u64 = 86_400;

/// Whom a server says it is: also Apple, for clients that know no other name.
const NAMES: [&str; 3] = ["localhost", "127.0.0.1", "api.push.apple.com"];

/// A client certificate for APNs and its key, both PEM.
#[derive(Clone)]
pub struct ClientCertificate {
    /// The certificate.
    pub certificate_pem: String,
    /// Its private key, PKCS#8.
    pub key_pem: String,
    /// Its serial number in hex, as `Received::client_certificate` reports it.
    pub serial: String,
}

impl std::fmt::Debug for ClientCertificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClientCertificate")
            .field("serial", &self.serial)
            .finish_non_exhaustive()
    }
}

/// Who the TLS client said it is.
#[derive(Debug, Clone)]
pub(crate) struct ClientIdentity {
    pub(crate) serial: String,
    pub(crate) topics: Vec<String>,
    pub(crate) production: bool,
    /// Whether Apple made it for push at all.
    pub(crate) push: bool,
}

/// What Apple makes a certificate for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Push, in both environments.
    Push,
    /// Push, in development.
    Development,
    /// Signing apps.
    Distribution,
}

/// What a client certificate is to say.
pub(crate) struct Subject<'a> {
    pub(crate) topic: &'a str,
    pub(crate) extra_topics: &'a [&'a str],
    pub(crate) days_valid: i64,
    pub(crate) purpose: Purpose,
    /// PEM of the key that it is for; without, a new one.
    pub(crate) key: Option<&'a str>,
}

/// The two authorities.
pub(crate) struct Pki {
    server_ca: CertifiedIssuer<'static, KeyPair>,
    push_ca: CertifiedIssuer<'static, KeyPair>,
}

impl Pki {
    pub(crate) fn new() -> Result<Pki, rcgen::Error> {
        Ok(Pki {
            server_ca: authority("Simulator Root CA")?,
            push_ca: authority("Simulator Worldwide Developer Relations")?,
        })
    }

    pub(crate) fn ca_pem(&self) -> String {
        self.server_ca.pem()
    }

    /// TLS for one listener; `client_certificates` also asks for, but does not demand, one.
    pub(crate) fn server_config(
        &self,
        client_certificates: bool,
        protocol: &str,
    ) -> Result<Arc<ServerConfig>, PkiError> {
        let key = KeyPair::generate()?;
        let names = NAMES.map(str::to_owned);
        let mut params = CertificateParams::new(names)?;
        params.distinguished_name = common_name("nudged simulator");
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let certificate = params.signed_by(&key, &self.server_ca)?;

        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()?;
        let builder = if client_certificates {
            let mut roots = RootCertStore::empty();
            roots.add(self.push_ca.der().clone())?;
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
                .allow_unauthenticated()
                .build()?;
            builder.with_client_cert_verifier(verifier)
        } else {
            builder.with_no_client_auth()
        };
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let mut config = builder.with_single_cert(vec![certificate.der().clone()], key)?;
        config.alpn_protocols = vec![protocol.as_bytes().to_vec()];
        Ok(Arc::new(config))
    }

    /// A certificate as Apple's console gives it: UID is the topic, an extension lists all topics.
    pub(crate) fn push_certificate(
        &self,
        subject: &Subject<'_>,
        now_secs: i64,
    ) -> Result<ClientCertificate, rcgen::Error> {
        let key = match subject.key {
            Some(pem) => KeyPair::from_pem(pem)?,
            None => KeyPair::generate()?,
        };
        let push = subject.purpose != Purpose::Distribution;
        let mut params = CertificateParams::default();
        let kind = if push {
            "Apple Push Services"
        } else {
            "Apple Distribution"
        };
        let mut name = common_name(&format!("{kind}: {}", subject.topic));
        name.push(DnType::from_oid(&UID), subject.topic);
        params.distinguished_name = name;
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];

        // Else it would follow from the key, and be a renewal's too.
        params.serial_number = Some(OsRng.next_u64().into());

        let not_after = seconds_after(now_secs, subject.days_valid);
        let first_day = if subject.days_valid < 0 {
            subject.days_valid - 365
        } else {
            -1
        };
        let epoch = date_time_ymd(1970, 1, 1);
        params.not_before = epoch + Duration::from_secs(seconds_after(now_secs, first_day));
        params.not_after = epoch + Duration::from_secs(not_after);

        let null = || vec![0x05, 0x00];
        let topics = topic_list(subject.topic, subject.extra_topics);
        let marks = [
            (push, apple_extension(DEVELOPMENT, null())),
            (
                subject.purpose == Purpose::Push,
                apple_extension(PRODUCTION, null()),
            ),
            (push, apple_extension(TOPICS, topics)),
        ];
        params.custom_extensions = marks
            .into_iter()
            .filter_map(|(wanted, mark)| wanted.then_some(mark))
            .collect();

        let certificate = params.signed_by(&key, &self.push_ca)?;
        let serial = identify(certificate.der())
            .map(|identity| identity.serial)
            .unwrap_or_default();
        Ok(ClientCertificate {
            certificate_pem: certificate.pem(),
            key_pem: key.serialize_pem(),
            serial,
        })
    }
}

/// Why a listener could not get its certificate.
#[derive(Debug, thiserror::Error)]
pub enum PkiError {
    /// A certificate could not be made.
    #[error("certificate not made")]
    Certificate(#[from] rcgen::Error),
    /// The TLS library refused the configuration.
    #[error("TLS configuration refused")]
    Tls(#[from] rustls::Error),
    /// The client certificate verifier could not be built.
    #[error("client certificate verifier not built")]
    Verifier(#[from] rustls::server::VerifierBuilderError),
}

/// A fresh P-256 key: PKCS#8 PEM as in a .p8 file, and its public half.
pub(crate) fn provider_key() -> (String, p256::ecdsa::VerifyingKey) {
    let key = p256::SecretKey::random(&mut OsRng);
    let pem = key
        .to_pkcs8_pem(p256::pkcs8::LineEnding::LF)
        .expect("a P-256 key always has a PKCS#8 form");
    (pem.to_string(), key.public_key().into())
}

/// The service-account key: 2048-bit RSA takes a debug build seconds, so one per process.
pub(crate) struct ServiceKey {
    pub(crate) pem: String,
    pub(crate) verifying: rsa::pkcs1v15::VerifyingKey<rsa::sha2::Sha256>,
}

pub(crate) fn service_key() -> &'static ServiceKey {
    static KEY: OnceLock<ServiceKey> = OnceLock::new();
    KEY.get_or_init(|| {
        let key =
            rsa::RsaPrivateKey::new(&mut OsRng, 2048).expect("2048 bits are a valid RSA key size");
        let pem = key
            .to_pkcs8_pem(rsa::pkcs8::LineEnding::LF)
            .expect("an RSA key always has a PKCS#8 form");
        ServiceKey {
            pem: pem.to_string(),
            verifying: rsa::pkcs1v15::VerifyingKey::new(key.to_public_key()),
        }
    })
}

/// Reads topics and environment out of a client certificate.
pub(crate) fn identify(der: &[u8]) -> Option<ClientIdentity> {
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    let mut topics = Vec::new();
    let (mut production, mut push) = (false, false);
    for extension in certificate.extensions() {
        let arc: Vec<u64> = extension.oid.iter()?.collect();
        if arc.len() != APPLE_PUSH.len() || arc[..7] != APPLE_PUSH[..7] {
            continue;
        }
        push = true;
        match arc[7] {
            PRODUCTION => production = true,
            TOPICS => topics = read_topics(extension.value),
            _ => {}
        }
    }
    Some(ClientIdentity {
        serial: crate::credentials::ids::to_hex(certificate.raw_serial()),
        topics,
        production,
        push,
    })
}

fn authority(name: &str) -> Result<CertifiedIssuer<'static, KeyPair>, rcgen::Error> {
    let mut params = CertificateParams::default();
    params.distinguished_name = common_name(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    CertifiedIssuer::self_signed(params, KeyPair::generate()?)
}

fn common_name(name: &str) -> DistinguishedName {
    let mut distinguished = DistinguishedName::new();
    distinguished.push(DnType::CommonName, name);
    distinguished
}

fn seconds_after(now_secs: i64, days: i64) -> u64 {
    let seconds = now_secs.saturating_add(days.saturating_mul(DAY_SECONDS as i64));
    // X.509 ends with the year 9999.
    u64::try_from(seconds).unwrap_or(0).min(253_402_300_799)
}

fn apple_extension(last: u64, content: Vec<u8>) -> CustomExtension {
    let mut oid = APPLE_PUSH;
    oid[7] = last;
    CustomExtension::from_oid_content(&oid, content)
}

/// SEQUENCE OF (topic UTF8String, SEQUENCE { service UTF8String }).
fn topic_list(topic: &str, extra: &[&str]) -> Vec<u8> {
    let mut items = Vec::new();
    for topic in std::iter::once(&topic).chain(extra) {
        let service = ["voip", "complication"]
            .into_iter()
            .find(|service| topic.rsplit('.').next() == Some(service))
            .unwrap_or("app");
        items.extend(der(0x0c, topic.as_bytes()));
        items.extend(der(0x30, &der(0x0c, service.as_bytes())));
    }
    der(0x30, &items)
}

fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match content.len() {
        length @ 0..=127 => out.push(length as u8),
        length @ 128..=255 => out.extend([0x81, length as u8]),
        length => out.extend([0x82, (length >> 8) as u8, length as u8]),
    }
    out.extend_from_slice(content);
    out
}

fn read_topics(content: &[u8]) -> Vec<String> {
    let Some((0x30, mut items, _)) = read_der(content) else {
        return Vec::new();
    };
    let mut topics = Vec::new();
    while let Some((tag, value, rest)) = read_der(items) {
        if tag == 0x0c {
            topics.extend(String::from_utf8(value.to_vec()));
        }
        items = rest;
    }
    topics
}

fn read_der(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=127 => (usize::from(first), rest),
        0x81 => (usize::from(*rest.first()?), rest.get(1..)?),
        0x82 => (
            usize::from(*rest.first()?) << 8 | usize::from(*rest.get(1)?),
            rest.get(2..)?,
        ),
        _ => return None,
    };
    Some((tag, rest.get(..length)?, rest.get(length..)?))
}
