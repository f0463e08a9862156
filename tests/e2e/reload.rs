//! Reload: all of a new configuration is taken into use, or none of it, and no delivery
//! notices.

use std::cell::{Cell, RefCell};
use std::os::unix::fs::PermissionsExt;

use nudged_rig::vendor::{APNS_KEY, APNS_TEAM, APNS_TOPIC, apns_settings};
use nudged_rig::{APNS, BASICS, DEADLINE, FCM, Rig, RigOptions, Vendor};
use nudged_simulator::{ClientCertificate, Counts, Fault, FaultKind};
use serde_json::{Value, json};
use tokio::process::Command;

use crate::support::{
    all_accepted, channel, held_channel, prepared, problem, refusal, rig, rig_with, send_all,
    taken_by, text_at, time_at, to_token, trace_of, until,
};

#[tokio::test]
async fn a_new_key_is_taken_under_load_without_a_failed_send() {
    const NEXT: &str = "SIMKEY0002";
    let rig = rig().await;
    let key = rig.simulator.apns_key(APNS_TEAM, NEXT, &[APNS_TOPIC]);
    let log = rig.log_view().unwrap();

    let ids = under_load(&rig, async {
        rig.home.write("next.p8", key).unwrap();
        write_apns(&rig, &apns_settings(&rig.simulator, "next.p8", NEXT));
        rig.hup().unwrap();
        assert!(log.wait_for("configuration reloaded").await);
        // What is under way on the old key now is refused, and must not be lost for that.
        rig.simulator.apns_revoke_key(APNS_KEY);
        let by_the_new_key = || taken_by(&rig, APNS).last().map(key_id) == Some(NEXT.to_owned());
        until("a send with the new key", async || by_the_new_key()).await;
    })
    .await;

    assert!(ids.len() >= 200, "{}", ids.len());
    all_accepted(&rig, &ids).await;
    let taken = taken_by(&rig, APNS);
    assert_eq!(taken.len(), ids.len());
    assert_eq!(key_id(&taken[0]), APNS_KEY);
    // Once the new key is in use, the old one is in use no more.
    let old = taken.iter().rposition(|it| key_id(it) == APNS_KEY);
    let new = taken.iter().filter(|it| key_id(it) == NEXT).count();
    assert!(old < Some(taken.len() - 1) && new > 0, "{old:?} {new}");
}

#[tokio::test]
async fn a_new_certificate_is_taken_under_load_without_a_failed_send() {
    let rig = rig().await;
    let old = rig.simulator.apns_certificate(APNS_TOPIC, &[], 365);
    let new = rig.simulator.apns_certificate(APNS_TOPIC, &[], 365);
    rig.home.write("push.pem", pem(&old)).unwrap();
    write_apns(&rig, &certificate_settings(&rig));
    reload(&rig).await;

    let ids = under_load(&rig, async {
        // The file of the channel stays as it is; only the certificate in it is another.
        rig.home.write("push.pem", pem(&new)).unwrap();
        assert_eq!(reload(&rig).await["replaced"], json!(["ios"]));
        rig.simulator.apns_revoke_certificate(&old.serial);
        let serial = || {
            taken_by(&rig, APNS)
                .pop()
                .and_then(|it| it.client_certificate)
        };
        until("a send with the new one", async || {
            serial().as_ref() == Some(&new.serial)
        })
        .await;
    })
    .await;

    all_accepted(&rig, &ids).await;
    let taken = taken_by(&rig, APNS);
    assert_eq!(taken.len(), ids.len());
    assert_eq!(taken[0].client_certificate, Some(old.serial));
    let last = taken.last().unwrap();
    assert_eq!(last.client_certificate, Some(new.serial));
}

