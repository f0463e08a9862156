//! The driver directory: what is a driver serves, what is none is refused in one sentence.
//!
//! Drivers that were really built against other versions of plugin-api are the loader tests'
//! of plugin-api, which build them; here a driver's own version is edited.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use nudged_rig::{APNS, BASICS, FCM, Rig, RigOptions, Vendor};
use serde_json::{Value, json};

use crate::world::{channel, nudgectl, prepared, problem, reload_with, rig, run, text};

/// Where an ELF file says which machine it is for: e_machine.
const MACHINE: usize = 18;

#[tokio::test]
async fn files_that_are_no_drivers_are_refused_in_one_sentence_while_the_others_serve() {
    let mut rig = prepared(RigOptions::default()).await;
    let whole = fs::read(driver(&rig, APNS)).unwrap();
    let noise = (0..9000_u32).map(|n| (n.wrapping_mul(7919) >> 3) as u8);
    let mut bad: Vec<(String, Vec<u8>, &str)> = vec![
        ("empty".into(), Vec::new(), "the file is empty"),
        (
            "text".into(),
            b"#!/bin/sh\nexit 0\n".to_vec(),
            "not an ELF shared library",
        ),
        ("noise".into(), noise.collect(), "not a driver"),
        ("libc".into(), c_library(), "exports no nudged driver"),
        (
            "machine".into(),
            edited(&whole, &[(MACHINE, 0xf3), (MACHINE + 1, 0)]),
            "built for another machine",
        ),
        (
            "class".into(),
            edited(&whole, &[(4, 1)]),
            "built for another machine",
        ),
        (
            "next".into(),
            of_the_next_major(&whole),
            "was built for plugin-api 2.0.0, this daemon accepts 1.x: rebuild the driver",
        ),
    ];
    let length = whole.len();
    for cut in [1, 4, 63, 64, 4096, length / 4, length / 2, length - 1] {
        let name = format!("cut-{cut}");
        bad.push((name, whole[..cut].to_vec(), "not a driver"));
    }
    for (name, bytes, _) in &bad {
        put(&rig, name, bytes);
    }

    rig.launch().await.unwrap();

    for (name, _, reason) in &bad {
        refused(&rig, name, reason).await;
    }
    both_vendors_serve(&rig).await;
    let told = nudgectl(&rig, &["driver", "ls"]).await;
    assert_eq!(told.code, Some(0), "{told:?}");
    for (name, ..) in &bad {
        let sentence = format!("refused: {}", place(&rig, name).display());
        assert!(told.out.contains(&sentence), "{name}: {}", told.out);
    }
}

#[tokio::test]
async fn what_is_no_file_is_refused_while_the_others_serve() {
    let mut rig = prepared(RigOptions::default()).await;
    fs::create_dir(place(&rig, "directory")).unwrap();
    symlink("nowhere-to-be-found", place(&rig, "dangling")).unwrap();
    symlink(place(&rig, "loop"), place(&rig, "loop")).unwrap();
    let pipe = place(&rig, "pipe");
    nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::from_bits_truncate(0o600)).unwrap();

    rig.launch().await.unwrap();

    for (name, reason) in [
        ("directory", "not a regular file"),
        ("dangling", "cannot read: No such file"),
        ("loop", "cannot read: Too many levels of symbolic links"),
        ("pipe", "not a regular file"),
    ] {
        refused(&rig, name, reason).await;
    }
    both_vendors_serve(&rig).await;
}

#[tokio::test]
async fn a_driver_that_others_may_write_is_refused() {
    let mut rig = prepared(RigOptions::default()).await;
    let whole = fs::read(driver(&rig, APNS)).unwrap();
    for (name, mode) in [("by-group", 0o775), ("by-all", 0o757)] {
        put(&rig, name, &whole);
        fs::set_permissions(place(&rig, name), Permissions::from_mode(mode)).unwrap();
    }

    rig.launch().await.unwrap();

    for name in ["by-group", "by-all"] {
        refused(&rig, name, "others may write to it; run `chmod go-w`").await;
    }
    both_vendors_serve(&rig).await;
}

