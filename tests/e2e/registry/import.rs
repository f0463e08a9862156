//! Devices by the thousand: into the daemon, and out again.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use flate2::Compression;
use flate2::write::GzEncoder;
use nudged_rig::{Rig, RigOptions};
use serde_json::{Value, json};
use tokio::process::Command;

use crate::world::{
    devices, nudgectl, nudgectl_reading, percent_encoded, prepared, problem, rig, text, token,
    until,
};

#[tokio::test]
async fn lines_are_imported_and_the_bad_ones_named() {
    let rig = rig().await;
    rig.register("eve", "phone", "ios", &token(3))
        .await
        .unwrap();
    let lines = [
        json!({"user": "bob", "device": "phone", "channel": "ios", "token": token(1), "language": "de"}),
        json!({"user": "bob", "device": "pad", "certificate_id": 1, "token": token(2), "app": ""}),
        json!({"user": "bob", "device": "mini", "certificate_id": 77, "token": "t"}),
        json!({"user": "bob", "device": "mini", "token": "t"}),
        json!({"user": "", "device": "mini", "channel": "ios", "token": "t"}),
        json!({"user": "bob", "channel": "ios", "token": "t"}),
        json!({"user": "ann", "device": "phone", "channel": "ios", "token": token(3)}),
        json!({"user": "off", "device": "phone", "state": "kicked"}),
        // In the same transaction as the line before it.
        json!({"user": "off", "device": "phone", "channel": "ios", "token": token(4)}),
        json!({"user": "joe", "device": "phone", "channel": "ios", "token": token(5), "unread": 7}),
    ];
    let mut body = String::from("\n");
    for line in &lines {
        body.push_str(&format!("{line}\n"));
    }
    body.push_str("nonsense");

    let answers = rig
        .client
        .post_lines("/v1/devices/import", body)
        .await
        .unwrap();

    let sum = |member: &str| -> u64 { answers.iter().filter_map(|it| it[member].as_u64()).sum() };
    assert_eq!((sum("accepted"), sum("taken")), (5, 1), "{answers:#?}");
    assert_eq!(answers.last().unwrap()["through"], 12);
    let refused: Vec<&Value> = answers
        .iter()
        .filter_map(|it| it["refused"].as_array())
        .flatten()
        .collect();
    let told: Vec<_> = refused
        .iter()
        .map(|it| {
            (
                it["line"].as_u64().unwrap(),
                text(it, "code"),
                text(it, "field"),
            )
        })
        .collect();
    let expected = [
        (4, "invalid", "certificate_id"),
        (5, "invalid", "channel"),
        (6, "invalid", "user"),
        (7, "bad_request", ""),
        (10, "not_logged_in", ""),
        (12, "bad_request", ""),
    ];
    assert_eq!(told, expected, "{refused:#?}");
    assert!(text(refused[0], "detail").contains("ios (certificate id 1)"));
    assert_eq!(devices(&rig, "bob").await.len(), 2);
    assert_eq!(devices(&rig, "eve").await.len(), 0);
    assert_eq!(devices(&rig, "off").await[0]["state"], "kicked");
    assert_eq!(devices(&rig, "joe").await[0]["unread"], 7);
}

#[tokio::test]
async fn an_import_is_a_stream_of_lines() {
    let rig = rig().await;
    let reply = rig
        .client
        .post("/v1/devices/import", &json!({"user": "bob"}))
        .await
        .unwrap();
    problem(reply, 415, "unsupported_media_type");
    let none = rig.client.post_lines("/v1/devices/import", "\n\n").await;
    assert_eq!(none.unwrap(), Vec::<Value>::new());
}

