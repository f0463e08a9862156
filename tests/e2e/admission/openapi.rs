//! The OpenAPI document: it has every route that the daemon serves and no other, and all that
//! it refers to.

use http::Method;
use serde_json::Value;

use crate::world::{rig, text};

#[tokio::test]
async fn the_openapi_document_describes_every_route() {
    let rig = rig().await;

    let document = rig.client.get("/openapi.json").await.unwrap().expect(200);

    assert!(text(&document, "openapi").starts_with("3."));
    let mut routes: Vec<(&str, &str)> = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            routes.push((method, path));
            let responses = operation["responses"].as_object().unwrap();
            assert!(!responses.is_empty(), "{method} {path}");
            let summary = text(operation, "summary").len() + text(operation, "description").len();
            assert!(summary > 0, "{method} {path} says what it does");
        }
    }
    routes.sort_unstable();
    let device = "/v1/apps/{app}/users/{user}/devices/{device}";
    let settings = "/v1/apps/{app}/users/{user}/settings";
    let expected = [
        ("delete", device),
        ("delete", "/v1/notifications/{id}"),
        ("delete", "/v1/queue"),
        ("get", "/v1/apps/{app}/users/{user}/devices"),
        ("get", device),
        ("get", settings),
        ("get", "/v1/channels"),
        ("get", "/v1/channels/{name}"),
        ("get", "/v1/devices/export"),
        ("get", "/v1/devices/tombstones"),
        ("get", "/v1/drivers"),
        ("get", "/v1/events"),
        ("get", "/v1/health"),
        ("get", "/v1/notifications/{id}"),
        ("get", "/v1/queue"),
        ("get", "/v1/status"),
        ("patch", settings),
        ("post", "/v1/channels/{name}/brake/release"),
        ("post", "/v1/devices/import"),
        ("post", "/v1/devices/restore"),
        ("post", "/v1/im/messages"),
        ("post", "/v1/notifications"),
        ("post", "/v1/notifications/preview"),
        ("post", "/v1/queue/check"),
        ("post", "/v1/queue/flush"),
        ("post", "/v1/queue/hold"),
        ("post", "/v1/queue/release"),
        ("post", "/v1/reload"),
        ("post", "/v4/group_open_http_svc/send_group_msg"),
        ("post", "/v4/openim/batchsendmsg"),
        ("post", "/v4/openim/sendmsg"),
        ("post", "/v4/timpush/batch"),
        ("put", device),
        ("put", "/v1/apps/{app}/users/{user}/devices/{device}/state"),
        ("put", settings),
    ];
    assert_eq!(routes, expected);
    // Each of them is there: none is answered by the fallbacks.
    for (method, path) in routes {
        let path = path
            .replace("{app}", "default")
            .replace("{user}", "bob")
            .replace("{device}", "phone")
            .replace("{name}", "ios")
            .replace("{id}", "x");
        let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
        let reply = rig
            .client
            .raw(method, &path, "application/json", "{}")
            .await
            .unwrap();
        let hint = text(&reply.body, "hint");
        assert!(!hint.contains("/openapi.json"), "{}", reply.what);
    }
    let mut references = Vec::new();
    collect_references(&document, &mut references);
    assert!(references.len() > 20, "{references:?}");
    for reference in references {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "no {reference}");
    }
    for schema in [
        "NotificationSpec",
        "RecipientSpec",
        "MessageSpec",
        "Problem",
        "DeviceView",
        "Event",
    ] {
        let there = document.pointer(&format!("/components/schemas/{schema}"));
        assert!(there.is_some(), "no schema {schema}");
    }
}

fn collect_references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member.as_str() {
                    Some(reference) if name == "$ref" => found.push(reference),
                    _ => collect_references(member, found),
                }
            }
        }
        Value::Array(items) => {
            for item in items {
                collect_references(item, found);
            }
        }
        _ => {}
    }
}
