//! One channel that cannot be opened costs nobody but itself: at the start, at a reload of another,
//! and when its certificate runs out while the daemon runs.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use nudged_rig::vendor::APNS_TOPIC;
use nudged_rig::{APNS, FCM, Rig, RigOptions};
use rcgen::{CertificateParams, CustomExtension, DnType, KeyPair};
use serde_json::{Value, json};

use crate::world::{
    all_accepted, channel, nudgectl, prepared, problem, reload_with, rig, text_at, to_token,
    trace_of, until,
};

#[tokio::test]
async fn an_expired_certificate_at_the_start_costs_its_channel_only() {
    let mut rig = prepared(RigOptions::default()).await;
    let expired = rig.simulator.apns().issue_certificate(APNS_TOPIC, &[], -35);
    write_certificate(&rig, &(expired.certificate_pem + &expired.key_pem));

    rig.launch().await.unwrap();

    // It shows, with file, line, reason and remedy.
    let row = channel(&rig, "ios").await;
    assert_eq!(row["state"], "broken", "{row:#}");
    let problem = &row["problems"][0];
    assert!(text_at(problem, "/file").ends_with("channels.d/ios.toml"));
    assert_eq!(problem["line"], 5, "{row:#}");
    assert!(text_at(problem, "/problem").contains("expired"), "{row:#}");
    assert!(!text_at(problem, "/hint").is_empty(), "{row:#}");
    let status = rig.client.get("/v1/status").await.unwrap().expect(200);
    assert_eq!(status["broken"]["ios"], row["problems"]);
    assert_eq!(status["channels"], 2);
    let health = rig.client.get("/v1/health").await.unwrap().expect(200);
    assert_eq!(
        (&health["status"], &health["broken"]),
        (&json!("ready"), &json!(1))
    );
    let log = rig.log();
    let line = log.lines().find(|line| line.contains("channel is broken"));
    assert!(line.expect("logged").contains("ios.toml:5: "), "{log}");
    for arguments in [
        &["status"][..],
        &["channel", "ls"],
        &["channel", "show", "ios"],
        &["queue", "ls"],
    ] {
        let ran = nudgectl(&rig, arguments).await;
        assert!(ran.out.contains("ios.toml:5: "), "{arguments:?}: {ran:?}");
    }
    // The others serve; what is for it waits and says why.
    delivers(&rig, FCM.channel, FCM.token).await;
    rig.register("bob", "phone", "ios", APNS.token)
        .await
        .unwrap();
    let to_bob = json!({"to": [{"user": "bob"}], "message": {"body": "hello?"}});
    let seen = rig.client.post("/v1/notifications/preview", &to_bob).await;
    let seen = seen.unwrap().expect(200);
    let code = text_at(&seen, "/deliveries/0/reason/code");
    assert_eq!(code, "channel_broken", "{seen:#}");
    let id = rig.accept(&to_bob).await.unwrap();
    let trace = trace_of(&rig, &id).await;
    let waits_for = text_at(&trace, "/deliveries/0/waits_for");
    assert!(waits_for.contains("broken"), "{trace:#}");
    assert!(waits_for.contains("ios.toml:5: "), "{trace:#}");

    // A good new file of another channel is taken.
    FCM.furnish(&rig.simulator, &rig.home, "[limits]\nrate = 5000\n")
        .unwrap();
    let report = reloaded(&rig).await;
    assert_eq!(report["replaced"], json!(["android"]), "{report:#}");
    assert_eq!(report["broken"], json!(["ios"]), "{report:#}");
    let warnings = report["warnings"].to_string();
    assert!(warnings.contains("still broken"), "{report:#}");

    // Once it is renewed, what waited goes out.
    let renewed = rig.simulator.apns().issue_certificate(APNS_TOPIC, &[], 365);
    write_certificate(&rig, &(renewed.certificate_pem + &renewed.key_pem));
    let report = reloaded(&rig).await;
    assert_eq!(report["started"], json!(["ios"]), "{report:#}");
    assert_eq!(report.get("broken"), None, "{report:#}");
    all_accepted(&rig, &[id]).await;
}

