//! The roots that a measured client trusts: the one of the sink, from the PEM file that
//! `NUDGED_SINK_CA` names.

use std::sync::LazyLock;

use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, TrustAnchor};

/// The sink's authority.
pub static TLS_SERVER_ROOTS: LazyLock<Vec<TrustAnchor<'static>>> = LazyLock::new(|| {
    let file = std::env::var_os("NUDGED_SINK_CA").expect("NUDGED_SINK_CA names a file");
    let certificates = CertificateDer::pem_file_iter(file).expect("the sink's authority is there");
    let anchor = |certificate: &CertificateDer<'_>| {
        let anchor = webpki::anchor_from_trusted_cert(certificate);
        anchor.expect("the sink made it").to_owned()
    };
    certificates
        .map(|certificate| anchor(&certificate.expect("it is PEM")))
        .collect()
});
