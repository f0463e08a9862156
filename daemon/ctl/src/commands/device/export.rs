use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use indicatif::ProgressBar;

use super::rows::COLUMNS;
use crate::client::{ResponseLines, encoded};
use crate::error::CtlError;
use crate::print::count;
use crate::session::Session;
use nudged_wire::DeviceLine;

/// Writes all devices of an app to a file. The file is there once it is whole.
pub async fn export(session: &mut Session<'_>, app: &str, file: &Path) -> Result<(), CtlError> {
    let path = format!("/v1/devices/export?app={}", encoded(app));
    let mut lines = session.client.lines(&path).await?;
    if file == Path::new("-") {
        while let Some(line) = lines.next_or_ended().await? {
            session.out.raw(&line)?;
            if session.out.closed() {
                break;
            }
        }
        return Ok(());
    }
    let part = part_of(file);
    let failed = |source| CtlError::File {
        file: part.clone(),
        source,
    };
    // Whoever has the tokens can be taken for the app: nobody else may read them.
    let opened = OpenOptions::new()
        .create(true)
        .truncate(true)
        .write(true)
        .mode(0o600)
        .open(&part)
        .map_err(failed)?;
    let sink = Sink::of(file, opened);
    let written = write(&mut lines, sink, is_csv(file), &failed).await;
    let done = written.and_then(|devices| {
        fs::rename(&part, file).map_err(failed)?;
        Ok(devices)
    });
    match done {
        Ok(devices) => session.out.line(format!(
            "wrote {} to {}",
            count(devices, "device", "devices"),
            file.display()
        )),
        Err(error) => {
            let _ = fs::remove_file(&part);
            Err(error)
        }
    }
}

async fn write(
    lines: &mut ResponseLines,
    mut sink: Sink,
    csv: bool,
    failed: &impl Fn(io::Error) -> CtlError,
) -> Result<u64, CtlError> {
    let bar = ProgressBar::new_spinner();
    let mut devices = 0;
    if csv {
        let mut writer = csv::Writer::from_writer(&mut sink);
        let row = |error: csv::Error| failed(error.into());
        writer.write_record(COLUMNS).map_err(row)?;
        while let Some(line) = lines.next_or_ended().await? {
            let device = serde_json::from_slice(&line).map_err(|error| CtlError::BadResponse {
                request: "GET /v1/devices/export".to_owned(),
                answer: error.to_string(),
            })?;
            writer.write_record(cells(device)).map_err(row)?;
            devices += 1;
            bar.inc(1);
        }
        writer.flush().map_err(failed)?;
    } else {
        while let Some(line) = lines.next_or_ended().await? {
            sink.write_all(&line).map_err(failed)?;
            sink.write_all(b"\n").map_err(failed)?;
            devices += 1;
            bar.inc(1);
        }
    }
    sink.finish().map_err(failed)?;
    bar.finish_and_clear();
    Ok(devices)
}

/// In the order of the columns.
fn cells(device: DeviceLine) -> [String; COLUMNS.len()] {
    let number = |number: Option<u32>| number.map_or_else(String::new, |it| it.to_string());
    let state = serde_json::to_value(device.state).unwrap_or_default();
    // Tokens have nothing that JSON lacks.
    let tokens = device.tokens.and_then(|it| serde_json::to_string(&it).ok());
    [
        device.app.unwrap_or_default(),
        device.user,
        device.device,
        number(device.certificate_id),
        device.channel.unwrap_or_default(),
        device.token.unwrap_or_default(),
        tokens.unwrap_or_default(),
        device.platform.unwrap_or_default(),
        device.language.unwrap_or_default(),
        device.app_version.unwrap_or_default(),
        state.as_str().unwrap_or_default().to_owned(),
        number(device.unread),
    ]
}

enum Sink {
    Plain(BufWriter<File>),
    Packed(GzEncoder<BufWriter<File>>),
}

impl Sink {
    fn of(file: &Path, opened: File) -> Self {
        let to = BufWriter::new(opened);
        if file.extension().is_some_and(|it| it == "gz") {
            Self::Packed(GzEncoder::new(to, Compression::default()))
        } else {
            Self::Plain(to)
        }
    }

    fn finish(self) -> io::Result<()> {
        let mut to = match self {
            Self::Plain(to) => to,
            Self::Packed(packed) => packed.finish()?,
        };
        to.flush()?;
        to.get_ref().sync_all()
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(to) => to.write(bytes),
            Self::Packed(to) => to.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(to) => to.flush(),
            Self::Packed(to) => to.flush(),
        }
    }
}

fn is_csv(file: &Path) -> bool {
    let name = file.to_string_lossy().to_lowercase();
    name.strip_suffix(".gz").unwrap_or(&name).ends_with(".csv")
}

fn part_of(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".part");
    name.into()
}
