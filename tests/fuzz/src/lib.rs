//! What the fuzzer tries with every driver, and what must hold whatever comes.
//!
//! In: input that the fuzzer made. Out: nothing, or a panic that is a finding. Knows of a
//! driver only what it declares, and one set of settings that opens it (`fixture`).

mod fixture;

use arbitrary::Arbitrary;
use nudged_plugin_api::info::Kind;
use nudged_plugin_api::{
    Batch, Class, Context, Decoded, Driver, Exchange, File, Grant, HttpResponse, Identity, Message,
    Settings, Target, Timestamp, Value, Verdict,
};

use fixture::NOW;

/// An answer of a vendor, or of something that pretends to be one.
#[derive(Arbitrary, Debug)]
pub struct Decode {
    status: Status,
    headers: Vec<(Header, String)>,
    tokens: Vec<Token>,
    memo: Memo,
    body: Vec<u8>,
}

#[derive(Arbitrary, Debug, Clone, Copy)]
enum Status {
    Ok,
    BadRequest,
    Unauthorized,
    Forbidden,
    NotFound,
    Gone,
    TooMany,
    Internal,
    Unavailable,
    Other(u16),
}

#[derive(Arbitrary, Debug, Clone, Copy)]
enum Header {
    RetryAfter,
    ContentType,
    ApnsId,
}

/// Short, so that the fuzzer can write them into a body.
#[derive(Arbitrary, Debug, Clone, Copy)]
enum Token {
    A,
    B,
    C,
}

#[derive(Arbitrary, Debug)]
enum Memo {
    OfTheDriver,
    None,
    Any(Vec<u8>),
}

/// Requests that may follow the first one.
const FOLLOW_UPS: usize = 3;

/// Any answer becomes one verdict per device, in words; only HTTP 2xx is an acceptance, and a
/// server in trouble costs no token.
pub fn decode<D: Driver>(input: &Decode) {
    thread_local! {
        static OPEN: std::cell::OnceCell<Box<dyn std::any::Any>> =
            const { std::cell::OnceCell::new() };
    }
    OPEN.with(|open| {
        let open = open.get_or_init(|| Box::new(fixture::open::<D>()));
        let driver = open.downcast_ref::<D>().expect("one driver a program");
        decode_with(driver, input);
    });
}

fn decode_with<D: Driver>(driver: &D, input: &Decode) {
    let status = input.status.number();
    let mut response = HttpResponse::new(status, input.body.clone());
    for (name, value) in &input.headers {
        response = response.with_header(name.name(), value.clone());
    }
    let batch = D::describe().batch as usize;
    let mut targets: Vec<Target> = input
        .tokens
        .iter()
        .take(batch.min(8))
        .zip(0..)
        .map(|(token, at)| {
            let id = format!("0198c6b4-2a51-7c3e-9a4d-{at:012x}");
            Target::new(id, fixture::token::<D>(*token as usize))
        })
        .collect();
    if targets.is_empty() {
        let id = "0198c6b4-2a51-7c3e-9a4d-5f0e6b7c8d90";
        targets.push(Target::new(id, fixture::token::<D>(0)));
    }
    let mut memo = match &input.memo {
        Memo::None => Vec::new(),
        Memo::Any(memo) => memo.clone(),
        Memo::OfTheDriver => {
            let grant = Grant::new("granted", NOW, 3600);
            let context = Context::new(NOW, Some(&grant));
            let message = Message::new("Ann", "Are you there?");
            let rendered = driver.encode(Batch::new(&message, &targets), &context);
            rendered.map(|rendered| rendered.memo).unwrap_or_default()
        }
    };
    for _ in 0..=FOLLOW_UPS {
        match driver.decode(Exchange::with_memo(&targets, &response, &memo), NOW) {
            Decoded::FollowUp(follow_up) => memo = follow_up.memo,
            Decoded::Verdicts(verdicts) => {
                assert_eq!(verdicts.len(), targets.len(), "a verdict per device");
                said(&verdicts, status);
                // What answers a recall is no less odd, and never costs a token.
                let recalled = driver.recalled(Exchange::new(&targets, &response), NOW);
                assert_eq!(recalled.len(), targets.len(), "a verdict per device");
                let dead = |verdict: &Verdict| verdict.class == Class::InvalidToken;
                assert!(!recalled.iter().any(dead), "{recalled:?}");
                said(&recalled, status);
                // What answers a token endpoint is no less odd.
                if let Ok(grant) = driver.authorized(&response, NOW) {
                    assert!((200..300).contains(&status) && !grant.value.is_empty());
                    let printable = |byte: u8| byte.is_ascii_graphic();
                    assert!(grant.value.bytes().all(printable), "fits a header");
                    assert!(grant.refresh_at <= grant.expires_at);
                }
                return;
            }
            _ => panic!("an answer of the future"),
        }
    }
    panic!("no end after {FOLLOW_UPS} follow-ups");
}

