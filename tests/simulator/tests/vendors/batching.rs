//! What all vendors over HTTP/1.1 have in common, shown with Meizu.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use http::Request;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use md5::{Digest, Md5};
use nudged_simulator::{Fault, FaultKind, Options, Simulator, Vendor};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use serde_json::{Value, json};
use tokio::net::TcpStream;

use crate::client::{Error, SOON};

const SECRET: &str = "s3cr3t";
const PATH: &str = "/garcia/api/server/push/varnished/pushByPushId";

type Connection = SendRequest<Full<bytes::Bytes>>;

async fn start(options: Options) -> Simulator {
    let simulator = Simulator::start(options).await.unwrap();
    simulator.meizu().add_account("10000", SECRET);
    simulator
}

async fn connect(simulator: &Simulator, protocol: &[u8]) -> Result<Connection, Error> {
    let mut roots = RootCertStore::empty();
    let ca = simulator.ca_pem();
    roots.add(CertificateDer::from_pem_slice(ca.as_bytes())?)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![protocol.to_vec()];
    let url = simulator.vendor(Vendor::Meizu).url();
    let socket = TcpStream::connect(url.strip_prefix("https://").unwrap()).await?;
    let tls = tokio_rustls::TlsConnector::from(Arc::new(config))
        .connect(ServerName::try_from("127.0.0.1")?, socket)
        .await?;
    let (send, connection) = handshake(TokioIo::new(tls)).await?;
    tokio::spawn(async move {
        let _ended = connection.await;
    });
    Ok(send)
}

async fn open(simulator: &Simulator) -> Connection {
    connect(simulator, b"http/1.1").await.unwrap()
}

/// Status and body of one push.
async fn push(connection: &mut Connection, push_ids: &str) -> Result<(u16, String), Error> {
    let message = json!({ "noticeBarInfo": { "title": "t", "content": "c" } }).to_string();
    let text = format!("appId=10000messageJson={message}pushIds={push_ids}{SECRET}");
    let sign = format!("{:x}", Md5::digest(text));
    let body = form_urlencoded::Serializer::new(String::new())
        .append_pair("appId", "10000")
        .append_pair("pushIds", push_ids)
        .append_pair("messageJson", &message)
        .append_pair("sign", &sign)
        .finish();
    let request = Request::post(PATH)
        .header("host", "127.0.0.1")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Full::from(body))?;
    connection.ready().await?;
    let answer = connection.send_request(request).await?;
    let status = answer.status().as_u16();
    let body = answer.into_body().collect().await?.to_bytes();
    Ok((status, String::from_utf8(body.to_vec())?))
}

