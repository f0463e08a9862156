//! What the checks found, in sentences.

use std::collections::BTreeMap;
use std::fmt;

/// Every check by name, with the rule that it holds drivers to.
pub const CHECKS: &[(&str, &str)] = &[
    ("samples", "The test gives what the checks start from."),
    ("no-panic", "The driver never panics."),
    (
        "frames-agree",
        "A call through the frames gives what the trait gives.",
    ),
    (
        "deterministic",
        "The same input gives the same output, on any channel of the same settings.",
    ),
    (
        "secrets-stay",
        "No error, verdict, account or grant scope contains a secret.",
    ),
    (
        "info-name",
        "Vendor is lower-case letters, digits and `-`; title and version are not empty.",
    ),
    (
        "info-hosts",
        "Hosts are `host` or `host:port`, in lower case.",
    ),
    (
        "info-limits",
        "Batch, body limit, rate and concurrency are at least 1.",
    ),
    (
        "info-classes",
        "Classes of messages are named once, explained, and open before they close.",
    ),
    (
        "info-kinds",
        "Kinds of message are declared once, without alerts, which everybody sends.",
    ),
    (
        "info-settings",
        "Setting keys are unique and well formed, each with a sentence of help.",
    ),
    (
        "info-defaults",
        "Choices, defaults, `required` and `secret` of a setting fit together.",
    ),
    ("open-valid", "Working settings open a channel."),
    (
        "open-required",
        "Without a required setting there is an error that names it.",
    ),
    (
        "setting-error",
        "A setting error names a setting, its problem and a remedy.",
    ),
    ("account", "An account is one line with a name in it."),
    (
        "advice",
        "Advice names a setting and says in one short line what it costs.",
    ),
    (
        "token-form",
        "A token has one form, which is a token and its own form; refusals are short lines.",
    ),
    ("grant-scope", "A driver with grants has a scope for them."),
    (
        "grant-request",
        "A request for a grant obeys the rules for requests.",
    ),
    (
        "grant-times",
        "A grant is issued, refreshed and expired in this order.",
    ),
    (
        "grant-value",
        "A grant is never empty, fits a header and comes from a 2xx answer only.",
    ),
    ("encode-sample", "The sample messages encode."),
    (
        "encode-error",
        "An encode error has a code, a field and a problem.",
    ),
    (
        "click-else",
        "A click that the vendor cannot do becomes the channel's own, else opens the app, and is told.",
    ),
    (
        "fits",
        "An alert of any shape is fitted, cut as little as need be, and never refused.",
    ),
    (
        "kinds-declared",
        "A declared kind encodes where the credential allows; any other is `KindUnsupported`.",
    ),
    (
        "class-declared",
        "The class of a rendered message is one that the driver declares.",
    ),
    (
        "notice-words",
        "A notice names a field and says in one short line what became of it.",
    ),
    (
        "request-url",
        "URLs are absolute `https://` URLs on a declared or configured host.",
    ),
    (
        "request-headers",
        "Headers are lower-case tokens with printable values, none of them the daemon's.",
    ),
    (
        "request-body",
        "Bodies keep to the declared limit, and JSON bodies are JSON.",
    ),
    (
        "token-stays-put",
        "A token cannot change the shape of the URL.",
    ),
    (
        "options-refused",
        "Options that are no object or not known are refused, naming `options`.",
    ),
    ("decode-count", "There is one verdict per target."),
    (
        "decode-accepted",
        "Only a 2xx answer is taken for an acceptance.",
    ),
    (
        "decode-trouble",
        "A vendor in trouble (5xx) never costs a token.",
    ),
    (
        "verdict-words",
        "A refusal has a code and a remedy, each one short line.",
    ),
    (
        "follow-up",
        "A follow-up's request obeys the rules, and the third answer ends the chain.",
    ),
    ("retry-after", "The vendor's Retry-After is kept."),
    (
        "probe-declared",
        "A probe is what `Info::probe` says, and only a 2xx or 4xx answer proves a credential.",
    ),
    (
        "recall-key",
        "A driver with recalls names what they need with some sample message, others never do.",
    ),
    (
        "recall-request",
        "A recall of any devices is a sound request or a clear refusal.",
    ),
    (
        "recall-verdicts",
        "A recall has one verdict per target, none of which costs a token.",
    ),
];

/// Failures of one check that are told one by one; the others are counted.
const TOLD: usize = 3;

/// One broken rule.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Failure {
    /// Name of the check, one of [`CHECKS`].
    pub check: &'static str,
    /// What happened.
    pub what: String,
    /// What should have.
    pub expected: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {}; expected {}",
            self.check, self.what, self.expected
        )
    }
}

/// The outcome of a run.
#[derive(Clone, Debug, Default)]
pub struct Report {
    pub(super) driver: String,
    failures: Vec<Failure>,
    counts: BTreeMap<&'static str, usize>,
}

impl Report {
    /// Whether every check passed.
    pub fn passed(&self) -> bool {
        self.failures.is_empty()
    }

    /// The first few failures of each failed check.
    pub fn failures(&self) -> &[Failure] {
        &self.failures
    }

    /// Whether the check of that name failed.
    pub fn failed(&self, check: &str) -> bool {
        self.counts.contains_key(check)
    }

    /// Panics with the whole report unless every check passed.
    #[track_caller]
    pub fn assert_passed(&self) {
        assert!(self.passed(), "{self}");
    }

    pub(super) fn fail(
        &mut self,
        check: &'static str,
        what: impl Into<String>,
        expected: impl Into<String>,
    ) {
        debug_assert!(CHECKS.iter().any(|(name, _)| *name == check), "{check}");
        let count = self.counts.entry(check).or_default();
        *count += 1;
        if *count <= TOLD {
            self.failures.push(Failure {
                check,
                what: shorten(&what.into(), 300),
                expected: expected.into(),
            });
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let driver = if self.driver.is_empty() {
            "driver"
        } else {
            &self.driver
        };
        let all = CHECKS.len();
        if self.passed() {
            return write!(f, "{driver}: {all} checks passed");
        }
        write!(f, "{driver}: {} of {all} checks failed", self.counts.len())?;
        for (check, count) in &self.counts {
            for failure in self
                .failures
                .iter()
                .filter(|failure| failure.check == *check)
            {
                write!(f, "\n  {failure}")?;
            }
            if *count > TOLD {
                write!(f, "\n  {check}: and {} more of the kind", count - TOLD)?;
            }
        }
        Ok(())
    }
}

/// On one line, at most `length` characters.
pub(super) fn shorten(text: &str, length: usize) -> String {
    let mut short: String = text
        .chars()
        .take(length)
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect();
    if text.chars().nth(length).is_some() {
        short.push('…');
    }
    short
}
