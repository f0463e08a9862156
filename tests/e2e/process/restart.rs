//! The restart under load: callers see that it takes a moment, and nothing else.

use std::os::unix::fs::PermissionsExt;

use nudged_rig::restart::{Plan, Report, run};
use nudged_rig::supervisor::{Keeping, Supervisor};
use nudged_rig::{Client, RigOptions};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

use crate::world::{all_accepted, artifacts, prepared, rig, text, text_at, to_token};

async fn restarts(keeping: Keeping, rounds: usize) -> Report {
    let plan = Plan {
        artifacts: Some(artifacts()),
        rounds,
        seed: 20,
        keeping,
    };
    run(plan, |_, _| {}).await.unwrap()
}

#[tokio::test]
async fn restarts_with_the_socket_of_a_socket_unit_refuse_lose_and_double_nothing() {
    let report = restarts(Keeping::Activated, 6).await;

    assert!(report.accepted > 100, "{report:?}");
    assert!(report.streams_ended > 0, "{report:?}");
    assert!(report.is_good(), "{report:?}");
}

#[tokio::test]
async fn restarts_with_the_socket_in_the_store_refuse_lose_and_double_nothing() {
    let report = restarts(Keeping::Stored, 6).await;

    assert!(report.accepted > 100, "{report:?}");
    assert!(report.is_good(), "{report:?}");
}

#[tokio::test]
async fn a_restart_without_a_kept_socket_loses_and_doubles_nothing_either() {
    let report = restarts(Keeping::Nothing, 3).await;

    let Report {
        lost,
        duplicated,
        unexplained,
        broken,
        ..
    } = report;
    assert_eq!((lost, duplicated), (0, 0), "{report:?}");
    assert_eq!((unexplained, broken), (0, 0), "{report:?}");
}

#[tokio::test]
async fn a_kept_socket_is_used_again_with_the_mode_of_today_and_given_up_for_another_path() {
    let rig = prepared(RigOptions::default()).await;
    let mut systemd = Supervisor::new(&rig.home, Keeping::Stored).unwrap();
    let daemon = systemd.start(&rig.artifacts, &rig.home, "info").unwrap();
    systemd.told("READY=1").await.unwrap();
    assert!(systemd.keeps());
    daemon.kill9().await.unwrap();

    // Nobody is there, and still nobody is refused.
    let client = Client::new(&rig.home.socket());
    let early = tokio::spawn(async move { client.get("/v1/health").await.unwrap().expect(200) });
    let config = std::fs::read_to_string(rig.home.config()).unwrap();
    let changed = config.replace("[socket]\n", "[socket]\nmode = 0o600\n");
    std::fs::write(rig.home.config(), &changed).unwrap();
    let daemon = systemd.start(&rig.artifacts, &rig.home, "info").unwrap();
    systemd.told("READY=1").await.unwrap();
    assert_eq!(early.await.unwrap()["status"], "ready");
    let mode = rig.home.socket().metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    daemon.terminate().await.unwrap();
    assert!(rig.home.socket().exists(), "it is kept, and so is its file");

    let moved = changed.replace("nudged.sock", "moved.sock");
    std::fs::write(rig.home.config(), moved).unwrap();
    let daemon = systemd.start(&rig.artifacts, &rig.home, "info").unwrap();
    systemd.told("READY=1").await.unwrap();
    let client = Client::new(&rig.home.path().join("moved.sock"));
    client.get("/v1/health").await.unwrap().expect(200);
    assert!(systemd.keeps(), "the new one");
    daemon.terminate().await.unwrap();
}

#[tokio::test]
async fn a_stream_under_way_at_the_stop_is_answered_and_told_where_to_go_on() {
    let mut rig = rig().await;
    let mut stream = rig.client.open_stream().await.unwrap();
    let lines = format!("{}\n{}\n", to_token(1, "one"), to_token(2, "two"));
    assert!(stream.write(lines).await);
    let mut ids = Vec::new();
    for _ in 0..2 {
        let answer = stream.answers.next().await.unwrap().unwrap();
        ids.push(text(&answer, "id").to_owned());
    }

    let (status, last) = tokio::join!(rig.terminate(), async {
        let last = stream.answers.next().await.unwrap().unwrap();
        stream.finish();
        assert_eq!(stream.answers.next().await.unwrap(), None);
        last
    });

    assert_eq!(status.unwrap().code(), Some(0));
    assert_eq!(text_at(&last, "/problem/code"), "stopping", "{last:#}");
    assert_eq!(last["problem"]["line"], 3, "{last:#}");
    let hint = text_at(&last, "/problem/hint");
    assert!(hint.contains("send them again"), "{last:#}");
    rig.launch().await.unwrap();
    all_accepted(&rig, &ids).await;
}

#[tokio::test]
async fn an_import_under_way_at_the_stop_tells_where_to_go_on() {
    let mut rig = rig().await;
    let mut stream = rig
        .client
        .open_stream_to("/v1/devices/import")
        .await
        .unwrap();
    let line =
        json!({"user": "bob", "device": "phone", "channel": "ios", "token": format!("{:064x}", 7)});
    assert!(stream.write(format!("{line}\n")).await);
    let first = stream.answers.next().await.unwrap().unwrap();
    assert_eq!(first["through"], 1, "{first:#}");

    let (status, last) = tokio::join!(rig.terminate(), async {
        let last = stream.answers.next().await.unwrap().unwrap();
        stream.finish();
        last
    });

    assert_eq!(status.unwrap().code(), Some(0));
    assert_eq!(last["through"], 1, "{last:#}");
    assert_eq!(text_at(&last, "/problem/code"), "stopping", "{last:#}");
}

#[tokio::test]
async fn what_was_begun_at_the_stop_is_answered_as_the_last_on_its_connection() {
    let mut rig = rig().await;
    let idle = UnixStream::connect(rig.home.socket()).await.unwrap();
    let mut begun = UnixStream::connect(rig.home.socket()).await.unwrap();
    let body = to_token(1, "hello").to_string();
    let (half, rest) = body.split_at(10);
    let head = format!(
        "POST /v1/notifications HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\
         expect: 100-continue\r\n\r\n",
        body.len()
    );
    begun.write_all(head.as_bytes()).await.unwrap();
    let mut go_on = [0; 25];
    begun.read_exact(&mut go_on).await.unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    begun.write_all(half.as_bytes()).await.unwrap();
    let log = rig.log_view().unwrap();

    let (status, answer) = tokio::join!(rig.terminate(), async {
        assert!(log.wait_for("stopping").await);
        let mut nothing = Vec::new();
        let mut idle = idle;
        assert_eq!(idle.read_to_end(&mut nothing).await.unwrap(), 0);
        begun.write_all(rest.as_bytes()).await.unwrap();
        let mut answer = String::new();
        begun.read_to_string(&mut answer).await.unwrap();
        answer
    });

    assert_eq!(status.unwrap().code(), Some(0));
    assert!(answer.starts_with("HTTP/1.1 202 "), "{answer}");
    assert!(answer.contains("connection: close\r\n"), "{answer}");
}
