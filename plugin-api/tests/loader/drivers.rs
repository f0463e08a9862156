//! Good libraries in one process: apart from each other, replaced, panicking.

use std::fs;

use nudged_plugin_api::call::{
    DecodeCall, DecodeJob, DecodedItem, EncodeCall, EncodeJob, Encoded, RecallCall, RecallJob,
};
use nudged_plugin_api::host::{Channel, Library, OpenError};
use nudged_plugin_api::{Decoded, HttpResponse, Message, Settings, Target, Timestamp};

use crate::fixtures;

fn alpha(name: &str) -> Channel {
    let library = Library::load(&fixtures::v1().alpha).expect("loads");
    let settings = Settings::new().with("name", name);
    library.open(settings, Timestamp(1)).expect("opens")
}

fn encode(channel: &Channel, titles: &[&str]) -> Vec<String> {
    let call = EncodeCall {
        messages: titles
            .iter()
            .map(|title| Message::new(*title, "text"))
            .collect(),
        jobs: (0..titles.len() as u32)
            .map(|message| EncodeJob {
                message,
                targets: vec![Target::new("id", "token")],
            })
            .collect(),
        ..EncodeCall::default()
    };
    let items = channel.encode(&call).expect("an answer");
    items
        .into_iter()
        .map(|item| match item {
            Encoded::Rendered(rendered) => rendered.request.url,
            Encoded::Refused(error) => error.to_string(),
            Encoded::Panicked(message) => format!("panic: {message}"),
        })
        .collect()
}

#[test]
fn two_drivers_in_one_process_stay_apart() {
    let built = fixtures::v1();
    let vendors: Vec<String> = [&built.alpha, &built.beta, &built.alpha]
        .map(|path| {
            Library::load(path)
                .expect("loads")
                .describe()
                .expect("describes")
                .vendor
        })
        .into();
    assert_eq!(vendors, ["alpha", "beta", "alpha"]);
}

#[test]
fn two_channels_of_one_driver_stay_apart() {
    let (one, two) = (alpha("one"), alpha("two"));
    assert_eq!(encode(&two, &["t"]), ["https://alpha.example/two"]);
    drop(two);
    assert_eq!(encode(&one, &["t"]), ["https://alpha.example/one"]);
}

#[test]
fn a_replaced_file_loads_as_the_new_one_and_the_old_one_serves_on() {
    let built = fixtures::v1();
    let place = fixtures::scratch().join("replaced.so");
    fixtures::install(&fs::read(&built.alpha).expect("readable"), &place);
    let old = Library::load(&place).expect("loads");
    fixtures::install(&fs::read(&built.beta).expect("readable"), &place);
    let new = Library::load(&place).expect("loads");
    assert_eq!(new.describe().expect("describes").vendor, "beta");
    assert_eq!(old.describe().expect("describes").vendor, "alpha");
    fs::remove_file(&place).expect("ours");
    assert_eq!(old.describe().expect("describes").vendor, "alpha");
}

#[test]
fn loading_leaves_no_descriptor_open() {
    let open = || fs::read_dir("/proc/self/fd").expect("readable").count();
    let load = || {
        Library::load(&fixtures::v1().alpha).expect("loads");
        assert!(Library::load(&fixtures::v2().alpha).is_err());
    };
    load();
    let before = open();
    (0..50).for_each(|_| load());
    // Other tests run beside this one and have files open.
    assert!(
        open() < before + 25,
        "{} descriptors after {before}",
        open()
    );
}

#[test]
fn a_panic_fails_its_item_only_and_the_next_call_works() {
    let channel = alpha("a");
    let url = "https://alpha.example/a";
    assert_eq!(
        encode(&channel, &["one", "panic", "payload", "four"]),
        [
            url,
            "panic: asked to panic",
            "panic: a panic without a message",
            url
        ]
    );
    assert_eq!(encode(&channel, &["again"]), [url]);
}

/// What is written to stderr stands in the daemon's log as if the daemon had said it, and may hold
/// a secret; where it happened is none, and helps the author.
#[test]
fn the_words_of_a_panic_are_told_in_the_answer_and_nowhere_else() {
    let this = std::env::current_exe().expect("a program");
    fixtures::v1();
    let output = std::process::Command::new(this)
        .args(["--exact", "--nocapture"])
        .arg("drivers::a_panic_fails_its_item_only_and_the_next_call_works")
        .env(fixtures::ARE_BUILT, "1")
        .output()
        .expect("it runs");
    let written = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{output:?}");
    let tested = String::from_utf8_lossy(&output.stdout);
    assert!(tested.contains("1 passed"), "{tested}");
    assert!(!written.contains("asked to panic"), "{written}");
    assert!(written.contains("a driver panicked at"), "{written}");
}

#[test]
fn a_panic_in_decode_fails_its_item_only() {
    let job = |status| DecodeJob {
        targets: vec![Target::new("id", "token")],
        response: HttpResponse::new(status, ""),
        memo: Vec::new(),
    };
    let call = DecodeCall {
        now: Timestamp(1),
        jobs: vec![job(200), job(599), job(500)],
    };
    let items = alpha("a").decode(&call).expect("an answer");
    let [first, second, third] = items.as_slice() else {
        panic!("{items:?}");
    };
    assert!(matches!(first, DecodedItem::Decoded(Decoded::Verdicts(list)) if list.len() == 1));
    assert!(matches!(second, DecodedItem::Panicked(text) if text == "asked to panic in decode"));
    assert!(matches!(third, DecodedItem::Decoded(Decoded::Verdicts(list)) if list.len() == 1));
}

#[test]
fn a_panic_in_open_is_a_refusal() {
    let library = Library::load(&fixtures::v1().alpha).expect("loads");
    let settings = Settings::new().with("name", "panic");
    match library.open(settings, Timestamp(1)) {
        Err(OpenError::Setting(error)) => {
            assert_eq!(error.problem, "driver panicked: asked to panic in open");
        }
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("opened"),
    }
}

#[test]
fn a_driver_without_recalls_says_so() {
    let recall = |key: &str| RecallCall {
        jobs: vec![RecallJob {
            targets: vec![Target::new("id", "token")],
            key: key.to_owned(),
            vendor_id: None,
        }],
        ..RecallCall::default()
    };
    let channel = alpha("one");
    for (key, expected) in [("7", "NotSupported"), ("", "BadFrame")] {
        let items = channel.recall(&recall(key)).expect("an answer");
        let [Encoded::Refused(error)] = items.as_slice() else {
            panic!("{items:?}");
        };
        assert_eq!(error.code, expected);
    }
}
