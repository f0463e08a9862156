//! What a chat server's Tencent client hears when a message is not taken: 77. It looks at
//! `ActionStatus` and `ErrorCode` alone.

use http::Method;
use nudged_rig::{APNS, Reply, Rig, RigOptions, Settings};
use serde_json::{Value, json};

use super::im::text_to_bob;
use crate::world::bob::bob_on;
use crate::world::stranger::Stranger;
use crate::world::{all_accepted, prepared, rig_of, text, to_token};

/// Each call under our path, and under Tencent's own as its clients write it.
const DOORS: [(&str, &str); 4] = [
    ("/v1/im/messages?call=sendmsg", "/v4/openim/sendmsg"),
    (
        "/v1/im/messages?call=batchsendmsg",
        "/v4/openim/batchsendmsg",
    ),
    (
        "/v1/im/messages?call=send_group_msg",
        "/v4/group_open_http_svc/send_group_msg",
    ),
    ("/v1/im/messages?call=timpush_batch", "/v4/timpush/batch"),
];
/// What Tencent's clients put behind a path.
const QUERY: &str =
    "?sdkappid=1400000000&identifier=admin&usersig=eJxSiGNATURE&random=99999999&contenttype=json";

async fn ask(rig: &Rig, method: Method, path: &str, kind: &str, body: &str) -> Reply {
    let body = body.to_owned();
    rig.client.raw(method, path, kind, body).await.unwrap()
}

async fn post(rig: &Rig, path: &str, body: &str) -> Reply {
    ask(rig, Method::POST, path, "application/json", body).await
}

/// That this is a refusal as Tencent's clients read one, and as ours do.
#[track_caller]
fn refused(reply: Reply, status: u16, error_code: u32) -> Value {
    let what = reply.what.clone();
    let by_tencent = what.contains("/v4/");
    let (http, kind) = match by_tencent {
        true => (200, "application/json"),
        false => (status, "application/problem+json"),
    };
    let content_type = reply.headers["content-type"].to_str().unwrap().to_owned();
    let body = reply.expect(http);
    assert_eq!(content_type, kind, "{what}");
    assert_eq!(body["ActionStatus"], "FAIL", "{what}: {body:#}");
    assert_eq!(body["ErrorCode"], error_code, "{what}: {body:#}");
    assert_eq!(body["status"], status, "{what}: {body:#}");
    let info = text(&body, "ErrorInfo");
    let detail = text(&body, "detail");
    assert!(!detail.is_empty(), "{what}: {body:#}");
    assert!(info.contains(detail), "{what}: {body:#}");
    assert!(info.contains(text(&body, "field")), "{what}: {body:#}");
    assert!(!text(&body, "code").is_empty(), "{what}: {body:#}");
    assert!(!body.to_string().contains("SiGNATURE"), "{what}: {body:#}");
    body
}

/// Bodies that were read as sent, since they had neither of Tencent's members.
#[tokio::test]
async fn req_77_a_refusal_in_tencents_api_has_tencents_form() {
    let rig = rig_of(&[APNS]).await;
    let no_account = r#"{"From_Account": "a", "MsgRandom": 8,
        "MsgBody": [{"MsgType": "TIMTextElem", "MsgContent": {"Text": "hi"}}]}"#;
    let array = r#"{"From_Account": "a", "To_Account": ["bob"], "MsgRandom": 8,
        "MsgBody": [{"MsgType": "TIMTextElem", "MsgContent": {"Text": "hi"}}]}"#;
    for path in [DOORS[0].0.to_owned(), format!("{}{QUERY}", DOORS[0].1)] {
        let missing = refused(post(&rig, &path, no_account).await, 400, 90003);
        assert_eq!(text(&missing, "field"), "To_Account");
        let wrong = refused(post(&rig, &path, array).await, 422, 60015);
        assert_eq!(text(&wrong, "field"), "To_Account");
    }
}

