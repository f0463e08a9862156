use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::{click, text};
use nudged_plugin_api::{HttpRequest, too_large};

/// A vendor that takes titles of 30 characters and so many bytes in all.
fn encode(message: &Message, extras: Extras, most: usize) -> Result<Rendered, EncodeError> {
    let mut notices = Vec::new();
    let title = message.title.as_deref().unwrap_or_default();
    let title = text::fit("title", title, 30, Unit::Characters, &mut notices);
    let extra = present(&message.options).filter(|_| extras == Extras::Sent);
    if extra.is_none() && message.options.is_some() {
        notices.push(Notice::new("options", "was left out"));
    }
    let click = match &message.click {
        Click::Page(page) => page,
        _ => "",
    };
    let sound = match &message.sound {
        Sound::Named(name) => name,
        _ => "",
    };
    let body = json!([
        title,
        message.body,
        message.subtitle,
        message.image,
        message.thread,
        message.ext,
        message.category,
        message.channel_id,
        click,
        sound,
        extra,
    ]);
    let body = body.to_string();
    if body.len() > most {
        return Err(too_large("message", body.len(), most, "bytes"));
    }
    Ok(Rendered::new(HttpRequest::post("https://a.test/").body(body)).notices(notices))
}

fn fields(rendered: &Rendered) -> Vec<&str> {
    rendered.notices.iter().map(|it| &*it.field).collect()
}

fn fit(message: &Message, most: usize) -> Rendered {
    fitted(message, |message, extras| encode(message, extras, most)).expect("fits")
}

fn body(rendered: &Rendered) -> serde_json::Value {
    serde_json::from_slice(&rendered.request.body).expect("JSON")
}

#[test]
fn what_fits_goes_as_it_is() {
    let message = Message::new("Ann", "Lunch?");
    assert_eq!(
        fit(&message, 200),
        encode(&message, Extras::Sent, 200).unwrap()
    );
}

#[test]
fn a_long_text_is_cut_as_little_as_need_be_and_the_rest_stays() {
    let mut message = Message::new("Ann", "中".repeat(1400));
    message.ext = Some("{\"chat\":7}".to_owned());
    let rendered = fit(&message, 1000);
    assert_eq!(fields(&rendered), ["body"]);
    let told = &rendered.notices[0].text;
    assert!(told.starts_with("was cut from 1400 to "), "{told}");
    assert!(told.contains(" characters: the message takes 42"), "{told}");
    assert!(told.ends_with("bytes, the limit is 1000"), "{told}");
    // Another character would take three bytes.
    assert!((998..=1000).contains(&rendered.request.body.len()));
    assert_eq!(body(&rendered)[5], "{\"chat\":7}");
}

#[test]
fn the_title_is_cut_once_the_text_is_as_short_as_can_be() {
    let message = Message::new("t".repeat(30), "b".repeat(100));
    let rendered = fit(&message, 80);
    assert_eq!(fields(&rendered), ["body", "title"]);
    assert_eq!(body(&rendered)[1], format!("{}...", "b".repeat(17)));
    assert_eq!(rendered.request.body.len(), 80);
}

#[test]
fn an_ext_that_has_no_room_is_left_out_and_what_has_stays() {
    let mut message = Message::new("Ann", "Lunch?");
    message.image = Some("https://a.test/1.jpg".to_owned());
    message.ext = Some("x".repeat(900));
    message.click = Click::Page("chat".to_owned());
    let rendered = fit(&message, 500);
    assert_eq!(fields(&rendered), ["ext"]);
    let sent = body(&rendered);
    assert_eq!(
        (&sent[3], &sent[8]),
        (&json!("https://a.test/1.jpg"), &json!("chat"))
    );
}

#[test]
fn a_click_that_has_no_room_becomes_the_channels_and_else_opens_the_app() {
    let page = |length: usize| Click::Page("p".repeat(length));
    let opened = |click: Click, click_else: Option<Click>| {
        let mut message = Message::new("Ann", "Lunch?");
        message.click = click;
        message.click_else = click_else;
        let rendered = fit(&message, 300);
        let told: Vec<_> = rendered
            .notices
            .iter()
            .map(|it| {
                let what = it.text.split(':').next().unwrap_or_default();
                format!("{} {what}", it.field)
            })
            .collect();
        let length = body(&rendered)[8].as_str().map(str::len);
        (length.unwrap_or_default(), told.join(", "))
    };
    for (click, click_else, length, told) in [
        (page(100), Some(page(900)), 100, ""),
        (
            page(900),
            Some(page(100)),
            100,
            "click becomes the channel's own",
        ),
        (page(900), Some(page(901)), 0, "click opens the app"),
        (page(900), Some(Click::OpenApp), 0, "click opens the app"),
        (page(900), None, 0, "click opens the app"),
        (Click::OpenApp, Some(page(900)), 0, ""),
    ] {
        let place = format!("{click:?}, {click_else:?}");
        assert_eq!(
            opened(click, click_else),
            (length, told.to_owned()),
            "{place}"
        );
    }
}

