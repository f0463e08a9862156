//! What a certificate id stands for, for ever: an account of a vendor, reached by a driver for an
//! app. Phones report it with their tokens, so whoever gives it to another account sends to
//! strangers, or to nobody.
//!
//! In: the channels that are taken into use. Out: what their ids stood for so far, and whether that
//! is the same. Refuses to know why an operator would change it.

use std::collections::BTreeMap;

use nudged_plugin_api::Timestamp;
use nudged_plugin_api::frame::{frame, from_bytes, to_bytes};

use crate::channels::Route;
use crate::model::{CertificateId, rfc3339};
use crate::store::{Commit, Keyspace, Store, StoreError, Write};
use crate::sync::RwLock;

/// What a certificate id stands for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CertificateMeaning {
    /// The tenant.
    pub app: String,
    pub driver: String,
    /// The vendor's account; none where the driver does not say.
    pub account: Option<String>,
    /// The channel's name, which may change.
    pub channel: String,
    pub since: Timestamp,
    /// Which driver gave the tokens of its devices their form; 0 = none, or not all of them.
    pub forms: u64,
    /// The settings that its channel had last; 0 = not known.
    pub settings: u64,
}
frame!(CertificateMeaning { 0 app, 1 driver, 2 account, 3 channel, 4 since, 5 forms, 6 settings });

impl CertificateMeaning {
    /// What a route's id stands for from `now` on.
    pub fn of(route: &Route, now: Timestamp) -> Self {
        Self {
            app: route.app.clone(),
            driver: route.info.vendor.clone(),
            account: route.driver.account().map(str::to_owned),
            channel: route.name.clone(),
            since: now,
            forms: 0,
            settings: route.settings,
        }
    }

    /// Whether that is another account. A driver that does not say, or did not, changes nothing.
    pub fn differs(&self, other: &Self) -> bool {
        // req 68: another app, driver or account is another meaning
        let accounts = self.account.as_ref().zip(other.account.as_ref());
        self.app != other.app
            || self.driver != other.driver
            || accounts.is_some_and(|(one, other)| one != other)
    }

    /// In words, such as `account com.example.app/production of driver apns for app chat`.
    pub fn description(&self) -> String {
        let account = match &self.account {
            Some(account) => format!("account {account} of "),
            None => String::new(),
        };
        format!("{account}driver {} for app {}", self.driver, self.app)
    }

    /// Since when, by which channel.
    pub fn history(&self) -> String {
        format!("channel {} since {}", self.channel, rfc3339(self.since))
    }
}

/// What all certificate ids stand for that were ever in use.
pub struct CertificateMeanings {
    store: Store,
    known: RwLock<BTreeMap<CertificateId, CertificateMeaning>>,
}

impl CertificateMeanings {
    /// Those of this database.
    pub fn open(store: Store) -> Result<Self, StoreError> {
        let mut known = BTreeMap::new();
        for record in store.prefix(Keyspace::Meanings, &[]) {
            let (key, bytes) = record?;
            let id = key.first_chunk().copied().map(u32::from_be_bytes);
            match (id, from_bytes(&bytes)) {
                (Some(id), Ok(meaning)) => {
                    known.insert(CertificateId(id), meaning);
                }
                // It is learnt anew; until then it stands for nothing.
                (id, _) => tracing::error!(
                    id,
                    "cannot read what this certificate id stands for; it is recorded anew"
                ),
            }
        }
        Ok(Self {
            store,
            known: RwLock::new(known),
        })
    }

    /// All of them.
    pub fn all(&self) -> BTreeMap<CertificateId, CertificateMeaning> {
        let known = self.known.read();
        known.clone()
    }

