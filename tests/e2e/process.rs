//! The process: how it starts, what it tells systemd, what it logs, how it ends.

use std::os::fd::OwnedFd;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Stdio;

use nix::sys::signal::{Signal, kill};
use nix::time::{ClockId, clock_gettime};
use nix::unistd::Pid;
use nudged_rig::{APNS, BASICS, Client, DEADLINE, Daemon, FCM, Rig, RigOptions, Settings};
use nudged_simulator::{Counts, Fault, FaultKind, Vendor};
use serde_json::{Value, json};
use tokio::net::{UnixDatagram, UnixStream};
use tokio::process::{Child, Command};

use crate::support::{
    Ran, all_accepted, now_ms, nudgectl, prepared, problem, refusal, rig, rig_with, run, send_all,
    text, to_token, token, trace_of, until,
};

#[tokio::test]
async fn an_unknown_key_is_refused_with_file_and_line() {
    let rig = prepared(with_settings(|it| it.more = "colour = \"red\"\n".into())).await;
    let line = line_of(&rig.home.config(), "colour");

    for arguments in [&[][..], &["--check"]] {
        let ran = nudged(&rig, arguments).await;

        assert_eq!(ran.code, Some(78), "{ran:?}");
        let words = format!("nudged.toml:{line}: unknown field `colour`");
        assert!(ran.err.contains(&words), "{ran:?}");
        assert!(!rig.home.socket().exists());
    }
}

#[tokio::test]
async fn everything_that_is_wrong_is_told_at_once() {
    let rig = prepared(RigOptions::default()).await;
    for (name, text) in [
        ("a", "driver = \"apns\"\ncertificate_id = \"one\"\n"),
        (
            "b",
            "driver = \"fcm\"\ncertificate_id = 12\n[settings]\nkeys = 1\n",
        ),
        ("c", "certificate_id 13\n"),
    ] {
        rig.home.write_channel(name, text).unwrap();
    }
    let files = nudged(&rig, &["--check"]).await;
    for broken in ["a", "c"] {
        rig.home.remove_channel(broken).unwrap();
    }
    let settings = nudged(&rig, &["--check"]).await;

    assert_eq!((files.code, settings.code), (Some(78), Some(78)));
    for words in ["a.toml:2:", "c.toml:1:"] {
        assert!(files.err.contains(words), "{words}: {}", files.err);
    }
    for words in [
        "b.toml:4: keys: the fcm driver has no such setting",
        "b.toml:3: service_account: is missing",
    ] {
        assert!(settings.err.contains(words), "{words}: {}", settings.err);
    }
}

#[tokio::test]
async fn two_channels_with_one_certificate_id_are_refused() {
    let rig = prepared(RigOptions::default()).await;
    let file = rig.home.path().join("channels.d/ios.toml");
    let text = std::fs::read_to_string(file).unwrap();
    rig.home.write_channel("again", &text).unwrap();

    let ran = nudged(&rig, &[]).await;

    assert_eq!(ran.code, Some(78), "{ran:?}");
    let words = "ios.toml:2: certificate_id: 1 is the certificate id of";
    assert!(ran.err.contains(words), "{}", ran.err);
}

#[tokio::test]
async fn a_good_configuration_passes_the_check_and_starts_nothing() {
    let rig = prepared(RigOptions::default()).await;

    let ran = nudged(&rig, &["--check"]).await;

    assert_eq!(ran.code, Some(0), "{ran:?}");
    for vendor in BASICS {
        let words = format!("channel {}: app default", vendor.channel);
        assert!(ran.out.contains(&words), "{}", ran.out);
    }
    assert_eq!(ran.err, "");
    assert!(!rig.home.socket().exists());
    assert_eq!(std::fs::read_dir(data(&rig)).unwrap().count(), 0);
}

