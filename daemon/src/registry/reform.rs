//! Tokens that were written down before their drivers gave them one form: brought into it, so that
//! one phone is one device. Of two devices with one token the later report has it.
//!
//! In: what a channel's driver makes of tokens. Out: how many changed. Done in steps, each of them
//! whole; done again it changes nothing, so whatever ends it in the middle loses nothing.

use nudged_plugin_api::frame::to_bytes;

use super::{DeviceKey, Owner, Registry, View};
use crate::model::{Binding, CertificateId, Device, Tombstone};
use crate::store::{Commit, Space, StoreError, decoded};

/// Devices that one step looks at.
const STEP: usize = 1000;
/// Names begin with a printable character: nothing comes after them, and no name before.
const NAMES: ([u8; 1], [u8; 1]) = ([1], [0xff]);

/// The form of each token of a channel, in their order; none of one that the driver refuses.
/// None at all of a channel that is not asked about.
pub trait Forms {
    /// Asks.
    fn of(&self, channel: CertificateId, tokens: Vec<String>) -> Option<Vec<Option<String>>>;
}

/// What bringing tokens into their form did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reformed {
    /// Devices and tombstones that were looked at.
    pub seen: u64,
    /// Tokens that have another form now.
    pub changed: u64,
    /// Devices and tombstones that are gone: another one has the token.
    pub doubles: u64,
    /// Tokens that can be none of the vendor's; they stay as they are.
    pub refused: u64,
}

/// What became of one record.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It changed meanwhile, and whoever did so knew the form.
    Kept,
    Changed,
    Gone,
}

impl Registry {
    /// Brings all tokens into their form. What it did is on disk with the next commit that is.
    /// `heard` is told how far it is after each step. Covers all that was submitted before; what is
    /// reported meanwhile must have its form.
    pub async fn reform(
        &self,
        forms: &impl Forms,
        mut heard: impl FnMut(&Reformed),
    ) -> Result<Reformed, StoreError> {
        // A device that came back behind the first pass would miss the second.
        let _moving = self.moving.lock().await;
        // Commits are written in order: after this one, all that was under way is read.
        self.transact(|_| Ok::<_, StoreError>((Commit::default(), ())))
            .await?;
        let mut done = Reformed::default();
        for space in [Space::Devices, Space::Tombstones] {
            self.reform_in(space, forms, &mut done, &mut heard).await?;
        }
        Ok(done)
    }

    async fn reform_in(
        &self,
        space: Space,
        forms: &impl Forms,
        done: &mut Reformed,
        heard: &mut impl FnMut(&Reformed),
    ) -> Result<(), StoreError> {
        let mut from = NAMES.0.to_vec();
        loop {
            let (mut found, mut last) = (Vec::new(), None);
            for record in self.store.range(space, &from, &NAMES.1).take(STEP) {
                let (key, bytes) = record?;
                if let Some(bound) = binding(space, &bytes)? {
                    found.push((DeviceKey::read(&key), bound));
                }
                done.seen += 1;
                last = Some(key);
            }
            let Some(last) = last else {
                return Ok(());
            };
            // What comes right after a key is that key and a zero byte.
            from = [&last[..], &[0]].concat();
            heard(done);
            let other = another(found, forms, done);
            if other.is_empty() {
                // Others want the processor too.
                tokio::task::yield_now().await;
                continue;
            }
            let fates = self.transact(|view| {
                let fates = other.iter().map(|(key, bound, form)| match space {
                    Space::Tombstones => view.reform_tombstone(key, bound, form),
                    _ => view.reform(key, bound, form),
                });
                let fates = fates.collect::<Result<Vec<Fate>, StoreError>>()?;
                Ok::<_, StoreError>((Commit::default(), (fates, view.bound.clone())))
            });
            let (fates, bound) = fates.await?;
            // At a start: whoever counts later finds them as they are now.
            if !self.census.is_whole() {
                self.census.unchanged(&bound);
            }
            for fate in fates {
                match fate {
                    Fate::Kept => {}
                    Fate::Changed => done.changed += 1,
                    Fate::Gone => done.doubles += 1,
                }
            }
        }
    }
}

