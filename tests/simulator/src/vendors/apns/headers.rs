//! The `apns-` request headers, each read and checked on its own; nothing is allocated.

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue};

use super::push_type::PushType;
use super::reason::Reason;

/// Headers of one request that passed their own checks.
#[derive(Debug)]
pub(crate) struct Headers<'a> {
    /// Trusted only after the provider token was.
    pub(crate) authorization: Option<&'a HeaderValue>,
    pub(crate) topic: Option<&'a str>,
    pub(crate) push_type: Option<PushType>,
    priority: Option<u8>,
}

const COLLAPSE_ID_BYTES: usize = 64;

/// Headers that APNs reads: any of them twice is one too many.
const SINGLE: [&str; 7] = [
    "authorization",
    "apns-id",
    "apns-expiration",
    "apns-priority",
    "apns-topic",
    "apns-collapse-id",
    "apns-push-type",
];

impl<'a> Headers<'a> {
    /// Reads without judging: for the credential, which APNs looks at first.
    pub(crate) fn authorization(map: &'a HeaderMap) -> Option<&'a HeaderValue> {
        map.get(AUTHORIZATION)
    }

    pub(crate) fn has_duplicates(map: &HeaderMap) -> bool {
        // No header at all is repeated when there are as many names as values.
        map.len() != map.keys_len()
            && SINGLE
                .iter()
                .any(|name| map.get_all(*name).iter().nth(1).is_some())
    }

    pub(crate) fn read(map: &'a HeaderMap) -> Result<Headers<'a>, Reason> {
        let id = map.get("apns-id");
        if id.is_some_and(|id| !is_canonical_uuid(id.as_bytes())) {
            return Err(Reason::BadMessageId);
        }
        if let Some(expiration) = map.get("apns-expiration") {
            let text = expiration.to_str().map_err(|_| Reason::BadExpirationDate)?;
            let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            if !digits || text.parse::<i64>().is_err() {
                return Err(Reason::BadExpirationDate);
            }
        }
        let priority = match map.get("apns-priority").map(HeaderValue::as_bytes) {
            None => None,
            Some(b"10") => Some(10),
            Some(b"5") => Some(5),
            Some(b"1") => Some(1),
            Some(_) => return Err(Reason::BadPriority),
        };
        if map
            .get("apns-collapse-id")
            .is_some_and(|id| id.len() > COLLAPSE_ID_BYTES || id.to_str().is_err())
        {
            return Err(Reason::BadCollapseId);
        }
        let push_type = match map.get("apns-push-type") {
            None => None,
            Some(value) => Some(PushType::parse(value.as_bytes()).ok_or(Reason::InvalidPushType)?),
        };
        let topic = match map.get("apns-topic") {
            None => None,
            Some(value) => Some(value.to_str().map_err(|_| Reason::BadTopic)?),
        };
        let headers = Headers {
            authorization: Self::authorization(map),
            topic,
            push_type,
            priority,
        };
        headers.check_priority()?;
        Ok(headers)
    }

    /// A background push must say 5; the default of an absent header is 10.
    fn check_priority(&self) -> Result<(), Reason> {
        match (self.push_type, self.priority) {
            (Some(PushType::Background), Some(5)) => Ok(()),
            (Some(PushType::Background), _) => Err(Reason::BadPriority),
            _ => Ok(()),
        }
    }
}

/// 8-4-4-4-12 lower-case hex digits.
pub(crate) fn is_canonical_uuid(text: &[u8]) -> bool {
    text.len() == 36
        && text.iter().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
        })
}
