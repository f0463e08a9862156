//! Secrets: no key, grant, whole token or word of a message is in anything that the daemon
//! shows to anybody, whatever goes wrong.

mod mutants;
mod planted;
mod spoilt;

use futures_util::StreamExt;
use nudged_rig::{APNS, BASICS, FCM, Home, Rig, RigOptions, Settings, VENDORS};
use nudged_simulator::{Fault, FaultKind};
use nudged_wire::{CheckedSetup, Setup};
use serde_json::{Value, json};

use self::mutants::{Mutant, Sound};
use self::planted::Planted;
use super::{nudged, with_settings};
use crate::world::{now_ms, nudgectl, prepared, problem, reload_with, rig_with, run, text, token};

#[tokio::test]
async fn a_token_that_a_vendor_repeats_is_shown_masked() {
    let options = RigOptions {
        logged: "debug".into(),
        ..RigOptions::default()
    };
    let rig = rig_with(options).await;
    for vendor in BASICS {
        let to = match vendor.name {
            "apns" => token(0xabcd_ef77),
            _ => format!("{}77", FCM.token),
        };
        rig.simulator.fault(Fault::new(FaultKind::Status {
            status: 403,
            reason: Some(format!("NOT_LIKED:{to}")),
            retry_after: None,
            timestamp_ms: None,
        }));
        let notification = json!({
            "to": [{"channel": vendor.channel, "token": to}],
            "message": {"body": "Lunch?"}, "ttl": 0,
        });

        let event = rig.deliver(&notification).await.unwrap();

        let trace = rig.client.trace(text(&event, "id")).await.unwrap();
        let trace = trace.expect(200).to_string();
        assert!(trace.contains("NOT_LIKED"), "{trace}");
        let channels = rig.client.get("/v1/channels").await.unwrap();
        let channels = channels.expect(200).to_string();
        for shown in [event.to_string(), trace, channels, rig.log()] {
            assert!(!shown.contains(&to), "{shown}");
            let (longer, _) = to.split_at(to.len() - 4);
            assert!(!shown.contains(longer), "{shown}");
        }
        rig.simulator.clear_faults();
    }
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
        .apns()
        .unregister_token(APNS.token, now_ms() + 60_000);
    for to in [
        json!({"user": "eve"}),
        json!({"channel": "android", "token": FCM.token}),
    ] {
        rig.simulator.fcm().revoke_grants();
        let notification = json!({"to": [to], "message": {"body": spoken}});
        let event = rig.deliver(&notification).await.unwrap();
        ids.push(text(&event, "id").to_owned());
    }
    let foreign =
        json!({"to": [{"channel": "ios", "token": FCM.token}], "message": {"body": spoken}});
    let refused = rig.client.send(&foreign).await.unwrap().expect(422);
    shown.add(Ok::<_, ()>(refused));
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
    let reply = reload_with(&rig, Value::Null).await;
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

fn again_in_a_second(status: u16) -> FaultKind {
    FaultKind::Status {
        status,
        reason: None,
        retry_after: Some("1".into()),
        timestamp_ms: None,
    }
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

/// Whatever is done to whatever credential of whatever driver, no part of it is in what a check says
/// of it.
#[tokio::test(flavor = "multi_thread")]
async fn no_damage_to_a_credential_puts_any_part_of_it_into_a_problem() {
    let rig = prepared(all_vendors()).await;
    let mut planted = Planted::default();
    let sound = sound(&rig, &mut planted).await;
    let (rig, planted) = (&rig, &planted);
    futures_util::stream::iter(&sound)
        .for_each_concurrent(2, |sound| check_all(rig, sound, planted))
        .await;
}

/// Checks all mutants of a channel in a home with the one driver that it needs: many at once, as
/// channels of their own.
async fn check_all(rig: &Rig, sound: &Sound, planted: &Planted) {
    let home = Home::temporary().unwrap();
    home.write("ca.pem", rig.simulator.ca_pem()).unwrap();
    home.configure(&Settings::default()).unwrap();
    let name = sound.vendor.name;
    home.install(rig.artifacts.driver(name).unwrap()).unwrap();
    assert_eq!(refused(rig, &home, &[sound.sound()], planted).await, 0);
    let mutants = sound.mutants();
    let mut count_refused = 0;
    for some in mutants.chunks(40) {
        count_refused += refused(rig, &home, some, planted).await;
    }
    let count = mutants.len();
    assert!(count > 200, "{name} has only {count} mutants");
    assert!(
        count_refused > count / 3,
        "{name}: only {count_refused} of {count} were refused"
    );
}

/// How many of these are refused; of none is a part of a secret shown.
async fn refused(rig: &Rig, home: &Home, mutants: &[Mutant], planted: &Planted) -> usize {
    let mut left = Vec::new();
    for (n, mutant) in mutants.iter().enumerate() {
        let channel = format!("m{n}");
        mutant.apart(n).write(&channel, home);
        left.push(channel);
    }
    let config = home.config().display().to_string();
    let mut count = 0;
    // What is refused may keep others from being looked at, so these are checked once more.
    while !left.is_empty() {
        let mut out = String::new();
        for form in [&[][..], &["--json"]] {
            let arguments = [&["--config", &config, "--check"], form].concat();
            let ran = run(&rig.artifacts.nudged, &arguments, "").await;
            assert!(matches!(ran.code, Some(0 | 78)), "{ran:?}");
            let found = planted.found_in(format!("{}{}", ran.out, ran.err).as_bytes());
            let tried: Vec<_> = mutants.iter().map(|it| &it.what).collect();
            assert_eq!(found, None, "a part of a secret, one of {tried:#?}");
            out = ran.out;
        }
        let checked: CheckedSetup = serde_json::from_str(&out).expect("JSON");
        let is_refused = |channel: &String| {
            let file = home.channel_file(channel);
            checked.problems.iter().any(|it| it.file == file)
        };
        let (bad, good) = left.into_iter().partition::<Vec<_>, _>(is_refused);
        assert_eq!(bad.is_empty(), checked.ok, "{:?}", checked.problems);
        let (done, rest) = match checked.ok {
            true => (good, Vec::new()),
            false => (bad.clone(), good),
        };
        for channel in done {
            home.remove_channel(&channel).unwrap();
        }
        count += bad.len();
        left = rest;
    }
    count
}

/// The same while it runs, where there is a log, a status and a database as well.
#[tokio::test(flavor = "multi_thread")]
async fn no_damage_to_a_credential_shows_any_part_of_it_to_anybody() {
    let options = RigOptions {
        logged: "debug".into(),
        ..all_vendors()
    };
    let mut rig = prepared(options).await;
    let mut planted = Planted::default();
    let sound = sound(&rig, &mut planted).await;
    for vendor in VENDORS {
        rig.home.remove_channel(vendor.channel).unwrap();
    }
    // Without a good secret, vendors refuse: what they say is looked at as well.
    for sound in &sound[..VENDORS.len()] {
        sound.sound().write(sound.vendor.channel, &rig.home);
    }
    rig.launch().await.unwrap();
    let mut shown = Shown::default();
    let mut ids = Vec::new();
    for vendor in VENDORS {
        let notification = json!({
            "to": [{"channel": vendor.channel, "token": vendor.token}],
            "message": {"title": "Ann", "body": "hello"},
        });
        let preview = rig
            .client
            .post("/v1/notifications/preview", &notification)
            .await;
        shown.add(preview);
        ids.push(rig.accept(&notification).await.unwrap());
    }
    let mut refused = 0;
    for sound in &sound {
        let mutants = sound.mutants();
        let some = mutants.iter().step_by(mutants.len() / 8);
        for (n, mutant) in some.enumerate() {
            mutant.write(sound.vendor.channel, &rig.home);
            let reply = reload_with(&rig, Value::Null).await;
            refused += usize::from(reply.status == 422);
            shown.add(Ok::<_, ()>(reply));
            if n % 4 == 1 {
                shown.add(Ok::<_, ()>(nudged(&rig, &["--check"]).await));
                shown.add(Ok::<_, ()>(nudgectl(&rig, &["reload"]).await));
                shown.add(Ok::<_, ()>(nudgectl(&rig, &["status"]).await));
                shown.add(rig.client.get("/v1/status").await);
                shown.add(rig.client.get("/v1/channels").await);
            }
        }
        sound.sound().write(sound.vendor.channel, &rig.home);
    }
    assert!(refused > 30, "only {refused} were refused");
    for id in &ids {
        shown.add(rig.client.trace(id).await);
    }
    shown.add(Ok::<_, ()>(
        nudgectl(&rig, &["events", "--since", "0"]).await,
    ));
    let log = rig.log_view().unwrap();
    rig.terminate().await.unwrap();
    shown.add(Ok::<_, ()>(log.text()));
    assert_eq!(planted.found_in(shown.0.as_bytes()), None);
    let mut directories = vec![rig.home.path().join("data")];
    while let Some(directory) = directories.pop() {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                directories.push(path);
            } else {
                let bytes = std::fs::read(&path).unwrap();
                assert_eq!(planted.found_in(&bytes), None, "{}", path.display());
            }
        }
    }
}

