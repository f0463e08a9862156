use std::sync::Arc;
use std::time::Duration;

use nudged_plugin_api::{HttpRequest, Protocol, Timestamp};
use rcgen::{CertificateParams, DnType, KeyPair};
use rustls::RootCertStore;
use rustls::crypto::ring;
use rustls::server::WebPkiClientVerifier;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

use super::peer::Vendor;
use super::{client, request, result, send, settings, within};
use crate::credential::{ClientIdentity, client_identities};
use crate::transport::proxy::ProxyFailure;
use crate::transport::{Client, Processed, Proxy, Roots, TransportError};

#[tokio::test]
async fn an_unknown_authority_is_named_as_such() {
    let vendor = Vendor::start().await;
    let mut settings = settings(&vendor);
    settings.roots = Roots::default();
    let sent = send(&client(&settings), &vendor);
    vendor.stream().await.unwrap_err();
    let error = result(sent).await.unwrap_err();
    assert_eq!(
        (error.code(), error.processed()),
        ("tls_failed", Processed::No)
    );
    assert!(error.to_string().contains("UnknownIssuer"), "{error}");
    assert!(error.remedy().contains("extra root"));
}

#[tokio::test]
async fn a_peer_without_http2_is_named_as_such() {
    let vendor = Vendor::with(&[], None).await;
    let sent = send(&client(&settings(&vendor)), &vendor);
    let stream = vendor.stream().await;
    let error = result(sent).await.unwrap_err();
    assert_eq!(
        (error.code(), error.processed()),
        ("no_http2", Processed::No)
    );
    drop(stream);
}

#[tokio::test]
async fn a_closed_port_fails_all_who_wait_and_then_pauses() {
    let vendor = Vendor::start().await;
    let client = client(&settings(&vendor));
    let free = TcpListener::bind("localhost:0").await.unwrap();
    let url = format!("https://{}/", free.local_addr().unwrap());
    drop(free);
    let once = || client.send(HttpRequest::post(url.as_str()));
    let (one, two) = within(async { tokio::join!(once(), once()) }).await;
    for error in [one.unwrap_err(), two.unwrap_err()] {
        assert_eq!(
            (error.code(), error.processed()),
            ("connect_failed", Processed::No)
        );
    }
    // The pause is not waited out: the last error comes back at once.
    let error = once().await.unwrap_err();
    assert_eq!(error.code(), "connect_failed");
}

#[tokio::test]
async fn a_name_without_address_is_named_as_such() {
    let vendor = Vendor::start().await;
    let client = client(&settings(&vendor));
    // Too long a label for any resolver to ask the network about.
    let url = format!("https://{}.test/", "a".repeat(64));
    let error = within(client.send(HttpRequest::post(url)))
        .await
        .unwrap_err();
    assert_eq!(
        (error.code(), error.processed()),
        ("resolve_failed", Processed::No)
    );
}

#[tokio::test]
async fn a_silent_peer_times_out_while_connecting() {
    let vendor = Vendor::start().await;
    let mut settings = settings(&vendor);
    settings.connect_timeout = Duration::from_secs(1);
    let sent = send(&client(&settings), &vendor);
    let _silent = vendor.tcp().await;
    tokio::time::pause();
    let error = result(sent).await.unwrap_err();
    assert_eq!(
        (error.code(), error.processed()),
        ("connect_timed_out", Processed::No)
    );
}

fn identity(name: &str) -> ClientIdentity {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    let certificate = params.self_signed(&key).unwrap();
    let file = certificate.pem() + &key.serialize_pem();
    let now = Timestamp::from_seconds(1_800_000_000);
    let found = client_identities("client.pem", file.as_bytes(), None, now);
    found.unwrap().first
}

async fn vendor_that_asks(for_client: &ClientIdentity) -> Vendor {
    vendor_that_asks_over(for_client, b"h2").await
}

async fn vendor_that_asks_over(for_client: &ClientIdentity, protocol: &[u8]) -> Vendor {
    let mut known = RootCertStore::empty();
    known.add(for_client.leaf().clone()).unwrap();
    let provider = Arc::new(ring::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(known), provider);
    Vendor::with(&[protocol], Some(verifier.build().unwrap())).await
}

