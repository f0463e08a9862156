use std::process::{Command, Output};

use nudged_rig::{APNS, DEADLINE, Daemon, FCM, Rig, Settings, VENDORS};
use nudged_simulator::{Fault, FaultKind, Vendor};
use serde_json::{Value, json};
use tokio::net::UnixStream;

use crate::{apns_token, options, outcomes_of, rig, rig_with, send_many, text, to_token, to_user};

fn nudged(rig: &Rig, arguments: &[&str]) -> Output {
    let mut command = Command::new(&rig.artifacts.nudged);
    command
        .arg("--config")
        .arg(rig.home.config())
        .args(arguments)
        .output()
        .unwrap()
}

fn unavailable() -> FaultKind {
    FaultKind::Status {
        status: 503,
        reason: None,
        retry_after: None,
        timestamp_ms: None,
    }
}

#[tokio::test]
async fn terminate_waits_for_the_answers_that_are_under_way() {
    let mut rig = rig().await;
    rig.simulator
        .fault(Fault::new(FaultKind::Delay { ms: 300 }).of(Vendor::Apns));
    let ids = send_many(&rig, 10).await;
    let all_under_way = |counts: &nudged_simulator::Counts| counts.apns.accepted == 10;
    assert!(rig.simulator.wait_for(DEADLINE, all_under_way).await);

    let status = rig.terminate().await.unwrap();

    assert_eq!(status.code(), Some(0));
    rig.simulator.clear_faults();
    rig.launch().await.unwrap();
    assert_eq!(outcomes_of(&rig, &ids).await, ["accepted"; 10]);
    // Each answer was heard before the end, so nothing was sent a second time.
    assert_eq!(rig.simulator.counts().apns.accepted, 10);
}

#[tokio::test]
async fn a_daemon_that_stops_takes_no_new_callers() {
    let mut rig = rig().await;
    rig.simulator.fault(
        Fault::new(FaultKind::Hang { ms: Some(1000) })
            .of(Vendor::Apns)
            .times(1),
    );
    rig.accept(&to_token(APNS, APNS.token, "slow"))
        .await
        .unwrap();
    let hangs = |counts: &nudged_simulator::Counts| counts.apns.faults.contains_key("hang");
    assert!(rig.simulator.wait_for(DEADLINE, hangs).await);
    let socket = rig.home.socket();
    let log = rig.log_view().unwrap();

    let (status, refused) = tokio::join!(rig.terminate(), async {
        assert!(log.wait_for("stopping").await);
        // The listener closes just after the line is logged.
        loop {
            match UnixStream::connect(&socket).await {
                Err(error) => return error,
                Ok(_) => tokio::task::yield_now().await,
            }
        }
    });

    assert_eq!(status.unwrap().code(), Some(0));
    let kind = refused.kind();
    use std::io::ErrorKind::{ConnectionRefused, NotFound};
    assert!(matches!(kind, ConnectionRefused | NotFound), "{refused}");
}

#[tokio::test]
async fn a_vendor_that_never_answers_does_not_keep_the_daemon_from_ending() {
    let settings = Settings {
        grace: "300ms".into(),
        ..Settings::default()
    };
    let mut rig = rig_with(|options| options.settings = settings).await;
    rig.simulator.fault(
        Fault::new(FaultKind::Hang { ms: None })
            .of(Vendor::Apns)
            .times(1),
    );
    let id = rig
        .accept(&to_token(APNS, APNS.token, "hello?"))
        .await
        .unwrap();
    let hangs = |counts: &nudged_simulator::Counts| counts.apns.faults.contains_key("hang");
    assert!(rig.simulator.wait_for(DEADLINE, hangs).await);

    let status = rig.terminate().await.unwrap();

    assert_eq!(status.code(), Some(0));
    rig.launch().await.unwrap();
    let events = rig.client.outcomes(&id, 1).await.unwrap();
    assert_eq!(events[0]["outcome"], "accepted");
}

#[tokio::test]
async fn what_is_queued_is_delivered_after_a_restart() {
    let settings = Settings {
        longest_retry: "200ms".into(),
        ..Settings::default()
    };
    let mut rig = rig_with(|options| options.settings = settings).await;
    rig.simulator.fault(Fault::new(unavailable()));
    let ids = send_many(&rig, 50).await;
    rig.register("alice", "pixel", "android", FCM.token)
        .await
        .unwrap();
    let id = rig.accept(&to_user("alice", "later")).await.unwrap();

    rig.terminate().await.unwrap();
    assert_eq!(rig.simulator.counts().accepted, 0);
    rig.simulator.clear_faults();
    rig.launch().await.unwrap();

    let outcomes = outcomes_of(&rig, &[ids, vec![id]].concat()).await;
    assert_eq!(outcomes, ["accepted"; 51]);
    assert_eq!(rig.simulator.counts().accepted, 51);
}

#[tokio::test]
async fn interrupt_stops_in_order_too() {
    let rig = Rig::prepare(options()).await.unwrap();
    let mut daemon = Daemon::start(&rig.artifacts.nudged, &rig.home, "info")
        .await
        .unwrap();

    daemon.signal(nix::sys::signal::Signal::SIGINT).unwrap();

    assert_eq!(daemon.exited().await.unwrap().code(), Some(0));
}

