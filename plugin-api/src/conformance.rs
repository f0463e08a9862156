//! The checks that every driver must pass, for a driver's own tests.
//!
//! In: a driver, one working set of settings, sample tokens, messages and vendor answers.
//! Out: a [`Report`] that names every broken rule. Each call is made through the trait and
//! through the frames, and both must say the same. Knows no vendor.
//!
//! ```text
//! #[test]
//! fn conforms() {
//!     Suite::<Acme>::new(settings(), now())
//!         .token("5f3a")
//!         .message(Message::new("Ann", "Are you there?"))
//!         .response(200, r#"{"id":"m1"}"#)
//!         .run()
//!         .assert_passed();
//! }
//! ```

use std::marker::PhantomData;

use crate::driver::Driver;
use crate::grant::Authorize;
use crate::host::Library;
use crate::http::HttpResponse;
use crate::info::Info;
use crate::message::Message;
use crate::settings::Settings;
use crate::time::Timestamp;

mod authorize;
mod chance;
mod click;
mod decode;
mod describe;
mod encode;
mod fit;
pub mod golden;
mod hostile;
mod json;
mod open;
mod probe;
mod recall;
mod report;
mod request;
mod secrets;
mod subject;
mod token;

pub use report::{CHECKS, Failure, Report};

use request::Rules;
use secrets::Secrets;
use subject::{Channel, Subject};

/// A run of all checks in preparation. `D` is the driver's type; `()` for a loaded library.
pub struct Suite<D = ()> {
    subject: Subject,
    samples: Samples,
    driver: PhantomData<fn() -> D>,
}

/// What the checks start from.
struct Samples {
    settings: Settings,
    now: Timestamp,
    tokens: Vec<String>,
    messages: Vec<Message>,
    captures: Vec<HttpResponse>,
    grants: Vec<HttpResponse>,
}

impl<D: Driver> Suite<D> {
    /// Checks driver `D`. `settings` must open a channel at `now`; give every secret setting a
    /// value, or its secrecy goes unchecked.
    pub fn new(settings: Settings, now: Timestamp) -> Self {
        Self::with(Subject::of::<D>(), settings, now)
    }
}

impl Suite {
    /// Checks a driver that was loaded from a file: through the frames only.
    pub fn loaded(library: Library, settings: Settings, now: Timestamp) -> Self {
        Self::with(Subject::loaded(library), settings, now)
    }
}

impl<D> Suite<D> {
    fn with(subject: Subject, settings: Settings, now: Timestamp) -> Self {
        let samples = Samples {
            settings,
            now,
            tokens: Vec::new(),
            messages: Vec::new(),
            captures: Vec::new(),
            grants: Vec::new(),
        };
        Self {
            subject,
            samples,
            driver: PhantomData,
        }
    }

    /// Adds a well-formed device token; at least one is needed.
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.samples.tokens.push(token.into());
        self
    }

    /// Adds a message that must encode for every token; without any, a plain title and text.
    pub fn message(mut self, message: Message) -> Self {
        self.samples.messages.push(message);
        self
    }

    /// Adds a vendor's answer to a delivery, as it was captured.
    pub fn response(self, status: u16, body: impl Into<Vec<u8>>) -> Self {
        self.capture(HttpResponse::new(status, body))
    }

    /// Adds a vendor's answer to a delivery, with its headers.
    pub fn capture(mut self, response: HttpResponse) -> Self {
        self.samples.captures.push(response);
        self
    }

    /// Adds an answer of the vendor that must become a grant.
    pub fn grant_response(mut self, response: HttpResponse) -> Self {
        self.samples.grants.push(response);
        self
    }

    /// Runs every check. Panics of the driver are caught and reported.
    pub fn run(self) -> Report {
        let mut report = Report::default();
        self.samples.run(&self.subject, &mut report);
        report
    }
}

impl Samples {
    fn run(mut self, subject: &Subject, report: &mut Report) {
        let Some(info) = describe::check(subject, report) else {
            return;
        };
        if self.tokens.is_empty() {
            report.fail("samples", "no sample token was given", "at least one");
            return;
        }
        if self.messages.is_empty() {
            self.messages.push(Message::new("Title", "Text"));
        }
        let rules = Rules::new(&info, &self.settings);
        let mut secrets = Secrets::of(&info, &self.settings);
        let Some(channel) = open::check(subject, &self, &info, &secrets, report) else {
            return;
        };
        let grant = authorize::check(&channel, &self, &rules, &secrets, report);
        if let Some(grant) = &grant {
            secrets.add(&grant.value);
        }
        let bench = Bench {
            channel,
            samples: self,
            info,
            rules,
            secrets,
            grant,
        };
        token::check(&bench, report);
        encode::check(&bench, report);
        click::check(&bench, report);
        fit::check(&bench, report);
        decode::check(&bench, report);
        recall::check(&bench, report);
        probe::check(&bench, report);
    }

    /// A channel's grant as the daemon would hold it.
    fn opened(&self, subject: &Subject, report: &mut Report) -> Option<Channel> {
        match subject.open(&self.settings, self.now, report)? {
            Ok(channel) => Some(channel),
            Err(error) => {
                report.fail(
                    "open-valid",
                    format!("the given settings were refused with `{error}`"),
                    "an open channel",
                );
                None
            }
        }
    }
}

/// What the checks of an open channel work with.
struct Bench {
    channel: Channel,
    samples: Samples,
    info: Info,
    rules: Rules,
    secrets: Secrets,
    grant: Option<crate::grant::Grant>,
}

/// Whether a driver that answers so needs a grant scope.
fn needs_scope(authorize: &Authorize) -> bool {
    !matches!(authorize, Authorize::NotNeeded)
}
