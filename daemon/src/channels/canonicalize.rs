//! Whose tokens may not be in the one form that their driver gives them now: those of a channel whose
//! driver changed, or could not be asked for a while.
//!
//! In: the channels that are taken into use. Out: the registry with canonical tokens, done once for
//! each driver of a channel. Refuses to know what makes a token canonical.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::meaning::CertificateMeanings;
use crate::channels::Route;
use crate::model::CertificateId;
use crate::registry::{CanonicalTokens, CanonicalizeCounts, Registry};

/// The drivers that are asked.
struct RouteCanonicalizers<'a>(BTreeMap<CertificateId, &'a Route>);

impl CanonicalTokens for RouteCanonicalizers<'_> {
    fn of(&self, channel: CertificateId, tokens: Vec<String>) -> Option<Vec<Option<String>>> {
        let route = self.0.get(&channel)?;
        Some(
            route
                .canonical_tokens(tokens)
                .into_iter()
                .map(Result::ok)
                .collect(),
        )
    }
}

/// Canonicalizes the tokens of these channels, where that was not done by the same driver before. What cannot be done now is done at the next start or reload.
pub async fn canonicalize(
    registry: &Registry,
    meanings: &CertificateMeanings,
    routes: &[Arc<Route>],
    progress: impl FnMut(&CanonicalizeCounts) + Send,
) {
    let known = meanings.all();
    let done = |route: &Route| {
        let meaning = known.get(&route.certificate_id);
        meaning.is_some_and(|meaning| meaning.forms == route.forms)
    };
    let asked: BTreeMap<CertificateId, &Route> = routes
        .iter()
        .filter(|route| !done(route))
        .map(|route| (route.certificate_id, &**route))
        .collect();
    let formed: BTreeMap<CertificateId, u64> = routes
        .iter()
        .map(|route| (route.certificate_id, route.forms))
        .collect();
    if !asked.is_empty() {
        match registry
            .canonicalize(&RouteCanonicalizers(asked), progress)
            .await
        {
            Ok(did) if did.changed + did.doubles + did.refused > 0 => tracing::info!(
                seen = did.seen,
                changed = did.changed,
                doubles_removed = did.doubles,
                no_tokens = did.refused,
                "tokens are canonical now"
            ),
            Ok(did) => tracing::debug!(seen = did.seen, "all tokens are canonical"),
            Err(error) => {
                tracing::error!(%error, "cannot canonicalize tokens; the next start or reload tries again");
                return;
            }
        }
    }
    if let Err(error) = meanings.record_canonical(&formed).await {
        tracing::error!(%error, "cannot store that tokens are canonical; the next start checks them again");
    }
}