#[tokio::test]
async fn an_unknown_key_is_refused_with_file_and_line() {
    let rig = Rig::prepare(options()).await.unwrap();
    rig.home
        .configure(&Settings {
            more: "colour = \"red\"\n".into(),
            ..Settings::default()
        })
        .unwrap();
    let config = std::fs::read_to_string(rig.home.config()).unwrap();
    let line = 1 + config
        .lines()
        .position(|line| line.starts_with("colour"))
        .unwrap();

    for arguments in [&[][..], &["--check"]] {
        let output = nudged(&rig, arguments);
        assert_eq!(output.status.code(), Some(78), "{output:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(
            said.contains(&format!("nudged.toml:{line}: unknown field `colour`")),
            "{said}"
        );
    }
}

#[tokio::test]
async fn every_bad_channel_is_named_before_the_start() {
    let rig = Rig::prepare(options()).await.unwrap();
    rig.home
        .write_channel("a", "driver = \"apns\"\ncertificate_id = 1\n")
        .unwrap();
    rig.home
        .write_channel(
            "b",
            "driver = \"fcm\"\ncertificate_id = 12\n[settings]\nkeys = 1\n",
        )
        .unwrap();

    let output = nudged(&rig, &[]);

    assert_eq!(output.status.code(), Some(78));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("ios.toml:2: certificate_id: 1 is the certificate id of"),
        "{said}"
    );
    std::fs::remove_file(rig.home.path().join("channels.d/a.toml")).unwrap();
    let said = String::from_utf8(nudged(&rig, &[]).stderr).unwrap();
    assert!(
        said.contains("b.toml:4: keys: the fcm driver has no such setting"),
        "{said}"
    );
    assert!(
        said.contains("b.toml:3: service_account: is missing"),
        "{said}"
    );
}

#[tokio::test]
async fn a_good_configuration_passes_the_check_and_starts_nothing() {
    let rig = Rig::prepare(options()).await.unwrap();

    let output = nudged(&rig, &["--check"]);

    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(!rig.home.socket().exists());
}

#[tokio::test]
async fn a_configuration_that_is_not_there_is_said_so() {
    let rig = Rig::prepare(options()).await.unwrap();
    std::fs::remove_file(rig.home.config()).unwrap();

    let output = nudged(&rig, &[]);

    assert_eq!(output.status.code(), Some(78));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("nudged.toml: cannot read"), "{said}");
}

#[tokio::test]
async fn a_second_daemon_leaves_the_first_alone() {
    let rig = rig().await;

    let output = nudged(&rig, &[]);

    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let event = rig
        .deliver(&to_token(APNS, APNS.token, "still here"))
        .await
        .unwrap();
    assert_eq!(event["outcome"], "accepted");
}

#[tokio::test]
async fn no_secret_and_no_whole_token_is_logged() {
    let mut rig = rig_with(|options| options.logged = "debug".into()).await;
    let text_of_message = "the-text-of-a-message";
    for (number, kind) in [
        unavailable(),
        FaultKind::Reset,
        FaultKind::GoAway,
        FaultKind::Drop,
        FaultKind::Garbage,
    ]
    .into_iter()
    .enumerate()
    {
        for vendor in VENDORS {
            rig.simulator.fault(Fault::new(kind.clone()).times(1));
            let token = format!("{}{number}", vendor.token);
            let token = if vendor.name == "apns" {
                apns_token(0xabcdef + number)
            } else {
                token
            };
            rig.deliver(&to_token(vendor, &token, text_of_message))
                .await
                .unwrap();
        }
    }
    rig.register("bob", "phone", "ios", APNS.token)
        .await
        .unwrap();
    rig.simulator
        .unregister_token(APNS.token, crate::now_ms() + 60_000);
    rig.deliver(&to_user("bob", text_of_message)).await.unwrap();
    rig.simulator.fcm_revoke_grants();
    rig.deliver(&to_token(FCM, FCM.token, text_of_message))
        .await
        .unwrap();
    rig.client
        .post("/v1/reload", &Value::Null)
        .await
        .unwrap()
        .expect(200);
    let view = rig.log_view().unwrap();
    rig.terminate().await.unwrap();

    let log = view.text();

    assert!(log.len() > 100, "{log}");
    let account = std::fs::read(rig.home.path().join("service-account.json")).unwrap();
    let account: Value = serde_json::from_slice(&account).unwrap();
    let key = std::fs::read_to_string(rig.home.path().join("AuthKey_SIMKEY0001.p8")).unwrap();
    let pem_lines = text(&account, "/private_key").lines().chain(key.lines());
    let key_lines = pem_lines.filter(|line| line.len() > 20 && !line.starts_with('-'));
    for secret in key_lines {
        assert!(!log.contains(secret), "a line of a key is in the log");
    }
    for word in [
        APNS.token,
        FCM.token,
        &apns_token(0xabcdef),
        text_of_message,
        "ya29.",
        "earer ",
    ] {
        assert!(!log.contains(word), "{word} is in the log:\n{log}");
    }
}

#[tokio::test]
async fn callers_are_told_that_it_is_ready() {
    let rig = rig().await;

    let health = rig.client.get("/v1/health").await.unwrap().expect(200);

    assert_eq!(health["status"], "ready");
    assert!(!text(&health, "/version").is_empty());
    let status = rig.client.get("/v1/status").await.unwrap().expect(200);
    assert_eq!(status["pid"], json!(rig.daemon().unwrap().pid()));
}
