//! 68 and 74: a certificate id stands for one account for ever, and a wrong secret is told before
//! it replaces a working one.

use nudged_rig::vendor::{
    APNS, APNS_KEY, APNS_TEAM, APNS_TOPIC, FCM, FCM_PROJECT, HARMONY, HONOR, HUAWEI, MEIZU, OPPO,
    TPNS, VENDORS, VIVO, XIAOMI,
};
use nudged_rig::{Rig, RigOptions, Vendor};
use nudged_simulator::{Fault, FaultKind};
use serde_json::{Value, json};

use crate::world::{
    channel, nudgectl, prepared, problem, reload, reload_with, rig, rig_of, text_at, to_vendor,
    until,
};

#[tokio::test]
async fn req_68_an_id_is_not_given_to_another_driver_app_or_account_without_a_word() {
    let mut rig = rig_of(&[APNS, XIAOMI]).await;
    let good = file_of(&rig, &XIAOMI);
    let id = XIAOMI.certificate_id;
    let of_apns = file_of(&rig, &APNS).replace(
        &format!("certificate_id = {}\n", APNS.certificate_id),
        &format!("certificate_id = {id}\n"),
    );
    for (file, words) in [
        (of_apns, "driver apns"),
        (format!("app = \"shop\"\n{good}"), "app shop"),
        (
            good.replace("com.example.chat", "com.example.other"),
            "account com.example.other",
        ),
    ] {
        rig.home.write_channel(XIAOMI.channel, &file).unwrap();

        let refused = problem(reload_with(&rig, Value::Null).await, 422, "reload_refused");

        let one = &refused["problems"][0];
        assert_eq!(one["key"], "certificate_id", "{refused:#}");
        assert!(one["line"].is_u64(), "{refused:#}");
        let told = text_at(one, "/problem");
        let was = format!("{id} stands for account com.example.chat of driver xiaomi");
        assert!(told.contains(&was) && told.contains(words), "{told}");
        let hint = text_at(one, "/hint");
        assert!(hint.contains(&format!("--rebind {id}")), "{hint}");
        // The check of the very same files tells the same.
        let config = rig.home.config().display().to_string();
        let checked = nudgectl(&rig, &["check", "--config", &config]).await;
        assert_eq!(checked.code, Some(78), "{checked:?}");
        assert!(checked.err.contains(&was), "{checked:?}");
        delivers(&rig, &XIAOMI).await;
    }

    // At a start it breaks its channel, and nobody else's.
    rig.restart().await.unwrap();
    let row = channel(&rig, XIAOMI.channel).await;
    assert_eq!(row["state"], "broken", "{row:#}");
    assert!(row["problems"].to_string().contains("stands for account"));
    delivers(&rig, &APNS).await;

    // Who says so may.
    rig.simulator
        .xiaomi()
        .add_account("com.example.other", "xiaomi-app-secret");
    let id = id.to_string();
    let ran = nudgectl(&rig, &["reload", "--rebind", &id]).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    delivers(&rig, &XIAOMI).await;
    reload(&rig).await;
    rig.home.write_channel(XIAOMI.channel, &good).unwrap();
    problem(reload_with(&rig, Value::Null).await, 422, "reload_refused");
}

#[tokio::test]
async fn req_68_a_renewed_secret_is_the_same_account() {
    let rig = rig_of(&[XIAOMI, HUAWEI]).await;
    rig.simulator.huawei().add_account("100012345", "renewed");
    rig.simulator
        .xiaomi()
        .add_account("com.example.chat", "renewed-too");
    for (vendor, from, to) in [
        (HUAWEI, "huawei-app-secret", "renewed"),
        (XIAOMI, "xiaomi-app-secret", "renewed-too"),
    ] {
        let file = file_of(&rig, &vendor).replace(from, to);
        rig.home.write_channel(vendor.channel, &file).unwrap();
    }

    reload(&rig).await;

    assert_eq!(
        channel(&rig, XIAOMI.channel).await["account"],
        "com.example.chat"
    );
    assert_eq!(channel(&rig, HUAWEI.channel).await["account"], "100012345");
}

#[tokio::test]
async fn req_68_every_driver_names_its_account_and_no_secret() {
    let rig = rig_of(&VENDORS).await;
    for (vendor, account) in [
        (APNS, "com.example.chat/production"),
        (FCM, FCM_PROJECT),
        (XIAOMI, "com.example.chat"),
        (HUAWEI, "100012345"),
        (OPPO, "oppo-app-key"),
        (VIVO, "105000001"),
        (MEIZU, "110000"),
        (TPNS, "1500001048"),
        (HONOR, "104000000"),
        (HARMONY, "100000000000000001"),
    ] {
        assert_eq!(channel(&rig, vendor.channel).await["account"], account);
    }
}

