//! Who can be reached by which token.
//!
//! In: reports from the api, cleanups from outcome. Out: the devices of a user. A token
//! belongs to one user at a time. Refuses to know messages.

mod key;

use nudged_plugin_api::Timestamp;
use nudged_plugin_api::frame::{frame, to_bytes};
use tokio::sync::{Mutex, MutexGuard};

use crate::model::{CertificateId, Device};
use crate::store::{Commit, Space, Store, StoreError, Write, decoded};

pub use key::{DeviceKey, KeyError};

/// Devices of all apps.
pub struct Registry {
    store: Store,
    /// Held from the read to the end of the commit: two reports of one token must see
    /// each other.
    writing: Mutex<()>,
}

/// Whose a token is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Owner {
    /// The user.
    pub user: String,
    /// The user's device.
    pub device: String,
}
frame!(Owner { 0 user, 1 device });

impl Registry {
    /// The registry in this database.
    pub fn new(store: Store) -> Self {
        Self {
            store,
            writing: Mutex::new(()),
        }
    }

    /// Binds a token to a device; durable on return. Says from whom it was taken, if
    /// another device had it.
    pub async fn put(&self, key: &DeviceKey, device: &Device) -> Result<Option<Owner>, StoreError> {
        let _writing = self.writing.lock().await;
        let mut writes = Vec::new();
        if let Some(before) = self.get(key)?
            && before.binding != device.binding
            && let Some(bound) = &before.binding
        {
            writes.push(Write::remove(
                Space::Tokens,
                key.token(bound.channel, &bound.token),
            ));
        }
        let ours = Owner {
            user: key.user.clone(),
            device: key.device.clone(),
        };
        let Some(bound) = &device.binding else {
            writes.push(Write::put(Space::Devices, key.bytes(), to_bytes(device)));
            self.write(writes).await?;
            return Ok(None);
        };
        let token = key.token(bound.channel, &bound.token);
        let taken = self
            .store
            .get::<Owner>(Space::Tokens, &token)?
            .filter(|owner| *owner != ours);
        if let Some(owner) = &taken {
            let theirs = DeviceKey {
                user: owner.user.clone(),
                device: owner.device.clone(),
                ..key.clone()
            };
            writes.push(Write::remove(Space::Devices, theirs.bytes()));
        }
        writes.push(Write::put(Space::Tokens, token, to_bytes(&ours)));
        writes.push(Write::put(Space::Devices, key.bytes(), to_bytes(device)));
        self.write(writes).await?;
        Ok(taken)
    }

    /// One device.
    pub fn get(&self, key: &DeviceKey) -> Result<Option<Device>, StoreError> {
        self.store.get(Space::Devices, &key.bytes())
    }

    /// The devices of a user, by device id.
    pub fn of_user(&self, app: &str, user: &str) -> Result<Vec<(String, Device)>, StoreError> {
        let prefix = DeviceKey::of_user(app, user);
        self.store
            .prefix(Space::Devices, &prefix)
            .map(|record| {
                let (key, bytes) = record?;
                let id = String::from_utf8_lossy(&key[prefix.len()..]).into_owned();
                Ok((id, decoded(Space::Devices, &bytes)?))
            })
            .collect()
    }

    /// Forgets a device; durable on return. Says whether there was one.
    pub async fn delete(&self, key: &DeviceKey) -> Result<bool, StoreError> {
        let _writing = self.writing.lock().await;
        let Some(device) = self.get(key)? else {
            return Ok(false);
        };
        let writes = removal(key, &device);
        self.write(writes).await?;
        Ok(true)
    }

    async fn write(&self, writes: Vec<Write>) -> Result<(), StoreError> {
        let commit = Commit {
            writes,
            durable: true,
            ..Commit::default()
        };
        self.store.commit(commit).await
    }

    /// Keeps the registry as it is until the guard is dropped, for a removal that is
    /// part of a larger commit.
    pub async fn hold(&self) -> MutexGuard<'_, ()> {
        self.writing.lock().await
    }

    /// The writes that remove the device of a dead token, unless the phone reported it
    /// after `dead_since`: then it is alive again. Call with the registry held.
    pub fn burial(
        &self,
        app: &str,
        channel: CertificateId,
        token: &str,
        dead_since: Option<Timestamp>,
    ) -> Result<Vec<Write>, StoreError> {
        let of_token = DeviceKey {
            app: app.to_owned(),
            ..DeviceKey::default()
        }
        .token(channel, token);
        let Some(owner) = self.store.get::<Owner>(Space::Tokens, &of_token)? else {
            return Ok(Vec::new());
        };
        let key = DeviceKey {
            app: app.to_owned(),
            user: owner.user,
            device: owner.device,
        };
        match self.get(&key)? {
            Some(device) if dead_since.is_some_and(|dead| device.registered_at > dead) => {
                Ok(Vec::new())
            }
            Some(device) => Ok(removal(&key, &device)),
            None => Ok(vec![Write::remove(Space::Tokens, of_token)]),
        }
    }
}

fn removal(key: &DeviceKey, device: &Device) -> Vec<Write> {
    let token = device
        .binding
        .as_ref()
        .map(|bound| Write::remove(Space::Tokens, key.token(bound.channel, &bound.token)));
    std::iter::once(Write::remove(Space::Devices, key.bytes()))
        .chain(token)
        .collect()
}

#[cfg(test)]
mod tests;
