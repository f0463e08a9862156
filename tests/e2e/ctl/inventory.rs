//! What there is: devices, which can be put and removed too, channels, drivers and the status,
//! as a table for people and as JSON for programs.

use nudged_rig::{APNS, FCM};

use super::{parsed, said};
use crate::world::{nudgectl, reload, rig};

#[tokio::test]
async fn devices_are_put_listed_and_removed() {
    let rig = rig().await;
    let put = |user: &'static str| {
        let to = ["device", "put", user, "phone", "--token", APNS.token];
        [&to[..], &["--channel", "ios"]].concat()
    };

    let told = said(nudgectl(&rig, &put("bob")).await, 0);
    assert!(told.contains("registered bob/phone on ios"), "{told}");
    let told = said(nudgectl(&rig, &put("alice")).await, 0);
    assert!(told.contains("the token was bob/phone's"), "{told}");
    let by_number = ["device", "put", "alice", "pixel", "--certificate-id", "2"];
    let by_number = [&by_number[..], &["--token", FCM.token]].concat();
    said(nudgectl(&rig, &by_number).await, 0);

    let table = said(nudgectl(&rig, &["device", "ls", "alice"]).await, 0);
    for word in ["phone", "ios", "pixel", "android", "b0bb…b0b1"] {
        assert!(table.contains(word), "{word}: {table}");
    }
    assert!(!table.contains(APNS.token) && !table.contains(FCM.token));
    said(nudgectl(&rig, &["device", "rm", "alice", "phone"]).await, 0);
    let words = said(nudgectl(&rig, &["device", "rm", "alice", "phone"]).await, 1);
    assert!(words.contains("alice has no device \"phone\""), "{words}");
    let list = parsed(
        nudgectl(&rig, &["--json", "device", "ls", "alice"]).await,
        0,
    );
    assert_eq!(list["devices"].as_array().unwrap().len(), 1);
    let none = said(nudgectl(&rig, &["device", "ls", "bob"]).await, 0);
    assert!(none.contains("bob has not registered any"), "{none}");
}

#[tokio::test]
async fn names_of_devices_may_be_odd() {
    let rig = rig().await;
    let (user, device) = ("a/b?c#d%e ü", "../phone");
    let to = ["device", "put", user, device, "--token", APNS.token];
    said(
        nudgectl(&rig, &[&to[..], &["--channel", "ios"]].concat()).await,
        0,
    );

    let send = [
        "send", "--user", user, "--device", device, "--body", "x", "--wait",
    ];
    said(nudgectl(&rig, &send).await, 0);

    let list = parsed(nudgectl(&rig, &["--json", "device", "ls", user]).await, 0);
    assert_eq!(list["devices"][0]["device"], device);
    said(nudgectl(&rig, &["device", "rm", user, device]).await, 0);
}

#[tokio::test]
async fn everything_can_be_seen_as_a_table_and_as_json() {
    let rig = rig().await;
    std::fs::write(rig.home.drivers().join("broken.so"), "text").unwrap();
    reload(&rig).await;

    for (arguments, words) in [
        (&["channel", "ls"][..], &["android", "ios", "running"][..]),
        (&["driver", "ls"], &["apns", "fcm", "refused: "]),
        (&["status"], &["2 channels", "ready"]),
    ] {
        let table = said(nudgectl(&rig, arguments).await, 0);
        for word in words {
            assert!(table.contains(word), "{arguments:?}: {table}");
        }
    }
    for (arguments, path) in [
        (&["channel", "ls", "--json"][..], "/v1/channels"),
        (&["driver", "ls", "--json"], "/v1/drivers"),
    ] {
        let value = parsed(nudgectl(&rig, arguments).await, 0);
        assert_eq!(value, rig.client.get(path).await.unwrap().expect(200));
    }
    let status = parsed(nudgectl(&rig, &["status", "--json"]).await, 0);
    assert_eq!(status["pid"], rig.daemon().unwrap().pid());
}

#[tokio::test]
async fn a_driver_shows_a_channel_file_that_explains_itself() {
    let rig = rig().await;

    let file = said(nudgectl(&rig, &["driver", "show", "apns"]).await, 0);

    for words in ["driver = \"apns\"", "certificate_id", "team_id", "topic"] {
        assert!(file.contains(words), "{words}: {file}");
    }
    let driver = parsed(
        nudgectl(&rig, &["driver", "show", "fcm", "--json"]).await,
        0,
    );
    assert_eq!(driver["vendor"], "fcm");
    let words = said(nudgectl(&rig, &["driver", "show", "nokia"]).await, 1);
    assert!(
        words.contains("no driver nokia; there are: apns, fcm"),
        "{words}"
    );
}
