//! `encode`: whatever comes in, what goes out is a sound request or a clear refusal.

use super::report::{Report, shorten};
use super::request::Url;
use super::{Bench, hostile};
use nudged_plugin_api::{Badge, EncodeError, Kind, Message, Rendered, Target, TokenUse};

/// Jobs in one frame.
const CHUNK: usize = 64;

/// Code of the refusal of a kind that a driver does not send.
const UNSUPPORTED: &str = "KindUnsupported";

/// An id as deliveries have it.
pub const ID: &str = "0198c6b4-2a51-7c3e-9a4d-5f0e6b7c8d90";

pub fn check(bench: &Bench, report: &mut Report) {
    samples(bench, report);
    batches(bench, report);
    tokens(bench, report);
    texts(bench, report);
    kinds(bench, report);
    options(bench, report);
}

impl Bench {
    /// The first sample device.
    fn first(&self) -> Vec<Target> {
        self.targets(1)
    }

    /// That many devices, all with sample tokens.
    pub fn targets(&self, count: usize) -> Vec<Target> {
        let tokens = self.samples.tokens.iter().cycle().take(count);
        tokens.map(|token| Target::new(ID, token)).collect()
    }

    /// What the driver wants remembered of its first sample message, for a batch of that size.
    pub fn memo(&self, size: usize, report: &mut Report) -> Vec<u8> {
        let Some(message) = self.samples.messages.first() else {
            return Vec::new();
        };
        let job = (message.clone(), self.targets(size));
        let answer = self
            .channel
            .encode(&[job], self.grant.as_ref(), self.samples.now, report)
            .pop();
        match answer {
            Some(Some(Ok(rendered))) => rendered.memo,
            _ => Vec::new(),
        }
    }

    /// The batch sizes worth trying.
    pub fn sizes(&self) -> Vec<usize> {
        let mut sizes = vec![1, 2, self.info.batch.min(1000) as usize];
        sizes.retain(|size| *size <= self.info.batch as usize && *size > 0);
        sizes.dedup();
        sizes
    }
}

/// The token that a driver wants beside a device's, of the form of Apple's.
const ACTIVITY_TOKEN: &str = "80d2f3a1c0b94e5f8a7d6c5b4a39281706f5e4d3c2b1a0998877665544332211";

/// Every kind of message, in every combination of what it can be: what is declared is sent, and
/// what is not is refused as such, so that whoever sent it learns why.
fn kinds(bench: &Bench, report: &mut Report) {
    let messages = hostile::combinations(bench.samples.now);
    let jobs = messages.iter().map(|message| {
        let place = format!(
            "{:?}, {:?}, {:?}, {:?}, {:?}",
            message.kind, message.sound, message.badge, message.click, message.lifetime
        );
        let mut targets = bench.first();
        if bench.info.sends(message.kind) == Some(TokenUse::Beside) {
            targets[0].activity_token = Some(ACTIVITY_TOKEN.to_owned());
        }
        (place, message.clone(), targets)
    });
    let outcomes = encode_all(bench, jobs.collect(), report);
    let samples = bench.samples.messages.iter();
    let mut encoded: Vec<Kind> = samples.map(|message| message.kind).collect();
    for (message, outcome) in messages.iter().zip(outcomes) {
        let kind = message.kind;
        let declared = bench.info.sends(kind).is_some();
        let problem = match outcome {
            Some(Ok(_)) if declared => {
                encoded.push(kind);
                continue;
            }
            Some(Ok(_)) => "is sent",
            Some(Err(error)) if declared == (error.code != UNSUPPORTED) => {
                // This channel's credential is not good for it; another's may be.
                if error.field == "kind" {
                    encoded.push(kind);
                }
                continue;
            }
            Some(Err(_)) if declared => "is refused as unsupported",
            Some(Err(_)) => "is refused as something else",
            None => continue,
        };
        let is = if declared { "is" } else { "is not" };
        let what = format!("{kind:?} {is} declared and {problem}");
        report.fail("kinds-declared", what, "only declared kinds to be sent");
    }
    for it in &bench.info.kinds {
        if !encoded.contains(&it.kind) {
            let what = format!(
                "{:?} is declared, and no message of it was encoded",
                it.kind
            );
            report.fail(
                "kinds-declared",
                what,
                "a sample message of each declared kind",
            );
        }
    }
}

type Job = (String, Message, Vec<Target>);

/// Encodes and holds every answer to the rules; returns the requests.
pub fn encode_all(bench: &Bench, jobs: Vec<Job>, report: &mut Report) -> Vec<Option<Outcome>> {
    let mut outcomes = Vec::with_capacity(jobs.len());
    for chunk in jobs.chunks(CHUNK) {
        let pairs: Vec<_> = chunk
            .iter()
            .map(|(_, message, targets)| (message.clone(), targets.clone()))
            .collect();
        let answers = bench
            .channel
            .encode(&pairs, bench.grant.as_ref(), bench.samples.now, report);
        for ((place, ..), answer) in chunk.iter().zip(answers) {
            match &answer {
                Some(Ok(rendered)) => {
                    bench.rules.check(place, &rendered.request, report);
                    remarks(bench, place, rendered, report);
                }
                Some(Err(error)) => refusal(bench, place, error, report),
                None => {}
            }
            outcomes.push(answer);
        }
    }
    outcomes
}

type Outcome = Result<Rendered, EncodeError>;

