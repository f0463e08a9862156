//! nudgectl against a daemon that runs: what it prints, and its exit codes.

use nudged_rig::{APNS, FCM, Rig};
use nudged_simulator::{Fault, FaultKind};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::support::{Ran, nudgectl, only_taken, refusal, rig, run, text, to_token, token};

#[tokio::test]
async fn a_notification_is_sent_and_its_end_awaited() {
    let rig = rig().await;
    rig.register("bob", "phone", "ios", APNS.token)
        .await
        .unwrap();

    let send = ["send", "--user", "bob", "--title", "Carol", "--body", "hi"];
    let told = said(nudgectl(&rig, &[&send[..], &["--wait"]].concat()).await, 0);

    assert!(told.contains("accepted for 1 device"), "{told}");
    assert!(told.contains("bob/phone via ios (apns)"), "{told}");
    let alert = &only_taken(&rig, APNS).body["aps"]["alert"];
    assert_eq!(*alert, json!({"title": "Carol", "body": "hi"}));
    // Without --wait the id is all that is known.
    let answer = parsed(nudgectl(&rig, &[&["--json"], &send[..]].concat()).await, 0);
    rig.client.outcomes(text(&answer, "id"), 1).await.unwrap();
}

#[tokio::test]
async fn a_delivery_that_fails_shows_in_the_exit_code() {
    let rig = rig().await;
    rig.simulator.fcm_unregister_token(FCM.token);
    let channel = ["--channel", "android", "--token", FCM.token];
    let send = [&["send", "--body", "x", "--wait"], &channel[..]].concat();

    let ran = nudgectl(&rig, &send).await;

    assert!(ran.out.contains("UNREGISTERED"), "{ran:?}");
    let complaint = said(ran, 1);
    assert!(
        complaint.contains("of 1 delivery: 1 not accepted"),
        "{complaint}"
    );
}

#[tokio::test]
async fn a_wait_has_an_end() {
    let rig = rig().await;
    rig.simulator.fault(Fault::new(refusal(503)));
    let to = ["--channel", "ios", "--token", APNS.token];

    let send = [&["send", "--body", "x", "--wait=100ms"], &to[..]].concat();
    let complaint = said(nudgectl(&rig, &send).await, 1);

    assert!(complaint.contains("not ended in time"), "{complaint}");
}

#[tokio::test]
async fn nobody_to_deliver_to_is_no_success_of_a_wait() {
    let rig = rig().await;
    let send = ["send", "--user", "nobody", "--body", "x"];

    let told = said(nudgectl(&rig, &send).await, 0);
    let complaint = said(nudgectl(&rig, &[&send[..], &["--wait"]].concat()).await, 1);

    assert!(told.contains("0 devices (no_device: nobody"), "{told}");
    assert!(complaint.contains("nobody to deliver to"), "{complaint}");
}

#[tokio::test]
async fn what_the_daemon_refuses_is_passed_on_in_words() {
    let rig = rig().await;
    let send = ["send", "--channel", "nokia", "--token", "t", "--body", "x"];

    let words = said(nudgectl(&rig, &send).await, 1);
    let problem = parsed(nudgectl(&rig, &[&["--json"], &send[..]].concat()).await, 1);

    for part in ["\"nokia\"", "field: to[0].channel", "hint: app default has"] {
        assert!(words.contains(part), "{part}: {words}");
    }
    assert_eq!(problem["field"], "to[0].channel", "{problem:#}");
}

#[tokio::test]
async fn notifications_come_from_files_and_from_standard_input() {
    let rig = rig().await;
    let file = rig.home.path().join("one.json");
    std::fs::write(&file, to_token(1, "one").to_string()).unwrap();
    let file = ["send", "--wait", "--file", file.to_str().unwrap()];
    said(nudgectl(&rig, &file).await, 0);

    let lines: String = (2..10)
        .map(|n| to_token(n, "line").to_string() + "\n")
        .collect();
    let stream = ["send", "--ndjson", "--wait", "--file", "-"];
    let ran = with_input(&rig, &stream, &lines).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(ran.out.matches("accepted for 1 device").count(), 8);
    assert_eq!(rig.simulator.counts().apns.distinct_tokens, 9);

    let lines = format!("{}\nnonsense\n", to_token(11, "good"));
    let ran = with_input(&rig, &stream, &lines).await;
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.err.contains("line 2: "), "{ran:?}");
    assert!(
        ran.err.contains("1 of 2 notifications were refused"),
        "{ran:?}"
    );
    assert_eq!(rig.simulator.counts().apns.distinct_tokens, 10);
}

