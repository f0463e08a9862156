use std::time::Duration;

use tokio::task::yield_now;
use tokio::time::{advance, pause, resume};

use super::peer::{RST_STREAM, Vendor};
use super::{client, result, send, settings};
use crate::transport::Processed;

#[tokio::test]
async fn the_vendors_stream_limit_is_obeyed_and_its_raise_used() {
    let vendor = Vendor::start().await;
    let client = client(&settings(&vendor));
    let sent = [(); 3].map(|()| send(&client, &vendor));
    let mut peer = vendor.peer(1).await;
    let stream = peer.request().await;
    peer.hears_nothing().await;
    // As APNs does when the first request has shown who we are.
    peer.limit(1000).await;
    let others = peer.requests::<2>().await;
    for stream in [stream, others[0], others[1]] {
        peer.answer(stream).await;
    }
    for sent in sent {
        result(sent).await.unwrap();
    }
    assert_eq!(client.connections(), 1);
}

#[tokio::test]
async fn another_connection_is_opened_only_when_all_are_full() {
    let vendor = Vendor::start().await;
    let mut settings = settings(&vendor);
    settings.max_connections = 2;
    let client = client(&settings);
    let first = send(&client, &vendor);
    let mut peer = vendor.peer(2).await;
    let stream = peer.request().await;
    peer.answer(stream).await;
    result(first).await.unwrap();

    let mut sent = vec![send(&client, &vendor), send(&client, &vendor)];
    let held = peer.requests::<2>().await;
    assert_eq!(client.connections(), 1);
    sent.push(send(&client, &vendor));
    let mut other = vendor.peer(2).await;
    let stream = other.request().await;
    assert_eq!(client.connections(), 2);
    other.answer(stream).await;

    // Two connections are the most: of these three, one waits for its turn.
    sent.extend([(); 3].map(|()| send(&client, &vendor)));
    let more = other.requests::<2>().await;
    other.hears_nothing().await;
    peer.answer(held[0]).await;
    let last = peer.request().await;
    for stream in more {
        other.answer(stream).await;
    }
    for stream in [held[1], last] {
        peer.answer(stream).await;
    }
    for sent in sent {
        result(sent).await.unwrap();
    }
    assert_eq!(client.connections(), 2);
}

#[tokio::test]
async fn a_hung_request_times_out_and_frees_its_place() {
    let vendor = Vendor::start().await;
    let client = client(&settings(&vendor));
    let first = send(&client, &vendor);
    let mut peer = vendor.peer(1).await;
    let hung = peer.request().await;
    pause();
    let error = result(first).await.unwrap_err();
    assert_eq!(
        (error.code(), error.processed()),
        ("timed_out", Processed::Unknown)
    );
    resume();

    let second = send(&client, &vendor);
    let reset = peer.frame().await.unwrap();
    assert_eq!((reset.kind, reset.stream), (RST_STREAM, hung));
    assert_eq!(reset.payload, u32::from(h2::Reason::CANCEL).to_be_bytes());
    let stream = peer.request().await;
    peer.answer(stream).await;
    result(second).await.unwrap();
}

#[tokio::test]
async fn waiting_for_a_stream_in_vain_leaves_no_doubt() {
    let vendor = Vendor::start().await;
    let mut settings = settings(&vendor);
    settings.max_connections = 1;
    let sent = send(&client(&settings), &vendor);
    let mut peer = vendor.peer(0).await;
    peer.hears_nothing().await;
    pause();
    let error = result(sent).await.unwrap_err();
    assert_eq!(
        (error.code(), error.processed()),
        ("no_free_stream", Processed::No)
    );
}

#[tokio::test]
async fn three_time_outs_in_a_row_retire_a_connection() {
    let vendor = Vendor::start().await;
    let client = client(&settings(&vendor));
    let sent = [(); 3].map(|()| send(&client, &vendor));
    let mut peer = vendor.peer(100).await;
    peer.requests::<3>().await;
    pause();
    for sent in sent {
        let error = result(sent).await.unwrap_err();
        assert_eq!(error.code(), "timed_out");
    }
    assert_eq!(client.connections(), 0);
}

#[tokio::test]
async fn a_peer_that_answers_no_ping_is_given_up() {
    let vendor = Vendor::start().await;
    let client = client(&settings(&vendor));
    let first = send(&client, &vendor);
    let mut peer = vendor.peer(100).await;
    let stream = peer.request().await;
    peer.answer(stream).await;
    result(first).await.unwrap();
    // Nobody reads at the peer from here on: a half-open connection.
    pause();
    let idle = settings(&vendor).idle_ping;
    advance(idle - Duration::from_secs(1)).await;
    yield_now().await;
    assert_eq!(client.connections(), 1);
    for _ in 0..100 {
        advance(Duration::from_secs(1)).await;
        yield_now().await;
    }
    assert_eq!(client.connections(), 0);
}
