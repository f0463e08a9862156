//! The places at the socket: nobody takes those of others, who has too many is told so, and root
//! always gets in. Who somebody is, the kernel says.

use std::process::Stdio;

use nudged_rig::{DEADLINE, Rig};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::process::Command;
use tokio::time::timeout;

use crate::world::stranger::Stranger;
use crate::world::{nudgectl, rig, text, until};

const HEALTH: &str = "GET /v1/health HTTP/1.1\r\nhost: x\r\n\r\n";
/// Of 64 connections, 16 of one user and 8 for root.
const SOCKET: &str = "max_connections = 64\n";

/// What an attacker leaves open.
const UNFINISHED: [&str; 5] = [
    "",
    "GET /v1/hea",
    "POST /v1/notifications HTTP/1.1\r\ncontent-length: 100\r\n\r\n{\"to\"",
    "POST /v1/notifications HTTP/1.1\r\ncontent-type: application/x-ndjson\r\ntransfer-encoding: chunked\r\n\r\n",
    "GET /v1/events?follow=true HTTP/1.1\r\n\r\n",
];

/// So many connections of a user, in all the ways in which they can stay.
async fn held(stranger: &Stranger, uid: u32, count: usize) -> Vec<UnixStream> {
    let mut held = Vec::new();
    for n in 0..count {
        let mut stream = stranger.connect(uid, &[]);
        // One that is turned away may be cut off already.
        let _cut = stream.write_all(UNFINISHED[n % 5].as_bytes()).await;
        held.push(stream);
    }
    held
}

/// The problem of an answer that must be a 503.
#[track_caller]
fn turned_away(answer: &str) -> Value {
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    assert!(answer.contains("\r\nretry-after: "), "{answer}");
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    let problem: Value = serde_json::from_str(body).unwrap();
    assert_eq!(problem["code"], "too_many_connections", "{problem:#}");
    problem
}

async fn reload_works(rig: &Rig) {
    let ran = nudgectl(rig, &["reload"]).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
}

#[tokio::test]
async fn a_user_with_all_the_connections_it_can_get_shuts_nobody_else_out() {
    let Some(stranger) = Stranger::with("", SOCKET).await else {
        return;
    };
    let held = held(&stranger, 1001, 200).await;

    let answer = stranger.ask(1001, &[], HEALTH).await;

    let problem = turned_away(&answer);
    let detail = text(&problem, "detail");
    assert!(detail.contains("user 1001 has 16 connections"), "{detail}");
    assert!(text(&problem, "hint").contains("max_connections_per_user"));
    let other = stranger.ask(1002, &[], HEALTH).await;
    assert!(other.starts_with("HTTP/1.1 200 "), "{other}");
    reload_works(&stranger.rig).await;
    // Once it has let go, it is served again.
    drop(held);
    let is_served = async || {
        let answer = stranger.ask(1001, &[], HEALTH).await;
        answer.starts_with("HTTP/1.1 200 ")
    };
    until("the service", is_served).await;
}

#[tokio::test]
async fn users_who_take_all_places_together_leave_root_its_own() {
    let Some(stranger) = Stranger::with("", SOCKET).await else {
        return;
    };
    let mut all = Vec::new();
    for uid in 1001..=1005 {
        all.push(held(&stranger, uid, 16).await);
    }

    let answer = stranger.ask(1006, &[], HEALTH).await;

    let problem = turned_away(&answer);
    let detail = text(&problem, "detail");
    assert!(detail.contains("all of the 64 connections"), "{detail}");
    reload_works(&stranger.rig).await;
}

#[tokio::test]
async fn root_gets_in_although_it_has_its_share_of_connections_itself() {
    let Some(stranger) = Stranger::with("", SOCKET).await else {
        return;
    };
    let _held = held(&stranger, 0, 16).await;
    reload_works(&stranger.rig).await;
    let answer = stranger.ask(0, &[], HEALTH).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}

