//! Golden files find every difference in a request, and say where it is.

#![allow(
    clippy::unwrap_used,
    reason = "a test that panics has failed: that is what it is for"
)]
#![cfg(feature = "test")]

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use nudged_driver_kit::test::golden::{Golden, Outcome, message};
use nudged_plugin_api::{
    Badge, Batch, Click, Context, Decoded, Driver, EncodeError, Exchange, FollowUp, Grant,
    HttpRequest, HttpResponse, Info, Kind, Lifetime, Notice, Priority, Rendered, SettingError,
    Settings, Sound, Target, Timestamp, Verdict,
};
use serde_json::{Value, json};

const NOW: Timestamp = Timestamp::from_seconds(1_790_000_000);

/// Sends JSON, or a form, and for two devices a second request.
struct Acme {
    settings: Settings,
    calls: AtomicU32,
}

impl Driver for Acme {
    fn describe() -> Info {
        Info::default()
    }

    fn open(settings: &Settings, _now: Timestamp) -> Result<Self, SettingError> {
        settings.require_text("app")?;
        let (settings, calls) = (settings.clone(), AtomicU32::new(0));
        Ok(Self { settings, calls })
    }

    fn encode(&self, batch: Batch<'_>, context: &Context<'_>) -> Result<Rendered, EncodeError> {
        let (message, targets) = (batch.message, batch.targets);
        if message.title.is_none() {
            return Err(EncodeError::new("no-title", "title", "is missing"));
        }
        let calls = self.calls.fetch_add(1, Ordering::Relaxed) + 1;
        let count = if self.settings.flag("counting") {
            calls
        } else {
            1
        };
        let tokens: Vec<_> = targets.iter().map(|target| target.token.as_str()).collect();
        let body = json!({
            "to": tokens,
            "title": message.title,
            "ttl": message.lifetime.seconds_left(context.now),
            "badge": format!("{:?}", targets[0].badge),
            "count": count,
        });
        let body = match self.settings.text("form") {
            None => body.to_string(),
            Some(_) => format!("a+b=c%26d&body={}", body.to_string().replace('"', "%22")),
        };
        let app = self.settings.require_text("app").unwrap();
        let request = HttpRequest::post(format!("https://push.acme.example/{app}"))
            .header("authorization", &context.grant.unwrap().value)
            .header("x-level", format!("{:?}", self.settings.integer("level")))
            .body(body);
        let memo = match targets.len() {
            1 => "",
            _ => "two",
        };
        Ok(Rendered::new(request)
            .class("chat")
            .memo(memo)
            .notices(vec![Notice::new("sound", "is Acme's own")]))
    }

    fn decode(&self, exchange: Exchange<'_>, _now: Timestamp) -> Decoded {
        match exchange.memo {
            b"" => Decoded::Verdicts(vec![Verdict::accepted(None)]),
            _ => {
                let request = HttpRequest::get("https://push.acme.example/second");
                Decoded::FollowUp(FollowUp::new(request, Vec::new()))
            }
        }
    }
}

fn case() -> Value {
    json!({
        "message": {"title": "Ann", "lifetime": 60},
        "request": {
            "url": "https://push.acme.example/chat",
            "headers": [["authorization", "t0k3n"], ["x-level", "None"]],
            "body": {"to": ["5f3a"], "title": "Ann", "ttl": 60, "badge": "None", "count": 1},
        },
        "class": "chat",
        "notices": ["sound: is Acme's own"],
    })
}

fn form() -> Value {
    let mut case = case();
    let body = case["request"]["body"].take();
    case["settings"] = json!({"form": "yes"});
    let fields = json!(["a+b=c%26d", ["body", body]]);
    let url = case["request"]["url"].take();
    let headers = case["request"]["headers"].take();
    case["request"] = json!({"url": url, "headers": headers, "form": fields});
    case
}

fn batch() -> Value {
    let mut case = case();
    case["tokens"] = json!(["5f3a", "77aa"]);
    case["request"]["body"]["to"] = json!(["5f3a", "77aa"]);
    let url = "https://push.acme.example/second";
    case["then"] = json!({"method": "GET", "url": url, "headers": []});
    case
}

fn golden() -> Golden<Acme> {
    Golden::new(Settings::new().with("app", "chat"), NOW)
        .target(Target::new("d-1", "5f3a"))
        .targets([Target::new("d-2", "77aa")])
        .grant(Grant::new("t0k3n", NOW, 3600))
}

/// An empty directory of that name.
fn directory(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
        .join("golden")
        .join(name);
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).unwrap();
    path
}

fn run_with(golden: &Golden<Acme>, name: &str, case: &Value) -> Outcome {
    let directory = directory(name);
    std::fs::write(directory.join("case.json"), case.to_string()).unwrap();
    golden.run(directory)
}

/// The case with another value at a place.
fn with(mut case: Value, place: &str, value: Value) -> Value {
    let (parent, key) = place.rsplit_once('/').unwrap();
    match case.pointer_mut(parent).unwrap() {
        Value::Array(list) => list[key.parse::<usize>().unwrap()] = value,
        object => object[key] = value,
    }
    case
}