#[tokio::test]
async fn an_import_ends_where_the_disk_is_full() {
    let mut rig = prepared(RigOptions::default()).await;
    let config = std::fs::read_to_string(rig.home.config()).unwrap();
    let full = config.replace("[store]\n", "[store]\nmin_free_mib = 1000000000\n");
    rig.home.write("nudged.toml", full).unwrap();
    rig.launch().await.unwrap();
    let line = json!({"user": "bob", "device": "phone", "channel": "ios", "token": token(1)});

    let answers = rig
        .client
        .post_lines("/v1/devices/import", format!("{line}\n").repeat(3000))
        .await
        .unwrap();

    assert_eq!(answers.len(), 1, "{answers:#?}");
    assert_eq!(answers[0]["problem"]["code"], "storage_full");
    assert_eq!(answers[0]["through"], 0);
    let file = write(&rig, "bob.ndjson", format!("{line}\n").as_bytes());
    let ran = nudgectl(&rig, &["device", "import", &file]).await;
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.err.contains("too little room"), "{ran:?}");
}

#[tokio::test]
async fn csv_is_imported_packed_or_not() {
    let rig = rig().await;
    let csv = |n: u64| {
        let (one, two) = (token(n), token(n + 1));
        format!(
            "user,device,channel,token,platform,unread\n\
             bob,phone,ios,{one},\"ios, 26\",3\n\
             \"a \"\"b\"\"\",phone,ios,{two},,\n"
        )
    };
    let plain = write(&rig, "devices.csv", csv(1).as_bytes());
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(csv(3).as_bytes()).unwrap();
    let packed = write(&rig, "devices", &packed.finish().unwrap());

    for (file, first) in [(&plain, 1), (&packed, 3)] {
        let ran = nudgectl(&rig, &["device", "import", file]).await;
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert!(ran.out.contains("registered 2 devices"), "{ran:?}");
        let bob = devices(&rig, "bob").await;
        assert_eq!(bob[0]["platform"], "ios, 26");
        assert_eq!(bob[0]["unread"], 3);
        assert_eq!(devices(&rig, "a \"b\"").await.len(), 1);
        let out = exported(&rig).await;
        assert!(out.contains(&token(first)) && out.contains(&token(first + 1)));
        assert!(!Path::new(&format!("{file}.progress")).exists());
        assert!(!Path::new(&format!("{file}.rejected")).exists());
    }
    let stdin = nudgectl_reading(&rig, &["device", "import", "-"], &csv(5)).await;
    assert_eq!(stdin.code, Some(0), "{stdin:?}");
}

#[tokio::test]
async fn refused_lines_are_left_beside_the_file() {
    let rig = rig().await;
    let csv = format!(
        "user,device,channel,token\n\
         bob,phone,ios,{}\n\
         bob,pad,huawei,t\n\
         bob,mini\n\
         ann,phone,ios,{}\n",
        token(1),
        token(2)
    );
    let file = write(&rig, "some.csv", csv.as_bytes());

    let ran = nudgectl(&rig, &["device", "import", &file]).await;

    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.out.contains("registered 2 devices"), "{ran:?}");
    assert!(ran.err.contains("2 of 4 lines were refused"), "{ran:?}");
    assert!(ran.err.contains("some.csv.rejected"), "{ran:?}");
    let rejected = std::fs::read_to_string(format!("{file}.rejected")).unwrap();
    let rejected: Vec<Value> = rejected
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(rejected.len(), 2, "{rejected:#?}");
    assert_eq!(rejected[0]["line"], 3);
    assert_eq!(rejected[0]["field"], "channel");
    assert_eq!(rejected[0]["was"]["device"], "pad");
    assert_eq!(rejected[1]["line"], 4);
    // Standard input has no file beside it.
    let ran = nudgectl_reading(&rig, &["device", "import", "-"], &csv).await;
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.err.contains("line 3: there is no channel"), "{ran:?}");
    for (name, content, words) in [
        ("no.csv", "user,device,tokne\n", "tokne"),
        ("cut.gz", "\x1f\u{8b}", "cut.gz"),
    ] {
        let content: Vec<u8> = content.chars().map(|c| c as u8).collect();
        let file = write(&rig, name, &content);
        let ran = nudgectl(&rig, &["device", "import", &file]).await;
        assert_eq!(ran.code, Some(2), "{ran:?}");
        assert!(ran.err.contains(words), "{ran:?}");
    }
}