    /// Writes down what the ids of these stand for; durable on return.
    pub async fn learn<'a>(
        &self,
        routes: impl Iterator<Item = &'a Route>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let known = self.all();
        let learnt = routes.filter_map(|route| {
            let new = learn(
                known.get(&route.certificate_id),
                CertificateMeaning::of(route, now),
            )?;
            Some((route.certificate_id, new))
        });
        self.write(learnt.collect()).await
    }

    /// Writes down which drivers gave tokens their form: of all other ids they may be in any.
    pub async fn record_canonical(
        &self,
        by: &BTreeMap<CertificateId, u64>,
    ) -> Result<(), StoreError> {
        let changed = self.all().into_iter().filter_map(|(id, mut meaning)| {
            let forms = by.get(&id).copied().unwrap_or_default();
            if meaning.forms == forms {
                return None;
            }
            meaning.forms = forms;
            Some((id, meaning))
        });
        self.write(changed.collect()).await
    }

    async fn write(
        &self,
        learnt: Vec<(CertificateId, CertificateMeaning)>,
    ) -> Result<(), StoreError> {
        if learnt.is_empty() {
            return Ok(());
        }
        let write = |(id, meaning): &(CertificateId, CertificateMeaning)| {
            Write::put(Keyspace::Meanings, id.0.to_be_bytes(), to_bytes(meaning))
        };
        let commit = Commit::synced(learnt.iter().map(write).collect());
        self.store.commit(commit).await?;
        let mut known = self.known.write();
        known.extend(learnt);
        Ok(())
    }
}

/// What is to be written down; none when that stands there.
fn learn(
    known: Option<&CertificateMeaning>,
    mut new: CertificateMeaning,
) -> Option<CertificateMeaning> {
    if let Some(known) = known
        && !known.differs(&new)
    {
        new.since = known.since;
        new.forms = known.forms;
        // A driver that does not say any more has forgotten nothing.
        new.account = new.account.or_else(|| known.account.clone());
    }
    (known != Some(&new)).then_some(new)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meaning(app: &str, driver: &str, account: Option<&str>) -> CertificateMeaning {
        CertificateMeaning {
            app: app.to_owned(),
            driver: driver.to_owned(),
            account: account.map(str::to_owned),
            channel: "ios".to_owned(),
            since: Timestamp(1),
            forms: 7,
            settings: 5,
        }
    }

    #[test]
    fn another_app_driver_or_account_is_another_meaning() {
        let known = meaning("chat", "apns", Some("com.example/production"));
        for (other, differs) in [
            (known.clone(), false),
            (meaning("chat", "apns", None), false),
            (
                meaning("shop", "apns", Some("com.example/production")),
                true,
            ),
            (meaning("chat", "fcm", Some("com.example/production")), true),
            (meaning("chat", "apns", Some("com.example/sandbox")), true),
        ] {
            assert_eq!(known.differs(&other), differs, "{other:?}");
        }
        assert!(!meaning("chat", "apns", None).differs(&known));
    }

    #[test]
    fn what_is_known_is_learnt_once_and_keeps_its_beginning() {
        let known = meaning("chat", "apns", None);
        let later = |mut it: CertificateMeaning| {
            it.since = Timestamp(9);
            it
        };
        assert_eq!(learn(Some(&known), later(known.clone())), None);
        let account = meaning("chat", "apns", Some("a"));
        assert_eq!(
            learn(Some(&known), later(account.clone())),
            Some(account.clone())
        );
        assert_eq!(learn(Some(&account), later(known.clone())), None);
        let renamed = CertificateMeaning {
            channel: "iphone".to_owned(),
            ..known.clone()
        };
        assert_eq!(
            learn(Some(&known), later(renamed.clone())),
            Some(renamed.clone())
        );
        let other_settings = CertificateMeaning {
            settings: 6,
            ..known.clone()
        };
        assert_eq!(
            learn(Some(&known), later(other_settings.clone())),
            Some(other_settings)
        );
        let rebound = later(meaning("chat", "apns", Some("b")));
        assert_eq!(learn(Some(&account), rebound.clone()), Some(rebound));
        assert_eq!(
            learn(None, later(known.clone())),
            Some(later(known.clone()))
        );
    }
}
