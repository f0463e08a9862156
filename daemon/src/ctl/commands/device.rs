mod export;
mod import;
mod journal;
mod rows;
mod tombstones;

use http::Method;
use serde::Serialize;

use super::Session;
use crate::api::schema::{
    DeviceList, DeviceReport, DeviceReported, DeviceView, StateName, StateSpec,
};
use crate::ctl::args::{ChannelChoice, DeviceArg, PutArgs, StateArgs};
use crate::ctl::client::encoded;
use crate::ctl::error::CtlError;
use crate::ctl::print::{or_dash, table, time};

pub use export::export;
pub use import::import;
pub use tombstones::{restore, tombstones};

/// Registers a device.
pub async fn put(session: &mut Session<'_>, args: PutArgs) -> Result<(), CtlError> {
    let ChannelChoice {
        channel,
        certificate_id,
    } = args.channel;
    let report = DeviceReport {
        channel,
        certificate_id,
        token: Some(args.token),
        platform: args.platform,
        language: args.language,
        app_version: args.app_version,
        login: args.login,
    };
    let answer = session
        .client
        .ask(Method::PUT, &path(&args.device), body(&report)?)
        .await?;
    if session.passed_on(&answer)? {
        return Ok(());
    }
    let reported: DeviceReported = answer.parse()?;
    let DeviceView { user, device, .. } = &reported.device;
    session.out.line(match &reported.device.token {
        Some(token) => {
            let way = way(&reported.device);
            format!("registered {user}/{device} on {way}, token {token}")
        }
        None => format!("{user}/{device} is not pushed until it reports a token"),
    })?;
    match reported.taken_from {
        Some(from) => session.out.line(format!(
            "the token was {}/{}'s until now; that device is no longer registered",
            from.user, from.device
        )),
        None => Ok(()),
    }
}

/// Reports where the app of a device is.
pub async fn state(session: &mut Session<'_>, args: StateArgs) -> Result<(), CtlError> {
    let spec = StateSpec {
        state: args.state,
        lease: args.lease,
        unread: args.unread,
    };
    let path = format!("{}/state", path(&args.device));
    let answer = session.client.ask(Method::PUT, &path, body(&spec)?).await?;
    if session.passed_on(&answer)? {
        return Ok(());
    }
    let now: DeviceView = answer.parse()?;
    let until = match &now.lease_until {
        Some(until) => format!(" until {}", time(until)),
        None => String::new(),
    };
    let unread = match now.unread {
        Some(unread) => format!(", {unread} unread"),
        None => String::new(),
    };
    session.out.line(format!(
        "{}/{} is {}{until}{unread}",
        now.user,
        now.device,
        words(now.state)
    ))
}

/// Lists the devices of a user.
pub async fn ls(session: &mut Session<'_>, app: &str, user: &str) -> Result<(), CtlError> {
    let answer = session.client.get(&of_user(app, user)).await?;
    if session.passed_on(&answer)? {
        return Ok(());
    }
    let list: DeviceList = answer.parse()?;
    if list.devices.is_empty() {
        let elsewhere = if app == "default" { "" } else { " in this app" };
        return session.out.line(format!(
            "no devices: {user} has not registered any{elsewhere}"
        ));
    }
    let rows: Vec<[String; 7]> = list
        .devices
        .iter()
        .map(|it| {
            [
                it.device.clone(),
                way(it),
                or_dash(it.token.as_deref()),
                words(it.state).to_owned(),
                it.unread.map_or("-".to_owned(), |it| it.to_string()),
                or_dash(it.platform.as_deref()),
                time(&it.registered_at),
            ]
        })
        .collect();
    let header = [
        "DEVICE",
        "CHANNEL",
        "TOKEN",
        "STATE",
        "UNREAD",
        "PLATFORM",
        "REGISTERED",
    ];
    session.out.lines(&table(header, &rows))
}

/// Removes a device.
pub async fn rm(session: &mut Session<'_>, device: &DeviceArg) -> Result<(), CtlError> {
    session
        .client
        .ask(Method::DELETE, &path(device), Vec::new())
        .await?;
    if session.json {
        return Ok(());
    }
    let DeviceArg { user, device, .. } = device;
    session.out.line(format!("removed {user}/{device}"))
}

fn way(device: &DeviceView) -> String {
    match (&device.channel, device.certificate_id) {
        (Some(channel), _) => channel.clone(),
        (None, Some(id)) => format!("certificate id {id} (no such channel)"),
        (None, None) => "off".to_owned(),
    }
}

const fn words(state: StateName) -> &'static str {
    match state {
        StateName::Background => "background",
        StateName::Foreground => "foreground",
        StateName::LoggedOut => "logged out",
        StateName::Kicked => "kicked",
    }
}

fn body(value: &impl Serialize) -> Result<Vec<u8>, CtlError> {
    serde_json::to_vec(value).map_err(|error| CtlError::Usage(error.to_string()))
}

fn path(device: &DeviceArg) -> String {
    let DeviceArg { user, device, app } = device;
    format!("{}/{}", of_user(&app.app, user), encoded(device))
}

fn of_user(app: &str, user: &str) -> String {
    format!("/v1/apps/{}/users/{}/devices", encoded(app), encoded(user))
}
