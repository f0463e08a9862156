//! Whether the AppSecret is good: `GET /v1/trace/messages/status` for the second that has just
//! passed. It reads and changes nothing. It does not show that `package` is the app's.

use nudged_plugin_api::{HttpRequest, Timestamp};

use crate::settings::Channel;

const SECOND: u64 = 1000;

/// A question about nothing.
pub(crate) fn request(channel: &Channel, now: Timestamp) -> HttpRequest {
    let (begin, end) = (now.0.saturating_sub(SECOND), now.0);
    let url = format!("{}?begin_time={begin}&end_time={end}", channel.status_url);
    HttpRequest::get(url).header("authorization", channel.authorization.reveal())
}
