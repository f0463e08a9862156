//! Files that keys come in, as people have them: saved by an editor of another system, pasted
//! through a form or a mail, quoted in a script.
//!
//! In: the bytes of a file, or a text that was inside one. Out: its text, its PEM blocks, its
//! private key, the JSON object around one; or what it seems to be instead. What is said of a
//! file comes from fixed lists, so no word of the file is ever repeated. Refuses to know what
//! a key is good for.

use std::borrow::Cow;
use std::fmt;

mod json;
mod pem;
#[cfg(test)]
mod tests;

pub use json::{NoObject, object, rsa_key};
pub use pem::{Block, Broken, Label, blocks, from_base64, has_block};

/// The text of a file in UTF-8, or in UTF-16 as some editors write it, without its byte order
/// mark; none where the file is no text.
pub fn text(contents: &[u8]) -> Option<Cow<'_, str>> {
    let wide = |from: &[u8], number: fn([u8; 2]) -> u16| {
        let pairs = from.chunks_exact(2);
        let whole = pairs.remainder().is_empty();
        let units = pairs.map(|pair| number([pair[0], pair[1]]));
        let text: Result<String, _> = char::decode_utf16(units).collect();
        text.ok().filter(|_| whole).map(Cow::Owned)
    };
    match contents {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        [a, 0, b, 0, ..] if *a > 0 && *b > 0 => wide(contents, u16::from_le_bytes),
        [0, a, 0, b, ..] if *a > 0 && *b > 0 => wide(contents, u16::from_be_bytes),
        _ => {
            let text = std::str::from_utf8(contents).ok()?;
            Some(text.trim_start_matches('\u{feff}').into())
        }
    }
}

/// The only private key of a file or text, PKCS#8 in DER; other blocks may stand around it.
pub fn pkcs8(contents: &[u8]) -> Result<Vec<u8>, Instead> {
    let Some(text) = text(contents) else {
        return Err(match contents.first() {
            Some(&SEQUENCE) => Instead::Der,
            _ => Instead::Binary,
        });
    };
    let found = match blocks(&text) {
        Ok(found) => found,
        Err(broken) => {
            let (Broken::NoEnd(label) | Broken::NotBase64(label)) = broken;
            return Err(match label {
                Label::PrivateKey | Label::Other => Instead::Broken(broken),
                // Whole, it would be no better.
                label => Instead::of(label),
            });
        }
    };
    let mut other = None;
    let mut key: Option<Vec<u8>> = None;
    for block in found {
        match block.label {
            Label::PrivateKey if !block.encrypted => match &key {
                Some(known) if *known != block.der => return Err(Instead::SeveralKeys),
                _ => key = Some(block.der),
            },
            Label::EcParameters => {}
            _ if block.encrypted => other = other.or(Some(Instead::Encrypted)),
            label => other = other.or(Some(Instead::of(label))),
        }
    }
    key.ok_or_else(|| other.unwrap_or_else(|| Instead::without_block(&text)))
}

/// DER of anything begins so, or nearly.
const SEQUENCE: u8 = 0x30;

/// What a file or text is in place of a private key in PKCS#8 PEM. Shown after "seems to be".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Instead {
    /// Nothing in it.
    Empty,
    /// No text.
    Binary,
    /// A key or certificate without PEM around it, or PKCS#12.
    Der,
    /// The key file of another vendor, perhaps.
    Json,
    /// The name of a file.
    Path,
    /// The base64 of a key without its lines.
    BareBase64,
    /// A whole PEM file in base64.
    Base64OfPem,
    /// Other text.
    Text,
    /// PEM that is damaged.
    Broken(Broken),
    /// Two keys or more.
    SeveralKeys,
    /// A certificate.
    Certificate,
    /// A signing request.
    Request,
    /// A public key.
    PublicKey,
    /// PKCS#1.
    RsaPrivateKey,
    /// SEC1.
    EcPrivateKey,
    /// Behind a password.
    Encrypted,
    /// OpenSSH's own form.
    OpensshPrivateKey,
    /// Another kind of PEM block.
    OtherBlock,
}

