//! 75: what stands in a vendor's console is taken or explained, never refused bare.

use nudged_rig::vendor::{
    APNS, FCM, HARMONY, HONOR, HUAWEI, MEIZU, OPPO, TPNS, VENDORS, VIVO, XIAOMI,
};
use serde_json::Value;

use super::*;
use crate::world::{nudgectl, reload, reload_with};

/// Fields of the consoles that a server has no use for.
const UNNEEDED: [(Vendor, &[&str]); 8] = [
    (XIAOMI, &["app_id", "app_key"]),
    (OPPO, &["app_id", "app_secret"]),
    (MEIZU, &["app_key"]),
    (HONOR, &["app_secret"]),
    (
        HARMONY,
        &["app_id", "app_secret", "package_name", "project_id"],
    ),
    (FCM, &["server_key", "sender_id"]),
    (TPNS, &["access_key"]),
    (VIVO, &[]),
];

#[tokio::test]
async fn req_75_a_field_of_the_console_that_is_not_needed_is_taken_and_explained() {
    let rig = rig_edited(&VENDORS, |_, file| file).await;
    let config = rig.home.config().display().to_string();
    for (vendor, fields) in UNNEEDED {
        let good = channel_file(&rig, &vendor);
        // Also as the number that it is.
        for (field, value) in fields
            .iter()
            .zip(["\"worth-a-secret\"", "2882303761517"].iter().cycle())
        {
            let file = with_setting(&good, &format!("{field} = {value}"));
            rig.home.write_channel(vendor.channel, &file).unwrap();
            let ran = nudgectl(&rig, &["check", "--config", &config]).await;
            assert_eq!(ran.code, Some(0), "{field}: {ran:?}");
            let line = 1 + file
                .lines()
                .position(|line| line.starts_with(&format!("{field} = ")))
                .unwrap();
            let place = format!("{}.toml:{line}: {field}: is not needed", vendor.channel);
            assert_eq!(ran.out.matches(&place).count(), 1, "{place}: {}", ran.out);
            assert!(!ran.out.contains("worth-a-secret"), "{}", ran.out);
        }
        rig.home.write_channel(vendor.channel, &good).unwrap();
    }
    // What is told by a check is told by a reload, and the channel serves.
    let file = with_setting(&channel_file(&rig, &OPPO), "app_secret = \"of-the-phone\"");
    rig.home.write_channel(OPPO.channel, &file).unwrap();
    let report = reload_with(&rig, Value::Null).await;
    let warnings = report.expect(200)["warnings"].to_string();
    assert!(warnings.contains("app_secret: is not needed"), "{warnings}");
    send(&rig, &OPPO, hello()).await;
}

/// Other names of settings, with what they stand for.
const NAMES: [(Vendor, &[(&str, &str)]); 6] = [
    (
        HUAWEI,
        &[("app_id", "client_id"), ("app_secret", "client_secret")],
    ),
    (OPPO, &[("master_secret", "app_server_secret")]),
    (XIAOMI, &[("package", "package_name")]),
    (APNS, &[("topic", "bundle_id"), ("key", "p8")]),
    (MEIZU, &[]),
    (TPNS, &[]),
];

