//! The a2 crate, as its documentation uses it.

use a2::request::payload::PayloadLike;
use a2::{Client, ClientConfig, Endpoint, NotificationOptions, Priority, PushType};
use serde::Serialize;

use crate::request::Requests;
use crate::{Failure, Request};

pub fn client(key: &[u8], key_id: String, team: String) -> Result<Client, Failure> {
    let config = ClientConfig::new(Endpoint::Production);
    Ok(Client::token(key, key_id, team, config)?)
}

/// The headers that the crate has a name for.
pub fn options(requests: &Requests) -> Result<NotificationOptions<'_>, Failure> {
    Ok(NotificationOptions {
        apns_push_type: Some(PushType::Alert),
        apns_expiration: match requests.header("apns-expiration") {
            Some(at) => Some(at.parse()?),
            None => None,
        },
        apns_priority: requests.header("apns-priority").map(|_| Priority::High),
        apns_topic: requests.header("apns-topic"),
        ..NotificationOptions::default()
    })
}

/// Its body is ready: that spares the crate its own making of JSON.
#[derive(Debug, Serialize)]
struct Ready<'a> {
    #[serde(skip)]
    request: Request,
    #[serde(skip)]
    options: &'a NotificationOptions<'a>,
}

impl PayloadLike for Ready<'_> {
    fn to_json_string(&self) -> Result<String, a2::Error> {
        Ok(self.request.body.clone())
    }

    fn get_device_token(&self) -> &str {
        &self.request.token
    }

    fn get_options(&self) -> &NotificationOptions<'_> {
        self.options
    }
}

pub async fn send(
    client: &Client,
    options: &NotificationOptions<'_>,
    request: Request,
) -> Result<(), Failure> {
    client.send(Ready { request, options }).await?;
    Ok(())
}