#[test]
fn a_channels_click_that_has_no_room_in_the_place_of_another_opens_the_app() {
    let mut message = Message::new("Ann", "Lunch?");
    message.click = Click::Url("no page".to_owned());
    message.click_else = Some(Click::Page("p".repeat(900)));
    let pages = |message: &Message, extras: Extras| {
        let mut notices = Vec::new();
        let page = click::first(message, &mut notices, |click, _| match click {
            Click::Page(page) => Ok(page.clone()),
            _ => Err("it is no page".to_owned()),
        });
        let mut opened = message.clone();
        opened.click = page.map_or(Click::OpenApp, Click::Page);
        let rendered = encode(&opened, extras, 300)?;
        Ok(rendered.notices(notices))
    };
    let rendered = fitted(&message, pages).expect("fits");
    assert_eq!(body(&rendered)[8], "");
    assert_eq!(fields(&rendered), ["click"]);
    assert_eq!(rendered.notices[0].text, "opens the app: it is no page");
}

#[test]
fn a_message_without_a_text_has_its_title_for_one() {
    let mut message = Message::new("t".repeat(25), "");
    message.thread = Some("y".repeat(200));
    let rendered = fit(&message, 100);
    assert_eq!(fields(&rendered), ["thread"]);
    message.thread = None;
    assert_eq!(fields(&fit(&message, 60)), ["title"]);
}

#[test]
fn what_shows_nothing_is_not_cut() {
    let mut message = Message::new("", "");
    message.kind = Kind::Background;
    message.ext = Some("x".repeat(900));
    let refused = fitted(&message, |message, extras| encode(message, extras, 500));
    assert_eq!(refused.unwrap_err().code, TOO_LARGE);
}

#[test]
fn what_takes_the_room_is_named_by_its_path() {
    // A vendor that takes 100 bytes, and of its options only a member `extra` can be spared.
    let encode = |message: &Message, extras: Extras| {
        let mut options: serde_json::Value =
            serde_json::from_str(message.options.as_deref().unwrap_or("{}")).expect("JSON");
        if extras == Extras::LeftOut {
            options.as_object_mut().expect("an object").remove("extra");
        }
        let body = json!([message.title, message.body, message.ext, options]).to_string();
        match body.len() {
            0..=100 => Ok(Rendered::new(
                HttpRequest::post("https://a.test/").body(body),
            )),
            size => Err(too_large("message", size, 100, "bytes")),
        }
    };
    let refused = |message: &Message| {
        let error = fitted(message, encode).expect_err("too long");
        assert_eq!(error.code, TOO_LARGE);
        (error.field, error.problem)
    };
    let mut message = Message::new("Ann", "b".repeat(300));
    let options = json!({"a": {"x~/y": "x".repeat(120), "z": 1}, "extra": "y".repeat(200)});
    message.options = Some(options.to_string());
    let (field, problem) = refused(&message);
    assert_eq!(field, "options.a.x~/y");
    assert_eq!(
        problem,
        "has 122 bytes of a message that takes 670 bytes, the limit is 100: shorten it, or leave \
         it out"
    );
    // Two, of which either alone is too much.
    message.options = Some(json!({"a": ["x".repeat(90)], "b": "y".repeat(90)}).to_string());
    assert_eq!(refused(&message).0, "options");
    // Of data nothing is cut.
    message.options = None;
    message.kind = Kind::Background;
    message.ext = Some("x".repeat(900));
    message.body = Some("b".repeat(40));
    let (field, problem) = refused(&message);
    assert_eq!(field, "ext");
    assert!(
        problem.starts_with("has 900 bytes of a message that takes "),
        "{problem}"
    );
}

#[test]
fn what_a_sender_wrote_nearly_right_is_given_to_the_driver_right() {
    let mut message = Message::new("Ann", "b".repeat(100));
    message.image = Some("HTTPS://a.test/图.jpg".to_owned());
    message.click = Click::Page("#Intent;component=a/.B;end".to_owned());
    for most in [400, 180] {
        let sent = body(&fit(&message, most));
        assert_eq!(sent[8], "intent:#Intent;component=a/.B;end");
        assert_eq!(sent[3], "https://a.test/%E5%9B%BE.jpg");
    }
}

