//! Every refusal names the path of its field and what was expected there.

use nudged_plugin_api::Message;

use crate::account::{TOKEN, channel, encode, targets};

fn refused(options: &str, field: &str, says: &str) {
    let mut message = Message::new("t", "b");
    message.options = Some(options.to_owned());
    let error = encode(&channel(), &message, &targets([TOKEN])).unwrap_err();
    assert_eq!(error.code, "BadOption", "{options}");
    assert_eq!(error.field, field, "{options}: {error}");
    assert!(error.problem.contains(says), "{options}: {error}");
}

#[test]
fn unknown_fields_are_named_with_those_that_exist() {
    refused(r#"{"colour":1}"#, "options.colour", "`color`");
    refused(r#"{"topic":"news"}"#, "options.topic", "unknown field");
    refused(
        r#"{"buttons":[{"name":"a","action_type":0,"x":1}]}"#,
        "options.buttons[0].x",
        "unknown field",
    );
}

#[test]
fn numbers_keep_to_the_ranges_of_push_kit() {
    for (option, problem) in [
        (r#""collapse_key":-2"#, "-1 to 100"),
        (r#""collapse_key":101"#, "-1 to 100"),
        (r#""collapse_key":"c1""#, "expected i64"),
        (r#""fast_app_target":0"#, "1 to 2"),
        (r#""fast_app_target":3"#, "1 to 2"),
        (r#""notify_id":-1"#, "0 to 2147483647"),
        (r#""notify_id":2147483648"#, "0 to 2147483647"),
        (r#""auto_clear":0"#, "1 to"),
        (r#""style":2"#, "0, 1 or 3"),
        (r#""style":4"#, "0 to 3"),
    ] {
        let field = option[1..].split('"').next().unwrap();
        refused(
            &format!("{{{option}}}"),
            &format!("options.{field}"),
            problem,
        );
    }
}

#[test]
fn texts_keep_to_the_forms_of_push_kit() {
    for (option, problem) in [
        (r#""importance":"high""#, "LOW, NORMAL or HIGH"),
        (r#""urgency":"LOW""#, "HIGH or NORMAL"),
        (r#""visibility":"HIDDEN""#, "SECRET"),
        (r##""color":"red""##, "#rrggbb"),
        (r#""when":"today""#, "a time in UTC"),
        (r#""image":"http://img.example/1.png""#, "https://"),
        (r#""badge_class":"Main""#, "class name"),
        (r#""validate_only":"yes""#, "expected a boolean"),
    ] {
        let field = option[1..].split('"').next().unwrap();
        refused(
            &format!("{{{option}}}"),
            &format!("options.{field}"),
            problem,
        );
    }
    let long = format!(r#"{{"profile_id":"{}"}}"#, "p".repeat(65));
    refused(&long, "options.profile_id", "64");
}

#[test]
fn lists_are_as_long_as_push_kit_takes_them() {
    let eleven = format!(r#"{{"vibrate_config":[{}]}}"#, [r#""1s""#; 11].join(","));
    refused(&eleven, "options.vibrate_config", "1 to 10");
    refused(
        r#"{"vibrate_config":["1s","x"]}"#,
        "options.vibrate_config[1]",
        "0.5s",
    );
    let four = [r#"{"name":"a","action_type":0}"#; 4].join(",");
    refused(
        &format!(r#"{{"buttons":[{four}]}}"#),
        "options.buttons",
        "1 to 3",
    );
    refused(
        r#"{"style":3,"inbox_content":["1","2","3","4","5","6"]}"#,
        "options.inbox_content",
        "1 to 5",
    );
    refused(r#"{"style":3}"#, "options.inbox_content", "beside style 3");
}

#[test]
fn light_needs_its_colour_and_both_durations() {
    refused(
        r#"{"light_settings":{"color":{"red":2},"light_on_duration":"1s","light_off_duration":"1s"}}"#,
        "options.light_settings.color.red",
        "0 to 1",
    );
    refused(
        r#"{"light_settings":{"color":{}}}"#,
        "options.light_settings",
        "light_on_duration",
    );
}
