//! One key, one send.
//!
//! In: a key, and the request that it comes with. Out: the answer that it got before, or a
//! problem where that was to another request: who uses a key twice would lose the second
//! message and never hear of it.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use nudged_driver_kit::text::hex;
use nudged_plugin_api::Timestamp;
use nudged_plugin_api::frame::to_bytes;
use nudged_plugin_api::text::present;
use sha2::{Digest, Sha256};
use tokio::sync::{Mutex, MutexGuard};

use super::error::AdmissionError;
use super::submission::{Submission, SubmissionResult};
use crate::clock::now;
use crate::model::{AnsweredNotice, IdempotencyRecord, Reason};
use crate::store::{Keyspace, Store, StoreError, Write};
use nudged_wire::{Accepted, AcceptedNotice};

/// Largest idempotency key, in bytes.
const MAX_KEY_BYTES: usize = 128;
/// How long a key outlives its notification: a caller that retries until the notification expires
/// may be late.
const REMEMBERED_AFTER_EXPIRY: Duration = Duration::from_secs(86_400);
/// Bytes of a digest: two requests of one key never have the same by chance.
const DIGEST: usize = 16;
/// IdempotencyKeys that may be looked up and written at once; two of the same wait for each other.
const STRIPES: usize = 64;

/// What a key was given with before, and what was answered.
#[derive(Clone)]
pub struct KeyedResult {
    /// Of the request; empty where it was not kept, or needs none.
    pub digest: String,
    /// What was answered.
    pub result: SubmissionResult,
}

impl KeyedResult {
    /// The answer, if it is to the same request.
    pub fn repeat(self, digest: &str) -> Result<SubmissionResult, AdmissionError> {
        if self.digest.is_empty() || digest.is_empty() || self.digest == digest {
            return Ok(self.result);
        }
        Err(AdmissionError::IdempotencyMismatch {
            accepted: self.result.accepted.id,
            accepted_digest: self.digest,
            digest: digest.to_owned(),
        })
    }
}

/// The keys that were given.
pub struct IdempotencyKeys {
    store: Store,
    stripes: [Mutex<()>; STRIPES],
}

impl IdempotencyKeys {
    pub fn new(store: Store) -> Self {
        Self {
            store,
            stripes: std::array::from_fn(|_| Mutex::new(())),
        }
    }

    /// Keeps others from using the same keys until the guards are dropped.
    pub async fn lock(
        &self,
        submissions: impl Iterator<Item = &Submission>,
    ) -> Vec<MutexGuard<'_, ()>> {
        // In rising order, so that two callers never wait for each other.
        let stripes: BTreeSet<usize> = submissions
            .filter_map(|submission| key(submission).ok().flatten())
            .map(|key| {
                let mut hasher = DefaultHasher::new();
                key.hash(&mut hasher);
                hasher.finish() as usize % STRIPES
            })
            .collect();
        let mut guards = Vec::with_capacity(stripes.len());
        for stripe in stripes {
            guards.push(self.stripes[stripe].lock().await);
        }
        guards
    }

    /// What was answered to this key, if it was used: in this call, or before.
    pub fn answered(
        &self,
        key: &[u8],
        in_call: &BTreeMap<Vec<u8>, KeyedResult>,
    ) -> Result<Option<KeyedResult>, StoreError> {
        if let Some(keyed) = in_call.get(key) {
            return Ok(Some(keyed.clone()));
        }
        let record: Option<IdempotencyRecord> = self.store.get(Keyspace::Keys, key)?;
        Ok(record
            .filter(|record| record.until > now())
            .map(|record| KeyedResult {
                digest: record.digest,
                result: SubmissionResult {
                    accepted: Accepted {
                        id: record.id,
                        deliveries: record.deliveries as usize,
                        suppressed: record.suppressed as usize,
                        explanation: record.explanation,
                        notices: record.notices.into_iter().map(shown).collect(),
                    },
                    suppressed: record
                        .unreachable
                        .into_iter()
                        .map(|user| (user, Reason::NoDevice))
                        .collect(),
                },
            }))
    }
}

/// The key under which the answer is remembered, as it is stored; none = it is not.
pub fn key(submission: &Submission) -> Result<Option<Vec<u8>>, AdmissionError> {
    let app = submission.app().as_bytes();
    if let Some(dedupe) = &submission.dedupe {
        // No text has the byte before it, so a caller's own key is never taken for this one.
        return Ok(Some([app, &[0, 0xff], dedupe.key.as_bytes()].concat()));
    }
    let Some(key) = present(&submission.spec.idempotency_key) else {
        return Ok(None);
    };
    if key.len() > MAX_KEY_BYTES {
        return Err(AdmissionError::IdempotencyKeyTooLong {
            bytes: key.len(),
            max: MAX_KEY_BYTES,
        });
    }
    if key.contains(char::REPLACEMENT_CHARACTER) {
        return Err(AdmissionError::IdempotencyKeyUnreadable);
    }
    Ok(Some([app, &[0], key.as_bytes()].concat()))
}

/// Until when an answer is remembered.
pub fn remembered_until(
    submission: &Submission,
    expires_at: Timestamp,
    now: Timestamp,
) -> Timestamp {
    match &submission.dedupe {
        // req 61: for as long as the caller's protocol says.
        Some(dedupe) => now.plus_millis(dedupe.window.as_millis() as u64),
        None => expires_at.plus_seconds(REMEMBERED_AFTER_EXPIRY.as_secs()),
    }
}

