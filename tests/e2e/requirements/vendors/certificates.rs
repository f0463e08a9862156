//! 1 to 5 and 9: what a certificate consists of, and how long its number holds.

use nudged_rig::vendor::{
    APNS, APNS_KEY, APNS_TOPIC, FCM, HARMONY, HONOR, HUAWEI, MEIZU, OPPO, TPNS, VENDORS, VIVO,
    XIAOMI, apns_settings,
};
use nudged_simulator::{ClientCertificate, Vendor as Service};
use p12_keystore::{Certificate, KeyStore, KeyStoreEntry, PrivateKey, PrivateKeyChain};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use serde_json::{Value, json};

use super::*;
use crate::world::{nudgectl, reload, reload_with, taken_by};

/// Adds a channel of Xiaomi's from the command line; the number that it got.
async fn add_xiaomi(rig: &Rig, name: &str) -> u64 {
    let secret = format!("secret-of-{name}");
    let package = format!("com.example.{name}");
    rig.simulator.xiaomi().add_account(&package, &secret);
    let config = rig.home.config().display().to_string();
    let url = rig.simulator.vendor(Service::Xiaomi).url();
    #[rustfmt::skip]
    let ran = nudgectl(rig, &[
        "channel", "add", name, "--config", &config, "--driver", "xiaomi",
        "--app-secret", &secret, "--package", &package, "--endpoint", &url,
    ]).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let (_, rest) = ran.out.split_once("certificate id ").expect("its number");
    let (number, _) = rest.split_once(':').expect("its number");
    number.parse().expect("a number")
}

/// The numbers of the channels, by name.
async fn numbers(rig: &Rig) -> Vec<(String, u64)> {
    let list = rig.client.get("/v1/channels").await.unwrap().expect(200);
    let rows = list["channels"].as_array().expect("a list").iter();
    let row = |row: &Value| {
        let name = row["name"].as_str().expect("a name").to_owned();
        (name, row["certificate_id"].as_u64().expect("a number"))
    };
    rows.map(row).collect()
}

#[tokio::test]
async fn req_01_each_certificate_gets_a_number_of_its_own_that_lasts() {
    let mut rig = rig_edited(&[XIAOMI], |_, file| file).await;
    let two = add_xiaomi(&rig, "two").await;
    let three = add_xiaomi(&rig, "three").await;
    reload(&rig).await;

    let named = |name: &str, number| (name.to_owned(), number);
    let first = named(XIAOMI.channel, XIAOMI.certificate_id.into());
    let all = [named("three", three), named("two", two), first];
    assert!(two != three && ![two, three].contains(&all[2].1), "{all:?}");
    assert_eq!(numbers(&rig).await, all);
    // Several accounts of one vendor serve side by side.
    for name in ["two", "three", XIAOMI.channel] {
        let to = json!([{"channel": name, "token": XIAOMI.numbered(1)}]);
        let event = rig.deliver(&json!({"to": to, "message": hello()})).await;
        assert_eq!(event.unwrap()["outcome"], "accepted", "{name}");
    }
    rig.restart().await.unwrap();
    assert_eq!(numbers(&rig).await, all);

    // No number is given twice, be its first owner there or gone.
    let file = with_number(&channel_file(&rig, &XIAOMI), two);
    rig.home.write_channel("four", &file).unwrap();
    let told = complaint(&rig).await.expect("refused");
    assert!(told.contains("is the certificate id of"), "{told}");
    rig.home.remove_channel("four").unwrap();
    rig.home.remove_channel("three").unwrap();
    let four = add_xiaomi(&rig, "four").await;
    assert!(four > three, "{four} after {three}");
}

fn with_number(file: &str, number: u64) -> String {
    let old = format!("certificate_id = {}\n", XIAOMI.certificate_id);
    file.replace(&old, &format!("certificate_id = {number}\n"))
}

/// What each vendor's interface cannot do without.
const NEEDED: [(Vendor, &[&str]); 10] = [
    (APNS, &["key", "key_id", "team_id", "topic"]),
    (FCM, &["service_account"]),
    (XIAOMI, &["package", "app_secret"]),
    (HUAWEI, &["app_id", "app_secret"]),
    (OPPO, &["app_key", "master_secret"]),
    (VIVO, &["app_key", "app_id", "app_secret"]),
    (MEIZU, &["app_id", "app_secret"]),
    (TPNS, &["access_id", "secret_key", "platform"]),
    (HONOR, &["app_id", "client_id", "client_secret"]),
    (HARMONY, &["service_account", "category"]),
];

