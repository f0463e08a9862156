//! `decode`: any bytes at all become one verdict per target, in words.

use super::report::{Report, shorten};
use super::subject::Answered;
use super::{Bench, hostile};
use nudged_plugin_api::{Class, Decoded, FollowUp, HttpResponse, Target, Verdict};

/// Statuses that the long bodies are tried with.
pub const TELLING: [u16; 8] = [200, 400, 401, 404, 410, 429, 500, 503];
/// Requests that may follow the first one.
const FOLLOW_UPS: usize = 3;
/// Jobs in one frame.
pub const CHUNK: usize = 256;

pub fn check(bench: &Bench, report: &mut Report) {
    let every: Vec<u16> = (100..=599).collect();
    let captures = &bench.samples.captures;
    let bodies = hostile::bodies();
    let mut small = answers(&every, &bodies);
    small.extend(captures.iter().cloned());
    let memo = bench.memo(1, report);
    run(bench, &small, &memo, &[1], report);
    let mut few = answers(&TELLING, &bodies);
    for capture in captures {
        let body = &capture.body;
        let cut = [
            body[..body.len() / 2].to_vec(),
            body[..body.len().saturating_sub(1)].to_vec(),
        ];
        few.extend(answers(&TELLING, &cut));
        few.push(capture.clone());
    }
    for size in bench.sizes() {
        let memo = bench.memo(size, report);
        run(bench, &few, &memo, &[size], report);
    }
    // A memo may be lost, or come from another version of the driver.
    for memo in [&b""[..], b"\xff\0{memo"] {
        run(bench, &few, memo, &[1], report);
    }
    for body in hostile::big_bodies() {
        run(bench, &answers(&TELLING, &[body]), &memo, &[1], report);
    }
    retry_after(bench, report);
}

pub fn answers(statuses: &[u16], bodies: &[Vec<u8>]) -> Vec<HttpResponse> {
    let each = |status: u16| {
        bodies
            .iter()
            .map(move |body| HttpResponse::new(status, body.clone()))
    };
    statuses.iter().copied().flat_map(each).collect()
}

fn run(
    bench: &Bench,
    responses: &[HttpResponse],
    memo: &[u8],
    sizes: &[usize],
    report: &mut Report,
) {
    for &size in sizes {
        let targets = bench.targets(size);
        // Big batches multiply every answer: keep frames to a bearable size.
        for chunk in responses.chunks((CHUNK / size).max(1)) {
            let jobs: Vec<Answered> = chunk
                .iter()
                .map(|response| (targets.clone(), response.clone(), memo.to_vec()))
                .collect();
            let answers = bench.channel.decode(&jobs, bench.samples.now, report);
            for ((_, response, _), answer) in jobs.iter().zip(answers) {
                if let Some(answer) = answer {
                    follow(bench, &targets, response, answer, report);
                }
            }
        }
    }
}

/// Follows an answer to its verdicts, with the same response to every follow-up.
fn follow(
    bench: &Bench,
    targets: &[Target],
    response: &HttpResponse,
    mut answer: Decoded,
    report: &mut Report,
) {
    let status = response.status;
    for _ in 0..=FOLLOW_UPS {
        match answer {
            Decoded::Verdicts(list) => return verdicts(bench, targets, response, &list, report),
            Decoded::FollowUp(FollowUp { request, memo, .. }) => {
                let problem = bench.rules.check_url(&request.url).err();
                bench.rules.check("a follow-up", &request, report);
                if let Some(problem) = problem {
                    report.fail(
                        "follow-up",
                        format!("after HTTP {status}, the URL of the follow-up {problem}"),
                        "a request like any other",
                    );
                }
                let job = (targets.to_vec(), response.clone(), memo);
                let next = bench
                    .channel
                    .decode(&[job], bench.samples.now, report)
                    .pop();
                match next.flatten() {
                    Some(next) => answer = next,
                    None => return,
                }
            }
            // The contract has no other today.
            _ => return,
        }
    }
    report.fail(
        "follow-up",
        format!("HTTP {status} was followed up {FOLLOW_UPS} times without a verdict"),
        "an end",
    );
}

