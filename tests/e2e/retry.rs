//! Retry: what goes wrong at a vendor, and what the daemon makes of it.

mod credentials;
mod faults;
mod silence;
mod tokens;
mod waits;

use nudged_rig::{FCM, Vendor};
use serde_json::{Value, json};

fn to_vendor(vendor: Vendor) -> Value {
    json!({
        "to": [{"channel": vendor.channel, "token": vendor.token}],
        "message": {"title": "Carol", "body": "hello"},
    })
}

fn to_android(n: u64) -> Value {
    let mut notification = to_vendor(FCM);
    notification["to"][0]["token"] = json!(format!("{}{n}", FCM.token));
    notification
}