#[tokio::test]
async fn the_client_certificate_is_presented() {
    let identity = identity("known");
    let vendor = vendor_that_asks(&identity).await;
    let client = Client::new(&settings(&vendor), Some(&identity), Protocol::Http2, 100).unwrap();
    let sent = send(&client, &vendor);
    let mut peer = vendor.peer(100).await;
    let stream = peer.request().await;
    peer.answer(stream).await;
    result(sent).await.unwrap();
}

#[tokio::test]
async fn a_rejected_client_certificate_is_named_as_such() {
    for (protocol, alpn) in [
        (Protocol::Http2, &b"h2"[..]),
        (Protocol::Http1, &b"http/1.1"[..]),
    ] {
        let vendor = vendor_that_asks_over(&identity("known"), alpn).await;
        for (other, code) in [
            (Some(identity("unknown")), "client_certificate_refused"),
            // Who has none to be refused is not at fault with it.
            (None, "tls_failed"),
        ] {
            let client = Client::new(&settings(&vendor), other.as_ref(), protocol, 100).unwrap();
            let sent = send(&client, &vendor);
            vendor.stream().await.unwrap_err();
            let error = result(sent).await.unwrap_err();
            // TLS 1.3 tells only after the handshake; it must not look like a lost request.
            assert_eq!(
                (error.code(), error.processed()),
                (code, Processed::No),
                "{protocol:?} {error}"
            );
            assert_eq!(error.is_credential(), other.is_some());
            assert!(
                error.remedy().contains("renew"),
                "{error}: {}",
                error.remedy()
            );
        }
    }
}

/// Answers one CONNECT and tunnels it; what it was asked.
async fn proxy(answer: &'static str) -> (Proxy, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("localhost:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let asked = tokio::spawn(async move {
        let (mut client, _) = listener.accept().await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(client.read_u8().await.unwrap());
        }
        let head = String::from_utf8(head).unwrap();
        client.write_all(answer.as_bytes()).await.unwrap();
        if answer.contains("200") {
            let target = head.split(' ').nth(1).unwrap().to_owned();
            tokio::spawn(async move {
                let mut server = TcpStream::connect(target).await.unwrap();
                copy_bidirectional(&mut client, &mut server).await
            });
        }
        head
    });
    let url = format!("http://user:secret@localhost:{port}");
    (Proxy::parse(&url).unwrap(), asked)
}

#[tokio::test]
async fn a_proxy_tunnels_the_connection() {
    let vendor = Vendor::start().await;
    let mut settings = settings(&vendor);
    let (proxy, asked) = proxy("HTTP/1.1 200 OK\r\n\r\n").await;
    settings.proxy = Some(proxy);
    let client = client(&settings);
    let sent = send(&client, &vendor);
    let mut peer = vendor.peer(100).await;
    let stream = peer.request().await;
    peer.answer(stream).await;
    result(sent).await.unwrap();
    let asked = within(asked).await.unwrap();
    let first = format!("CONNECT localhost:{} HTTP/1.1\r\n", vendor.port());
    assert!(asked.starts_with(&first), "{asked}");
    assert!(
        asked.contains("Proxy-Authorization: Basic dXNlcjpzZWNyZXQ="),
        "{asked}"
    );
}

#[tokio::test]
async fn a_proxy_that_refuses_is_named_as_such() {
    let vendor = Vendor::start().await;
    for protocol in [Protocol::Http2, Protocol::Http1] {
        for (answer, failure) in [
            ("HTTP/1.1 407 No\r\n\r\n", ProxyFailure::Unauthorized),
            ("HTTP/1.1 403 No\r\n\r\n", ProxyFailure::Refused),
        ] {
            let mut settings = settings(&vendor);
            let (proxy, _asked) = proxy(answer).await;
            settings.proxy = Some(proxy);
            let client = Client::new(&settings, None, protocol, 100).unwrap();
            let error = within(client.send(request(&vendor))).await.unwrap_err();
            assert!(
                matches!(&error, TransportError::Proxy { source, .. } if *source == failure),
                "{protocol:?} {error:?}"
            );
            assert_eq!(error.processed(), Processed::No);
            assert!(!format!("{settings:?} {error:?}").contains("secret"));
        }
    }
}