/// The rules for verdicts, whatever they are of.
pub fn verdicts(
    bench: &Bench,
    targets: &[Target],
    response: &HttpResponse,
    list: &[Verdict],
    report: &mut Report,
) {
    let status = response.status;
    if list.len() != targets.len() {
        report.fail(
            "decode-count",
            format!(
                "HTTP {status}: {} verdicts for {} targets",
                list.len(),
                targets.len()
            ),
            "one per target",
        );
    }
    // A long batch repeats itself; its head and tail tell.
    let tail = list.iter().rev().take(2).filter(|_| list.len() > 4);
    for verdict in list.iter().take(4).chain(tail) {
        bench.secrets.check_verdict(verdict, report);
        if verdict.class == Class::Accepted {
            if !(200..300).contains(&status) {
                let what = format!("HTTP {status} was taken for an acceptance");
                report.fail("decode-accepted", what, "a refusal");
            }
            continue;
        }
        words("`decode`", status, verdict, report);
        if status >= 500 && verdict.class == Class::InvalidToken {
            report.fail(
                "decode-trouble",
                format!("HTTP {status} made a token invalid"),
                "a class that leaves the registry alone",
            );
        }
    }
}

/// A refusal's words: for traces and for the operator.
pub fn words(place: &str, status: u16, verdict: &Verdict, report: &mut Report) {
    if verdict.class == Class::Accepted {
        return;
    }
    for (field, text, limit, needed) in [
        ("code", &verdict.code, 128, true),
        ("remedy", &verdict.remedy, 500, true),
        ("text", &verdict.text, 4096, false),
    ] {
        let problem = if needed && text.trim().is_empty() {
            "is empty".to_owned()
        } else if text.len() > limit {
            format!("has {} bytes", text.len())
        } else if needed && text.contains(char::is_control) {
            format!("is {:?}", shorten(text, 60))
        } else {
            continue;
        };
        report.fail(
            "verdict-words",
            format!(
                "{place} of HTTP {status} ({}): the {field} {problem}",
                verdict.class.as_str()
            ),
            format!(
                "{} of at most {limit} bytes",
                if needed { "one line" } else { "text" }
            ),
        );
    }
}

fn retry_after(bench: &Bench, report: &mut Report) {
    let mut bodies: Vec<(u16, Vec<u8>)> = vec![(429, b"".to_vec()), (503, b"".to_vec())];
    bodies.extend([(429, b"{}".to_vec()), (503, b"<html>".to_vec())]);
    let captures = bench.samples.captures.iter();
    bodies.extend(
        captures
            .filter(|capture| matches!(capture.status, 429 | 503))
            .map(|capture| (capture.status, capture.body.clone())),
    );
    // Rounded up: the date has whole seconds, and it must not be undercut.
    let moment = bench.samples.now.seconds() + 8;
    let moment = std::time::UNIX_EPOCH + std::time::Duration::from_secs(moment);
    for (status, body) in bodies {
        for value in ["7".to_owned(), httpdate::fmt_http_date(moment)] {
            let response =
                HttpResponse::new(status, body.clone()).with_header("retry-after", value);
            let job = (bench.targets(1), response, Vec::new());
            let answer = bench
                .channel
                .decode(&[job], bench.samples.now, report)
                .pop();
            if let Some(Some(Decoded::Verdicts(list))) = answer {
                for verdict in list {
                    waits("`decode`", status, &verdict, report);
                }
            }
        }
    }
}

/// Whether the seven seconds of a `Retry-After` were kept.
pub fn waits(place: &str, status: u16, verdict: &Verdict, report: &mut Report) {
    let wait = verdict.retry_after_millis;
    if wait.is_none_or(|millis| millis < 7000) {
        report.fail(
            "retry-after",
            format!("{place} of HTTP {status} with a Retry-After of 7 seconds says {wait:?} ms"),
            "at least 7000",
        );
    }
}
