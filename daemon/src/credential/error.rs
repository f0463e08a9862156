//! What can be wrong with a credential, in the operator's words.
//!
//! In: nothing. Out: one variant a mistake, with the file's name and a remedy. Never holds
//! a key or a password.

use std::fmt;

use nudged_driver_kit::keyfile::Broken;

/// Why a file is no credential. The name is the file's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CredentialError {
    #[error("{name} is empty")]
    Empty { name: String },
    #[error("{name} is {found}, not a pem or pkcs#12 file")]
    Unreadable { name: String, found: FileKind },
    /// A PEM block that does not end or decode.
    #[error("{name} has {broken}")]
    BrokenPem {
        name: String,
        /// What is wrong with which kind of block.
        broken: Broken,
    },
    /// A PKCS#12 file that does not decode.
    #[error("{name} is a broken pkcs#12 file, or one in an encryption that is not supported")]
    BrokenPkcs12 { name: String },
    #[error("{name} holds no certificate, only {found}")]
    NoCertificate { name: String, found: FileKind },
    #[error("{name} holds no private key, only {found}")]
    NoKey { name: String, found: FileKind },
    /// More than one private key; the same one twice is one.
    #[error("{name} holds {count} different private keys")]
    SeveralKeys { name: String, count: usize },
    /// A PEM key behind a password.
    #[error("the private key in {name} is encrypted")]
    EncryptedKey { name: String },
    /// A PKCS#12 file behind a password, and none is set.
    #[error("{name} needs a password")]
    PasswordMissing { name: String },
    /// A PKCS#12 file that the password does not open.
    #[error("the password of {name} is wrong")]
    PasswordWrong { name: String },
    /// A key of a kind that TLS here cannot use.
    #[error("the private key in {name} is of an unsupported kind or broken")]
    UnsupportedKey { name: String },
    /// The certificate is another key's.
    #[error("the private key in {name} does not belong to its certificate")]
    Mismatch { name: String },
    /// Not an X.509 certificate inside.
    #[error("a certificate in {name} is broken")]
    BrokenCertificate { name: String },
    #[error("the certificate in {name} is valid only from {from}")]
    NotYetValid {
        name: String,
        /// First moment, for people.
        from: String,
    },
    #[error("the certificate in {name} expired on {on}")]
    Expired {
        name: String,
        /// Last moment, for people.
        on: String,
    },
}

impl CredentialError {
    /// What an operator can do about it.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Unreadable { found, .. } => found.remedy(),
            Self::NoCertificate { found, .. } if *found != FileKind::Key => found.remedy(),
            Self::Empty { .. } | Self::BrokenPem { .. } | Self::BrokenCertificate { .. } => {
                "copy the file again from where it was made"
            }
            Self::BrokenPkcs12 { .. } => {
                "export it again, or convert it with: openssl pkcs12 -legacy -in FILE -nodes -out FILE.pem"
            }
            Self::NoCertificate { .. } => {
                "append the certificate that the vendor issued for this key to the file"
            }
            Self::NoKey { .. } => {
                "append the private key to the file, or export certificate and key together as pkcs#12"
            }
            Self::SeveralKeys { .. } => "leave only the certificate's own key in the file",
            Self::EncryptedKey { .. } => {
                "decrypt it with: openssl pkey -in FILE -out FILE.key, or use pkcs#12 and its password setting"
            }
            Self::PasswordMissing { .. } => "set the password that the file was exported with",
            Self::PasswordWrong { .. } => {
                "set the password that the file was exported with; if it has none, leave the setting out"
            }
            Self::UnsupportedKey { .. } => "use an rsa key from 2048 bits, or ecdsa p-256 or p-384",
            Self::Mismatch { .. } => {
                "put the certificate and the key from the same signing request into the file"
            }
            Self::NotYetValid { .. } => "check the clock of this machine",
            Self::Expired { .. } => "renew the certificate with the vendor",
        }
    }
}

/// What a file turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileKind {
    /// Bytes without a known form.
    Unknown,
    /// Text without a PEM block.
    Text,
    /// A PEM or PKCS#12 file in base64.
    Base64,
    DerCertificate,
    DerKey,
    SigningRequest,
    PublicKey,
    Certificate,
    Key,
    OtherPem,
}

impl FileKind {
    fn remedy(self) -> &'static str {
        match self {
            Self::DerCertificate => {
                "convert it with: openssl x509 -inform der -in FILE -out FILE.pem, and append the key"
            }
            Self::DerKey => {
                "convert it with: openssl pkey -inform der -in FILE -out FILE.pem, and append the certificate"
            }
            Self::SigningRequest => {
                "this is the request that was sent to the vendor: use the certificate that came back, and its key"
            }
            Self::Base64 => "decode it with: base64 -d FILE",
            Self::PublicKey => "use the private key and the certificate in place of the public key",
            _ => "use a pem file with a certificate and its key, or a pkcs#12 file (.p12)",
        }
    }
}

impl fmt::Display for FileKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unknown => "of an unknown format",
            Self::Text => "text without a pem block",
            Self::Base64 => "base64 of another file",
            Self::DerCertificate => "a certificate in der",
            Self::DerKey => "a private key in der",
            Self::SigningRequest => "a certificate signing request",
            Self::PublicKey => "a public key",
            Self::Certificate => "a certificate",
            Self::Key => "a private key",
            Self::OtherPem => "other pem blocks",
        })
    }
}
