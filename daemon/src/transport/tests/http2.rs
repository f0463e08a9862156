use nudged_plugin_api::HttpRequest;
use tokio::task::yield_now;

use super::peer::{RST_STREAM, Vendor};
use super::{client, request, result, send, settings, within};
use crate::transport::{Processed, TransportError};

#[tokio::test]
async fn an_answer_comes_back() {
    let vendor = Vendor::start().await;
    let client = client(&settings(&vendor));
    let sent = send(&client, &vendor);
    let mut peer = vendor.peer(100).await;
    let stream = peer.request().await;
    peer.answer_with(stream, b"body").await;
    let answer = result(sent).await.unwrap();
    assert_eq!(answer.response.status, 200);
    assert_eq!(answer.response.body, b"body");
    assert!(answer.connection.is_some());
    assert_eq!(client.connections(), 1);
}

#[tokio::test]
async fn secrets_and_paths_stay_out_of_the_header_table() {
    let vendor = Vendor::start().await;
    let client = client(&settings(&vendor));
    let mut sent = send(&client, &vendor);
    let mut peer = vendor.peer(100).await;
    // The second request shows what the first put into the table.
    for _ in 0..2 {
        let (stream, block) = peer.request_with_headers().await;
        let has = |bytes: &[u8]| block.windows(bytes.len()).any(|part| part == bytes);
        // RFC 7541: literal never indexed, static name 23; literal without indexing, name 4.
        assert!(has(&[0x1f, 0x08]), "authorization in {block:x?}");
        assert!(has(&[0x04]), ":path in {block:x?}");
        peer.answer(stream).await;
        result(sent).await.unwrap();
        sent = send(&client, &vendor);
    }
}

#[tokio::test]
async fn goaway_refuses_what_was_not_processed_and_finishes_the_rest() {
    let vendor = Vendor::start().await;
    let client = client(&settings(&vendor));
    let before = send(&client, &vendor);
    let mut peer = vendor.peer(100).await;
    let stream = peer.request().await;
    peer.answer(stream).await;
    result(before).await.unwrap();

    let sent = [(); 3].map(|()| send(&client, &vendor));
    let [first, ..] = peer.requests::<3>().await;
    peer.go_away(first).await;

    let next = send_when_left(&client, &vendor).await;
    let mut other = vendor.peer(100).await;
    let stream = other.request().await;
    other.answer(stream).await;
    let next = result(next).await.unwrap();

    peer.answer(first).await;
    let [one, two, three] = sent;
    let one = result(one).await.unwrap();
    assert_ne!(one.connection, next.connection);
    for refused in [two, three] {
        let error = result(refused).await.unwrap_err();
        assert!(matches!(error, TransportError::Refused { .. }), "{error}");
        assert_eq!(error.processed(), Processed::No);
        assert!(error.to_string().contains("Shutdown"), "{error}");
    }
    peer.ended().await;
}

/// Sends once the client has seen that its only connection takes no more.
async fn send_when_left(client: &super::Client, vendor: &Vendor) -> super::Sent {
    left(client).await;
    send(client, vendor)
}

