//! Who else may read or change what the daemon reads and writes, and files that are none.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};

use nix::sys::stat::Mode;
use nudged_rig::{APNS, Rig, RigOptions, XIAOMI};
use serde_json::{Value, json};

use super::nudged;
use crate::world::{Ran, nudgectl, prepared, problem, reload_with, run, text, to_token};

const KEY: &str = "AuthKey_SIMKEY0001.p8";

fn set(rig: &Rig, name: &str, mode: u32) {
    let path = rig.home.path().join(name);
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

async fn refused(rig: &Rig, words: &[&str]) {
    let ran = nudged(rig, &["--check"]).await;
    assert_eq!(ran.code, Some(78), "{words:?}: {ran:?}");
    for word in words {
        assert!(ran.err.contains(word), "{word}: {}", ran.err);
    }
}

#[tokio::test]
async fn a_secret_that_others_can_read_is_refused_but_stops_nothing_that_runs() {
    let mut rig = prepared(RigOptions::default()).await;
    set(&rig, KEY, 0o644);
    let words = [
        "ios.toml:5: key: ",
        "AuthKey_SIMKEY0001.p8 holds a secret and can be read by every user (mode 0644)",
        "chmod 0600",
    ];
    refused(&rig, &words).await;

    // An upgrade or a reboot stops nobody.
    rig.launch().await.unwrap();
    let log = rig.log_view().unwrap();
    assert!(log.wait_for(words[1]).await, "{}", rig.log());
    let event = rig.deliver(&to_token(1, "one")).await.unwrap();
    assert_eq!(event["outcome"], "accepted");
    let reply = reload_with(&rig, Value::Null).await;
    let warnings = reply.expect(200)["warnings"].to_string();
    assert!(warnings.contains(words[1]), "{warnings}");

    // What is new is refused, and what runs goes on.
    let channel = fs::read_to_string(rig.home.channel_file("ios")).unwrap();
    let changed = format!("{channel}mutable_content = true\n");
    rig.home.write_channel("ios", &changed).unwrap();
    let reply = reload_with(&rig, Value::Null).await;
    let refused = problem(reply, 422, "reload_refused");
    assert_eq!(refused["problems"][0]["key"], "key", "{refused:#}");
    assert!(text(&refused["problems"][0], "problem").contains(words[1]));
    let event = rig.deliver(&to_token(2, "two")).await.unwrap();
    assert_eq!(event["outcome"], "accepted");

    // The operator's word counts.
    let main = fs::read_to_string(rig.home.config()).unwrap();
    let lax = format!("{main}[channels]\nallow_lax_permissions = true\n");
    rig.home.write("nudged.toml", lax).unwrap();
    let reply = reload_with(&rig, Value::Null).await;
    assert_eq!(reply.expect(200)["warnings"], json!([]));
    rig.home.write("nudged.toml", main).unwrap();

    // And what was put right is good.
    set(&rig, KEY, 0o600);
    let reply = reload_with(&rig, Value::Null).await;
    assert_eq!(reply.expect(200)["warnings"], json!([]));
}

#[tokio::test]
async fn what_others_can_read_or_change_is_refused_by_its_place() {
    let rig = prepared(RigOptions {
        vendors: vec![APNS, XIAOMI],
        ..RigOptions::default()
    })
    .await;
    for (name, mode, words) in [
        (KEY, 0o660, "can be changed by others than its owner"),
        (
            "channels.d/xiaomi.toml",
            0o644,
            "holds a secret and can be read by every user",
        ),
        (
            "channels.d/ios.toml",
            0o646,
            "can be changed by others than its owner",
        ),
        (
            "channels.d",
            0o777,
            "can be changed by others than its owner",
        ),
        (
            "nudged.toml",
            0o666,
            "can be changed by others than its owner",
        ),
        ("ca.pem", 0o664, "can be changed by others than its owner"),
    ] {
        let before = fs::metadata(rig.home.path().join(name)).unwrap().mode();
        set(&rig, name, mode);
        refused(&rig, &[name, words, &format!("mode {mode:04o}")]).await;
        set(&rig, name, before & 0o7777);
    }
    // A channel file that only names a key may be read by everybody.
    set(&rig, "channels.d/ios.toml", 0o644);
    assert_eq!(nudged(&rig, &["--check"]).await.code, Some(0));

    // Only root can make them somebody else's.
    if nix::unistd::geteuid().is_root() {
        let key = rig.home.path().join(KEY);
        chown(&key, None, Some(65_534)).unwrap();
        set(&rig, KEY, 0o640);
        refused(
            &rig,
            &["can be read by group 65534, which is not the daemon's"],
        )
        .await;
        // The database's owner is the daemon, whoever checks.
        let data = rig.home.path().join("data");
        chown(&data, Some(65_534), Some(65_534)).unwrap();
        assert_eq!(nudged(&rig, &["--check"]).await.code, Some(0));
        chown(&data, Some(0), Some(0)).unwrap();
        chown(&key, Some(65_534), Some(0)).unwrap();
        refused(&rig, &["belongs to user 65534"]).await;
    }
}

#[tokio::test]
async fn what_is_no_regular_file_is_refused_and_not_waited_for() {
    let rig = prepared(RigOptions::default()).await;
    let at = |name: &str| rig.home.path().join(name);
    for (name, pipe) in [
        (KEY, true),
        ("ca.pem", false),
        ("channels.d/more.toml", true),
    ] {
        let kept = fs::read(at(name)).ok();
        let _absent = fs::remove_file(at(name));
        if pipe {
            nix::unistd::mkfifo(&at(name), Mode::S_IRWXU).unwrap();
        } else {
            symlink("/dev/zero", at(name)).unwrap();
        }
        let what = if pipe { "a pipe" } else { "a device" };
        let words = format!("cannot read: it is {what}, and only regular files are read");
        refused(&rig, &[name, &words]).await;
        fs::remove_file(at(name)).unwrap();
        if let Some(kept) = kept {
            rig.home.write(name, kept).unwrap();
        }
    }
    // A link to a file is a file.
    fs::rename(at(KEY), at("real.p8")).unwrap();
    symlink("real.p8", at(KEY)).unwrap();
    assert_eq!(nudged(&rig, &["--check"]).await.code, Some(0));

    for (name, words) in [("/dev/zero", "it is a device"), ("/", "it is a directory")] {
        let ran = run(&rig.artifacts.nudged, &["--config", name, "--check"], "").await;
        assert_eq!(ran.code, Some(78), "{ran:?}");
        assert!(ran.err.contains(words), "{ran:?}");
        let ran = run(&rig.artifacts.nudgectl, &["check", "--config", name], "").await;
        assert!(ran.err.contains(words), "{ran:?}");
    }
}

#[tokio::test]
async fn the_database_is_its_owners_only_whatever_the_umask() {
    let mut rig = prepared(RigOptions::default()).await;
    let data = rig.home.path().join("data");
    fs::remove_dir(&data).unwrap();
    let loose = rig.home.path().join("loose");
    let program = rig.artifacts.nudged.display().to_string();
    fs::write(
        &loose,
        format!("#!/bin/sh\numask 000\nexec {program} \"$@\"\n"),
    )
    .unwrap();
    fs::set_permissions(&loose, Permissions::from_mode(0o755)).unwrap();
    rig.artifacts.nudged = loose;
    rig.launch().await.unwrap();
    rig.deliver(&to_token(1, "hello")).await.unwrap();

    let all = tree(&data);
    assert!(all.len() > 10, "{all:?}");
    for path in all {
        let mode = fs::metadata(&path).unwrap().mode() & 0o777;
        assert_eq!(mode & 0o077, 0, "{}: {mode:04o}", path.display());
    }
    // The kernel gives a process that lets nobody look into it to root.
    let process = format!("/proc/{}", rig.daemon().unwrap().pid());
    assert_eq!(fs::metadata(process).unwrap().uid(), 0);
    let socket = fs::metadata(rig.home.socket()).unwrap().mode() & 0o777;
    assert_eq!(socket, 0o660);
    assert_eq!(nudgectl(&rig, &["status"]).await.code, Some(0));
    rig.terminate().await.unwrap();

    set(&rig, "data", 0o707);
    let ran: Ran = nudged(&rig, &[]).await;
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let words = "data: the database's directory can be changed by others than its owner";
    assert!(ran.err.contains(words), "{}", ran.err);
}

fn tree(directory: &Path) -> Vec<PathBuf> {
    let mut all = vec![directory.to_owned()];
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(tree(&path));
        } else {
            all.push(path);
        }
    }
    all
}