#[tokio::test]
async fn twenty_hangups_under_load_lose_nothing() {
    let rig = rig().await;
    let file = std::fs::read_to_string(rig.home.path().join("channels.d/ios.toml")).unwrap();

    let ids = under_load(&rig, async {
        for round in 0..20 {
            // Each reload finds the channel changed, and replaces it.
            let file = format!("{file}\n[limits]\nconcurrency = {}\n", 100 + round);
            rig.home.write_channel("ios", &file).unwrap();
            rig.hup().unwrap();
            // An answer between two signals lets the one before be seen.
            rig.client.get("/v1/health").await.unwrap().expect(200);
        }
        // Reloads happen one after the other, so after this all are over.
        reload(&rig).await;
    })
    .await;

    all_accepted(&rig, &ids).await;
    let counts = rig.simulator.counts().apns;
    assert_eq!(
        counts.accepted,
        ids.len() as u64,
        "nothing twice: {counts:?}"
    );
    let reloads = rig.log().matches("configuration reloaded").count();
    assert!(reloads > 2, "{reloads}");
    until("an empty queue", async || {
        let row = channel(&rig, "ios").await;
        (&row["ready"], &row["waiting"], &row["in_flight"]) == (&json!(0), &json!(0), &json!(0))
    })
    .await;
}

#[tokio::test]
async fn the_report_says_what_became_of_each_channel() {
    let rig = rig().await;
    let second = std::fs::read_to_string(rig.home.path().join("channels.d/ios.toml")).unwrap();
    let second = second.replace("certificate_id = 1", "certificate_id = 3");

    rig.home.write_channel("second", &second).unwrap();
    let first = reload(&rig).await;
    rig.home.remove_channel("second").unwrap();
    let limits = "[limits]\nrate = 5000\n";
    FCM.furnish(&rig.simulator, &rig.home, limits).unwrap();
    let next = reload(&rig).await;

    let expected = json!({
        "ok": true, "started": ["second"], "kept": ["android", "ios"],
        "replaced": [], "stopped": [], "warnings": [],
    });
    assert_eq!(first, expected);
    let expected = json!({
        "ok": true, "started": [], "kept": ["ios"],
        "replaced": ["android"], "stopped": ["second"], "warnings": [],
    });
    assert_eq!(next, expected);
    it_delivers(&rig).await;
}

#[tokio::test]
async fn an_unchanged_channel_keeps_its_connection_and_its_grant() {
    let rig = rig().await;
    it_delivers(&rig).await;

    for _ in 0..10 {
        let report = reload(&rig).await;
        assert_eq!(report["kept"], json!(["android", "ios"]), "{report:#}");
        it_delivers(&rig).await;
    }

    let counts = rig.simulator.counts();
    assert_eq!(
        (counts.apns.connections, counts.apns.provider_tokens),
        (1, 1)
    );
    assert_eq!(
        (counts.fcm.provider_tokens, rig.simulator.grants_issued()),
        (1, 1)
    );
}

#[tokio::test]
async fn a_changed_channel_of_the_same_account_keeps_its_grant() {
    let rig = rig().await;
    it_delivers(&rig).await;
    for vendor in BASICS {
        let name = format!("channels.d/{}.toml", vendor.channel);
        let file = std::fs::read_to_string(rig.home.path().join(&name)).unwrap();
        rig.home
            .write(&name, file + "\n[limits]\nrate = 5000\n")
            .unwrap();
    }

    let report = reload(&rig).await;

    assert_eq!(report["replaced"], json!(["android", "ios"]));
    it_delivers(&rig).await;
    // APNs would take a second token within twenty minutes amiss.
    assert_eq!(rig.simulator.counts().apns.provider_tokens, 1);
    assert_eq!(rig.simulator.grants_issued(), 1);
}

/// A mistake: what is written where, and what must be told of it.
struct Mistake {
    name: &'static str,
    file: &'static str,
    line: usize,
    key: &'static str,
    words: &'static str,
    make: fn(&Rig),
}

