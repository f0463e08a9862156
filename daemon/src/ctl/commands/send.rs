use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::time::Duration;

use http::Method;
use serde_json::Value;
use uuid::Uuid;

use super::{Session, wait};
use crate::api::schema::{Accepted, AcceptedNotice, LineAnswer};
use crate::api::{halves, unmarked};
use crate::ctl::args::{NotificationArgs, SendArgs};
use crate::ctl::error::{CtlError, refusal};
use crate::ctl::print::{count, tell};

const PATH: &str = "/v1/notifications";
const KEY: &str = "idempotency_key";
/// The code of the last answer in a stream to a daemon that stops.
const STOPPING: &str = "stopping";

/// Sends a notification, or a stream of them.
pub async fn run(session: &mut Session<'_>, args: &SendArgs) -> Result<(), CtlError> {
    if let Some(file) = args.lines().map_err(CtlError::Usage)? {
        return stream(session, file, args.wait).await;
    }
    let json = with_key(body(&args.notification)?);
    let answer = session.client.ask(Method::POST, PATH, json).await?;
    let accepted: Accepted = answer.parse()?;
    if !session.passed_on(&answer)? {
        show(session, &accepted)?;
    }
    match args.wait {
        Some(limit) => wait::run(session, &[accepted], limit).await,
        None => Ok(()),
    }
}

/// The JSON that a file holds, or that the options come to.
pub fn body(args: &NotificationArgs) -> Result<Vec<u8>, CtlError> {
    let Some(file) = &args.file else {
        let spec = args.spec().map_err(CtlError::Usage)?;
        return serde_json::to_vec(&spec).map_err(|error| CtlError::Usage(error.to_string()));
    };
    let mut json = Vec::new();
    let read = open(file)?.read_to_end(&mut json);
    read.map_err(|source| CtlError::Input {
        file: file.clone(),
        source,
    })?;
    Ok(json)
}

/// Gives a notification without an idempotency key one, so that it may be sent twice.
fn with_key(json: Vec<u8>) -> Vec<u8> {
    let Ok(Value::Object(mut spec)) = halves::read(unmarked(&json)) else {
        // The daemon says what is wrong with it.
        return json;
    };
    let absent = [None, Some(&Value::Null), Some(&Value::from(""))];
    if absent.contains(&spec.get(KEY)) {
        spec.insert(KEY.to_owned(), Uuid::now_v7().to_string().into());
    }
    serde_json::to_vec(&spec).unwrap_or(json)
}

async fn stream(
    session: &mut Session<'_>,
    file: &Path,
    wait: Option<Option<Duration>>,
) -> Result<(), CtlError> {
    let mut answers = session.client.upload(PATH, open(file)?).await?;
    let mut sent = Vec::new();
    let (mut lines, mut refused) = (0, 0);
    while let Some(line) = answers.next().await? {
        lines += 1;
        if session.json {
            session.out.raw(&line)?;
        }
        match serde_json::from_slice(&line) {
            Ok(LineAnswer::Accepted(accepted)) => {
                if !session.json {
                    show(session, &accepted)?;
                }
                if wait.is_some() {
                    sent.push(accepted);
                }
            }
            Ok(LineAnswer::Refused { problem }) if problem.code == STOPPING => {
                return Err(CtlError::Refused(Box::new(problem)));
            }
            Ok(LineAnswer::Refused { problem }) => {
                refused += 1;
                let mut words = refusal(&problem);
                words[0] = format!("line {}: {}", problem.line.unwrap_or(lines), words[0]);
                tell(&words);
            }
            Err(error) => {
                return Err(CtlError::Answer {
                    request: format!("line {lines} of POST {PATH}"),
                    answer: error.to_string(),
                });
            }
        }
    }
    if let Some(limit) = wait {
        wait::run(session, &sent, limit).await?;
    }
    match refused {
        0 => Ok(()),
        _ => Err(CtlError::LinesRefused {
            refused,
            lines,
            what: "notifications",
        }),
    }
}

fn open(file: &Path) -> Result<Box<dyn Read + Send>, CtlError> {
    if file == Path::new("-") {
        return Ok(Box::new(io::stdin()));
    }
    let refused = |source| CtlError::Input {
        file: file.to_owned(),
        source,
    };
    let opened = File::open(file).map_err(refused)?;
    if opened.metadata().map_err(refused)?.is_dir() {
        return Err(refused(io::ErrorKind::IsADirectory.into()));
    }
    Ok(Box::new(opened))
}

fn show(session: &mut Session<'_>, accepted: &Accepted) -> Result<(), CtlError> {
    session.out.line(told(accepted))?;
    let notices = accepted.notices.iter();
    notices.map(noticed).try_for_each(|it| session.out.line(it))
}

fn noticed(notice: &AcceptedNotice) -> String {
    let channel = notice.channel.as_deref().map(|name| format!("{name}: "));
    let channel = channel.unwrap_or_default();
    format!("  {channel}{} {}", notice.field, notice.text)
}

fn told(accepted: &Accepted) -> String {
    let devices = count(accepted.deliveries as u64, "device", "devices");
    let why = match &accepted.explanation {
        Some(why) => format!(" ({why})"),
        None => String::new(),
    };
    format!("{} accepted for {devices}{why}", accepted.id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_sent_twice_has_a_key() {
        let of =
            |json: &str| -> Value { serde_json::from_slice(&with_key(json.into())).expect("JSON") };
        let made = of(r#"{"to":[]}"#);
        assert_eq!(made[KEY].as_str().map(str::len), Some(36));
        assert_ne!(of(r#"{"to":[],"idempotency_key":""}"#)[KEY], "");
        assert_eq!(of(r#"{"idempotency_key":"k1"}"#)[KEY], "k1");
        assert_eq!(with_key(b"{no json".to_vec()), b"{no json");
        // Neither what Windows puts in front nor half an emoji costs it.
        let cut = of("\u{feff}{\"message\":{\"body\":\"cut \\ud83d\"}}");
        assert_eq!(cut[KEY].as_str().map(str::len), Some(36));
        assert_eq!(cut["message"]["body"], "cut \u{fffd}");
    }

    #[test]
    fn nobody_to_send_to_is_said_in_words() {
        let accepted = |deliveries, why: Option<&str>| {
            let explanation = why.map(str::to_owned);
            told(&Accepted {
                id: "1".to_owned(),
                deliveries,
                suppressed: 0,
                explanation,
                notices: Vec::new(),
            })
        };
        assert_eq!(accepted(1, None), "1 accepted for 1 device");
        assert_eq!(
            accepted(0, Some("no_device: bob has not registered any")),
            "1 accepted for 0 devices (no_device: bob has not registered any)"
        );
    }
}
