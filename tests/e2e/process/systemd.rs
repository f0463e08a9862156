//! As a service of systemd: what it is told of starts, reloads and stops, the watchdog, and
//! the socket that it opens.

use std::ffi::OsString;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixListener;
use std::process::Stdio;

use nix::sys::signal::{Signal, kill};
use nix::time::{ClockId, clock_gettime};
use nix::unistd::Pid;
use nudged_rig::{Client, DEADLINE, DiskFault, Rig, RigOptions};
use serde_json::Value;
use tokio::net::UnixDatagram;
use tokio::process::{Child, Command};

use crate::world::{prepared, reload_with, text, to_token};

#[tokio::test]
async fn systemd_is_told_of_start_reload_and_stop() {
    let rig = prepared(RigOptions::default()).await;
    let mut systemd = Systemd::start(&rig, &[]);

    let ready = systemd.told("READY=1").await;
    assert!(value_of(&ready, "STATUS").is_some(), "{ready:?}");
    let health = rig.client.get("/v1/health").await.unwrap();
    assert_eq!(health.expect(200)["status"], "ready", "ready means ready");

    let before = monotonic_us();
    systemd.signal(Signal::SIGHUP);
    let reloading = systemd.told("RELOADING=1").await;
    let at: u128 = value_of(&reloading, "MONOTONIC_USEC")
        .unwrap_or_else(|| panic!("in one message: {reloading:?}"))
        .parse()
        .unwrap();
    assert!((before..=monotonic_us()).contains(&at), "{at}");
    systemd.told("READY=1").await;

    rig.home.write_channel("bad", "driver = 5\n").unwrap();
    systemd.signal(Signal::SIGHUP);
    systemd.told("RELOADING=1").await;
    let ready = systemd.told("READY=1").await;
    let status = value_of(&ready, "STATUS").unwrap();
    assert!(status.contains("refused"), "{ready:?}");
    assert!(status.contains("bad.toml:1"), "{ready:?}");

    systemd.signal(Signal::SIGTERM);
    systemd.told("STOPPING=1").await;
    assert_eq!(systemd.ended().await, Some(0));
}

#[tokio::test]
async fn systemd_hears_of_a_reload_over_the_socket_too() {
    let rig = prepared(RigOptions::default()).await;
    let mut systemd = Systemd::start(&rig, &[]);
    systemd.told("READY=1").await;

    let reload = reload_with(&rig, Value::Null).await;

    reload.expect(200);
    systemd.told("RELOADING=1").await;
    systemd.told("READY=1").await;
    systemd.signal(Signal::SIGTERM);
    assert_eq!(systemd.ended().await, Some(0));
}

#[tokio::test]
async fn the_watchdog_is_fed() {
    let rig = prepared(RigOptions::default()).await;
    let mut systemd = Systemd::start(&rig, &[("WATCHDOG_USEC", "300000".into())]);
    systemd.told("READY=1").await;

    for _ in 0..3 {
        systemd.told("WATCHDOG=1").await;
    }

    systemd.signal(Signal::SIGTERM);
    assert_eq!(systemd.ended().await, Some(0));
}

#[tokio::test]
async fn systemd_waits_with_a_daemon_that_waits_for_its_disk() {
    let rig = prepared(RigOptions {
        bad_disk: true,
        ..RigOptions::default()
    })
    .await;
    let disk = rig.disk().unwrap();
    let mut environment = disk.environment().to_vec();
    environment.push(("WATCHDOG_USEC", "300000".into()));
    let mut systemd = Systemd::start(&rig, &environment);
    systemd.told("READY=1").await;

    disk.fail(DiskFault::ReadOnly).unwrap();
    let refused = rig.client.send(&to_token(1, "hello")).await.unwrap();

    assert_eq!(refused.status, 503);
    systemd
        .told_of("of waiting", |line| {
            line.starts_with("STATUS=waiting for the disk: ")
        })
        .await;
    for _ in 0..3 {
        systemd.told("WATCHDOG=1").await;
    }
    disk.mend().unwrap();
    systemd
        .told_of("of its end", |line| {
            line.starts_with("STATUS=") && !line.contains("waiting for the disk")
        })
        .await;
    rig.deliver(&to_token(1, "hello")).await.unwrap();

    disk.fail(DiskFault::Full).unwrap();
    let refused = rig.client.send(&to_token(1, "hello")).await.unwrap();
    assert_eq!(refused.status, 503);
    systemd.signal(Signal::SIGTERM);
    assert_eq!(systemd.ended().await, Some(0), "it stops without its disk");
}