const MISTAKES: [Mistake; 11] = [
    Mistake {
        name: "an unknown key in the main file",
        file: "nudged.toml",
        line: 8,
        key: "first_try",
        words: "unknown",
        make: |rig| {
            edit(
                rig,
                "nudged.toml",
                "[delivery]\n",
                "[delivery]\nfirst_try = \"1s\"\n",
            )
        },
    },
    Mistake {
        name: "a value of the wrong type in the main file",
        file: "nudged.toml",
        line: 8,
        key: "",
        words: "integer",
        make: |rig| {
            edit(
                rig,
                "nudged.toml",
                "first_retry = \"50ms\"",
                "first_retry = 50",
            )
        },
    },
    Mistake {
        name: "an unknown key in a channel's file",
        file: "channels.d/ios.toml",
        line: 3,
        key: "colour",
        words: "unknown",
        make: |rig| {
            edit_ios(
                rig,
                "certificate_id = 1\n",
                "certificate_id = 1\ncolour = 7\n",
            )
        },
    },
    Mistake {
        name: "an unknown setting of a driver",
        file: "channels.d/ios.toml",
        line: 5,
        key: "kee",
        words: "no such setting",
        make: |rig| edit_ios(rig, "key = ", "kee = 5\nkey = "),
    },
    Mistake {
        name: "a file that is not there",
        file: "channels.d/ios.toml",
        line: 5,
        key: "key",
        words: "nowhere.p8",
        make: |rig| write_apns(rig, &apns_settings(&rig.simulator, "nowhere.p8", APNS_KEY)),
    },
    Mistake {
        name: "a key that is none",
        file: "channels.d/ios.toml",
        line: 5,
        key: "key",
        words: "bad.p8",
        make: |rig| {
            let garbage = "-----BEGIN PRIVATE KEY-----\nbm8=\n-----END PRIVATE KEY-----\n";
            rig.home.write("bad.p8", garbage).unwrap();
            write_apns(rig, &apns_settings(&rig.simulator, "bad.p8", APNS_KEY));
        },
    },
    Mistake {
        name: "a driver that there is not",
        file: "channels.d/ios.toml",
        line: 1,
        key: "driver",
        words: "carrier-pigeon",
        make: |rig| edit_ios(rig, "\"apns\"", "\"carrier-pigeon\""),
    },
    Mistake {
        name: "a certificate id that is taken",
        file: "channels.d/ios.toml",
        line: 2,
        key: "certificate_id",
        words: "android.toml",
        make: |rig| edit_ios(rig, "certificate_id = 1", "certificate_id = 2"),
    },
    Mistake {
        name: "an expired certificate",
        file: "channels.d/ios.toml",
        line: 5,
        key: "certificate",
        words: "expired",
        make: |rig| {
            let expired = rig.simulator.apns_certificate(APNS_TOPIC, &[], -1);
            rig.home.write("push.pem", pem(&expired)).unwrap();
            write_apns(rig, &certificate_settings(rig));
        },
    },
    Mistake {
        name: "a certificate with another's key",
        file: "channels.d/ios.toml",
        line: 5,
        key: "certificate",
        words: "key",
        make: |rig| {
            let make = || rig.simulator.apns_certificate(APNS_TOPIC, &[], 365);
            let mixed = make().certificate_pem + &make().key_pem;
            rig.home.write("push.pem", mixed).unwrap();
            write_apns(rig, &certificate_settings(rig));
        },
    },
    Mistake {
        name: "a file that is no TOML",
        file: "channels.d/ios.toml",
        line: 2,
        key: "",
        words: "",
        make: |rig| edit_ios(rig, "certificate_id = 1", "certificate_id ="),
    },
];

