//! A golden file, read.
//!
//! In: its text, and what all cases share.
//! Out: what to encode and what to expect; or what is wrong with the file, and where.

use serde_json::Value;

use super::Golden;
use super::fields::{Fields, wrong};
use nudged_plugin_api::{
    ActivityEvent, Badge, Click, Kind, Lifetime, LiveActivity, Message, Method, Priority, Settings,
    Sound, Target, Timestamp,
};

pub struct Case {
    pub settings: Settings,
    pub targets: Vec<Target>,
    pub message: Message,
    pub expected: Expected,
}

pub struct Expected {
    pub request: Request,
    pub then: Option<Request>,
    pub class: String,
    pub notices: Vec<String>,
    pub memo: Option<String>,
}

pub struct Request {
    pub method: Method,
    pub url: String,
    /// As `name: value`.
    pub headers: Vec<String>,
    pub body: Option<Value>,
    pub form: Option<Vec<Part>>,
}

/// A field of a form.
pub enum Part {
    Raw(String),
    Decoded(String, Value),
}

impl Case {
    pub fn read<D>(text: &str, shared: &Golden<D>) -> Result<Self, String> {
        let mut file = Fields::read("", text)?;
        let case = Self {
            settings: settings(&mut file, &shared.settings)?,
            targets: targets(&mut file, &shared.targets)?,
            message: match file.object("message")? {
                Some(mut fields) => message(&mut fields, shared.now)?,
                None => return Err(missing("message")),
            },
            expected: Expected {
                request: request(&mut file, "request")?.ok_or_else(|| missing("request"))?,
                then: request(&mut file, "then")?,
                class: file.text("class")?.unwrap_or_default(),
                notices: file.texts("notices")?.ok_or_else(|| missing("notices"))?,
                memo: file.text("memo")?,
            },
        };
        file.end()?;
        Ok(case)
    }
}

fn missing(place: &str) -> String {
    format!("{place}: is missing")
}

fn settings(file: &mut Fields, shared: &Settings) -> Result<Settings, String> {
    let mut settings = shared.clone();
    let Some(fields) = file.object("settings")? else {
        return Ok(settings);
    };
    for (key, value) in fields.all() {
        settings = match (&value, value.as_i64()) {
            (Value::String(text), _) => settings.with(key, text.as_str()),
            (Value::Bool(flag), _) => settings.with(key, *flag),
            (_, Some(number)) => settings.with(key, number),
            _ => {
                let place = format!("settings.{key}");
                return Err(wrong(&place, "a text, whole number or boolean", &value));
            }
        };
    }
    Ok(settings)
}

fn targets(file: &mut Fields, shared: &[Target]) -> Result<Vec<Target>, String> {
    let mut targets = match file.texts("tokens")? {
        None => shared.iter().take(1).cloned().collect(),
        Some(tokens) if tokens.len() > shared.len() => {
            return Err("tokens: are more than there are devices".to_owned());
        }
        Some(tokens) => {
            let pairs = tokens.into_iter().zip(shared);
            pairs
                .map(|(token, target)| {
                    let mut target = target.clone();
                    target.token = token;
                    target
                })
                .collect::<Vec<_>>()
        }
    };
    let badge = file.small("target_badge")?;
    let Some(first) = targets.first_mut() else {
        return Err("tokens: there is no device".to_owned());
    };
    if let Some(number) = badge {
        first.badge = Some(Badge::Set(number));
    }
    Ok(targets)
}

fn click(fields: &mut Fields, page: &str, url: &str) -> Result<Option<Click>, String> {
    match (fields.text(page)?, fields.text(url)?) {
        (Some(_), Some(_)) => Err(one_of(fields, page, url)),
        (of_page, of_url) => Ok(of_page.map(Click::Page).or(of_url.map(Click::Url))),
    }
}

