//! Credentials: the files that prove to a vendor who we are, and to us who the vendor is.
//!
//! In: the contents of a file, perhaps a password, the time. Out: certificates with their key
//! checked against each other and the clock, or an error that says what the file is instead
//! and what to do. Refuses to know paths, vendors and connections.

mod error;
pub mod expiry;
mod identity;
mod pem;
mod pkcs12;
mod secrets;

#[cfg(test)]
mod tests;

pub use error::CredentialError;
pub use identity::{ClientIdentity, client_identities};
pub use secrets::{HIDDEN, Secrets, Tokens};

use rustls_pki_types::CertificateDer;

/// Reads certificates of authorities, PEM. `name` is the file's, for messages.
pub fn roots(name: &str, contents: &[u8]) -> Result<Vec<CertificateDer<'static>>, CredentialError> {
    let parts = pem::read(name, contents)?;
    if parts.certificates.is_empty() {
        return Err(CredentialError::NoCertificate {
            name: name.to_owned(),
            found: parts.found(),
        });
    }
    for certificate in &parts.certificates {
        identity::parse(name, certificate)?;
    }
    Ok(parts.certificates)
}
