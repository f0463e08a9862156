use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::time::Duration;

use http::Method;
use serde_json::value::{RawValue, to_raw_value};
use uuid::Uuid;

use super::wait;
use crate::args::{NotificationArgs, SendArgs};
use crate::error::{CtlError, problem_lines};
use crate::print::{count, note};
use crate::session::Session;
use nudged_wire::json::parse;
use nudged_wire::{Accepted, AcceptedNotice, LineAnswer};

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
    let answer = session.client.request(Method::POST, PATH, json).await?;
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

/// Gives a notification without an idempotency key one, so that it may be sent twice. Reads it as
/// the daemon does, and leaves all else in it as it is.
fn with_key(json: Vec<u8>) -> Vec<u8> {
    let Ok(mut spec) = parse::<BTreeMap<String, Box<RawValue>>>(&json) else {
        // The daemon says what is wrong with it.
        return json;
    };
    let given = spec.get(KEY).map(|key| key.get());
    if given.is_none_or(|key| matches!(key, "null" | "\"\""))
        && let Ok(key) = to_raw_value(&Uuid::now_v7().to_string())
    {
        spec.insert(KEY.to_owned(), key);
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
                let mut words = problem_lines(&problem);
                words[0] = format!("line {}: {}", problem.line.unwrap_or(lines), words[0]);
                note(&words);
            }
            Err(error) => {
                return Err(CtlError::BadResponse {
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
    session.out.line(accepted_line(accepted))?;
    let notices = accepted.notices.iter();
    notices
        .map(notice_line)
        .try_for_each(|it| session.out.line(it))
}

fn notice_line(notice: &AcceptedNotice) -> String {
    let channel = notice.channel.as_deref().map(|name| format!("{name}: "));
    let channel = channel.unwrap_or_default();
    format!("  {channel}{} {}", notice.field, notice.text)
}

fn accepted_line(accepted: &Accepted) -> String {
    let devices = count(accepted.deliveries as u64, "device", "devices");
    let why = match &accepted.explanation {
        Some(why) => format!(" ({why})"),
        None => String::new(),
    };
    format!("{} accepted for {devices}{why}", accepted.id)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

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
        assert_eq!(with_key(b"[]".to_vec()), b"[]");
    }

    #[test]
    fn a_mark_and_half_an_emoji_keep_no_notification_from_its_key() {
        let of = |json: &str| String::from_utf8(with_key(json.into())).expect("text");
        let body = r#"{"message":{"body":"cut \ud83d","ext":"1e400"},"to":[]}"#;
        for json in [body.to_owned(), format!("\u{feff}{body}")] {
            let sent = of(&json);
            // The daemon makes of the half what it makes of it in everybody's body.
            assert!(sent.contains(r#""body":"cut \ud83d""#), "{sent}");
            let spec: BTreeMap<String, Box<RawValue>> = serde_json::from_str(&sent).expect("JSON");
            assert_eq!(spec[KEY].get().len(), 38, "{sent}");
        }
        let half_a_key = of(r#"{"\ud83d":1,"to":[]}"#);
        assert!(half_a_key.contains(KEY), "{half_a_key}");
        assert_eq!(
            of("\u{feff}{\"idempotency_key\":\"k1\"}"),
            r#"{"idempotency_key":"k1"}"#
        );
        let digits = "123456789012345678901234567890";
        assert!(of(&format!("{{\"n\":{digits}}}")).contains(digits));
    }

    #[test]
    fn nobody_to_send_to_is_said_in_words() {
        let accepted = |deliveries, why: Option<&str>| {
            let explanation = why.map(str::to_owned);
            accepted_line(&Accepted {
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
