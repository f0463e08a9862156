use nudged_plugin_api::Protocol;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::peer::Vendor;
use super::{Client, request, result, send, settings, within};
use crate::transport::{Processed, Proxy, Roots, TransportError};

/// Accepts a connection, reads a request up to its body `{}` and answers; the request.
async fn serve(vendor: &Vendor, answer: &str) -> String {
    let mut stream = vendor.stream().await.unwrap();
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n{}") {
        request.push(within(stream.read_u8()).await.unwrap());
    }
    stream.write_all(answer.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    String::from_utf8(request).unwrap()
}

fn client(settings: &super::TransportSettings) -> Client {
    Client::new(settings, None, Protocol::Http1, 100).unwrap()
}

#[tokio::test]
async fn an_answer_comes_back_over_http1() {
    let vendor = Vendor::with(&[b"http/1.1"], None).await;
    let sent = send(&client(&settings(&vendor)), &vendor);
    let answer = "HTTP/1.1 429 Slow\r\nretry-after: 7\r\ncontent-length: 4\r\n\r\nbody";
    let asked = serve(&vendor, answer).await;
    assert!(
        asked.starts_with("POST /3/device/token HTTP/1.1\r\n"),
        "{asked}"
    );
    assert!(
        asked.contains("authorization: bearer secret\r\n"),
        "{asked}"
    );
    assert_eq!(asked.matches("content-length: 2\r\n").count(), 1, "{asked}");
    let answer = result(sent).await.unwrap();
    assert_eq!(answer.response.status, 429);
    assert_eq!(answer.response.header("retry-after"), Some("7"));
    assert_eq!(answer.response.body, b"body");
    assert_eq!(answer.connection, None);
}

#[tokio::test]
async fn a_redirect_is_an_answer() {
    let vendor = Vendor::with(&[], None).await;
    let sent = send(&client(&settings(&vendor)), &vendor);
    let answer = "HTTP/1.1 302 Found\r\nlocation: https://evil.test/\r\ncontent-length: 0\r\n\r\n";
    serve(&vendor, answer).await;
    assert_eq!(result(sent).await.unwrap().response.status, 302);
}

#[tokio::test]
async fn an_answer_over_the_cap_is_cut_off_over_http1() {
    let vendor = Vendor::with(&[], None).await;
    let mut settings = settings(&vendor);
    settings.max_response_body = 3;
    let sent = send(&client(&settings), &vendor);
    serve(&vendor, "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nbody").await;
    let error = result(sent).await.unwrap_err();
    assert!(
        matches!(error, TransportError::BodyTooLarge { limit: 3, .. }),
        "{error}"
    );
}

#[tokio::test]
async fn a_hung_request_times_out_over_http1() {
    let vendor = Vendor::with(&[], None).await;
    let sent = send(&client(&settings(&vendor)), &vendor);
    let _silent = vendor.stream().await.unwrap();
    tokio::time::pause();
    let error = result(sent).await.unwrap_err();
    assert_eq!(
        (error.code(), error.processed()),
        ("timed_out", Processed::Unknown)
    );
}

#[tokio::test]
async fn failures_to_connect_are_told_apart_over_http1() {
    let vendor = Vendor::with(&[], None).await;
    let mut settings = settings(&vendor);
    settings.roots = Roots::default();
    let sent = send(&client(&settings), &vendor);
    vendor.stream().await.unwrap_err();
    let error = result(sent).await.unwrap_err();
    assert_eq!(
        (error.code(), error.processed()),
        ("tls_failed", Processed::No),
        "{error:?}"
    );

    let client = client(&settings);
    let mut closed = request(&vendor);
    closed.url = "https://127.0.0.1:1/path-with-token".to_owned();
    let error = within(client.send(closed)).await.unwrap_err();
    assert_eq!(
        (error.code(), error.processed()),
        ("connect_failed", Processed::No),
        "{error:?}"
    );
    assert!(!format!("{error:?}").contains("token"), "{error:?}");

    // Too long a label for any resolver to ask the network about.
    let proxy = format!("http://{}.test:3128", "a".repeat(64));
    settings.proxy = Some(Proxy::parse(&proxy).unwrap());
    for protocol in [Protocol::Http1, Protocol::Http2] {
        let client = Client::new(&settings, None, protocol, 100).unwrap();
        let error = within(client.send(request(&vendor))).await.unwrap_err();
        assert_eq!(
            (error.code(), error.processed()),
            ("resolve_failed", Processed::No)
        );
        assert!(error.to_string().contains(".test:3128"), "{error:?}");
    }
}