#[tokio::test]
async fn req_02_a_certificate_without_a_field_that_its_vendor_needs_is_refused() {
    let rig = rig_edited(&VENDORS, |_, file| file).await;
    assert_eq!(complaint(&rig).await, None);
    for (vendor, needed) in NEEDED {
        let good = channel_file(&rig, &vendor);
        for key in needed {
            let lacking = without_setting(&good, key);
            assert_ne!(lacking, good, "{} {key}", vendor.title);
            // An empty field is none.
            for file in [lacking, with_setting(&good, &format!("{key} = \"\""))] {
                rig.home.write_channel(vendor.channel, &file).unwrap();
                let told = complaint(&rig).await.expect("refused");
                assert!(told.contains(&format!("{}.toml", vendor.channel)), "{told}");
                assert!(told.contains(&format!(" {key}: ")), "{key}: {told}");
            }
        }
        rig.home.write_channel(vendor.channel, &good).unwrap();
    }
}

#[tokio::test]
async fn req_03_an_edited_certificate_keeps_its_number_and_its_devices() {
    let rig = rig_edited(&[XIAOMI], |_, file| file).await;
    rig.register("xia", "mi-15", XIAOMI.channel, XIAOMI.token)
        .await
        .unwrap();
    let before = numbers(&rig).await;
    rig.simulator.xiaomi().add_account("com.example.two", "two");
    let file = with_setting(&channel_file(&rig, &XIAOMI), "app_secret = \"two\"");
    rig.home.write_channel(XIAOMI.channel, &file).unwrap();
    reload(&rig).await;
    // Another account is more than an edit; see 68.
    let file = with_setting(&file, "package = \"com.example.two\"");
    rig.home.write_channel(XIAOMI.channel, &file).unwrap();
    let rebind = json!({"rebind": [XIAOMI.certificate_id]});
    let reply = rig.client.post("/v1/reload", &rebind).await.unwrap();
    reply.expect(200);

    assert_eq!(numbers(&rig).await, before);
    let spec = json!({"to": [{"user": "xia"}], "message": hello()});
    assert_eq!(rig.deliver(&spec).await.unwrap()["outcome"], "accepted");
    let sent = taken_by(&rig, XIAOMI).pop().expect("taken");
    assert_eq!(sent.token, XIAOMI.token);
    assert_eq!(sent.body["restricted_package_name"], "com.example.two");
}

#[tokio::test]
async fn req_04_a_saved_change_is_in_force_with_the_next_message_and_without_a_restart() {
    let rig = rig_edited(&[XIAOMI], |_, file| file).await;
    let pid = rig.daemon().unwrap().pid();
    let old = send(&rig, &XIAOMI, hello()).await;
    assert_eq!(XIAOMI.shown(&old.received).click, "app");
    let file = with_setting(&channel_file(&rig, &XIAOMI), "channel_id = \"chat\"");
    let file = file + &click("open_page", INTENT);
    rig.home.write_channel(XIAOMI.channel, &file).unwrap();
    reload(&rig).await;

    let new = send(&rig, &XIAOMI, hello()).await;
    assert_eq!(XIAOMI.shown(&new.received).click, INTENT);
    assert_eq!(*new.at("/extra.channel_id"), "chat");
    assert_eq!(rig.daemon().unwrap().pid(), pid);
}

#[tokio::test]
async fn req_05_fcm_takes_the_whole_key_file_and_no_click_action() {
    let rig = rig_edited(&[FCM], |_, file| file).await;
    let path = rig.home.path().join("service-account.json");
    let whole: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    assert_eq!(whole["type"], "service_account");
    send(&rig, &FCM, hello()).await;
    for member in ["type", "project_id", "private_key", "client_email"] {
        let mut part = whole.clone();
        part.as_object_mut().unwrap().remove(member);
        rig.home
            .write("service-account.json", part.to_string())
            .unwrap();
        let told = complaint(&rig).await.unwrap_or_default();
        assert!(told.contains("android.toml:"), "{member}: {told}");
        assert!(told.contains(member), "{member}: {told}");
    }
    rig.home
        .write("service-account.json", whole.to_string())
        .unwrap();
    assert_eq!(complaint(&rig).await, None);

    let file = channel_file(&rig, &FCM) + &click("open_page", INTENT);
    rig.home.write_channel(FCM.channel, &file).unwrap();
    let report = reload_with(&rig, Value::Null).await;
    let warnings = report.expect(200)["warnings"].to_string();
    assert!(warnings.contains("defaults.click: "), "{warnings}");
    assert!(warnings.contains("launcher"), "{warnings}");
}

