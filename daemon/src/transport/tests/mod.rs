//! The transport against a peer that speaks raw frames, so that each test decides what it
//! gets to hear and when.

mod connecting;
mod http1;
mod http2;
mod limits;
mod peer;
mod silence;

use std::future::Future;
use std::time::Duration;

use http::Uri;
use nudged_plugin_api::{HttpRequest, Protocol};
use tokio::task::JoinHandle;

use super::{Client, Roots, TransportError, TransportSettings, VendorResponse};
use peer::Vendor;

type Sent = JoinHandle<Result<VendorResponse, TransportError>>;

fn settings(vendor: &Vendor) -> TransportSettings {
    TransportSettings {
        roots: Roots::with_extra(vec![vendor.authority()]),
        connect_timeout: Duration::from_secs(5),
        request_timeout: Duration::from_secs(5),
        ..TransportSettings::default()
    }
}

fn client(settings: &TransportSettings) -> Client {
    Client::new(settings, None, Protocol::Http2, 100).unwrap()
}

impl Client {
    async fn send(&self, mut request: HttpRequest) -> Result<VendorResponse, TransportError> {
        let url = std::mem::take(&mut request.url);
        let uri = Uri::try_from(url).map_err(|_| TransportError::BadUrl)?;
        self.send_to(uri, request).await
    }
}

fn request(vendor: &Vendor) -> HttpRequest {
    HttpRequest::post(vendor.url())
        .header("authorization", "bearer secret")
        .body("{}")
}

/// Sends in a task of its own.
fn send(client: &Client, vendor: &Vendor) -> Sent {
    let (client, request) = (client.clone(), request(vendor));
    tokio::spawn(async move { client.send(request).await })
}

/// Sends what will not be sent again, in a task of its own.
fn send_once(client: &Client, vendor: &Vendor) -> Sent {
    let (client, mut request) = (client.clone(), request(vendor));
    let uri = std::mem::take(&mut request.url).parse().unwrap();
    tokio::spawn(async move { client.send_once(uri, request).await })
}

/// Lets time pass in which nothing is heard.
async fn quiet(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

/// A condition or a panic, instead of a test that hangs.
async fn within<T>(future: impl Future<Output = T>) -> T {
    let deadline = Duration::from_secs(10);
    tokio::time::timeout(deadline, future)
        .await
        .expect("in time")
}

async fn result(sent: Sent) -> Result<VendorResponse, TransportError> {
    within(sent).await.unwrap()
}
