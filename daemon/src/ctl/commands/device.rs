use http::Method;

use super::Session;
use crate::api::schema::{DeviceList, DeviceReport, DeviceReported, DeviceView};
use crate::ctl::args::ChannelChoice;
use crate::ctl::client::encoded;
use crate::ctl::error::CtlError;
use crate::ctl::print::{or_dash, table, time};

/// Registers a device.
pub async fn put(
    session: &mut Session<'_>,
    app: &str,
    user: &str,
    device: &str,
    channel: ChannelChoice,
    token: String,
    platform: Option<String>,
) -> Result<(), CtlError> {
    let ChannelChoice {
        channel,
        certificate_id,
    } = channel;
    let report = DeviceReport {
        channel,
        certificate_id,
        token,
        platform,
    };
    let json = serde_json::to_vec(&report).map_err(|error| CtlError::Usage(error.to_string()))?;
    let answer = session
        .client
        .ask(Method::PUT, &path(app, user, Some(device)), json)
        .await?;
    if session.passed_on(&answer)? {
        return Ok(());
    }
    let reported: DeviceReported = answer.parse()?;
    let DeviceView {
        user,
        device,
        token,
        ..
    } = &reported.device;
    let way = way(&reported.device);
    session.out.line(format!(
        "registered {user}/{device} on {way}, token {token}"
    ))?;
    match reported.taken_from {
        Some(from) => session.out.line(format!(
            "the token was {}/{}'s until now; that device is no longer registered",
            from.user, from.device
        )),
        None => Ok(()),
    }
}

/// Lists the devices of a user.
pub async fn ls(session: &mut Session<'_>, app: &str, user: &str) -> Result<(), CtlError> {
    let answer = session.client.get(&path(app, user, None)).await?;
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
    let rows: Vec<[String; 5]> = list
        .devices
        .iter()
        .map(|it| {
            [
                it.device.clone(),
                way(it),
                it.token.clone(),
                or_dash(it.platform.as_deref()),
                time(&it.registered_at),
            ]
        })
        .collect();
    let header = ["DEVICE", "CHANNEL", "TOKEN", "PLATFORM", "REGISTERED"];
    session.out.lines(&table(header, &rows))
}

/// Removes a device.
pub async fn rm(
    session: &mut Session<'_>,
    app: &str,
    user: &str,
    device: &str,
) -> Result<(), CtlError> {
    session
        .client
        .ask(Method::DELETE, &path(app, user, Some(device)), Vec::new())
        .await?;
    if session.json {
        return Ok(());
    }
    session.out.line(format!("removed {user}/{device}"))
}

fn way(device: &DeviceView) -> String {
    match &device.channel {
        Some(channel) => channel.clone(),
        None => format!("certificate id {} (no such channel)", device.certificate_id),
    }
}

fn path(app: &str, user: &str, device: Option<&str>) -> String {
    let devices = format!("/v1/apps/{}/users/{}/devices", encoded(app), encoded(user));
    match device {
        Some(device) => format!("{devices}/{}", encoded(device)),
        None => devices,
    }
}
