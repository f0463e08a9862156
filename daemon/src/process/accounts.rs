//! Which channels are one account of a vendor, told to the registry: of every certificate id that
//! was ever in use, for its devices are still there.

use super::meaning::Meanings;
use crate::registry::{Registry, VendorAccounts};

/// Tells the registry, and says what that cost whom.
pub async fn tell(registry: &Registry, meanings: &Meanings) {
    let known = meanings.all();
    let accounts = VendorAccounts::of(known.iter().filter_map(|(id, meaning)| {
        let account = meaning.account.as_deref()?;
        Some((*id, (&meaning.app, &meaning.driver, account)))
    }));
    match registry.set_accounts(accounts).await {
        Ok(0) => {}
        Ok(tokens) => tracing::info!(
            tokens,
            "phones that were reported through two channels of one account are the later report's now"
        ),
        Err(error) => tracing::error!(
            %error,
            "which channels are one account cannot be told to the registry; the next reload tries again"
        ),
    }
}