#[tokio::test]
async fn of_a_directory_that_others_may_write_nothing_is_run() {
    let rig = prepared(RigOptions::default()).await;
    fs::set_permissions(rig.home.drivers(), Permissions::from_mode(0o777)).unwrap();

    let arguments = ["--check", "--config", &config(&rig)];
    let ran = run(&rig.artifacts.nudged, &arguments, "").await;

    assert_eq!(ran.code, Some(78), "{ran:?}");
    for part in ["there is no driver \"apns\"", "others may write to it"] {
        assert!(ran.err.contains(part), "{part}: {}", ran.err);
    }
}

#[tokio::test]
async fn of_two_drivers_for_one_vendor_the_first_serves() {
    let mut rig = prepared(RigOptions::default()).await;
    let whole = fs::read(driver(&rig, APNS)).unwrap();
    put(&rig, "zz-second", &whole);

    rig.launch().await.unwrap();

    refused(&rig, "zz-second", "a driver for apns is in").await;
    both_vendors_serve(&rig).await;
}

#[tokio::test]
async fn a_file_that_is_called_otherwise_is_not_looked_at() {
    let mut rig = prepared(RigOptions::default()).await;
    for name in ["README", "libold.so.bak", "so"] {
        fs::write(rig.home.drivers().join(name), "text").unwrap();
    }

    rig.launch().await.unwrap();

    assert_eq!(drivers(&rig).await.len(), BASICS.len());
}

#[tokio::test]
async fn a_channel_of_a_refused_driver_is_broken_with_the_reason_and_the_others_serve() {
    let mut rig = prepared(RigOptions::default()).await;
    let file = driver(&rig, FCM);
    let whole = fs::read(&file).unwrap();
    replace(&file, &whole[..whole.len() / 2]);

    let arguments = ["--check", "--config", &config(&rig)];
    let ran = run(&rig.artifacts.nudged, &arguments, "").await;
    rig.launch().await.unwrap();

    assert_eq!(ran.code, Some(78), "{ran:?}");
    let row = channel(&rig, "android").await;
    assert_eq!(row["state"], "broken", "{row:#}");
    for words in [ran.err, rig.log()] {
        for part in [
            "channels.d/android.toml:1: driver: there is no driver \"fcm\"",
            "(usable: apns)",
            "libnudged_fcm.so: not a driver: ",
        ] {
            assert!(words.contains(part), "{part}: {words}");
        }
        assert!(!words.contains("ios.toml"), "ios is good: {words}");
    }
    let problems = row["problems"].to_string();
    assert!(problems.contains("not a driver"), "{row:#}");
    serves(&rig, APNS).await;

    // Its package is installed again.
    replace(&file, &whole);
    let report = reload_with(&rig, Value::Null).await;
    assert_eq!(report.expect(200)["started"], json!(["android"]));
    both_vendors_serve(&rig).await;
}

#[tokio::test]
async fn a_channel_of_no_driver_is_refused_with_those_that_there_are() {
    let rig = rig().await;
    let file = "certificate_id = 9\ndriver = \"carrier-pigeon\"\n";
    rig.home.write_channel("shop", file).unwrap();

    let reply = reload_with(&rig, Value::Null).await;

    let problem = problem(reply, 422, "reload_refused");
    let one = &problem["problems"][0];
    assert!(text(one, "file").ends_with("shop.toml"), "{problem:#}");
    assert_eq!((&one["line"], &one["key"]), (&json!(2), &json!("driver")));
    assert!(text(one, "problem").contains("apns, fcm"), "{problem:#}");
    assert_eq!(one["hint"], "install its package");
    both_vendors_serve(&rig).await;
}

