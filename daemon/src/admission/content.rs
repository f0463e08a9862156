//! What is shown: from the caller's words to the drivers'.

use std::sync::Arc;
use std::time::Duration;

use nudged_plugin_api::call::Encoded;
use nudged_plugin_api::{
    ActivityEvent, Click, Kind, Lifetime, LiveActivity, Message, Priority, Timestamp,
};

use super::resolve;
use crate::api::problem::{Code, Problem};
use crate::api::schema::{
    ActivityEventName, ClickSpec, KindName, LiveActivitySpec, NotificationSpec, PriorityName,
};
use crate::config::MAX_TTL;
use crate::dispatch::{Route, Table};
use crate::model::{CertificateId, Content, Recipient, sound, written_at};

/// Now or never still has to be queued, and perhaps wait for a connection.
const NOW: Duration = Duration::from_secs(60);

/// The lifetime; zero is now or never.
pub fn lifetime(ttl: Option<u64>, default: Duration) -> Result<Duration, Problem> {
    let Some(seconds) = ttl else {
        return Ok(default);
    };
    if seconds > MAX_TTL.as_secs() {
        let detail = format!(
            "{seconds} s is too long, at most {} (28 days) is allowed",
            MAX_TTL.as_secs()
        );
        return Err(Problem::new(Code::Invalid, detail).field("ttl"));
    }
    Ok(Duration::from_secs(seconds))
}

/// No attempt after this.
pub fn expiry(ttl: Duration, now: Timestamp) -> Timestamp {
    now.plus_seconds(if ttl.is_zero() {
        NOW.as_secs()
    } else {
        ttl.as_secs()
    })
}

/// The message, without any vendor's options.
pub fn message(spec: &NotificationSpec, ttl: Duration, now: Timestamp) -> Result<Message, Problem> {
    let from = &spec.message;
    let text = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let mut message = Message::default();
    message.kind = match from.kind {
        KindName::Alert => Kind::Alert,
        KindName::Background => Kind::Background,
        KindName::Voip => Kind::Voip,
        KindName::LiveActivity => Kind::LiveActivity,
    };
    message.title = text(&from.title);
    message.subtitle = text(&from.subtitle);
    message.body = text(&from.body);
    message.ext = text(&from.ext);
    message.image = text(&from.image);
    message.channel_id = text(&from.channel_id);
    message.category = text(&from.category);
    message.thread = text(&from.thread);
    message.collapse_key = text(&from.collapse_key);
    message.test = spec.test;
    message.click = from
        .click
        .as_ref()
        .map(click)
        .transpose()?
        .unwrap_or_default();
    message.sound = from.sound.as_deref().map(sound).unwrap_or_default();
    if let Some(badge) = from.badge {
        message.badge = resolve::badge(badge, "message.badge")?;
    }
    message.priority = match from.priority {
        PriorityName::High => Priority::High,
        PriorityName::Normal => Priority::Normal,
    };
    message.lifetime = if ttl.is_zero() {
        Lifetime::NowOrNever
    } else {
        Lifetime::Until(expiry(ttl, now))
    };
    message.live_activity = match (&from.live_activity, message.kind) {
        (Some(activity), Kind::LiveActivity) => Some(live_activity(activity, now)),
        (None, Kind::LiveActivity) => {
            return Err(
                Problem::new(Code::Invalid, "a live_activity needs its content")
                    .field("message.live_activity"),
            );
        }
        (Some(_), _) => {
            return Err(Problem::new(
                Code::Invalid,
                "only a message of kind live_activity has this",
            )
            .field("message.live_activity"));
        }
        (None, _) => None,
    };
    if message.kind == Kind::Alert && message.title.is_none() && message.body.is_none() {
        return Err(
            Problem::new(Code::Invalid, "an alert needs a title or a body")
                .field("message")
                .hint("set message.title or message.body, or message.kind to \"background\""),
        );
    }
    Ok(message)
}

fn click(spec: &ClickSpec) -> Result<Click, Problem> {
    spec.action
        .with(spec.value.as_deref())
        .map_err(|problem| Problem::new(Code::Invalid, problem).field("message.click.value"))
}

fn live_activity(spec: &LiveActivitySpec, now: Timestamp) -> LiveActivity {
    let mut activity = LiveActivity::default();
    activity.event = match spec.event {
        ActivityEventName::Start => ActivityEvent::Start,
        ActivityEventName::Update => ActivityEvent::Update,
        ActivityEventName::End => ActivityEvent::End,
    };
    activity.content_state = spec
        .content_state
        .as_ref()
        .map(|json| json.get().to_owned());
    activity.timestamp = spec.timestamp.map_or(now, Timestamp::from_seconds);
    activity.stale_at = spec.stale_at.map(Timestamp::from_seconds);
    activity.dismiss_at = spec.dismiss_at.map(Timestamp::from_seconds);
    activity.attributes_type.clone_from(&spec.attributes_type);
    activity.attributes = spec.attributes.as_ref().map(|json| json.get().to_owned());
    activity
}

/// What the devices of one channel are told.
#[expect(
    clippy::too_many_arguments,
    reason = "one step of admission, called in one place"
)]
pub fn of_channel(
    table: &Table,
    app: &str,
    channel: CertificateId,
    message: &Message,
    spec: &NotificationSpec,
    ttl: Duration,
    now: Timestamp,
    first: &Recipient,
) -> Result<Arc<Content>, Problem> {
    let mut message = message.clone();
    if let Some(route) = table.by_id(channel)
        && let Some(options) = spec.options.get(&route.info.vendor)
    {
        message.options = Some(options.get().to_owned());
        rehearse(route, &message, &first.token, now)?;
    }
    Ok(Arc::new(Content {
        app: app.to_owned(),
        accepted_at: now,
        expires_at: expiry(ttl, now),
        message,
    }))
}

/// Options are the driver's to understand; the caller should hear at once when it does not.
fn rehearse(route: &Route, message: &Message, token: &str, now: Timestamp) -> Result<(), Problem> {
    match route.rehearse(message, token, now) {
        Some(Encoded::Refused(error)) if error.field != "token" => {
            Err(Problem::new(Code::Invalid, error.problem)
                .field(written_at(&error.field, &route.info.vendor))
                .hint(format!(
                    "the {} driver refuses it ({})",
                    route.info.vendor, error.code
                )))
        }
        // A bad token or a failing driver is found, and explained, at delivery.
        _ => Ok(()),
    }
}

/// Options for a vendor that the app has no channel of are a mistake in writing.
pub fn check_options(table: &Table, app: &str, spec: &NotificationSpec) -> Result<(), Problem> {
    for (vendor, options) in &spec.options {
        if !options.get().trim_start().starts_with('{') {
            return Err(
                Problem::new(Code::Invalid, "a vendor's options are a JSON object")
                    .field(format!("options.{vendor}")),
            );
        }
        if !table.of_app(app).any(|route| route.info.vendor == *vendor) {
            let detail = format!("no channel of app {app} has a driver {vendor:?}");
            return Err(Problem::new(Code::Invalid, detail)
                .field(format!("options.{vendor}"))
                .hint(table.names(app)));
        }
    }
    Ok(())
}
