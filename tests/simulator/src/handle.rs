//! What tests do at a vendor: set up its customers, and look at what it got.
//!
//! In: a running simulator. Out: a handle, with the same methods for every vendor; each vendor's
//! folder adds to its own what only its console has, or only its phones.

use crate::Simulator;
use crate::record::{Received, VendorCounts};
use crate::vendors::Vendor;
use crate::vendors::customers::Customers;

/// One vendor: what all of them have alike.
#[derive(Clone, Copy, Debug)]
pub struct VendorHandle<'a> {
    pub(crate) simulator: &'a Simulator,
    vendor: Vendor,
}

impl<'a> VendorHandle<'a> {
    pub(crate) fn new(simulator: &'a Simulator, vendor: Vendor) -> VendorHandle<'a> {
        VendorHandle { simulator, vendor }
    }

    /// Its base URL.
    ///
    /// # Panics
    /// When there is no stand-in for it: Google's token endpoint is at
    /// [`FcmHandle::token_url`](crate::FcmHandle::token_url).
    pub fn url(&self) -> String {
        let url = self.simulator.urls().remove(&self.vendor);
        url.unwrap_or_else(|| panic!("no stand-in listens for {}", self.vendor.name()))
    }

    /// What is counted of it.
    pub fn counts(&self) -> VendorCounts {
        self.simulator.counts().of(self.vendor).clone()
    }

    /// The messages that the phone of a token has got and still shows, unless it was tapped:
    /// those that were not taken back.
    pub fn shown(&self, token: &str) -> Vec<Received> {
        self.simulator.world.record.shown(self.vendor, token)
    }

    /// Something is wrong with a device token: `condition` is the vendor's own code or word.
    ///
    /// # Panics
    /// At APNs and FCM, whose tokens are unregistered or bound by their own handles.
    pub fn set_token_condition(&self, token: &str, condition: &str) {
        self.customers().set_condition(token, condition);
    }

    /// Nothing is wrong with a device token any more.
    ///
    /// # Panics
    /// As [`Self::set_token_condition`].
    pub fn clear_token_condition(&self, token: &str) {
        self.customers().clear_condition(token);
    }

    /// So many messages and no more in 24 hours from the next message on.
    ///
    /// # Panics
    /// At APNs and FCM, which have no such quota.
    pub fn set_daily_quota(&self, max_messages: Option<u64>) {
        self.customers().set_daily_quota(max_messages);
    }

    /// So many requests and no more in any second; `Some(0)` refuses all.
    ///
    /// # Panics
    /// At APNs and FCM, where faults say so.
    pub fn set_rate(&self, requests_per_second: Option<u64>) {
        self.customers().set_rate(requests_per_second);
    }

    /// Every grant that the vendor's token endpoint gave so far is expired now.
    ///
    /// # Panics
    /// At APNs, which gives no grants.
    pub fn revoke_grants(&self) {
        match self.vendor {
            Vendor::Fcm | Vendor::Oauth => self.simulator.fcm.accounts.revoke_grants(),
            _ => self.customers().revoke_grants(),
        }
    }

    /// Grants of the vendor's token endpoint live so long from now on.
    ///
    /// # Panics
    /// At APNs, which gives no grants.
    pub fn set_grant_lifetime(&self, secs: u64) {
        match self.vendor {
            Vendor::Fcm | Vendor::Oauth => self.simulator.fcm.accounts.set_lifetime(secs),
            _ => self.customers().set_grant_lifetime(secs),
        }
    }

    fn customers(&self) -> &'a Customers {
        let name = self.vendor.name();
        assert!(
            Vendor::BATCHING.contains(&self.vendor),
            "{name} knows no such customers: see its own handle"
        );
        self.simulator.world.customers(self.vendor)
    }
}

/// `/// doc, Handle of Service`: a vendor's own handle, which has all that [`VendorHandle`] has.
macro_rules! vendor_handle {
    ($(#[$doc:meta])* $handle:ident of $service:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy)]
        pub struct $handle<'a> {
            vendor: $crate::VendorHandle<'a>,
            service: &'a $service,
        }

        impl<'a> $handle<'a> {
            pub(crate) fn new(
                vendor: $crate::VendorHandle<'a>,
                service: &'a $service,
            ) -> $handle<'a> {
                $handle { vendor, service }
            }
        }

        impl<'a> std::ops::Deref for $handle<'a> {
            type Target = $crate::VendorHandle<'a>;

            fn deref(&self) -> &Self::Target {
                &self.vendor
            }
        }
    };
}

pub(crate) use vendor_handle;
