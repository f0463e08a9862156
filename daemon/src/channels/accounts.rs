//! Which channels share an account of a vendor: of every certificate id that was ever in use, for its
//! devices are still there.
//!
//! In: what certificate ids stand for. Out: the registry with its devices by account.

use super::meaning::CertificateMeanings;
use crate::registry::{Registry, VendorAccounts};

/// Tells the registry, and says what that cost whom.
pub async fn share_accounts(registry: &Registry, meanings: &CertificateMeanings) {
    let known = meanings.all();
    let accounts = VendorAccounts::of(known.iter().filter_map(|(id, meaning)| {
        let account = meaning.account.as_deref()?;
        Some((*id, (&meaning.app, &meaning.driver, account)))
    }));
    match registry.set_accounts(accounts).await {
        Ok(0) => {}
        Ok(tokens) => tracing::info!(
            tokens,
            "devices that were reported through two channels of one account belong to the later report now"
        ),
        Err(error) => tracing::error!(
            %error,
            "cannot store which channels share an account; the next reload tries again"
        ),
    }
}