#[tokio::test]
async fn devices_are_put_listed_and_removed() {
    let rig = rig().await;
    let put = |user: &'static str| {
        let to = ["device", "put", user, "phone", "--token", APNS.token];
        [&to[..], &["--channel", "ios"]].concat()
    };

    let told = said(nudgectl(&rig, &put("bob")).await, 0);
    assert!(told.contains("registered bob/phone on ios"), "{told}");
    let told = said(nudgectl(&rig, &put("alice")).await, 0);
    assert!(told.contains("the token was bob/phone's"), "{told}");
    let by_number = ["device", "put", "alice", "pixel", "--certificate-id", "2"];
    let by_number = [&by_number[..], &["--token", FCM.token]].concat();
    said(nudgectl(&rig, &by_number).await, 0);

    let table = said(nudgectl(&rig, &["device", "ls", "alice"]).await, 0);
    for word in ["phone", "ios", "pixel", "android", "b0bb…b0b1"] {
        assert!(table.contains(word), "{word}: {table}");
    }
    assert!(!table.contains(APNS.token) && !table.contains(FCM.token));
    said(nudgectl(&rig, &["device", "rm", "alice", "phone"]).await, 0);
    let words = said(nudgectl(&rig, &["device", "rm", "alice", "phone"]).await, 1);
    assert!(words.contains("alice has no device \"phone\""), "{words}");
    let list = parsed(
        nudgectl(&rig, &["--json", "device", "ls", "alice"]).await,
        0,
    );
    assert_eq!(list["devices"].as_array().unwrap().len(), 1);
    let none = said(nudgectl(&rig, &["device", "ls", "bob"]).await, 0);
    assert!(none.contains("bob has not registered any"), "{none}");
}

#[tokio::test]
async fn names_of_devices_may_be_odd() {
    let rig = rig().await;
    let (user, device) = ("a/b?c#d%e ü", "../phone");
    let to = ["device", "put", user, device, "--token", APNS.token];
    said(
        nudgectl(&rig, &[&to[..], &["--channel", "ios"]].concat()).await,
        0,
    );

    let send = [
        "send", "--user", user, "--device", device, "--body", "x", "--wait",
    ];
    said(nudgectl(&rig, &send).await, 0);

    let list = parsed(nudgectl(&rig, &["--json", "device", "ls", user]).await, 0);
    assert_eq!(list["devices"][0]["device"], device);
    said(nudgectl(&rig, &["device", "rm", user, device]).await, 0);
}

#[tokio::test]
async fn everything_can_be_seen_as_a_table_and_as_json() {
    let rig = rig().await;
    std::fs::write(rig.home.drivers().join("broken.so"), "text").unwrap();
    rig.client
        .post("/v1/reload", &Value::Null)
        .await
        .unwrap()
        .expect(200);

    for (arguments, words) in [
        (&["channel", "ls"][..], &["android", "ios", "running"][..]),
        (&["driver", "ls"], &["apns", "fcm", "refused: "]),
        (&["status"], &["2 channels", "ready"]),
    ] {
        let table = said(nudgectl(&rig, arguments).await, 0);
        for word in words {
            assert!(table.contains(word), "{arguments:?}: {table}");
        }
    }
    for (arguments, path) in [
        (&["channel", "ls", "--json"][..], "/v1/channels"),
        (&["driver", "ls", "--json"], "/v1/drivers"),
    ] {
        let value = parsed(nudgectl(&rig, arguments).await, 0);
        assert_eq!(value, rig.client.get(path).await.unwrap().expect(200));
    }
    let status = parsed(nudgectl(&rig, &["status", "--json"]).await, 0);
    assert_eq!(status["pid"], rig.daemon().unwrap().pid());
}

#[tokio::test]
async fn a_driver_shows_a_channel_file_that_explains_itself() {
    let rig = rig().await;

    let file = said(nudgectl(&rig, &["driver", "show", "apns"]).await, 0);

    for words in ["driver = \"apns\"", "certificate_id", "team_id", "topic"] {
        assert!(file.contains(words), "{words}: {file}");
    }
    let driver = parsed(
        nudgectl(&rig, &["driver", "show", "fcm", "--json"]).await,
        0,
    );
    assert_eq!(driver["vendor"], "fcm");
    let words = said(nudgectl(&rig, &["driver", "show", "nokia"]).await, 1);
    assert!(
        words.contains("no driver nokia; there are: apns, fcm"),
        "{words}"
    );
}

