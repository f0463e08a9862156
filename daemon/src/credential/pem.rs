//! PEM: blocks of base64 between dashes, in any order and with any text between.
//!
//! In: the contents of a file. Out: its certificates and keys, and a note of what else it
//! held. Refuses to know whether they belong together.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls_pki_types::{
    CertificateDer, PrivateKeyDer, PrivatePkcs1KeyDer, PrivatePkcs8KeyDer, PrivateSec1KeyDer,
};

use super::error::{CredentialError, Found};

/// What a PEM file held, in its order.
#[derive(Default)]
pub struct Parts {
    pub certificates: Vec<CertificateDer<'static>>,
    pub keys: Vec<PrivateKeyDer<'static>>,
    encrypted: bool,
    other: Option<Found>,
}

impl Parts {
    /// What it mainly is, for messages about what is missing.
    pub fn found(&self) -> Found {
        if !self.certificates.is_empty() {
            return Found::Certificate;
        }
        if !self.keys.is_empty() || self.encrypted {
            return Found::Key;
        }
        self.other.unwrap_or(Found::Text)
    }

    /// Whether a key is behind a password.
    pub fn has_encrypted_key(&self) -> bool {
        self.encrypted
    }

    fn add(&mut self, label: &str, der: Vec<u8>) {
        match label {
            "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" => {
                self.certificates.push(der.into());
            }
            "PRIVATE KEY" => self.keys.push(PrivatePkcs8KeyDer::from(der).into()),
            "RSA PRIVATE KEY" => self.keys.push(PrivatePkcs1KeyDer::from(der).into()),
            "EC PRIVATE KEY" => self.keys.push(PrivateSec1KeyDer::from(der).into()),
            "ENCRYPTED PRIVATE KEY" => self.encrypted = true,
            "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST" => {
                self.other = Some(Found::SigningRequest);
            }
            "PUBLIC KEY" | "RSA PUBLIC KEY" => self.other = Some(Found::PublicKey),
            // `openssl ecparam` writes these before a key.
            "EC PARAMETERS" => {}
            _ => self.other = self.other.or(Some(Found::OtherPem)),
        }
    }
}

/// Whether there is a PEM block at all.
pub fn is_pem(contents: &[u8]) -> bool {
    contents
        .windows(BEGIN.len())
        .any(|part| part == BEGIN.as_bytes())
}

/// Reads all blocks.
pub fn read(name: &str, contents: &[u8]) -> Result<Parts, CredentialError> {
    let text = String::from_utf8_lossy(contents);
    let mut lines = text.lines().map(str::trim);
    let mut parts = Parts::default();
    while let Some(line) = lines.next() {
        let Some(label) = label(line) else { continue };
        let end = format!("-----END {label}-----");
        let mut body = String::new();
        let mut encrypted = false;
        loop {
            match lines.next() {
                Some(line) if line == end => break,
                // Headers of the old OpenSSL form stand before the base64.
                Some(line) if line.contains(':') => encrypted |= line.contains("ENCRYPTED"),
                Some(line) if !line.starts_with("-----") => body.push_str(line),
                _ => return Err(broken(name, label)),
            }
        }
        if encrypted {
            parts.encrypted = true;
            continue;
        }
        let der = STANDARD.decode(body).map_err(|_| broken(name, label))?;
        parts.add(label, der);
    }
    Ok(parts)
}

const BEGIN: &str = "-----BEGIN ";

fn label(line: &str) -> Option<&str> {
    line.strip_prefix(BEGIN)?.strip_suffix("-----")
}

/// A label that lost its line break has the key in it, so that only words are repeated.
fn broken(name: &str, label: &str) -> CredentialError {
    let word = |word: &str| word.len() <= 11 && word.bytes().all(|byte| byte.is_ascii_uppercase());
    let label = match label.split(' ').all(|it| word(it) || it == "X509") {
        true => label,
        false => "…",
    };
    CredentialError::BrokenPem {
        name: name.to_owned(),
        label: label.to_owned(),
    }
}
