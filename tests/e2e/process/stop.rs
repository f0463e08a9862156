//! The stop: what is in flight may end, within the grace; nobody who hangs holds it up, and
//! what is queued is delivered after the next start.

use nix::sys::signal::Signal;
use nudged_rig::{DEADLINE, Daemon, RigOptions};
use nudged_simulator::{Counts, Fault, FaultKind, Vendor};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

use super::with_settings;
use crate::world::{
    all_accepted, prepared, refusal, rig, rig_with, send_all, text, to_token, trace_of, until,
};

#[tokio::test]
async fn terminate_waits_for_the_answers_that_are_under_way() {
    let mut rig = rig().await;
    let late = Fault::new(FaultKind::Delay { ms: 300 });
    rig.simulator.fault(late.of(Vendor::Apns));
    let ids = send_all(&rig, (1..=10).map(|n| to_token(n, "late"))).await;
    let all_under_way = |counts: &Counts| counts.apns.accepted == 10;
    assert!(rig.simulator.wait_for(DEADLINE, all_under_way).await);

    let status = rig.terminate().await.unwrap();

    assert_eq!(status.code(), Some(0));
    assert!(!rig.home.socket().exists());
    rig.simulator.clear_faults();
    rig.launch().await.unwrap();
    for id in &ids {
        let trace = trace_of(&rig, id).await;
        let delivery = &trace["deliveries"][0];
        assert_eq!(delivery["outcome"]["kind"], "accepted", "{trace:#}");
        let attempts = delivery["attempts"].as_array().unwrap();
        assert_eq!(attempts.len(), 1, "{trace:#}");
    }
    rig.deliver(&to_token(11, "afterwards")).await.unwrap();
    assert_eq!(rig.simulator.counts().apns.accepted, 11, "each came once");
}

#[tokio::test]
async fn a_vendor_that_never_answers_does_not_keep_the_daemon_from_ending() {
    let mut rig = rig_with(with_settings(|it| it.grace = "300ms".into())).await;
    let hang = Fault::new(FaultKind::Hang { ms: None });
    rig.simulator.fault(hang.of(Vendor::Apns).times(1));
    let id = rig.accept(&to_token(1, "hello?")).await.unwrap();
    assert!(rig.simulator.wait_for(DEADLINE, hangs).await);
    let log = rig.log_view().unwrap();

    let status = rig.terminate().await.unwrap();

    assert_eq!(status.code(), Some(0));
    assert!(log.text().contains("stay queued"), "{}", log.text());
    assert!(!rig.home.socket().exists());
    rig.launch().await.unwrap();
    let events = rig.client.outcomes(&id, 1).await.unwrap();
    assert_eq!(events[0]["outcome"], "accepted");
}

#[tokio::test]
async fn a_daemon_that_stops_takes_no_new_callers() {
    let mut rig = rig().await;
    let hang = Fault::new(FaultKind::Hang { ms: Some(1000) });
    rig.simulator.fault(hang.of(Vendor::Apns).times(1));
    rig.accept(&to_token(1, "slow")).await.unwrap();
    assert!(rig.simulator.wait_for(DEADLINE, hangs).await);
    let socket = rig.home.socket();
    let log = rig.log_view().unwrap();

    let (status, ()) = tokio::join!(rig.terminate(), async {
        assert!(log.wait_for("stopping").await);
        let is_refused = async || UnixStream::connect(&socket).await.is_err();
        until("the end of the listening", is_refused).await;
        assert!(!log.text().contains("stopped"), "the hang still goes on");
    });

    assert_eq!(status.unwrap().code(), Some(0));
}

#[tokio::test]
async fn a_stream_of_events_ends_when_the_daemon_stops() {
    let mut rig = rig().await;
    let mut events = rig.client.events("follow=true").await.unwrap();
    let event = rig.deliver(&to_token(1, "hello")).await.unwrap();
    assert_eq!(events.next().await.unwrap(), Some(event));

    let (status, end) = tokio::join!(rig.terminate(), events.next());

    assert_eq!(status.unwrap().code(), Some(0));
    assert_eq!(end.unwrap(), None);
}

#[tokio::test]
async fn callers_that_hang_do_not_keep_the_daemon_from_ending() {
    let mut rig = rig_with(with_settings(|it| it.grace = "300ms".into())).await;
    let _silent = UnixStream::connect(rig.home.socket()).await.unwrap();
    let mut stream = rig.client.open_stream().await.unwrap();
    assert!(stream.write(to_token(1, "one").to_string() + "\n").await);
    let answer = stream.answers.next().await.unwrap().unwrap();

    let status = rig.terminate().await.unwrap();

    assert_eq!(status.code(), Some(0));
    rig.launch().await.unwrap();
    all_accepted(&rig, &[text(&answer, "id").to_owned()]).await;
}

#[tokio::test]
async fn half_a_request_does_not_hold_up_the_stop_and_is_answered() {
    let mut rig = rig_with(with_settings(|it| it.grace = "1h".into())).await;
    let mut halves = Vec::new();
    for half in [
        "POST /v1/notifications HTTP/1.1\r\ncontent-length: 100\r\n\r\n{",
        "POST /v1/notifications HTTP/1.1\r\ncontent-le",
    ] {
        let mut stream = UnixStream::connect(rig.home.socket()).await.unwrap();
        stream.write_all(half.as_bytes()).await.unwrap();
        halves.push(stream);
    }

    let answers = async {
        for stream in &mut halves {
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.unwrap();
            assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
            assert!(answer.contains("\"code\":\"stopping\""), "{answer}");
        }
    };
    let (status, ()) = tokio::join!(rig.terminate(), answers);

    assert_eq!(status.unwrap().code(), Some(0));
}

#[tokio::test]
async fn interrupt_stops_in_order_too() {
    let rig = prepared(RigOptions::default()).await;
    let mut daemon = Daemon::start(&rig.artifacts.nudged, &rig.home, "info")
        .await
        .unwrap();

    daemon.signal(Signal::SIGINT).unwrap();

    assert_eq!(daemon.exited().await.unwrap().code(), Some(0));
    assert!(!rig.home.socket().exists());
}

#[tokio::test]
async fn what_is_queued_is_delivered_after_a_restart() {
    let mut rig = rig_with(with_settings(|it| it.longest_retry = "200ms".into())).await;
    rig.simulator.fault(Fault::new(refusal(503)));
    let ids = send_all(&rig, (0..50).map(|n| to_token(n, "later"))).await;

    rig.terminate().await.unwrap();
    assert_eq!(rig.simulator.counts().accepted, 0);
    rig.launch().await.unwrap();
    let status = rig.client.get("/v1/status").await.unwrap().expect(200);
    let queue = status["queue"].as_object().unwrap().values();
    let queued: u64 = queue.filter_map(Value::as_u64).sum();
    assert_eq!(queued, 50, "{status:#}");
    rig.simulator.clear_faults();

    all_accepted(&rig, &ids).await;
    assert_eq!(rig.simulator.counts().apns.accepted, 50);
    assert_eq!(rig.simulator.counts().apns.distinct_tokens, 50);
}

fn hangs(counts: &Counts) -> bool {
    counts.apns.faults.contains_key("hang")
}
