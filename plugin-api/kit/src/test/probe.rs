//! `probe` and `probed`: a request as the daemon may send it, to nobody, and answers that prove a
//! credential only where the vendor can have looked at it.

use super::decode::{self, TELLING};
use super::report::Report;
use super::{Bench, hostile};
use nudged_plugin_api::info::Probe;
use nudged_plugin_api::{Authorize, Class};

pub fn check(bench: &Bench, report: &mut Report) {
    let now = bench.samples.now;

    match bench.info.probe {
        Probe::Grant => {
            let fetches = bench.channel.authorize(now, report);
            if !matches!(fetches, Some(Authorize::Fetch(_))) {
                report.fail(
                    "probe-declared",
                    "`Info::probe` is Grant, but `authorize` fetches none",
                    "a grant that is fetched",
                );
            }
            return;
        }
        Probe::Request if bench.grant.is_none() && bench.channel.grant_scope(report).is_some() => {
            report.fail(
                "samples",
                "there is no grant to probe with",
                "a sample grant",
            );
            return;
        }
        Probe::Request => {}
        _ => return,
    }
    match bench.channel.probe(bench.grant.as_ref(), now, report) {
        Some(Some(request)) => bench.rules.check("the probe", &request, report),
        Some(None) => report.fail(
            "probe-declared",
            "`Info::probe` is Request, but `probe` gave none",
            "a request",
        ),
        None => {}
    }
    answers(bench, report);
}

fn answers(bench: &Bench, report: &mut Report) {
    let every: Vec<u16> = (100..=599).collect();
    let mut responses = decode::answers(&every, &hostile::bodies());
    responses.extend(decode::answers(&TELLING, &hostile::big_bodies()));
    responses.extend(bench.samples.captures.iter().cloned());
    for response in responses {
        let status = response.status;
        match bench.channel.probed(&response, bench.samples.now, report) {
            Some(Ok(())) if !matches!(status, 200..=299 | 400..=499) => report.fail(
                "probe-declared",
                format!("`probed` takes HTTP {status} for a proof"),
                "a verdict",
            ),
            Some(Err(verdict)) => {
                bench.secrets.check_verdict(&verdict, report);
                decode::words("`probed`", status, &verdict, report);
                if verdict.class == Class::Accepted {
                    report.fail(
                        "probe-declared",
                        format!("`probed` of HTTP {status} fails with an acceptance"),
                        "a refusal, or Ok",
                    );
                }
            }
            _ => {}
        }
    }
}
