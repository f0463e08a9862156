//! Inputs that nobody sends by intention.

use nudged_plugin_api::{
    ActivityEvent, Badge, Click, Kind, Lifetime, LiveActivity, Message, Priority, Sound, Timestamp,
};

/// Tokens that try to leave their place in a URL, a header or a body.
pub fn tokens() -> Vec<String> {
    let mut tokens: Vec<String> = [
        "",
        " ",
        "a b",
        "a\r\nx-evil: 1",
        "a\nb",
        "a\0b",
        "/../../evil",
        "../x",
        "..",
        ".",
        "a/b",
        "//evil.example",
        "?x=1",
        "a&b=c",
        "#f",
        "a#b",
        "%2e%2e%2f",
        "%",
        "a%0d%0ab",
        "@evil.example",
        "\\..\\x",
        ":443",
        "\u{fc}\u{1f600}",
        "a\"b",
        "a'}],\"x\":{",
        "\u{202e}abc",
        "a;b,c",
    ]
    .map(str::to_owned)
    .to_vec();
    tokens.push("t".repeat(10_000));
    tokens
}

/// Texts that break careless quoting, and one that breaks every limit.
pub fn texts() -> Vec<String> {
    vec![
        "\0\u{1}\u{8}\u{1b}\u{7f}".to_owned(),
        "a\r\nx-evil: 1\r\n\r\nb".to_owned(),
        "\"}],\"x\":{\"y\":\"\\".to_owned(),
        "\u{1f468}\u{200d}\u{1f469}\u{1f1e9}\u{1f1ea}\u{10ffff}".repeat(50),
        "\u{202e}\u{feff}\u{2028}".to_owned(),
        "%s%n&<b>${x}{{y}}".to_owned(),
        "\u{1f600}".repeat(1 << 18),
    ]
}

/// `text` in every text of `message`, one at a time, with the field's name.
pub fn texted(message: &Message, text: &str) -> Vec<(&'static str, Message)> {
    let with = |change: &dyn Fn(&mut Message, String)| {
        let mut changed = message.clone();
        change(&mut changed, text.to_owned());
        changed
    };
    vec![
        ("title", with(&|m, t| m.title = Some(t))),
        ("subtitle", with(&|m, t| m.subtitle = Some(t))),
        ("body", with(&|m, t| m.body = Some(t))),
        ("ext", with(&|m, t| m.ext = Some(t))),
        ("image", with(&|m, t| m.image = Some(t))),
        ("channel_id", with(&|m, t| m.channel_id = Some(t))),
        ("category", with(&|m, t| m.category = Some(t))),
        ("thread", with(&|m, t| m.thread = Some(t))),
        ("collapse_key", with(&|m, t| m.collapse_key = Some(t))),
        ("click url", with(&|m, t| m.click = Click::Url(t))),
        ("click page", with(&|m, t| m.click = Click::Page(t))),
        ("sound", with(&|m, t| m.sound = Sound::Named(t))),
        ("options", with(&|m, t| m.options = Some(t))),
    ]
}

/// Every combination of what a message can be.
pub fn combinations(now: Timestamp) -> Vec<Message> {
    let kinds = [
        Kind::Alert,
        Kind::Background,
        Kind::Voip,
        Kind::LiveActivity,
    ];
    let sounds = [
        Sound::Default,
        Sound::Silent,
        Sound::Named("ping.caf".into()),
    ];
    let badges = [
        Badge::Keep,
        Badge::Set(0),
        Badge::Set(u32::MAX),
        Badge::Add(0),
        Badge::Add(1),
    ];
    let clicks = [
        Click::OpenApp,
        Click::Url("https://app.example/a?b=c&d".into()),
        Click::Url("javascript:alert(1)".into()),
        Click::Page("chat/42".into()),
    ];
    let priorities = [Priority::High, Priority::Normal];
    let lifetimes = [
        Lifetime::NowOrNever,
        Lifetime::Until(Timestamp(0)),
        Lifetime::Until(now.plus_seconds(3600)),
        Lifetime::Until(Timestamp(u64::MAX)),
    ];
    let mut messages = Vec::new();
    for kind in kinds {
        for sound in &sounds {
            for badge in badges {
                for click in &clicks {
                    for priority in priorities {
                        for lifetime in lifetimes {
                            let mut message = Message::new("Title", "Text");
                            message.kind = kind;
                            message.sound = sound.clone();
                            message.badge = badge;
                            message.click = click.clone();
                            message.priority = priority;
                            message.lifetime = lifetime;
                            messages.push(message);
                        }
                    }
                }
            }
        }
    }
    messages.extend(activities(now));
    messages.push(Message::default());
    messages
}

