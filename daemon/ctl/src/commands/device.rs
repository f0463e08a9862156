mod export;
mod import;
mod journal;
mod rows;
mod tokens;
mod tombstones;

use http::Method;

use crate::args::{ChannelChoice, DeviceArg, PutArgs, StateArgs};
use crate::client::encoded;
use crate::error::CtlError;
use crate::print::{or_dash, table, time};
use crate::session::Session;
use nudged_wire::{DeviceList, DeviceReport, DeviceReported, DeviceView, StateName, StateSpec};

pub use export::export;
pub use import::import;
pub use tombstones::{put_back, restore, tombstones};

/// Registers a device.
pub async fn put(session: &mut Session<'_>, args: PutArgs) -> Result<(), CtlError> {
    let ChannelChoice {
        channel,
        certificate_id,
    } = args.channel;
    let report = DeviceReport {
        channel,
        certificate_id,
        token: Some(Some(args.token)),
        tokens: tokens::spec(args.tokens),
        platform: args.platform,
        language: args.language,
        app_version: args.app_version,
        login: args.login,
    };
    let answer = session
        .client
        .request_with(Method::PUT, &path(&args.device), &report)
        .await?;
    let Some(reported) = session.read::<DeviceReported>(&answer)? else {
        return Ok(());
    };
    let DeviceView { user, device, .. } = &reported.device;
    session.out.line(match &reported.device.token {
        Some(token) => {
            let channel = channel_name(&reported.device);
            format!("registered {user}/{device} on {channel}, token {token}")
        }
        None => format!("{user}/{device} is not pushed until it reports a token"),
    })?;
    for kind in tokens::rows(&reported.device.tokens) {
        let tokens::TokenRow {
            name,
            channel_name,
            token,
            ..
        } = kind;
        session
            .out
            .line(format!("  {name}: {channel_name}, token {token}"))?;
    }
    if let Some(from) = reported.taken_from {
        session.out.line(format!(
            "the token was {}/{}'s until now; that device is no longer registered",
            from.user, from.device
        ))?;
    }
    for from in reported.tokens_from {
        session.out.line(format!(
            "one of the tokens was {}/{}'s until now; that device is registered without it",
            from.user, from.device
        ))?;
    }
    Ok(())
}

/// Reports where the app of a device is.
pub async fn state(session: &mut Session<'_>, args: StateArgs) -> Result<(), CtlError> {
    let spec = StateSpec {
        state: args.state,
        lease: args.lease,
        unread: args.unread,
    };
    let path = format!("{}/state", path(&args.device));
    let answer = session
        .client
        .request_with(Method::PUT, &path, &spec)
        .await?;
    let Some(now) = session.read::<DeviceView>(&answer)? else {
        return Ok(());
    };
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
        state_name(now.state)
    ))
}

/// Lists the devices of a user.
pub async fn ls(session: &mut Session<'_>, app: &str, user: &str) -> Result<(), CtlError> {
    let answer = session.client.get(&of_user(app, user)).await?;
    let Some(list) = session.read::<DeviceList>(&answer)? else {
        return Ok(());
    };
    if list.devices.is_empty() {
        let elsewhere = if app == "default" { "" } else { " in this app" };
        return session.out.line(format!(
            "no devices: {user} has not registered any{elsewhere}"
        ));
    }
    let mut rows: Vec<[String; 7]> = Vec::new();
    for it in &list.devices {
        rows.push([
            it.device.clone(),
            channel_name(it),
            or_dash(it.token.as_deref()),
            state_name(it.state).to_owned(),
            it.unread.map_or("-".to_owned(), |it| it.to_string()),
            or_dash(it.platform.as_deref()),
            time(&it.registered_at),
        ]);
        rows.extend(tokens::rows(&it.tokens).into_iter().map(|kind| {
            let none = String::new;
            let name = format!("  {}", kind.name);
            let registered = time(&kind.registered_at);
            [
                name,
                kind.channel_name,
                kind.token,
                kind.state,
                none(),
                none(),
                registered,
            ]
        }));
    }
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
        .request(Method::DELETE, &path(device), Vec::new())
        .await?;
    if session.json {
        return Ok(());
    }
    let DeviceArg { user, device, .. } = device;
    session.out.line(format!("removed {user}/{device}"))
}

fn channel_name(device: &DeviceView) -> String {
    match device.certificate_id {
        Some(id) => tokens::channel_name(device.channel.as_deref(), id),
        None => "off".to_owned(),
    }
}

const fn state_name(state: StateName) -> &'static str {
    match state {
        StateName::Background => "background",
        StateName::Foreground => "foreground",
        StateName::LoggedOut => "logged out",
        StateName::Kicked => "kicked",
    }
}

fn path(device: &DeviceArg) -> String {
    let DeviceArg { user, device, app } = device;
    format!("{}/{}", of_user(&app.app, user), encoded(device))
}

fn of_user(app: &str, user: &str) -> String {
    format!("/v1/apps/{}/users/{}/devices", encoded(app), encoded(user))
}
