//! `authorize` and `authorized`: grants that are usable, and refusals in words.

use super::report::Report;
use super::request::{Rules, is_header_value};
use super::secrets::Secrets;
use super::subject::Channel;
use super::{Samples, decode, hostile};
use nudged_plugin_api::{Authorize, Grant, HttpResponse};

/// Life of the grant that stands in for one that only the vendor could give, in seconds.
const STAND_IN: u64 = 3600;

/// The grant that the other checks encode with.
pub fn check(
    channel: &Channel,
    samples: &Samples,
    rules: &Rules,
    secrets: &Secrets,
    report: &mut Report,
) -> Option<Grant> {
    let mut secrets = secrets.clone();
    secrets.add(hostile::MARKER);
    let given: Vec<Grant> = samples
        .grants
        .iter()
        .filter_map(|response| sample(channel, samples, response, report))
        .collect();
    let desk = Desk {
        channel,
        samples,
        secrets,
    };
    match channel.authorize(samples.now, report)? {
        Authorize::Ready(grant) => {
            usable("`authorize`", &grant, samples, report);
            desk.answers(false, report);
            Some(grant)
        }
        Authorize::Fetch(request) => {
            rules.check_head("`authorize`", &request, report);
            if !matches!(rules.check_url(&request.url), Ok(())) {
                report.fail(
                    "grant-request",
                    "the request for a grant has a bad URL",
                    "an https URL on a declared host",
                );
            }
            desk.answers(true, report);
            let stand_in = || Grant::new("conformance-grant", samples.now, STAND_IN);
            Some(given.into_iter().next().unwrap_or_else(stand_in))
        }
        _ => {
            desk.answers(false, report);
            None
        }
    }
}

fn sample(
    channel: &Channel,
    samples: &Samples,
    response: &HttpResponse,
    report: &mut Report,
) -> Option<Grant> {
    match channel.authorized(response, samples.now, report)? {
        Ok(grant) => {
            usable("`authorized`", &grant, samples, report);
            Some(grant)
        }
        Err(verdict) => {
            report.fail(
                "samples",
                format!("a grant response was refused with {}", verdict.code),
                "a grant",
            );
            None
        }
    }
}

struct Desk<'a> {
    channel: &'a Channel,
    samples: &'a Samples,
    secrets: Secrets,
}

impl Desk<'_> {
    fn answers(&self, fetches: bool, report: &mut Report) {
        let bodies = hostile::grant_bodies();
        for status in [
            100, 200, 201, 204, 301, 400, 401, 403, 404, 429, 500, 502, 503, 599,
        ] {
            for body in &bodies {
                self.answer(&HttpResponse::new(status, body.clone()), report);
            }
        }
        for body in hostile::big_bodies() {
            self.answer(&HttpResponse::new(200, body), report);
        }
        for status in [429, 503].into_iter().filter(|_| fetches) {
            let response = HttpResponse::new(status, "{}").with_header("retry-after", "7");
            if let Some(Err(verdict)) = self.channel.authorized(&response, self.samples.now, report)
            {
                decode::waits("`authorized`", status, &verdict, report);
            }
        }
    }

    fn answer(&self, response: &HttpResponse, report: &mut Report) {
        let status = response.status;
        match self.channel.authorized(response, self.samples.now, report) {
            None => {}
            Some(Ok(grant)) => {
                usable("`authorized`", &grant, self.samples, report);
                if !(200..300).contains(&status) {
                    report.fail(
                        "grant-value",
                        format!("`authorized` made a grant of HTTP {status}"),
                        "a verdict",
                    );
                }
            }
            Some(Err(verdict)) => {
                self.secrets.check_verdict(&verdict, report);
                decode::words("`authorized`", status, &verdict, report);
            }
        }
    }
}

fn usable(place: &str, grant: &Grant, samples: &Samples, report: &mut Report) {
    if grant.value.trim().is_empty() || !is_header_value(&grant.value) {
        report.fail(
            "grant-value",
            format!(
                "{place} gave a grant of {} bytes that fits no header",
                grant.value.len()
            ),
            "a printable token",
        );
    }
    let ordered = grant.issued_at <= grant.refresh_at
        && grant.refresh_at <= grant.expires_at
        && grant.not_again_before <= grant.expires_at
        && grant.issued_at <= samples.now;
    if !ordered {
        report.fail(
            "grant-times",
            format!("{place} gave {grant:?} at {}", samples.now.0),
            "issued <= now, and issued <= refresh <= expires",
        );
    }
}
