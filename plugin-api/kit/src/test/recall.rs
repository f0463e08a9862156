//! `recall` and `recalled`: held to the rules of `encode` and `decode`, for drivers that
//! declare them.

use super::decode::{self, CHUNK, TELLING};
use super::encode::refusal;
use super::report::{Report, shorten};
use super::subject::Answered;
use super::{Bench, hostile};
use nudged_plugin_api::call::RecallJob;
use nudged_plugin_api::{Class, Decoded, HttpResponse, Target};

pub fn check(bench: &Bench, report: &mut Report) {
    if !bench.info.recall {
        return;
    }
    match key(bench, report) {
        Some(key) => requests(bench, &key, report),
        None => report.fail(
            "recall-key",
            "`Info::recall` is true, but no sample message has a `recall_key`",
            "one at least that can be taken back",
        ),
    }
    answers(bench, report);
}

/// What the driver says of the first sample message that can be taken back.
fn key(bench: &Bench, report: &mut Report) -> Option<String> {
    let messages = &bench.samples.messages;
    let jobs: Vec<_> = messages
        .iter()
        .map(|message| (message.clone(), bench.targets(1)))
        .collect();
    let rendered = bench
        .channel
        .encode(&jobs, bench.grant.as_ref(), bench.samples.now, report);
    rendered
        .into_iter()
        .flatten()
        .filter_map(Result::ok)
        .map(|rendered| rendered.recall_key)
        .find(|key| !key.is_empty())
}

fn requests(bench: &Bench, key: &str, report: &mut Report) {
    let job = |targets: Vec<Target>, key: &str| RecallJob {
        targets,
        key: key.to_owned(),
        vendor_id: Some("m-1".to_owned()),
    };
    let mut jobs: Vec<(String, RecallJob)> = bench
        .sizes()
        .into_iter()
        .map(|size| {
            let place = format!("a recall from {size}");
            (place, job(bench.targets(size), key))
        })
        .collect();
    for token in hostile::tokens() {
        let place = format!("a recall from token {:?}", shorten(&token, 20));
        let targets = vec![Target::new(super::encode::ID, token)];
        jobs.push((place, job(targets, key)));
    }
    // A key may be of another version of the driver.
    for text in hostile::texts() {
        let place = format!("a recall of key {:?}", shorten(&text, 12));
        jobs.push((place, job(bench.targets(1), &text)));
    }
    let asked: Vec<_> = jobs.iter().map(|(_, job)| job.clone()).collect();
    let answers = bench
        .channel
        .recall(&asked, bench.grant.as_ref(), bench.samples.now, report);
    let usual = bench.sizes().len();
    for (at, ((place, _), answer)) in jobs.iter().zip(answers).enumerate() {
        match answer {
            Some(Ok(rendered)) => bench.rules.check(place, &rendered.request, report),
            Some(Err(error)) => {
                refusal(bench, place, &error, report);
                // The devices that messages go to.
                if at < usual {
                    report.fail(
                        "recall-request",
                        format!("{place} was refused with `{error}`"),
                        "a request",
                    );
                }
            }
            None => {}
        }
    }
}

fn answers(bench: &Bench, report: &mut Report) {
    let every: Vec<u16> = (100..=599).collect();
    let bodies = hostile::bodies();
    let mut responses = decode::answers(&every, &bodies);
    responses.extend(bench.samples.captures.iter().cloned());
    run(bench, &responses, 1, report);
    let mut few = decode::answers(&TELLING, &bodies);
    few.extend(bench.samples.captures.iter().cloned());
    for size in bench.sizes() {
        run(bench, &few, size, report);
    }
    run(
        bench,
        &decode::answers(&TELLING, &hostile::big_bodies()),
        1,
        report,
    );
}

fn run(bench: &Bench, responses: &[HttpResponse], size: usize, report: &mut Report) {
    let targets = bench.targets(size);
    for chunk in responses.chunks((CHUNK / size).max(1)) {
        let jobs: Vec<Answered> = chunk
            .iter()
            .map(|response| (targets.clone(), response.clone(), Vec::new()))
            .collect();
        let answers = bench.channel.recalled(&jobs, bench.samples.now, report);
        for (response, answer) in chunk.iter().zip(answers) {
            let Some(Decoded::Verdicts(list)) = answer else {
                continue;
            };
            let dead = list
                .iter()
                .any(|verdict| verdict.class == Class::InvalidToken);
            if dead || list.len() != targets.len() {
                let count = list.len();
                let status = response.status;
                report.fail(
                    "recall-verdicts",
                    format!(
                        "`recalled` of HTTP {status}: {count} verdicts for {size}, dead: {dead}"
                    ),
                    "one per target, none that costs a token",
                );
            }
            decode::verdicts(bench, &targets, response, &list, report);
        }
    }
}
