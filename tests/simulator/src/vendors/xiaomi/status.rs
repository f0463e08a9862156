//! The state of the messages of a period, of which this Xiaomi remembers none: a query with a
//! beginning and an end in milliseconds, of those who have an AppSecret.

use http::request::Parts;
use http::{Method, StatusCode};
use serde_json::json;

use super::Xiaomi;
use super::error::{self, PARAMETER, Refusal};
use crate::net::exchange::{Acceptance, Reply};
use crate::vendors::Vendor;

pub(super) const PATH: &str = "/v1/trace/messages/status";
const FIELDS: [&str; 2] = ["begin_time", "end_time"];

impl Xiaomi {
    pub(super) fn status(&self, head: &Parts, body: &[u8]) -> Result<Acceptance, Refusal> {
        if head.method != Method::GET {
            return Err(Refusal::wrong_method());
        }
        let (secret, _) = self.authenticate(head)?;
        if !body.is_empty() {
            return Err(Refusal::of(PARAMETER, "a GET with a body"));
        }
        let query = head.uri.query().unwrap_or_default();
        let given: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        if let Some((name, _)) = given.iter().find(|(name, _)| !FIELDS.contains(&&**name)) {
            return Err(Refusal::of(PARAMETER, format!("unknown parameter {name}")));
        }
        let [begin, end] = FIELDS.map(|field| {
            let value = given.iter().find(|(name, _)| name == field);
            let (_, text) = value.ok_or_else(|| Refusal::missing(field))?;
            let millis: Option<u64> = text.parse().ok();
            millis.ok_or_else(|| Refusal::value(field, "is no time in milliseconds"))
        });
        if begin? > end? {
            return Err(Refusal::value("begin_time", "is after end_time"));
        }
        let reply = json!({
            "result": "ok",
            "description": "\u{6210}\u{529f}",
            "data": { "data": [] },
            "code": 0,
            "info": "",
            "trace_id": error::trace_id(),
        });
        let reply = Reply::json(StatusCode::OK, &reply);
        Ok(Acceptance::of_recall(
            Vendor::Xiaomi,
            Vec::new(),
            secret,
            reply,
        ))
    }
}
