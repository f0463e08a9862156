use super::trace::{recipient, via};
use crate::args::EventsArgs;
use crate::client::encoded;
use crate::error::CtlError;
use crate::print::{or_dash, time};
use crate::session::Session;
use nudged_wire::Event;

/// Shows how deliveries end.
pub async fn run(session: &mut Session<'_>, args: &EventsArgs) -> Result<(), CtlError> {
    let path = path(args);
    let mut lines = if args.follow {
        session.client.follow(&path).await?
    } else {
        session.client.lines(&path).await?
    };
    let mut cursor = args.since.filter(|_| args.follow);
    let mut any = false;
    while !session.out.closed() {
        let line = match lines.next_or_ended().await {
            Ok(Some(line)) => line,
            Ok(None) if !args.follow => break,
            // To who follows, the end is a mistake however it came.
            Ok(None) => return Err(CtlError::StreamEnded { cursor }),
            Err(CtlError::Disconnected(_)) if args.follow => {
                return Err(CtlError::StreamEnded { cursor });
            }
            Err(error) => return Err(error),
        };
        let event: Option<Event> = serde_json::from_slice(&line).ok();
        cursor = event.as_ref().map(|event| event.cursor).or(cursor);
        any = true;
        match event {
            Some(event) if !session.json => session.out.line(event_line(&event))?,
            // What is not understood is passed on too: a newer daemon may say more.
            _ => session.out.raw(&line)?,
        }
    }
    if !any && !session.json && !session.out.closed() {
        session.out.line(nothing(args))?;
    }
    Ok(())
}

fn nothing(args: &EventsArgs) -> String {
    let whose = match &args.app {
        Some(app) => format!(" of app {app}"),
        None => String::new(),
    };
    let since = match args.since {
        Some(cursor) if cursor > 0 => format!("after cursor {cursor}"),
        _ => "that is still remembered".to_owned(),
    };
    format!("no events: no delivery{whose} has ended {since}")
}

fn path(args: &EventsArgs) -> String {
    let mut query = Vec::new();
    if let Some(since) = args.since.or((!args.follow).then_some(0)) {
        query.push(format!("since={since}"));
    }
    if args.follow {
        query.push("follow=true".to_owned());
    }
    if let Some(app) = &args.app {
        query.push(format!("app={}", encoded(app)));
    }
    format!("/v1/events?{}", query.join("&"))
}

/// An event on a line; what has a known length comes first, so that columns stand.
fn event_line(event: &Event) -> String {
    format!(
        "{at}  {id}#{n}  {outcome:<13}  {code:<16}  {app}: {recipient} via {via}  [{cursor}]",
        at = time(&event.at),
        id = event.id,
        n = event.n,
        outcome = event.outcome,
        code = or_dash(Some(&event.code)),
        app = event.app,
        recipient = recipient(event.user.as_deref(), event.device.as_deref()),
        via = via(event.channel.as_deref(), event.certificate_id),
        cursor = event.cursor,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_options_everything_that_is_kept_is_told() {
        let args = |follow, since| EventsArgs {
            follow,
            since,
            app: None,
        };
        assert_eq!(path(&args(false, None)), "/v1/events?since=0");
        assert_eq!(path(&args(true, None)), "/v1/events?follow=true");
        assert_eq!(path(&args(true, Some(7))), "/v1/events?since=7&follow=true");
        let app = Some("a&b".to_owned());
        let args = EventsArgs {
            follow: false,
            since: Some(7),
            app,
        };
        assert_eq!(path(&args), "/v1/events?since=7&app=a%26b");
    }

    #[test]
    fn an_event_is_a_line_with_its_cursor() {
        let event = Event {
            cursor: 42,
            at: "2026-03-01T12:00:00.000Z".to_owned(),
            id: "019a0000-1111-7222-8333-444455556666".to_owned(),
            n: 0,
            app: "default".to_owned(),
            channel: Some("ios".to_owned()),
            certificate_id: Some(1),
            user: Some("bob".to_owned()),
            device: Some("phone".to_owned()),
            outcome: "accepted".to_owned(),
            code: "200".to_owned(),
            vendor_id: None,
        };
        let expected = "2026-03-01 12:00:00Z  019a0000-1111-7222-8333-444455556666#0  accepted     \
                        \u{20} 200               default: bob/phone via ios  [42]";
        assert_eq!(event_line(&event), expected);
    }
}