impl Instead {
    fn of(label: Label) -> Self {
        match label {
            Label::EncryptedPrivateKey => Self::Encrypted,
            Label::Certificate | Label::TrustedCertificate => Self::Certificate,
            Label::Request => Self::Request,
            Label::PublicKey => Self::PublicKey,
            Label::RsaPrivateKey => Self::RsaPrivateKey,
            Label::EcPrivateKey => Self::EcPrivateKey,
            Label::OpensshPrivateKey => Self::OpensshPrivateKey,
            _ => Self::OtherBlock,
        }
    }

    fn without_block(text: &str) -> Self {
        let text = text.trim();
        match text.as_bytes().first() {
            None => return Self::Empty,
            Some(b'{') => return Self::Json,
            Some(b'/' | b'.') if text.lines().count() == 1 => return Self::Path,
            Some(&SEQUENCE) if text.contains('\u{2}') => return Self::Der,
            Some(_) => {}
        }
        match from_base64(text).as_deref() {
            Some([SEQUENCE, ..]) => Self::BareBase64,
            Some(inner) if self::text(inner).is_some_and(|it| has_block(&it)) => Self::Base64OfPem,
            _ => Self::Text,
        }
    }
}

impl fmt::Display for Instead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "empty",
            Self::Binary => "binary, not text",
            Self::Der => "binary: DER, or a PKCS#12 file",
            Self::Json => "a JSON file, such as a service account's key file",
            Self::Path => "the name of a file, not a key",
            Self::BareBase64 => "a key without its BEGIN and END lines",
            Self::Base64OfPem => "base64 of a whole PEM file, which `base64 -d` undoes",
            Self::Text => "a text without the line `-----BEGIN PRIVATE KEY-----`",
            Self::Broken(broken) => return broken.fmt(f),
            Self::SeveralKeys => "several private keys in one",
            Self::Certificate => "a certificate",
            Self::Request => "a certificate signing request",
            Self::PublicKey => "a public key",
            Self::RsaPrivateKey => "an RSA key in PKCS#1 form (BEGIN RSA PRIVATE KEY)",
            Self::EcPrivateKey => "an EC key in SEC1 form (BEGIN EC PRIVATE KEY)",
            Self::Encrypted => "encrypted with a password",
            Self::OpensshPrivateKey => "an OpenSSH key",
            Self::OtherBlock => "PEM of something other than a private key",
        })
    }
}

/// What a PKCS#8 key is of. Shown after "seems to be".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Algorithm {
    /// RSA.
    Rsa,
    /// ECDSA on P-256.
    P256,
    /// ECDSA on another curve.
    OtherCurve,
    /// Ed25519.
    Ed25519,
    /// Not known.
    Unknown,
}

/// The algorithm of a PKCS#8 key, by the object identifier that stands in it.
pub fn algorithm(der: &[u8]) -> Algorithm {
    const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
    const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
    const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
    const ED25519: &[u8] = &[0x06, 0x03, 0x2b, 0x65, 0x70];
    // The algorithm stands within the first bytes; further on is key material.
    let start = &der[..der.len().min(40)];
    let has = |oid: &[u8]| start.windows(oid.len()).any(|window| window == oid);
    if has(RSA) {
        Algorithm::Rsa
    } else if has(P256) {
        Algorithm::P256
    } else if has(EC) {
        Algorithm::OtherCurve
    } else if has(ED25519) {
        Algorithm::Ed25519
    } else {
        Algorithm::Unknown
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rsa => "an RSA key",
            Self::P256 => "a P-256 key",
            Self::OtherCurve => "an EC key on a curve other than P-256",
            Self::Ed25519 => "an Ed25519 key",
            Self::Unknown => "a key of an unknown kind, or damaged",
        })
    }
}
