//! Which channels a request about the queue means: one by its name or certificate id, or all that
//! its caller may see, configured or with something in the queue.

use std::sync::Arc;

use axum::extract::FromRef;

use super::super::allowed::{Allowed, Caller, Right};
use super::super::state::ApiState;
use super::super::unknown;
use crate::channels::Routes;
use crate::dispatch::Operator;
use crate::model::CertificateId;
use crate::queue::Queue;
use crate::store::StoreError;
use nudged_wire::{Code, Problem};

/// Where channels are looked for.
pub struct Lookup {
    routes: Arc<Routes>,
    queue: Arc<Queue>,
    operator: Arc<Operator>,
}

impl FromRef<ApiState> for Lookup {
    fn from_ref(state: &ApiState) -> Self {
        Self {
            routes: Arc::from_ref(state),
            queue: Arc::from_ref(state),
            operator: Arc::from_ref(state),
        }
    }
}

impl Lookup {
    /// The channel of this name or certificate id.
    pub fn one<V: Right>(
        &self,
        caller: &Caller<V>,
        text: &str,
    ) -> Result<Allowed<V, CertificateId>, Problem> {
        let search = caller.search()?;
        let unknown = || unknown::queue_of(text);
        let table = self.routes.current();
        let named = table.all().iter().find(|entry| entry.name == text);
        let id = match named {
            Some(entry) => entry.certificate_id,
            None => text.parse().map(CertificateId).map_err(|_| unknown())?,
        };
        let entry = table.by_id(id);
        let is_known = entry.is_some()
            || self.operator.held_since(id).is_some()
            || self.queue.occupied()?.contains(&id);
        if !is_known {
            return Err(unknown());
        }
        search.found(id, entry.map(|entry| entry.app.as_str()), unknown)
    }

    /// As [`Self::one`], where the channel has to be named.
    pub fn named<V: Right>(
        &self,
        caller: &Caller<V>,
        text: Option<&str>,
    ) -> Result<Allowed<V, CertificateId>, Problem> {
        match text {
            Some(text) => self.one(caller, text),
            None => Err(Problem::new(Code::Invalid, "missing: which channel?")
                .field("channel")
                .hint("its name or certificate id; nudgectl channel ls lists them")),
        }
    }

    /// All in whose app the caller may do it.
    pub fn all<V: Right>(&self, caller: &Caller<V>) -> Result<Vec<CertificateId>, StoreError> {
        let table = self.routes.current();
        let mut all = self.queue.occupied()?;
        all.extend(table.all().iter().map(|entry| entry.certificate_id));
        all.sort_unstable();
        all.dedup();
        let app = |id| table.by_id(id).map(|entry| entry.app.as_str());
        all.retain(|id| caller.may(app(*id)));
        Ok(all)
    }
}
