//! For the tests of the vendors: one request, judged without a connection.

use http::request::Builder;
use serde_json::Value;

use crate::Received;
use crate::net::exchange::{Acceptance, Reply, Service, Verdict};

/// What a vendor says to a request.
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Null when it is no JSON.
    pub(crate) body: Value,
    /// The reply as it goes over the wire.
    pub(crate) text: String,
    pub(crate) reached: Vec<String>,
    pub(crate) received: Option<Received>,
    /// None when it was refused.
    pub(crate) acceptance: Option<Acceptance>,
}

impl Answer {
    /// The vendor's code, be it a text or a number; the HTTP status when there is none.
    pub(crate) fn code(&self) -> String {
        match &self.body["code"] {
            Value::String(code) => code.clone(),
            Value::Number(code) => code.to_string(),
            _ => self.status.to_string(),
        }
    }
}

pub(crate) fn ask<S: Service<Peer = ()>>(service: &S, request: Builder, body: &str) -> Answer {
    let (head, ()) = request.body(()).unwrap().into_parts();
    match service.judge(&(), &head, body.as_bytes()).verdict {
        Verdict::Refused { reply, .. } => read(&reply, None),
        Verdict::Accepted(mut acceptance) => {
            let received = acceptance.received.take();
            if let Some(on_accept) = acceptance.on_accept.take() {
                on_accept();
            }
            Answer {
                reached: acceptance.targets.clone(),
                received,
                ..read(&acceptance.reply.clone(), Some(*acceptance))
            }
        }
    }
}

/// A reply alone, such as an injected one.
pub(crate) fn read(reply: &Reply, acceptance: Option<Acceptance>) -> Answer {
    Answer {
        status: reply.status.as_u16(),
        body: serde_json::from_slice(&reply.body).unwrap_or_default(),
        text: String::from_utf8(reply.body.to_vec()).unwrap(),
        reached: Vec::new(),
        received: None,
        acceptance,
    }
}

/// `value` with one field set, in objects that are there; `null` takes it out.
pub(crate) fn with(value: &Value, pointer: &str, field: Value) -> Value {
    let mut changed = value.clone();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = changed.pointer_mut(parent).unwrap();
    match field {
        Value::Null => {
            let taken = parent.as_object_mut().unwrap().remove(name);
            assert!(taken.is_some(), "nothing at {pointer}");
        }
        field => parent[name] = field,
    }
    changed
}