#[tokio::test]
async fn req_68_a_channel_that_goes_or_changes_its_id_tells_how_many_devices_it_cuts_off() {
    let mut rig = rig().await;
    for user in ["ann", "bob", "eve"] {
        let token = format!("{:064x}", user.len() + user.as_bytes()[0] as usize);
        rig.register(user, "phone", "ios", &token).await.unwrap();
    }
    let is_counted = async || channel(&rig, "ios").await["devices"] == 3;
    until("the count", is_counted).await;
    let good = file_of(&rig, &APNS);
    let config = rig.home.config().display().to_string();
    const LOST: &str = "channel ios, certificate id 1: 3 devices get no push from now on";

    // What would be done is told and not done.
    rig.home.remove_channel("ios").unwrap();
    for arguments in [
        &["check", "--config", &config][..],
        &["reload", "--dry-run"],
    ] {
        let ran = nudgectl(&rig, arguments).await;
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert!(ran.out.contains(LOST), "{ran:?}");
        assert!(ran.out.contains("stopped ios"), "{ran:?}");
    }
    delivers(&rig, &APNS).await;

    let report = reload(&rig).await;
    assert!(report["warnings"].to_string().contains(LOST), "{report:#}");
    assert!(rig.log().contains(LOST), "{}", rig.log());
    // And again by a start that finds it gone.
    rig.restart().await.unwrap();
    let log = rig.log_view().unwrap();
    assert!(log.wait_for(LOST).await);

    let moved = good.replace("certificate_id = 1\n", "certificate_id = 7\n");
    rig.home.write_channel("ios", &good).unwrap();
    reload(&rig).await;
    rig.home.write_channel("ios", &moved).unwrap();
    let report = reload(&rig).await;
    let words = format!("{LOST}: the channel has certificate id 7 now");
    assert!(
        report["warnings"].to_string().contains(&words),
        "{report:#}"
    );
}

/// How a secret of good form is made wrong, and what the vendor says of it.
struct Wrong {
    vendor: Vendor,
    make: fn(&Rig),
    word: &'static str,
}

const WRONG: [Wrong; 8] = [
    Wrong {
        vendor: APNS,
        // Another key under the id of the good one.
        make: |rig| {
            let other = rig
                .simulator
                .apns()
                .add_key(APNS_TEAM, "SIMKEY0009", &[APNS_TOPIC]);
            let name = format!("AuthKey_{APNS_KEY}.p8");
            rig.home.write(&name, other).unwrap();
        },
        word: "InvalidProviderToken",
    },
    Wrong {
        vendor: FCM,
        make: |rig| {
            let account = rig.simulator.fcm().add_service_account(FCM_PROJECT);
            let json: Value = serde_json::from_str(&account).unwrap();
            let email = text_at(&json, "/client_email");
            rig.simulator.fcm().remove_service_account(email);
            rig.home.write("service-account.json", account).unwrap();
        },
        word: "invalid_grant",
    },
    Wrong {
        vendor: XIAOMI,
        make: |rig| replace(rig, &XIAOMI, "xiaomi-app-secret", "xiaomi-app-tercet"),
        word: "21301",
    },
    Wrong {
        vendor: HUAWEI,
        make: |rig| replace(rig, &HUAWEI, "huawei-app-secret", "huawei-app-tercet"),
        word: "1101",
    },
    Wrong {
        vendor: OPPO,
        make: |rig| replace(rig, &OPPO, "oppo-master-secret", "oppo-master-tercet"),
        word: "",
    },
    Wrong {
        vendor: VIVO,
        make: |rig| replace(rig, &VIVO, "vivo-app-secret", "vivo-app-tercet"),
        word: "",
    },
    Wrong {
        vendor: HONOR,
        make: |rig| replace(rig, &HONOR, "honor-client-secret", "honor-client-tercet"),
        word: "",
    },
    Wrong {
        vendor: HARMONY,
        make: |rig| {
            let account = rig
                .simulator
                .harmony()
                .add_service_account("100000000000000001");
            let json: Value = serde_json::from_str(&account).unwrap();
            let key = text_at(&json, "/key_id");
            rig.simulator.harmony().remove_service_account(key);
            rig.home.write("harmony-account.json", account).unwrap();
        },
        word: "",
    },
];

