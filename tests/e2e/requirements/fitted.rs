//! 66, over all vendors: a message of any shape reaches each of them, whose stand-ins refuse what
//! the vendors would, and the sender is told at once of what it lost.

use std::collections::BTreeSet;

use nudged_driver_kit::address;
use nudged_rig::{Rig, VENDORS, Vendor};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{RngSeed, TestRunner};
use serde_json::{Value, json};

use crate::world::{rig_of, text, trace_of};

/// Messages to each vendor, unless the environment says how many.
const USUAL: usize = 24;
/// Environment variable with the number of messages for a longer run.
const CASES: &str = "NUDGED_CASES";

/// A text in one script; most are short, some longer than any vendor takes.
fn texts() -> impl Strategy<Value = String> {
    let lengths = prop_oneof![4 => 1..40_usize, 3 => 40..400_usize, 2 => 400..2000_usize];
    let scripts = prop_oneof![
        Just("abc lunch?1"),
        Just("群组，午饭"),
        Just("😀é👩‍👧 "),
        Just("\"\\{};=%#&+'<>"),
        Just("\n\t\u{2028}x\u{3000}"),
    ];
    (lengths, scripts, any::<u64>()).prop_map(|(length, script, seed)| {
        let letters: Vec<char> = script.chars().collect();
        let at = |n: usize| {
            let mixed = seed
                .wrapping_add(n as u64)
                .wrapping_mul(0x9e37_79b9_7f4a_7c15);
            letters[(mixed >> 33) as usize % letters.len()]
        };
        (0..length).map(at).collect()
    })
}

/// Data of the app; three in four are as Tencent's chat kit writes it.
fn exts() -> impl Strategy<Value = String> {
    (texts(), 0..4_u8).prop_map(|(text, kind)| match kind {
        0 => text,
        _ => json!({"entity": {"action": 1, "content": text, "sender": "ann", "version": 1}})
            .to_string(),
    })
}

/// An address; half of them are written otherwise than a vendor wants it.
fn urls() -> BoxedStrategy<String> {
    let long = (prop_oneof![Just("https"), Just("http")], 1..3000_usize)
        .prop_map(|(scheme, length)| format!("{scheme}://app.example/{}", "x".repeat(length)));
    let schemes = prop_oneof![
        6 => Just("https://"),
        1 => Just("http://"),
        1 => Just("HTTPS://"),
        1 => Just(" https://"),
        1 => Just("ftp://"),
    ];
    let hosts = prop_oneof![
        4 => Just("app.example"),
        1 => Just("App.example:8443"),
        1 => Just("例子.测试"),
        1 => Just("ann:pw@app.example"),
        1 => Just("[::1]:80"),
        1 => Just("-.example"),
        1 => Just("app.example:x"),
    ];
    let tails = prop_oneof![
        Just("/路径?q=汉".to_owned()),
        Just("/a b.png\n".to_owned()),
        Just("/{id}|\"x\\y^`".to_owned()),
        Just("/50%?a[]=%zz#b#c".to_owned()),
        Just("?a=b".to_owned()),
        texts().prop_map(|text| format!("/{text}")),
    ];
    let odd = (schemes, hosts, tails);
    let odd = odd.prop_map(|(scheme, host, tail)| format!("{scheme}{host}{tail}"));
    prop_oneof![long, odd].boxed()
}

/// An intent URI; some are none that a phone reads.
fn intents() -> BoxedStrategy<String> {
    let heads = prop_oneof![
        Just("intent:"),
        Just("intent://h/p"),
        Just(""),
        Just("chat://r")
    ];
    let part = prop_oneof![
        3 => Just("component=a.b/.C;"),
        1 => Just("component=C;"),
        1 => Just("action=a.b.OPEN;"),
        1 => Just("launchFlags=new;"),
        1 => Just("SEL;"),
        1 => Just("S.ext={\"a\":\"你%3B\"};"),
        1 => Just("S.ext=%7;"),
        1 => Just("S.ext=a#b;"),
        1 => Just("X.ext=1;"),
        1 => Just(";"),
    ];
    let ends = prop_oneof![3 => Just("end"), 1 => Just("end\n"), 1 => Just("")];
    (heads, proptest::collection::vec(part, 0..4), ends)
        .prop_map(|(head, parts, end)| format!("{head}#Intent;{}{end}", parts.concat()))
        .boxed()
}

