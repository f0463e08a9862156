//! Whose tokens may be written down in a form that their driver would not give them now: those of
//! a channel whose driver changed, or could not be asked for a while.
//!
//! In: the channels that are taken into use. Out: the registry with their tokens in form, done once
//! for each driver of a channel. Refuses to know what a form is.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::meaning::Meanings;
use super::notify::Progress;
use crate::config::shown;
use crate::dispatch::Route;
use crate::model::CertificateId;
use crate::registry::{CanonicalTokens, CanonicalizeCounts, Registry};

/// The drivers that are asked.
struct Asked<'a>(BTreeMap<CertificateId, &'a Route>);

impl CanonicalTokens for Asked<'_> {
    fn of(&self, channel: CertificateId, tokens: Vec<String>) -> Option<Vec<Option<String>>> {
        let route = self.0.get(&channel)?;
        Some(route.forms(tokens).into_iter().map(Result::ok).collect())
    }
}

/// Brings the tokens of these channels into their form, where that was not done by the same driver
/// before. What cannot be done now is done at the next start or reload.
pub async fn bring(registry: &Registry, meanings: &Meanings, routes: &[Arc<Route>]) {
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
        let mut progress = Progress::begun();
        let heard = |done: &CanonicalizeCounts| {
            progress.heard(|| {
                let seen = shown::thousands(done.seen);
                format!("bringing tokens into their form: {seen} devices so far")
            });
        };
        match registry.canonicalize(&Asked(asked), heard).await {
            Ok(did) if did.changed + did.doubles + did.refused > 0 => tracing::info!(
                seen = did.seen,
                changed = did.changed,
                doubles_removed = did.doubles,
                no_tokens = did.refused,
                "tokens are in their form now"
            ),
            Ok(did) => tracing::debug!(seen = did.seen, "tokens have their form"),
            Err(error) => {
                tracing::error!(%error, "tokens cannot be brought into their form; the next start or reload tries again");
                return;
            }
        }
    }
    if let Err(error) = meanings.formed(&formed).await {
        tracing::error!(%error, "that tokens have their form cannot be written down; the next start looks again");
    }
}
