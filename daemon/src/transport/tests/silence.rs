//! Connections of which nobody says that they are gone, as behind a NAT that forgot them.

use std::time::Duration;

use nudged_plugin_api::Protocol;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::yield_now;
use tokio::time::pause;
use tokio_rustls::server::TlsStream;

use super::peer::{RawPeer, Vendor};
use super::{client, quiet, result, send, send_once, settings, within};
use crate::transport::http2::ConnectionId;
use crate::transport::{Client, Processed};

/// Longer than any request is sent without a question.
const QUIET: Duration = Duration::from_secs(2);
/// Longer than a request that is its message's only chance is.
const QUIET_ONCE: Duration = Duration::from_millis(200);

/// A connection that has served.
async fn served(client: &Client, vendor: &Vendor) -> (RawPeer, ConnectionId) {
    let sent = send(client, vendor);
    let mut peer = vendor.peer(100).await;
    let stream = peer.request().await;
    peer.answer(stream).await;
    let id = result(sent).await.unwrap().connection.unwrap();
    (peer, id)
}

#[tokio::test]
async fn a_connection_that_was_quiet_answers_a_ping_before_it_gets_a_request() {
    let vendor = Vendor::start().await;
    let client = client(&settings(&vendor));
    let (mut peer, id) = served(&client, &vendor).await;

    quiet(QUIET).await;
    let sent = send(&client, &vendor);
    let ping = peer.ping().await;
    peer.pong(&ping).await;
    let stream = peer.request().await;
    peer.answer(stream).await;

    assert_eq!(result(sent).await.unwrap().connection, Some(id));
}

#[tokio::test]
async fn what_is_sent_once_asks_a_connection_that_was_quiet_for_a_moment() {
    let vendor = Vendor::start().await;
    let client = client(&settings(&vendor));
    let (mut peer, id) = served(&client, &vendor).await;

    quiet(QUIET_ONCE).await;
    let sent = send_once(&client, &vendor);
    let ping = peer.ping().await;
    peer.pong(&ping).await;
    let stream = peer.request().await;
    peer.answer(stream).await;

    assert_eq!(result(sent).await.unwrap().connection, Some(id));
}

#[tokio::test]
async fn a_quiet_connection_that_leaves_a_ping_unanswered_gets_no_request_and_ends() {
    let vendor = Vendor::start().await;
    let client = client(&settings(&vendor));
    for once in [false, true] {
        let (_mute, id) = served(&client, &vendor).await;

        quiet(QUIET).await;
        let sent = match once {
            true => send_once(&client, &vendor),
            false => send(&client, &vendor),
        };
        // Nobody reads at the first: the second is opened long before that is given up.
        let mut other = vendor.peer(100).await;
        let stream = other.request().await;
        other.answer(stream).await;

        let answer = result(sent).await.unwrap();
        assert_ne!(answer.connection, Some(id));
        client.retire(answer.connection.unwrap());
        ends(&client).await;
    }
}

/// Waits until all connections have been given up.
async fn ends(client: &Client) {
    pause();
    while client.connections() > 0 {
        tokio::time::advance(Duration::from_secs(1)).await;
        yield_now().await;
    }
    tokio::time::resume();
}

#[tokio::test]
async fn after_a_time_out_a_connection_gets_no_request_before_it_has_answered_a_ping() {
    let vendor = Vendor::start().await;
    let mut settings = settings(&vendor);
    settings.request_timeout = Duration::from_secs(1);
    let client = client(&settings);
    let (mut peer, id) = served(&client, &vendor).await;
    let sent = send(&client, &vendor);
    peer.request().await;
    pause();
    assert_eq!(result(sent).await.unwrap_err().code(), "timed_out");
    tokio::time::resume();

    // Nobody reads at the first.
    let sent = send(&client, &vendor);
    let mut other = vendor.peer(100).await;
    let stream = other.request().await;
    other.answer(stream).await;

    assert_ne!(result(sent).await.unwrap().connection, Some(id));
}

#[tokio::test]
async fn requests_on_a_connection_that_fell_silent_fail_long_before_their_time_out() {
    let vendor = Vendor::start().await;
    let mut settings = settings(&vendor);
    settings.request_timeout = Duration::from_secs(60);
    let client = client(&settings);
    let sent = [(); 2].map(|()| send(&client, &vendor));
    let mut peer = vendor.peer(100).await;
    peer.requests::<2>().await;
    pause();
    for sent in sent {
        let error = sent.await.unwrap().unwrap_err();
        assert_eq!(
            (error.code(), error.processed()),
            ("connection_silent", Processed::Unknown)
        );
        assert!(!error.is_overload());
        assert!(error.to_string().contains("nor to a ping"), "{error}");
    }
    assert_eq!(client.connections(), 0);
}

