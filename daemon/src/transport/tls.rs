//! TLS towards vendors: whom to trust and as whom to appear.
//!
//! In: roots, perhaps a client certificate, the protocols to offer. Out: a rustls
//! configuration with session resumption on. Refuses to know hosts and sockets.

use std::sync::Arc;

use rustls::crypto::{CryptoProvider, ring};
use rustls::{ClientConfig, RootCertStore};

use super::error::TransportError;
use super::settings::Roots;
use crate::credential::ClientIdentity;

/// TLS 1.2 and 1.3 with these roots and this identity, offering `alpn` in order.
pub fn config(
    roots: &Roots,
    identity: Option<&ClientIdentity>,
    alpn: &[&[u8]],
) -> Result<ClientConfig, TransportError> {
    let builder = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .expect("ring supports the default versions")
        .with_root_certificates(store(roots)?);
    let mut config = match identity {
        Some(identity) => builder
            .with_client_auth_cert(identity.chain.clone(), identity.key())
            .map_err(|source| TransportError::BadIdentity { source })?,
        None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = alpn.iter().map(|protocol| protocol.to_vec()).collect();
    Ok(config)
}

fn store(roots: &Roots) -> Result<RootCertStore, TransportError> {
    let mut store = RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    for root in &roots.extra {
        store
            .add(root.clone())
            .map_err(|source| TransportError::BadRoot { source })?;
    }
    Ok(store)
}

/// Ring, always handed over: no process-wide default that a library could have set first.
fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}
