//! The suite finds every fault that it promises to find, and nothing in a driver without.

#![allow(
    clippy::unwrap_used,
    reason = "a test that panics has failed: that is what it is for"
)]
#![cfg(feature = "test")]

mod driver;

use std::collections::BTreeSet;

use driver::*;
use nudged_driver_kit::test::{CHECKS, Report, Suite};
use nudged_plugin_api::host::Library;
use nudged_plugin_api::{Driver, HttpResponse, Message, Settings, Timestamp};

const NOW: Timestamp = Timestamp::from_seconds(1_750_000_000);

fn settings() -> Settings {
    Settings::new()
        .with("app", "chat")
        .with("secret", "4a1f0c5d9b")
        .with("region", "eu")
}

fn samples<D>(suite: Suite<D>) -> Report {
    suite
        .token("5f3a9c")
        .token("77aa01")
        .message(Message::new("Ann", "Are you there?"))
        .response(200, r#"{"id":"m1"}"#)
        .response(410, r#"{"error":"gone"}"#)
        .grant_response(HttpResponse::new(
            200,
            r#"{"access_token":"t0k3n","expires_in":3600}"#,
        ))
        .run()
}

fn run<D: Driver>() -> Report {
    samples(Suite::<D>::new(settings(), NOW))
}

#[test]
fn a_driver_without_fault_passes() {
    run::<Acme<NONE>>().assert_passed();
}

#[test]
fn a_driver_behind_the_frames_passes() {
    let library = Library::linked::<Acme<NONE>>();
    samples(Suite::loaded(library, settings(), NOW)).assert_passed();
}

#[test]
fn every_fault_fails_its_check() {
    macro_rules! table {
        ($($fault:ident: $check:literal),+ $(,)?) => {
            [$((stringify!($fault), $check, run::<Acme<$fault>>())),+]
        };
    }
    let faults = table! {
        VENDOR_IN_CAPITALS: "info-name",
        HOST_WITH_SCHEME: "info-hosts",
        NO_BATCH: "info-limits",
        CLASS_TWICE: "info-classes",
        CLOSES_BEFORE_IT_OPENS: "info-classes",
        DAYS_OF_ANOTHER_PLANET: "info-classes",
        DECLARES_ALERTS: "info-kinds",
        KEY_TWICE: "info-settings",
        HELP_IS_NO_SENTENCE: "info-settings",
        SECRET_DEFAULT: "info-defaults",
        DESCRIBES_DIFFERENTLY: "frames-agree",
        OPENS_WITHOUT_REQUIRED: "open-required",
        BLAMES_NOBODY: "setting-error",
        SECRET_IN_ERROR: "secrets-stay",
        SECRET_IN_SCOPE: "secrets-stay",
        SECRET_IN_ACCOUNT: "secrets-stay",
        BLANK_ACCOUNT: "account",
        NO_SCOPE: "grant-scope",
        REFUSES_EVERYTHING: "open-valid",
        GRANT_OVER_HTTP: "grant-request",
        GRANT_EXPIRES_FIRST: "grant-times",
        EMPTY_GRANT: "grant-value",
        TOKEN_IN_REFUSAL: "secrets-stay",
        REFUSES_SAMPLES: "encode-sample",
        ENCODE_ERROR_WITHOUT_CODE: "encode-error",
        SENDS_ANY_KIND: "kinds-declared",
        DECLARES_A_KIND_TOO_MANY: "kinds-declared",
        REFUSES_A_KIND_IN_OTHER_WORDS: "kinds-declared",
        UNDECLARED_CLASS: "class-declared",
        MUTE_NOTICE: "notice-words",
        UNDECLARED_HOST: "request-url",
        HEADER_INJECTION: "request-headers",
        DAEMONS_HEADER: "request-headers",
        HAND_MADE_JSON: "request-body",
        NO_LIMIT: "request-body",
        TOKEN_IN_PATH: "token-stays-put",
        ANY_OPTIONS: "options-refused",
        WRONG_COUNT: "decode-count",
        ACCEPTS_ALWAYS: "decode-accepted",
        DEAD_ON_5XX: "decode-trouble",
        NO_REMEDY: "verdict-words",
        QUOTES_THE_BODY: "verdict-words",
        ENDLESS_FOLLOW_UP: "follow-up",
        UNDECLARED_FOLLOW_UP: "follow-up",
        IMPATIENT: "retry-after",
        NO_RECALL_KEY: "recall-key",
        REFUSES_RECALLS: "recall-request",
        RECALLS_COST_TOKENS: "recall-verdicts",
        NO_PROBE: "probe-declared",
        TROUBLE_IS_PROOF: "probe-declared",
        MUTE_ADVICE: "advice",
        FORM_OF_NO_TOKEN: "token-form",
        ONE_CLICK_ONLY: "click-else",
        HIDES_THE_OTHER_CLICK: "click-else",
        LOSES_THE_LONG: "fits",
        CUTS_TOO_MUCH: "fits",
        PANICS_IN_DECODE: "no-panic",
        PANICS_ON_ODD_TOKENS: "no-panic",
        COUNTS_CALLS: "deterministic",
        REMEMBERS: "deterministic",
    };
    for (fault, check, report) in &faults {
        assert!(
            report.failed(check),
            "{fault} did not fail `{check}`: {report}"
        );
    }
    let found: BTreeSet<&str> = faults.iter().map(|(_, check, _)| *check).collect();
    let promised: BTreeSet<&str> = CHECKS.iter().map(|(name, _)| *name).collect();
    // That one is the test's own fault; see below.
    let missing: Vec<_> = promised
        .difference(&found)
        .filter(|name| **name != "samples")
        .collect();
    assert!(missing.is_empty(), "no driver fails {missing:?}");
}

#[test]
fn a_fault_fails_nothing_but_its_check() {
    assert_eq!(failed(&run::<Acme<IMPATIENT>>()), ["retry-after"]);
    assert_eq!(failed(&run::<Acme<TOKEN_IN_PATH>>()), ["token-stays-put"]);
    assert_eq!(failed(&run::<Acme<NO_REMEDY>>()), ["verdict-words"]);
    assert_eq!(failed(&run::<Acme<SECRET_IN_SCOPE>>()), ["secrets-stay"]);
}

fn failed(report: &Report) -> Vec<&'static str> {
    let names: BTreeSet<_> = report
        .failures()
        .iter()
        .map(|failure| failure.check)
        .collect();
    names.into_iter().collect()
}

#[test]
fn a_suite_without_a_token_fails() {
    let report = Suite::<Acme<NONE>>::new(settings(), NOW).run();
    assert!(report.failed("samples"), "{report}");
}

#[test]
fn the_report_is_readable_and_repeats_no_secret() {
    let report = run::<Acme<IMPATIENT>>().to_string();
    let mut lines = report.lines();
    assert_eq!(lines.next(), Some("acme 1.0.0: 1 of 44 checks failed"));
    assert_eq!(
        lines.next(),
        Some(
            "  retry-after: `authorized` of HTTP 429 with a Retry-After of 7 seconds says None ms; \
             expected at least 7000"
        )
    );
    assert!(
        lines
            .last()
            .is_some_and(|line| line.ends_with("more of the kind")),
        "{report}"
    );
    let report = run::<Acme<SECRET_IN_SCOPE>>().to_string();
    assert!(!report.contains("4a1f0c5d9b"), "{report}");
}

#[test]
#[should_panic(expected = "retry-after")]
fn a_failed_report_panics_with_itself() {
    run::<Acme<IMPATIENT>>().assert_passed();
}
