//! Whole requests, one case a file: a message, and what the vendor must be sent for it.
//!
//! In: a directory of JSON files, and what all of them share: settings, devices, a grant.
//! Out: an [`Outcome`] that names every difference, with its file. Knows no vendor.
//!
//! ```text
//! #[test]
//! fn every_message_becomes_its_golden_request() {
//!     Golden::<Acme>::new(settings(), now())
//!         .target(Target::new("0198c6b4-2a51-7c3e-9a4d-5f0e6b7c8d90", "5f3a9c77"))
//!         .grant(Grant::new("t0k3n", now(), 3600))
//!         .run(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden"))
//!         .assert_passed(20);
//! }
//! ```
//!
//! A file holds one case:
//!
//! ```json
//! {
//!   "settings": {"importance": "LOW"},
//!   "message": {"title": "Ann", "body": "Hello", "lifetime": 3600, "badge": 3},
//!   "request": {
//!     "url": "https://push.acme.example/v1/send",
//!     "headers": [["content-type", "application/json"]],
//!     "body": {"to": ["5f3a9c77"], "title": "Ann", "text": "Hello", "ttl": 3600}
//!   },
//!   "class": "low",
//!   "notices": ["badge: Acme counts by itself"]
//! }
//! ```
//!
//! - `settings`, if any, are put over the shared ones: texts, whole numbers and booleans.
//! - `tokens`, if any, are those of a batch; the devices' ids are those of the shared devices in
//!   their order. Without it, the batch is the first shared device.
//! - `target_badge`, if any, is the badge that the first device brings along.
//! - `message` is as [`message`] reads it.
//! - `request` has `url` and `headers`, in their order, and `method` unless it is `POST`. Its
//!   `body` is a text, which must be sent byte for byte, or any other JSON value, which the body
//!   must hold. A form may be given as `form` instead, or besides: its fields in their order,
//!   each as a text that must be sent byte for byte, or as `[name, value]`, both decoded; a
//!   value that is no text is JSON, which the field must hold. Neither: no body.
//! - `then`, if any, is the request that follows the [answer](Golden::answer) to the first one.
//! - `class` is the class of the message; absent where the vendor has none.
//! - `notices` are the fields that something is said about, in their order, or `field: text`.
//! - `memo` is what the driver remembers; absent if nothing, or if `then` shows it.
//!
//! Any other key is an error, and so is any other file in the directory.

use std::ffi::OsStr;
use std::marker::PhantomData;
use std::path::Path;

use nudged_plugin_api::{
    Batch, Context, Decoded, Driver, Exchange, Grant, HttpResponse, Message, Rendered, Settings,
    Target, Timestamp,
};

mod case;
mod differ;
mod fields;

use case::{Case, Expected};
use differ::Differences;
use fields::Fields;

/// Golden files in preparation, for driver `D`.
pub struct Golden<D> {
    settings: Settings,
    now: Timestamp,
    targets: Vec<Target>,
    grant: Option<Grant>,
    answer: Option<HttpResponse>,
    driver: PhantomData<fn() -> D>,
}

/// What became of a directory of golden files.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Outcome {
    /// How many cases there were.
    pub cases: usize,
    /// What is not as it should be: the file, the place in it, and the difference.
    pub failures: Vec<String>,
}

impl<D: Driver> Golden<D> {
    /// `settings` and what a case adds to them must open a channel at `now`.
    pub fn new(settings: Settings, now: Timestamp) -> Self {
        Self {
            settings,
            now,
            targets: Vec::new(),
            grant: None,
            answer: None,
            driver: PhantomData,
        }
    }

    /// Adds a device; at least one is needed, and as many as the largest batch has.
    pub fn target(mut self, target: Target) -> Self {
        self.targets.push(target);
        self
    }

    /// Adds devices.
    pub fn targets(mut self, targets: impl IntoIterator<Item = Target>) -> Self {
        self.targets.extend(targets);
        self
    }

    /// What the channel was granted.
    pub fn grant(mut self, grant: Grant) -> Self {
        self.grant = Some(grant);
        self
    }

    /// What the vendor answers every first request, for drivers that send a second one.
    pub fn answer(mut self, answer: HttpResponse) -> Self {
        self.answer = Some(answer);
        self
    }