#[tokio::test]
async fn the_socket_that_systemd_opened_is_used_and_left_alone() {
    let rig = prepared(RigOptions::default()).await;
    let path = rig.home.path().join("activated.sock");
    let listener = UnixListener::bind(&path).unwrap();
    // LISTEN_PID must be the daemon's own; descriptor 3 is the first that systemd passes.
    let script = "export LISTEN_PID=$$ LISTEN_FDS=1; exec \"$0\" \"$@\" 3<&0 0</dev/null";
    let mut child = Command::new("/bin/sh")
        .args(["-c", script])
        .arg(&rig.artifacts.nudged)
        .arg("--config")
        .arg(rig.home.config())
        .env_remove("NOTIFY_SOCKET")
        .stdin(Stdio::from(OwnedFd::from(listener)))
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();

    // Callers may come before the daemon does: they wait in the backlog.
    let client = Client::new(&path);
    let health = client.get("/v1/health").await.unwrap().expect(200);
    let accepted = client.send(&to_token(1, "hello")).await.unwrap();

    assert_eq!(health["status"], "ready");
    let accepted = accepted.expect(202);
    client.outcomes(text(&accepted, "id"), 1).await.unwrap();
    assert!(
        !rig.home.socket().exists(),
        "the configured one is not used"
    );
    signal(&child, Signal::SIGTERM);
    assert_eq!(ended(&mut child).await, Some(0));
    assert!(path.exists(), "what systemd made is systemd's to remove");
}

/// A daemon started as systemd starts it, and what it tells systemd.
struct Systemd {
    child: Child,
    socket: UnixDatagram,
}

impl Systemd {
    fn start(rig: &Rig, environment: &[(&str, OsString)]) -> Systemd {
        let path = rig.home.path().join("notify.sock");
        let socket = UnixDatagram::bind(&path).unwrap();
        let child = Command::new(&rig.artifacts.nudged)
            .arg("--config")
            .arg(rig.home.config())
            .env("NOTIFY_SOCKET", path)
            .env_remove("WATCHDOG_PID")
            .envs(environment.iter().cloned())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        Systemd { child, socket }
    }

    /// Waits for a message with this line, and returns all its lines.
    async fn told(&self, wanted: &str) -> Vec<String> {
        self.told_of(wanted, |line| line == wanted).await
    }

    async fn told_of(&self, wanted: &str, is: impl Fn(&str) -> bool) -> Vec<String> {
        let told = async {
            loop {
                let mut message = [0; 4096];
                let length = self.socket.recv(&mut message).await.unwrap();
                let message = str::from_utf8(&message[..length]).unwrap();
                let lines: Vec<String> = message.lines().map(str::to_owned).collect();
                if lines.iter().any(|line| is(line)) {
                    return lines;
                }
            }
        };
        tokio::time::timeout(DEADLINE, told)
            .await
            .unwrap_or_else(|_| panic!("systemd is not told {wanted}"))
    }

    fn signal(&self, signal: Signal) {
        self::signal(&self.child, signal);
    }

    async fn ended(&mut self) -> Option<i32> {
        ended(&mut self.child).await
    }
}

fn signal(child: &Child, signal: Signal) {
    let pid = child.id().expect("it runs").try_into().unwrap();
    kill(Pid::from_raw(pid), signal).unwrap();
}

async fn ended(child: &mut Child) -> Option<i32> {
    let status = tokio::time::timeout(DEADLINE, child.wait()).await;
    status.expect("it ends").unwrap().code()
}

fn value_of<'a>(lines: &'a [String], key: &str) -> Option<&'a str> {
    lines
        .iter()
        .find_map(|line| line.strip_prefix(key)?.strip_prefix('='))
}

fn monotonic_us() -> u128 {
    let now = clock_gettime(ClockId::CLOCK_MONOTONIC).unwrap();
    std::time::Duration::from(now).as_micros()
}