#[tokio::test]
async fn a_daemon_with_few_file_descriptors_takes_fewer_connections_and_says_so() {
    let mut rig = rig().await;
    rig.terminate().await.unwrap();
    // The soft limit is raised to the hard one.
    let few = "ulimit -Sn 100 && ulimit -Hn 256 && exec \"$0\" --config \"$1\"";
    let mut child = Command::new("/bin/sh")
        .args(["-c", few])
        .arg(&rig.artifacts.nudged)
        .arg(rig.home.config())
        .env_remove("JOURNAL_STREAM")
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut log = BufReader::new(child.stderr.take().unwrap()).lines();

    let mut told = String::new();
    while !told.contains(" ready ") {
        let line = timeout(DEADLINE, log.next_line()).await.unwrap().unwrap();
        told.push_str(&line.unwrap_or_else(|| panic!("it ends: {told}")));
        told.push('\n');
    }

    let fewer = "socket.max_connections is 1024, but of 256 file descriptors 64 are left";
    assert!(told.contains(fewer), "{told}");
    rig.client.get("/v1/health").await.unwrap().expect(200);
    child.kill().await.unwrap();
}

#[tokio::test]
async fn the_operator_says_how_many_connections_a_user_may_have() {
    let keys = format!("{SOCKET}max_connections_per_user = 2\n");
    let Some(stranger) = Stranger::with("", &keys).await else {
        return;
    };
    let _held = held(&stranger, 1001, 2).await;

    let problem = turned_away(&stranger.ask(1001, &[], HEALTH).await);

    let detail = text(&problem, "detail");
    assert!(detail.contains("has 2 connections"), "{detail}");
}

#[tokio::test]
async fn the_groups_that_count_are_those_of_the_process_that_calls() {
    // No directory knows this group.
    let rule = "[[access]]\ngroups = [\"471147\"]\napps = [\"*\"]\nverbs = [\"observe\"]\n";
    let Some(stranger) = Stranger::under(rule).await else {
        return;
    };
    let many: Vec<u32> = (471_000..=471_147).collect();
    for (groups, status) in [
        (&[][..], 403),
        (&[471_146], 403),
        (&[471_147], 200),
        (&many, 200),
    ] {
        let words = HEALTH.replace("health", "drivers");
        let answer = stranger.ask(1001, groups, &words).await;
        let start = format!("HTTP/1.1 {status} ");
        assert!(answer.starts_with(&start), "{groups:?}: {answer}");
    }
}

#[tokio::test]
async fn a_stranger_writes_one_line_into_the_log_however_often_it_knocks() {
    let rule = "[[access]]\nusers = [\"1000\"]\napps = [\"*\"]\nverbs = [\"send\"]\n";
    let keys = format!("{SOCKET}max_connections_per_user = 1\n");
    let Some(stranger) = Stranger::with(rule, &keys).await else {
        return;
    };
    let words = HEALTH.replace("health", "drivers").repeat(500);

    let answers = stranger.ask(1001, &[], &words).await;

    assert_eq!(answers.matches("HTTP/1.1 403 ").count(), 500);
    let _held = held(&stranger, 1002, 50).await;
    turned_away(&stranger.ask(1002, &[], HEALTH).await);
    let log = stranger.rig.log_view().unwrap();
    assert!(log.wait_for("connection refused").await);
    let log = log.text();
    assert_eq!(log.matches("peer refused").count(), 1, "{log}");
    assert_eq!(log.matches("connection refused").count(), 1, "{log}");
}

#[tokio::test]
async fn a_reload_says_what_waits_for_a_restart() {
    let rig = rig().await;
    let config = std::fs::read_to_string(rig.home.config()).unwrap();
    let config = config.replacen("[socket]\n", "[socket]\nmax_connections = 7\n", 1);
    rig.home.write("nudged.toml", config).unwrap();

    let ran = nudgectl(&rig, &["reload"]).await;

    assert_eq!(ran.code, Some(0), "{ran:?}");
    let mut lines = ran.out.lines();
    let first = lines.next().unwrap_or_default();
    assert!(first.starts_with("reloaded: kept "), "{ran:?}");
    assert!(
        first.ends_with("; [socket] at the next restart only"),
        "{ran:?}"
    );
    assert!(ran.out.contains("[socket] has changed"), "{ran:?}");
    let log = rig.log_view().unwrap();
    let told = log.wait_for("next_restart=[\"socket\"]").await;
    assert!(told && log.text().contains("[socket] has changed"));
}