#[tokio::test]
async fn an_import_that_broke_off_goes_on_where_it_was() {
    let rig = rig().await;
    // Enough to be killed in the middle, and no more than a busy machine imports in time.
    const LINES: u64 = 30_000;
    let mut csv = String::from("user,device,channel,token\n");
    for n in 0..LINES {
        let channel = if n == 1 { "huawei" } else { "ios" };
        csv.push_str(&format!("user{n},phone,{channel},{}\n", token(n)));
    }
    let file = write(&rig, "many.csv", csv.as_bytes());
    let progress = PathBuf::from(format!("{file}.progress"));
    let mut first = Command::new(&rig.artifacts.nudgectl)
        .args(["--socket", rig.home.socket().to_str().unwrap()])
        .args(["device", "import", &file])
        .stderr(Stdio::null())
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    until("the first progress", async || progress.exists()).await;
    first.kill().await.unwrap();
    let left: Value = serde_json::from_slice(&std::fs::read(&progress).unwrap()).unwrap();
    let line = left["line"].as_u64().unwrap();
    assert!(line > 1 && line < LINES, "{left:#}");

    let ran = nudgectl(&rig, &["device", "import", &file]).await;

    assert_eq!(ran.code, Some(1), "one line is bad: {ran:?}");
    assert!(
        ran.err.contains(&format!("going on after line {line} of")),
        "{ran:?}"
    );
    let registered = format!("registered {} devices", LINES - 1);
    assert!(ran.out.contains(&registered), "{ran:?}");
    assert!(!progress.exists());
    let rejected = std::fs::read_to_string(format!("{file}.rejected")).unwrap();
    assert_eq!(rejected.lines().count(), 1, "{rejected}");
    assert_eq!(exported(&rig).await.lines().count() as u64, LINES - 1);
}

#[tokio::test]
async fn what_is_exported_can_be_imported() {
    let from = rig().await;
    for (n, (user, device, state)) in (1..).zip([
        ("bob", "phone", None),
        (
            "bob",
            " pad ",
            Some(json!({"state": "background", "unread": 4})),
        ),
        ("ann,\"x\"", "用户", Some(json!({"state": "logged_out"}))),
        ("joe", "off", Some(json!({"state": "foreground"}))),
    ]) {
        let line = json!({
            "user": user, "device": device, "channel": "ios", "token": token(n),
            "platform": "ios 26", "language": "zh-Hans",
        });
        let import = format!("{line}\n");
        from.client
            .post_lines("/v1/devices/import", import)
            .await
            .unwrap();
        if let Some(state) = state {
            let path = format!(
                "/v1/apps/default/users/{}/devices/{}/state",
                percent_encoded(user),
                percent_encoded(device)
            );
            from.client.put(&path, &state).await.unwrap().expect(200);
        }
    }
    let off = "/v1/apps/default/users/joe/devices/off";
    from.client.put(off, &json!({})).await.unwrap().expect(200);
    let before = exported(&from).await;
    assert_eq!(before.lines().count(), 4, "{before}");

    for name in ["all.csv", "all.ndjson.gz"] {
        let to = rig().await;
        let file = to.home.path().join(name);
        let file = file.to_str().unwrap();
        let ran = nudgectl(&from, &["device", "export", file]).await;
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert!(ran.out.contains("wrote 4 devices to"), "{ran:?}");
        let ran = nudgectl(&to, &["device", "import", file]).await;
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert_eq!(exported(&to).await, before, "{name}");
    }
    let ran = nudgectl(&from, &["device", "export", "-"]).await;
    assert_eq!(ran.out, before);
    let none = from.client.get_lines("/v1/devices/export?app=other").await;
    assert_eq!(none.unwrap(), Vec::<Value>::new());
    let reply = from.client.get("/v1/devices/export?ap=x").await.unwrap();
    problem(reply, 400, "bad_request");
}

async fn exported(rig: &Rig) -> String {
    let ran = nudgectl(rig, &["device", "export", "-"]).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    ran.out
}

fn write(rig: &Rig, name: &str, content: &[u8]) -> String {
    let file = rig.home.path().join(name);
    std::fs::write(&file, content).unwrap();
    file.to_str().unwrap().to_owned()
}
