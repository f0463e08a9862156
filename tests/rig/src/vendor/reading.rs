//! What the phone shows and the app reads, out of each vendor's request: after the vendors'
//! documents for apps, never after our drivers.

use nudged_simulator::Received;
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::Shown;
use super::furnish::LAUNCHER;

/// How a tap that opens the app is told.
const APP: &str = "app";

pub fn apns(received: &Received) -> Shown {
    let body = &received.body;
    Shown {
        title: text(body, "/aps/alert/title"),
        body: text(body, "/aps/alert/body"),
        ext: text(body, "/ext"),
        click: APP.to_owned(),
    }
}

pub fn fcm(received: &Received) -> Shown {
    let body = &received.body;
    Shown {
        title: text(body, "/message/notification/title"),
        body: text(body, "/message/notification/body"),
        ext: text(body, "/message/data/ext"),
        click: APP.to_owned(),
    }
}

/// The app reads `getExtra()` of the message that the tap brings it.
pub fn xiaomi(received: &Received) -> Shown {
    let body = &received.body;
    Shown {
        title: member(body, "title"),
        body: member(body, "description"),
        ext: member(body, "extra.ext"),
        click: match member(body, "extra.notify_effect").as_str() {
            "3" => member(body, "extra.web_uri"),
            "2" => member(body, "extra.intent_uri") + &member(body, "extra.class_name"),
            _ => APP.to_owned(),
        },
    }
}

/// The activity that opens reads the extra `ext` of its intent; without an intent, the data that
/// came beside the notification.
pub fn huawei(received: &Received) -> Shown {
    let notification = &received.body["message"]["android"]["notification"];
    let click = &notification["click_action"];
    let intent = text(click, "/intent");
    Shown {
        title: text(notification, "/title"),
        body: text(notification, "/body"),
        ext: carried(&intent, &received.body["message"]["data"]),
        click: opened_by(click["type"].as_u64(), click, &intent),
    }
}

/// The same in other words.
pub fn honor(received: &Received) -> Shown {
    let notification = &received.body["android"]["notification"];
    let click = &notification["clickAction"];
    let intent = text(click, "/intent");
    Shown {
        title: text(notification, "/title"),
        body: text(notification, "/body"),
        ext: carried(&intent, &received.body["data"]),
        click: opened_by(click["type"].as_u64(), click, &intent),
    }
}

/// The ability that opens finds each key of `data` in its want's parameters.
pub fn harmony(received: &Received) -> Shown {
    let notification = &received.body["payload"]["notification"];
    let click = &notification["clickAction"];
    Shown {
        title: text(notification, "/title"),
        body: text(notification, "/body"),
        ext: text(click, "/data/ext"),
        click: match click["actionType"].as_u64() {
            Some(1) => text(click, "/uri") + &text(click, "/action"),
            _ => APP.to_owned(),
        },
    }
}

/// The keys of `action_parameters` are extras of the intent: the app reads `ext` among them, or
/// ext's own keys, which then stand alone.
pub fn oppo(received: &Received) -> Shown {
    let notification = match &received.body["saved"] {
        Value::Null => &received.body["message"]["notification"],
        saved => saved,
    };
    let parameters = member(notification, "action_parameters");
    let keys: Value = serde_json::from_str(&parameters).unwrap_or_default();
    let ext = keys["ext"].as_str().map(str::to_owned);
    Shown {
        title: text(notification, "/title"),
        body: text(notification, "/content"),
        ext: ext.unwrap_or(parameters),
        click: match member(notification, "click_action_type").as_str() {
            "1" | "4" => text(notification, "/click_action_activity"),
            "2" | "5" => text(notification, "/click_action_url"),
            _ => APP.to_owned(),
        },
    }
}

/// The app's callback has `clientCustomMap` as its parameters.
pub fn vivo(received: &Received) -> Shown {
    let body = match &received.body["saved"] {
        Value::Null => &received.body,
        saved => saved,
    };
    Shown {
        title: text(body, "/title"),
        body: text(body, "/content"),
        ext: text(body, "/clientCustomMap/ext"),
        click: match body["skipType"].as_u64() {
            Some(2 | 4) => text(body, "/skipContent"),
            _ => APP.to_owned(),
        },
    }
}

/// The activity that opens reads the extra `ext` of its intent.
pub fn meizu(received: &Received) -> Shown {
    let message = &received.body["messageJson"];
    let click = &message["clickTypeInfo"];
    Shown {
        title: text(message, "/noticeBarInfo/title"),
        body: text(message, "/noticeBarInfo/content"),
        ext: text(click, "/parameters/ext"),
        click: match click["clickType"].as_u64() {
            Some(1) => text(click, "/activity"),
            Some(2) => text(click, "/url"),
            _ => APP.to_owned(),
        },
    }
}

/// The app's SDK hands over the custom content, a JSON text.
pub fn tpns(received: &Received) -> Shown {
    let message = &received.body["message"];
    let custom = member(&message["android"], "custom_content");
    let custom: Value = serde_json::from_str(&custom).unwrap_or_default();
    let action = &message["android"]["action"];
    Shown {
        title: text(message, "/title"),
        body: text(message, "/content"),
        ext: text(&custom, "/ext"),
        click: match action["action_type"].as_u64() {
            Some(2) => text(action, "/browser/url"),
            Some(3) => text(action, "/intent"),
            _ if action["activity"].is_string() => text(action, "/activity"),
            _ => APP.to_owned(),
        },
    }
}

/// What a `click_action` of Huawei's or Honor's opens. An intent that names the launcher is
/// how such an app is opened with data.
/// `ext` as an extra of the intent, or as the member of a document in a text.
fn carried(intent: &str, data: &Value) -> String {
    let data: Value = serde_json::from_str(data.as_str().unwrap_or_default()).unwrap_or_default();
    match extra(intent, "ext") {
        ext if ext.is_empty() => text(&data, "/ext"),
        ext => ext,
    }
}

fn opened_by(kind: Option<u64>, click: &Value, intent: &str) -> String {
    match kind {
        Some(2) => text(click, "/url"),
        Some(1) if intent.contains(LAUNCHER) => APP.to_owned(),
        Some(1) if intent.is_empty() => text(click, "/action"),
        Some(1) => intent.to_owned(),
        _ => APP.to_owned(),
    }
}

/// A form field: a text, or JSON that the stand-in has parsed already.
fn member(value: &Value, name: &str) -> String {
    match &value[name] {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn text(value: &Value, pointer: &str) -> String {
    let text = value.pointer(pointer).and_then(Value::as_str);
    text.unwrap_or_default().to_owned()
}

/// A string extra of an intent URI, as `getStringExtra` gives it.
fn extra(intent: &str, key: &str) -> String {
    let key = format!("S.{key}=");
    let encoded = intent.split(';').find_map(|part| part.strip_prefix(&key));
    percent_decode_str(encoded.unwrap_or_default())
        .decode_utf8_lossy()
        .into_owned()
}
