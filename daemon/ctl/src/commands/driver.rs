use serde::Deserialize;
use serde_json::value::RawValue;

use crate::error::CtlError;
use crate::print::{or_dash, table};
use crate::session::Session;
use nudged_wire::{DriverList, DriverState, DriverView, KindName};

mod skeleton;

pub use skeleton::{ChannelValues, channel_file};

/// Lists the drivers, and the files that are none.
pub async fn ls(session: &mut Session<'_>) -> Result<(), CtlError> {
    let answer = session.client.get("/v1/drivers").await?;
    let Some(list) = session.read::<DriverList>(&answer)? else {
        return Ok(());
    };
    let (loaded, refused): (Vec<_>, Vec<_>) = list
        .drivers
        .iter()
        .partition(|it| it.state == DriverState::Loaded);
    if loaded.is_empty() {
        session
            .out
            .line("no drivers: the driver directory holds no usable .so file")?;
    } else {
        let rows: Vec<[String; 6]> = loaded.into_iter().map(row).collect();
        let header = ["DRIVER", "VERSION", "CHANNELS", "SENDS", "SERVICE", "FILE"];
        session.out.lines(&table(header, &rows))?;
    }
    for driver in refused {
        let problem = driver.problem.as_deref().unwrap_or(&driver.file);
        session.out.line(format!("refused: {problem}"))?;
    }
    Ok(())
}

fn row(driver: &DriverView) -> [String; 6] {
    let kinds = driver.kinds.iter().map(|it| match it.kind {
        KindName::Alert => "alert",
        KindName::Background => "background",
        KindName::Voip => "voip",
        KindName::LiveActivity => "live_activity",
    });
    let sends: Vec<&str> = std::iter::once("alert").chain(kinds).collect();
    [
        or_dash(driver.vendor.as_deref()),
        or_dash(driver.version.as_deref()),
        or_dash(Some(&driver.channels.join(", "))),
        sends.join(", "),
        or_dash(driver.title.as_deref()),
        driver.file.clone(),
    ]
}

/// Prints a channel file for a driver.
pub async fn show(session: &mut Session<'_>, name: &str) -> Result<(), CtlError> {
    let answer = session.client.get("/v1/drivers").await?;
    let list: DriverList = answer.parse()?;
    let place = list
        .drivers
        .iter()
        .position(|it| it.vendor.as_deref() == Some(name));
    let Some(driver) = place.and_then(|place| list.drivers.get(place)) else {
        let known: Vec<&str> = list
            .drivers
            .iter()
            .filter_map(|it| it.vendor.as_deref())
            .collect();
        return Err(CtlError::NotFound(match known.as_slice() {
            [] => format!("no driver {name}: the driver directory holds no usable .so file"),
            known => format!("no driver {name}; there are: {}", known.join(", ")),
        }));
    };
    if !session.json {
        return session
            .out
            .lines(&skeleton::channel_file(driver, &ChannelValues::default()));
    }
    let raw: RawList = answer.parse()?;
    match place.and_then(|place| raw.drivers.get(place)) {
        Some(raw) => session.out.raw(raw.get().as_bytes()),
        None => Ok(()),
    }
}

/// The list with its members as they came.
#[derive(Deserialize)]
struct RawList {
    drivers: Vec<Box<RawValue>>,
}
