//! One key, one send.
//!
//! In: a key, and the request that it comes with. Out: the answer that it got before, or a
//! problem where that was to another request: who uses a key twice would lose the second
//! message and never hear of it.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use nudged_plugin_api::Timestamp;
use nudged_plugin_api::frame::to_bytes;
use nudged_plugin_api::text::hex;
use sha2::{Digest, Sha256};
use tokio::sync::{Mutex, MutexGuard};

use super::{Answer, Ask};
use crate::model::{Given, GivenNotice, Reason, now};
use crate::store::{Keyspace, Store, Write};
use nudged_wire::{Accepted, AcceptedNotice};
use nudged_wire::{Code, Problem};

/// Longest idempotency key, in bytes.
const LONGEST: usize = 128;
/// Bytes of a digest: two requests of one key never have the same by chance.
const DIGEST: usize = 16;
/// Keys that may be looked up and written at once; two of the same wait for each other.
const STRIPES: usize = 64;

/// What a key was given with before, and what was answered.
#[derive(Clone)]
pub struct Known {
    /// Of the request; empty where it was not kept, or needs none.
    pub digest: String,
    /// The answer.
    pub answer: Answer,
}

impl Known {
    /// The answer, if it is to the same request.
    pub fn again(self, digest: &str) -> Result<Answer, Problem> {
        if self.digest.is_empty() || digest.is_empty() || self.digest == digest {
            return Ok(self.answer);
        }
        let detail = format!(
            "notification {} was accepted with this key; its request has digest {}, this one {digest}",
            self.answer.accepted.id, self.digest
        );
        Err(Problem::new(Code::IdempotencyMismatch, detail)
            .field("idempotency_key")
            .hint("a retry sends the same request again; another message needs a key of its own"))
    }
}

/// The keys that were given.
pub struct Keys {
    store: Store,
    stripes: [Mutex<()>; STRIPES],
}

impl Keys {
    pub fn new(store: Store) -> Self {
        Self {
            store,
            stripes: std::array::from_fn(|_| Mutex::new(())),
        }
    }

    /// Keeps others from using the same keys until the guards are dropped.
    pub async fn lock(&self, asks: impl Iterator<Item = &Ask>) -> Vec<MutexGuard<'_, ()>> {
        // In rising order, so that two callers never wait for each other.
        let stripes: BTreeSet<usize> = asks
            .filter_map(|ask| ask.key().ok().flatten())
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
    pub fn given(
        &self,
        key: &[u8],
        here: &BTreeMap<Vec<u8>, Known>,
    ) -> Result<Option<Known>, Problem> {
        if let Some(known) = here.get(key) {
            return Ok(Some(known.clone()));
        }
        let given: Option<Given> = self.store.get(Keyspace::Keys, key)?;
        Ok(given
            .filter(|given| given.until > now())
            .map(|given| Known {
                digest: given.digest,
                answer: Answer {
                    accepted: Accepted {
                        id: given.id,
                        deliveries: given.deliveries as usize,
                        suppressed: given.suppressed as usize,
                        explanation: given.explanation,
                        notices: given.notices.into_iter().map(shown).collect(),
                    },
                    silent: given
                        .unreachable
                        .into_iter()
                        .map(|user| (user, Reason::NoDevice))
                        .collect(),
                },
            }))
    }
}

/// The key as it is stored.
pub fn key(app: &str, key: Option<&str>) -> Result<Option<Vec<u8>>, Problem> {
    let Some(key) = key.filter(|key| !key.is_empty()) else {
        return Ok(None);
    };
    if key.len() > LONGEST {
        let detail = format!("is {} bytes long, at most {LONGEST} are allowed", key.len());
        return Err(Problem::new(Code::Invalid, detail).field("idempotency_key"));
    }
    if key.contains(char::REPLACEMENT_CHARACTER) {
        let detail = "must not contain half a character, nor U+FFFD, which stands for one: two \
                      keys could be taken for the same";
        return Err(Problem::new(Code::Invalid, detail).field("idempotency_key"));
    }
    Ok(Some([app.as_bytes(), &[0], key.as_bytes()].concat()))
}

/// The key of a repeat by another protocol's rules; no text has the byte before it.
pub fn windowed(app: &str, key: &str) -> Vec<u8> {
    [app.as_bytes(), &[0, 0xff], key.as_bytes()].concat()
}

/// What makes a request the same as another: the members and values, in whatever order and
/// however spaced. A key that is made from the content needs none.
pub fn digest(ask: &Ask) -> String {
    if ask.dedupe.is_some() {
        return String::new();
    }
    // Maps sort their members. What nests too deep for that is taken as it was written.
    let sorted = serde_json::to_value(&ask.spec).map(|spec| spec.to_string());
    let written = sorted.or_else(|_| serde_json::to_string(&ask.spec));
    let digest = Sha256::digest(written.unwrap_or_default());
    hex(&digest[..DIGEST])
}

/// The write that remembers the answer to a key.
pub fn remember(ask: &Ask, key: &[u8], known: &Known, until: Timestamp) -> Write {
    let answer = &known.answer;
    let accepted = &answer.accepted;
    let silent = answer.silent.iter().filter(|_| ask.dedupe.is_some());
    let given = Given {
        id: accepted.id.clone(),
        deliveries: accepted.deliveries as u64,
        suppressed: accepted.suppressed as u64,
        explanation: accepted.explanation.clone(),
        until,
        unreachable: silent
            .filter(|(_, reason)| reason.is_absence())
            .map(|(user, _)| user.clone())
            .collect(),
        digest: known.digest.clone(),
        notices: accepted.notices.iter().cloned().map(kept).collect(),
    };
    Write::put(Keyspace::Keys, key, to_bytes(&given))
}

fn kept(notice: AcceptedNotice) -> GivenNotice {
    GivenNotice {
        channel: notice.channel,
        field: notice.field,
        text: notice.text,
    }
}

fn shown(notice: GivenNotice) -> AcceptedNotice {
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
        digest(&Ask::from(spec))
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
        let known = |digest: &str| Known {
            digest: digest.to_owned(),
            answer: Answer {
                accepted: Accepted {
                    id: "the-first".to_owned(),
                    deliveries: 1,
                    suppressed: 0,
                    explanation: None,
                    notices: Vec::new(),
                },
                silent: Vec::new(),
            },
        };
        assert!(known("aa").again("aa").is_ok());
        // What an earlier version wrote has none.
        assert!(known("").again("aa").is_ok());
        let problem = known("aa").again("bb").expect_err("another request");
        assert_eq!(
            (problem.status, problem.code.as_str()),
            (422, "idempotency_mismatch")
        );
        for part in ["the-first", "aa", "bb"] {
            assert!(problem.detail.contains(part), "{}", problem.detail);
        }
    }
}