#[tokio::test]
async fn req_74_a_wrong_secret_of_good_form_is_told_before_it_replaces_a_working_one() {
    for Wrong { vendor, make, word } in WRONG {
        let mut rig = prepared(RigOptions {
            vendors: vec![vendor],
            ..RigOptions::default()
        })
        .await;
        rig.launch().await.unwrap();
        // A good change is taken, and nobody is pushed for it.
        let good = file_of(&rig, &vendor);
        let changed = format!("{good}\n[limits]\nrate = 400\n");
        let changed = match good.contains("[limits") {
            true => good.clone() + "\n# changed\n",
            false => changed,
        };
        rig.home.write_channel(vendor.channel, &changed).unwrap();
        let before = rig.simulator.received().len();
        let report = reload_with(&rig, json!({"probe": true})).await.expect(200);
        for probe in report["probes"].as_array().into_iter().flatten() {
            assert_eq!(probe["result"], "good", "{}: {report:#}", vendor.name);
        }
        let pushed = rig.simulator.received();
        let pushed = pushed[before..].iter();
        assert_eq!(pushed.filter(|it| it.token == vendor.token).count(), 0);

        make(&rig);
        let ran = nudgectl(&rig, &["reload", "--probe"]).await;

        assert_eq!(ran.code, Some(78), "{}: {ran:?}", vendor.name);
        let file = format!("{}.toml", vendor.channel);
        for part in [&*file, "does not take the credential", word] {
            assert!(ran.err.contains(part), "{}: {part}: {ran:?}", vendor.name);
        }
        delivers(&rig, &vendor).await;
    }
}

#[tokio::test]
async fn req_74_the_configuration_can_ask_for_it_and_without_it_the_first_answer_tells() {
    let mut rig = prepared(RigOptions {
        vendors: vec![XIAOMI, APNS],
        ..RigOptions::default()
    })
    .await;
    let config = std::fs::read_to_string(rig.home.config()).unwrap();
    rig.launch().await.unwrap();
    replace(&rig, &XIAOMI, "xiaomi-app-secret", "xiaomi-app-tercet");
    rig.home
        .write("nudged.toml", format!("{config}[channels]\nprobe = true\n"))
        .unwrap();

    let refused = problem(reload_with(&rig, Value::Null).await, 422, "reload_refused");
    assert!(
        refused["detail"].to_string().contains("xiaomi.toml"),
        "{refused:#}"
    );
    // What did not change is not asked about, and what is asked for beats the file.
    let report = reload_with(&rig, json!({"probe": false})).await.expect(200);
    assert_eq!(report.get("probes"), None, "{report:#}");

    let spec = json!({
        "to": [{"channel": XIAOMI.channel, "token": XIAOMI.token}],
        "message": {"title": "Carol", "body": "hello"},
    });
    rig.accept(&spec).await.unwrap();
    let is_told = async || {
        let row = channel(&rig, XIAOMI.channel).await;
        row["held_for"]
            .as_str()
            .is_some_and(|why| why.contains("21301"))
    };
    until("the vendor's refusal in the list", is_told).await;
}

#[tokio::test]
async fn req_74_a_vendor_that_cannot_be_asked_keeps_nothing_from_being_taken() {
    let rig = rig_of(&[XIAOMI, MEIZU, TPNS]).await;
    for vendor in [XIAOMI, MEIZU, TPNS] {
        let file = format!("{}\n[limits]\nrate = 400\n", file_of(&rig, &vendor));
        rig.home.write_channel(vendor.channel, &file).unwrap();
    }
    rig.simulator.fault(
        Fault::new(FaultKind::Status {
            status: 503,
            reason: None,
            retry_after: None,
            timestamp_ms: None,
        })
        .times(1),
    );

    let ran = nudgectl(&rig, &["reload", "--probe"]).await;

    assert_eq!(ran.code, Some(0), "{ran:?}");
    for words in [
        format!("credential of {}: not known", XIAOMI.channel),
        format!("credential of {}: cannot be probed", MEIZU.channel),
        format!("credential of {}: cannot be probed", TPNS.channel),
        format!("warning: channel {}: it is not known", XIAOMI.channel),
        "replaced".to_owned(),
    ] {
        assert!(ran.out.contains(&words), "{words}: {ran:?}");
    }
}

fn file_of(rig: &Rig, vendor: &Vendor) -> String {
    std::fs::read_to_string(rig.home.channel_file(vendor.channel)).unwrap()
}

fn replace(rig: &Rig, vendor: &Vendor, from: &str, to: &str) {
    let file = file_of(rig, vendor);
    assert!(file.contains(from), "{file}");
    let file = file.replace(from, to);
    rig.home.write_channel(vendor.channel, &file).unwrap();
}

async fn delivers(rig: &Rig, vendor: &Vendor) {
    let event = rig.deliver(&to_vendor(*vendor, "hello")).await.unwrap();
    assert_eq!(event["outcome"], "accepted", "{}: {event:#}", vendor.name);
}