#[tokio::test]
async fn a_configuration_that_is_not_there_is_said_so() {
    let rig = prepared(RigOptions::default()).await;
    std::fs::remove_file(rig.home.config()).unwrap();

    let ran = nudged(&rig, &[]).await;

    assert_eq!(ran.code, Some(78), "{ran:?}");
    assert!(ran.err.contains("nudged.toml: cannot read"), "{}", ran.err);
}

#[tokio::test]
async fn wrong_use_has_an_exit_code_of_its_own() {
    let rig = prepared(RigOptions::default()).await;

    let ran = run(&rig.artifacts.nudged, &["--frobnicate"], "").await;

    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.err.contains("--frobnicate"), "{}", ran.err);
}

#[tokio::test]
async fn a_second_daemon_on_the_same_data_is_refused_and_the_first_serves_on() {
    let rig = rig().await;

    let ran = nudged(&rig, &[]).await;

    assert_eq!(ran.code, Some(1), "{ran:?}");
    let data = data(&rig);
    for words in ["cannot start", data.to_str().unwrap(), "another nudged"] {
        assert!(ran.err.contains(words), "{words}: {}", ran.err);
    }
    let event = rig.deliver(&to_token(1, "still here")).await.unwrap();
    assert_eq!(event["outcome"], "accepted");
}

#[tokio::test]
async fn a_second_daemon_on_the_same_socket_is_refused_and_the_first_serves_on() {
    let rig = rig().await;
    let other = rig.home.path().join("other-data");
    let config = std::fs::read_to_string(rig.home.config()).unwrap();
    let config = config.replace(data(&rig).to_str().unwrap(), other.to_str().unwrap());
    rig.home.write("nudged.toml", config).unwrap();

    let ran = nudged(&rig, &[]).await;

    assert_eq!(ran.code, Some(1), "{ran:?}");
    let words = "nudged.sock: another daemon is listening";
    assert!(ran.err.contains(words), "{}", ran.err);
    let event = rig.deliver(&to_token(1, "still here")).await.unwrap();
    assert_eq!(event["outcome"], "accepted");
}

#[tokio::test]
async fn what_is_no_socket_is_left_alone() {
    let rig = prepared(RigOptions::default()).await;
    std::fs::write(rig.home.socket(), "precious").unwrap();

    let ran = nudged(&rig, &[]).await;

    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.err.contains("is no socket"), "{}", ran.err);
    let left = std::fs::read_to_string(rig.home.socket()).unwrap();
    assert_eq!(left, "precious");
}

#[tokio::test]
async fn callers_are_told_that_it_is_ready() {
    let rig = rig().await;

    let health = rig.client.get("/v1/health").await.unwrap().expect(200);

    assert_eq!(health["status"], "ready");
    assert!(!text(&health, "version").is_empty());
    let status = rig.client.get("/v1/status").await.unwrap().expect(200);
    assert_eq!(status["pid"], json!(rig.daemon().unwrap().pid()));
    assert_eq!(status["last_reload"], Value::Null);
}

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

    let reload = rig.client.post("/v1/reload", &Value::Null).await.unwrap();

    reload.expect(200);
    systemd.told("RELOADING=1").await;
    systemd.told("READY=1").await;
    systemd.signal(Signal::SIGTERM);
    assert_eq!(systemd.ended().await, Some(0));
}