#[tokio::test]
async fn a_connection_that_was_retired_and_fell_silent_ends_too() {
    let vendor = Vendor::start().await;
    let mut settings = settings(&vendor);
    settings.request_timeout = Duration::from_secs(60);
    let client = client(&settings);
    let (mut peer, id) = served(&client, &vendor).await;
    let sent = send(&client, &vendor);
    peer.request().await;
    client.retire(id);
    pause();
    let error = sent.await.unwrap().unwrap_err();
    assert_eq!(error.code(), "connection_silent");
}

#[tokio::test]
async fn interim_answers_without_end_are_not_kept_and_end_the_connection() {
    let vendor = Vendor::start().await;
    let mut settings = settings(&vendor);
    settings.request_timeout = Duration::from_secs(60);
    let client = client(&settings);
    let sent = send(&client, &vendor);
    let mut peer = vendor.peer(100).await;
    let stream = peer.request().await;
    peer.interim(stream, 10_000).await;
    pause();
    let error = sent.await.unwrap().unwrap_err();
    assert_eq!(
        (error.code(), error.processed()),
        ("flooded", Processed::Unknown)
    );
    assert_eq!(client.connections(), 0);
}

#[tokio::test]
async fn a_few_interim_answers_before_each_answer_are_borne_for_ever() {
    let vendor = Vendor::start().await;
    let client = client(&settings(&vendor));
    let (mut peer, id) = served(&client, &vendor).await;
    for _ in 0..50 {
        let sent = send(&client, &vendor);
        let stream = peer.request().await;
        peer.interim(stream, 500).await;
        peer.answer_with(stream, b"body").await;
        let answer = result(sent).await.unwrap();
        assert_eq!((answer.response.status, answer.connection), (200, Some(id)));
    }
}

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";

/// Reads a request up to its body `{}`.
async fn asked(stream: &mut TlsStream<TcpStream>) {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n{}") {
        request.push(within(stream.read_u8()).await.unwrap());
    }
}

/// Reads a request and answers it; the connection stays.
async fn answer(stream: &mut TlsStream<TcpStream>) {
    asked(stream).await;
    stream.write_all(OK).await.unwrap();
    stream.flush().await.unwrap();
}

#[tokio::test]
async fn a_time_out_over_http1_sends_the_next_request_elsewhere() {
    let vendor = Vendor::with(&[b"http/1.1"], None).await;
    let client = Client::new(&settings(&vendor), None, Protocol::Http1, 100).unwrap();
    let sent = [(); 2].map(|()| send(&client, &vendor));
    let mut first = vendor.stream().await.unwrap();
    let mut second = vendor.stream().await.unwrap();
    answer(&mut first).await;
    answer(&mut second).await;
    for sent in sent {
        result(sent).await.unwrap();
    }
    // One of the two is used again, falls silent, and the other is not tried after it.
    let sent = send(&client, &vendor);
    tokio::select! {
        () = asked(&mut first) => {}
        () = asked(&mut second) => {}
    }
    pause();
    assert_eq!(result(sent).await.unwrap_err().code(), "timed_out");
    tokio::time::resume();

    let sent = send(&client, &vendor);
    answer(&mut vendor.stream().await.unwrap()).await;
    result(sent).await.unwrap();
}

#[tokio::test]
async fn what_is_sent_once_over_http1_goes_over_no_connection_that_was_quiet() {
    let vendor = Vendor::with(&[b"http/1.1"], None).await;
    let client = Client::new(&settings(&vendor), None, Protocol::Http1, 100).unwrap();
    let sent = send(&client, &vendor);
    let mut first = vendor.stream().await.unwrap();
    answer(&mut first).await;
    result(sent).await.unwrap();

    let sent = send(&client, &vendor);
    answer(&mut first).await;
    result(sent).await.unwrap();
    quiet(QUIET_ONCE).await;
    let sent = send_once(&client, &vendor);
    answer(&mut vendor.stream().await.unwrap()).await;
    result(sent).await.unwrap();
}

#[tokio::test]
async fn interim_answers_over_http1_are_read_and_forgotten() {
    let vendor = Vendor::with(&[b"http/1.1"], None).await;
    let client = Client::new(&settings(&vendor), None, Protocol::Http1, 100).unwrap();
    let sent = send(&client, &vendor);
    let mut stream = vendor.stream().await.unwrap();
    asked(&mut stream).await;
    let interim = b"HTTP/1.1 103 Early Hints\r\n\r\n".repeat(10_000);
    within(stream.write_all(&interim)).await.unwrap();
    stream.write_all(OK).await.unwrap();
    stream.flush().await.unwrap();
    assert_eq!(result(sent).await.unwrap().response.status, 200);
}