#[tokio::test]
async fn a_mistake_keeps_all_as_it_was_and_is_told_with_its_place() {
    let rig = rig().await;
    let files = ["nudged.toml", "channels.d/ios.toml"];
    let good = files.map(|name| std::fs::read_to_string(rig.home.path().join(name)).unwrap());
    for mistake in MISTAKES {
        let Mistake { name, words, .. } = mistake;
        (mistake.make)(&rig);
        // Nothing of a refused configuration is taken, be it good in itself.
        rig.home.write_channel("late", LATE).unwrap();

        let problem = refused_reload(&rig).await;

        let one = &problem["problems"][0];
        assert!(
            text_at(one, "/file").ends_with(mistake.file),
            "{name}: {problem:#}"
        );
        assert_eq!(one["line"], mistake.line, "{name}: {problem:#}");
        // TOML's own complaints name the key in their words.
        assert!(one.to_string().contains(mistake.key), "{name}: {problem:#}");
        assert!(
            text_at(one, "/problem").contains(words),
            "{name}: {problem:#}"
        );
        let status = rig.client.get("/v1/status").await.unwrap().expect(200);
        assert_eq!(status["last_reload"]["ok"], false, "{name}");
        assert_eq!(
            status["last_reload"]["problems"], problem["problems"],
            "{name}"
        );
        assert_eq!(
            (&status["status"], &status["channels"]),
            (&json!("ready"), &json!(2))
        );
        it_delivers(&rig).await;
        for (file, text) in files.iter().zip(&good) {
            rig.home.write(file, text).unwrap();
        }
    }
    rig.home.remove_channel("late").unwrap();

    assert_eq!(reload(&rig).await["kept"], json!(["android", "ios"]));

    let status = rig.client.get("/v1/status").await.unwrap().expect(200);
    assert_eq!(status["last_reload"]["ok"], true);
    assert_eq!(status["last_reload"]["problems"], json!([]));
    assert_eq!(rig.simulator.counts().apns.connections, 1);
}

const LATE: &str = "driver = \"fcm\"\ncertificate_id = 8\n[settings]\n\
    service_account = \"../service-account.json\"\n";

#[tokio::test]
async fn several_mistakes_are_told_at_once() {
    let rig = rig().await;
    edit_ios(&rig, "key_id = ", "kee = 5\nkey_id = ");
    edit_ios(&rig, "team_id = \"SIMTEAM001\"", "team_id = 7");
    edit(&rig, "channels.d/android.toml", "\"fcm\"", "\"pigeon\"");

    let problem = refused_reload(&rig).await;

    let told = problem["problems"].as_array().unwrap();
    let keys: Vec<&str> = told.iter().map(|it| text_at(it, "/key")).collect();
    assert_eq!(keys, ["driver", "kee", "team_id"], "{problem:#}");
    it_delivers(&rig).await;
}

#[tokio::test]
async fn a_hangup_reloads_and_says_so() {
    let rig = rig().await;
    let log = rig.log_view().unwrap();
    rig.home.remove_channel("android").unwrap();

    rig.hup().unwrap();

    assert!(log.wait_for("configuration reloaded").await);
    let is_told = async || {
        let status = rig.client.get("/v1/status").await.unwrap().expect(200);
        status["last_reload"]["ok"] == true && status["channels"] == 1
    };
    until("the report in the status", is_told).await;
}

#[tokio::test]
async fn a_hangup_with_a_mistake_keeps_all_as_it_was_and_logs_its_place() {
    let rig = rig().await;
    let log = rig.log_view().unwrap();
    edit_ios(&rig, "\"apns\"", "\"carrier-pigeon\"");

    rig.hup().unwrap();

    assert!(log.wait_for("reload refused").await);
    let text = rig.log();
    let line = text.lines().find(|line| line.contains("reload refused"));
    let line = line.unwrap();
    assert!(line.contains("channels.d/ios.toml:1: driver: "), "{line}");
    assert!(line.contains("carrier-pigeon"), "{line}");
    it_delivers(&rig).await;
}

#[tokio::test]
async fn a_channel_that_is_added_works() {
    let options = RigOptions {
        vendors: vec![APNS],
        ..RigOptions::default()
    };
    let rig = rig_with(options).await;
    let unknown = rig.client.send(&to_vendor(FCM)).await.unwrap().expect(422);
    assert_eq!(unknown["field"], "to[0].channel");

    FCM.furnish(&rig.simulator, &rig.home, "").unwrap();
    let report = reload(&rig).await;

    assert_eq!(report["started"], json!(["android"]));
    it_delivers(&rig).await;
}

