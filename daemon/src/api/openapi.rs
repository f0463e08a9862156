//! The OpenAPI document, made from the types and routes themselves.

mod amend;

use serde_json::Value;
use utoipa::OpenApi;

use super::{
    brake, channels, devices, events, health, im, notifications, queue, reload, revoke, settings,
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "nudged",
        description = "Gets a message to a phone whose app is not running. Served as HTTP/1.1 on a Unix socket.",
    ),
    paths(
        health::health,
        health::status,
        channels::list,
        channels::one,
        brake::release,
        channels::drivers,
        devices::put,
        devices::put_state,
        devices::get,
        devices::list,
        devices::delete,
        devices::import::import,
        devices::export::export,
        devices::tombstones::tombstones,
        devices::tombstones::restore,
        settings::get,
        settings::put,
        settings::patch,
        notifications::post,
        notifications::preview,
        notifications::trace::get,
        revoke::delete,
        im::post,
        im::sendmsg,
        im::batchsendmsg,
        im::send_group_msg,
        im::timpush_batch,
        events::events,
        queue::list,
        queue::remove,
        queue::flush,
        queue::hold,
        queue::release,
        queue::check,
        reload::reload,
    )
)]
struct Document;

pub fn document() -> Value {
    let made = serde_json::to_value(Document::openapi());
    let mut document = made.expect("a document has text keys only");
    amend::amend(&mut document);
    document
}

#[cfg(test)]
mod tests;
