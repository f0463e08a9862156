use std::fs;
use std::path::PathBuf;

use nudged_rig::{APNS, Rig, VENDORS};
use serde_json::{Value, json};

use crate::{artifacts, options, rig, text, to_token};

/// A driver's own file.
fn driver() -> Vec<u8> {
    fs::read(&artifacts().drivers[0]).unwrap()
}

/// A library of the system, which is no driver.
fn other_library() -> Vec<u8> {
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let libc = maps
        .lines()
        .filter_map(|line| line.split_whitespace().nth(5));
    let path = libc
        .into_iter()
        .find(|path| path.contains("libc.so"))
        .unwrap();
    fs::read(path).unwrap()
}

fn with(mut bytes: Vec<u8>, at: usize, value: u8) -> Vec<u8> {
    bytes[at] = value;
    bytes
}

/// The driver as if it had been built against the next major version.
fn of_the_next_major() -> Vec<u8> {
    let mut bytes = driver();
    let places: Vec<usize> = bytes
        .windows(5)
        .enumerate()
        .filter(|(_, it)| it == b"1.0.0")
        .map(|(at, _)| at)
        .collect();
    assert!(
        !places.is_empty(),
        "the driver does not carry its version as text"
    );
    for at in places {
        bytes[at] = b'2';
    }
    bytes
}

async fn drivers(rig: &Rig) -> Vec<Value> {
    let list = rig.client.get("/v1/drivers").await.unwrap().expect(200);
    list["drivers"].as_array().unwrap().clone()
}

#[tokio::test]
async fn files_that_are_no_drivers_are_refused_in_words_while_the_others_serve() {
    const MACHINE: usize = 18;
    let mut rig = Rig::prepare(options()).await.unwrap();
    let whole = driver();
    let bad: [(&str, Vec<u8>, &str); 9] = [
        ("empty", Vec::new(), "not a driver"),
        ("text", b"#!/bin/sh\necho driver\n".to_vec(), "not a driver"),
        (
            "noise",
            (0..9000_u32).map(|n| (n * 7919 >> 3) as u8).collect(),
            "not a driver",
        ),
        ("header", whole[..64].to_vec(), "not a driver"),
        ("half", whole[..whole.len() / 2].to_vec(), "not a driver"),
        ("machine", with(whole.clone(), MACHINE, 8), "not a driver"),
        ("class", with(whole.clone(), 4, 1), "not a driver"),
        ("libc", other_library(), ""),
        ("next", of_the_next_major(), "built for plugin-api 2.0.0"),
    ];
    for (name, bytes, _) in &bad {
        rig.home
            .write(&format!("drivers/{name}.so"), bytes)
            .unwrap();
    }
    fs::create_dir(rig.home.path().join("drivers/directory.so")).unwrap();

    rig.launch().await.unwrap();

    let drivers = drivers(&rig).await;
    let log = rig.log();
    for (name, _, words) in &bad {
        let file = format!("{name}.so");
        let driver = drivers
            .iter()
            .find(|it| text(it, "/file").ends_with(&file))
            .unwrap();
        assert_eq!(driver["state"], "refused", "{driver:#}");
        let problem = text(driver, "/problem");
        assert!(
            problem.contains(&file) && problem.contains(words),
            "{problem}"
        );
        assert!(!problem.contains('\n') && problem.len() < 400, "{problem}");
        assert!(log.contains(&file), "{file} is not in the log:\n{log}");
    }
    assert!(
        drivers
            .iter()
            .any(|it| text(it, "/file").ends_with("directory.so"))
    );
    for vendor in VENDORS {
        let event = rig
            .deliver(&to_token(vendor, vendor.token, "hello"))
            .await
            .unwrap();
        assert_eq!(event["outcome"], "accepted", "{event}");
    }
}

#[tokio::test]
async fn good_drivers_say_what_they_are_configured_with() {
    let rig = rig().await;

    let drivers = drivers(&rig).await;

    assert_eq!(drivers.len(), 2);
    for (driver, vendor) in drivers.iter().zip(VENDORS) {
        assert_eq!(driver["vendor"], vendor.name);
        assert_eq!(driver["state"], "loaded");
        assert_eq!(driver["channels"], json!([vendor.channel]));
        let settings = driver["settings"].as_array().unwrap();
        assert!(settings.iter().any(|it| it["secret"] == true), "{driver:#}");
        assert!(
            settings.iter().all(|it| !text(it, "/help").is_empty()),
            "{driver:#}"
        );
    }
}

#[tokio::test]
async fn a_channel_without_its_driver_is_refused_with_the_drivers_that_there_are() {
    let rig = rig().await;
    rig.home
        .write_channel("shop", "driver = \"carrier-pigeon\"\ncertificate_id = 9\n")
        .unwrap();

    let problem = rig
        .client
        .post("/v1/reload", &Value::Null)
        .await
        .unwrap()
        .expect(422);

    let one = &problem["problems"][0];
    assert!(text(one, "/file").ends_with("shop.toml"));
    assert_eq!((&one["line"], &one["key"]), (&json!(1), &json!("driver")));
    assert!(text(one, "/problem").contains("apns, fcm"), "{problem:#}");
}

#[tokio::test]
async fn a_driver_that_others_may_write_is_not_run() {
    use std::os::unix::fs::PermissionsExt;
    let mut rig = Rig::prepare(options()).await.unwrap();
    let path: PathBuf = rig.home.drivers().join("copy.so");
    fs::write(&path, driver()).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o777)).unwrap();

    rig.launch().await.unwrap();

    let drivers = drivers(&rig).await;
    let copy = drivers
        .iter()
        .find(|it| text(it, "/file").ends_with("copy.so"))
        .unwrap();
    assert_eq!(copy["state"], "refused");
    assert!(text(copy, "/problem").contains("chmod"), "{copy:#}");
    let event = rig
        .deliver(&to_token(APNS, APNS.token, "hello"))
        .await
        .unwrap();
    assert_eq!(event["outcome"], "accepted");
}
