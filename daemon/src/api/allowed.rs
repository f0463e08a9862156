//! Leave to do something, as a value: a handler has one, or is refused.
//!
//! In: the peer of a connection, one of four rights, and what it is about. Out: an [`Allowed`],
//! which is to be had from the policy only; where the app stands in the path or the query axum
//! makes it before the handler is called. Where the app stands in the body or in a record, the
//! handler has a [`Caller`], who is allowed nothing yet, and asks. Refuses to know what the rules
//! are: those are [`crate::access`]'s.

use std::convert::Infallible;
use std::marker::PhantomData;
use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use nudged_wire::{Code, NotificationSpec, Problem};

use super::refusal::Refusal;
use crate::access::{Access, Denied, FoundError, Peer, Permit};
use crate::config::Verb;
use crate::model::DEFAULT_APP;

/// What a peer may be allowed to do, as a type.
pub trait Right: std::marker::Send + Sync + 'static {
    const VERB: Verb;
}

/// Send notifications, and revoke them.
pub struct Send;
/// Report, list and delete devices; read and change settings of users.
pub struct Devices;
/// See channels, queue, traces and events.
pub struct Observe;
/// Change what is queued or configured, and see whole tokens.
pub struct Admin;

impl Right for Send {
    const VERB: Verb = Verb::Send;
}
impl Right for Devices {
    const VERB: Verb = Verb::Devices;
}
impl Right for Observe {
    const VERB: Verb = Verb::Observe;
}
impl Right for Admin {
    const VERB: Verb = Verb::Admin;
}

/// What rights are asked for: something of one app, or of all.
pub trait OfApp {
    /// None = what concerns all apps.
    fn app(&self) -> Option<&str>;
}

/// The daemon as a whole.
#[derive(Clone, Copy)]
pub struct AllApps;

impl OfApp for AllApps {
    fn app(&self) -> Option<&str> {
        None
    }
}

impl<S: Sync> FromRequestParts<S> for AllApps {
    type Rejection = Infallible;

    async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self)
    }
}

impl OfApp for NotificationSpec {
    fn app(&self) -> Option<&str> {
        let named = self.app.as_deref().filter(|app| !app.is_empty());
        Some(named.unwrap_or(DEFAULT_APP))
    }
}

/// An app.
impl OfApp for String {
    fn app(&self) -> Option<&str> {
        Some(self)
    }
}

/// One app, or all.
impl OfApp for Option<String> {
    fn app(&self) -> Option<&str> {
        self.as_deref()
    }
}

/// Names of which the first is the app.
impl OfApp for (String, String) {
    fn app(&self) -> Option<&str> {
        Some(&self.0)
    }
}

impl OfApp for (String, String, String) {
    fn app(&self) -> Option<&str> {
        Some(&self.0)
    }
}

/// Something that a peer may do `V` with.
pub struct Allowed<V, T = AllApps> {
    /// Whose request it is.
    pub uid: u32,
    /// What it is about.
    pub object: T,
    right: PhantomData<V>,
}

impl<S, V, T> FromRequestParts<S> for Allowed<V, T>
where
    S: std::marker::Send + Sync,
    V: Right,
    T: FromRequestParts<S> + OfApp + std::marker::Send,
    Arc<Access>: FromRef<S>,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        // What cannot be read is refused first, as it is where the app stands in the body.
        let object = T::from_request_parts(parts, state).await;
        let object = object.map_err(IntoResponse::into_response)?;
        let caller = Caller::from_request_parts(parts, state).await;
        let caller = caller.map_err(IntoResponse::into_response)?;
        let allowed = caller.allow(object);
        allowed.map_err(|denied| Refusal::from(denied).into_response())
    }
}

/// A peer that wants to do `V`, and may not do so yet.
pub struct Caller<V> {
    access: Arc<Access>,
    peer: Arc<Peer>,
    right: PhantomData<V>,
}

impl<S, V> FromRequestParts<S> for Caller<V>
where
    S: std::marker::Send + Sync,
    V: Right,
    Arc<Access>: FromRef<S>,
{
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        // Every connection has one; a request without is nobody's.
        let peer = parts.extensions.remove::<Arc<Peer>>();
        let nobody = || Problem::new(Code::Forbidden, "the peer's credentials are unavailable");
        Ok(Self {
            access: Arc::from_ref(state),
            peer: peer.ok_or_else(nobody)?,
            right: PhantomData,
        })
    }
}

impl<V: Right> Caller<V> {
    pub fn uid(&self) -> u32 {
        self.peer.uid
    }

    /// The object again, to be done `V` with.
    pub fn allow<T: OfApp>(&self, object: T) -> Result<Allowed<V, T>, Denied> {
        let policy = self.access.policy();
        policy.check(&self.peer, V::VERB, object.app())?;
        Ok(self.allowed(object))
    }

    /// Leave that lasts until a reload takes it away, for streams.
    pub fn permit(&self, app: Option<&str>) -> Result<Permit, Denied> {
        Permit::of(&self.access, &self.peer, V::VERB, app)
    }

    /// Whether it may, for lists in which everybody finds only its own.
    pub fn may(&self, app: Option<&str>) -> bool {
        self.access.policy().allows(&self.peer, V::VERB, app)
    }

    /// Leave to look for something whose app only its record says.
    pub fn search(&self) -> Result<Search<'_, V>, Denied> {
        self.access.policy().check_anywhere(&self.peer, V::VERB)?;
        Ok(Search(self))
    }

    fn allowed<T>(&self, object: T) -> Allowed<V, T> {
        Allowed {
            uid: self.peer.uid,
            object,
            right: PhantomData,
        }
    }
}

/// A peer that may do `V` in some app.
pub struct Search<'a, V>(&'a Caller<V>);

impl<V: Right> Search<'_, V> {
    /// What was found, to be done `V` with. To whoever may not observe its app, it is unknown.
    pub fn found<T>(
        &self,
        object: T,
        app: Option<&str>,
        unknown: impl FnOnce() -> Problem,
    ) -> Result<Allowed<V, T>, Problem> {
        let Self(caller) = self;
        let policy = caller.access.policy();
        match policy.check_found(&caller.peer, V::VERB, app) {
            Ok(()) => Ok(caller.allowed(object)),
            Err(FoundError::Denied(denied)) => Err(denied.into()),
            Err(FoundError::Hidden) => Err(unknown()),
        }
    }
}

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Self {
        Self::new(Code::Forbidden, denied.to_string())
            .hint("the operator allows it with an [[access]] rule in nudged.toml")
    }
}
