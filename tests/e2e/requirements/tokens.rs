//! What can be no token is told when it is reported, not when it is pushed; and one token is one
//! phone's, however it is written.

use nudged_rig::vendor::VIVO;
use nudged_rig::{APNS, FCM, Rig, XIAOMI};
use serde_json::{Value, json};

use crate::world::{devices, nudgectl, problem, rig, rig_of, taken_by, text, token};

const LOWER: &str = "aaaabbbbccccddddeeeeffff0000111122223333444455556666777788889999";

async fn phones() -> Rig {
    rig_of(&[APNS, FCM, VIVO, XIAOMI]).await
}

async fn put(rig: &Rig, user: &str, channel: &str, token: &str) -> nudged_rig::Reply {
    let path = format!("/v1/apps/default/users/{user}/devices/p");
    let report = json!({"channel": channel, "token": token});
    rig.client.put(&path, &report).await.unwrap()
}

fn to(users: &[&str]) -> Value {
    let to: Vec<Value> = users.iter().map(|user| json!({"user": user})).collect();
    json!({"to": to, "message": {"title": "Carol", "body": "hello"}})
}

/// What apps report in place of a token: as it comes, and what APNs is told instead.
const REPORTED: [(&str, &str, Option<&str>); 8] = [
    (
        "ios",
        "<b0bb0bb0 bb0bb0bb 0bb0bb0b b0bb0bb0 bb0bb0bb 0bb0bb0b b0bb0bb0 bb0bb0d1>",
        Some("b0bb0bb0bb0bb0bb0bb0bb0bb0bb0bb0bb0bb0bb0bb0bb0bb0bb0bb0bb0bb0d1"),
    ),
    (
        "ios",
        " b0bb0bb0bb0bb0bb0bb0bb0bb0bb0bb0bb0bb0bb0bb0bb0bb0bb0bb0bb0bb0d3",
        Some("b0bb0bb0bb0bb0bb0bb0bb0bb0bb0bb0bb0bb0bb0bb0bb0bb0bb0bb0bb0bb0d3"),
    ),
    ("ios", "null", None),
    ("ios", "sLuwq7C7C7sLuwq7C7sLuwq7C7sLuwq7C7sLuwq7C7s=", None),
    (
        "ios",
        "{length = 32, bytes = 0xb0bb0bb0 bb0bb0bb ... bb0bb0d8 }",
        None,
    ),
    ("android", "BLACKLISTED", None),
    ("xiaomi", "(null)", None),
    (
        "ios",
        "dEm0T0kenOfAlice:APA91bF_a-long-registration-token-of-another-vendor-0123456789",
        None,
    ),
];

#[tokio::test]
async fn a_token_that_can_be_none_is_refused_at_the_report() {
    let rig = phones().await;
    for (at, (channel, reported, form)) in REPORTED.iter().enumerate() {
        let user = format!("tk{at}");
        let reply = put(&rig, &user, channel, reported).await;
        match form {
            None => {
                let problem = problem(reply, 422, "invalid");
                assert_eq!(problem["field"], "token", "{problem:#}");
                assert!(!text(&problem, "detail").contains(reported), "{problem:#}");
                assert!(!problem.to_string().contains("change the notification"));
                assert_eq!(devices(&rig, &user).await.len(), 0);
            }
            Some(form) => {
                reply.expect(200);
                let event = rig.deliver(&to(&[&user])).await.unwrap();
                assert_eq!(event["outcome"], "accepted", "{event:#}");
                assert_eq!(taken_by(&rig, APNS).pop().unwrap().token, *form);
            }
        }
    }
}

