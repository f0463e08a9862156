//! The control endpoint: plain HTTP/1.1 and JSON, for people and scripts.
//! It does nothing that the library's own methods do not.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::faults::Fault;
use crate::record::{Counts, Received};
use crate::vendors::Vendor;
use crate::world::World;

/// What the endpoint shows.
#[derive(Clone)]
pub(crate) struct Control {
    pub(crate) world: Arc<World>,
    pub(crate) addresses: BTreeMap<Vendor, SocketAddr>,
}

#[derive(Debug, Deserialize)]
struct Selection {
    vendor: Option<String>,
    token: Option<String>,
    limit: Option<usize>,
}

pub(crate) async fn serve(listener: TcpListener, control: Control) {
    let routes = Router::new()
        .route("/", get(index))
        .route("/received", get(received))
        .route("/counts", get(counts))
        .route("/faults", post(add_fault).delete(clear_faults))
        .route("/reset", post(reset))
        .with_state(control);
    // It ends with the simulator, or with the socket: nobody is left to tell.
    let _ended = axum::serve(listener, routes).await;
}

async fn index(State(control): State<Control>) -> Json<Value> {
    let mut index = json!({
        "routes": [
            "GET /received?vendor=&token=&limit=",
            "GET /counts",
            "POST /faults",
            "DELETE /faults",
            "POST /reset",
        ],
    });
    for (vendor, address) in &control.addresses {
        index[vendor.name()] = format!("https://{address}").into();
        if *vendor == Vendor::Fcm {
            let path = crate::vendors::fcm::TOKEN_PATH;
            index["token"] = format!("https://{address}{path}").into();
        }
    }
    Json(index)
}

/// The last `limit` messages that fit, in order of arrival.
async fn received(
    State(control): State<Control>,
    Query(selection): Query<Selection>,
) -> Json<Vec<Received>> {
    let fits = |message: &Received| {
        selection
            .vendor
            .as_ref()
            .is_none_or(|vendor| *vendor == message.vendor)
            && selection
                .token
                .as_ref()
                .is_none_or(|token| *token == message.token || message.tokens.contains(token))
    };
    let mut messages = control.world.record.received();
    messages.retain(fits);
    if let Some(limit) = selection.limit {
        messages.drain(..messages.len().saturating_sub(limit));
    }
    Json(messages)
}

async fn counts(State(control): State<Control>) -> Json<Counts> {
    Json(control.world.record.counts())
}

async fn add_fault(State(control): State<Control>, Json(fault): Json<Fault>) -> StatusCode {
    control.world.add_fault(fault);
    StatusCode::NO_CONTENT
}

async fn clear_faults(State(control): State<Control>) -> StatusCode {
    control.world.clear_faults();
    StatusCode::NO_CONTENT
}

async fn reset(State(control): State<Control>) -> StatusCode {
    control.world.clear_faults();
    control.world.record.reset();
    StatusCode::NO_CONTENT
}