#[tokio::test]
async fn drivers_say_what_they_are_and_what_they_are_configured_with() {
    let rig = rig().await;

    let drivers = drivers(&rig).await;

    assert_eq!(drivers.len(), BASICS.len());
    for (it, vendor) in drivers.iter().zip(BASICS) {
        assert_eq!(it["vendor"], vendor.name);
        assert_eq!(it["state"], "loaded");
        assert_eq!(it["problem"], Value::Null);
        assert_eq!(it["channels"], json!([vendor.channel]));
        assert_eq!(Path::new(text(it, "file")), driver(&rig, vendor));
        assert!(!text(it, "title").is_empty() && !text(it, "version").is_empty());
        let settings = it["settings"].as_array().unwrap();
        assert!(settings.iter().any(|it| it["secret"] == true), "{it:#}");
        for setting in settings {
            assert!(!text(setting, "help").is_empty(), "{setting:#}");
        }
    }
}

#[tokio::test]
async fn a_driver_that_is_replaced_while_it_runs_is_loaded_anew_by_a_reload() {
    let rig = rig().await;
    let file = driver(&rig, APNS);
    let whole = fs::read(&file).unwrap();
    both_vendors_serve(&rig).await;

    for round in 1..=3 {
        // What follows the ELF's own parts is nobody's: another file, the same driver.
        let other = [&whole[..], &vec![0; 16 * round]].concat();
        replace(&file, &other);
        let report = reload_with(&rig, Value::Null).await;
        let report = report.expect(200);
        assert_eq!(report["replaced"], json!(["ios"]), "{report:#}");
        assert_eq!(report["kept"], json!(["android"]), "{report:#}");
        both_vendors_serve(&rig).await;
    }

    // Nothing new, nothing to do.
    let report = reload_with(&rig, Value::Null).await;
    assert_eq!(report.expect(200)["kept"], json!(["android", "ios"]));
    let mapped = fs::read_to_string(format!("/proc/{}/maps", rig.daemon().unwrap().pid()));
    let Ok(mapped) = mapped else {
        assert!(!nix::unistd::geteuid().is_root(), "root may look");
        return;
    };
    assert!(
        mapped.contains("libnudged_apns.so\n"),
        "the new one is in memory"
    );
    assert!(
        mapped.contains("libnudged_apns.so (deleted)"),
        "the old one stays: code that ran is never unloaded"
    );
}

#[tokio::test]
async fn a_driver_that_is_replaced_by_a_bad_one_goes_on_until_a_restart() {
    let rig = rig().await;
    let file = driver(&rig, APNS);
    let whole = fs::read(&file).unwrap();
    replace(&file, &of_the_next_major(&whole));

    let reply = reload_with(&rig, Value::Null).await;

    let report = reply.expect(200);
    assert_eq!(report["kept"], json!(["android", "ios"]), "{report:#}");
    let words = report["warnings"].to_string();
    for part in ["plugin-api 2.0.0", "goes on as it is in memory"] {
        assert!(words.contains(part), "{part}: {report:#}");
    }
    both_vendors_serve(&rig).await;
    replace(&file, &whole);
    let report = reload_with(&rig, Value::Null).await;
    assert_eq!(report.expect(200)["ok"], true);
    both_vendors_serve(&rig).await;
}

#[tokio::test]
async fn a_driver_that_comes_later_is_found_by_a_reload() {
    let mut rig = prepared(RigOptions {
        vendors: vec![APNS],
        ..RigOptions::default()
    })
    .await;
    let file = driver(&rig, FCM);
    let away = rig.home.path().join("fcm.away");
    fs::rename(&file, &away).unwrap();
    rig.launch().await.unwrap();
    assert_eq!(drivers(&rig).await.len(), 1);

    fs::rename(&away, &file).unwrap();
    FCM.furnish(&rig.simulator, &rig.home, "").unwrap();
    let report = reload_with(&rig, Value::Null).await;

    assert_eq!(report.expect(200)["started"], json!(["android"]));
    both_vendors_serve(&rig).await;
}

