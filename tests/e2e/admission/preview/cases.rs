//! Any users, any states, any message: what previews and sends are compared on.

use proptest::collection::{btree_map, vec};
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Map, Value, json};

/// Users and what is sent to them.
#[derive(Debug, Clone)]
pub struct Case {
    /// The users, told by their places.
    pub users: Vec<User>,
    /// The notification but for its recipients; users have the names of [`named`].
    pub notification: Value,
    /// What the recipients have besides the user: a language, a badge, one device only.
    pub told: Vec<Value>,
    /// The vendor of a bare token among the recipients.
    pub bare: Option<usize>,
}

/// A user.
#[derive(Debug, Clone)]
pub struct User {
    /// What the user wants of push.
    pub settings: Value,
    /// The devices.
    pub devices: Vec<Device>,
}

/// A device.
#[derive(Debug, Clone)]
pub struct Device {
    /// Which vendor reaches it.
    pub vendor: usize,
    /// What the app says of itself.
    pub language: Option<&'static str>,
    /// Where the app is; null = it never said, and `"off"` = it turned push off.
    pub state: Value,
}

/// The name that stands for a user before the names are known.
pub fn named(place: usize) -> String {
    format!("<user {place}>")
}

/// Most users of a case.
const MAX_USERS: usize = 4;

/// Vendors whose requests are for many devices: Xiaomi, and OPPO and vivo with two steps.
const SHARING: [usize; 3] = [2, 4, 5];
/// The only collapse key.
pub const COLLAPSE_KEY: &str = "c42";

/// Any case.
pub fn cases(vendors: usize) -> impl Strategy<Value = Case> {
    let users = vec(user(vendors), 1..=MAX_USERS);
    let told = vec(told(), MAX_USERS);
    let bare = of(0..vendors);
    (users, notification(), told, bare).prop_map(|(users, notification, told, bare)| Case {
        users,
        notification,
        told,
        bare,
    })
}

fn user(vendors: usize) -> impl Strategy<Value = User> {
    let settings = prop_oneof![1 => Just(json!({})), 1 => settings()];
    let devices = prop_oneof![
        1 => Just(Vec::new()),
        9 => vec(device(vendors), 1..=3),
    ];
    (settings, devices).prop_map(|(settings, devices)| User { settings, devices })
}

fn settings() -> impl Strategy<Value = Value> {
    let enabled = prop_oneof![9 => Just(true), 1 => Just(false)];
    let quiet = |seconds: u32| {
        let zone = "Asia/Shanghai";
        json!({"start": "00:00", "duration": seconds, "time_zone": zone})
    };
    let quiet = prop_oneof![
        5 => Just(Value::Null), 1 => Just(quiet(86_400)), 1 => Just(quiet(0)),
    ];
    let sound = || {
        of(select(vec![
            json!("ping.caf"),
            json!("default"),
            json!(null),
        ]))
    };
    let own = select(vec![
        "ios.caf",
        "android.resource://com.example.chat/raw/own",
    ]);
    let own = btree_map(select(vec!["c2c_sound", "group_sound"]), own, 0..3);
    let platforms = btree_map(select(vec!["ios", "android", "harmony"]), own, 0..3);
    let conversations = select(vec!["c2c:carol", "group:g1", "group:g2"]);
    let disturb = btree_map(conversations, 0..5u8, 0..3);
    (enabled, sound(), sound(), platforms, quiet, disturb).prop_map(
        |(enabled, one, group, platforms, quiet, disturb)| {
            let all =
                json!({"enabled": enabled, "platforms": platforms, "do_not_disturb": disturb});
            let some = [
                ("c2c_sound", one),
                ("group_sound", group),
                ("quiet_hours", Some(quiet).filter(|it| !it.is_null())),
            ];
            with(all, some)
        },
    )
}