/// The certificate with its key, under a password.
fn p12(certificate: &ClientCertificate, password: &str) -> Vec<u8> {
    let key = PrivatePkcs8KeyDer::from_pem_slice(certificate.key_pem.as_bytes()).unwrap();
    let key = PrivateKey::from_der(key.secret_pkcs8_der()).unwrap();
    let chain = CertificateDer::from_pem_slice(certificate.certificate_pem.as_bytes()).unwrap();
    let chain = PrivateKeyChain::new("id", key, [Certificate::from_der(&chain).unwrap()]);
    let mut store = KeyStore::new();
    store.add_entry("push", KeyStoreEntry::PrivateKeyChain(chain));
    store.writer(password).write().unwrap()
}

#[tokio::test]
async fn req_09_apns_takes_a_p12_with_its_password_and_environment() {
    let rig = rig_edited(&[APNS], |_, file| file).await;
    let good = rig.simulator.apns().issue_certificate(APNS_TOPIC, &[], 365);
    let development = rig
        .simulator
        .apns()
        .issue_development_certificate(APNS_TOPIC);
    rig.home.write("push.p12", p12(&good, "pass")).unwrap();
    rig.home
        .write("dev.p12", p12(&development, "pass"))
        .unwrap();
    let endpoint = rig.simulator.apns().url();
    let write = |file: &str, more: &str| {
        let settings = format!("certificate = \"../{file}\"\nendpoint = \"{endpoint}\"\n{more}");
        let file = APNS.channel_file(&settings, "");
        rig.home.write_channel(APNS.channel, &file).unwrap();
    };
    let password = "certificate_password = \"pass\"\n";
    for (file, more, word) in [
        ("push.p12", String::new(), "password"),
        (
            "push.p12",
            password.replace("pass\"", "guess\""),
            "password",
        ),
        (
            "dev.p12",
            format!("{password}environment = \"production\"\n"),
            "environment",
        ),
        (
            "push.p12",
            format!("{password}environment = \"moon\"\n"),
            "environment",
        ),
    ] {
        write(file, &more);
        let told = complaint(&rig).await.expect("refused");
        assert!(told.contains("ios.toml:") && told.contains(word), "{told}");
    }
    write(
        "push.p12",
        &format!("{password}environment = \"production\"\n"),
    );
    reload(&rig).await;
    let sent = send(&rig, &APNS, hello()).await;
    assert_eq!(sent.received.client_certificate, Some(good.serial));
}

#[tokio::test]
async fn req_09_a_live_activity_needs_a_p8() {
    let rig = rig_edited(&[APNS], |_, file| file).await;
    let topic = format!("{APNS_TOPIC}.push-type.liveactivity");
    rig.simulator.apns().bind_token(&APNS.numbered(1), &topic);
    let to = json!([{"channel": APNS.channel, "token": APNS.numbered(1)}]);
    let live = json!({"event": "update", "content_state": {"score": "1:0"}});
    let spec = json!({"to": to, "message": {"kind": "live_activity", "live_activity": live}});
    assert_eq!(rig.deliver(&spec).await.unwrap()["outcome"], "accepted");

    let certificate = rig.simulator.apns().issue_certificate(APNS_TOPIC, &[], 365);
    rig.home
        .write("push.p12", p12(&certificate, "pass"))
        .unwrap();
    let settings = format!(
        "certificate = \"../push.p12\"\ncertificate_password = \"pass\"\nendpoint = \"{}\"\n",
        rig.simulator.apns().url()
    );
    rig.home
        .write_channel(APNS.channel, &APNS.channel_file(&settings, ""))
        .unwrap();
    reload(&rig).await;
    let event = rig.deliver(&spec).await.unwrap();
    assert_eq!(event["outcome"], "rejected", "{event:#}");
    assert_eq!(event["code"], "KeyRequired", "{event:#}");
    // What a p8 is not complete without.
    let file = format!("AuthKey_{APNS_KEY}.p8");
    let whole = apns_settings(&rig.simulator, &file, APNS_KEY);
    for key in ["key_id", "team_id", "topic"] {
        let settings = without_setting(&whole, key);
        rig.home
            .write_channel(APNS.channel, &APNS.channel_file(&settings, ""))
            .unwrap();
        let told = complaint(&rig).await.expect("refused");
        assert!(told.contains(&format!(" {key}: ")), "{told}");
    }
}