/// Where the rig has installed a vendor's driver.
fn driver(rig: &Rig, vendor: Vendor) -> PathBuf {
    let name = format!("libnudged_{}.so", vendor.name);
    rig.home.drivers().join(name)
}

fn place(rig: &Rig, name: &str) -> PathBuf {
    rig.home.drivers().join(format!("{name}.so"))
}

fn put(rig: &Rig, name: &str, bytes: &[u8]) {
    replace(&place(rig, name), bytes);
}

/// As packages do it: complete from the first moment on, and never into the old file.
fn replace(place: &Path, bytes: &[u8]) {
    let unfinished = place.with_extension("unfinished");
    fs::write(&unfinished, bytes).unwrap();
    fs::set_permissions(&unfinished, Permissions::from_mode(0o755)).unwrap();
    fs::rename(&unfinished, place).unwrap();
}

fn edited(bytes: &[u8], edits: &[(usize, u8)]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for (at, value) in edits {
        bytes[*at] = *value;
    }
    bytes
}

/// The driver as if it had been built for the next major version: it carries its version as
/// text.
fn of_the_next_major(driver: &[u8]) -> Vec<u8> {
    let version = b"1.0.0";
    let places = driver.windows(version.len()).enumerate();
    let places = places.filter(|(_, bytes)| bytes == version);
    let edits: Vec<(usize, u8)> = places.map(|(at, _)| (at, b'2')).collect();
    assert!(!edits.is_empty());
    edited(driver, &edits)
}

/// A library that every machine has, and that is no driver.
fn c_library() -> Vec<u8> {
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let mut files = maps.lines().filter_map(|it| it.split_whitespace().nth(5));
    let path = files.find(|path| path.contains("libc.so") || path.contains("libc-"));
    fs::read(path.expect("this test uses the C library")).unwrap()
}

fn config(rig: &Rig) -> String {
    let config = rig.home.config();
    config.to_str().unwrap().to_owned()
}

async fn drivers(rig: &Rig) -> Vec<Value> {
    let list = rig.client.get("/v1/drivers").await.unwrap().expect(200);
    list["drivers"].as_array().unwrap().clone()
}

/// That a file is listed as refused in one sentence that says why, and logged so.
async fn refused(rig: &Rig, name: &str, reason: &str) {
    let file = place(rig, name);
    let file = file.to_str().unwrap();
    let drivers = drivers(rig).await;
    let found = drivers.iter().find(|it| it["file"] == file);
    let found = found.unwrap_or_else(|| panic!("{file} is not listed: {drivers:#?}"));
    assert_eq!(found["state"], "refused", "{found:#}");
    assert_eq!(found["vendor"], Value::Null, "{found:#}");
    let sentence = text(found, "problem");
    let said = sentence
        .strip_prefix(file)
        .and_then(|it| it.strip_prefix(": "));
    let said = said.unwrap_or_else(|| panic!("the file first: {sentence}"));
    assert!(said.contains(reason), "{reason}: {sentence}");
    assert!(said.len() < 300 && !said.contains('\n'), "{sentence}");
    // The log quotes its fields.
    let quoted = format!("{sentence:?}");
    let log = rig.log();
    assert!(
        log.contains(sentence) || log.contains(&quoted),
        "{sentence}: not in the log:\n{log}"
    );
}

async fn both_vendors_serve(rig: &Rig) {
    for vendor in BASICS {
        serves(rig, vendor).await;
    }
}

async fn serves(rig: &Rig, vendor: Vendor) {
    let spec = json!({
        "to": [{"channel": vendor.channel, "token": vendor.token}],
        "message": {"title": "Carol", "body": "hello"},
    });
    let event = rig.deliver(&spec).await.unwrap();
    assert_eq!(event["outcome"], "accepted", "{event}");
}
