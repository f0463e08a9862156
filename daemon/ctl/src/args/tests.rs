use std::path::Path;
use std::time::Duration;

use clap::CommandFactory;
use serde_json::{Value, json};

use super::*;

fn parse(line: &[&str]) -> Result<Args, clap::Error> {
    Args::try_parse_from([&["nudgectl"], line].concat())
}

fn send(line: &[&str]) -> SendArgs {
    match parse(&[&["send"], line].concat())
        .expect("a good command line")
        .command
    {
        Command::Send(args) => *args,
        other => panic!("{other:?}"),
    }
}

fn spec(line: &[&str]) -> Value {
    let spec = send(line).notification.spec().expect("complete");
    serde_json::to_value(spec).expect("JSON")
}

#[test]
fn the_command_line_is_well_formed() {
    Args::command().debug_assert();
}

#[test]
fn devices_belong_to_the_user_before_them_and_tokens_to_the_channel() {
    let to = spec(&[
        "--user",
        "bob",
        "--device",
        "phone",
        "--channel",
        "ios",
        "--token",
        "aa",
        "--token",
        "bb",
        "--user",
        "eve",
        "--user",
        "joe",
        "--device",
        "x",
        "--device",
        "y",
    ]);
    let expected = json!([
        {"user": "bob", "device": "phone"},
        {"channel": "ios", "token": "aa"},
        {"channel": "ios", "token": "bb"},
        {"user": "eve"},
        {"user": "joe", "device": "x"},
        {"user": "joe", "device": "y"},
    ]);
    assert_eq!(to["to"], expected);

    let line = "--user bob --language de --channel ios --token aa --language zh --token bb";
    let to = spec(&line.split(' ').collect::<Vec<_>>());
    let expected = json!([
        {"user": "bob", "language": "de"},
        {"channel": "ios", "token": "aa", "language": "zh"},
        {"channel": "ios", "token": "bb", "language": "zh"},
    ]);
    assert_eq!(to["to"], expected);
}

#[test]
fn half_a_recipient_is_a_usage_mistake() {
    for line in [
        ["--device", "phone", "--user", "bob"],
        ["--token", "aa", "--channel", "ios"],
        ["--user", "bob", "--channel", "ios"],
        ["--user", "bob", "--token", "aa"],
        ["--language", "de", "--user", "bob"],
    ] {
        let error = parse(&[&["send"], &line[..]].concat()).expect_err("half a recipient");
        assert_eq!(error.exit_code(), 2, "{line:?}");
    }
    assert!(
        send(&["--title", "t"])
            .notification
            .spec()
            .expect_err("nobody")
            .contains("nobody to send to")
    );
}

#[test]
fn options_become_the_json_of_the_api() {
    let line = [
        "--user",
        "bob",
        "--title",
        "T",
        "--body",
        "B",
        "--kind",
        "voip",
        "--badge",
        "+2",
        "--click-url",
        "https://example.com/",
        "--ttl",
        "1h",
        "--priority",
        "normal",
        "--app",
        "shop",
        "--option",
        r#"apns={"priority": 5}"#,
        "--idempotency-key",
        "k1",
        "--test",
    ];
    let expected = json!({
        "app": "shop",
        "to": [{"user": "bob"}],
        "message": {
            "kind": "voip", "title": "T", "body": "B", "badge": {"add": 2}, "priority": "normal",
            "click": {"action": "open_url", "value": "https://example.com/"},
        },
        "options": {"apns": {"priority": 5}},
        "ttl": 3600, "test": true, "idempotency_key": "k1",
    });
    assert_eq!(spec(&line), expected);
}

#[test]
fn a_chat_message_is_told_as_the_api_wants_it() {
    let line = [
        "--user",
        "bob",
        "--language",
        "de",
        "--sender",
        "alice",
        "--sender-name",
        "Alice",
        "--group",
        "g1",
        "--group-name",
        "Team",
        "--mention",
        "bob",
        "--mention",
        "all",
        "--element",
        "text=a=b",
        "--element",
        "image",
        "--translation",
        r#"zh={"body":"x"}"#,
        "--platform",
        r#"ios={"badge":{"add":1}}"#,
        "--platform",
        r#"fcm={"sound":"ping"}"#,
        "--no-push",
    ];
    let expected = json!({
        "to": [{"user": "bob", "language": "de"}],
        "sender": {"user": "alice", "name": "Alice"},
        "conversation": {"kind": "group", "id": "g1", "name": "Team"},
        "mentions": {"all": true, "users": ["bob"]},
        "message": {
            "elements": [{"kind": "text", "text": "a=b"}, {"kind": "image"}],
            "translations": {"zh": {"body": "x"}},
            "platforms": {"ios": {"badge": {"add": 1}}, "fcm": {"sound": "ping"}},
        },
        "push": false,
    });
    assert_eq!(spec(&line), expected);
}

