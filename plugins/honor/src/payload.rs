//! The body of `sendMessage`, borrowed from the message and written straight to JSON.
//!
//! Field names and their order are those of Honor's documentation. Unlike Huawei's body,
//! Honor's has no `message` around it.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::options::Importance;

/// The request's body.
#[derive(Serialize)]
pub(crate) struct Body<'a> {
    /// Pass-through text of a message that shows nothing; beside a notification, what the app
    /// gets on the tap.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Cow<'a, str>>,
    pub android: Android<'a>,
    pub token: &'a [&'a str],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Android<'a> {
    /// Seconds, such as `86400s`.
    pub ttl: String,
    pub bi_tag: Cow<'a, str>,
    /// 0: everybody. 1: a test.
    pub target_user_type: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notification: Option<Notification<'a>>,
}

/// What the system draws.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Notification<'a> {
    pub title: Cow<'a, str>,
    pub body: Cow<'a, str>,
    pub click_action: ClickAction<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub style: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub big_title: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub big_body: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub importance: Option<Importance>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub buttons: &'a [Map<String, Value>],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub badge: Option<Badge<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notify_id: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<&'a str>,
}

/// What a tap does.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ClickAction<'a> {
    /// Type 1 with `intent`: starts this intent.
    Intent(Cow<'a, str>),
    /// Type 1 with `action`: starts whatever listens to this action.
    Action(&'a str),
    /// Type 2: opens a web page.
    Url(Cow<'a, str>),
    /// Type 3: opens the app.
    OpenApp,
}

impl Serialize for ClickAction<'_> {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        #[derive(Default, Serialize)]
        struct Fields<'a> {
            r#type: u8,
            #[serde(skip_serializing_if = "Option::is_none")]
            intent: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            action: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            url: Option<&'a str>,
        }
        let mut fields = Fields::default();
        fields.r#type = match self {
            Self::Intent(intent) => {
                fields.intent = Some(intent);
                1
            }
            Self::Action(action) => {
                fields.action = Some(action);
                1
            }
            Self::Url(url) => {
                fields.url = Some(url);
                2
            }
            Self::OpenApp => 3,
        };
        fields.serialize(to)
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Badge<'a> {
    /// 1 to 99.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub add_num: Option<u32>,
    /// 0 to 99.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub set_num: Option<u32>,
    pub badge_class: &'a str,
}

impl Body<'_> {
    /// The body as bytes, and how many of them are not tokens.
    pub fn to_json(&self) -> (Vec<u8>, usize) {
        let tokens: usize = self.token.iter().map(|token| token.len() + 3).sum();
        let mut json = Vec::with_capacity(1024 + tokens);
        serde_json::to_writer(&mut json, self).expect("texts and numbers make JSON");
        // Tokens need no escapes: two quotes each, and commas between.
        let payload = json.len() + usize::from(!self.token.is_empty()) - tokens;
        (json, payload)
    }
}
