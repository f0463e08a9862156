//! The body of `/v3/push/app`: fields, types and bounds of the "Push API" page. A field that
//! is an empty text counts as absent: the vendor's own clients send such.

use serde_json::Value;

use super::error::Refusal;
use super::platform;
use crate::checks::fields::{Checked, Fields};

const SWITCH: [i64; 2] = [0, 1];
const MAX_TOKENS: usize = 1000;
const MAX_TOKEN_LENGTH: usize = 36;
const MAX_LIFETIME_SECS: i64 = 259_200;
/// Of `message`.
const MAX_MESSAGE: usize = 4096;
const AUDIENCES: [&str; 8] = [
    "all",
    "tag",
    "token",
    "token_list",
    "account",
    "account_list",
    "package_account_push",
    "package_token_push",
];
const CHANNELS: [&str; 9] = [
    "xg", "hw", "xm", "mz", "vivo", "oppo", "apns", "honor", "fcm",
];

/// A good body, as its answer depends on it.
#[derive(Debug)]
pub(super) struct Checks {
    pub(super) seq: i64,
    /// None for an audience other than tokens.
    pub(super) tokens: Option<Vec<String>>,
    pub(super) is_single: bool,
    pub(super) ignores_invalid: bool,
    pub(super) environment: String,
}

/// Reads the body of an app that is one of iOS or not.
pub(super) fn check(body: &Value, is_ios: bool) -> Result<Checks, Refusal> {
    let mut fields = Fields::of("", body)?;
    let audience = fields.one_of("audience_type", &AUDIENCES)?;
    let audience = fields.must("audience_type", audience)?;
    let message_type = fields.one_of("message_type", &["notify", "message"])?;
    let is_notification = fields.must("message_type", message_type)? == "notify";
    let message = fields.object("message")?;
    let has_ios = body["message"].get("ios").is_some();
    platform::check(fields.must("message", message)?, is_notification, is_ios)?;
    if body["message"].to_string().len() > MAX_MESSAGE {
        let problem = fields.problem("message", format!("is over {MAX_MESSAGE} bytes"));
        return Err(problem.into());
    }

    let environment = fields.one_of("environment", &["", "product", "dev"])?;
    let environment = environment.filter(|text| !text.is_empty());
    if is_ios || has_ios {
        fields.must("environment", environment)?;
    }
    fields.one_of("platform", &["", "android", "ios"])?;
    let seq = fields.integer("seq", 0..=i64::MAX)?;
    let ignore = fields.integer_of("ignore_invalid_token", &SWITCH)?;
    let list = fields.texts("token_list")?;
    let tokens = match audience {
        "token" | "token_list" => {
            let list = fields.must("token_list", list)?;
            Some(read_tokens(&fields, list, audience == "token")?)
        }
        _ => None,
    };
    check_options(&mut fields, tokens.is_some())?;
    fields.end()?;
    Ok(Checks {
        seq: seq.unwrap_or(0),
        tokens,
        is_single: audience == "token",
        ignores_invalid: ignore == Some(1),
        environment: environment.unwrap_or("product").to_owned(),
    })
}

/// Of a single push only the first counts.
fn read_tokens(fields: &Fields<'_>, list: Vec<&str>, is_single: bool) -> Checked<Vec<String>> {
    if list.is_empty() {
        return fields.must("token_list", None);
    }
    if list.len() > MAX_TOKENS {
        return Err(fields.problem("token_list", format!("has over {MAX_TOKENS} tokens")));
    }
    let is_token = |text: &&str| {
        (1..=MAX_TOKEN_LENGTH).contains(&text.chars().count())
            && !text.contains(char::is_whitespace)
    };
    if !list.iter().all(is_token) {
        let problem = format!("has other than 1 to {MAX_TOKEN_LENGTH} characters in a token");
        return Err(fields.problem("token_list", problem));
    }
    let count = if is_single { 1 } else { list.len() };
    Ok(list.into_iter().take(count).map(str::to_owned).collect())
}

fn check_options(fields: &mut Fields<'_>, is_for_tokens: bool) -> Checked<()> {
    // 1 to 799 become 800 without a word.
    fields.integer("expire_time", 0..=MAX_LIFETIME_SECS)?;
    for name in ["multi_pkg", "force_collapse"] {
        fields.boolean(name)?;
    }
    for name in ["account_push_type", "tpns_online_push_type"] {
        fields.integer_of(name, &SWITCH)?;
    }
    for name in ["account_type", "upload_id"] {
        fields.integer(name, 0..=i64::MAX)?;
    }
    for name in ["plan_id", "group_id", "trace_id"] {
        fields.text_of_bytes(name, usize::MAX)?;
    }
    let speed = fields.integer("push_speed", 0..=50_000)?;
    if speed.is_some_and(|speed| (1..1000).contains(&speed)) {
        return Err(fields.problem("push_speed", "is below 1000"));
    }
    // Nobody here has an account or a tag: see `no_target`.
    for name in ["account_list", "tag_rules", "tag_list"] {
        fields.any(name);
    }
    let time = fields.text_of_bytes("send_time", usize::MAX)?;
    let collapse = fields.integer("collapse_id", 0..=i64::MAX)?;
    let is_loop = fields.object("loop_param")?.is_some();
    if is_for_tokens {
        for (name, is_there) in [
            ("send_time", time.is_some_and(|time| !time.is_empty())),
            ("collapse_id", collapse.is_some_and(|id| id != 0)),
            ("loop_param", is_loop),
        ] {
            if is_there {
                return Err(fields.problem(name, "goes not with tokens"));
            }
        }
    }
    for rule in fields.list("channel_rules")?.unwrap_or_default() {
        let mut rule = Fields::of("channel_rules", rule)?;
        let channel = rule.one_of("channel", &CHANNELS)?;
        rule.must("channel", channel)?;
        let disable = rule.boolean("disable")?;
        rule.must("disable", disable)?;
        rule.end()?;
    }
    Ok(())
}