fn code(answer: &Result<(u16, String), Error>) -> String {
    let (_, body) = answer.as_ref().unwrap();
    let body: Value = serde_json::from_str(body).unwrap();
    body["code"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_batch_counts_as_one_request_and_many_messages() {
    let simulator = start(Options::default()).await;
    simulator
        .vendor(Vendor::Meizu)
        .set_token_condition("d", "110003");
    let mut connection = open(&simulator).await;

    let first = push(&mut connection, "a,b,c,d").await;
    simulator.vendor(Vendor::Meizu).clear_token_condition("d");
    let second = push(&mut connection, "a,d").await;

    assert_eq!([code(&first), code(&second)], ["200", "200"]);
    let counts = simulator.counts();
    let meizu = counts.of(Vendor::Meizu);
    assert_eq!((meizu.requests, meizu.accepted, meizu.messages), (2, 2, 5));
    assert_eq!((meizu.connections, meizu.distinct_tokens), (1, 4));
    assert_eq!((counts.accepted, counts.distinct_tokens), (2, 4));
    assert_eq!(json!(counts)["meizu"]["messages"], 5);
    let received = simulator.received();
    assert_eq!(received[0].tokens, ["a", "b", "c"]);
    assert_eq!((&*received[1].vendor, &*received[1].token), ("meizu", "a"));
}

#[tokio::test]
async fn a_client_that_wants_http2_is_turned_away() {
    let simulator = start(Options::default()).await;

    assert!(connect(&simulator, b"h2").await.is_err());
}

#[tokio::test]
async fn faults_that_leave_no_answer_cut_the_connection() {
    let simulator = start(Options::default()).await;
    for (kind, accepted) in [
        (FaultKind::GoAway, 0),
        (FaultKind::Reset, 0),
        (FaultKind::Drop, 0),
        (FaultKind::Abort, 0),
        (FaultKind::Hang { ms: Some(1) }, 0),
        (FaultKind::LoseReply, 1),
    ] {
        simulator.reset();
        simulator.fault(Fault::new(kind.clone()).of(Vendor::Meizu).times(1));
        let mut connection = open(&simulator).await;

        assert!(push(&mut connection, "a").await.is_err(), "{kind:?}");

        let cut = |counts: &nudged_simulator::Counts| {
            let meizu = counts.of(Vendor::Meizu);
            meizu.open_connections == 0 && meizu.accepted == accepted
        };
        assert!(simulator.wait_for(SOON, cut).await, "{kind:?}");
        let mut again = open(&simulator).await;
        assert_eq!(code(&push(&mut again, "a").await), "200");
    }
}

#[tokio::test]
async fn a_body_that_drips_comes_over_http1_as_well() {
    let simulator = start(Options::default()).await;
    simulator.fault(Fault::new(FaultKind::Drip { ms: 1 }).times(1));
    let mut connection = open(&simulator).await;

    let dripping = push(&mut connection, "a");
    let dripping = tokio::time::timeout(Duration::from_millis(200), dripping).await;

    assert!(dripping.is_err(), "{dripping:?}");
    assert_eq!(simulator.counts().of(Vendor::Meizu).accepted, 1);
}

#[tokio::test]
async fn refusing_faults_keep_the_connection() {
    let simulator = start(Options::default()).await;
    let mut connection = open(&simulator).await;
    let status = |status, reason: Option<&str>| FaultKind::Status {
        status,
        reason: reason.map(str::to_owned),
        retry_after: None,
        timestamp_ms: None,
    };

    simulator.fault(Fault::new(FaultKind::Garbage).for_token("b").times(1));
    let (garbage_status, garbage) = push(&mut connection, "a,b").await.unwrap();
    simulator.fault(Fault::new(status(200, Some("110019"))).times(1));
    let full = push(&mut connection, "a").await;
    simulator.fault(Fault::new(status(503, None)).times(1));
    let busy = push(&mut connection, "a").await;
    let oauth = FaultKind::OauthStatus {
        status: 401,
        error: "invalid_client".into(),
    };
    simulator.fault(Fault::new(oauth).of(Vendor::Meizu));
    let good = push(&mut connection, "a").await;

    assert!(garbage_status == 200 && garbage.starts_with("<!DOCTYPE html>"));
    assert_eq!([code(&full), code(&busy)], ["110019", "1003"]);
    assert_eq!(busy.unwrap().0, 503);
    assert_eq!(code(&good), "200");
    let counts = simulator.counts();
    let meizu = counts.of(Vendor::Meizu);
    assert_eq!(
        (meizu.requests, meizu.accepted, meizu.connections),
        (4, 1, 1)
    );
    assert_eq!(meizu.refused["110019"], 1);
}

#[tokio::test]
async fn limits_are_set_from_outside() {
    let simulator = start(Options::default()).await;
    let mut connection = open(&simulator).await;

    simulator.vendor(Vendor::Meizu).set_rate(Some(0));
    assert_eq!(code(&push(&mut connection, "a").await), "110010");
    simulator.vendor(Vendor::Meizu).set_rate(None);
    simulator.vendor(Vendor::Meizu).set_daily_quota(Some(2));
    assert_eq!(code(&push(&mut connection, "a,b").await), "200");
    assert_eq!(code(&push(&mut connection, "a").await), "110019");
    simulator.advance_clock(std::time::Duration::from_secs(24 * 60 * 60));
    assert_eq!(code(&push(&mut connection, "a").await), "200");
}

#[tokio::test]
async fn benchmark_mode_judges_in_full_but_keeps_nothing() {
    let simulator = start(Options {
        sink: true,
        ..Options::default()
    })
    .await;
    let mut connection = open(&simulator).await;

    assert_eq!(code(&push(&mut connection, "a,b").await), "200");
    assert_eq!(code(&push(&mut connection, "a,").await), "1005");

    assert!(simulator.received().is_empty());
    assert_eq!(simulator.counts().of(Vendor::Meizu).messages, 2);
}

#[tokio::test]
async fn a_vendor_listens_where_it_is_told_to() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);

    let simulator = start(Options {
        ports: BTreeMap::from([(Vendor::Meizu, port)]),
        ..Options::default()
    })
    .await;

    assert_eq!(
        simulator.vendor(Vendor::Meizu).url(),
        format!("https://127.0.0.1:{port}")
    );
    assert_eq!(simulator.vendor(Vendor::Apns).url(), simulator.apns().url());
    assert!(simulator.urls().contains_key(&Vendor::Meizu));
}