#[tokio::test]
async fn a_reload_that_breaks_a_good_channel_is_refused_though_another_is_broken() {
    let mut rig = prepared(RigOptions::default()).await;
    rig.home.write_channel("odd", "driver = 5\n").unwrap();
    rig.launch().await.unwrap();
    let good = std::fs::read_to_string(rig.home.channel_file("ios")).unwrap();
    let bad = good.replace("key_id = ", "kee = 5\nkey_id = ");
    rig.home.write_channel("ios", &bad).unwrap();

    let reply = reload_with(&rig, Value::Null).await;

    let refused = problem(reply, 422, "reload_refused");
    let told = refused["problems"].as_array().unwrap();
    assert_eq!(told.len(), 1, "{refused:#}");
    assert!(text_at(&told[0], "/file").ends_with("ios.toml"), "{told:?}");
    delivers(&rig, "ios", APNS.token).await;
    // Neither does a broken one that was changed and is still wrong.
    rig.home.write_channel("ios", &good).unwrap();
    rig.home.write_channel("odd", "driver = 6\n").unwrap();
    let reply = reload_with(&rig, Value::Null).await;
    let refused = problem(reply, 422, "reload_refused");
    assert!(refused["detail"].to_string().contains("odd.toml:1"));
    // One that goes is no trouble any more.
    rig.home.remove_channel("odd").unwrap();
    let report = reloaded(&rig).await;
    assert_eq!(report["kept"], json!(["android", "ios"]), "{report:#}");
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_known_by_its_name_and_what_its_id_stood_for() {
    let mut rig = rig().await;
    rig.register("bob", "phone", "ios", APNS.token)
        .await
        .unwrap();
    rig.terminate().await.unwrap();
    let good = std::fs::read_to_string(rig.home.channel_file("ios")).unwrap();
    let torn = good.replace("certificate_id = 1\n", "certificate_id =\n");
    rig.home.write_channel("ios", &torn).unwrap();
    rig.home.write_channel("new", "certificate_id =\n").unwrap();

    rig.launch().await.unwrap();

    let row = channel(&rig, "ios").await;
    assert_eq!(
        (&row["state"], &row["certificate_id"], &row["app"]),
        (&json!("broken"), &json!(1), &json!("default")),
        "{row:#}"
    );
    assert_eq!(row["driver"], "apns", "{row:#}");
    let row = channel(&rig, "new").await;
    assert_eq!(
        (&row["state"], &row["certificate_id"]),
        (&json!("broken"), &Value::Null)
    );
    let shown = nudgectl(&rig, &["channel", "show", "new"]).await;
    assert!(shown.out.contains("new.toml:1: "), "{shown:?}");
    let to_bob = json!({"to": [{"user": "bob"}], "message": {"body": "hello?"}});
    let ids = [
        rig.accept(&to_bob).await.unwrap(),
        rig.accept(&to_token(7, "x")).await.unwrap(),
    ];
    delivers(&rig, "android", FCM.token).await;

    rig.home.write_channel("ios", &good).unwrap();
    let report = reloaded(&rig).await;
    assert_eq!(report["started"], json!(["ios"]), "{report:#}");
    assert_eq!(report["broken"], json!(["new"]), "{report:#}");
    all_accepted(&rig, &ids).await;
}

#[tokio::test]
async fn a_credential_that_is_gone_or_no_file_costs_its_channel_only() {
    for is_directory in [false, true] {
        let mut rig = prepared(RigOptions::default()).await;
        let file = rig.home.path().join("service-account.json");
        std::fs::remove_file(&file).unwrap();
        if is_directory {
            std::fs::create_dir(&file).unwrap();
        }

        rig.launch().await.unwrap();

        let row = channel(&rig, "android").await;
        assert_eq!(row["state"], "broken", "{row:#}");
        assert!(row["problems"].to_string().contains("service-account.json"));
        delivers(&rig, "ios", APNS.token).await;
    }
}

#[tokio::test]
async fn a_channel_can_be_added_beside_a_broken_one_and_gets_a_number_of_its_own() {
    let mut rig = prepared(RigOptions::default()).await;
    let torn = "driver = \"apns\"\ncertificate_id = 41\ncolour = \"red\"\n";
    rig.home.write_channel("torn", torn).unwrap();
    rig.launch().await.unwrap();
    let config = rig.home.config().display().to_string();
    let account = rig.home.path().join("service-account.json");
    let account = account.display().to_string();
    #[rustfmt::skip]
    let ran = nudgectl(&rig, &[
        "channel", "add", "second", "--config", &config, "--driver", "fcm",
        "--service-account", &account, "--token-uri", &rig.simulator.fcm().token_url(),
    ]).await;

    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.out.contains("certificate id 42"), "{ran:?}");
    let report = reloaded(&rig).await;
    assert_eq!(report["started"], json!(["second"]), "{report:#}");
    assert_eq!(channel(&rig, "torn").await["certificate_id"], 41);
}

#[tokio::test]
async fn a_driver_that_is_gone_at_a_reload_goes_on_and_breaks_its_channel_at_the_next_start() {
    let mut rig = rig().await;
    let file = rig.home.drivers().join("libnudged_fcm.so");
    std::fs::remove_file(file).unwrap();
    let limits = "[limits]\nrate = 5000\n";
    FCM.furnish(&rig.simulator, &rig.home, limits).unwrap();
    APNS.furnish(&rig.simulator, &rig.home, limits).unwrap();

    let report = reloaded(&rig).await;

    assert_eq!(report["replaced"], json!(["android", "ios"]), "{report:#}");
    let warnings = report["warnings"].to_string();
    assert!(
        warnings.contains("fcm") && warnings.contains("in memory"),
        "{report:#}"
    );
    delivers(&rig, "android", FCM.token).await;
    delivers(&rig, "ios", APNS.token).await;
    rig.restart().await.unwrap();
    let row = channel(&rig, "android").await;
    assert_eq!(row["state"], "broken", "{row:#}");
    let problems = row["problems"].to_string();
    assert!(problems.contains("no driver"), "{row:#}");
    delivers(&rig, "ios", APNS.token).await;
}

