//! Options, settings and fields of the message: which one counts, and what they may hold.

use nudged_plugin_api::Driver;
use nudged_vivo::Vivo;
use serde_json::{Value, json};

use super::{refusal, sent};
use crate::account::{
    NOW, TOKENS, body, channel, encode, message, noticed, plain, rendered, settings,
};

/// `classification`, `category` and the fields of the notices.
fn sorted(driver: &Vivo, case: Value) -> Result<(u64, Option<String>, Vec<String>), String> {
    match rendered(driver, &message(plain(case)), &TOKENS[..1]) {
        Err(error) => Err(format!("{} {}", error.code, error.field)),
        Ok(rendered) => {
            let body = body(&rendered);
            let class = body["classification"].as_u64().unwrap();
            let name = ["operational", "system"][class as usize];
            assert_eq!(rendered.class, name);
            let category = body["category"].as_str().map(str::to_owned);
            let notices = noticed(&rendered).into_iter().map(str::to_owned).collect();
            Ok((class, category, notices))
        }
    }
}

#[test]
#[rustfmt::skip]
fn a_message_is_sorted_by_option_then_category_then_setting() {
    let plain = channel();
    let im = Vivo::open(&settings().with("category", "IM"), NOW).unwrap();
    let offers = settings().with("classification", "operational").with("category", "MARKETING");
    let offers = Vivo::open(&offers, NOW).unwrap();
    let option = |number: u8| json!({"options": {"classification": number}});
    let is = |class: u64, category: Option<&str>, notices: &[&str]| {
        Ok((class, category.map(str::to_owned), notices.iter().map(|&n| n.to_owned()).collect()))
    };
    let fails = |what: &str| Err(what.to_owned());
    for (driver, case, expected) in [
        (&plain, json!({}), is(1, None, &[])),
        (&plain, option(0), is(0, None, &[])),
        (&plain, json!({"category": "TODO"}), is(1, Some("TODO"), &[])),
        (&plain, json!({"category": ""}), is(1, None, &[])),
        (&plain, json!({"category": "NEWS"}), is(0, Some("NEWS"), &[])),
        (&plain, json!({"category": "NEWS", "options": {"category": "IM"}}), is(1, Some("IM"), &[])),
        (&plain, json!({"category": "NEWS", "options": {"classification": 1}}), is(1, None, &["category"])),
        (&plain, json!({"options": {"classification": 0, "category": "IM"}}), is(1, Some("IM"), &["options.classification"])),
        (&plain, json!({"category": "im"}), is(1, None, &["category"])),
        (&plain, json!({"options": {"category": "a b"}}), fails("BadCategory options.category")),
        (&plain, json!({"category": "LATER_ONE"}), is(1, None, &["category"])),
        (&plain, json!({"options": {"category": "LATER_ONE"}}), is(1, Some("LATER_ONE"), &["options.category"])),
        (&im, json!({}), is(1, Some("IM"), &[])),
        (&im, json!({"category": ""}), is(1, Some("IM"), &[])),
        (&im, json!({"category": "SOCIAL"}), is(0, Some("SOCIAL"), &[])),
        (&im, option(0), is(0, None, &["category"])),
        (&offers, json!({}), is(0, Some("MARKETING"), &[])),
        (&offers, option(1), is(1, None, &["category"])),
        (&offers, json!({"category": "LATER_ONE"}), is(0, Some("MARKETING"), &["category"])),
    ] {
        assert_eq!(sorted(driver, case.clone()), expected, "{case}");
    }
}

#[test]
fn options_are_checked_and_named_by_their_path() {
    for (options, field) in [
        (json!({"notifyType": 5}), "options.notifyType"),
        (json!({"notifyType": "loud"}), "options.notifyType"),
        (json!({"classification": 2}), "options.classification"),
        (json!({"networkType": 0}), "options.networkType"),
        (json!({"notifyId": 0}), "options.notifyId"),
        (json!({"notifyId": 2147483648_u32}), "options.notifyId"),
        (json!({"notifyId": -1}), "options.notifyId"),
        (json!({"profileId": "p".repeat(65)}), "options.profileId"),
        (
            json!({"callbackParam": "p".repeat(65)}),
            "options.callbackParam",
        ),
        (
            json!({"clientCustomMap": {"": "v"}}),
            "options.clientCustomMap",
        ),
        (
            json!({"clientCustomMap": {"k": 1}}),
            "options.clientCustomMap.k",
        ),
        (json!({"skipType": 3}), "options.skipType"),
        (json!({"addBadge": "yes"}), "options.addBadge"),
        (json!("{"), "options"),
    ] {
        let error = refusal(json!({"options": options}));
        assert_eq!(
            (error.code.as_str(), error.field.as_str()),
            ("BadOption", field),
            "{options}"
        );
    }
    let twice = json!({"ext": "e", "options": {"clientCustomMap": {"ext": "f"}}});
    let twice = encode(plain(twice)).unwrap();
    assert_eq!(body(&twice)["clientCustomMap"], json!({"ext": "f"}));
    assert_eq!(noticed(&twice), ["ext"]);
}

#[test]
fn empty_options_are_absent_and_numbers_may_be_texts() {
    let empty = json!({
        "classification": "", "category": "", "notifyType": "", "networkType": null,
        "profileId": "", "callbackParam": null, "clientCustomMap": {},
    });
    assert_eq!(sent(json!({"options": empty})), sent(json!({})));
    let texts = sent(json!({"options": {"notifyType": "3", "classification": "0"}}));
    assert_eq!(
        (&texts["notifyType"], &texts["classification"]),
        (&json!(3), &json!(0))
    );
}

#[test]
fn a_sound_becomes_a_notify_type_and_an_option_beats_it() {
    let quiet = Vivo::open(&settings().with("notify_type", 3), NOW).unwrap();
    let kind = |driver: &Vivo, case: Value| {
        let rendered = rendered(driver, &message(plain(case)), &TOKENS[..1]).unwrap();
        body(&rendered)["notifyType"].as_u64().unwrap()
    };
    assert_eq!(kind(&channel(), json!({})), 4);
    assert_eq!(kind(&channel(), json!({"sound": "silent"})), 1);
    assert_eq!(kind(&channel(), json!({"sound": "ring.mp3"})), 4);
    assert_eq!(kind(&quiet, json!({})), 3);
    assert_eq!(kind(&quiet, json!({"sound": "silent"})), 1);
    assert_eq!(
        kind(
            &quiet,
            json!({"sound": "silent", "options": {"notifyType": 2}})
        ),
        2
    );
}
