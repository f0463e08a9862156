//! Mistakes in a new configuration: all stays as it was, and each mistake is told with its
//! file, line and key.

use nudged_rig::Rig;
use nudged_rig::vendor::{APNS_KEY, APNS_TOPIC, apns_settings};
use serde_json::{Value, json};

use super::{certificate_settings, it_delivers, pem, write_apns};
use crate::world::{edit, problem, reload, rig, text_at};

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
            let expired = rig.simulator.apns().issue_certificate(APNS_TOPIC, &[], -1);
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
            let make = || rig.simulator.apns().issue_certificate(APNS_TOPIC, &[], 365);
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

async fn refused_reload(rig: &Rig) -> Value {
    let reply = rig.client.post("/v1/reload", &Value::Null).await;
    problem(reply.unwrap(), 422, "reload_refused")
}

fn edit_ios(rig: &Rig, from: &str, to: &str) {
    edit(rig, "channels.d/ios.toml", from, to);
}
