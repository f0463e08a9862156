//! The vendors, a folder each, which judge requests by the rules of their pages, and by nothing that
//! a driver says.
//!
//! Here are their names, and the list of those that take many tokens over HTTP/1.1 with a listener
//! each: a further one is a further line. `customers` is what these know of tokens, quotas and
//! grants; APNs and FCM keep their own.

pub(crate) mod apns;
pub(crate) mod customers;
pub(crate) mod fcm;
pub(crate) mod harmony;
pub(crate) mod honor;
pub(crate) mod huawei;
pub(crate) mod meizu;
pub(crate) mod oppo;
pub(crate) mod tpns;
pub(crate) mod vivo;
pub(crate) mod xiaomi;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use rustls::ServerConfig;
use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;

use crate::Simulator;
use crate::net::exchange::Service;
use crate::net::server;
use crate::start::{Options, StartError, bind};
use crate::world::World;

/// One of the services that the simulator stands in for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Vendor {
    /// Apple Push Notification service.
    Apns,
    /// Firebase Cloud Messaging, the send endpoint.
    Fcm,
    /// Google's OAuth token endpoint.
    Oauth,
    /// Xiaomi MiPush.
    Xiaomi,
    /// Huawei Push Kit for Android.
    Huawei,
    /// OPPO PUSH.
    Oppo,
    /// vivo push.
    Vivo,
    /// Meizu Flyme push.
    Meizu,
    /// Tencent Push Notification Service.
    Tpns,
    /// Honor push.
    Honor,
    /// Huawei Push Kit for HarmonyOS.
    Harmony,
}

impl Vendor {
    /// Every one, in the order of the variants.
    pub const ALL: [Vendor; 11] = [
        Vendor::Apns,
        Vendor::Fcm,
        Vendor::Oauth,
        Vendor::Xiaomi,
        Vendor::Huawei,
        Vendor::Oppo,
        Vendor::Vivo,
        Vendor::Meizu,
        Vendor::Tpns,
        Vendor::Honor,
        Vendor::Harmony,
    ];

    /// Those that speak HTTP/1.1 and take many tokens in one request.
    pub const BATCHING: [Vendor; 8] = [
        Vendor::Xiaomi,
        Vendor::Huawei,
        Vendor::Oppo,
        Vendor::Vivo,
        Vendor::Meizu,
        Vendor::Tpns,
        Vendor::Honor,
        Vendor::Harmony,
    ];

    /// The name used in records and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Vendor::Apns => "apns",
            Vendor::Fcm => "fcm",
            Vendor::Oauth => "oauth",
            Vendor::Xiaomi => "xiaomi",
            Vendor::Huawei => "huawei",
            Vendor::Oppo => "oppo",
            Vendor::Vivo => "vivo",
            Vendor::Meizu => "meizu",
            Vendor::Tpns => "tpns",
            Vendor::Honor => "honor",
            Vendor::Harmony => "harmony",
        }
    }
}

/// `module: Type, Handle`, where the type has `new(Arc<World>)` and is a `Service`.
macro_rules! vendors {
    ($($module:ident: $service:ident, $handle:ident;)*) => {
        /// Every batching vendor that is there.
        pub(crate) struct Batching {
            $(pub(crate) $module: Arc<$module::$service>,)*
        }

        impl Batching {
            /// Binds all their listeners and serves until `listeners` is done with.
            pub(crate) async fn start(listeners: &mut Listeners<'_>) -> Result<Batching, StartError> {
                Ok(Batching {
                    $($module: {
                        let service = $module::$service::new(listeners.world.clone());
                        listeners.open(service).await?
                    },)*
                })
            }
        }

        /// Their handles.
        impl Simulator {
            $(
                #[doc = concat!("What tests do at ", stringify!($service), ".")]
                pub fn $module(&self) -> $module::$handle<'_> {
                    $module::$handle::new(self.vendor(Vendor::$service), &self.batching.$module)
                }
            )*
        }
    };
}

vendors! {
    harmony: Harmony, HarmonyHandle;
    honor: Honor, HonorHandle;
    huawei: Huawei, HuaweiHandle;
    meizu: Meizu, MeizuHandle;
    tpns: Tpns, TpnsHandle;
    oppo: Oppo, OppoHandle;
    vivo: Vivo, VivoHandle;
    xiaomi: Xiaomi, XiaomiHandle;
}

/// What it takes to listen.
pub(crate) struct Listeners<'a> {
    pub(crate) options: &'a Options,
    pub(crate) tls: Arc<ServerConfig>,
    pub(crate) world: Arc<World>,
    pub(crate) tasks: &'a mut JoinSet<()>,
    pub(crate) addresses: &'a mut BTreeMap<Vendor, SocketAddr>,
}

impl Listeners<'_> {
    async fn open<S: Service>(&mut self, service: S) -> Result<Arc<S>, StartError> {
        let port = self.options.ports.get(&S::VENDOR).copied().unwrap_or(0);
        let (listener, address) = bind(S::VENDOR.name(), port).await?;
        let service = Arc::new(service);
        self.tasks.spawn(server::serve_http1(
            listener,
            self.tls.clone(),
            service.clone(),
            self.world.clone(),
        ));
        self.addresses.insert(S::VENDOR, address);
        Ok(service)
    }
}
