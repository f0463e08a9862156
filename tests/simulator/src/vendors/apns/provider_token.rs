//! Provider tokens: the registered keys, the check of one JWT, and what one connection
//! may change its token to. From Apple's "Establishing a token-based connection to APNs".

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use p256::ecdsa::VerifyingKey;

use super::reason::Reason;
use crate::credentials::jwt::Jwt;

const LIFETIME_SECS: i64 = 3600;
/// How far a sender's clock may be ahead; Apple gives no number.
const AHEAD_SECS: i64 = 300;
const UPDATE_INTERVAL_MS: u64 = 20 * 60 * 1000;

/// A token whose signature, key and team are right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ProviderToken {
    pub(crate) kid: String,
    pub(crate) team: String,
    /// Bundle IDs of the key; none means every app of the team.
    pub(crate) topics: Arc<[String]>,
    pub(crate) issued_at: i64,
}

impl ProviderToken {
    pub(crate) fn check_age(&self, now_secs: i64) -> Result<(), Reason> {
        if self.issued_at > now_secs + AHEAD_SECS {
            Err(Reason::InvalidProviderToken)
        } else if now_secs - self.issued_at > LIFETIME_SECS {
            Err(Reason::ExpiredProviderToken)
        } else {
            Ok(())
        }
    }
}

/// The keys that the developer accounts made.
#[derive(Debug, Default)]
pub(crate) struct KeyRing {
    ring: Mutex<Ring>,
    /// Changes with every key, so that whoever remembers a verified token notices.
    edition: AtomicU64,
}

#[derive(Debug, Default)]
struct Ring {
    keys: HashMap<String, Key>,
    /// Tokens verified before, by their text: senders reuse one for an hour.
    verified: HashMap<String, ProviderToken>,
}

#[derive(Debug)]
struct Key {
    team: String,
    topics: Arc<[String]>,
    verifying: VerifyingKey,
}

impl KeyRing {
    pub(crate) fn add(&self, team: &str, kid: &str, topics: &[&str], verifying: VerifyingKey) {
        let topics = topics.iter().map(|topic| (*topic).to_owned()).collect();
        let key = Key {
            team: team.to_owned(),
            topics,
            verifying,
        };
        let mut ring = self.lock();
        ring.keys.insert(kid.to_owned(), key);
        ring.verified.clear();
        self.edition.fetch_add(1, Ordering::Release);
    }

    pub(crate) fn revoke(&self, kid: &str) {
        let mut ring = self.lock();
        ring.keys.remove(kid);
        ring.verified.clear();
        self.edition.fetch_add(1, Ordering::Release);
    }

    pub(crate) fn edition(&self) -> u64 {
        self.edition.load(Ordering::Acquire)
    }

    /// `padded` also takes what is written as a2 writes it, which Apple takes.
    pub(crate) fn verify(
        &self,
        text: &str,
        padded: bool,
        now_secs: i64,
    ) -> Result<ProviderToken, Reason> {
        let mut ring = self.lock();
        let token = match ring.verified.get(text) {
            Some(token) => token.clone(),
            None => {
                let token = ring
                    .verify(text, padded)
                    .ok_or(Reason::InvalidProviderToken)?;
                ring.verified.insert(text.to_owned(), token.clone());
                token
            }
        };
        token.check_age(now_secs)?;
        Ok(token)
    }

    fn lock(&self) -> MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ring {
    fn verify(&self, text: &str, padded: bool) -> Option<ProviderToken> {
        let padded = || padded.then(|| Jwt::parse_padded(text)).flatten();
        let jwt = Jwt::parse(text).or_else(padded)?;
        let kid = jwt.header.kid.clone()?;
        let key = self.keys.get(&kid)?;
        let team_matches = jwt.text("iss") == Some(&key.team);
        if !team_matches || !jwt.is_signed_es256(&key.verifying) {
            return None;
        }
        Some(ProviderToken {
            issued_at: jwt.seconds("iat")?,
            team: key.team.clone(),
            topics: key.topics.clone(),
            kid,
        })
    }
}

/// The provider tokens that one connection has carried.
#[derive(Debug, Default)]
pub(crate) struct Carried {
    owner: Option<(String, String)>,
    tokens: Vec<(String, u64)>,
}

impl Carried {
    /// One team and one key for a connection, one new token in twenty minutes.
    pub(crate) fn admit(
        &mut self,
        text: &str,
        token: &ProviderToken,
        now_ms: u64,
    ) -> Result<(), Reason> {
        match &self.owner {
            Some((team, _)) if *team != token.team => return Err(Reason::InvalidProviderToken),
            Some((_, kid)) if *kid != token.kid => return Err(Reason::UnrelatedKeyIdInToken),
            _ => {}
        }
        if self.tokens.iter().any(|(known, _)| known == text) {
            return Ok(());
        }
        if let Some((_, since)) = self.tokens.last()
            && now_ms < since + UPDATE_INTERVAL_MS
        {
            return Err(Reason::TooManyProviderTokenUpdates);
        }
        self.owner = Some((token.team.clone(), token.kid.clone()));
        self.tokens.push((text.to_owned(), now_ms));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(team: &str, kid: &str) -> ProviderToken {
        ProviderToken {
            kid: kid.into(),
            team: team.into(),
            topics: [].into(),
            issued_at: 10_000,
        }
    }

    #[test]
    fn a_token_is_good_for_an_hour_and_not_before_its_time() {
        let token = token("T", "K");

        for (now, expected) in [
            (9_700, Ok(())),
            (9_699, Err(Reason::InvalidProviderToken)),
            (13_600, Ok(())),
            (13_601, Err(Reason::ExpiredProviderToken)),
        ] {
            assert_eq!(token.check_age(now), expected, "{now}");
        }
    }

    #[test]
    fn a_connection_takes_one_new_token_in_twenty_minutes() {
        let mut carried = Carried::default();
        let token = token("T", "K");

        assert_eq!(carried.admit("a", &token, 0), Ok(()));
        assert_eq!(carried.admit("a", &token, 1), Ok(()));
        assert_eq!(
            carried.admit("b", &token, UPDATE_INTERVAL_MS - 1),
            Err(Reason::TooManyProviderTokenUpdates)
        );
        assert_eq!(carried.admit("b", &token, UPDATE_INTERVAL_MS), Ok(()));
    }

    #[test]
    fn a_connection_belongs_to_one_key_of_one_team() {
        let mut carried = Carried::default();
        carried.admit("a", &token("T", "K"), 0).unwrap();

        assert_eq!(
            carried.admit("b", &token("T", "L"), 0),
            Err(Reason::UnrelatedKeyIdInToken)
        );
        assert_eq!(
            carried.admit("c", &token("U", "M"), 0),
            Err(Reason::InvalidProviderToken)
        );
    }
}
