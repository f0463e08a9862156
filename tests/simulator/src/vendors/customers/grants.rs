//! The grants that a vendor's own token endpoint has given.

use std::collections::HashMap;

use crate::credentials::ids;

/// A grant just made.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Issued {
    pub(crate) token: String,
    pub(crate) lifetime_secs: i64,
}

/// What a grant turns out to be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum GrantState {
    Unknown,
    Expired,
    Good { account: String },
}

#[derive(Debug)]
pub(crate) struct Grants {
    lifetime_secs: i64,
    given: HashMap<String, Grant>,
}

#[derive(Debug)]
struct Grant {
    account: String,
    expires: i64,
}

impl Default for Grants {
    fn default() -> Grants {
        Grants {
            lifetime_secs: 3600,
            given: HashMap::new(),
        }
    }
}

impl Grants {
    pub(crate) fn set_lifetime(&mut self, secs: u64) {
        self.lifetime_secs = i64::try_from(secs).unwrap_or(i64::MAX / 2);
    }

    pub(crate) fn issue(&mut self, account: &str, now_secs: i64) -> Issued {
        let token = ids::base64(48);
        let grant = Grant {
            account: account.to_owned(),
            expires: now_secs + self.lifetime_secs,
        };
        self.given.insert(token.clone(), grant);
        Issued {
            token,
            lifetime_secs: self.lifetime_secs,
        }
    }

    pub(crate) fn grant_state(&self, grant: &str, now_secs: i64) -> GrantState {
        match self.given.get(grant) {
            None => GrantState::Unknown,
            Some(grant) if grant.expires <= now_secs => GrantState::Expired,
            Some(grant) => GrantState::Good {
                account: grant.account.clone(),
            },
        }
    }

    /// Every grant given so far is expired now.
    pub(crate) fn revoke_all(&mut self) {
        for grant in self.given.values_mut() {
            grant.expires = i64::MIN;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_is_good_until_its_time_is_over_or_it_is_revoked() {
        let mut grants = Grants::default();
        grants.set_lifetime(60);
        let first = grants.issue("app", 1_000).token;
        let good = GrantState::Good {
            account: "app".into(),
        };

        assert_eq!(grants.grant_state("other", 1_000), GrantState::Unknown);
        assert_eq!(grants.grant_state(&first, 1_059), good);
        assert_eq!(grants.grant_state(&first, 1_060), GrantState::Expired);
        let second = grants.issue("app", 1_060).token;
        assert_eq!(grants.grant_state(&second, 1_060), good);
        grants.revoke_all();
        assert_eq!(grants.grant_state(&second, 1_060), GrantState::Expired);
    }
}