#[tokio::test]
async fn the_watchdog_is_fed() {
    let rig = prepared(RigOptions::default()).await;
    let mut systemd = Systemd::start(&rig, &[("WATCHDOG_USEC", "300000")]);
    systemd.told("READY=1").await;

    for _ in 0..3 {
        systemd.told("WATCHDOG=1").await;
    }

    systemd.signal(Signal::SIGTERM);
    assert_eq!(systemd.ended().await, Some(0));
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

#[tokio::test]
async fn secrets_and_whole_tokens_are_shown_nowhere() {
    let options = RigOptions {
        logged: "debug".into(),
        ..with_settings(|it| it.request_timeout = "400ms".into())
    };
    let mut rig = rig_with(options).await;
    let spoken = "what-one-told-the-other";
    let mut ids = Vec::new();
    let mut shown = Shown::default();

    for (n, kind) in (0..).zip([
        again_in_a_second(503),
        again_in_a_second(429),
        FaultKind::Reset,
        FaultKind::GoAway,
        FaultKind::Drop,
        FaultKind::Garbage,
        FaultKind::Hang { ms: None },
    ]) {
        for vendor in BASICS {
            if vendor.name == "fcm" && kind == FaultKind::Garbage {
                // The driver waits ten seconds after those, as Google asks for.
                continue;
            }
            rig.simulator.fault(Fault::new(kind.clone()).times(1));
            let to = match vendor.name {
                "apns" => token(0xabcd_ef00 + n),
                _ => format!("{}{n}", FCM.token),
            };
            let notification = json!({
                "to": [{"channel": vendor.channel, "token": to}],
                "message": {"title": spoken, "body": spoken, "ext": spoken},
            });
            let event = rig.deliver(&notification).await.unwrap();
            ids.push(text(&event, "id").to_owned());
        }
    }
    // A dead device, a dead grant, and what each vendor itself finds wrong.
    shown.add(rig.register("bob", "phone", "ios", APNS.token).await);
    shown.add(rig.register("eve", "phone", "ios", APNS.token).await);
    rig.simulator
        .unregister_token(APNS.token, now_ms() + 60_000);
    for to in [
        json!({"user": "eve"}),
        json!({"channel": "android", "token": FCM.token}),
        json!({"channel": "ios", "token": FCM.token}),
    ] {
        rig.simulator.fcm_revoke_grants();
        let notification = json!({"to": [to], "message": {"body": spoken}});
        let event = rig.deliver(&notification).await.unwrap();
        ids.push(text(&event, "id").to_owned());
    }
    shown.add(rig.register("bob", "pixel", "android", FCM.token).await);

    let secrets = secrets(&rig);
    for id in &ids {
        shown.add(rig.client.trace(id).await);
        shown.add(Ok::<_, ()>(nudgectl(&rig, &["trace", id]).await));
    }
    for path in [
        "/v1/status",
        "/v1/channels",
        "/v1/drivers",
        "/v1/apps/default/users/bob/devices",
    ] {
        shown.add(rig.client.get(path).await);
    }
    for arguments in [
        &["events", "--since", "0"][..],
        &["events", "--since", "0", "--json"],
        &["device", "ls", "bob"],
        &["channel", "ls"],
        &["driver", "ls"],
        &["status"],
        &["send", "--user", "bob", "--body", "x", "--wait"],
        &[
            "device",
            "put",
            "bob",
            "tablet",
            "--channel",
            "ios",
            "--token",
            APNS.token,
        ],
    ] {
        let ran = nudgectl(&rig, arguments).await;
        assert_eq!(ran.code, Some(0), "{arguments:?}: {ran:?}");
        shown.add(Ok::<_, ()>(ran));
    }
    spoil_credentials(&rig);
    let reply = rig.client.post("/v1/reload", &Value::Null).await.unwrap();
    let refused = problem(reply, 422, "reload_refused");
    assert_eq!(refused["problems"].as_array().unwrap().len(), 2);
    shown.add(Ok::<_, ()>(refused));
    shown.add(Ok::<_, ()>(nudged(&rig, &["--check"]).await));
    let log = rig.log_view().unwrap();
    rig.terminate().await.unwrap();
    shown.add(Ok::<_, ()>(log.text()));

    assert!(shown.0.len() > 10_000, "{}", shown.0.len());
    assert!(log.text().contains("DEBUG"), "{}", log.text());
    let fixed = [
        APNS.token,
        FCM.token,
        &token(0xabcd_ef00),
        spoken,
        // A grant, a signed token, and what both are sent as.
        "ya29.",
        "eyJ",
        "earer ",
        "-----BEGIN",
    ];
    let fixed = fixed.iter().map(|it| (*it).to_owned());
    for secret in fixed.chain(secrets) {
        let found = shown.0.lines().find(|line| line.contains(&secret));
        assert_eq!(found, None, "{secret} is shown");
    }
}

fn with_settings(change: impl FnOnce(&mut Settings)) -> RigOptions {
    let mut options = RigOptions::default();
    change(&mut options.settings);
    options
}

async fn nudged(rig: &Rig, arguments: &[&str]) -> Ran {
    let config = rig.home.config();
    let mut all = vec!["--config", config.to_str().unwrap()];
    all.extend(arguments);
    run(&rig.artifacts.nudged, &all, "").await
}

fn data(rig: &Rig) -> std::path::PathBuf {
    rig.home.path().join("data")
}

fn line_of(file: &Path, key: &str) -> usize {
    let text = std::fs::read_to_string(file).unwrap();
    1 + text.lines().position(|it| it.starts_with(key)).unwrap()
}

fn again_in_a_second(status: u16) -> FaultKind {
    FaultKind::Status {
        status,
        reason: None,
        retry_after: Some("1".into()),
        timestamp_ms: None,
    }
}

fn hangs(counts: &Counts) -> bool {
    counts.apns.faults.contains_key("hang")
}

/// A daemon started as systemd starts it, and what it tells systemd.
struct Systemd {
    child: Child,
    socket: UnixDatagram,
}

impl Systemd {
    fn start(rig: &Rig, environment: &[(&str, &str)]) -> Systemd {
        let path = rig.home.path().join("notify.sock");
        let socket = UnixDatagram::bind(&path).unwrap();
        let child = Command::new(&rig.artifacts.nudged)
            .arg("--config")
            .arg(rig.home.config())
            .env("NOTIFY_SOCKET", path)
            .env_remove("WATCHDOG_PID")
            .envs(environment.iter().copied())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        Systemd { child, socket }
    }

    /// Waits for a message with this line, and returns all its lines.
    async fn told(&self, wanted: &str) -> Vec<String> {
        let told = async {
            loop {
                let mut message = [0; 4096];
                let length = self.socket.recv(&mut message).await.unwrap();
                let message = str::from_utf8(&message[..length]).unwrap();
                let lines: Vec<String> = message.lines().map(str::to_owned).collect();
                if lines.iter().any(|line| line == wanted) {
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

/// All that anybody was shown.
#[derive(Default)]
struct Shown(String);

impl Shown {
    fn add<T: std::fmt::Debug, E: std::fmt::Debug>(&mut self, shown: Result<T, E>) {
        self.0.push_str(&format!("{:?}\n", shown.unwrap()));
    }
}

/// The lines of the private keys.
fn secrets(rig: &Rig) -> Vec<String> {
    let file = |name: &str| std::fs::read_to_string(rig.home.path().join(name)).unwrap();
    let account: Value = serde_json::from_str(&file("service-account.json")).unwrap();
    let keys = [
        file("AuthKey_SIMKEY0001.p8"),
        text(&account, "private_key").to_owned(),
    ];
    let lines = keys.iter().flat_map(|key| key.lines());
    let lines = lines.filter(|line| line.len() > 20 && !line.starts_with('-'));
    let secrets: Vec<String> = lines.map(str::to_owned).collect();
    assert!(secrets.len() > 10, "{}", secrets.len());
    secrets
}

/// Makes both keys unreadable somewhere in their middle.
fn spoil_credentials(rig: &Rig) {
    for name in ["AuthKey_SIMKEY0001.p8", "service-account.json"] {
        let path = rig.home.path().join(name);
        let mut text = std::fs::read_to_string(path).unwrap();
        let begin = text.find("BEGIN PRIVATE KEY-----").unwrap();
        text.replace_range(begin + 90..begin + 92, "!!");
        rig.home.write(name, text).unwrap();
    }
}
