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

use nudged_plugin_api::host::Library;
use nudged_plugin_api::info::Info;
use nudged_plugin_api::{Authorize, Driver, HttpResponse, Message, Settings, Timestamp};

mod authorize;
mod captures;
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
mod readme;
mod recall;
mod report;
mod request;
mod secrets;
mod subject;
mod token;

pub use captures::Captures;
pub use readme::readme_says;
pub use report::{CHECKS, Failure, Report};

use crate::reasons::Reasons;
use request::Rules;
use secrets::Secrets;
use subject::{Channel, Subject};

/// Makes the two tests that every driver has: that it conforms through its trait, and that its library
/// does. `samples` is a function that adds samples to a [`Suite`], whatever it is of.
///
/// ```text
/// conforms!(Acme, settings(), NOW, samples);
///
/// fn samples<D>(suite: Suite<D>) -> Suite<D> {
///     suite.token("5f3a").message(Message::new("Ann", "Are you there?"))
/// }
/// ```
#[macro_export]
macro_rules! conforms {
    ($driver:ty, $settings:expr, $now:expr, $samples:ident) => {
        #[test]
        fn the_driver_conforms() {
            let suite = $crate::test::Suite::<$driver>::new($settings, $now);
            $samples(suite).run().assert_passed();
        }

        #[test]
        fn the_library_conforms() {
            let library = $crate::test::library(env!("CARGO_PKG_NAME"));
            let suite = $crate::test::Suite::loaded(library, $settings, $now);
            $samples(suite).run().assert_passed();
        }
    };
}

/// Makes the two unit tests that every driver's `reason` ends with: that its tables hold, and that the
/// README has each in the section that is named before it.
///
/// ```text
/// #[cfg(test)]
/// nudged_driver_kit::tables_hold!(crate::Acme, "reasons" => REASONS);
/// ```
#[macro_export]
macro_rules! tables_hold {
    ($driver:ty, $($section:literal => $table:ident),+ $(,)?) => {
        #[test]
        fn each_code_stands_once_and_the_remedies_have_one_voice() {
            $crate::test::reasons_hold(&[$(&$table),+]);
        }

        #[test]
        fn the_readme_says_what_the_driver_says() {
            let tables = [$(($section, $table.markdown())),+];
            $crate::test::readme_says::<$driver>(env!("CARGO_MANIFEST_DIR"), &tables);
        }
    };
}

/// The library of the crate under test, which Cargo puts beside the test. Panics where it cannot be
/// loaded.
#[track_caller]
pub fn library(package: &str) -> Library {
    let name = format!("lib{}.so", package.replace('-', "_"));
    let test = std::env::current_exe().unwrap_or_default();
    match Library::load(&test.with_file_name(name)) {
        Ok(library) => library,
        Err(error) => panic!("{error}"),
    }
}

/// Panics with what is wrong with a driver's tables of reasons: a code that stands in one twice, or a
/// remedy in another voice than all others.
#[track_caller]
pub fn reasons_hold(tables: &[&Reasons]) {
    let faults: Vec<String> = tables.iter().flat_map(|table| table.faults()).collect();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

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
    grant: Option<nudged_plugin_api::Grant>,
}

/// Whether a driver that answers so needs a grant scope.
fn needs_scope(authorize: &Authorize) -> bool {
    !matches!(authorize, Authorize::NotNeeded)
}
