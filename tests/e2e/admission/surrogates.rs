//! Half an emoji, as JavaScript cuts texts, and a byte order mark, at every door: they cost no
//! message, no device and no setting.

use http::Method;
use nudged_rig::vendor::APNS_TOPIC;
use nudged_rig::{APNS, Rig};
use serde_json::{Value, json};

use crate::world::{only_taken, problem, rig, run, taken_by, text, token};

/// What stands in the JSON, and what is read of it.
const HALF: &str = r"cut \ud83d";
const MENDED: &str = "cut \u{fffd}";

#[tokio::test]
async fn half_an_emoji_anywhere_in_a_line_of_a_stream_costs_no_message() {
    let rig = rig().await;
    let to = |n| format!(r#""to":[{{"channel":"ios","token":"{}"}}]"#, token(n));
    let activity = format!(
        r#"{{"event":"start","content_state":{{"score":"{HALF}","{HALF}":1}},"attributes_type":"Match","attributes":{{"home":"{HALF}"}}}}"#
    );
    let lines = [
        format!("\u{feff}{{{},\"message\":{{\"body\":\"{HALF}\"}}}}", to(1)),
        format!(
            r#"{{{},"message":{{"body":"b"}},"options":{{"apns":{{"custom":{{"{HALF}":"{HALF}"}}}}}}}}"#,
            to(2)
        ),
        format!(
            r#"{{{},"message":{{"kind":"live_activity","title":"t","body":"b","live_activity":{activity}}}}}"#,
            to(3)
        ),
        format!(r#"{{{},"message":{{"bodi":"{HALF}"}}}}"#, to(4)),
        format!(r#"{{{},"message":{{"body":"b","ext":"{HALF}"}}}}"#, to(5)),
    ];

    let topic = format!("{APNS_TOPIC}.push-type.liveactivity");
    rig.simulator.apns().bind_token(&token(3), &topic);

    let answers = rig.client.send_lines(&lines).await.unwrap();

    for at in [0, 1, 2, 4] {
        let events = rig
            .client
            .outcomes(text(&answers[at], "id"), 1)
            .await
            .unwrap();
        assert_eq!(events[0]["outcome"], "accepted", "{at}: {events:#?}");
    }
    let refused = &answers[3]["problem"];
    assert_eq!(
        (&refused["line"], &refused["code"]),
        (&json!(4), &json!("bad_request"))
    );
    assert!(text(refused, "detail").contains("bodi"), "{refused:#}");
    let taken = taken_by(&rig, APNS);
    let body = |n| {
        let token = token(n);
        let found = taken.iter().find(|it| it.token == token);
        found
            .unwrap_or_else(|| panic!("{n}: {taken:#?}"))
            .body
            .clone()
    };
    assert_eq!(body(1).pointer("/aps/alert/body"), Some(&json!(MENDED)));
    assert_eq!(body(2)[MENDED], MENDED);
    let aps = &body(3)["aps"];
    assert_eq!(aps["content-state"], json!({"score": MENDED, MENDED: 1}));
    assert_eq!(aps["attributes"], json!({"home": MENDED}));
    assert_eq!(body(5)["ext"], MENDED);
}

async fn put(rig: &Rig, path: &str, body: String) -> Value {
    let put = rig.client.raw(Method::PUT, path, "application/json", body);
    put.await.unwrap().expect(200)
}

#[tokio::test]
async fn half_an_emoji_costs_no_device_no_setting_and_no_call() {
    let rig = rig().await;
    let user = "/v1/apps/default/users/bob";
    let report = |n| {
        format!(
            r#"{{"channel":"ios","token":"{}","app_version":"{HALF}"}}"#,
            token(n)
        )
    };

    let device = put(&rig, &format!("{user}/devices/phone"), report(1)).await;

    assert_eq!(device["app_version"], MENDED);
    let line = format!(r#"{{"user":"ann","device":"phone",{}"#, &report(2)[1..]);
    let lines = format!("\u{feff}{line}\n{line}\n");
    let answers = rig.client.post_lines("/v1/devices/import", lines).await;
    for answer in answers.unwrap() {
        assert_eq!(answer.get("problem"), None, "{answer:#}");
    }
    let sound = format!(r#"{{"c2c_sound":"{HALF}"}}"#);
    let settings = format!("{user}/settings");
    let put = put(&rig, &settings, sound.clone()).await;
    assert_eq!(put["c2c_sound"], MENDED);
    let patch = rig
        .client
        .raw(Method::PATCH, &settings, "application/json", sound);
    assert_eq!(patch.await.unwrap().expect(200), put);
    // Of a name it would make two groups one.
    let muted = format!(r#"{{"do_not_disturb":{{"group:{HALF}":2}}}}"#);
    let refused = rig
        .client
        .raw(Method::PUT, &settings, "application/json", muted);
    problem(refused.await.unwrap(), 422, "invalid");

    // The ext of a chat server's call, which may be an object, and goes to the app as its text.
    let call = format!(
        r#"{{"From_Account":"a","To_Account":"bob","MsgRandom":2,
            "MsgBody":[{{"MsgType":"TIMTextElem","MsgContent":{{"Text":"{HALF}"}}}}],
            "OfflinePushInfo":{{"Ext":{{"room":"{HALF}"}}}}}}"#
    );
    let path = "/v1/im/messages?call=sendmsg";
    let reply = rig.client.raw(Method::POST, path, "application/json", call);
    let id = text(&reply.await.unwrap().expect(202), "id").to_owned();
    rig.client.outcomes(&id, 1).await.unwrap();
    let body = only_taken(&rig, APNS).body;
    assert_eq!(body.pointer("/aps/alert/body"), Some(&json!(MENDED)));
    let ext: Value = serde_json::from_str(text(&body, "ext")).expect("the text of an object");
    assert_eq!(ext, json!({"room": MENDED}));
}

#[tokio::test]
async fn half_an_emoji_in_nudgectls_files_costs_nothing() {
    let rig = rig().await;
    let socket = rig.home.socket();
    let ctl = async |arguments: &[&str], input: &str| {
        let socket = ["--socket", socket.to_str().unwrap()];
        let arguments = [&socket, arguments].concat();
        let ran = run(&rig.artifacts.nudgectl, &arguments, input).await;
        assert_eq!(ran.code, Some(0), "{ran:?}");
    };
    let device = format!(
        r#"{{"user":"bob","device":"phone","channel":"ios","token":"{}","app_version":"{HALF}"}}"#,
        token(1)
    );
    let notification = format!(r#"{{"to":[{{"user":"bob"}}],"message":{{"body":"{HALF}"}}}}"#);

    ctl(&["device", "import", "-"], &device).await;
    ctl(&["send", "--file", "-", "--wait", "60"], &notification).await;

    let body = only_taken(&rig, APNS).body;
    assert_eq!(body.pointer("/aps/alert/body"), Some(&json!(MENDED)));
}