    /// Holds the driver to every file of `directory`.
    pub fn run(&self, directory: impl AsRef<Path>) -> Outcome {
        let directory = directory.as_ref();
        let mut outcome = Outcome::default();
        let entries = std::fs::read_dir(directory)
            .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect());
        let mut paths: Vec<_> = match entries {
            Ok(paths) => paths,
            Err(error) => {
                let failure = format!("{}: {error}", directory.display());
                outcome.failures.push(failure);
                return outcome;
            }
        };
        // The file system's order is any order.
        paths.sort();
        for path in paths {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let differences = if path.extension() == Some(OsStr::new("json")) {
                outcome.cases += 1;
                std::fs::read_to_string(&path)
                    .map_err(|error| error.to_string())
                    .and_then(|text| self.case(&text))
                    .unwrap_or_else(|problem| vec![problem])
            } else {
                vec!["is no case: their names end in .json".to_owned()]
            };
            let failures = differences.iter().map(|text| format!("{name}: {text}"));
            outcome.failures.extend(failures);
        }
        outcome
    }

    /// What is different; or why that cannot be told.
    fn case(&self, text: &str) -> Result<Vec<String>, String> {
        let Case {
            settings,
            targets,
            message,
            expected,
        } = Case::read(text, self)?;
        let open = || D::open(&settings, self.now).map_err(|error| format!("settings: {error}"));
        let (driver, fresh) = (open()?, open()?);
        let context = Context::new(self.now, self.grant.as_ref());
        let encode = |driver: &D| driver.encode(Batch::new(&message, &targets), &context);
        let first = encode(&driver);
        let same = [encode(&driver), encode(&fresh)]
            .iter()
            .all(|again| *again == first);
        let rendered = first.map_err(|error| format!("message: {error}"))?;

        let mut differences = Differences::default();
        if !same {
            differences.add("request", "is not the same every time");
        }
        self.compare(&rendered, &expected, &mut differences);
        self.second(&fresh, &targets, &rendered, &expected, &mut differences);
        Ok(differences.into_vec())
    }

    fn compare(&self, got: &Rendered, expected: &Expected, differences: &mut Differences) {
        differences.request("request", &got.request, &expected.request);
        differences.text("class", &got.class, &expected.class);
        let mut expected_notices = expected.notices.iter();
        let notices: Vec<_> = got
            .notices
            .iter()
            .map(|notice| match expected_notices.next() {
                // The case says nothing of the text.
                Some(field) if *field == notice.field => notice.field.clone(),
                _ => format!("{}: {}", notice.field, notice.text),
            })
            .collect();
        differences.lines("notices", &notices, &expected.notices);
        if expected.then.is_none() || expected.memo.is_some() {
            let expected = expected.memo.as_deref().unwrap_or_default();
            differences.text("memo", &String::from_utf8_lossy(&got.memo), expected);
        }
    }

    /// The driver has no memory: the second request comes from a channel that never encoded.
    fn second(
        &self,
        fresh: &D,
        targets: &[Target],
        rendered: &Rendered,
        expected: &Expected,
        differences: &mut Differences,
    ) {
        let Some(answer) = &self.answer else {
            if expected.then.is_some() {
                differences.add("then", "needs an answer to the first request");
            }
            return;
        };
        let exchange = Exchange::with_memo(targets, answer, &rendered.memo);
        match (fresh.decode(exchange, self.now), &expected.then) {
            (Decoded::FollowUp(got), Some(then)) => {
                differences.request("then", &got.request, then);
            }
            (Decoded::FollowUp(got), None) => {
                let url = format!("got a request to {}, expected none", got.request.url);
                differences.add("then", &url);
            }
            (other, Some(_)) => {
                differences.add("then", &format!("got {other:?}, expected a request"));
            }
            (_, None) => {}
        }
    }
}

impl Outcome {
    /// Panics with every failure, and when there are fewer cases than this.
    #[track_caller]
    pub fn assert_passed(&self, at_least: usize) {
        let failures = self.failures.join("\n");
        assert!(self.failures.is_empty(), "\n{failures}");
        let cases = self.cases;
        assert!(
            cases >= at_least,
            "{cases} cases, expected at least {at_least}"
        );
    }
}

/// A message written as JSON, also for a driver's other tests.
///
/// `title`, `subtitle`, `body`, `image`, `channel_id`, `category`, `thread` and `collapse_key`
/// are texts, `ext` and `options` texts or JSON that becomes text, `test` is a boolean. `kind`
/// is `alert`, `background`, `voip` or `live_activity`; `priority` is `high` or `normal`. `page`
/// or `url` is what a click opens, `page_else` or `url_else` the channel's own behind it; `sound`
/// is `silent` or a name; `badge` sets and `badge_add` adds; `lifetime` is in seconds from `now`.
/// `live_activity` is an object: `event` is `update`, `start` or `end`, `stale_in` and
/// `dismiss_in` are in seconds from `now`, its timestamp; `content_state`, `attributes_type` and
/// `attributes` are texts, the first and last also JSON. What is absent is as in
/// [`Message::default`], and any other key is an error.
pub fn message(json: &str, now: Timestamp) -> Result<Message, String> {
    let mut fields = Fields::read("", json)?;
    case::message(&mut fields, now)
}
