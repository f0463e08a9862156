use std::process::Stdio;

use nudged_simulator::{Options, Simulator, Vendor};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use crate::client::{Client, KEY, TEAM, TOPIC, now, provider_token, token};

/// One HTTP/1.1 request on a connection of its own: status and JSON body.
async fn call(url: &str, method: &str, path: &str, body: &str) -> (u16, Value) {
    let address = url.strip_prefix("http://").unwrap();
    let mut socket = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, serde_json::from_str(body).unwrap_or(Value::Null))
}

#[tokio::test]
async fn the_control_endpoint_shows_counts_and_plans_faults() {
    let simulator = Simulator::start(Options::default()).await.unwrap();
    let p8 = simulator.apns().add_key(TEAM, KEY, &[TOPIC]);
    let jwt = provider_token(&p8, KEY, TEAM, now());
    let client = Client::apns(&simulator).await;
    let url = simulator.control_url();
    for number in 0..3 {
        client.push(&jwt, &token(number)).await.unwrap();
    }

    assert_eq!(
        call(&url, "GET", "/", "").await.1["apns"],
        simulator.apns().url()
    );
    assert_eq!(
        call(&url, "GET", "/", "").await.1["meizu"],
        simulator.vendor(Vendor::Meizu).url()
    );
    let (_, counts) = call(&url, "GET", "/counts", "").await;
    assert_eq!(counts["accepted"], 3);
    assert_eq!(counts["meizu"]["accepted"], 0);
    assert_eq!(counts["apns"]["connections"], 1);
    let (_, last) = call(&url, "GET", "/received?vendor=apns&limit=1", "").await;
    assert_eq!(
        (last.as_array().unwrap().len(), &last[0]["token"]),
        (1, &token(2).into())
    );
    let path = format!("/received?token={}", token(1));
    assert_eq!(
        call(&url, "GET", &path, "")
            .await
            .1
            .as_array()
            .unwrap()
            .len(),
        1
    );

    let fault = r#"{"vendor":"apns","kind":{"status":{"status":503}}}"#;
    assert_eq!(call(&url, "POST", "/faults", fault).await.0, 204);
    assert_eq!(client.push(&jwt, &token(1)).await.unwrap().status, 503);
    assert_eq!(call(&url, "DELETE", "/faults", "").await.0, 204);
    assert_eq!(client.push(&jwt, &token(1)).await.unwrap().status, 200);
    assert_eq!(
        call(&url, "POST", "/faults", r#"{"kind":"boom"}"#).await.0,
        422
    );
    assert_eq!(call(&url, "POST", "/reset", "").await.0, 204);
    let (_, counts) = call(&url, "GET", "/counts", "").await;
    assert_eq!(counts["accepted"], 0);
    assert_eq!(counts["apns"]["open_connections"], 1);
}

#[tokio::test]
async fn the_program_furnishes_a_directory_and_ends_on_sigterm() {
    let dir = tempfile::tempdir().unwrap();
    let mut program = tokio::process::Command::new(env!("CARGO_BIN_EXE_nudged-simulator"))
        .arg("--dir")
        .arg(dir.path())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut stdout = BufReader::new(program.stdout.take().unwrap());
    stdout.read_line(&mut line).await.unwrap();

    let said: Value = serde_json::from_str(&line).unwrap();
    let read = |name: &str| std::fs::read_to_string(dir.path().join(name)).unwrap();
    assert_eq!(
        serde_json::from_str::<Value>(&read("addresses.json")).unwrap(),
        said
    );
    let ca = read("ca.pem");
    let client = Client::connect(said["apns"].as_str().unwrap(), &ca, None)
        .await
        .unwrap();
    let jwt = provider_token(&read("apns/AuthKey_SIMKEY0001.p8"), KEY, TEAM, now());
    assert_eq!(client.push(&jwt, &token(1)).await.unwrap().status, 200);
    let fcm = Client::connect(said["fcm"].as_str().unwrap(), &ca, None)
        .await
        .unwrap();
    fcm.grant(&read("fcm/service-account.json")).await;
    let pair = read("apns/certificate.pem");
    assert!(pair.contains("BEGIN CERTIFICATE") && pair.contains("PRIVATE KEY"));

    let pid = program.id().unwrap().to_string();
    let killed = std::process::Command::new("kill").arg(&pid).status();
    assert!(killed.unwrap().success());
    assert!(program.wait().await.unwrap().success());
}