fn device(vendors: usize) -> impl Strategy<Value = Device> {
    let state = prop_oneof![
        3 => Just(Value::Null),
        2 => Just(json!({"state": "background"})),
        4 => (0..120u32).prop_map(|unread| json!({"state": "background", "unread": unread})),
        1 => Just(json!({"state": "foreground", "lease": 3600})),
        1 => Just(json!({"state": "logged_out"})),
        1 => Just(json!({"state": "kicked"})),
        1 => Just(json!("off")),
    ];
    let language = of(select(vec!["zh-Hans", "de-AT", "en"]));
    // Some are chosen more often, so that devices share requests.
    let vendor = prop_oneof![2 => 0..vendors, 1 => select(SHARING.to_vec())];
    (vendor, language, state).prop_map(|(vendor, language, state)| Device {
        vendor,
        language,
        state,
    })
}

fn told() -> impl Strategy<Value = Value> {
    let few = |strategy| prop_oneof![4 => Just(None), 1 => strategy];
    let language = few(select(vec!["zh", "de", ""])
        .prop_map(|it| Some(json!(it)))
        .boxed());
    let badge = few(badge().prop_map(Some).boxed());
    let device = few(Just(Some(json!("d0"))).boxed());
    (language, badge, device).prop_map(|(language, badge, device)| {
        let some = [("language", language), ("badge", badge), ("device", device)];
        with(json!({}), some)
    })
}

fn notification() -> impl Strategy<Value = Value> {
    let sender = select(vec![json!("carol"), json!(named(0)), json!("")]);
    let sender = of((sender, of(words()))
        .prop_map(|(user, name)| with(json!({"user": user}), [("name", name)])));
    let group = (select(vec!["g1", "g2", ""]), of(words()));
    let group =
        group.prop_map(|(id, name)| with(json!({"kind": "group", "id": id}), [("name", name)]));
    let conversation = prop_oneof![
        4 => Just(None),
        4 => group.prop_map(Some),
        3 => Just(Some(json!({"kind": "c2c"}))),
        1 => Just(Some(json!({"kind": "system"}))),
    ];
    let mentions = (
        any::<bool>(),
        subsequence((0..MAX_USERS).map(named).collect::<Vec<_>>(), 0..MAX_USERS),
    );
    let mentions = of(mentions.prop_map(|(all, users)| json!({"all": all, "users": users})));
    let push = prop_oneof![19 => Just(true), 1 => Just(false)];
    let ttl = select(vec![json!(0), json!(3600), json!(7200), json!(604_800)]);
    (
        message(),
        options(),
        sender,
        conversation,
        mentions,
        push,
        ttl,
    )
        .prop_map(
            |(message, options, sender, conversation, mentions, push, ttl)| {
                let all = json!({"message": message, "options": options, "push": push, "ttl": ttl});
                let some = [
                    ("sender", sender),
                    ("conversation", conversation),
                    ("mentions", mentions),
                ];
                with(all, some)
            },
        )
}

fn message() -> impl Strategy<Value = Value> {
    let kind = prop_oneof![9 => Just(None), 1 => Just(Some(json!("background")))];
    let element = prop_oneof![
        3 => words().prop_map(|text| json!({"kind": "text", "text": text})),
        2 => select(vec!["location", "face", "image", "sound", "file", "video"])
            .prop_map(|kind| json!({"kind": kind})),
        1 => Just(json!({"kind": "custom"})),
        1 => words().prop_map(|text| json!({"kind": "custom", "text": text})),
    ];
    let elements = of(vec(element, 0..3).prop_map(Value::from));
    let text = || of(words());
    let translation = (text(), text())
        .prop_map(|(title, body)| with(json!({}), [("title", title), ("body", body)]));
    let translations = btree_map(select(vec!["zh", "de", "de-AT"]), translation, 0..3);
    let names = vec![
        "ios", "android", "harmony", "apns", "fcm", "xiaomi", "huawei", "oppo", "vivo", "meizu",
        "tpns", "honor",
    ];
    let platforms = btree_map(select(names), looks(), 0..3);
    (kind, looks(), elements, translations, platforms).prop_map(
        |(kind, looks, elements, translations, platforms)| {
            let all = with(looks, [("kind", kind), ("elements", elements)]);
            let some = [
                ("translations", Some(json!(translations))),
                ("platforms", Some(json!(platforms))),
            ];
            with(all, some)
        },
    )
}

