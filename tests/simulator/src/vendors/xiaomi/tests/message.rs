//! What a message may say.

use super::*;

#[test]
fn good_variants_are_accepted() {
    let web = ("extra.web_uri", "http://example.com/a");
    let intent = "intent:#Intent;component=com.example.app/.Main;S.a=1;end";
    let pairs: Vec<String> = (0..9).map(|index| format!("extra.own{index}")).collect();
    let pairs: Vec<(&str, &str)> = pairs.iter().map(|name| (name.as_str(), "1")).collect();
    for fields in [
        &[("title", &*"\u{4f60}".repeat(49))][..],
        &[("description", &"\u{4f60}".repeat(127))],
        &[("payload", &"x".repeat(4095))],
        &[("payload", "")],
        &[("pass_through", "1"), ("title", ""), ("description", "")],
        &[("notify_type", "0")],
        &[("notify_id", "2147483647")],
        &[("notify_id", "0")],
        &[("time_to_live", "864000000")],
        &[("time_to_live", "86400000"), ("extra.channel_id", "100124")],
        &[("extra.notify_effect", "")],
        &[("extra.notify_effect", "2"), ("extra.intent_uri", intent)],
        &[("extra.notify_effect", "2"), ("extra.class_name", "a.B")],
        &[("extra.notify_effect", "3"), web],
        &[(
            "extra.sound_uri",
            "android.resource://com.example.app/raw/ding",
        )],
        &[("extra.jobkey", "a-B_9")],
        &[("extra.callback.type", "3")],
        &[("extra.callback.type", "1267")],
        &[("extra.only_send_once", "1"), ("extra.connpt", "wifi")],
        &pairs,
        &[(
            "restricted_package_name",
            "com.example.app,com.example.other",
        )],
        &[
            ("title", ""),
            ("description", ""),
            ("extra.template_id", "T1"),
            ("extra.template_param", r#"{"a":"Anna","b":"7"}"#),
        ],
    ] {
        assert_eq!(push(fields), "0", "{fields:?}");
    }
}

#[test]
fn a_message_out_of_bounds_has_its_own_code() {
    let intent = ("extra.intent_uri", "intent:#Intent;component=a.b/.C;end");
    for (fields, code) in [
        (&[("restricted_package_name", "")][..], "10016"),
        (&[("restricted_package_name", "com.example.none")], "22022"),
        (&[("restricted_package_name", "com.example.app,")], "22022"),
        (&[("title", "")], "10016"),
        (&[("title", "  ")], "10017"),
        (&[("title", &*"x".repeat(50))], "65009"),
        (&[("description", "")], "10016"),
        (&[("description", "Test 1")], "10041"),
        (&[("title", "\u{6d4b}\u{8bd5}")], "10041"),
        (&[("description", "\u{3000}")], "10017"),
        (&[("description", &"x".repeat(128))], "65009"),
        (&[("payload", &"x".repeat(4096))], "65009"),
        (&[("pass_through", "2")], "10017"),
        (&[("pass_through", "false")], "10017"),
        (&[("pass_through", "1"), ("payload", "")], "10016"),
        (&[("notify_type", "8")], "10017"),
        (&[("notify_type", "-2")], "10017"),
        (&[("notify_id", "2147483648")], "22103"),
        (&[("notify_id", "-1")], "22103"),
        (&[("notify_id", "m-1")], "10017"),
        (&[("time_to_live", "864000001")], "10017"),
        (&[("time_to_live", "86400s")], "10017"),
        (&[("time_to_live", "0")], "10017"),
        (
            &[("time_to_live", "86400001"), ("extra.channel_id", "")],
            "10017",
        ),
        (
            &[("time_to_live", "86400001"), ("extra.channel_id", "100124")],
            "10017",
        ),
        (&[("time_to_send", "1767000000")], "10017"),
        (&[("time_to_send", "9999999999999")], "10017"),
        (&[("sound", "ding")], "10008"),
        (&[("alias", "anna")], "10008"),
        (&[("extra", "{}")], "10008"),
        (&[("extra.extra.ext", "1")], "10017"),
        (&[("extra.channel_id", "100125")], "27001"),
        (&[("extra.notify_effect", "0")], "10017"),
        (&[("extra.notify_effect", "2")], "10017"),
        (&[("extra.notify_effect", "3")], "10017"),
        (&[intent], "10017"),
        (
            &[("extra.notify_effect", "2"), ("extra.intent_uri", "a.b/.C")],
            "10017",
        ),
        (
            &[
                ("extra.notify_effect", "2"),
                intent,
                ("extra.class_name", "a.b.C"),
            ],
            "10017",
        ),
        (
            &[
                ("extra.notify_effect", "3"),
                ("extra.web_uri", "example.com"),
            ],
            "10017",
        ),
        (&[("extra.sound_uri", "ding")], "10017"),
        (
            &[("extra.sound_uri", "android.resource://com.evil/raw/ding")],
            "10017",
        ),
        (&[("extra.jobkey", "_a")], "10017"),
        (&[("extra.jobkey", "a.b")], "10017"),
        (&[("extra.jobkey", &"a".repeat(21))], "10017"),
        (
            &[(
                "extra.callback",
                &format!("https://e.com/{}", "x".repeat(115)),
            )],
            "65028",
        ),
        (&[("extra.callback", "e.com/mi")], "65028"),
        (&[("extra.callback.param", &"x".repeat(257))], "65029"),
        (&[("extra.callback.type", "246")], "10017"),
        (&[("extra.own", &"x".repeat(2048))], "65015"),
        (&[("extra.template_id", "T1")], "10017"),
        (
            &[("extra.template_id", "T2"), ("extra.template_param", "{}")],
            "10017",
        ),
        (&[("extra.template_param", "{}")], "10016"),
        (
            &[("extra.template_id", "T1"), ("extra.channel_id", "100124")],
            "27001",
        ),
        (
            &[
                ("extra.template_id", "T1"),
                ("extra.template_param", r#"{"a":"1"}"#),
            ],
            "10017",
        ),
        (
            &[
                ("extra.template_id", "T1"),
                ("extra.template_param", r#"{"a":"1","b":" "}"#),
            ],
            "10017",
        ),
        (
            &[
                ("extra.template_id", "T1"),
                ("extra.template_param", r#"{"a":"1","b":2}"#),
            ],
            "10017",
        ),
    ] {
        assert_eq!(push(fields), code, "{fields:?}");
    }
    let pairs: Vec<String> = (0..10).map(|index| format!("extra.own{index}")).collect();
    let pairs: Vec<(&str, &str)> = pairs.iter().map(|name| (name.as_str(), "1")).collect();
    assert_eq!(push(&pairs), "65014");
    let both = with(&[(
        "restricted_package_name",
        "com.example.app,com.example.other",
    )]);
    assert_eq!(ask(&xiaomi(), V2, &both).code(), "22022");
}

#[test]
fn registration_ids_are_one_to_a_thousand_without_blanks() {
    let many = ["a"; 1001].join(",");
    for (regids, code) in [
        ("", "10016"),
        ("a,", "66007"),
        ("a, b", "66007"),
        (&many, "10017"),
        (&many[2..], "0"),
    ] {
        assert_eq!(push(&[("registration_id", regids)]), code);
    }
}

#[test]
fn a_list_of_messages_is_read_strictly() {
    let xiaomi = xiaomi();
    let set = |pointer: &str, value: Value| {
        json!([entry("b"), testing::with(&entry("a"), pointer, value)])
    };
    for (entries, code) in [
        (set("/target", json!("c")), "0"),
        (set("/message/extra", Value::Null), "0"),
        (json!([]), "10017"),
        (json!({}), "10017"),
        (json!(vec![entry("a"); 1001]), "10017"),
        (set("/target", json!("")), "10017"),
        (set("/target", Value::Null), "10017"),
        (set("/message", Value::Null), "10017"),
        (set("/message/pass_through", json!("0")), "10017"),
        (set("/message/notify_id", json!(-1)), "22103"),
        (set("/message/title", Value::Null), "10016"),
        (set("/message/extra/ext", json!({})), "10017"),
        (set("/message/extra/extra.ext", json!("1")), "10017"),
        (set("/message/extra", json!("{}")), "10017"),
        (set("/message/sound", json!("ding")), "10017"),
        (
            set("/message/restricted_package_name", json!("a,b")),
            "22022",
        ),
        (set("/time_to_send", json!(1)), "10017"),
    ] {
        assert_eq!(multi(&xiaomi, &entries).code(), code, "{entries}");
    }
    let both = encode(&[("messages", "[]"), ("registration_id", "a")]);
    assert_eq!(ask(&xiaomi, MULTI, &both).code(), "10008");
    assert_eq!(ask(&xiaomi, MULTI, "").code(), "10016");
}