/// The rules for refusals.
pub fn refusal(bench: &Bench, place: &str, error: &EncodeError, report: &mut Report) {
    for (field, text) in [
        ("code", &error.code),
        ("field", &error.field),
        ("problem", &error.problem),
    ] {
        if text.trim().is_empty() || text.contains(['\n', '\r']) || text.len() > 1000 {
            report.fail(
                "encode-error",
                format!("{place}: the error's {field} is {:?}", shorten(text, 60)),
                "a short line",
            );
        }
        bench
            .secrets
            .check(&format!("an encode error's `{field}`"), text, report);
    }
}

/// What is said about a request besides the request.
fn remarks(bench: &Bench, place: &str, rendered: &Rendered, report: &mut Report) {
    let class = &rendered.class;
    let declared = bench.info.classes.iter().any(|known| known.name == *class);
    if !class.is_empty() && !declared {
        report.fail(
            "class-declared",
            format!("{place}: class {class:?} is not among the declared ones"),
            "one of `Info::classes`",
        );
    }
    let key = &rendered.recall_key;
    if key.len() > 128 || (!key.is_empty() && !bench.info.recall) {
        report.fail(
            "recall-key",
            format!("{place}: the key of a recall is {:?}", shorten(key, 60)),
            "at most 128 bytes, and only from a driver that declares recalls",
        );
    }
    for notice in &rendered.notices {
        for (part, text) in [("field", &notice.field), ("text", &notice.text)] {
            if text.trim().is_empty() || text.contains(['\n', '\r']) || text.len() > 300 {
                report.fail(
                    "notice-words",
                    format!("{place}: a notice's {part} is {:?}", shorten(text, 60)),
                    "a short line",
                );
            }
            bench
                .secrets
                .check(&format!("a notice's `{part}`"), text, report);
        }
    }
}

fn samples(bench: &Bench, report: &mut Report) {
    let mut jobs = Vec::new();
    for (number, message) in bench.samples.messages.iter().enumerate() {
        for token in &bench.samples.tokens {
            let place = format!("sample message {}", number + 1);
            jobs.push((place, message.clone(), vec![Target::new(ID, token)]));
        }
    }
    let places: Vec<_> = jobs.iter().map(|(place, ..)| place.clone()).collect();
    for (place, outcome) in places.iter().zip(encode_all(bench, jobs, report)) {
        if let Some(Err(error)) = outcome {
            report.fail(
                "encode-sample",
                format!("{place} was refused with `{error}`"),
                "a request",
            );
        }
    }
}

/// The driver's own batch size, and devices with badges of their own.
fn batches(bench: &Bench, report: &mut Report) {
    let Some(message) = bench.samples.messages.first() else {
        return;
    };
    let mut jobs = Vec::new();
    for size in bench.sizes() {
        jobs.push((
            format!("a batch of {size}"),
            message.clone(),
            bench.targets(size),
        ));
        for badge in [Badge::Keep, Badge::Set(u32::MAX), Badge::Add(1)] {
            let mut targets = bench.targets(size);
            targets[0].badge = Some(badge);
            jobs.push((
                format!("a batch of {size}, one with {badge:?}"),
                message.clone(),
                targets,
            ));
        }
    }
    encode_all(bench, jobs, report);
}

fn tokens(bench: &Bench, report: &mut Report) {
    let Some(message) = bench.samples.messages.first() else {
        return;
    };
    let first = (
        "the usual request".to_owned(),
        message.clone(),
        bench.first(),
    );
    let usual = match encode_all(bench, vec![first], report).pop() {
        Some(Some(Ok(rendered))) => rendered.request,
        _ => return,
    };
    let Ok(usual) = Url::parse(&usual.url) else {
        return;
    };
    let jobs: Vec<Job> = hostile::tokens()
        .into_iter()
        .map(|token| {
            let place = format!("token {:?}", shorten(&token, 20));
            (place, message.clone(), vec![Target::new(ID, token)])
        })
        .collect();
    let places: Vec<_> = jobs.iter().map(|(place, ..)| place.clone()).collect();
    for (place, outcome) in places.iter().zip(encode_all(bench, jobs, report)) {
        let Some(Ok(Rendered { request, .. })) = outcome else {
            continue;
        };
        if Url::parse(&request.url).is_ok_and(|url| url.shape() != usual.shape()) {
            let url = shorten(&request.url, 100);
            report.fail(
                "token-stays-put",
                format!("{place} made the URL `{url}`"),
                "the usual URL with an escaped token in it, or a refusal",
            );
        }
    }
}

fn texts(bench: &Bench, report: &mut Report) {
    let Some(message) = bench.samples.messages.first() else {
        return;
    };
    for text in hostile::texts() {
        let shown = shorten(&text, 12);
        let jobs = hostile::texted(message, &text)
            .into_iter()
            .map(|(field, message)| (format!("{shown:?} as {field}"), message, bench.first()));
        encode_all(bench, jobs.collect(), report);
    }
}

fn options(bench: &Bench, report: &mut Report) {
    let Some(message) = bench.samples.messages.first() else {
        return;
    };
    let jobs = hostile::OPTIONS.map(|options| {
        let mut message = message.clone();
        message.options = Some(options.to_owned());
        (format!("options `{options}`"), message, bench.first())
    });
    for (options, outcome) in hostile::OPTIONS
        .iter()
        .zip(encode_all(bench, jobs.into(), report))
    {
        let what = match outcome {
            Some(Ok(_)) => format!("options `{options}` were accepted"),
            Some(Err(error)) if !error.field.starts_with("options") => {
                format!(
                    "options `{options}` were refused for the field `{}`",
                    error.field
                )
            }
            _ => continue,
        };
        report.fail(
            "options-refused",
            what,
            "a refusal whose field starts with `options`",
        );
    }
}
