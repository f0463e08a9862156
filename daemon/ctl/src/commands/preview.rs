use http::Method;

use super::send::body;
use super::trace::{recipient, via};
use crate::args::NotificationArgs;
use crate::error::CtlError;
use crate::print::{Out, count, plain};
use crate::session::Session;
use nudged_wire::{PreviewDelivery, PreviewRequest, PreviewView};

const PATH: &str = "/v1/notifications/preview";

/// Shows what sending a notification would do.
pub async fn run(session: &mut Session<'_>, args: &NotificationArgs) -> Result<(), CtlError> {
    let answer = session
        .client
        .request(Method::POST, PATH, body(args)?)
        .await?;
    if session.passed_on(&answer)? {
        return Ok(());
    }
    show(session.out, &answer.parse()?)
}

fn show(out: &mut Out, view: &PreviewView) -> Result<(), CtlError> {
    for line in view.deliveries.iter().flat_map(delivery) {
        out.line(line)?;
    }
    for (at, it) in view.requests.iter().enumerate() {
        out.line("")?;
        for line in request(at, it) {
            out.line(line)?;
        }
    }
    Ok(())
}

/// Whether a device would be pushed, else by which rule not, and what would change that.
fn delivery(delivery: &PreviewDelivery) -> Vec<String> {
    let mut line = recipient(delivery.user.as_deref(), delivery.device.as_deref());
    if delivery.certificate_id.is_some() {
        let via = via(delivery.channel.as_deref(), delivery.certificate_id);
        line.push_str(&format!(" via {via}"));
    }
    if let Some(driver) = &delivery.driver {
        line.push_str(&format!(" ({driver})"));
    }
    if !delivery.token.is_empty() {
        line.push_str(&format!(", token {}", delivery.token));
    }
    let Some(reason) = &delivery.reason else {
        let which = delivery.request.map(number).unwrap_or_default();
        return vec![format!("{line}: pushed{which}")];
    };
    let mut lines = vec![format!(
        "{line}: not pushed, {} {}",
        reason.outcome, reason.code
    )];
    if !reason.text.is_empty() {
        lines.push(format!("    {}", plain(&reason.text)));
    }
    if !reason.remedy.is_empty() {
        lines.push(format!("    what to do: {}", plain(&reason.remedy)));
    }
    lines
}

fn number(at: usize) -> String {
    format!(", request {}", at + 1)
}

/// A request as the vendor would get it, and what of the message it does not carry.
fn request(at: usize, request: &PreviewRequest) -> Vec<String> {
    let devices = count(request.devices as u64, "device", "devices");
    let mut lines = vec![
        format!(
            "request {} via {} ({}), {devices}",
            at + 1,
            request.channel,
            request.driver
        ),
        format!("    {} {}", request.method, request.url),
    ];
    let headers = request.headers.iter();
    lines.extend(headers.map(|it| format!("    {}: {}", it.name, it.value)));
    if !request.body.is_empty() {
        lines.push(String::new());
        lines.extend(pretty(&request.body).lines().map(|it| format!("    {it}")));
    }
    let warnings = request.warnings.iter();
    lines.extend(warnings.map(|it| format!("  warning: {}: {}", it.field, plain(&it.text))));
    if request.continues {
        let more = "a second request may follow, made of the vendor's answer to this one";
        lines.push(format!("  then: {more}"));
    }
    lines
}

/// JSON with its members on lines, a form with a field a line, anything else as it is.
fn pretty(body: &str) -> String {
    if let Ok(json) = serde_json::from_str::<serde_json::Value>(body) {
        return format!("{json:#}");
    }
    if body.contains('=') && !body.contains(char::is_whitespace) {
        let fields = form_urlencoded::parse(body.as_bytes());
        // A value's own line breaks must not look like further fields.
        let fields = fields.map(|(name, value)| plain(&format!("{name} = {value}")));
        return fields.collect::<Vec<_>>().join("\n");
    }
    body.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use nudged_wire::{HeaderView, NoticeView, ReasonView};

    #[test]
    fn a_device_is_told_with_its_request_or_the_rule() {
        let mut phone = PreviewDelivery {
            user: Some("bob".to_owned()),
            device: Some("phone".to_owned()),
            token: "b0bb…b0b1".to_owned(),
            channel: Some("ios".to_owned()),
            certificate_id: Some(1),
            driver: Some("apns".to_owned()),
            pushed: true,
            request: Some(0),
            reason: None,
        };
        let name = "bob/phone via ios (apns), token b0bb…b0b1";
        assert_eq!(delivery(&phone), [format!("{name}: pushed, request 1")]);
        phone.reason = Some(ReasonView {
            outcome: "suppressed".to_owned(),
            code: "foreground".to_owned(),
            text: "in sight".to_owned(),
            remedy: "wait".to_owned(),
        });
        let expected = [
            format!("{name}: not pushed, suppressed foreground"),
            "    in sight".to_owned(),
            "    what to do: wait".to_owned(),
        ];
        assert_eq!(delivery(&phone), expected);
        let nobody = PreviewDelivery {
            user: Some("eve".to_owned()),
            reason: phone.reason.map(|it| ReasonView {
                text: String::new(),
                remedy: String::new(),
                ..it
            }),
            ..PreviewDelivery::default()
        };
        assert_eq!(
            delivery(&nobody),
            ["eve: not pushed, suppressed foreground"]
        );
    }

    #[test]
    fn a_request_is_told_line_by_line() {
        let shown = request(
            1,
            &PreviewRequest {
                channel: "oppo".to_owned(),
                driver: "oppo".to_owned(),
                method: "POST".to_owned(),
                url: "https://example.com/save".to_owned(),
                headers: vec![HeaderView {
                    name: "auth_token".to_owned(),
                    value: "…".to_owned(),
                }],
                body: r#"{"title":"T"}"#.to_owned(),
                devices: 2,
                continues: true,
                warnings: vec![NoticeView {
                    field: "message.image".to_owned(),
                    text: "not\nshown".to_owned(),
                }],
            },
        );
        let expected = [
            "request 2 via oppo (oppo), 2 devices",
            "    POST https://example.com/save",
            "    auth_token: …",
            "",
            "    {",
            "      \"title\": \"T\"",
            "    }",
            "  warning: message.image: not\\nshown",
            "  then: a second request may follow, made of the vendor's answer to this one",
        ];
        assert_eq!(shown, expected);
    }

    #[test]
    fn a_form_is_told_field_by_field() {
        assert_eq!(pretty("title=a+b%0A&to=x%26y"), "title = a b\\n\nto = x&y");
        assert_eq!(pretty("no form = at all"), "no form = at all");
    }
}