/// Boxed, as the trees of all the strategies together are more than a stack takes.
fn clicks() -> BoxedStrategy<Value> {
    let pages = prop_oneof![
        Just("chat/42".to_owned()),
        Just("chat://room/42".to_owned()),
        Just("com.example.chat.ChatActivity".to_owned()),
        Just("com.example.chat.OPEN".to_owned()),
        Just("intent:#Intent;component=com.example.chat/.ChatActivity;end".to_owned()),
        Just("intent://com.example/chat#Intent;scheme=push;launchFlags=0x4000000;end".to_owned()),
        Just("https://app.example/a?b=c&d".to_owned()),
        texts(),
    ];
    let pages = prop_oneof![3 => pages, 1 => urls(), 1 => intents()];
    prop_oneof![
        Just(json!({"action": "open_app"})),
        // What has no host is refused at the door.
        urls()
            .prop_filter("an address", |url| address::is_web(url))
            .prop_map(|url| json!({"action": "open_url", "value": url})),
        pages.prop_map(|page| json!({"action": "open_page", "value": page})),
    ]
    .boxed()
}

fn sounds() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("default".to_owned()),
        Just("none".to_owned()),
        Just("ring.caf".to_owned()),
        Just("Ring Tone.mp3".to_owned()),
        Just("android.resource://com.example.chat/raw/ring".to_owned()),
        Just("android.resource://com.example.chat/2131689472".to_owned()),
        Just("/private/var/ring.caf".to_owned()),
        Just("content://media/external/audio/42".to_owned()),
        texts(),
    ]
}

fn members() -> impl Strategy<Value = Value> {
    let maybe = |text: BoxedStrategy<String>| proptest::option::of(text.prop_map(Value::from));
    let plain = || maybe(texts().boxed());
    let shown = (plain(), texts(), plain(), maybe(exts().boxed()));
    let told = (plain(), plain(), plain(), plain());
    let does = (
        proptest::option::of(clicks()),
        maybe(sounds().boxed()),
        proptest::option::of(urls()),
    );
    (shown, told, does).prop_map(|(shown, told, does)| {
        let image = does.2.map(Value::from);
        let mut message = json!({"body": shown.1});
        for (name, member) in [
            ("title", shown.0),
            ("subtitle", shown.2),
            ("ext", shown.3),
            ("channel_id", told.0),
            ("category", told.1),
            ("thread", told.2),
            ("collapse_key", told.3),
            ("click", does.0),
            ("sound", does.1),
            ("image", image),
        ] {
            if let Some(member) = member {
                message[name] = member;
            }
        }
        message
    })
}

/// A phone of each vendor, a new one for each message.
fn to(vendors: &[Vendor], n: usize) -> Vec<Value> {
    let to = vendors.iter();
    to.map(|it| json!({"channel": it.channel, "token": it.numbered(n)}))
        .collect()
}

/// The fields of which something is told.
fn told(notices: &Value) -> BTreeSet<String> {
    let list = notices.as_array().map_or(&[][..], Vec::as_slice);
    list.iter().map(|it| text(it, "field").to_owned()).collect()
}

pub(super) async fn check(rig: &Rig, n: usize, message: &Value) {
    let ask = json!({"to": to(&VENDORS, n), "message": message});
    let answer = rig.client.post("/v1/notifications", &ask).await.unwrap();
    let answer = answer.expect(202);
    let id = text(&answer, "id");
    rig.client.outcomes(id, VENDORS.len()).await.unwrap();
    let trace = trace_of(rig, id).await;
    for delivery in trace["deliveries"].as_array().expect("a list") {
        let outcome = &delivery["outcome"];
        assert_eq!(outcome["kind"], "accepted", "{message}\n{delivery:#}");
        let attempts = delivery["attempts"].as_array().expect("a list");
        let last = attempts.last().expect("it was sent");
        let said = told(&last["notices"]);
        let here: Vec<Value> = answer["notices"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|it| it["channel"] == delivery["channel"])
            .cloned()
            .collect();
        let before = told(&Value::from(here));
        let untold: Vec<_> = said.difference(&before).collect();
        let channel = &delivery["channel"];
        assert!(untold.is_empty(), "{channel} {untold:?}\n{message}");
    }
}

#[tokio::test]
async fn req_66_a_message_of_any_shape_reaches_each_vendor_and_its_losses_are_told() {
    let rig = rig_of(&VENDORS).await;
    let cases = std::env::var(CASES).ok();
    let cases = cases.and_then(|text| text.parse().ok()).unwrap_or(USUAL);
    let mut runner = TestRunner::new(ProptestConfig {
        rng_seed: RngSeed::Fixed(13),
        ..ProptestConfig::default()
    });
    for n in 1..=cases {
        let message = members()
            .new_tree(&mut runner)
            .expect("a message")
            .current();
        check(&rig, n, &message).await;
    }
}