/// The rules for verdicts.
fn said(verdicts: &[Verdict], status: u16) {
    for verdict in verdicts {
        if verdict.class == Class::Accepted {
            assert!((200..300).contains(&status), "HTTP {status} was accepted");
            continue;
        }
        assert!(!verdict.code.is_empty() && !verdict.remedy.is_empty());
        let line = |text: &str| text.len() <= 1000 && !text.contains(['\n', '\r']);
        assert!(line(&verdict.remedy) && line(&verdict.code), "{verdict:?}");
        let dead = verdict.class == Class::InvalidToken;
        assert!(!(dead && status >= 500), "HTTP {status} cost a token");
    }
}

impl Status {
    fn number(self) -> u16 {
        match self {
            Self::Ok => 200,
            Self::BadRequest => 400,
            Self::Unauthorized => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::Gone => 410,
            Self::TooMany => 429,
            Self::Internal => 500,
            Self::Unavailable => 503,
            Self::Other(number) => 100 + number % 500,
        }
    }
}

impl Header {
    fn name(self) -> &'static str {
        match self {
            Self::RetryAfter => "retry-after",
            Self::ContentType => "content-type",
            Self::ApnsId => "apns-id",
        }
    }
}

/// Changes to settings that open the driver.
#[derive(Arbitrary, Debug)]
pub struct Changes {
    changes: Vec<Change>,
    options: Option<String>,
    now: u64,
}

#[derive(Arbitrary, Debug)]
struct Change {
    which: u8,
    to: To,
}

#[derive(Arbitrary, Debug)]
enum To {
    Nothing,
    Text(String),
    Number(i64),
    Flag(bool),
    Choice(u8),
    File(Vec<u8>),
    /// The file of the fixture, with some bytes written over.
    Damaged {
        at: u16,
        bytes: Vec<u8>,
    },
    Certificate(Vec<u8>),
}

/// Any settings open a channel that can encode, or are refused in words that name one of them
/// and tell no secret.
pub fn settings<D: Driver>(input: &Changes) {
    let info = D::describe();
    let mut settings = fixture::settings::<D>();
    for change in &input.changes {
        let setting = &info.settings[usize::from(change.which) % info.settings.len()];
        let key = setting.key.as_str();
        let value: Value = match &change.to {
            To::Nothing => {
                settings = settings.without(key);
                continue;
            }
            To::Text(text) => text.as_str().into(),
            To::Number(number) => (*number).into(),
            To::Flag(flag) => (*flag).into(),
            To::Choice(which) if setting.kind == Kind::Choice => {
                let count = setting.choices.len();
                setting.choices[usize::from(*which) % count].as_str().into()
            }
            To::Choice(_) => continue,
            To::File(contents) => File::new("fuzzed", contents.clone()).into(),
            To::Damaged { at, bytes } => {
                let Some(file) = settings.file(key) else {
                    continue;
                };
                let mut contents = file.contents.clone();
                let at = usize::from(*at) % contents.len().max(1);
                for (place, byte) in contents.iter_mut().skip(at).zip(bytes) {
                    *place = *byte;
                }
                File::new("damaged", contents).into()
            }
            To::Certificate(der) => {
                Identity::new("fuzzed", der.clone(), NOW.plus_seconds(60)).into()
            }
        };
        settings = settings.with(key, value);
    }
    let now = Timestamp(input.now);
    match D::open(&settings, now) {
        Err(error) => {
            assert!(
                !error.problem.is_empty() && !error.remedy.is_empty(),
                "{error:?}"
            );
            let known = info.settings.iter().any(|it| error.setting == it.key)
                || error.setting.ends_with("_password");
            assert!(known, "{error:?} names no setting");
            tells_no_secret::<D>(&settings, &error.problem);
        }
        Ok(driver) => {
            let scope = driver.grant_scope().unwrap_or_default();
            tells_no_secret::<D>(&settings, &scope);
            let _ = driver.authorize(now);
            let mut message = Message::new("Ann", "Are you there?");
            message.options.clone_from(&input.options);
            let targets = [Target::new(
                "0198c6b4-2a51-7c3e-9a4d-5f0e6b7c8d90",
                fixture::token::<D>(0),
            )];
            let grant = Grant::new("granted", now, 3600);
            let _ = driver.encode(
                Batch::new(&message, &targets),
                &Context::new(now, Some(&grant)),
            );
        }
    }
}

/// The fixture's secrets; any other text may stand in a message by chance, and so may one
/// that the fuzzer wrote into another setting too.
fn tells_no_secret<D: Driver>(settings: &Settings, text: &str) {
    let fixture = fixture::settings::<D>();
    for setting in D::describe()
        .settings
        .iter()
        .filter(|setting| setting.secret)
    {
        let key = setting.key.as_str();
        let Some(secret) = fixture
            .text(key)
            .filter(|it| settings.text(key) == Some(*it))
        else {
            continue;
        };
        let public = settings
            .iter()
            .filter(|(other, _)| *other != key)
            .any(|(_, value)| matches!(value, Value::Text(text) if text.contains(secret)));
        assert!(
            public || !text.contains(secret),
            "{key} is told in {text:?}"
        );
    }
}