fn activities(now: Timestamp) -> Vec<Message> {
    let mut messages = Vec::new();
    for event in [
        ActivityEvent::Update,
        ActivityEvent::Start,
        ActivityEvent::End,
    ] {
        for content in [
            None,
            Some("{\"score\":1}"),
            Some("[]"),
            Some("{"),
            Some("7"),
        ] {
            for attributes in [None, Some("{\"team\":\"a\"}"), Some("nonsense")] {
                let mut message = Message::new("Title", "Text");
                message.kind = Kind::LiveActivity;
                let mut activity = LiveActivity::default();
                activity.event = event;
                activity.content_state = content.map(str::to_owned);
                activity.timestamp = now;
                activity.stale_at = Some(now.plus_seconds(60));
                activity.dismiss_at = Some(Timestamp(0));
                activity.attributes_type = attributes.map(|_| "Match".to_owned());
                activity.attributes = attributes.map(str::to_owned);
                message.live_activity = Some(activity);
                messages.push(message);
            }
        }
    }
    messages
}

/// Options that no driver can understand.
pub const OPTIONS: [&str; 9] = [
    "nonsense",
    "{",
    "null",
    "7",
    "\"text\"",
    "[]",
    "[{}]",
    "{} {}",
    "{\"nudged_no_such_option\":1}",
];

/// Bodies that no vendor should send, short enough to be tried with every status.
pub fn bodies() -> Vec<Vec<u8>> {
    let mut bodies: Vec<Vec<u8>> = [
        "", " ", "null", "[]", "{}", "7", "\"text\"", "true", "{\"reason\":", "{\"error\":{\"code\":",
        "<!DOCTYPE html><html><body><h1>502 Bad Gateway</h1></body></html>",
        "{\"reason\":7,\"error\":\"x\",\"code\":\"y\",\"message\":[],\"result\":null,\"data\":{},\"status\":[]}",
        "{\"reason\":{},\"error\":{\"code\":\"404\",\"details\":7,\"status\":[]},\"code\":1e400,\"timestamp\":-1}",
        "{\"error\":{\"details\":[null,7,[],{\"errorCode\":7},{\"@type\":null}]},\"timestamp\":\"x\"}",
        "{\"code\":99999999999999999999,\"timestamp\":18446744073709551616,\"results\":[{},{},{}]}",
        "\u{feff}{}", "\u{1f600}",
    ]
    .map(|text| text.as_bytes().to_vec())
    .to_vec();
    bodies.push(vec![0xff, 0xfe, 0x00, 0x80, 0xc3]);
    bodies
}

/// Bodies that are tried with a few statuses only.
pub fn big_bodies() -> Vec<Vec<u8>> {
    vec![
        "[".repeat(10_000).into_bytes(),
        "{\"a\":".repeat(10_000).into_bytes(),
        ("[".repeat(10_000) + &"]".repeat(10_000)).into_bytes(),
        vec![b' '; 1 << 20],
        format!("{{\"reason\":\"{}\"}}", "x".repeat(1 << 20)).into_bytes(),
        format!("<html>{}", "y".repeat(1 << 20)).into_bytes(),
    ]
}

/// Something that a careless driver would quote in an error.
pub const MARKER: &str = "nudged-conformance-secret-5d0c";

/// Answers to a request for a grant that must not become an unusable one.
pub fn grant_bodies() -> Vec<Vec<u8>> {
    let mut all = bodies();
    let token = MARKER;
    all.extend(
        [
            "{\"access_token\":\"\",\"expires_in\":3600}".to_owned(),
            format!("{{\"access_token\":\"{token}\"}}"),
            format!("{{\"access_token\":\"{token}\",\"expires_in\":"),
            format!("{{\"access_token\":\"{token}\",\"expires_in\":\"soon\"}}"),
            format!("{{\"access_token\":\"{token}\",\"expires_in\":0}}"),
            format!("{{\"access_token\":\"{token}\",\"expires_in\":-1}}"),
            format!("{{\"access_token\":\"{token}\",\"expires_in\":1e300}}"),
            format!("{{\"access_token\":\"{token}\",\"expires_in\":18446744073709551615}}"),
            format!("{{\"access_token\":\"{token}\\r\\nx-evil: 1\",\"expires_in\":3600}}"),
            format!("{{\"access_token\":[\"{token}\"],\"expires_in\":3600}}"),
            format!("{{\"authToken\":\"{token}\",\"result\":0,\"code\":0}}"),
        ]
        .map(String::into_bytes),
    );
    all
}