#[tokio::test]
async fn a_certificate_that_runs_out_meanwhile_does_not_stand_in_the_way_of_a_reload() {
    // Long enough for the start, however slow the machine is.
    let mut seconds = 4;
    let rig = loop {
        let mut rig = prepared(RigOptions::default()).await;
        write_certificate(&rig, &certificate_for(Duration::from_secs(seconds)));
        rig.launch().await.unwrap();
        if channel(&rig, "ios").await["state"] == "running" {
            break rig;
        }
        seconds *= 2;
        assert!(seconds < 120, "the start takes a minute");
    };
    let status = nudgectl(&rig, &["status"]).await;
    assert!(
        status.out.contains("certificate of ios"),
        "soon: {status:?}"
    );
    let is_over = async || {
        let status = nudgectl(&rig, &["status"]).await;
        status.out.contains("EXPIRED")
    };
    until("the end of the certificate", is_over).await;
    let log = rig.log_view().unwrap();
    assert!(log.wait_for("the certificate has expired").await);
    FCM.furnish(&rig.simulator, &rig.home, "[limits]\nrate = 5000\n")
        .unwrap();

    let report = reloaded(&rig).await;

    assert_eq!(report["replaced"], json!(["android"]), "{report:#}");
    assert_eq!(report["kept"], json!(["ios"]), "{report:#}");
    let warnings = report["warnings"].to_string();
    assert!(warnings.contains("channel ios goes on"), "{report:#}");
    assert!(warnings.contains("expired"), "{report:#}");
    delivers(&rig, "android", FCM.token).await;
}

#[tokio::test]
async fn a_copy_of_a_channel_file_costs_the_copy_only() {
    let mut rig = rig().await;
    let file = rig.home.channel_file("ios");
    let copy = std::fs::read_to_string(file).unwrap();
    rig.home.write_channel("again", &copy).unwrap();
    rig.restart().await.unwrap();

    delivers(&rig, "ios", APNS.token).await;
    let row = channel(&rig, "again").await;
    assert_eq!(row["state"], "broken", "{row:#}");
    let told = row["problems"].to_string();
    assert!(told.contains("certificate id of"), "{told}");
    assert!(told.contains("ios.toml"), "{told}");
}

#[tokio::test]
async fn a_new_driver_file_does_not_make_a_broken_channel_everybodys() {
    let mut rig = prepared(RigOptions::default()).await;
    let good = std::fs::read_to_string(rig.home.channel_file("ios")).unwrap();
    let without = good.replace("team_id", "#team_id");
    rig.home.write_channel("ios", &without).unwrap();
    rig.launch().await.unwrap();
    assert_eq!(channel(&rig, "ios").await["state"], "broken");

    // As a package's upgrade does.
    let driver = rig.home.drivers().join("libnudged_apns.so");
    let mut newer = std::fs::read(&driver).unwrap();
    newer.push(0);
    std::fs::remove_file(&driver).unwrap();
    std::fs::write(&driver, newer).unwrap();
    let report = reloaded(&rig).await;
    assert_eq!(report["broken"], json!(["ios"]), "{report:#}");
    delivers(&rig, FCM.channel, FCM.token).await;

    rig.home.write_channel("ios", &good).unwrap();
    reloaded(&rig).await;
    delivers(&rig, "ios", APNS.token).await;
}

/// A push certificate with its key that is good for so long.
fn certificate_for(life: Duration) -> String {
    const USER_ID: [u64; 7] = [0, 9, 2342, 19_200_300, 100, 1, 1];
    const PRODUCTION: [u64; 8] = [1, 2, 840, 113_635, 100, 6, 3, 2];
    const NULL: [u8; 2] = [5, 0];
    let mut params = CertificateParams::default();
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    params.not_before = epoch + (now - Duration::from_secs(86_400));
    params.not_after = epoch + now + life;
    params
        .distinguished_name
        .push(DnType::CustomDnType(USER_ID.to_vec()), APNS_TOPIC);
    let mark = CustomExtension::from_oid_content(&PRODUCTION, NULL.to_vec());
    params.custom_extensions = vec![mark];
    let key = KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap();
    certificate.pem() + &key.serialize_pem()
}

fn write_certificate(rig: &Rig, pem: &str) {
    rig.home.write("push.pem", pem).unwrap();
    let endpoint = rig.simulator.apns().url();
    let settings = format!("certificate = \"../push.pem\"\nendpoint = \"{endpoint}\"\n");
    let file = APNS.channel_file(&settings, "");
    rig.home.write_channel("ios", &file).unwrap();
}

async fn reloaded(rig: &Rig) -> Value {
    let reply = rig.client.post("/v1/reload", &Value::Null).await;
    reply.unwrap().expect(200)
}

async fn delivers(rig: &Rig, channel: &str, token: &str) {
    let spec = json!({
        "to": [{"channel": channel, "token": token}],
        "message": {"title": "Carol", "body": "hello"},
    });
    let event = rig.deliver(&spec).await.unwrap();
    assert_eq!(event["outcome"], "accepted", "{event:#}");
}
