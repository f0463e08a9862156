use std::collections::BTreeMap;
use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use super::absent;

/// A device's tokens for one kind of message each. What is absent stays as it was; null or an
/// empty token is forgotten.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TokensSpec {
    /// For incoming calls (PushKit).
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "given"
    )]
    pub voip: Option<TokenSpec>,
    /// For the start of Live Activities (push-to-start).
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "given"
    )]
    pub live_activity_start: Option<TokenSpec>,
    /// For Live Activities that are shown, by the app's id of each (1 to 256 bytes). What is not
    /// named stays. A device has at most 32: the one that was reported longest ago gives way.
    #[serde(
        default,
        skip_serializing_if = "BTreeMap::is_empty",
        deserialize_with = "absent::or_default"
    )]
    pub live_activities: BTreeMap<String, TokenSpec>,
}

impl TokensSpec {
    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A token for one kind of message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(untagged)]
pub enum TokenSpec {
    /// There is none any more.
    Forgotten,
    /// The token, 1 to 4096 bytes, of the channel that the report names.
    Text(String),
    /// One of another channel, such as that of a VoIP Services certificate.
    Of(ChannelTokenSpec),
}

/// A token and its channel.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChannelTokenSpec {
    /// The vendor's token, 1 to 4096 bytes.
    pub token: String,
    /// Name of the channel; this or `certificate_id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// Certificate id of the channel; this or `channel`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate_id: Option<u32>,
}

/// A device's tokens for one kind of message each.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct TokensView {
    /// For incoming calls (PushKit).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voip: Option<TokenView>,
    /// For the start of Live Activities (push-to-start).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub live_activity_start: Option<TokenView>,
    /// For Live Activities that are shown, by id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub live_activities: BTreeMap<String, TokenView>,
}

impl TokensView {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A token for one kind of message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct TokenView {
    /// Name of its channel; null when no such channel is configured.
    pub channel: Option<String>,
    /// Certificate id of its channel.
    pub certificate_id: u32,
    /// The token, masked.
    pub token: String,
    /// When it was last reported.
    pub registered_at: String,
    /// The vendor called it dead: it is not used until it is reported again or put back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dead: Option<DeadView>,
}

/// What the vendor said of a dead token.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct DeadView {
    /// When it was marked.
    pub at: String,
    /// The vendor's code.
    pub code: String,
    /// The vendor's words.
    pub text: String,
}

/// null is something else than nothing.
fn given<'de, D: Deserializer<'de>>(from: D) -> Result<Option<TokenSpec>, D::Error> {
    Deserialize::deserialize(from).map(Some)
}

impl<'de> Deserialize<'de> for TokenSpec {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(TextOrObject)
    }
}

/// By what it is, so that a mistake is told with its place and not as "no variant".
struct TextOrObject;

impl<'de> Visitor<'de> for TextOrObject {
    type Value = TokenSpec;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("a token, null, or an object with the token and its channel or certificate_id")
    }

    fn visit_unit<E>(self) -> Result<TokenSpec, E> {
        Ok(TokenSpec::Forgotten)
    }

    fn visit_str<E>(self, text: &str) -> Result<TokenSpec, E> {
        Ok(TokenSpec::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<TokenSpec, E> {
        Ok(TokenSpec::Text(text))
    }

    fn visit_map<A: MapAccess<'de>>(self, from: A) -> Result<TokenSpec, A::Error> {
        ChannelTokenSpec::deserialize(MapAccessDeserializer::new(from)).map(TokenSpec::Of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::parse;

    fn read(json: &str) -> Result<TokensSpec, (String, Option<String>)> {
        parse(json.as_bytes()).map_err(|it| (it.detail.clone(), it.field.clone()))
    }

    #[test]
    fn absent_null_and_a_token_are_three_things() {
        let none = read("{}").expect("read");
        assert!(none.is_empty());
        let null = read(r#"{"voip":null,"live_activities":{"a":null}}"#).expect("read");
        assert_eq!(null.voip, Some(TokenSpec::Forgotten));
        assert_eq!(null.live_activities["a"], TokenSpec::Forgotten);
        let both = r#"{"voip":{"token":"t","certificate_id":7},"live_activities":{"a":"x"}}"#;
        let read_both = read(both).expect("read");
        let of = ChannelTokenSpec {
            token: "t".to_owned(),
            certificate_id: Some(7),
            ..ChannelTokenSpec::default()
        };
        assert_eq!(read_both.voip, Some(TokenSpec::Of(of)));
        let text = TokenSpec::Text("x".to_owned());
        assert_eq!(read_both.live_activities["a"], text);
        for (spec, json) in [(&null, None), (&read_both, Some(both))] {
            let written = serde_json::to_string(spec).expect("written");
            assert_eq!(read(&written).as_ref(), Ok(spec));
            assert!(json.is_none_or(|json| json == written), "{written}");
        }
    }

    #[test]
    fn a_mistake_is_told_with_its_place() {
        for (json, field, words) in [
            (
                r#"{"voip":7}"#,
                "voip",
                "expected a token, null, or an object",
            ),
            (
                r#"{"voip":{"token":"t","chanel":"x"}}"#,
                "voip.chanel",
                "unknown field",
            ),
            (
                r#"{"voip":{"channel":"x"}}"#,
                "voip",
                "missing field `token`",
            ),
            (
                r#"{"live_activities":{"a":["t"]}}"#,
                "live_activities.a",
                "expected a token",
            ),
            (r#"{"pushkit":"t"}"#, "pushkit", "unknown field"),
        ] {
            let (detail, at) = read(json).expect_err("refused");
            assert_eq!(at.as_deref(), Some(field), "{detail}");
            assert!(detail.contains(words), "{detail}");
        }
    }
}
