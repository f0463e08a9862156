//! Where the simulator listens, and why it may not start.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::TcpListener;

use crate::credentials::pki::PkiError;
use crate::vendors::Vendor;

/// Where to listen, and how.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Port of APNs; 0 is any.
    pub apns_port: u16,
    /// Port of FCM and its token endpoint; 0 is any.
    pub fcm_port: u16,
    /// Ports of the batching vendors; any free one where absent or 0.
    pub ports: BTreeMap<Vendor, u16>,
    /// Port of the control endpoint; 0 is any.
    pub control_port: u16,
    /// Benchmark mode: APNs requests are checked and counted at least cost, no message is kept.
    pub sink: bool,
    /// Every reply is so much later; requests do not wait for each other.
    pub delay_ms: u64,
}

/// Why the simulator did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A port could not be bound.
    #[error("port {port} for {service} not bound")]
    Bind {
        /// Which listener.
        service: &'static str,
        /// The port asked for.
        port: u16,
        /// The system's reason.
        source: std::io::Error,
    },
    /// Certificates or TLS could not be set up.
    #[error("certificates not made")]
    Pki(#[from] PkiError),
}

pub(crate) async fn bind(
    service: &'static str,
    port: u16,
) -> Result<(TcpListener, SocketAddr), StartError> {
    let bind = async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let address = listener.local_addr()?;
        Ok((listener, address))
    };
    bind.await.map_err(|source| StartError::Bind {
        service,
        port,
        source,
    })
}
