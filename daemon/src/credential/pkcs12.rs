//! PKCS#12: certificates and a key behind a password, as key chains export them.
//!
//! In: the contents of a file and its password. Out: its certificates and keys. Reads the
//! old RC2 and triple-DES encryption too, which Apple's tools still write. Refuses to know
//! whether they belong together.

use p12_keystore::Pkcs12Archive;
use p12_keystore::error::Error;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use super::error::CredentialError;

/// What a PKCS#12 file held, in its order.
pub struct Pkcs12Contents {
    pub certificates: Vec<CertificateDer<'static>>,
    pub keys: Vec<PrivateKeyDer<'static>>,
}

/// Whether it begins as PKCS#12 does: a sequence whose first member is version 3.
pub fn is_pkcs12(contents: &[u8]) -> bool {
    let after_length = match contents {
        [0x30, 0x80, rest @ ..] => rest,
        [0x30, length, rest @ ..] if *length < 0x80 => rest,
        [0x30, length, rest @ ..] => rest.get(usize::from(length & 0x7f)..).unwrap_or(&[]),
        _ => return false,
    };
    after_length.starts_with(&[2, 1, 3, 0x30])
}

/// Decrypts and reads all bags.
pub fn read(
    name: &str,
    contents: &[u8],
    password: Option<&str>,
) -> Result<Pkcs12Contents, CredentialError> {
    let archive = Pkcs12Archive::from_pkcs12(contents, password.unwrap_or(""))
        .map_err(|error| failed(name, password, &error))?;
    let certificates = archive.certs.iter();
    let keys = archive.keys.iter();
    Ok(Pkcs12Contents {
        certificates: certificates
            .map(|bag| bag.cert.as_der().to_vec().into())
            .collect(),
        keys: keys
            .map(|bag| PrivatePkcs8KeyDer::from(bag.key.as_der().to_vec()).into())
            .collect(),
    })
}

fn failed(name: &str, password: Option<&str>, error: &Error) -> CredentialError {
    let name = name.to_owned();
    match (error, password) {
        // The integrity check is keyed with the password and comes first.
        (Error::MacError(_) | Error::Pkcs5Error(_) | Error::UnpadError, None) => {
            CredentialError::PasswordMissing { name }
        }
        (Error::MacError(_) | Error::Pkcs5Error(_) | Error::UnpadError, Some(_)) => {
            CredentialError::PasswordWrong { name }
        }
        _ => CredentialError::BrokenPkcs12 { name },
    }
}