fn binding(space: Space, bytes: &[u8]) -> Result<Option<Binding>, StoreError> {
    let device = match space {
        Space::Tombstones => decoded::<Tombstone>(space, bytes)?.device,
        _ => decoded::<Device>(space, bytes)?,
    };
    Ok(device.binding)
}

/// Those whose token has another form.
fn another(
    found: Vec<(DeviceKey, Binding)>,
    forms: &impl Forms,
    done: &mut Reformed,
) -> Vec<(DeviceKey, Binding, String)> {
    let mut other = Vec::new();
    let mut channels: Vec<CertificateId> = found.iter().map(|(_, it)| it.channel).collect();
    channels.sort_unstable();
    channels.dedup();
    for channel in channels {
        let of_channel = found.iter().filter(|(_, it)| it.channel == channel);
        let tokens = of_channel.clone().map(|(_, it)| it.token.clone());
        let Some(answers) = forms.of(channel, tokens.collect()) else {
            continue;
        };
        for ((key, bound), form) in of_channel.zip(answers) {
            match form {
                None => done.refused += 1,
                Some(form) if form == bound.token => {}
                Some(form) => other.push((key.clone(), bound.clone(), form)),
            }
        }
    }
    other
}

impl View<'_> {
    /// Gives a device's token its form. Of two devices with it, the later report has it.
    pub(super) fn reform(
        &mut self,
        key: &DeviceKey,
        old: &Binding,
        form: &str,
    ) -> Result<Fate, StoreError> {
        let Some(mut device) = self.get(key)? else {
            return Ok(Fate::Kept);
        };
        if device.binding.as_ref() != Some(old) {
            return Ok(Fate::Kept);
        }
        let channel = old.channel;
        let token = DeviceKey::token(&key.app, channel, form);
        let holder = self.owner(token)?;
        if let Some(holder) = holder.filter(|it| *it != Owner::of(key)) {
            let other = self.get(&holder.key(&key.app))?;
            if other.is_some_and(|other| other.registered_at >= device.registered_at) {
                self.remove(key, &device);
                return Ok(Fate::Gone);
            }
        }
        self.release(key, Some(old));
        let bound = Binding {
            channel,
            token: form.to_owned(),
        };
        let taken = self.take(key, &bound)?;
        device.binding = Some(bound);
        self.put(key, &device);
        Ok(if taken.is_some() {
            Fate::Gone
        } else {
            Fate::Changed
        })
    }

    /// The same of a tombstone. A token that somebody has is not restored to whoever had it.
    fn reform_tombstone(
        &mut self,
        key: &DeviceKey,
        old: &Binding,
        form: &str,
    ) -> Result<Fate, StoreError> {
        let Some(mut tombstone) = self.tombstone(key)? else {
            return Ok(Fate::Kept);
        };
        if tombstone.device.binding.as_ref() != Some(old) {
            return Ok(Fate::Kept);
        }
        self.forget_tombstone(key)?;
        let token = DeviceKey::token(&key.app, old.channel, form);
        if self.owner(token.clone())?.is_some() {
            return Ok(Fate::Gone);
        }
        let grave = DeviceKey::grave(&token);
        let mut fate = Fate::Changed;
        if let Some(holder) = self.record::<Owner>(Space::Tombstones, grave.clone())? {
            let holder = holder.key(&key.app);
            let other = self.tombstone(&holder)?;
            let later = |it: &Tombstone| it.device.registered_at >= tombstone.device.registered_at;
            if other.as_ref().is_some_and(later) {
                return Ok(Fate::Gone);
            }
            self.forget_tombstone(&holder)?;
            fate = Fate::Gone;
        }
        tombstone.device.binding = Some(Binding {
            channel: old.channel,
            token: form.to_owned(),
        });
        self.write(Space::Tombstones, grave, Some(to_bytes(&Owner::of(key))));
        self.write(Space::Tombstones, key.bytes(), Some(to_bytes(&tombstone)));
        Ok(fate)
    }
}
