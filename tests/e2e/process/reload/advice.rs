//! What a channel's settings cost every message, by its driver's word: told by a check, at a start,
//! once by a reload, and wherever the channel is shown.

use crate::world::{channel, edit, nudgectl, prepared, reload, text, until};
use nudged_rig::vendor::{HUAWEI, OPPO};
use nudged_rig::{Rig, RigOptions};
use serde_json::{Value, json};

/// A Huawei channel without the launcher's activity and an OPPO channel without a channel id.
async fn poor() -> Rig {
    let rig = prepared(RigOptions {
        vendors: vec![HUAWEI, OPPO],
        ..RigOptions::default()
    })
    .await;
    for (name, key) in [("huawei", "launcher_activity"), ("oppo", "channel_id")] {
        let file = std::fs::read_to_string(rig.home.channel_file(name)).unwrap();
        let without: Vec<&str> = file.lines().filter(|it| !it.starts_with(key)).collect();
        assert_eq!(without.len() + 1, file.lines().count(), "{file}");
        rig.home.write_channel(name, &without.join("\n")).unwrap();
    }
    rig
}

const WANTED: [(&str, &str); 2] = [
    ("huawei.toml", "launcher_activity: is not set"),
    ("oppo.toml", "channel_id: is missing"),
];

#[track_caller]
fn advises(lines: &str, times: usize) {
    for (file, advice) in WANTED {
        let of = |line: &&str| line.contains(file) && line.contains(advice);
        let found = lines.lines().filter(of).count();
        assert_eq!(found, times, "{advice} in {lines}");
    }
}

#[tokio::test]
async fn what_settings_cost_every_message_is_told_by_a_check_and_at_the_start_and_not_again() {
    let mut rig = poor().await;
    let config = rig.home.config().display().to_string();
    let check = ["check", "--config", config.as_str()];

    advises(&nudgectl(&rig, &check).await.out, 1);
    rig.launch().await.unwrap();
    assert!(rig.log_view().unwrap().wait_for("ready").await);
    advises(&rig.log(), 1);

    // Nothing has changed, so that nothing is said anew; a check says it all.
    let report = reload(&rig).await;
    advises(&report["warnings"].to_string(), 0);
    rig.hup().unwrap();
    let both = async || rig.log().matches("configuration reloaded").count() == 2;
    until("the second reload", both).await;
    advises(&rig.log(), 1);
    advises(&nudgectl(&rig, &check).await.out, 1);

    // Of a channel with other settings it is said again, and of the other one not.
    edit(&rig, "channels.d/oppo.toml", "category = \"IM\"\n", "");
    let report = reload(&rig).await;
    let warnings = report["warnings"].to_string();
    assert!(warnings.contains(WANTED[1].1), "{warnings}");
    assert!(!warnings.contains(WANTED[0].1), "{warnings}");
    // Put right, it is not said any more.
    edit(
        &rig,
        "channels.d/oppo.toml",
        "[settings]\n",
        "[settings]\nchannel_id = \"chat\"\n",
    );
    let report = reload(&rig).await;
    assert!(
        !report["warnings"].to_string().contains(WANTED[1].1),
        "{report:#}"
    );
    assert_eq!(advice(&rig, "oppo").await.as_array().map(Vec::len), None);
}

async fn advice(rig: &Rig, name: &str) -> Value {
    channel(rig, name).await["advice"].clone()
}

#[tokio::test]
async fn what_settings_cost_every_message_is_shown_with_the_channel() {
    let mut rig = poor().await;
    rig.launch().await.unwrap();

    let huawei = advice(&rig, "huawei").await;
    assert_eq!(text(&huawei[0], "key"), "launcher_activity", "{huawei:#}");
    let oppo = rig.client.get("/v1/channels/oppo").await.unwrap();
    let oppo = &oppo.expect(200)["advice"];
    assert_eq!(oppo.as_array().map(Vec::len), Some(1), "{oppo:#}");
    assert_eq!(text(&oppo[0], "key"), "channel_id", "{oppo:#}");
    assert!(text(&oppo[0], "text").contains("is missing"), "{oppo:#}");
    for command in [&["channel", "show", "oppo"][..], &["channel", "ls"]] {
        let told = nudgectl(&rig, command).await.out;
        assert!(told.contains("oppo: channel_id is missing"), "{told}");
    }
}

#[tokio::test]
async fn what_settings_cost_every_message_is_told_when_the_channel_is_added() {
    let rig = poor().await;
    let config = rig.home.config().display().to_string();
    // That another channel is broken hides nothing.
    rig.home.write_channel("bad", "driver = 5\n").unwrap();
    let account = ["--app-key", "a", "--master-secret", "b"];
    let command = [
        "channel", "add", "--config", &config, "phones", "--driver", "oppo",
    ];

    let added = nudgectl(&rig, &[&command[..], &account[..]].concat()).await;

    assert_eq!(added.code, Some(0), "{added:?}");
    let line = added.out.lines().find(|it| it.starts_with("warning: "));
    let line = line.unwrap_or_else(|| panic!("{added:?}"));
    assert!(line.contains("phones.toml"), "{line}");
    assert!(line.contains("channel_id: is missing"), "{line}");
    assert!(
        !added.out.contains("huawei"),
        "of this channel only: {added:?}"
    );
    let command = [&command[..4], &["complete", "--driver", "oppo"]].concat();
    let complete = [&command[..], &account, &["--channel-id", "chat"]].concat();
    let added = nudgectl(&rig, &complete).await;
    assert!(!added.out.contains("warning: "), "{added:?}");
    assert_eq!(json!(added.code), json!(0), "{added:?}");
}
