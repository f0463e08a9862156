//! Vendors behind a service that passes messages on: what a message says for Huawei is meant for
//! Huawei phones, whichever channel reaches them.
//!
//! In: the notification and what a driver declares. Out: the options that the driver is given, with
//! those of the vendors behind it as `behind`. Refuses to know which service and which vendor.

use nudged_plugin_api::Info;
use nudged_plugin_api::text::present;
use serde_json::{Map, Value};

use nudged_wire::NotificationSpec;
use nudged_wire::json::halves;

/// Where a driver finds them among its own options.
const BEHIND: &str = "behind";

/// The options for a driver, JSON; none where there are none.
pub fn options(spec: &NotificationSpec, info: &Info) -> Option<String> {
    let own = written(spec, &info.vendor);
    // req 70: a vendor's channel ids and categories reach its devices behind a service too.
    let behind = info.behind.iter();
    let behind: Map<String, Value> = behind
        .filter_map(|vendor| Some((vendor.clone(), options_for(spec, vendor)?.into())))
        .collect();
    if behind.is_empty() {
        return own;
    }
    match serde_json::from_str(own.as_deref().unwrap_or("{}")) {
        Ok(Value::Object(mut options)) => {
            options.entry(BEHIND).or_insert_with(|| behind.into());
            Some(Value::Object(options).to_string())
        }
        // The driver says what is wrong with it.
        _ => own,
    }
}

/// A vendor's options, which are kept as they were written, halves of characters too.
fn written(spec: &NotificationSpec, vendor: &str) -> Option<String> {
    let options = spec.options.get(vendor)?;
    Some(halves::mended(options.get().to_owned()))
}

/// What the notification says for a vendor, as its driver's options have it.
fn options_for(spec: &NotificationSpec, vendor: &str) -> Option<Map<String, Value>> {
    let options = written(spec, vendor);
    let options = options.and_then(|options| serde_json::from_str(&options).ok());
    let mut found: Map<String, Value> = options.unwrap_or_default();
    if let Some(platform) = spec.message.platforms.get(vendor) {
        for (key, text) in [
            ("channel_id", &platform.channel_id),
            ("category", &platform.category),
        ] {
            if let Some(text) = present(text) {
                found.entry(key).or_insert_with(|| text.into());
            }
        }
    }
    (!found.is_empty()).then_some(found)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn options_of(spec: Value) -> Option<Value> {
        let spec: NotificationSpec = serde_json::from_value(spec).expect("a notification");
        let info = Info::new("tpns", "A service", "1").behind(["huawei", "oppo"]);
        options(&spec, &info).map(|text| serde_json::from_str(&text).expect("JSON"))
    }

    #[test]
    fn what_is_said_for_a_vendor_goes_to_the_service_before_it() {
        let spec = json!({
            "to": [], "message": {"title": "t", "platforms": {
                "huawei": {"channel_id": "weaker", "category": "IM"},
                "oppo": {"title": "t2"}}},
            "options": {"huawei": {"channel_id": "h"}, "tpns": {"plan_id": "7"}},
        });
        let expected = json!({"plan_id": "7", "behind": {"huawei":
            {"channel_id": "h", "category": "IM"}}});
        assert_eq!(options_of(spec), Some(expected));
    }

    #[test]
    fn where_nothing_is_said_the_options_are_as_they_were() {
        let message = json!({"title": "t"});
        assert_eq!(options_of(json!({"to": [], "message": message})), None);
        let own = json!({"plan_id": "7"});
        let spec = json!({"to": [], "message": message, "options": {"tpns": own, "apns": {}}});
        assert_eq!(options_of(spec), Some(own));
    }
}
