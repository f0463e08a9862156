//! What a notification may say.

use super::*;

#[test]
fn good_variants_are_accepted() {
    let oppo = oppo();
    oppo.book().apps.get_mut(KEY).unwrap().is_strong = true;
    for changes in [
        &[("title", json!("\u{4f60}".repeat(50)))][..],
        &[("sub_title", json!("\u{4f60}".repeat(10)))],
        &[("content", json!("\u{4f60}".repeat(50)))],
        &[("style", json!(2)), ("content", json!("x".repeat(128)))],
        &[
            ("click_action_type", json!(1)),
            ("click_action_activity", json!("com.a.OPEN")),
        ],
        &[
            ("click_action_type", json!(4)),
            ("click_action_activity", json!("com.a.Main")),
        ],
        &[
            ("click_action_type", json!(2)),
            ("click_action_url", json!("https://e.com/a")),
        ],
        &[
            ("click_action_type", json!(5)),
            ("click_action_url", json!("chat://room?a=1")),
        ],
        &[("click_action_url", json!(""))],
        &[("off_line_ttl", json!(864_000))],
        &[("show_ttl", json!(86400)), ("notify_id", json!(7))],
        &[("notify_level", json!(16))],
        &[("category", json!("NEWS")), ("show_ttl", json!(43200))],
        &[("category", Value::Null), ("notify_level", Value::Null)],
        &[("channel_id", Value::Null)],
        &[
            ("show_time_type", json!(1)),
            ("show_start_time", json!(1)),
            ("show_end_time", json!(2)),
        ],
        &[
            ("badge_operation_type", json!(1)),
            ("badge_message_count", json!(1)),
        ],
        &[("private_title_parameters", json!({ "a": "b" }))],
        &[("private_title_parameters", json!("{\"a\":\"b\"}"))],
    ] {
        let answer = push(&oppo, &message("a", &changed(changes)));
        assert_eq!(answer.code(), "0", "{changes:?} {}", answer.text);
    }
}

#[test]
fn a_notification_out_of_bounds_has_its_own_code() {
    let oppo = oppo();
    for (changes, code) in [
        (&[("title", Value::Null)][..], "40"),
        (&[("content", Value::Null)], "40"),
        (&[("title", json!(""))], "41"),
        (&[("title", json!("x".repeat(51)))], "41"),
        (&[("sub_title", json!("x".repeat(11)))], "41"),
        (&[("content", json!("x".repeat(51)))], "41"),
        (
            &[("style", json!(2)), ("content", json!("x".repeat(129)))],
            "41",
        ),
        (
            &[("style", json!(3)), ("content", json!("x".repeat(51)))],
            "41",
        ),
        (&[("style", json!("1"))], "41"),
        (&[("style", json!(6))], "41"),
        (&[("click_action_type", json!(3))], "41"),
        (&[("click_action_type", json!(1))], "41"),
        (&[("click_action_type", json!(2))], "41"),
        (
            &[
                ("click_action_type", json!(2)),
                ("click_action_url", json!("e.com")),
            ],
            "41",
        ),
        (
            &[
                ("click_action_type", json!(4)),
                ("click_action_activity", json!("Main")),
            ],
            "41",
        ),
        (
            &[
                ("click_action_type", json!(4)),
                ("click_action_url", json!("a://b")),
            ],
            "41",
        ),
        (
            &[
                ("click_action_type", json!(5)),
                ("click_action_url", json!("com.a.Main")),
            ],
            "41",
        ),
        (&[("click_action_activity", json!("com.a.Main"))], "41"),
        (
            &[
                ("click_action_type", json!(2)),
                (
                    "click_action_url",
                    json!(format!("https://e.com/{}", "x".repeat(2000))),
                ),
            ],
            "41",
        ),
        (&[("action_parameters", json!({ "ext": "c1" }))], "41"),
        (&[("action_parameters", json!("ext=c1"))], "41"),
        (
            &[(
                "action_parameters",
                json!(format!("{{\"a\":\"{}\"}}", "x".repeat(4000))),
            )],
            "41",
        ),
        (&[("off_line", json!("true"))], "41"),
        (&[("off_line_ttl", json!(864_001))], "41"),
        (&[("off_line_ttl", json!(0))], "41"),
        (&[("off_line_ttl", json!("86400"))], "41"),
        (&[("show_time_type", json!(1))], "41"),
        (&[("push_time_type", json!(1))], "41"),
        (&[("network_type", json!(2))], "41"),
        (
            &[(
                "call_back_url",
                json!(format!("https://e.com/{}", "x".repeat(190))),
            )],
            "41",
        ),
        (&[("call_back_url", json!("e.com"))], "41"),
        (&[("call_back_parameter", json!("x".repeat(101)))], "41"),
        (&[("channel_id", json!(7))], "41"),
        (&[("category", json!("im"))], "67"),
        (&[("category", json!("CHAT"))], "67"),
        (&[("category", Value::Null)], "67"),
        (&[("notify_level", json!(3))], "67"),
        (&[("notify_level", json!(16))], "67"),
        (&[("show_ttl", json!(86401))], "41"),
        (
            &[("category", json!("NEWS")), ("show_ttl", json!(43201))],
            "41",
        ),
        (&[("badge_message_count", json!(1))], "41"),
        (
            &[("fix_speed", json!(true)), ("fix_speed_rate", json!(1000))],
            "41",
        ),
        (&[("private_content_parameters", json!("x"))], "41"),
        (&[("clickActionType", json!(0))], "41"),
        (&[("sound", json!("ding"))], "41"),
        (&[("app_message_id", json!(1))], "41"),
    ] {
        let answer = push(&oppo, &message("a", &changed(changes)));
        assert_eq!(answer.code(), code, "{changes:?}");
        assert!(answer.received.is_none());
    }
}

#[test]
fn a_message_has_one_target_and_a_notification() {
    let oppo = oppo();
    let good = message("a", &notification());
    for (pointer, value, code) in [
        ("/target_type", json!(1), "41"),
        ("/target_type", json!("2"), "41"),
        ("/target_type", Value::Null, "40"),
        ("/target_value", Value::Null, "40"),
        ("/target_value", json!(["a"]), "41"),
        ("/target_value", json!("a,b"), "10000"),
        ("/notification", Value::Null, "40"),
        ("/notification", json!("{}"), "41"),
        ("/verify_registration_id", json!("false"), "41"),
        ("/registration_id", json!("a"), "41"),
    ] {
        assert_eq!(
            push(&oppo, &with(&good, pointer, value)).code(),
            code,
            "{pointer}"
        );
    }
    assert_eq!(call(&oppo, "unicast", &[]).code(), "40");
    assert_eq!(call(&oppo, "unicast", &[("message", "{")]).code(), "41");
    let text = good.to_string();
    let further = [("message", text.as_str()), ("title", "t")];
    assert_eq!(call(&oppo, "unicast", &further).code(), "41");
}
