//! Every feature of a message × every vendor, through the real daemon: either the vendor's own
//! fields have it, or the trace says what became of it. The stand-ins check all the rest.

mod accounts;
mod batches;
mod clicks;
mod looks;
mod table;
mod texts;
mod together;

use nudged_rig::VENDORS;

use table::Row;

/// A page of the app, in each vendor's form.
const INTENT: &str = "intent://com.example.chat/detail#Intent;scheme=pushscheme;\
    launchFlags=0x4000000;component=com.example.chat/com.example.chat.ChatActivity;end";
const ACTIVITY: &str = "com.example.chat.ChatActivity";
const EXT: &str = r#"{"c":"4;2"}"#;
/// Its keys as OPPO hands them to the app, and the whole beside them.
const OPPO_EXT: &str = r#"{"c":"4;2","ext":"{\"c\":\"4;2\"}"}"#;

/// An intent with `ext` as its string extra.
fn with_ext(intent: &str) -> String {
    intent.replace(";end", ";S.ext={\"c\":\"4%3B2\"};end")
}

/// How Huawei and Honor open the app with data.
fn launcher() -> String {
    with_ext(
        "intent:#Intent;launchFlags=0x14000000;\
         component=com.example.chat/com.example.chat.MainActivity;end",
    )
}

const HUAWEI_SHOWN: &str = "/message/android/notification";
const HONOR_SHOWN: &str = "/android/notification";
const HARMONY_SHOWN: &str = "/payload/notification";
const OPPO_SHOWN: &str = "/message/notification";

fn at(base: &str, member: &str) -> String {
    format!("{base}/{member}")
}

/// Vendors with one request a device; all others take three devices in one.
const ONE_BY_ONE: [&str; 2] = ["apns", "fcm"];

/// Rows for all ten vendors, or the table has a hole.
fn assert_complete(rows: &[Row]) {
    let missing: Vec<_> = VENDORS
        .iter()
        .filter(|vendor| !rows.iter().any(|row| row.vendor.name == vendor.name))
        .map(|vendor| vendor.title)
        .collect();
    assert!(
        missing.is_empty() || rows.len() <= 3,
        "no row for {missing:?}"
    );
}
