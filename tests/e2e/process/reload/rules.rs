//! Rules that hold from a reload on, such as limits and who may do what, and those that it
//! cannot change: a wait that a vendor asked for, and what takes a restart.

use std::os::unix::fs::PermissionsExt;

use nudged_rig::{APNS, DEADLINE, FCM, RigOptions};
use nudged_simulator::{Fault, FaultKind};
use serde_json::json;
use tokio::process::Command;

use super::it_delivers;
use crate::world::{
    all_accepted, channel, edit, held_channel, prepared, reload, rig, send_all, taken_by, time_at,
    to_token, to_vendor, trace_of, until,
};

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
    until("two requests in flight", is_full).await;
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
    let first = rig.accept(&to_vendor(FCM, "hello")).await.unwrap();
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
    let second = rig.accept(&to_vendor(FCM, "hello")).await.unwrap();

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