#[test]
fn another_refusal_stands() {
    let message = Message::new("Ann", "b".repeat(900));
    let refused = fitted(&message, |message, extras| {
        encode(message, extras, 500).and_then(|_| Err(nudged_plugin_api::bad_click("is odd")))
    });
    assert_eq!(refused.unwrap_err().code, "BadClick");
}

#[test]
fn a_field_with_a_limit_of_its_own_is_told_of_once() {
    let message = Message::new("t".repeat(100), "b".repeat(20));
    let rendered = fit(&message, 90);
    assert_eq!(fields(&rendered), ["title"]);
    assert!(rendered.notices[0].text.starts_with("was cut from 100 to "));
}

fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z \"\\\\]{0,300}",
        "[中文群组]{0,200}",
        proptest::string::string_regex("[\u{1F600}-\u{1F64F}é\n]{0,120}").expect("a pattern"),
        proptest::string::string_regex("(👨‍👩‍👧‍👦|🇩🇪|e\u{301}{1,40}|क्षि|\r\n|a){0,40}")
            .expect("a pattern"),
    ]
}

fn messages() -> impl Strategy<Value = Message> {
    let texts = proptest::collection::vec(proptest::option::of(texts()), 10);
    (texts, any::<bool>()).prop_map(|(texts, page)| {
        let mut texts = texts
            .into_iter()
            .map(|text| text.filter(|text| !text.is_empty()));
        let mut next = || texts.next().flatten();
        let mut message = Message::default();
        message.title = next();
        message.body = next();
        message.subtitle = next();
        message.image = next();
        message.thread = next();
        message.ext = next();
        message.category = next();
        message.channel_id = next();
        message.options = next();
        if let Some(text) = next() {
            if page {
                message.click = Click::Page(text);
            } else {
                message.sound = Sound::Named(text);
            }
        }
        message
    })
}

/// Where each field stands in the vendor's body.
const FIELDS: [(&str, usize); 11] = [
    ("title", 0),
    ("body", 1),
    ("subtitle", 2),
    ("image", 3),
    ("thread", 4),
    ("ext", 5),
    ("category", 6),
    ("channel_id", 7),
    ("click", 8),
    ("sound", 9),
    ("options", 10),
];

/// The shortest text that is cut less than this one.
fn longer(whole: &str, kept: &str) -> String {
    let length = Unit::Characters.length(kept);
    let more = (length + 1..).map(|most| cut(whole, most, Unit::Characters));
    let mut more = more.skip_while(|text| Unit::Characters.length(text) <= length);
    more.next().expect("all of it at last").into_owned()
}

proptest! {
    #[test]
    fn nothing_is_refused_and_each_loss_is_needed_and_told(message in messages(), most in 300_usize..1200) {
        let rendered = fit(&message, most);
        let sent = body(&rendered);
        prop_assert!(rendered.request.body.len() <= most);
        let whole = body(&encode(&message, Extras::Sent, usize::MAX).expect("no limit"));
        for (field, at) in FIELDS {
            let told = fields(&rendered).iter().filter(|it| **it == field).count();
            let lost = sent[at] != whole[at]
                || (field == "title" && text::Unit::Characters.length(title(&message)) > 30)
                || (field == "title" && message.body.is_none() && fields(&rendered).contains(&"title"));
            prop_assert_eq!(told, usize::from(lost), "{} in {:?}", field, rendered.notices);
        }
        // One character more of what was cut would not fit.
        for (field, at) in [("title", 0), ("body", 1)] {
            let Some(told) = rendered.notices.iter().find(|it| it.field == field) else { continue };
            if !told.text.contains("characters:") { continue }
            let kept = sent[at].as_str().expect("a text");
            let longer = |text: &Option<String>| text.as_deref().map(|text| longer(text, kept));
            let mut more = message.clone();
            let texts: [Option<&str>; 2] = [sent[0].as_str(), sent[1].as_str()];
            more.title = texts[0].filter(|it| !it.is_empty()).map(str::to_owned);
            more.body = texts[1].map(str::to_owned);
            if field == "title" { more.title = longer(&message.title) } else { more.body = longer(&message.body) }
            for part in PARTS {
                if rendered.notices.iter().any(|it| Some(&*it.field) == part.loss(&[], &message).map(|it| it.0)) {
                    part.leave_out(&mut more);
                }
            }
            let extras = if fields(&rendered).contains(&"options") { Extras::LeftOut } else { Extras::Sent };
            prop_assert!(encode(&more, extras, most).is_err(), "{} could be longer: {:?}", field, rendered.notices);
        }
    }
}
