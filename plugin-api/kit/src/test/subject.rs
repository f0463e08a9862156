//! The driver under test, called through the trait and through the frames.

use std::fmt::Debug;

use super::report::{Report, shorten};
use nudged_plugin_api::guard::guard;
use nudged_plugin_api::host::{CallError, Library, OpenError};
use nudged_plugin_api::info::Info;
use nudged_plugin_api::{
    Authorize, Batch, Context, Decoded, Driver, EncodeError, Exchange, Grant, HttpRequest,
    HttpResponse, Notice, Recall, Rendered, SettingError, Settings, Target, Timestamp, Verdict,
};

mod channel;

pub use channel::Channel;

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
    fn account(&self) -> Option<String>;
    fn advice(&self) -> Vec<Notice>;
    fn token(&self, token: &str) -> Result<String, EncodeError>;
    fn grant_scope(&self) -> Option<String>;
    fn authorize(&self, now: Timestamp) -> Authorize;
    fn authorized(&self, response: &HttpResponse, now: Timestamp) -> Result<Grant, Verdict>;
    fn encode(&self, batch: Batch<'_>, context: &Context<'_>) -> Result<Rendered, EncodeError>;
    fn decode(&self, exchange: Exchange<'_>, now: Timestamp) -> Decoded;
    fn recall(&self, recall: Recall<'_>, context: &Context<'_>) -> Result<Rendered, EncodeError>;
    fn recalled(&self, exchange: Exchange<'_>, now: Timestamp) -> Vec<Verdict>;
    fn probe(&self, context: &Context<'_>) -> Option<HttpRequest>;
    fn probed(&self, response: &HttpResponse, now: Timestamp) -> Result<(), Verdict>;
}

impl<D: Driver> Object for D {
    fn account(&self) -> Option<String> {
        Driver::account(self)
    }
    fn advice(&self) -> Vec<Notice> {
        Driver::advice(self)
    }
    fn token(&self, token: &str) -> Result<String, EncodeError> {
        Driver::token(self, token)
    }
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
    fn probe(&self, context: &Context<'_>) -> Option<HttpRequest> {
        Driver::probe(self, context)
    }
    fn probed(&self, response: &HttpResponse, now: Timestamp) -> Result<(), Verdict> {
        Driver::probed(self, response, now)
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
