//! An app that never existed, and how tests talk to its channel.

use nudged_oppo::Oppo;
use nudged_plugin_api::{
    Batch, Context, Decoded, Driver, EncodeError, Exchange, Grant, HttpResponse, Message, Rendered,
    Settings, Target, Timestamp, Verdict,
};

pub const NOW: Timestamp = Timestamp::from_seconds(1_767_000_000);
pub const CN_A: &str = "OPPO_CN_0123456789abcdef0123456789abcdef";
pub const CN_B: &str = "CN_11111111111111112222222222222222";
pub const CN_C: &str = "Realme_CN_33333333333333334444444444444444";

/// The least that a channel needs.
pub fn settings() -> Settings {
    Settings::new()
        .with("app_key", "ak123")
        .with("master_secret", "ms456")
}

/// A channel with a notification channel, so that plain messages make no notices.
pub fn channel() -> Oppo {
    Oppo::open(&settings().with("channel_id", "chat"), NOW).unwrap()
}

/// Devices with ids that look like those of deliveries.
pub fn targets(tokens: &[&str]) -> Vec<Target> {
    let id = |number| format!("0198c6b4-2a51-7c3e-9a4d-{number:012}");
    let numbered = tokens.iter().enumerate();
    numbered
        .map(|(number, token)| Target::new(id(number + 1), *token))
        .collect()
}

pub fn grant() -> Grant {
    Grant::new("tok456", NOW, 86_400)
}

pub fn encode(
    driver: &Oppo,
    message: &Message,
    targets: &[Target],
) -> Result<Rendered, EncodeError> {
    driver.encode(
        Batch::new(message, targets),
        &Context::new(NOW, Some(&grant())),
    )
}

/// The answer to a request that left this memo.
pub fn answer(tokens: &[&str], memo: &[u8], response: &HttpResponse) -> Decoded {
    let targets = targets(tokens);
    channel().decode(Exchange::with_memo(&targets, response, memo), NOW)
}

/// Verdicts, where no second request is expected.
pub fn verdicts(decoded: Decoded) -> Vec<Verdict> {
    match decoded {
        Decoded::Verdicts(verdicts) => verdicts,
        other => panic!("{other:?}"),
    }
}

/// The only device's verdict on this answer to `unicast`.
pub fn verdict(response: &HttpResponse) -> Verdict {
    verdicts(answer(&[CN_A], b"", response)).remove(0)
}

/// An answer of OPPO's with this code and no data.
pub fn coded(code: i64) -> HttpResponse {
    HttpResponse::new(200, format!(r#"{{"code":{code},"message":"Words."}}"#))
}
