use nudged_plugin_api::call::{DecodeJob, EncodeJob, RecallJob};
use nudged_plugin_api::host::Library;
use nudged_plugin_api::{
    Authorize, Batch, Class, Context, Driver, EncodeError, Exchange, HttpRequest, Info, Message,
    Notice, Recall, Rendered, SettingError, Settings, Target,
};

use super::*;

const SECRET: &str = "k7Jq2ZrX9vT4mWbN";
const TOKEN: &str = "r3g1dEchoEchoEchoEchoEcho0123456789";
const NOW: Timestamp = Timestamp::from_seconds(1_900_000_000);

/// Says its secret wherever it can.
struct Chatterbox;

impl Driver for Chatterbox {
    fn describe() -> Info {
        Info::new("chatterbox", "Chatterbox", "1")
    }

    fn open(_: &Settings, _: Timestamp) -> Result<Self, SettingError> {
        Ok(Self)
    }

    fn authorize(&self, _: Timestamp) -> Authorize {
        panic!("cannot sign with {SECRET}")
    }

    fn authorized(&self, _: &HttpResponse, _: Timestamp) -> Result<Grant, Verdict> {
        Err(leak())
    }

    fn encode(&self, batch: Batch<'_>, _: &Context<'_>) -> Result<Rendered, EncodeError> {
        match batch.message.title.as_deref().unwrap_or_default() {
            "refuse" => Err(EncodeError::new(
                SECRET,
                SECRET,
                format!("{SECRET} is wrong for {TOKEN}"),
            )),
            "panic" => panic!("{SECRET} is wrong for {TOKEN}"),
            _ => {
                let request = HttpRequest::post(format!("https://example.com/{SECRET}"));
                Ok(Rendered::new(request).notices(vec![Notice::new("title", SECRET)]))
            }
        }
    }

    fn decode(&self, exchange: Exchange<'_>, _: Timestamp) -> Decoded {
        match exchange.response.status {
            500 => panic!("{SECRET} is wrong for {TOKEN}"),
            _ => Decoded::all(leak(), exchange.targets.len()),
        }
    }

    fn recall(&self, _: Recall<'_>, _: &Context<'_>) -> Result<Rendered, EncodeError> {
        Err(EncodeError::new(
            "code",
            "field",
            format!("{SECRET} {TOKEN}"),
        ))
    }

    fn recalled(&self, _: Exchange<'_>, _: Timestamp) -> Vec<Verdict> {
        vec![leak()]
    }
}

fn leak() -> Verdict {
    Verdict::refused(Class::Credential, SECRET, SECRET)
        .text(format!("no {SECRET} here for {TOKEN}"))
}

fn channel() -> OpenChannel {
    let library = Library::linked::<Chatterbox>();
    let mut secrets = Secrets::default();
    secrets.add(SECRET);
    let opened = library.open(Settings::new(), NOW);
    OpenChannel::new(opened.unwrap_or_else(|error| panic!("{error}")), secrets)
}

fn targets() -> Vec<Target> {
    vec![Target::new("1", TOKEN)]
}

fn decode_call(status: u16) -> DecodeCall {
    DecodeCall {
        now: NOW,
        jobs: vec![DecodeJob {
            targets: targets(),
            response: HttpResponse::new(status, ""),
            memo: Vec::new(),
        }],
    }
}

#[track_caller]
fn tells_nothing<T: std::fmt::Debug>(said: T) {
    let said = format!("{said:?}");
    assert!(said.contains(crate::credential::HIDDEN), "{said}");
    assert!(!said.contains(&SECRET[..12]), "{said}");
}

#[track_caller]
fn names_no_token<T: std::fmt::Debug>(said: T) {
    tells_nothing(&said);
    let said = format!("{said:?}");
    assert!(!said.contains(&TOKEN[..12]), "{said}");
    assert!(said.contains("r3g1…6789"), "{said}");
}

#[test]
fn a_driver_that_repeats_its_secrets_is_not_heard() {
    let channel = channel();
    tells_nothing(channel.authorize(NOW).map(|_| ()));
    tells_nothing(
        channel
            .authorized(HttpResponse::new(401, ""), NOW)
            .map(|it| it.err()),
    );
    for title in ["refuse", "panic"] {
        let call = EncodeCall {
            now: NOW,
            grant: None,
            messages: vec![Message::new(title, "")],
            jobs: vec![EncodeJob {
                message: 0,
                targets: targets(),
            }],
        };
        names_no_token(channel.encode(&call));
    }
    names_no_token(channel.decode(&decode_call(401)));
    names_no_token(channel.decode(&decode_call(500)));
    let call = RecallCall {
        now: NOW,
        grant: None,
        jobs: vec![RecallJob {
            targets: targets(),
            key: "key".to_owned(),
            vendor_id: None,
        }],
    };
    names_no_token(channel.recall(&call));
    names_no_token(channel.recalled(&decode_call(401)));
}

#[test]
fn a_request_keeps_its_secret_and_its_notices_do_not() {
    let call = EncodeCall {
        now: NOW,
        grant: None,
        messages: vec![Message::new("send", "")],
        jobs: vec![EncodeJob {
            message: 0,
            targets: targets(),
        }],
    };
    let mut items = channel().encode(&call).expect("it renders");
    let Some(Encoded::Rendered(rendered)) = items.pop() else {
        panic!("it renders");
    };
    assert!(rendered.request.url.ends_with(SECRET));
    tells_nothing(&rendered.notices);
}