#[tokio::test]
async fn req_75_another_name_of_a_setting_is_taken_and_problems_name_it() {
    let rig = rig_edited(&VENDORS, |_, file| file).await;
    for (vendor, names) in NAMES {
        let good = channel_file(&rig, &vendor);
        let mut renamed = good.clone();
        for (key, name) in names {
            renamed = renamed.replace(&format!("\n{key} = "), &format!("\n{name} = "));
            // Both at once: which is meant?
            let both = with_setting(&good, &format!("{name} = \"another\""));
            rig.home.write_channel(vendor.channel, &both).unwrap();
            let told = complaint(&rig).await.expect("refused");
            let line = |of: &str| {
                let start = format!("{of} = ");
                1 + both.lines().position(|it| it.starts_with(&start)).unwrap()
            };
            let (one, other) = (key.min(name), key.max(name));
            let (at, place) = (line(other), line(one));
            let words = format!(":{at}: {other}: is another name for {one} in line {place}");
            assert!(told.contains(&words), "{words}: {told}");
            // What is wrong with the value is told of the name that stands there.
            let wrong = renamed
                .lines()
                .map(|line| match line.starts_with(&format!("{name} = ")) {
                    true => format!("{name} = 7\n"),
                    false => format!("{line}\n"),
                })
                .collect::<String>();
            rig.home.write_channel(vendor.channel, &wrong).unwrap();
            let told = complaint(&rig).await.expect("refused");
            assert!(told.contains(&format!(" {name}: must be a text")), "{told}");
        }
        rig.home.write_channel(vendor.channel, &renamed).unwrap();
        assert_eq!(complaint(&rig).await, None, "{}", vendor.title);
    }
    reload(&rig).await;
    for (vendor, _) in NAMES {
        send(&rig, &vendor, hello()).await;
    }
}

#[tokio::test]
async fn req_75_a_name_as_the_console_writes_it_is_put_right() {
    let rig = rig_edited(&[MEIZU, APNS], |_, file| file).await;
    let good = channel_file(&rig, &MEIZU);
    for (written, right) in [
        ("AppSecret", "app_secret"),
        ("app-id", "app_id"),
        ("AppKey", "app_key"),
    ] {
        let file = with_setting(&good, &format!("{written} = \"x\""));
        rig.home.write_channel(MEIZU.channel, &file).unwrap();
        let told = complaint(&rig).await.expect("refused");
        assert!(told.contains(&format!("(write it {right})")), "{told}");
    }
    rig.home.write_channel(MEIZU.channel, &good).unwrap();
    // Apple's profiles and Tencent's console say development.
    let file = with_setting(&channel_file(&rig, &APNS), "environment = \"development\"");
    rig.home.write_channel(APNS.channel, &file).unwrap();
    // It is the sandbox, and so another account for the channel's certificate id.
    let told = complaint(&rig).await.expect("refused");
    assert!(told.contains("com.example.chat/sandbox"), "{told}");
    let reloaded = nudgectl(&rig, &["reload", "--rebind", "1"]).await;
    assert_eq!(reloaded.code, Some(0), "{reloaded:?}");
}

#[tokio::test]
async fn req_75_the_command_line_knows_the_consoles_fields_too() {
    let rig = rig_edited(&[XIAOMI, HUAWEI, OPPO], |_, file| file).await;
    let config = rig.home.config().display().to_string();
    let add = async |arguments: &[&str]| {
        let command = ["channel", "add", "--config", config.as_str()];
        nudgectl(&rig, &[&command[..], arguments].concat()).await
    };
    #[rustfmt::skip]
    let huawei = add(&[
        "h2", "--driver", "huawei", "--client-id", "100000001", "--client-secret", "secret-of-h2",
    ]).await;
    assert_eq!(huawei.code, Some(0), "{huawei:?}");
    let written = std::fs::read_to_string(rig.home.channel_file("h2")).unwrap();
    assert!(written.contains("\napp_id = \"100000001\"\n"), "{written}");
    #[rustfmt::skip]
    let xiaomi = add(&[
        "x2", "--driver", "xiaomi", "--app-secret", "s", "--package-name", "com.example.x2",
        "--app-id", "2882303761517",
    ]).await;
    assert_eq!(xiaomi.code, Some(0), "{xiaomi:?}");
    assert!(xiaomi.out.contains("--app-id is not needed"), "{xiaomi:?}");
    let written = std::fs::read_to_string(rig.home.channel_file("x2")).unwrap();
    assert!(!written.contains("\napp_id"), "{written}");
    assert!(written.contains("# Not needed: app_id"), "{written}");
    let help = add(&["--driver", "oppo", "--help"]).await;
    for words in [
        "Not needed",
        "--app-server-secret",
        "AppSecret is for phones",
    ] {
        assert!(help.out.contains(words), "{words}: {}", help.out);
    }
}
