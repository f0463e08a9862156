//! The start: a configuration that is wrong is refused with its places, a second daemon keeps
//! its hands off the first, and a good start ends in ready.

use std::path::Path;

use nudged_rig::{BASICS, Rig, RigOptions};
use serde_json::{Value, json};

use super::{nudged, with_settings};
use crate::world::{channel, prepared, rig, run, text, to_token};

#[tokio::test]
async fn an_unknown_key_is_refused_with_file_and_line() {
    let rig = prepared(with_settings(|it| it.more = "colour = \"red\"\n".into())).await;
    let line = line_of(&rig.home.config(), "colour");

    for arguments in [&[][..], &["--check"]] {
        let ran = nudged(&rig, arguments).await;

        assert_eq!(ran.code, Some(78), "{ran:?}");
        let words = format!("nudged.toml:{line}: unknown field `colour`");
        assert!(ran.err.contains(&words), "{ran:?}");
        assert!(!rig.home.socket().exists());
    }
}

#[tokio::test]
async fn everything_that_is_wrong_is_told_at_once() {
    let rig = prepared(RigOptions::default()).await;
    for (name, text) in [
        ("a", "driver = \"apns\"\ncertificate_id = \"one\"\n"),
        (
            "b",
            "driver = \"fcm\"\ncertificate_id = 12\n[settings]\nkeys = 1\n",
        ),
        ("c", "certificate_id 13\n"),
    ] {
        rig.home.write_channel(name, text).unwrap();
    }
    let files = nudged(&rig, &["--check"]).await;
    for broken in ["a", "c"] {
        rig.home.remove_channel(broken).unwrap();
    }
    let settings = nudged(&rig, &["--check"]).await;

    assert_eq!((files.code, settings.code), (Some(78), Some(78)));
    for words in ["a.toml:2:", "c.toml:1:"] {
        assert!(files.err.contains(words), "{words}: {}", files.err);
    }
    for words in [
        "b.toml:4: keys: the fcm driver has no such setting",
        "b.toml:3: service_account: is missing",
    ] {
        assert!(settings.err.contains(words), "{words}: {}", settings.err);
    }
}

#[tokio::test]
async fn two_channels_with_one_certificate_id_are_both_broken() {
    let mut rig = prepared(RigOptions::default()).await;
    let file = rig.home.path().join("channels.d/ios.toml");
    let text = std::fs::read_to_string(file).unwrap();
    rig.home.write_channel("again", &text).unwrap();

    let ran = nudged(&rig, &["--check"]).await;
    rig.launch().await.unwrap();

    assert_eq!(ran.code, Some(78), "{ran:?}");
    for (name, other) in [("ios", "again"), ("again", "ios")] {
        let words = format!("{name}.toml:2: certificate_id: 1 is the certificate id of");
        assert!(ran.err.contains(&words), "{}", ran.err);
        assert!(rig.log_view().unwrap().wait_for(&words).await);
        let row = channel(&rig, name).await;
        assert_eq!(row["state"], "broken", "{row:#}");
        assert!(
            row["problems"]
                .to_string()
                .contains(&format!("{other}.toml"))
        );
    }
    assert_eq!(channel(&rig, "android").await["state"], "running");
}

#[tokio::test]
async fn a_good_configuration_passes_the_check_and_starts_nothing() {
    let rig = prepared(RigOptions::default()).await;

    let ran = nudged(&rig, &["--check"]).await;

    assert_eq!(ran.code, Some(0), "{ran:?}");
    for vendor in BASICS {
        let words = format!("channel {}: app default", vendor.channel);
        assert!(ran.out.contains(&words), "{}", ran.out);
    }
    assert_eq!(ran.err, "");
    assert!(!rig.home.socket().exists());
    assert_eq!(std::fs::read_dir(data(&rig)).unwrap().count(), 0);
}

#[tokio::test]
async fn a_configuration_that_is_not_there_is_said_so() {
    let rig = prepared(RigOptions::default()).await;
    std::fs::remove_file(rig.home.config()).unwrap();

    let ran = nudged(&rig, &[]).await;

    assert_eq!(ran.code, Some(78), "{ran:?}");
    assert!(ran.err.contains("nudged.toml: cannot read"), "{}", ran.err);
}

#[tokio::test]
async fn wrong_use_has_an_exit_code_of_its_own() {
    let rig = prepared(RigOptions::default()).await;

    let ran = run(&rig.artifacts.nudged, &["--frobnicate"], "").await;

    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.err.contains("--frobnicate"), "{}", ran.err);
}

#[tokio::test]
async fn a_second_daemon_on_the_same_data_is_refused_and_the_first_serves_on() {
    let rig = rig().await;

    let ran = nudged(&rig, &[]).await;

    assert_eq!(ran.code, Some(1), "{ran:?}");
    let data = data(&rig);
    for words in ["cannot start", data.to_str().unwrap(), "another nudged"] {
        assert!(ran.err.contains(words), "{words}: {}", ran.err);
    }
    let event = rig.deliver(&to_token(1, "still here")).await.unwrap();
    assert_eq!(event["outcome"], "accepted");
}

#[tokio::test]
async fn a_second_daemon_on_the_same_socket_is_refused_and_the_first_serves_on() {
    let rig = rig().await;
    let other = rig.home.path().join("other-data");
    let config = std::fs::read_to_string(rig.home.config()).unwrap();
    let config = config.replace(data(&rig).to_str().unwrap(), other.to_str().unwrap());
    rig.home.write("nudged.toml", config).unwrap();

    let ran = nudged(&rig, &[]).await;

    assert_eq!(ran.code, Some(1), "{ran:?}");
    let words = "nudged.sock: another daemon is listening";
    assert!(ran.err.contains(words), "{}", ran.err);
    let event = rig.deliver(&to_token(1, "still here")).await.unwrap();
    assert_eq!(event["outcome"], "accepted");
}

#[tokio::test]
async fn what_is_no_socket_is_left_alone() {
    let rig = prepared(RigOptions::default()).await;
    std::fs::write(rig.home.socket(), "precious").unwrap();

    let ran = nudged(&rig, &[]).await;

    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.err.contains("is no socket"), "{}", ran.err);
    let left = std::fs::read_to_string(rig.home.socket()).unwrap();
    assert_eq!(left, "precious");
}

#[tokio::test]
async fn callers_are_told_that_it_is_ready() {
    let rig = rig().await;

    let health = rig.client.get("/v1/health").await.unwrap().expect(200);

    assert_eq!(health["status"], "ready");
    assert!(!text(&health, "version").is_empty());
    let status = rig.client.get("/v1/status").await.unwrap().expect(200);
    assert_eq!(status["pid"], json!(rig.daemon().unwrap().pid()));
    assert_eq!(status["last_reload"], Value::Null);
}

fn data(rig: &Rig) -> std::path::PathBuf {
    rig.home.path().join("data")
}

fn line_of(file: &Path, key: &str) -> usize {
    let text = std::fs::read_to_string(file).unwrap();
    1 + text.lines().position(|it| it.starts_with(key)).unwrap()
}
