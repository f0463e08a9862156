//! Dispatch: when a vendor is asked and how often, what goes wrong there, and what that costs
//! others.

mod credentials;
mod faults;
mod isolation;
mod quotas;
mod revoke;
mod silence;
mod waits;

use nudged_rig::FCM;
use serde_json::{Value, json};

use crate::world::to_vendor;

fn to_android(n: u64) -> Value {
    let mut notification = to_vendor(FCM, "hello");
    notification["to"][0]["token"] = json!(format!("{}{n}", FCM.token));
    notification
}