fn without(mut case: Value, key: &str) -> Value {
    case.as_object_mut().unwrap().remove(key).unwrap();
    case
}

#[test]
fn what_is_as_expected_passes() {
    let answered = golden().answer(HttpResponse::new(200, "{}"));
    for (name, case) in [("plain", case()), ("form", form()), ("batch", batch())] {
        run_with(&answered, name, &case).assert_passed(1);
    }
    // A field alone says nothing of the text.
    let terse = with(case(), "/notices", json!(["sound"]));
    run_with(&golden(), "terse", &terse).assert_passed(1);
    // A text is the body byte for byte.
    let text = json!(r#"{"badge":"None","count":1,"title":"Ann","to":["5f3a"],"ttl":60}"#);
    run_with(&golden(), "text", &with(case(), "/request/body", text)).assert_passed(1);
    let memo = with(without(batch(), "then"), "/memo", json!("two"));
    run_with(&golden(), "memo", &memo).assert_passed(1);
    let level = with(case(), "/settings", json!({"level": 3}));
    let level = with(level, "/request/headers/1/1", json!("Some(3)"));
    run_with(&golden(), "level", &level).assert_passed(1);
    let badge = with(case(), "/target_badge", json!(7));
    let badge = with(badge, "/request/body/badge", json!("Some(Set(7))"));
    run_with(&golden(), "badge", &badge).assert_passed(1);
}

#[test]
fn every_difference_is_named_with_its_file_and_place() {
    let faults = [
        (
            case(),
            "/request/url",
            json!("https://a"),
            "request.url: got \"https://push",
        ),
        (
            case(),
            "/request/method",
            json!("PUT"),
            "request.method: got Post, expected Put",
        ),
        (
            case(),
            "/request/headers/0/1",
            json!("other"),
            "request.headers[0]: got \"authorization: t0k3n\", expected \"authorization: other\"",
        ),
        (
            case(),
            "/request/headers",
            json!([["authorization", "t0k3n"]]),
            "request.headers[1]: got \"x-level: None\", expected none",
        ),
        (
            case(),
            "/request/body/ttl",
            json!(61),
            "request.body.ttl: got 60, expected 61",
        ),
        (
            case(),
            "/request/body/more",
            json!(1),
            "request.body.more: got none, expected 1",
        ),
        (
            case(),
            "/request/body",
            json!({"to": ["5f3a"], "title": "Ann", "ttl": 60, "badge": "None"}),
            "request.body.count: got 1, expected none",
        ),
        (
            case(),
            "/request/body/to/0",
            json!("x"),
            "request.body.to[0]: got \"5f3a\"",
        ),
        (
            case(),
            "/request/body/to",
            json!([]),
            "request.body.to[0]: got \"5f3a\", expected none",
        ),
        (
            case(),
            "/request/body",
            json!("{}"),
            "request.body: got \"{\\\"badge",
        ),
        (
            case(),
            "/class",
            json!("news"),
            "class: got \"chat\", expected \"news\"",
        ),
        (
            case(),
            "/notices",
            json!([]),
            "notices[0]: got \"sound: is Acme's own\", expected none",
        ),
        (
            case(),
            "/notices/0",
            json!("badge"),
            "notices[0]: got \"sound: is",
        ),
        (
            case(),
            "/notices/0",
            json!("sound: is"),
            "notices[0]: got \"sound: is Acme's own\"",
        ),
        (
            case(),
            "/notices",
            json!(["sound", "badge"]),
            "notices[1]: got none, expected \"badge\"",
        ),
        (
            case(),
            "/memo",
            json!("m"),
            "memo: got \"\", expected \"m\"",
        ),
        (
            form(),
            "/request/form/0",
            json!("a b=c"),
            "request.form[0]: got \"a+b=c%26d\"",
        ),
        (
            form(),
            "/request/form/0",
            json!(["a b", "c"]),
            "request.form[0].a b: got \"c&d\"",
        ),
        (
            form(),
            "/request/form/0",
            json!(["a", "c&d"]),
            "request.form[0]: got \"a b\"",
        ),
        (
            form(),
            "/request/form/1/1/ttl",
            json!(1),
            "request.form[1].body.ttl: got 60",
        ),
        (
            form(),
            "/request/form",
            json!(["a+b=c%26d"]),
            "request.form[1]: got \"body=",
        ),
        (
            batch(),
            "/then/url",
            json!("https://a"),
            "then.url: got \"https://push",
        ),
        (
            without(batch(), "then"),
            "/memo",
            json!("two"),
            "then: got a request to https",
        ),
        (
            case(),
            "/then",
            batch()["then"].clone(),
            "then: got Verdicts",
        ),
        (
            case(),
            "/settings",
            json!({"counting": true}),
            "request: is not the same every time",
        ),
        (case(), "/message", json!({"body": "b"}), "message: "),
        (case(), "/settings", json!({"app": ""}), "settings: "),
        (
            case(),
            "/settings",
            json!({"app": 1.5}),
            "settings.app: expected a text",
        ),
        (
            case(),
            "/message/titel",
            json!("t"),
            "message.titel: is an unknown key",
        ),
        (case(), "/clas", json!("chat"), "clas: is an unknown key"),
        (
            case(),
            "/request/boddy",
            json!(1),
            "request.boddy: is an unknown key",
        ),
        (
            case(),
            "/message/lifetime",
            json!("1"),
            "message.lifetime: expected a whole number",
        ),
        (
            case(),
            "/tokens",
            json!(["a", "b", "c"]),
            "tokens: are more than there are devices",
        ),
    ];
    let answered = golden().answer(HttpResponse::new(200, "{}"));
    for (case, place, value, expected) in faults {
        let failures = run_with(&answered, "faults", &with(case, place, value)).failures;
        let expected = format!("case.json: {expected}");
        assert_eq!(failures.len(), 1, "{place}: {failures:#?}");
        assert!(
            failures[0].starts_with(&expected),
            "{expected}: {failures:#?}"
        );
    }
}

#[test]
fn a_body_that_nobody_expects_is_a_difference() {
    let mut bare = case();
    bare["request"].as_object_mut().unwrap().remove("body");
    let failures = run_with(&golden(), "bare", &bare).failures;
    assert!(
        failures[0].starts_with("case.json: request.body: got"),
        "{failures:?}"
    );
    let failures = run_with(&golden(), "unanswered", &batch()).failures;
    assert_eq!(
        failures,
        ["case.json: then: needs an answer to the first request"]
    );
}

#[test]
fn every_file_is_a_case_and_every_failure_is_told() {
    let directory = directory("files");
    std::fs::write(directory.join("good.json"), case().to_string()).unwrap();
    std::fs::write(directory.join("half.json"), "{").unwrap();
    std::fs::write(directory.join("plain.jsn"), case().to_string()).unwrap();
    let outcome = golden().run(&directory);
    assert_eq!(outcome.cases, 2);
    let [half, plain] = outcome.failures.as_slice() else {
        panic!("{outcome:?}");
    };
    assert!(half.starts_with("half.json: EOF"), "{half}");
    assert_eq!(plain, "plain.jsn: is no case: their names end in .json");
    assert_eq!(golden().run(directory.join("none")).failures.len(), 1);
}

#[test]
#[should_panic(expected = "1 cases, expected at least 2")]
fn fewer_cases_than_there_were_are_a_failure() {
    run_with(&golden(), "fewer", &case()).assert_passed(2);
}

#[test]
fn every_key_of_a_message_is_read() {
    let text = r#"{"kind": "voip", "title": "t", "subtitle": "s", "body": "b", "ext": {"a": 1},
        "page": "p", "sound": "silent", "badge_add": 2, "image": "i", "channel_id": "c",
        "category": "g", "thread": "h", "collapse_key": "k", "priority": "normal",
        "lifetime": 5, "options": "{ }", "test": true}"#;
    let read = message(text, NOW).unwrap();
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(read.kind, Kind::Voip);
    assert_eq!(
        [read.title, read.subtitle, read.body],
        [text("t"), text("s"), text("b")]
    );
    assert_eq!([read.ext, read.options], [text(r#"{"a":1}"#), text("{ }")]);
    assert_eq!(
        [read.image, read.channel_id, read.category],
        [text("i"), text("c"), text("g")]
    );
    assert_eq!([read.thread, read.collapse_key], [text("h"), text("k")]);
    assert_eq!(read.click, Click::Page("p".to_owned()));
    assert_eq!((read.sound, read.badge), (Sound::Silent, Badge::Add(2)));
    assert_eq!(read.priority, Priority::Normal);
    assert_eq!(read.lifetime, Lifetime::Until(NOW.plus_seconds(5)));
    assert!(read.test);

    let text = r#"{"url": "u", "page_else": "p", "sound": "ring", "badge": 1}"#;
    let read = message(text, NOW).unwrap();
    assert_eq!(read.click, Click::Url("u".to_owned()));
    assert_eq!(read.click_else, Some(Click::Page("p".to_owned())));
    assert_eq!(
        (read.sound, read.badge),
        (Sound::Named("ring".to_owned()), Badge::Set(1))
    );
    assert_eq!(
        message("{}", NOW),
        Ok(nudged_plugin_api::Message::default())
    );
    for wrong in [
        r#"{"page": "p", "url": "u"}"#,
        r#"{"page_else": "p", "url_else": "u"}"#,
        r#"{"badge": 1, "badge_add": 1}"#,
        r#"{"badge": 4294967296}"#,
        r#"{"kind": "fax"}"#,
        r#"{"test": 1}"#,
        "[]",
    ] {
        assert!(message(wrong, NOW).is_err(), "{wrong}");
    }
}