#[tokio::test]
async fn req_77_every_kind_of_refusal_has_it_under_every_path() {
    let rig = rig_of(&[APNS]).await;
    let too_long = format!(r#"{{"To_Account": "{}"}}"#, "x".repeat((1 << 20) + 1));
    for (at, (ours, tencents)) in DOORS.into_iter().enumerate() {
        let [json, length, parameter] = match at {
            2 => [10011, 80002, 10004],
            3 => [90001, 90056, 90003],
            _ => [90001, 93000, 90003],
        };
        for path in [ours.to_owned(), format!("{tencents}{QUERY}")] {
            refused(post(&rig, &path, "{\"To_Account\": }").await, 400, json);
            refused(post(&rig, &path, "{}").await, 400, parameter);
            refused(post(&rig, &path, &too_long).await, 413, length);
            let form = ask(&rig, Method::POST, &path, "text/xml", "<a/>").await;
            refused(form, 415, 60008);
            for method in [Method::GET, Method::PUT, Method::DELETE] {
                let wrong = ask(&rig, method, &path, "application/json", "{}").await;
                refused(wrong, 405, 60008);
            }
        }
    }
    for path in ["/v1/im/messages", "/v1/im/messages?call=im_push"] {
        let unknown = refused(post(&rig, path, "{}").await, 400, 60009);
        assert_eq!(text(&unknown, "field"), "call");
    }
    for path in ["/v4/openim/querystate", "/v4/timpush/push", "/v4/x"] {
        let unknown = refused(
            post(&rig, &format!("{path}{QUERY}"), "{}").await,
            404,
            60009,
        );
        assert!(text(&unknown, "ErrorInfo").contains("/v4/openim/sendmsg"));
    }
    for path in [DOORS[0].0, "/v4/openim/sendmsg?x=y"] {
        let twice = format!("{path}&app=a&app=b");
        refused(post(&rig, &twice, "{}").await, 400, 60002);
    }
}

#[tokio::test]
async fn req_77_who_may_not_send_hears_so_in_tencents_form() {
    let rules = "[[access]]\nusers = [\"12345\"]\napps = [\"*\"]\nverbs = [\"send\"]\n";
    let Some(stranger) = Stranger::under(rules).await else {
        return;
    };
    let body = text_to_bob(json!({})).to_string();
    for (path, status, code) in [
        (DOORS[0].0, "403", 90009),
        (DOORS[0].1, "200", 90009),
        (DOORS[2].1, "200", 10007),
    ] {
        let (http, answer) = stranger.post(path, &body).await;
        assert_eq!(http, status, "{path}: {answer:#}");
        assert_eq!(answer["ActionStatus"], "FAIL", "{path}: {answer:#}");
        assert_eq!(answer["ErrorCode"], code, "{path}: {answer:#}");
        assert_eq!(answer["code"], "forbidden", "{path}: {answer:#}");
    }
}

#[tokio::test]
async fn req_77_without_room_on_the_disk_it_is_tencents_try_again() {
    let mut rig = prepared(RigOptions {
        settings: Settings::default(),
        ..RigOptions::default()
    })
    .await;
    rig.launch().await.unwrap();
    let long = to_token(1, &"x".repeat(3000)).to_string();
    let accepted = rig.client.send_lines(&vec![long; 600]).await.unwrap();
    assert!(accepted.iter().all(|answer| answer["id"].is_string()));
    rig.terminate().await.unwrap();
    let config = std::fs::read_to_string(rig.home.config()).unwrap();
    let tight = config.replace("[store]\n", "[store]\nmax_mib = 1\n");
    rig.home.write("nudged.toml", tight).unwrap();
    rig.launch().await.unwrap();

    let body = text_to_bob(json!({})).to_string();
    for path in [DOORS[0].0, DOORS[0].1] {
        let reply = post(&rig, path, &body).await;
        assert_eq!(reply.headers["retry-after"], "5", "{}", reply.what);
        let full = refused(reply, 503, 91000);
        assert_eq!(full["code"], "storage_full");
    }
}

#[tokio::test]
async fn tencents_own_paths_are_the_calls_and_answer_with_its_status() {
    let rig = bob_on(&[APNS]).await;
    let text = json!([{"MsgType": "TIMTextElem", "MsgContent": {"Text": "Lunch?"}}]);
    let mut ids = Vec::new();
    for ((_, path), body) in DOORS.into_iter().zip([
        json!({"To_Account": "bob", "MsgBody": text}),
        json!({"To_Account": ["bob"], "MsgBody": text}),
        json!({"GroupId": "g", "MsgBody": text, "nudged": {"members": ["bob"]}}),
        json!({"To_Account": ["bob"], "OfflinePushInfo": {"Desc": "Lunch?"}}),
    ]) {
        // Whatever else stands behind the path.
        let query = format!("{QUERY}&servicename=openim&command=sendmsg&ver=v4&new=1");
        let reply = post(&rig, &format!("{path}{query}"), &body.to_string()).await;
        let answer = reply.expect(200);
        assert_eq!(answer["ActionStatus"], "OK", "{answer:#}");
        assert_eq!(answer["ErrorCode"], 0, "{answer:#}");
        assert_eq!(answer["ErrorInfo"], "", "{answer:#}");
        assert_eq!(answer["deliveries"], 1, "{answer:#}");
        ids.push(crate::world::text(&answer, "id").to_owned());
    }
    all_accepted(&rig, &ids).await;
    // Who sends what names no sender is the identifier, who is not pushed its own message.
    let own = json!({"To_Account": "bob", "MsgBody": text}).to_string();
    let reply = post(&rig, "/v4/openim/sendmsg?identifier=bob", &own).await;
    assert_eq!(reply.expect(200)["deliveries"], 0);
}

#[tokio::test]
async fn req_71_an_sdks_object_is_understood_as_it_is_handed_on() {
    let rig = bob_on(&[APNS]).await;
    let mut body = text_to_bob(Value::Null);
    body.as_object_mut().unwrap().remove("OfflinePushInfo");
    body["offlinePushInfo"] = json!({
        "title": "Alice", "description": "Lunch?", "extension": "{\"room\": 7}",
        "apnsInfo": {"sound": "ring.caf"}, "iOSInterruptionLevel": "critical", "glyph": 7,
    });
    let pushed = super::im::push(&rig, "sendmsg", &body, &[APNS]).await;
    assert_eq!(*pushed.at(APNS, "/aps/alert/title"), "Alice");
    assert_eq!(*pushed.at(APNS, "/aps/sound"), "ring.caf");
    assert_eq!(*pushed.at(APNS, "/aps/interruption-level"), "critical");
    assert_eq!(*pushed.at(APNS, "/ext"), "{\"room\": 7}");
    let notices = &pushed.answer["notices"];
    assert_eq!(notices.as_array().unwrap().len(), 1, "{notices:#}");
    assert_eq!(notices[0]["field"], "offlinePushInfo.glyph");
}