#[tokio::test]
async fn sends_to_a_removed_channel_are_explained() {
    let rig = rig().await;
    rig.register("bob", "phone", "ios", APNS.token)
        .await
        .unwrap();
    rig.home.remove_channel("ios").unwrap();
    assert_eq!(reload(&rig).await["stopped"], json!(["ios"]));

    let to_bob = json!({"to": [{"user": "bob"}], "message": {"body": "hello?"}});
    let accepted = rig.client.send(&to_bob).await.unwrap().expect(202);
    let refused = rig.client.send(&to_vendor(APNS)).await.unwrap().expect(422);

    assert_eq!(accepted["deliveries"], 0);
    let explanation = text_at(&accepted, "/explanation");
    assert!(explanation.starts_with("no_channel"), "{explanation}");
    assert!(explanation.contains("bob/phone"), "{explanation}");
    assert_eq!(refused["field"], "to[0].channel");
    let event = rig.deliver(&to_vendor(FCM)).await.unwrap();
    assert_eq!(event["outcome"], "accepted", "the other channel goes on");
    // The device is kept for when the channel comes back.
    APNS.furnish(&rig.simulator, &rig.home, "").unwrap();
    reload(&rig).await;
    let event = rig.deliver(&to_bob).await.unwrap();
    assert_eq!(event["outcome"], "accepted", "{event:#}");
}

#[tokio::test]
async fn what_is_queued_for_a_removed_channel_is_delivered_when_it_is_back() {
    let rig = rig().await;
    let file = std::fs::read_to_string(rig.home.path().join("channels.d/ios.toml")).unwrap();
    rig.simulator.fault(Fault::new(refusal(503)));
    let ids = send_all(&rig, (0..20).map(|n| to_token(n, "x"))).await;
    let tried = |counts: &Counts| counts.apns.requests > 0;
    assert!(rig.simulator.wait_for(DEADLINE, tried).await);

    rig.home.remove_channel("ios").unwrap();
    reload(&rig).await;
    let trace = trace_of(&rig, &ids[0]).await;
    let waits_for = text_at(&trace, "/deliveries/0/waits_for");
    assert!(waits_for.contains("no channel"), "{trace:#}");
    rig.simulator.clear_faults();
    rig.home.write_channel("ios", &file).unwrap();
    assert_eq!(reload(&rig).await["started"], json!(["ios"]));

    all_accepted(&rig, &ids).await;
    assert_eq!(rig.simulator.counts().apns.accepted, 20);
}

#[tokio::test]
async fn what_is_under_way_when_its_channel_is_removed_still_ends() {
    let rig = rig().await;
    let late = nudged_simulator::FaultKind::Delay { ms: 1000 };
    rig.simulator.fault(Fault::new(late));
    let ids = send_all(&rig, (0..5).map(|n| to_token(n, "x"))).await;
    let under_way = |counts: &Counts| counts.apns.accepted == 5;
    assert!(rig.simulator.wait_for(DEADLINE, under_way).await);

    rig.home.remove_channel("ios").unwrap();
    reload(&rig).await;

    all_accepted(&rig, &ids).await;
    assert_eq!(
        rig.simulator.counts().apns.requests,
        5,
        "none was sent twice"
    );
}

#[tokio::test]
async fn a_driver_that_is_installed_later_is_found() {
    let mut rig = prepared(RigOptions::default()).await;
    let file = rig.home.drivers().join("libnudged_fcm.so");
    std::fs::remove_file(file).unwrap();
    rig.home.remove_channel("android").unwrap();
    rig.launch().await.unwrap();
    assert_eq!(vendors(&rig).await, ["apns"]);

    rig.home
        .install(rig.artifacts.driver("fcm").unwrap())
        .unwrap();
    FCM.furnish(&rig.simulator, &rig.home, "").unwrap();
    let report = reload(&rig).await;

    assert_eq!(report["started"], json!(["android"]));
    assert_eq!(vendors(&rig).await, ["apns", "fcm"]);
    it_delivers(&rig).await;
}

#[tokio::test]
async fn a_driver_that_is_replaced_takes_over_its_channels() {
    let rig = rig().await;
    it_delivers(&rig).await;
    rig.home
        .install(rig.artifacts.driver("apns").unwrap())
        .unwrap();

    let report = reload(&rig).await;

    assert_eq!(report["replaced"], json!(["ios"]));
    assert_eq!(report["kept"], json!(["android"]));
    it_delivers(&rig).await;
}