#[tokio::test]
async fn an_import_refuses_the_lines_of_tokens_that_can_be_none() {
    let rig = phones().await;
    let mut body = String::new();
    for (at, (channel, token, _)) in REPORTED.iter().enumerate() {
        let user = format!("tk{at}");
        let line = json!({"user": user, "device": "p", "channel": channel, "token": token});
        body.push_str(&format!("{line}\n"));
    }
    let file = rig.home.path().join("devices.ndjson");
    std::fs::write(&file, body).unwrap();

    let ran = nudgectl(&rig, &["device", "import", file.to_str().unwrap()]).await;

    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.out.contains("registered 2 devices"), "{ran:?}");
    assert!(ran.err.contains("6 of 8 lines were refused"), "{ran:?}");
    let rejected = std::fs::read_to_string(file.with_extension("ndjson.rejected")).unwrap();
    let rejected: Vec<Value> = rejected
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let lines: Vec<u64> = rejected
        .iter()
        .map(|it| it["line"].as_u64().unwrap())
        .collect();
    assert_eq!(lines, [3, 4, 5, 6, 7, 8]);
    assert!(
        rejected.iter().all(|it| it["field"] == "token"),
        "{rejected:#?}"
    );
    let words = text(&rejected[1], "detail");
    assert!(
        words.contains("hexadecimal"),
        "the driver's own words: {words}"
    );
}

#[tokio::test]
async fn a_bare_token_that_can_be_none_is_refused_and_the_others_are_sent_in_their_form() {
    let rig = phones().await;
    let bare = |tokens: &[(&str, &str)]| {
        let bare = |(channel, token): &(&str, &str)| json!({"channel": channel, "token": token});
        let to: Vec<Value> = tokens.iter().map(bare).collect();
        json!({"to": to, "message": {"body": "hello"}})
    };
    let upper = LOWER.to_uppercase();
    let bad = bare(&[("ios", LOWER), ("android", FCM.token), ("ios", "no token")]);

    let told = problem(rig.client.send(&bad).await.unwrap(), 422, "invalid");

    assert_eq!(told["field"], "to[2].token", "{told:#}");
    assert!(text(&told, "detail").contains("hexadecimal"), "{told:#}");
    assert!(
        text(&told, "hint").contains("have the app report"),
        "{told:#}"
    );
    let preview = rig
        .client
        .post("/v1/notifications/preview", &bad)
        .await
        .unwrap();
    let told = problem(preview, 422, "invalid");
    assert_eq!(told["field"], "to[2].token", "{told:#}");

    let twice = bare(&[("android", FCM.token), ("ios", &upper), ("ios", LOWER)]);
    let id = rig.accept(&twice).await.unwrap();
    assert_eq!(rig.client.outcomes(&id, 2).await.unwrap().len(), 2);
    let taken = taken_by(&rig, APNS);
    assert_eq!(taken.len(), 1, "one phone is told once: {taken:#?}");
    assert_eq!(taken[0].token, LOWER);
}

#[tokio::test]
async fn one_token_in_two_cases_is_one_phone() {
    let rig = rig().await;
    put(&rig, "alice", "ios", LOWER).await.expect(200);

    let taken = put(&rig, "bob", "ios", &LOWER.to_uppercase())
        .await
        .expect(200);

    assert_eq!(taken["taken_from"], json!({"user": "alice", "device": "p"}));
    let id = rig.accept(&to(&["alice", "bob"])).await.unwrap();
    let ended = rig.client.outcomes(&id, 2).await.unwrap();
    let of = |user: &str| ended.iter().find(|it| it["user"] == user).unwrap()["outcome"].clone();
    assert_eq!(
        (of("alice"), of("bob")),
        (json!("suppressed"), json!("accepted"))
    );
    assert_eq!(
        taken_by(&rig, APNS).len(),
        1,
        "nobody reads what is alice's"
    );
}

#[tokio::test]
async fn two_device_ids_of_one_phone_get_one_message() {
    let rig = rig().await;
    rig.register("bob", "old", "ios", LOWER).await.unwrap();
    rig.register("bob", "new", "ios", &LOWER.to_uppercase())
        .await
        .unwrap();

    rig.deliver(&to(&["bob"])).await.unwrap();

    assert_eq!(taken_by(&rig, APNS).len(), 1);
    assert_eq!(text(&devices(&rig, "bob").await[0], "device"), "new");
}