/// What a message and each of its platforms may say.
fn looks() -> impl Strategy<Value = Value> {
    let one =
        |of_these: Vec<Value>| prop_oneof![3 => Just(None), 1 => select(of_these).prop_map(Some)];
    let text = || of(words());
    let click = one(vec![
        json!({"action": "open_app"}),
        json!({"action": "open_url", "value": "https://example.com/?a=1&b=2"}),
        json!({"action": "open_page", "value": "com.example.chat.ChatActivity"}),
    ]);
    let texts = (text(), text(), text());
    let ext = one(vec![
        json!("{\"room\": \"7\"}"),
        json!("{}"),
        json!("{\"a\":\"x&y=z\",\"b\":\"你好\"}"),
    ]);
    let sound = one(vec![
        json!("default"),
        json!("none"),
        json!("ping.caf"),
        json!(""),
    ]);
    let badge = prop_oneof![3 => Just(None), 1 => badge().prop_map(Some)];
    let classes = (
        one(vec![json!("chat"), json!("")]),
        one(vec![json!("")]),
        one(vec![json!("t1")]),
        one(vec![json!(COLLAPSE_KEY)]),
        one(vec![json!("normal"), json!("high")]),
    );
    let image = one(vec![json!("https://example.com/a.png")]);
    (texts, ext, click, sound, badge, classes, image).prop_map(
        |((title, body, subtitle), ext, click, sound, badge, classes, image)| {
            let (channel_id, category, thread, collapse_key, priority) = classes;
            let some = [
                ("title", title),
                ("body", body),
                ("subtitle", subtitle),
                ("ext", ext),
                ("click", click),
                ("sound", sound),
                ("badge", badge),
                ("channel_id", channel_id),
                ("category", category),
                ("thread", thread),
                ("collapse_key", collapse_key),
                ("priority", priority),
                ("image", image),
            ];
            with(json!({}), some)
        },
    )
}

fn options() -> impl Strategy<Value = Value> {
    let all = vec![
        ("apns", json!({"interruption_level": "passive"})),
        ("fcm", json!({"data": {"k": "v"}})),
        ("xiaomi", json!({"notify_foreground": false})),
        ("huawei", json!({"category": "IM", "importance": "LOW"})),
        ("oppo", json!({"category": "IM", "notify_level": 2})),
        ("vivo", json!({"category": "IM", "classification": 1})),
        ("meizu", json!({"noticeBarInfo": {"noticeMsgType": 0}})),
        ("tpns", json!({"android": {"vivo_ch_id": "0"}})),
        ("honor", json!({"importance": "LOW"})),
        ("harmony", json!({"category": "IM"})),
        // Refused when it is accepted, for some of them.
        ("apns", json!({"colour": "red"})),
    ];
    let options = prop_oneof![2 => Just(Vec::new()), 1 => subsequence(all, 0..4)];
    options.prop_map(|options| {
        let members = options.into_iter().map(|(name, it)| (name.to_owned(), it));
        Value::Object(members.collect::<Map<_, _>>())
    })
}

fn badge() -> impl Strategy<Value = Value> {
    prop_oneof![
        (0..99u32).prop_map(|count| json!({"set": count})),
        (1..9u32).prop_map(|count| json!({"add": count})),
        Just(json!("keep")),
    ]
}

fn words() -> impl Strategy<Value = Value> {
    let long = "十年树木，".repeat(30);
    select(vec![
        json!("Lunch?"),
        json!("Carol"),
        json!("你好 ☕"),
        json!("a \"b\" & c=d%20 \\ <e>"),
        json!("two\nlines"),
        json!(long),
        json!(""),
    ])
}

/// An object with some more members.
fn with<const N: usize>(mut object: Value, some: [(&str, Option<Value>); N]) -> Value {
    for (name, value) in some {
        if let Some(value) = value {
            object[name] = value;
        }
    }
    object
}
