//! The driver under test, called through the trait and through the frames.

use std::fmt::Debug;

use super::report::{Report, shorten};
use crate::call::{
    DecodeCall, DecodeJob, DecodedItem, EncodeCall, EncodeJob, Encoded, RecallCall, RecallJob,
};
use crate::driver::{Batch, Context, Driver, Exchange, Recall};
use crate::error::{EncodeError, SettingError};
use crate::grant::{Authorize, Grant};
use crate::guard::guard;
use crate::host::{self, CallError, Library, OpenError};
use crate::http::HttpResponse;
use crate::info::Info;
use crate::message::{Message, Target};
use crate::rendered::Rendered;
use crate::settings::Settings;
use crate::time::Timestamp;
use crate::verdict::{Decoded, Verdict};

/// A driver by its library and, when it is linked, by its trait.
pub struct Subject {
    library: Library,
    linked: Option<Linked>,
}

struct Linked {
    describe: fn() -> Info,
    open: fn(&Settings, Timestamp) -> Opening,
}

type Opening = Result<Box<dyn Object>, SettingError>;

/// The part of `Driver` that needs an open channel, without its type.
trait Object {
    fn grant_scope(&self) -> Option<String>;
    fn authorize(&self, now: Timestamp) -> Authorize;
    fn authorized(&self, response: &HttpResponse, now: Timestamp) -> Result<Grant, Verdict>;
    fn encode(&self, batch: Batch<'_>, context: &Context<'_>) -> Result<Rendered, EncodeError>;
    fn decode(&self, exchange: Exchange<'_>, now: Timestamp) -> Decoded;
    fn recall(&self, recall: Recall<'_>, context: &Context<'_>) -> Result<Rendered, EncodeError>;
    fn recalled(&self, exchange: Exchange<'_>, now: Timestamp) -> Vec<Verdict>;
}

impl<D: Driver> Object for D {
    fn grant_scope(&self) -> Option<String> {
        Driver::grant_scope(self)
    }
    fn authorize(&self, now: Timestamp) -> Authorize {
        Driver::authorize(self, now)
    }
    fn authorized(&self, response: &HttpResponse, now: Timestamp) -> Result<Grant, Verdict> {
        Driver::authorized(self, response, now)
    }
    fn encode(&self, batch: Batch<'_>, context: &Context<'_>) -> Result<Rendered, EncodeError> {
        Driver::encode(self, batch, context)
    }
    fn decode(&self, exchange: Exchange<'_>, now: Timestamp) -> Decoded {
        Driver::decode(self, exchange, now)
    }
    fn recall(&self, recall: Recall<'_>, context: &Context<'_>) -> Result<Rendered, EncodeError> {
        Driver::recall(self, recall, context)
    }
    fn recalled(&self, exchange: Exchange<'_>, now: Timestamp) -> Vec<Verdict> {
        Driver::recalled(self, exchange, now)
    }
}

/// An answer of the driver, or the message of its panic.
type Caught<T> = Result<T, String>;

/// What `encode` made of an item; none when that was reported already.
pub type EncodedOrNone = Option<Result<Rendered, EncodeError>>;

/// A vendor's answer: the targets of its request, the response, and the request's memo.
pub type Answered = (Vec<Target>, HttpResponse, Vec<u8>);

impl Subject {
    pub fn of<D: Driver>() -> Self {
        Self {
            library: Library::linked::<D>(),
            linked: Some(Linked {
                describe: D::describe,
                open: |settings, now| Ok(Box::new(D::open(settings, now)?)),
            }),
        }
    }

    pub fn loaded(library: Library) -> Self {
        Self {
            library,
            linked: None,
        }
    }

    pub fn describe(&self, report: &mut Report) -> Option<Info> {
        let framed = || call("describe", self.library.describe());
        let first = match &self.linked {
            Some(linked) => guard(linked.describe),
            None => framed(),
        };
        settle("describe", [first, framed()], report)
    }

    /// None when the driver panicked.
    pub fn open(
        &self,
        settings: &Settings,
        now: Timestamp,
        report: &mut Report,
    ) -> Option<Result<Channel, SettingError>> {
        let framed = match self.library.open(settings.clone(), now) {
            Ok(channel) => Ok(Ok(channel)),
            Err(OpenError::Setting(error)) if !is_panic(&error) => Ok(Err(error)),
            Err(error) => Err(error.to_string()),
        };
        let Some(linked) = &self.linked else {
            return Some(one("open", framed, report)?.map(|framed| Channel {
                framed,
                linked: None,
            }));
        };
        let open = || guard(|| (linked.open)(settings, now));
        let (first, second) = (open(), open());
        let (first, second, framed) = (
            one("open", first, report)?,
            one("open", second, report)?,
            one("open", framed, report)?,
        );
        match (first, second, framed) {
            (Ok(used), Ok(fresh), Ok(framed)) => Some(Ok(Channel {
                framed,
                linked: Some([used, fresh]),
            })),
            (Err(first), Err(second), Err(framed)) => {
                agree("open", [&first, &second, &framed], report);
                Some(Err(first))
            }
            _ => {
                report.fail(
                    "deterministic",
                    "`open` took the same settings once and refused them once",
                    "the same answer",
                );
                None
            }
        }
    }
}

/// An open channel, three times over when the driver is linked: one that is used for
/// everything, one that never encoded, and one behind the frames.
pub struct Channel {
    framed: host::Channel,
    linked: Option<[Box<dyn Object>; 2]>,
}

impl Channel {
    pub fn grant_scope(&self, report: &mut Report) -> Option<String> {
        let framed = || Ok(self.framed.grant_scope().map(str::to_owned));
        self.both("grant_scope", |object| object.grant_scope(), framed, report)?
    }

    pub fn authorize(&self, now: Timestamp, report: &mut Report) -> Option<Authorize> {
        let framed = || call("authorize", self.framed.authorize(now));
        self.both("authorize", |object| object.authorize(now), framed, report)
    }

    pub fn authorized(
        &self,
        response: &HttpResponse,
        now: Timestamp,
        report: &mut Report,
    ) -> Option<Result<Grant, Verdict>> {
        let framed = || call("authorized", self.framed.authorized(response.clone(), now));
        let linked = |object: &dyn Object| object.authorized(response, now);
        self.both("authorized", linked, framed, report)
    }

    /// One answer per job: a message and its targets.
    pub fn encode(
        &self,
        jobs: &[(Message, Vec<Target>)],
        grant: Option<&Grant>,
        now: Timestamp,
        report: &mut Report,
    ) -> Vec<EncodedOrNone> {
        let input = EncodeCall {
            now,
            grant: grant.cloned(),
            messages: jobs.iter().map(|(message, _)| message.clone()).collect(),
            jobs: (0..)
                .zip(jobs)
                .map(|(message, (_, targets))| EncodeJob {
                    message,
                    targets: targets.clone(),
                })
                .collect(),
        };
        let framed = || spread(jobs.len(), self.framed.encode(&input), caught);
        let linked = |object: &dyn Object| {
            let context = Context::new(now, grant);
            jobs.iter()
                .map(|(message, targets)| {
                    guard(|| object.encode(Batch::new(message, targets), &context))
                })
                .collect()
        };
        // The second channel never encodes: what it decodes, it decodes without a memory.
        self.items("encode", [0, 0], linked, framed, report)
    }

    /// One answer per job: targets, response and memo.
    pub fn decode(
        &self,
        jobs: &[Answered],
        now: Timestamp,
        report: &mut Report,
    ) -> Vec<Option<Decoded>> {
        let input = decode_call(jobs, now);
        let framed = || {
            spread(jobs.len(), self.framed.decode(&input), |item| match item {
                DecodedItem::Decoded(decoded) => Ok(decoded),
                DecodedItem::Panicked(message) => Err(message),
            })
        };
        let linked = |object: &dyn Object| {
            jobs.iter()
                .map(|(targets, response, memo)| {
                    guard(|| object.decode(Exchange::with_memo(targets, response, memo), now))
                })
                .collect()
        };
        self.items("decode", [0, 1], linked, framed, report)
    }

    /// One answer per recall.
    pub fn recall(
        &self,
        jobs: &[RecallJob],
        grant: Option<&Grant>,
        now: Timestamp,
        report: &mut Report,
    ) -> Vec<EncodedOrNone> {
        let input = RecallCall {
            now,
            grant: grant.cloned(),
            jobs: jobs.to_vec(),
        };
        let framed = || spread(jobs.len(), self.framed.recall(&input), caught);
        let linked = |object: &dyn Object| {
            let context = Context::new(now, grant);
            jobs.iter()
                .map(|job| {
                    let recall = Recall::new(&job.targets, &job.key, job.vendor_id.as_deref());
                    guard(|| object.recall(recall, &context))
                })
                .collect()
        };
        self.items("recall", [0, 1], linked, framed, report)
    }

    /// One answer per job, as `decode` gives.
    pub fn recalled(
        &self,
        jobs: &[Answered],
        now: Timestamp,
        report: &mut Report,
    ) -> Vec<Option<Decoded>> {
        let input = decode_call(jobs, now);
        let framed = || {
            spread(
                jobs.len(),
                self.framed.recalled(&input),
                |item| match item {
                    DecodedItem::Decoded(decoded) => Ok(decoded),
                    DecodedItem::Panicked(message) => Err(message),
                },
            )
        };
        let linked = |object: &dyn Object| {
            jobs.iter()
                .map(|(targets, response, memo)| {
                    let exchange = Exchange::with_memo(targets, response, memo);
                    guard(|| Decoded::Verdicts(object.recalled(exchange, now)))
                })
                .collect()
        };
        self.items("recalled", [0, 1], linked, framed, report)
    }

    fn both<T: PartialEq + Debug>(
        &self,
        name: &'static str,
        linked: impl Fn(&dyn Object) -> T,
        framed: impl Fn() -> Caught<T>,
        report: &mut Report,
    ) -> Option<T> {
        match &self.linked {
            Some(pair) => {
                let answers = pair.each_ref().map(|object| guard(|| linked(&**object)));
                let [first, second] = answers;
                settle(name, [first, second, framed()], report)
            }
            None => settle(name, [framed(), framed()], report),
        }
    }

    fn items<T: PartialEq + Debug>(
        &self,
        name: &'static str,
        channels: [usize; 2],
        linked: impl Fn(&dyn Object) -> Vec<Caught<T>>,
        framed: impl Fn() -> Vec<Caught<T>>,
        report: &mut Report,
    ) -> Vec<Option<T>> {
        let [first, second] = match &self.linked {
            Some(pair) => channels.map(|index| linked(&*pair[index])),
            None => [framed(), framed()],
        };
        first
            .into_iter()
            .zip(second)
            .zip(framed())
            .map(|((first, second), framed)| settle(name, [first, second, framed], report))
            .collect()
    }
}

/// What a driver made of an item, or the message of its panic.
fn caught(item: Encoded) -> Caught<Result<Rendered, EncodeError>> {
    match item {
        Encoded::Rendered(rendered) => Ok(Ok(rendered)),
        Encoded::Refused(error) => Ok(Err(error)),
        Encoded::Panicked(message) => Err(message),
    }
}

fn decode_call(jobs: &[Answered], now: Timestamp) -> DecodeCall {
    let jobs = jobs.iter().map(|(targets, response, memo)| DecodeJob {
        targets: targets.clone(),
        response: response.clone(),
        memo: memo.clone(),
    });
    DecodeCall {
        now,
        jobs: jobs.collect(),
    }
}

fn is_panic(error: &SettingError) -> bool {
    error.setting.is_empty() && error.problem.starts_with("driver panicked: ")
}

fn call<T>(name: &str, result: Result<T, CallError>) -> Caught<T> {
    result.map_err(|error| format!("`{name}` through the frames: {error}"))
}

/// One answer per item, also when the whole call failed.
fn spread<I, T>(
    count: usize,
    answer: Result<Vec<I>, CallError>,
    open: impl Fn(I) -> Caught<T>,
) -> Vec<Caught<T>> {
    match answer {
        Ok(items) => items.into_iter().map(open).collect(),
        Err(error) => (0..count).map(|_| Err(error.to_string())).collect(),
    }
}

fn one<T>(name: &str, answer: Caught<T>, report: &mut Report) -> Option<T> {
    answer
        .map_err(|message| {
            report.fail("no-panic", format!("`{name}`: {message}"), "an answer");
        })
        .ok()
}

/// The common answer of several calls with the same input; the last came through the frames.
fn settle<T: PartialEq + Debug, const N: usize>(
    name: &str,
    answers: [Caught<T>; N],
    report: &mut Report,
) -> Option<T> {
    let panicked = answers.iter().find_map(|answer| answer.as_ref().err());
    if let Some(message) = panicked {
        report.fail(
            "no-panic",
            format!("`{name}` panicked with `{message}`"),
            "an answer",
        );
        return None;
    }
    let answers = answers.map(|answer| answer.expect("none of them panicked"));
    agree(name, answers.each_ref(), report);
    answers.into_iter().next()
}

fn agree<T: PartialEq + Debug, const N: usize>(name: &str, answers: [&T; N], report: &mut Report) {
    let [first, .., last] = answers.as_slice() else {
        return;
    };
    let show = |answer: &T| shorten(&format!("{answer:?}"), 100);
    if let Some(other) = answers[..N - 1].iter().find(|other| **other != *first) {
        report.fail(
            "deterministic",
            format!("`{name}` gave {} and then {}", show(first), show(other)),
            "the same answer to the same input",
        );
    } else if first != last {
        report.fail(
            "frames-agree",
            format!(
                "`{name}` gave {}, through the frames {}",
                show(first),
                show(last)
            ),
            "the same answer on both ways",
        );
    }
}