/// A phone that reported its token twice, for alice and in capitals for bob, while nobody could be
/// asked for the form of it: as older versions wrote it down. The channel's file is whole again.
async fn reported_twice() -> Rig {
    let mut rig = rig().await;
    let file = rig.home.channel_file("ios");
    let whole = std::fs::read_to_string(&file).unwrap();
    let broken = whole.replace("topic = ", "# topic = ");
    assert_ne!(broken, whole);
    std::fs::write(&file, broken).unwrap();
    rig.restart().await.unwrap();
    put(&rig, "alice", "ios", LOWER).await.expect(200);
    put(&rig, "bob", "ios", &LOWER.to_uppercase())
        .await
        .expect(200);
    assert_eq!(devices(&rig, "alice").await.len(), 1);
    std::fs::write(&file, whole).unwrap();
    rig
}

async fn only_bob_has_it(rig: &Rig) {
    assert_eq!(
        devices(rig, "alice").await.len(),
        0,
        "bob reported it later"
    );
    let log = rig.log();
    assert!(log.contains("tokens are canonical now"), "{log}");
    let id = rig.accept(&to(&["alice", "bob"])).await.unwrap();
    rig.client.outcomes(&id, 2).await.unwrap();
    let taken = taken_by(rig, APNS);
    assert_eq!(taken.len(), 1, "{taken:#?}");
    assert_eq!(taken[0].token, LOWER);
}

#[tokio::test]
async fn a_channel_that_can_be_asked_again_forms_its_tokens_at_the_reload() {
    let rig = reported_twice().await;

    let reloaded = nudgectl(&rig, &["reload"]).await;

    assert_eq!(reloaded.code, Some(0), "{reloaded:?}");
    only_bob_has_it(&rig).await;
}

#[tokio::test]
async fn tokens_that_were_written_down_before_are_formed_at_the_start() {
    let mut rig = reported_twice().await;
    rig.kill9().await.unwrap();

    rig.launch().await.unwrap();

    only_bob_has_it(&rig).await;
    rig.restart().await.unwrap();
    assert_eq!(devices(&rig, "bob").await.len(), 1);
    let exported = nudgectl(&rig, &["device", "export", "-"]).await;
    assert!(exported.out.contains(LOWER), "{exported:?}");
}

/// Files that went through a spreadsheet or a dump: what is registered, what is refused with
/// which words.
#[tokio::test]
async fn what_a_spreadsheet_made_of_a_list_is_refused_line_by_line() {
    let rig = phones().await;
    let number = "12345678901234567890123";
    let csv = |channel: &str, cells: &[&str]| {
        let mut csv = "user,device,channel,token\r\n".to_owned();
        for (at, cell) in cells.iter().enumerate() {
            csv.push_str(&format!("v{at},p,{channel},{cell}\r\n"));
        }
        csv
    };
    let formula = format!("\"=\"\"{number}\"\"\"");
    let point = format!("{number}.0");
    for (channel, cells, words) in [
        ("vivo", vec!["1.23457E+22"; 3], "spreadsheet rounded"),
        (
            "vivo",
            vec!["12345678901234500000000"],
            "spreadsheet rounded",
        ),
        (
            "vivo",
            vec![&point, "\"12,345,678,901\""],
            "took for a number",
        ),
        ("vivo", vec![&formula], "formula"),
        ("vivo", vec!["'12345678901234567890123"], "quote"),
        ("vivo", vec!["#N/A"], "cannot make out"),
        ("vivo", vec!["12345678901234567890123\u{a0}"], "U+00A0"),
        (
            "ios",
            vec!["NULL", "\\N", "(null)", "undefined", "nil"],
            "word for nothing",
        ),
    ] {
        let file = rig.home.path().join("list.csv");
        std::fs::write(&file, csv(channel, &cells)).unwrap();

        let ran = nudgectl(&rig, &["device", "import", file.to_str().unwrap()]).await;

        assert_eq!(ran.code, Some(1), "{cells:?}: {ran:?}");
        assert!(
            ran.out.contains("registered 0 devices"),
            "{cells:?}: {ran:?}"
        );
        let rejected = std::fs::read_to_string(file.with_extension("csv.rejected")).unwrap();
        let lines: Vec<Value> = rejected
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(lines.len(), cells.len(), "{rejected}");
        for (at, line) in lines.iter().enumerate() {
            assert_eq!(line["line"], at + 2, "{line:#}");
            assert_eq!(line["field"], "token", "{line:#}");
            assert!(text(line, "detail").contains(words), "{line:#}");
        }
    }
    let users = "user,device,channel,token\n1.38001E+10,p,vivo,12345678901234567890123\n";
    let file = rig.home.path().join("users.csv");
    std::fs::write(&file, users).unwrap();
    let ran = nudgectl(&rig, &["device", "import", file.to_str().unwrap()]).await;
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let rejected = std::fs::read_to_string(file.with_extension("csv.rejected")).unwrap();
    assert!(
        rejected.contains("\"user\"") && rejected.contains("rounded"),
        "{rejected}"
    );
}

