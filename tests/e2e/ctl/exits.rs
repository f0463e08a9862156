//! Exit codes that a script can go by: a configuration that is wrong, a daemon that is not
//! there, and wrong use.

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{parsed, said};
use crate::world::{nudgectl, rig, run};

#[tokio::test]
async fn a_reload_is_asked_for_and_its_refusal_told() {
    let rig = rig().await;
    let words = said(nudgectl(&rig, &["reload"]).await, 0);
    assert!(words.contains("kept android, ios"), "{words}");
    let report = parsed(nudgectl(&rig, &["reload", "--json"]).await, 0);
    assert_eq!(report["kept"], json!(["android", "ios"]));
    rig.home.write_channel("bad", "driver = 5\n").unwrap();

    let words = said(nudgectl(&rig, &["reload"]).await, 78);
    let problem = parsed(nudgectl(&rig, &["reload", "--json"]).await, 78);

    assert!(words.contains("bad.toml:1"), "{words}");
    assert_eq!(problem["problems"][0]["line"], 1, "{problem:#}");
    let status = said(nudgectl(&rig, &["status"]).await, 0);
    assert!(
        status.contains("REFUSED") && status.contains("bad.toml:1"),
        "{status}"
    );
}

#[tokio::test]
async fn a_configuration_is_checked_without_the_daemon() {
    let mut rig = rig().await;
    rig.terminate().await.unwrap();
    let config = rig.home.config();
    let check = ["check", "--config", config.to_str().unwrap()];

    let words = said(nudgectl(&rig, &check).await, 0);
    let good = parsed(nudgectl(&rig, &[&check[..], &["--json"]].concat()).await, 0);
    rig.home.write_channel("bad", "driver = 5\n").unwrap();
    let complaint = said(nudgectl(&rig, &check).await, 78);
    let bad = parsed(
        nudgectl(&rig, &[&check[..], &["--json"]].concat()).await,
        78,
    );

    assert!(words.contains("channel ios: app default"), "{words}");
    assert_eq!(good["ok"], true);
    assert!(complaint.contains("bad.toml:1"), "{complaint}");
    assert_eq!(
        (&bad["ok"], &bad["problems"][0]["line"]),
        (&json!(false), &json!(1))
    );
}

#[tokio::test]
async fn a_daemon_that_is_not_there_has_an_exit_code_of_its_own() {
    let mut rig = rig().await;
    let socket = rig.home.socket();
    let socket = socket.to_str().unwrap().to_owned();

    rig.kill9().await.unwrap();
    let words = said(nudgectl(&rig, &["status"]).await, 3);
    assert!(
        words.contains(&socket) && words.contains("nobody listens"),
        "{words}"
    );

    rig.launch().await.unwrap();
    rig.terminate().await.unwrap();
    let words = said(
        nudgectl(&rig, &["send", "--user", "bob", "--body", "x"]).await,
        3,
    );
    assert!(
        words.contains(&socket) && words.contains("is nudged running?"),
        "{words}"
    );
}

/// Something on a socket that says this to whoever connects, over and over, and never ends.
async fn impostor(says: &'static str, over_and_over: &'static str) -> (tempfile::TempDir, String) {
    let dir = tempfile::tempdir().unwrap();
    let socket = dir.path().join("nudged.sock");
    let listener = tokio::net::UnixListener::bind(&socket).unwrap();
    tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut asked = Vec::new();
            while !asked.ends_with(b"\r\n\r\n") && stream.read_buf(&mut asked).await.unwrap() > 0 {}
            let mut said = stream.write_all(says.as_bytes()).await;
            while said.is_ok() && !over_and_over.is_empty() {
                said = stream.write_all(over_and_over.as_bytes()).await;
            }
            held.push(stream);
        }
    });
    let socket = socket.to_str().unwrap().to_owned();
    (dir, socket)
}

#[tokio::test]
async fn an_answer_that_does_not_come_or_does_not_end_has_an_exit_code_of_its_own() {
    let artifacts = tokio::task::spawn_blocking(crate::world::artifacts);
    let program = artifacts.await.unwrap().nudgectl;
    const HEAD: &str = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    let chunk: &'static str = format!("10000\r\n{}\r\n", "x".repeat(0x10000)).leak();
    for (says, over_and_over, arguments, words) in [
        (
            "",
            "",
            &["status"][..],
            "no answer from the daemon within 300ms",
        ),
        ("", "", &["events", "-f"], "within 300ms"),
        (HEAD, "", &["status"], "within 300ms"),
        (HEAD, "", &["events"], "within 300ms"),
        (HEAD, "", &["device", "export", "-"], "within 300ms"),
        (
            HEAD,
            chunk,
            &["status", "--timeout", "1h"],
            "longer than 67108864 bytes",
        ),
        (
            HEAD,
            chunk,
            &["events", "-f", "--timeout", "1h"],
            "longer than 4194304 bytes",
        ),
    ] {
        let (_dir, socket) = impostor(says, over_and_over).await;
        let mut all = vec!["--socket", &socket];
        if !arguments.contains(&"--timeout") {
            all.extend(["--timeout", "300ms"]);
        }
        all.extend(arguments);
        let complaint = said(run(&program, &all, "").await, 4);
        assert!(complaint.contains(words), "{arguments:?}: {complaint}");
    }
    let complaint = said(run(&program, &["--timeout", "0", "status"], "").await, 2);
    assert!(complaint.contains("longer than zero"), "{complaint}");
}

#[tokio::test]
async fn wrong_use_has_an_exit_code_of_its_own() {
    let rig = rig().await;
    for arguments in [
        &["bogus"][..],
        &[],
        &["send", "--body", "to nobody"],
        &["send", "--device", "phone", "--user", "bob", "--body", "x"],
        &["send", "--channel", "ios", "--body", "x"],
        &["send", "--file", "/no/such/file"],
        &["send", "--user", "bob", "--option", "apns=nonsense"],
        &["device", "put", "bob", "phone", "--token", "t"],
        &["events", "--since", "yesterday"],
    ] {
        let complaint = said(nudgectl(&rig, arguments).await, 2);
        assert!(!complaint.is_empty(), "{arguments:?}");
    }
    assert_eq!(rig.simulator.counts().apns.requests, 0);
}