#[tokio::test]
async fn a_new_limit_is_kept_to() {
    let rig = rig().await;
    let hang = nudged_simulator::FaultKind::Hang { ms: None };
    rig.simulator.fault(Fault::new(hang));
    APNS.furnish(&rig.simulator, &rig.home, "[limits]\nconcurrency = 2\n")
        .unwrap();
    assert_eq!(reload(&rig).await["replaced"], json!(["ios"]));

    send_all(&rig, (0..10).map(|n| to_token(n, "x"))).await;

    let is_full = async || channel(&rig, "ios").await["in_flight"] == 2;
    until("two requests under way", is_full).await;
    let row = channel(&rig, "ios").await;
    assert_eq!(
        (&row["in_flight"], &row["ready"]),
        (&json!(2), &json!(8)),
        "{row:#}"
    );
}

#[tokio::test]
async fn what_only_a_restart_can_change_is_warned_of() {
    let rig = rig().await;
    edit(&rig, "nudged.toml", "nudged.sock", "other.sock");

    let report = reload(&rig).await;

    let warnings = report["warnings"].to_string();
    assert!(warnings.contains("[socket]"), "{warnings}");
    assert!(warnings.contains("restart"), "{warnings}");
    it_delivers(&rig).await;
}

/// Only root can be somebody else, so for others there is nothing to see here.
#[tokio::test]
async fn access_rules_of_a_reload_hold_from_then_on() {
    const NOBODY: u32 = 65534;
    if !nix::unistd::geteuid().is_root() {
        return;
    }
    let mut rig = prepared(RigOptions::default()).await;
    edit(
        &rig,
        "nudged.toml",
        "[socket]\n",
        "[socket]\nmode = 0o666\n",
    );
    let open = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(rig.home.path(), open).unwrap();
    // Where the build lies, others may not look.
    let program = rig.home.path().join("nudgectl");
    std::fs::copy(&rig.artifacts.nudgectl, &program).unwrap();
    rig.launch().await.unwrap();
    let plain = std::fs::read_to_string(rig.home.config()).unwrap();
    let nobody_may = async || {
        let mut command = Command::new(&program);
        command.arg("--socket").arg(rig.home.socket()).arg("status");
        command.uid(NOBODY).gid(NOBODY).kill_on_drop(true);
        let output = tokio::time::timeout(DEADLINE, command.output()).await;
        let output = output.unwrap().unwrap();
        let complaint = String::from_utf8_lossy(&output.stderr);
        let forbidden = complaint.contains("may not observe");
        assert_ne!(output.status.success(), forbidden, "{output:?}");
        output.status.success()
    };
    let rules = async |rules: &str| {
        rig.home
            .write("nudged.toml", format!("{plain}{rules}"))
            .unwrap();
        let report = reload(&rig).await;
        assert_eq!(report["kept"], json!(["android", "ios"]));
    };
    assert!(
        nobody_may().await,
        "without rules the socket's mode decides"
    );

    rules("[[access]]\nusers = [\"12345\"]\napps = [\"*\"]\nverbs = [\"observe\"]\n").await;
    assert!(!nobody_may().await);

    rules("[[access]]\nusers = [\"65534\"]\napps = [\"*\"]\nverbs = [\"observe\"]\n").await;
    assert!(nobody_may().await);
}

/// Sends one notification after the other, from several callers, for as long as `meanwhile`
/// takes and until it is a load worth the name. Ids of all of them.
async fn under_load(rig: &Rig, meanwhile: impl Future<Output = ()>) -> Vec<String> {
    const CALLERS: usize = 4;
    const LEAST: usize = 200;
    let ids = RefCell::<Vec<String>>::default();
    let (number, over) = (Cell::new(0), Cell::new(false));
    let caller = async || {
        while !over.get() || ids.borrow().len() < LEAST {
            number.set(number.get() + 1);
            let id = rig.accept(&to_token(number.get(), "x")).await.unwrap();
            ids.borrow_mut().push(id);
        }
    };
    let meanwhile = async {
        let is_loaded = async || rig.simulator.counts().apns.accepted >= 20;
        until("the load", is_loaded).await;
        tokio::time::timeout(2 * DEADLINE, meanwhile)
            .await
            .expect("it takes an end");
        over.set(true);
    };
    let callers = futures_util::future::join_all((0..CALLERS).map(|_| caller()));
    tokio::join!(callers, meanwhile);
    ids.into_inner()
}