/// All of `fields` as a message.
pub fn message(fields: &mut Fields, now: Timestamp) -> Result<Message, String> {
    let mut message = Message::default();
    message.kind = match fields.text("kind")?.as_deref() {
        None | Some("alert") => Kind::Alert,
        Some("background") => Kind::Background,
        Some("voip") => Kind::Voip,
        Some("live_activity") => Kind::LiveActivity,
        Some(other) => return Err(unknown(fields, "kind", other)),
    };
    message.title = fields.text("title")?;
    message.subtitle = fields.text("subtitle")?;
    message.body = fields.text("body")?;
    message.ext = fields.text_or_json("ext");
    message.click = click(fields, "page", "url")?.unwrap_or_default();
    message.click_else = click(fields, "page_else", "url_else")?;
    message.sound = match fields.text("sound")? {
        None => Sound::Default,
        Some(name) if name == "silent" => Sound::Silent,
        Some(name) => Sound::Named(name),
    };
    message.badge = match (fields.small("badge")?, fields.small("badge_add")?) {
        (None, None) => Badge::Keep,
        (Some(number), None) => Badge::Set(number),
        (None, Some(number)) => Badge::Add(number),
        (Some(_), Some(_)) => return Err(one_of(fields, "badge", "badge_add")),
    };
    message.image = fields.text("image")?;
    message.channel_id = fields.text("channel_id")?;
    message.category = fields.text("category")?;
    message.thread = fields.text("thread")?;
    message.collapse_key = fields.text("collapse_key")?;
    message.priority = match fields.text("priority")?.as_deref() {
        None | Some("high") => Priority::High,
        Some("normal") => Priority::Normal,
        Some(other) => return Err(unknown(fields, "priority", other)),
    };
    message.lifetime = match fields.number("lifetime")? {
        None => Lifetime::NowOrNever,
        Some(seconds) => Lifetime::Until(now.plus_seconds(seconds)),
    };
    message.options = fields.text_or_json("options");
    message.test = fields.flag("test")?;
    message.sender = fields.text("sender")?;
    if let Some(mut fields) = fields.object("live_activity")? {
        message.live_activity = Some(live_activity(&mut fields, now)?);
    }
    fields.end()?;
    Ok(message)
}

fn live_activity(fields: &mut Fields, now: Timestamp) -> Result<LiveActivity, String> {
    let mut activity = LiveActivity::default();
    activity.event = match fields.text("event")?.as_deref() {
        None | Some("update") => ActivityEvent::Update,
        Some("start") => ActivityEvent::Start,
        Some("end") => ActivityEvent::End,
        Some(other) => return Err(unknown(fields, "event", other)),
    };
    activity.timestamp = now;
    activity.content_state = fields.text_or_json("content_state");
    activity.stale_at = fields.number("stale_in")?.map(|it| now.plus_seconds(it));
    activity.dismiss_at = fields.number("dismiss_in")?.map(|it| now.plus_seconds(it));
    activity.attributes_type = fields.text("attributes_type")?;
    activity.attributes = fields.text_or_json("attributes");
    fields.end()?;
    Ok(activity)
}

fn unknown(fields: &Fields, key: &str, value: &str) -> String {
    format!("{}: `{value}` is unknown", fields.place(key))
}

fn one_of(fields: &Fields, one: &str, other: &str) -> String {
    let place = fields.place(one);
    format!("{place}: is there, and so is {}", fields.place(other))
}

fn request(file: &mut Fields, key: &str) -> Result<Option<Request>, String> {
    let Some(mut fields) = file.object(key)? else {
        return Ok(None);
    };
    let request = Request {
        method: match fields.text("method")?.as_deref() {
            None | Some("POST") => Method::Post,
            Some("GET") => Method::Get,
            Some("PUT") => Method::Put,
            Some("DELETE") => Method::Delete,
            Some(other) => return Err(unknown(&fields, "method", other)),
        },
        url: match fields.text("url")? {
            Some(url) => url,
            None => return Err(missing(&fields.place("url"))),
        },
        headers: headers(&mut fields)?,
        body: fields.value("body"),
        form: match fields.list("form")? {
            None => None,
            Some(list) => Some(form(&fields, list)?),
        },
    };
    fields.end()?;
    Ok(Some(request))
}

fn headers(fields: &mut Fields) -> Result<Vec<String>, String> {
    let Some(list) = fields.list("headers")? else {
        return Err(missing(&fields.place("headers")));
    };
    let lines = list.iter().map(|header| match header.as_array() {
        Some(pair) => match pair.as_slice() {
            [Value::String(name), Value::String(value)] => Ok(format!("{name}: {value}")),
            _ => Err(wrong(&fields.place("headers"), "[name, value]", header)),
        },
        None => Err(wrong(&fields.place("headers"), "[name, value]", header)),
    });
    lines.collect()
}

fn form(fields: &Fields, list: Vec<Value>) -> Result<Vec<Part>, String> {
    let parts = list.into_iter().map(|part| match part {
        Value::String(raw) => Ok(Part::Raw(raw)),
        Value::Array(mut pair) => match (pair.pop(), pair.pop(), pair.is_empty()) {
            (Some(value), Some(Value::String(name)), true) => Ok(Part::Decoded(name, value)),
            _ => Err(format!("{}: expected [name, value]", fields.place("form"))),
        },
        other => Err(wrong(
            &fields.place("form"),
            "a text or [name, value]",
            &other,
        )),
    });
    parts.collect()
}