async fn left(client: &super::Client) {
    within(async {
        while client.connections() > 0 {
            yield_now().await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_reset_says_whether_the_vendor_processed_it() {
    let vendor = Vendor::start().await;
    let client = client(&settings(&vendor));
    let first = send(&client, &vendor);
    let mut peer = vendor.peer(100).await;
    let stream = peer.request().await;
    peer.reset(stream, h2::Reason::REFUSED_STREAM).await;
    let error = result(first).await.unwrap_err();
    assert_eq!(
        (error.code(), error.processed()),
        ("refused", Processed::No)
    );

    let second = send(&client, &vendor);
    let stream = peer.request().await;
    peer.reset(stream, h2::Reason::INTERNAL_ERROR).await;
    let error = result(second).await.unwrap_err();
    assert_eq!(
        (error.code(), error.processed()),
        ("reset", Processed::Unknown)
    );
    assert_eq!(client.connections(), 1);
}

#[tokio::test]
async fn a_lost_connection_leaves_the_request_in_doubt() {
    let vendor = Vendor::start().await;
    let client = client(&settings(&vendor));
    let sent = send(&client, &vendor);
    let mut peer = vendor.peer(100).await;
    peer.request().await;
    drop(peer);
    let error = result(sent).await.unwrap_err();
    assert_eq!(
        (error.code(), error.processed()),
        ("connection_lost", Processed::Unknown)
    );
    left(&client).await;
}

#[tokio::test]
async fn an_answer_over_the_cap_is_cut_off() {
    let vendor = Vendor::start().await;
    let mut settings = settings(&vendor);
    settings.max_response_body = 10;
    let client = client(&settings);
    let first = send(&client, &vendor);
    let mut peer = vendor.peer(100).await;
    let stream = peer.request().await;
    peer.answer_with(stream, b"0123456789").await;
    assert_eq!(result(first).await.unwrap().response.body.len(), 10);

    let second = send(&client, &vendor);
    let stream = peer.request().await;
    peer.answer_with(stream, b"0123456789a").await;
    let error = result(second).await.unwrap_err();
    assert!(
        matches!(error, TransportError::BodyTooLarge { limit: 10, .. }),
        "{error}"
    );
}

#[tokio::test]
async fn a_dropped_request_is_cancelled_and_frees_its_place() {
    let vendor = Vendor::start().await;
    let client = client(&settings(&vendor));
    let first = send(&client, &vendor);
    let mut peer = vendor.peer(1).await;
    let stream = peer.request().await;
    first.abort();
    let second = send(&client, &vendor);
    let frame = peer.frame().await.unwrap();
    assert_eq!((frame.kind, frame.stream), (RST_STREAM, stream));
    let stream = peer.request().await;
    peer.answer(stream).await;
    result(second).await.unwrap();
}

#[tokio::test]
async fn a_retired_connection_finishes_and_ends() {
    let vendor = Vendor::start().await;
    let client = client(&settings(&vendor));
    let first = send(&client, &vendor);
    let mut peer = vendor.peer(100).await;
    let stream = peer.request().await;
    peer.answer(stream).await;
    let connection = result(first).await.unwrap().connection.unwrap();

    let second = send(&client, &vendor);
    let stream = peer.request().await;
    client.retire(connection);
    assert_eq!(client.connections(), 0);
    let third = send(&client, &vendor);
    let mut other = vendor.peer(100).await;
    let other_stream = other.request().await;
    other.answer(other_stream).await;
    assert_ne!(result(third).await.unwrap().connection, Some(connection));
    peer.answer(stream).await;
    assert_eq!(result(second).await.unwrap().connection, Some(connection));
    peer.ended().await;
}

#[tokio::test]
async fn a_dropped_client_ends_its_connections() {
    let vendor = Vendor::start().await;
    let client = client(&settings(&vendor));
    let sent = send(&client, &vendor);
    let mut peer = vendor.peer(100).await;
    let stream = peer.request().await;
    drop(client);
    peer.answer(stream).await;
    result(sent).await.unwrap();
    peer.ended().await;
}

#[tokio::test]
async fn unusable_requests_go_nowhere() {
    let vendor = Vendor::start().await;
    let client = client(&settings(&vendor));
    for url in ["http://localhost/", "/path", "https://", "no url", ""] {
        let error = client.send(HttpRequest::post(url)).await.unwrap_err();
        assert_eq!(
            (error.code(), error.processed()),
            ("bad_url", Processed::No),
            "{url}"
        );
    }
    let split = request(&vendor).header("x-a", "b\r\nc: d");
    let error = client.send(split).await.unwrap_err();
    assert_eq!(error.code(), "bad_header");
    assert_eq!(client.connections(), 0);
}