fn all_vendors() -> RigOptions {
    RigOptions {
        vendors: VENDORS.to_vec(),
        ..RigOptions::default()
    }
}

/// A channel of each vendor, and those of Apple with a certificate instead of a key.
async fn sound(rig: &Rig, planted: &mut Planted) -> Vec<Sound> {
    let listed = nudged(rig, &["--drivers"]).await;
    let setup: Setup = serde_json::from_str(&listed.out).expect("JSON");
    let mut of = |vendor: nudged_rig::Vendor| {
        let mut drivers = setup.drivers.iter();
        let driver = drivers.find(|it| it.vendor.as_deref() == Some(vendor.name));
        Sound::of(vendor, driver.expect("installed"), &rig.home, planted)
    };
    let mut sound: Vec<Sound> = VENDORS.into_iter().map(&mut of).collect();
    let (by_pem, by_p12) = (of(APNS), of(APNS));
    let (pem, p12, password) = certificates();
    planted.file(&pem);
    planted.file(&p12);
    planted.text(&password);
    let without = ["key", "key_id", "team_id"];
    sound.push(by_pem.with(&without, ("certificate", "../push.pem", pem), ""));
    sound.push(by_p12.with(&without, ("certificate", "../push.p12", p12), &password));
    sound
}

/// A push certificate with its key, as PEM and as PKCS#12 with its password.
fn certificates() -> (Vec<u8>, Vec<u8>, String) {
    use p12_keystore::{Certificate, KeyStore, KeyStoreEntry, PrivateKey, PrivateKeyChain};
    let key = rcgen::KeyPair::generate().unwrap();
    let mut params = rcgen::CertificateParams::default();
    let uid = rcgen::DnType::CustomDnType(vec![0, 9, 2342, 19_200_300, 100, 1, 1]);
    params.distinguished_name.push(uid, "com.example.chat");
    let production = [1, 2, 840, 113_635, 100, 6, 3, 2];
    let mark = rcgen::CustomExtension::from_oid_content(&production, vec![5, 0]);
    params.custom_extensions = vec![mark];
    let certificate = params.self_signed(&key).unwrap();
    let pem = certificate.pem() + &key.serialize_pem();
    let password = "Q7w_never-guessed-pa55word".to_owned();
    let chain = PrivateKeyChain::new(
        "id",
        PrivateKey::from_der(&key.serialize_der()).unwrap(),
        [Certificate::from_der(certificate.der()).unwrap()],
    );
    let mut store = KeyStore::new();
    store.add_entry("push", KeyStoreEntry::PrivateKeyChain(chain));
    let writer = store.writer(&password).encryption_iterations(10);
    let p12 = writer.mac_iterations(10).write().unwrap();
    (pem.into_bytes(), p12, password)
}
