//! The batching vendors together: one list, one listener each, and what tests may say of
//! the customers of any of them. A further vendor is a further line of the list.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use rustls::ServerConfig;
use tokio::task::JoinSet;

use crate::Simulator;
use crate::exchange::Service;
use crate::fault::Vendor;
use crate::server;
use crate::start::{Options, StartError, bind};
use crate::world::World;

/// `module: Type`, where the type has `new(Arc<World>)` and is a `Service`.
macro_rules! vendors {
    ($($module:ident: $service:ident,)*) => {
        /// Every batching vendor that is there.
        pub(crate) struct Batching {
            $(pub(crate) $module: Arc<crate::$module::$service>,)*
        }

        impl Batching {
            /// Binds all their listeners and serves until `doors` is done with.
            pub(crate) async fn start(doors: &mut Doors<'_>) -> Result<Batching, StartError> {
                Ok(Batching {
                    $($module: {
                        let service = crate::$module::$service::new(doors.world.clone());
                        doors.open(service).await?
                    },)*
                })
            }
        }
    };
}

vendors! {
    harmony: Harmony,
    honor: Honor,
    huawei: Huawei,
    meizu: Meizu,
    tpns: Tpns,
    oppo: Oppo,
    vivo: Vivo,
    xiaomi: Xiaomi,
}

/// What it takes to listen.
pub(crate) struct Doors<'a> {
    pub(crate) options: &'a Options,
    pub(crate) tls: Arc<ServerConfig>,
    pub(crate) world: Arc<World>,
    pub(crate) listeners: &'a mut JoinSet<()>,
    pub(crate) addresses: &'a mut BTreeMap<Vendor, SocketAddr>,
}

impl Doors<'_> {
    async fn open<S: Service>(&mut self, service: S) -> Result<Arc<S>, StartError> {
        let port = self.options.ports.get(&S::VENDOR).copied().unwrap_or(0);
        let (listener, address) = bind(S::VENDOR.name(), port).await?;
        let service = Arc::new(service);
        self.listeners.spawn(server::serve_http1(
            listener,
            self.tls.clone(),
            service.clone(),
            self.world.clone(),
        ));
        self.addresses.insert(S::VENDOR, address);
        Ok(service)
    }
}

/// The customers of batching vendors; APNs and FCM know nothing of what is said here.
impl Simulator {
    /// Something is wrong with a device token: `condition` is the vendor's own code or word.
    pub fn token_is(&self, vendor: Vendor, token: &str, condition: &str) {
        self.world.customers(vendor).set_condition(token, condition);
    }

    /// Nothing is wrong with a device token any more.
    pub fn token_is_well(&self, vendor: Vendor, token: &str) {
        self.world.customers(vendor).clear_condition(token);
    }

    /// So many messages and no more in 24 hours from the next message on.
    pub fn set_daily_quota(&self, vendor: Vendor, most_messages: Option<u64>) {
        self.world.customers(vendor).set_daily_quota(most_messages);
    }

    /// So many requests and no more in any second; `Some(0)` refuses all.
    pub fn set_rate(&self, vendor: Vendor, requests_per_second: Option<u64>) {
        self.world.customers(vendor).set_rate(requests_per_second);
    }

    /// Every grant that the vendor's token endpoint gave so far is expired now.
    pub fn revoke_grants(&self, vendor: Vendor) {
        self.world.customers(vendor).revoke_grants();
    }

    /// Grants of the vendor's token endpoint live so long from now on.
    pub fn set_vendor_grant_lifetime(&self, vendor: Vendor, secs: u64) {
        self.world.customers(vendor).set_grant_lifetime(secs);
    }
}
