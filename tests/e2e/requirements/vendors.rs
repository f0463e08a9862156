//! The rules that concern vendors and their certificates: what a certificate is, what its click
//! action becomes, where ext arrives, which classes, sounds and lengths each vendor takes.

mod certificates;
mod classes;
mod clicks;
mod console;
mod ext;
mod files;
mod fitted_android;
mod looks;

use nudged_rig::{Rig, RigOptions, Vendor};
use nudged_simulator::Received;
use serde_json::{Value, json};

use crate::world::{nudgectl, prepared, taken_by, trace_of};

/// A page of the app, in the form of most vendors' consoles.
const INTENT: &str = "intent://com.example.chat/detail#Intent;scheme=pushscheme;\
    launchFlags=0x4000000;component=com.example.chat/com.example.chat.ChatActivity;end";
/// The same for those that want the full class of an Activity.
const ACTIVITY: &str = "com.example.chat.ChatActivity";
/// The same for HarmonyOS.
const LINK: &str = "https://chat.example.com/c42";
const URL: &str = "https://example.com/menu";

const HUAWEI_SHOWN: &str = "/message/android/notification";
const OPPO_SHOWN: &str = "/message/notification";

fn page(vendor: &Vendor) -> &'static str {
    match vendor.name {
        "meizu" | "oppo" => ACTIVITY,
        "harmony" => LINK,
        _ => INTENT,
    }
}

/// `[defaults]` of a channel file, with this click.
fn click(action: &str, value: &str) -> String {
    format!("[defaults]\nclick = {{ action = \"{action}\", value = \"{value}\" }}\n")
}

/// A channel file with another line in its settings; of the same key there is one only.
fn with_setting(file: &str, line: &str) -> String {
    let key = line.split('=').next().unwrap_or_default();
    let file = without_setting(file, key.trim());
    file.replacen("[settings]\n", &format!("[settings]\n{line}\n"), 1)
}

/// A channel file without a setting.
fn without_setting(file: &str, key: &str) -> String {
    let start = format!("{key} = ");
    let lines = file.lines().filter(|line| !line.starts_with(&start));
    lines.map(|line| format!("{line}\n")).collect()
}

/// A daemon with these vendors, their channel files edited before it starts.
async fn rig_edited(vendors: &[Vendor], edit: impl Fn(&Vendor, String) -> String) -> Rig {
    let mut rig = prepared(RigOptions {
        vendors: vendors.to_vec(),
        ..RigOptions::default()
    })
    .await;
    for vendor in vendors {
        let file = channel_file(&rig, vendor);
        let edited = edit(vendor, file);
        rig.home.write_channel(vendor.channel, &edited).unwrap();
    }
    rig.launch()
        .await
        .unwrap_or_else(|error| panic!("{}", nudged_rig::causes(&error)));
    rig
}

fn channel_file(rig: &Rig, vendor: &Vendor) -> String {
    std::fs::read_to_string(rig.home.channel_file(vendor.channel)).unwrap()
}

/// What `nudgectl check` says of the files that are written; none when all is well.
async fn complaint(rig: &Rig) -> Option<String> {
    let config = rig.home.config().display().to_string();
    let ran = nudgectl(rig, &["check", "--config", &config]).await;
    match ran.code {
        Some(0) => None,
        Some(78) => Some(ran.err),
        _ => panic!("{ran:?}"),
    }
}

/// A message that a vendor took.
struct Sent {
    received: Received,
    /// Fields that the trace speaks of, in alphabetical order.
    told: Vec<String>,
}

impl Sent {
    fn at(&self, pointer: &str) -> &Value {
        self.received.body.pointer(pointer).unwrap_or(&Value::Null)
    }
}

/// The extras that OPPO gives the app.
fn oppo_parameters(sent: &Sent) -> Value {
    match sent.at("/message/notification/action_parameters") {
        Value::String(text) => serde_json::from_str(text).expect("an object"),
        parameters => parameters.clone(),
    }
}

/// Sends a message to a device of the vendor, which takes it.
async fn send(rig: &Rig, vendor: &Vendor, message: Value) -> Sent {
    send_with(rig, vendor, message, Value::Null).await
}

/// The same with options of the vendor.
async fn send_with(rig: &Rig, vendor: &Vendor, message: Value, options: Value) -> Sent {
    let to = json!([{"channel": vendor.channel, "token": vendor.numbered(1)}]);
    let mut spec = json!({"to": to, "message": message, "ttl": 7200});
    if !options.is_null() {
        spec["options"] = json!({vendor.name: options});
    }
    let before = taken_by(rig, *vendor).len();
    let id = rig.accept(&spec).await.unwrap();
    rig.client.outcomes(&id, 1).await.unwrap();
    let trace = trace_of(rig, &id).await;
    let delivery = &trace["deliveries"][0];
    assert_eq!(
        delivery["outcome"]["kind"], "accepted",
        "{}: {delivery:#}",
        vendor.title
    );
    let mut received = taken_by(rig, *vendor);
    assert_eq!(received.len(), before + 1, "{}", vendor.title);
    let notices = delivery["attempts"][0]["notices"].as_array();
    let told = notices.into_iter().flatten();
    let mut told: Vec<_> = told
        .map(|notice| notice["field"].as_str().unwrap_or_default().to_owned())
        .collect();
    told.sort();
    Sent {
        received: received.pop().expect("counted"),
        told,
    }
}

/// A message of a title and a text.
fn hello() -> Value {
    json!({"title": "Carol", "body": "Lunch?"})
}

/// That message, and more.
fn hello_with(more: Value) -> Value {
    let mut message = hello();
    for (key, value) in more.as_object().expect("an object") {
        message[key] = value.clone();
    }
    message
}
