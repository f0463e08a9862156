//! The body of `messages:send`, borrowed from the message and written straight to JSON.
//!
//! Field names and their order are those of Push Kit's v3 documentation.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::{Map, Value};

/// The request's body.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Body<'a> {
    pub payload: Payload<'a>,
    pub target: Destination<'a>,
    pub push_options: PushOptions<'a>,
}

#[derive(Serialize)]
pub(crate) struct Destination<'a> {
    pub token: &'a [&'a str],
}

/// What goes to the phone; which of these, the header `push-type` says.
#[derive(Serialize)]
#[serde(rename_all = "camelCase", untagged)]
pub(crate) enum Payload<'a> {
    /// push-type 0.
    Alert { notification: Box<Notification<'a>> },
    /// push-types 6 and 10.
    #[serde(rename_all = "camelCase")]
    Extra {
        extra_data: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        proxy_data: Option<&'a str>,
    },
}

/// What the system draws.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Notification<'a> {
    pub category: &'a str,
    pub title: &'a str,
    pub body: &'a str,
    pub click_action: ClickAction<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub style: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub big_title: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub big_body: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub inbox_content: &'a [String],
    pub notify_id: u32,
    pub app_message_id: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub badge: Option<Badge>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sound: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sound_duration: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub foreground_show: Option<bool>,
}

/// What a tap does.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ClickAction<'a> {
    /// 0: opens the app. 1: opens a page.
    pub action_type: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uri: Option<&'a str>,
    #[serde(skip_serializing_if = "Data::is_empty")]
    pub data: Data<'a>,
}

/// Parameters of the page: `want.parameters`.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Data<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ext: Option<&'a str>,
    /// A web page that the app should open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<&'a str>,
    #[serde(flatten)]
    pub more: Option<&'a Map<String, Value>>,
}

impl Data<'_> {
    fn is_empty(&self) -> bool {
        self.ext.is_none() && self.url.is_none() && self.more.is_none_or(Map::is_empty)
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Badge {
    /// 1 to 99.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub add_num: Option<u32>,
    /// 0 to 99.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub set_num: Option<u32>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PushOptions<'a> {
    /// Seconds, a number here.
    pub ttl: u64,
    pub bi_tag: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt_id: Option<&'a str>,
    pub test_message: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub collapse_key: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub background_mode: Option<u8>,
}

impl Body<'_> {
    /// The body as bytes, and how many of them are not tokens.
    pub fn to_json(&self) -> (Vec<u8>, usize) {
        let tokens: usize = self.target.token.iter().map(|token| token.len() + 3).sum();
        let mut json = Vec::with_capacity(1024 + tokens);
        serde_json::to_writer(&mut json, self).expect("texts and numbers make JSON");
        // Tokens need no escapes: two quotes each, and commas between.
        let payload = json.len() + usize::from(tokens > 0) - tokens;
        (json, payload)
    }
}