async fn reload(rig: &Rig) -> Value {
    let reply = rig.client.post("/v1/reload", &Value::Null).await;
    reply.unwrap().expect(200)
}

async fn refused_reload(rig: &Rig) -> Value {
    let reply = rig.client.post("/v1/reload", &Value::Null).await;
    problem(reply.unwrap(), 422, "reload_refused")
}

async fn it_delivers(rig: &Rig) {
    for vendor in BASICS {
        let event = rig.deliver(&to_vendor(vendor)).await.unwrap();
        assert_eq!(event["outcome"], "accepted", "{event:#}");
    }
}

async fn vendors(rig: &Rig) -> Vec<String> {
    let list = rig.client.get("/v1/drivers").await.unwrap().expect(200);
    let drivers = list["drivers"].as_array().unwrap();
    assert!(drivers.iter().all(|it| it["state"] == "loaded"), "{list:#}");
    drivers
        .iter()
        .map(|it| text_at(it, "/vendor").to_owned())
        .collect()
}

fn to_vendor(vendor: Vendor) -> Value {
    json!({
        "to": [{"channel": vendor.channel, "token": vendor.token}],
        "message": {"title": "Carol", "body": "hello"},
    })
}

fn key_id(message: &nudged_simulator::Received) -> String {
    message.provider_token_kid.clone().unwrap_or_default()
}

fn pem(certificate: &ClientCertificate) -> String {
    certificate.certificate_pem.clone() + &certificate.key_pem
}

#[tokio::test]
async fn a_reload_does_not_undercut_the_wait_that_a_vendor_asked_for() {
    let rig = rig().await;
    let too_many = FaultKind::Status {
        status: 429,
        reason: None,
        retry_after: Some("2".into()),
        timestamp_ms: None,
    };
    rig.simulator.fault(Fault::new(too_many).times(1));
    let first = rig.accept(&to_vendor(FCM)).await.unwrap();
    held_channel(&rig, "android").await;

    let file = std::fs::read_to_string(rig.home.path().join("channels.d/android.toml")).unwrap();
    let slower = format!("{file}\n[limits]\nconcurrency = 7\n");
    rig.home.write_channel("android", &slower).unwrap();
    let report = rig
        .client
        .post("/v1/reload", &json!({}))
        .await
        .unwrap()
        .expect(200);
    let second = rig.accept(&to_vendor(FCM)).await.unwrap();

    assert_eq!(report["replaced"], json!(["android"]), "{report:#}");
    all_accepted(&rig, &[first.clone(), second]).await;
    let trace = trace_of(&rig, &first).await;
    let asked = time_at(&trace, "/deliveries/0/attempts/0/at");
    for message in taken_by(&rig, FCM) {
        assert!(
            message.at_ms >= asked + 2000,
            "after {} ms",
            message.at_ms - asked
        );
    }
}

fn certificate_settings(rig: &Rig) -> String {
    let endpoint = rig.simulator.apns_url();
    format!("certificate = \"../push.pem\"\nendpoint = \"{endpoint}\"\n")
}

fn write_apns(rig: &Rig, settings: &str) {
    let file = APNS.channel_file(settings, "");
    rig.home.write_channel("ios", &file).unwrap();
}

fn edit_ios(rig: &Rig, from: &str, to: &str) {
    edit(rig, "channels.d/ios.toml", from, to);
}

/// Changes a file of the configuration, all of it in one moment.
fn edit(rig: &Rig, name: &str, from: &str, to: &str) {
    let before = std::fs::read_to_string(rig.home.path().join(name)).unwrap();
    let after = before.replacen(from, to, 1);
    assert_ne!(before, after, "{from} is not in {name}");
    rig.home.write(name, after).unwrap();
}
