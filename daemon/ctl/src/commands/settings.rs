use http::Method;

use crate::args::SetArgs;
use crate::client::{ApiResponse, encoded};
use crate::error::CtlError;
use crate::print::{span, table};
use crate::session::Session;
use nudged_wire::Settings;

/// Shows what a user wants of push.
pub async fn show(session: &mut Session<'_>, app: &str, user: &str) -> Result<(), CtlError> {
    let answer = session.client.get(&path(app, user)).await?;
    show_answer(session, &answer)
}

/// Changes what a user wants of push, and shows all of it.
pub async fn set(session: &mut Session<'_>, args: &SetArgs) -> Result<(), CtlError> {
    let change = args.change();
    if change.as_object().is_some_and(serde_json::Map::is_empty) {
        return Err(CtlError::Usage("nothing to set".to_owned()));
    }
    let path = path(&args.app.app, &args.user);
    let json = change.to_string().into_bytes();
    let answer = session.client.request(Method::PATCH, &path, json).await?;
    show_answer(session, &answer)
}

fn show_answer(session: &mut Session<'_>, answer: &ApiResponse) -> Result<(), CtlError> {
    if session.passed_on(answer)? {
        return Ok(());
    }
    session
        .out
        .lines(&table(["SETTING", "VALUE"], &rows(answer.parse()?)))
}

fn rows(settings: Settings) -> Vec<[String; 2]> {
    let sound = |sound: Option<Option<String>>| match sound {
        None => "-".to_owned(),
        Some(None) => "default (the system's)".to_owned(),
        Some(Some(name)) => name,
    };
    let enabled = if settings.enabled { "yes" } else { "no" };
    let quiet = settings.quiet_hours.map_or("-".to_owned(), |it| {
        let length = span(it.duration.into());
        format!("{} for {length}, {}", it.start, it.time_zone)
    });
    let rows = [
        ("enabled", enabled.to_owned()),
        ("c2c sound", sound(settings.c2c_sound)),
        ("group sound", sound(settings.group_sound)),
        ("quiet hours", quiet),
    ];
    let platforms = settings.platforms.unwrap_or_default();
    let of_platforms = [
        ("ios", platforms.ios),
        ("android", platforms.android),
        ("harmony", platforms.harmony),
    ]
    .into_iter()
    .filter_map(|(name, sounds)| Some((name, sounds?)))
    .flat_map(|(name, sounds)| {
        [("c2c", sounds.c2c_sound), ("group", sounds.group_sound)]
            .map(|(kind, it)| [format!("{name} {kind} sound"), sound(it)])
    });
    let of_conversations = settings
        .do_not_disturb
        .into_iter()
        .map(|(name, value)| [name, format!("{value} ({})", meaning(value))]);
    rows.into_iter()
        .map(|(name, value)| [name.to_owned(), value])
        .chain(of_platforms)
        .chain(of_conversations)
        .collect()
}

const fn meaning(value: u8) -> &'static str {
    match value {
        0 => "push",
        1 => "does not receive",
        2 => "no push",
        3 => "push of mentions",
        4 => "receives mentions only",
        _ => "unknown",
    }
}

fn path(app: &str, user: &str) -> String {
    format!("/v1/apps/{}/users/{}/settings", encoded(app), encoded(user))
}
