//! `nudgectl channel add`, and the channel files that are installed as examples: both are what
//! the drivers say of themselves.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use nudged_rig::vendor::{HONOR, OPPO};
use nudged_rig::{Rig, RigOptions, VENDORS};
use nudged_simulator::Vendor as Service;

use crate::world::{Ran, nudgectl, prepared, rig_of};

/// The arguments, with the rig's own configuration.
async fn add(rig: &Rig, arguments: &[&str]) -> Ran {
    let config = rig.home.config().display().to_string();
    let command = ["channel", "add", "--config", config.as_str()];
    nudgectl(rig, &[&command[..], arguments].concat()).await
}

fn file(rig: &Rig, name: &str) -> PathBuf {
    rig.home.channel_file(name)
}

#[tokio::test]
async fn a_channel_is_added_from_the_command_line_and_delivers_after_a_reload() {
    let rig = rig_of(&[HONOR]).await;
    rig.home
        .install(rig.artifacts.driver("oppo").unwrap())
        .unwrap();
    rig.simulator
        .oppo()
        .add_account("key-of-oppo", "secret-of-oppo");
    // As an editor of Windows saves it.
    rig.home
        .write("secret.txt", "\u{feff}secret-of-oppo\r\n")
        .unwrap();
    let url = rig.simulator.vendor(Service::Oppo).url();
    let secret = format!("@{}", rig.home.path().join("secret.txt").display());

    let added = add(
        &rig,
        &[
            "phones",
            "--driver",
            "oppo",
            "--app-key",
            "key-of-oppo",
            "--master-secret",
            &secret,
            "--channel-id",
            "chat",
            "--endpoint",
            &url,
        ],
    )
    .await;

    assert_eq!(added.code, Some(0), "{added:?}");
    // The next number after Honor's.
    assert!(added.out.contains("certificate id 10"), "{added:?}");
    let mode = std::fs::metadata(file(&rig, "phones"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let reload = nudgectl(&rig, &["reload"]).await;
    assert_eq!(reload.code, Some(0), "{reload:?}");
    let to = ["--channel", "phones", "--token", OPPO.token];
    let sent = nudgectl(
        &rig,
        &[&["send", "--body", "hi", "--wait"], &to[..]].concat(),
    )
    .await;
    assert_eq!(sent.code, Some(0), "{sent:?}");
    // Twice is once too often, and changes nothing.
    let before = std::fs::read(file(&rig, "phones")).unwrap();
    let again = add(
        &rig,
        &[
            "phones",
            "--driver",
            "oppo",
            "--app-key",
            "x",
            "--master-secret",
            "y",
        ],
    )
    .await;
    assert_eq!(again.code, Some(2), "{again:?}");
    assert!(again.err.contains("exists already"), "{again:?}");
    assert_eq!(std::fs::read(file(&rig, "phones")).unwrap(), before);
}

#[tokio::test]
async fn nothing_is_added_beside_a_main_file_with_a_mistake() {
    let rig = prepared(RigOptions {
        vendors: vec![HONOR],
        ..RigOptions::default()
    })
    .await;
    let good = std::fs::read_to_string(rig.home.config()).unwrap();
    let mistake = good.replace("extra_roots = [", "extra_roots = [\"gone.pem\", ");
    assert_ne!(mistake, good);
    std::fs::write(rig.home.config(), mistake).unwrap();
    let account = [
        "phones",
        "--driver",
        "honor",
        "--app-id",
        "1",
        "--client-id",
        "2",
        "--client-secret",
        "3",
    ];

    let added = add(&rig, &account).await;

    assert_eq!(added.code, Some(78), "{added:?}");
    assert!(added.err.contains("gone.pem"), "{added:?}");
    assert!(added.err.contains("was not written"), "{added:?}");
    assert!(!file(&rig, "phones").exists());
    // Once it is mended, the same command does it.
    std::fs::write(rig.home.config(), good).unwrap();
    let added = add(&rig, &account).await;
    assert_eq!(added.code, Some(0), "{added:?}");
}

#[tokio::test]
async fn what_root_adds_the_daemon_can_read() {
    let rig = prepared(RigOptions {
        vendors: vec![HONOR],
        ..RigOptions::default()
    })
    .await;
    let directory = file(&rig, "phones").parent().unwrap().to_owned();
    // As a package installs it; whoever is not root cannot, and adds what is its own.
    for its in [&directory, &rig.home.path().join("data")] {
        let _own = std::os::unix::fs::chown(its, Some(65534), Some(65534));
    }
    let account = ["--app-id", "1", "--client-id", "2", "--client-secret", "3"];

    let added = add(
        &rig,
        &[&["phones", "--driver", "honor"], &account[..]].concat(),
    )
    .await;

    assert_eq!(added.code, Some(0), "{added:?}");
    let written = std::fs::metadata(file(&rig, "phones")).unwrap();
    let holder = std::fs::metadata(&directory).unwrap();
    assert_eq!((written.uid(), written.gid()), (holder.uid(), holder.gid()));
    assert_eq!(written.mode() & 0o777, 0o600);
}

#[tokio::test]
async fn the_help_of_a_driver_lists_its_settings() {
    let rig = prepared(RigOptions {
        vendors: VENDORS.to_vec(),
        ..RigOptions::default()
    })
    .await;
    for vendor in VENDORS {
        let help = add(&rig, &["--driver", vendor.name, "--help"]).await;
        assert_eq!(help.code, Some(0), "{help:?}");
        assert!(help.out.contains("Settings of "), "{}", help.out);
        assert!(help.out.contains("(secret)"), "{}", help.out);
    }
    let help = add(&rig, &["--driver", "vivo", "--help"]).await;
    for words in [
        "--app-secret <TEXT>",
        "--classification <CHOICE>",
        "[default: system]",
    ] {
        assert!(help.out.contains(words), "{words}: {}", help.out);
    }
}

#[tokio::test]
async fn help_needs_neither_a_configuration_nor_drivers() {
    let rig = prepared(RigOptions::default()).await;
    let nowhere = rig.home.path().join("nowhere");
    let absent = nowhere.join("nudged.toml").display().to_string();
    rig.home.write("broken.toml", "nonsense = 1\n").unwrap();
    let broken = rig.home.path().join("broken.toml").display().to_string();
    let empty = format!("[drivers]\ndirectory = \"{}\"\n", nowhere.display());
    rig.home.write("empty.toml", empty).unwrap();
    let empty = rig.home.path().join("empty.toml").display().to_string();
    for config in [&absent, &broken, &empty] {
        for asked in [&["--driver", "apns", "--help"][..], &["--help"], &["-h"]] {
            let command = ["channel", "add", "--config", config.as_str()];
            let help = nudgectl(&rig, &[&command[..], asked].concat()).await;
            assert_eq!(help.code, Some(0), "{asked:?}: {help:?}");
            assert!(help.out.contains("--certificate-id <N>"), "{help:?}");
        }
    }
    // Where there are no drivers, it says where it looked.
    let command = ["channel", "add", "--config", empty.as_str()];
    let help = nudgectl(&rig, &[&command[..], &["--driver", "apns", "-h"]].concat()).await;
    let place = nowhere.display().to_string();
    assert!(help.out.contains(&place), "{help:?}");
    for command in [
        &["--help"][..],
        &["check", "--help"],
        &["driver", "show", "--help"],
        &["completions", "bash"],
        &["openapi"],
    ] {
        let help = nudgectl(&rig, command).await;
        assert_eq!(help.code, Some(0), "{command:?}: {help:?}");
        assert!(help.err.is_empty(), "{command:?}: {help:?}");
    }
}

#[tokio::test]
async fn what_does_not_open_is_told_and_not_left_behind() {
    let rig = prepared(RigOptions {
        vendors: vec![HONOR],
        ..RigOptions::default()
    })
    .await;
    let bad = |arguments: &'static [&'static str]| add(&rig, arguments);
    let no_driver = bad(&["x", "--driver", "nokia"]).await;
    assert_eq!(no_driver.code, Some(1), "{no_driver:?}");
    assert!(
        no_driver.err.contains("there are: apns, fcm, honor"),
        "{no_driver:?}"
    );
    let missing = bad(&["x", "--driver", "honor", "--app-id", "1"]).await;
    assert_eq!(missing.code, Some(2), "{missing:?}");
    assert!(missing.err.contains("--client-secret"), "{missing:?}");
    let name = bad(&[
        "../x",
        "--driver",
        "honor",
        "--app-id",
        "1",
        "--client-id",
        "2",
        "--client-secret",
        "3",
    ])
    .await;
    assert_eq!(name.code, Some(2), "{name:?}");
    let refused = bad(&["x", "--driver", "fcm", "--service-account", "/dev/null"]).await;
    assert_eq!(refused.code, Some(78), "{refused:?}");
    assert!(refused.err.contains("service_account"), "{refused:?}");
    assert!(!file(&rig, "x").exists());
}

/// Writes the files instead of comparing them, for whoever has changed a driver.
const WRITE: &str = "NUDGED_WRITE_EXAMPLES";

#[tokio::test]
async fn the_installed_examples_are_what_the_drivers_say() {
    let rig = rig_of(&VENDORS).await;
    let installed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../etc/nudged/channels.d");
    for vendor in VENDORS {
        let shown = nudgectl(&rig, &["driver", "show", vendor.name]).await;
        assert_eq!(shown.code, Some(0), "{shown:?}");
        let example = installed.join(format!("{}.toml.example", vendor.name));
        if std::env::var_os(WRITE).is_some() {
            std::fs::write(&example, &shown.out).unwrap();
        }
        let written = std::fs::read_to_string(&example).unwrap_or_default();
        assert_eq!(
            written,
            shown.out,
            "{} is old: run the test once with {WRITE}=1",
            example.display()
        );
    }
    let count = std::fs::read_dir(installed).unwrap().count();
    assert_eq!(count, VENDORS.len(), "an example of no driver");
}