#[tokio::test]
async fn a_trace_is_told_to_people_and_programs() {
    let rig = rig().await;
    rig.simulator.fault(Fault::new(FaultKind::Reset).times(1));
    let event = rig.deliver(&to_token(7, "hi")).await.unwrap();
    let id = text(&event, "id");

    let words = said(nudgectl(&rig, &["trace", id]).await, 0);
    let value = parsed(nudgectl(&rig, &["trace", id, "--json"]).await, 0);

    for part in [id, "via ios (apns)", "accepted", "transport"] {
        assert!(words.contains(part), "{part}: {words}");
    }
    assert!(!words.contains(&token(7)), "{words}");
    assert_eq!(value, rig.client.trace(id).await.unwrap().expect(200));
    let nothing = "01890000-0000-7000-8000-000000000000";
    let words = said(nudgectl(&rig, &["trace", nothing]).await, 1);
    assert!(words.contains(nothing), "{words}");
}

#[tokio::test]
async fn events_are_told_line_by_line() {
    let rig = rig().await;
    let none = said(nudgectl(&rig, &["events"]).await, 0);
    assert!(none.contains("no events"), "{none}");
    let first = rig.deliver(&to_token(1, "hi")).await.unwrap();
    let second = rig.deliver(&to_token(2, "hi")).await.unwrap();

    let all = said(nudgectl(&rig, &["events", "--since", "0"]).await, 0);
    let as_json = ["events", "--json", "--since", "0"];
    let as_json = said(nudgectl(&rig, &as_json).await, 0);
    let cursor = first["cursor"].to_string();
    let later = ["events", "--json", "--since", &cursor];
    let later = said(nudgectl(&rig, &later).await, 0);

    let lines: Vec<&str> = all.lines().collect();
    assert_eq!(lines.len(), 2, "{all}");
    for (line, event) in lines.iter().zip([&first, &second]) {
        assert!(line.contains(text(event, "id")), "{line}");
        assert!(line.contains("accepted"), "{line}");
    }
    let values = |text: &str| -> Vec<Value> {
        let lines = text.lines();
        lines.map(|it| serde_json::from_str(it).unwrap()).collect()
    };
    assert_eq!(values(&as_json), [first, second.clone()]);
    assert_eq!(values(&later), [second]);
}

#[tokio::test]
async fn who_follows_events_hears_them_as_they_come_and_how_to_go_on() {
    let mut rig = rig().await;
    let mut child = tokio::process::Command::new(&rig.artifacts.nudgectl)
        .arg("--socket")
        .arg(rig.home.socket())
        .args(["events", "--follow", "--since", "0"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();

    let mut cursor = Value::Null;
    for n in 0..3 {
        let event = rig.deliver(&to_token(n, "hi")).await.unwrap();
        let line = tokio::time::timeout(nudged_rig::DEADLINE, lines.next_line()).await;
        let line = line.unwrap().unwrap().unwrap();
        assert!(line.contains(text(&event, "id")), "{line}");
        cursor = event["cursor"].clone();
    }
    rig.terminate().await.unwrap();

    let ended = tokio::time::timeout(nudged_rig::DEADLINE, child.wait_with_output());
    let output = ended.await.unwrap().unwrap();
    assert_eq!(output.status.code(), Some(3));
    let complaint = String::from_utf8(output.stderr).unwrap();
    let hint = format!("nudgectl events -f --since {cursor}");
    assert!(complaint.contains(&hint), "{complaint}");
}

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

/// What was printed: to whom it succeeded on stdout, else on stderr.
#[track_caller]
fn said(ran: Ran, code: i32) -> String {
    assert_eq!(ran.code, Some(code), "{ran:?}");
    if code == 0 { ran.out } else { ran.err }
}

/// The JSON that was printed.
#[track_caller]
fn parsed(ran: Ran, code: i32) -> Value {
    assert_eq!(ran.code, Some(code), "{ran:?}");
    serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {ran:?}"))
}

async fn with_input(rig: &Rig, arguments: &[&str], input: &str) -> Ran {
    let socket = rig.home.socket();
    let socket = ["--socket", socket.to_str().unwrap()];
    run(
        &rig.artifacts.nudgectl,
        &[&socket[..], arguments].concat(),
        input,
    )
    .await
}