#[test]
fn a_preview_is_described_as_what_is_sent() {
    let command = |name| parse(&[name, "--user", "bob", "--body", "hi"]);
    let sent = spec(&["--user", "bob", "--body", "hi"]);
    match command("preview").expect("good").command {
        Command::Preview(args) => {
            let spec = args.notification.spec().expect("complete");
            assert_eq!(serde_json::to_value(spec).expect("JSON"), sent);
        }
        other => panic!("{other:?}"),
    }
    for option in ["--wait", "--ndjson"] {
        assert!(parse(&["preview", "--file", "-", option]).is_err());
    }
}

#[test]
fn what_is_not_given_is_not_sent() {
    assert_eq!(
        spec(&["--user", "bob"]),
        json!({"to": [{"user": "bob"}], "message": {}})
    );
}

#[test]
fn a_file_replaces_the_options() {
    assert!(send(&["--file", "-", "--ndjson"]).ndjson);
    for line in [
        ["--file", "-", "--title", "x"],
        ["--file", "-", "--user", "bob"],
        ["--file", "-", "--group", "g1"],
        ["--file", "-", "--no-push", "--test"],
    ] {
        assert!(parse(&[&["send"], &line[..]].concat()).is_err(), "{line:?}");
    }
    let lines = |line: &[&str]| send(line).lines().map(|it| it.map(Path::to_owned));
    assert_eq!(lines(&["--file", "x", "--ndjson"]), Ok(Some("x".into())));
    assert_eq!(lines(&["--file", "x"]), Ok(None));
    assert!(lines(&["--ndjson", "--user", "bob"]).is_err());
}

#[test]
fn waiting_has_a_limit_only_when_one_is_given() {
    assert_eq!(send(&["--user", "bob"]).wait, None);
    assert_eq!(send(&["--user", "bob", "--wait"]).wait, Some(None));
    let seconds = |text| send(&["--user", "bob", "--wait", text]).wait;
    assert_eq!(seconds("20"), Some(Some(Duration::from_secs(20))));
    assert_eq!(seconds("2m"), Some(Some(Duration::from_secs(120))));
}

#[test]
fn values_that_cannot_be_are_refused_in_words() {
    for (line, words) in [
        (["--ttl", "soon"], "expected seconds, or a time such as"),
        (["--ttl", "1500ms"], "whole seconds"),
        (["--badge", "many"], "expected a number"),
        (["--badge", "++1"], "expected a number"),
        (["--option", "apns"], "expected DRIVER=JSON"),
        (["--option", "apns=5"], "must be in braces"),
        (["--option", "apns={"], "not JSON"),
        (["--kind", "loud"], "live_activity"),
        (["--element", "song=la"], "unknown variant `song`"),
        (["--platform", "ios"], "expected NAME=JSON"),
        (["--platform", "ios=[]"], "must be in braces"),
        (
            ["--platform", r#"ios={"colour":1}"#],
            "unknown field `colour`",
        ),
        (["--translation", r#"={"title":"x"}"#], "expected NAME=JSON"),
    ] {
        let full = ["send", "--user", "bob", line[0], line[1]];
        let error = parse(&full).expect_err("refused").to_string();
        assert!(error.contains(words), "{line:?}: {error}");
    }
    for option in ["--option", "--platform", "--translation"] {
        let twice = ["--user", "bob", option, "x={}", option, "x={}"];
        let refused = send(&twice).notification.spec().expect_err("twice");
        assert!(refused.starts_with(option), "{refused}");
        assert!(refused.contains("given twice"), "{refused}");
    }
}

#[test]
fn a_device_needs_one_name_of_its_channel() {
    let put = ["device", "put", "bob", "phone", "--token", "t"];
    assert!(parse(&put).is_err());
    assert!(parse(&[&put[..], &["--channel", "ios"]].concat()).is_ok());
    assert!(parse(&[&put[..], &["--certificate-id", "1"]].concat()).is_ok());
    assert!(parse(&[&put[..], &["--channel", "ios", "--certificate-id", "1"]].concat()).is_err());
}

#[test]
fn the_socket_comes_from_the_option_then_the_environment() {
    let named = parse(&["status", "--socket", "/a"]).expect("good");
    assert_eq!(named.socket(Some("/b".into())), PathBuf::from("/a"));
    let unnamed = parse(&["status"]).expect("good");
    assert_eq!(unnamed.socket(Some("/b".into())), PathBuf::from("/b"));
    assert_eq!(unnamed.socket(Some("".into())), PathBuf::from(SOCKET));
    assert_eq!(unnamed.socket(None), PathBuf::from(SOCKET));
}

#[test]
fn help_names_the_exit_codes() {
    let help = Args::command().render_long_help().to_string();
    for words in ["Exit codes:", "78  the configuration", "NUDGED_SOCKET"] {
        assert!(help.contains(words), "{help}");
    }
}

#[test]
fn removing_from_the_queue_needs_something_to_go_by() {
    assert!(parse(&["queue", "rm"]).is_err());
    for given in [
        &["queue", "rm", "--all"][..],
        &["queue", "rm", "some-id"],
        &["queue", "rm", "--channel", "ios", "--older-than", "1h"],
    ] {
        assert!(parse(given).is_ok(), "{given:?}");
    }
}