#[tokio::test]
async fn semicolons_and_tabs_part_columns_too() {
    let rig = rig().await;
    for (at, between) in [';', '\t', ','].into_iter().enumerate() {
        let csv = format!(
            "\u{feff}user;device;channel;token\r\nanna;p{at};ios;{}\r\n",
            token(at as u64 + 1)
        );
        let file = rig.home.path().join(format!("list{at}.csv"));
        std::fs::write(&file, csv.replace(';', &between.to_string())).unwrap();
        let ran = nudgectl(&rig, &["device", "import", file.to_str().unwrap()]).await;
        assert_eq!(ran.code, Some(0), "{between:?}: {ran:?}");
    }
    assert_eq!(devices(&rig, "anna").await.len(), 3);
}

#[tokio::test]
async fn a_json_array_is_refused_whole() {
    let rig = rig().await;
    let line = |user: &str, n| {
        json!({"user": user, "device": "p", "channel": "ios", "token": token(n)}).to_string()
    };
    let array = format!("[\n {},\n {}\n]\n", line("anna", 1), line("bert", 2));
    let file = rig.home.path().join("array.json");
    std::fs::write(&file, &array).unwrap();

    let ran = nudgectl(&rig, &["device", "import", file.to_str().unwrap()]).await;

    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.err.contains("JSON array"), "{ran:?}");
    let answers = rig
        .client
        .post_lines("/v1/devices/import", array)
        .await
        .unwrap();
    assert_eq!(answers.len(), 1, "{answers:#?}");
    assert_eq!(answers[0]["problem"]["code"], "bad_request");
    assert_eq!(devices(&rig, "bert").await.len(), 0);
}

/// A certificate that got a new id: for a while there are two channels of one account.
#[tokio::test]
async fn one_phone_is_one_users_whichever_channel_of_its_account_reported_it() {
    let rig = phones().await;
    put(&rig, "ann", "ios", LOWER).await.expect(200);
    let old = std::fs::read_to_string(rig.home.channel_file("ios")).unwrap();
    let id = old.lines().find(|line| line.starts_with("certificate_id"));
    let new = old.replace(id.expect("an id"), "certificate_id = 91");
    rig.home.write_channel("ios-new", &new).unwrap();
    let all = json!({});
    let reloaded = rig.client.post("/v1/reload", &all).await;
    reloaded.unwrap().expect(200);

    let reported = put(&rig, "bob", "ios-new", LOWER).await.expect(200);

    assert_eq!(reported["taken_from"]["user"], "ann", "{reported:#}");
    assert_eq!(devices(&rig, "ann").await, [json!(null); 0]);
    // Ann's ends with its admission.
    rig.client.send(&to(&["ann"])).await.unwrap().expect(202);
    let sent = rig.client.send(&to(&["bob"])).await.unwrap().expect(202);
    rig.client.outcomes(text(&sent, "id"), 1).await.unwrap();
    assert_eq!(taken_by(&rig, APNS).len(), 1, "{:#?}", taken_by(&rig, APNS));
}