/// What makes a request the same as another: the members and values, in whatever order and
/// however spaced. A key that is made from the content needs none.
pub fn digest(submission: &Submission) -> String {
    if submission.dedupe.is_some() {
        return String::new();
    }
    // Maps sort their members. What nests too deep for that is taken as it was written.
    let sorted = serde_json::to_value(&submission.spec).map(|spec| spec.to_string());
    let written = sorted.or_else(|_| serde_json::to_string(&submission.spec));
    let digest = Sha256::digest(written.unwrap_or_default());
    hex(&digest[..DIGEST])
}

/// The write that remembers the answer to a key.
pub fn remember(
    submission: &Submission,
    key: &[u8],
    keyed: &KeyedResult,
    until: Timestamp,
) -> Write {
    let result = &keyed.result;
    let accepted = &result.accepted;
    let suppressed = result
        .suppressed
        .iter()
        .filter(|_| submission.dedupe.is_some());
    let record = IdempotencyRecord {
        id: accepted.id.clone(),
        deliveries: accepted.deliveries as u64,
        suppressed: accepted.suppressed as u64,
        explanation: accepted.explanation.clone(),
        until,
        unreachable: suppressed
            .filter(|(_, reason)| reason.is_absence())
            .map(|(user, _)| user.clone())
            .collect(),
        digest: keyed.digest.clone(),
        notices: accepted.notices.iter().cloned().map(kept).collect(),
    };
    Write::put(Keyspace::Keys, key, to_bytes(&record))
}

fn kept(notice: AcceptedNotice) -> AnsweredNotice {
    AnsweredNotice {
        channel: notice.channel,
        field: notice.field,
        text: notice.text,
    }
}

fn shown(notice: AnsweredNotice) -> AcceptedNotice {
    AcceptedNotice {
        channel: notice.channel,
        field: notice.field,
        text: notice.text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nudged_wire::NotificationSpec;

    fn of(json: &str) -> String {
        let spec: NotificationSpec = serde_json::from_str(json).expect("a notification");
        digest(&Submission::from(spec))
    }

    #[test]
    fn only_what_a_request_says_makes_its_digest() {
        let one = r#"{"to":[{"user":"bob"}],"message":{"body":"x"},"options":{"apns":{"a":1,"b":{"c":2,"d":[1,2]}}},"idempotency_key":"k"}"#;
        let same = r#" {"idempotency_key":"k", "options":{"apns" : {"b":{"d":[1, 2],"c":2}, "a":1}},
            "message":{"body":"\u0078"}, "to":[{"user":"bob","device":null}], "push":true}"#;
        assert_eq!(of(one), of(same));
        for (from, to) in [
            ("bob", "carol"),
            ("\"x\"", "\"y\""),
            ("[1,2]", "[2,1]"),
            ("\"a\":1", "\"a\":2"),
            ("\"idempotency_key\"", "\"test\":true,\"idempotency_key\""),
        ] {
            assert_ne!(of(one), of(&one.replace(from, to)), "{from} {to}");
        }
    }

    /// A retry may come after an upgrade: a digest that changes refuses it.
    #[test]
    fn digests_outlive_the_version_that_made_them() {
        let least = r#"{"to":[{"user":"bob"}],"message":{"body":"x"},"idempotency_key":"k"}"#;
        assert_eq!(of(least), "efff9839ad72134fabe3fcf9f72cd030");
        let much = r#"{"app":"a","to":[{"user":"bob","device":"d","language":"de","badge":{"set":1}},
            {"channel":"ios","token":"t"}],"sender":{"user":"al","name":"Al"},"conversation":{"kind":
            "group","id":"g","name":"G"},"mentions":{"all":true,"users":["bob"]},"message":{"title":"t",
            "subtitle":"s","body":"b","elements":[{"kind":"text","text":"x"}],"translations":{"de":
            {"title":"T"}},"platforms":{"ios":{"sound":"x"}},"ext":"e","click":{"action":"open_app"},
            "sound":"none","badge":"keep","image":"https://example.com/x.png","channel_id":"c",
            "category":"IM","thread":"th","collapse_key":"ck","priority":"normal"},"options":{"apns":
            {"x":[1,{"y":null}]}},"ttl":60,"test":true,"idempotency_key":"k"}"#;
        assert_eq!(of(much), "81a99f8fb98aaeacf89edbcf54300276");
    }

    #[test]
    fn a_key_of_another_request_is_refused_with_both_digests() {
        let keyed = |digest: &str| KeyedResult {
            digest: digest.to_owned(),
            result: SubmissionResult {
                accepted: Accepted {
                    id: "the-first".to_owned(),
                    deliveries: 1,
                    suppressed: 0,
                    explanation: None,
                    notices: Vec::new(),
                },
                suppressed: Vec::new(),
            },
        };
        assert!(keyed("aa").repeat("aa").is_ok());
        // What an earlier version wrote has none.
        assert!(keyed("").repeat("aa").is_ok());
        let error = keyed("aa").repeat("bb").expect_err("another request");
        for part in ["the-first", "aa", "bb"] {
            assert!(error.to_string().contains(part), "{error}");
        }
    }
}
