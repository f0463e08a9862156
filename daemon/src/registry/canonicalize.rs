//! Tokens that were written down before their drivers gave them a canonical form: brought into it,
//! so that one phone is one device. Of two devices with one token the later report has it. A token
//! for one kind of message that somebody else has costs its device no more than that token.
//!
//! In: what a channel's driver makes of tokens. Out: how many changed. Done in steps, each of them
//! whole; done again it changes nothing, so whatever ends it in the middle loses nothing.

use nudged_plugin_api::Timestamp;

use super::key::{NAMES, SEPARATED};
use super::tokens::without;
use super::{DeviceKey, Registry, RegistryView, TokenOwner};
use crate::model::{Binding, CertificateId, Device, Tombstone};
use crate::store::{Commit, Keyspace, StoreError, decoded};

/// Devices that one step looks at.
const STEP: usize = 1000;

/// The form of each token of a channel, in their order; none of one that the driver refuses.
/// None at all of a channel that is not asked about.
pub trait CanonicalTokens {
    /// Asks.
    fn of(&self, channel: CertificateId, tokens: Vec<String>) -> Option<Vec<Option<String>>>;
}

/// What bringing tokens into their form did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CanonicalizeCounts {
    /// Devices and tombstones that were looked at.
    pub seen: u64,
    /// Tokens that have another form now.
    pub changed: u64,
    /// Tokens that are gone, with their devices and tombstones where they were their own: another
    /// one has the token.
    pub doubles: u64,
    /// Tokens that can be none of the vendor's; they stay as they are.
    pub refused: u64,
}

/// What became of one record.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum RecordChange {
    /// It changed meanwhile, and whoever did so knew the form.
    Kept,
    Changed,
    Gone,
}

impl Registry {
    /// Brings all tokens into their form. What it did is on disk with the next commit that is.
    /// Calls `progress` with what is done after each step. Covers all that was submitted before;
    /// what is reported meanwhile must have its form.
    pub async fn canonicalize(
        &self,
        drivers: &impl CanonicalTokens,
        mut progress: impl FnMut(&CanonicalizeCounts),
    ) -> Result<CanonicalizeCounts, StoreError> {
        // A device that came back behind the first pass would miss the second.
        let _moving = self.moving.lock().await;
        // Commits are written in order: after this one, all that was pending is read.
        self.transact(|_| Ok::<_, StoreError>((Commit::default(), ())))
            .await?;
        let mut done = CanonicalizeCounts::default();
        for keyspace in [Keyspace::Devices, Keyspace::Tombstones] {
            self.canonicalize_in(keyspace, drivers, &mut done, &mut progress)
                .await?;
        }
        Ok(done)
    }

    async fn canonicalize_in(
        &self,
        keyspace: Keyspace,
        drivers: &impl CanonicalTokens,
        done: &mut CanonicalizeCounts,
        progress: &mut impl FnMut(&CanonicalizeCounts),
    ) -> Result<(), StoreError> {
        let mut from = NAMES.0.to_vec();
        loop {
            let (mut found, mut last) = (Vec::new(), None);
            for record in self.store.range(keyspace, &from, &NAMES.1).take(STEP) {
                let (key, bytes) = record?;
                for bound in bindings(keyspace, &bytes)? {
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
            progress(done);
            let other = another(found, drivers, done);
            if other.is_empty() {
                // Others want the processor too.
                tokio::task::yield_now().await;
                continue;
            }
            let changes = self.transact(|view| {
                // At a start it is not known yet which channels are one account.
                view.write(Keyspace::Tokens, SEPARATED.to_vec(), None);
                let changes = other.iter().map(|(key, bound, canonical)| match keyspace {
                    Keyspace::Tombstones => view.canonicalize_tombstone(key, bound, canonical),
                    _ => view.canonicalize(key, bound, canonical),
                });
                let changes = changes.collect::<Result<Vec<RecordChange>, StoreError>>()?;
                Ok::<_, StoreError>((Commit::default(), (changes, view.bound.clone())))
            });
            let (changes, bound) = changes.await?;
            // At a start: whoever counts later finds them as they are now.
            if !self.census.is_whole() {
                self.census.unchanged(&bound);
            }
            for change in changes {
                match change {
                    RecordChange::Kept => {}
                    RecordChange::Changed => done.changed += 1,
                    RecordChange::Gone => done.doubles += 1,
                }
            }
        }
    }
}

fn bindings(keyspace: Keyspace, bytes: &[u8]) -> Result<Vec<Binding>, StoreError> {
    let device = match keyspace {
        Keyspace::Tombstones => decoded::<Tombstone>(keyspace, bytes)?.device,
        _ => decoded::<Device>(keyspace, bytes)?,
    };
    let kinds = device.tokens.into_iter().map(|it| it.binding);
    Ok(device.binding.into_iter().chain(kinds).collect())
}

/// Which token of a device, and what follows from that.
struct TokenSlot {
    /// Among those of one kind; none = the device's own.
    at: Option<usize>,
    reported_at: Timestamp,
    dead: bool,
}

impl TokenSlot {
    fn of(device: &Device, bound: &Binding) -> Option<Self> {
        if device.binding.as_ref() == Some(bound) {
            return Some(Self {
                at: None,
                reported_at: device.registered_at,
                dead: false,
            });
        }
        let at = device.tokens.iter().position(|it| it.binding == *bound)?;
        let token = &device.tokens[at];
        Some(Self {
            at: Some(at),
            reported_at: token.reported_at,
            dead: token.dead.is_some(),
        })
    }

    /// The device without it, or none.
    fn dropped(&self, device: &Device, bound: &Binding) -> Option<Device> {
        self.at.map(|_| without(device, bound))
    }

    /// The device with another token in its place.
    fn with(&self, device: &Device, bound: Binding) -> Device {
        let mut device = device.clone();
        match self.at {
            Some(at) => device.tokens[at].binding = bound,
            None => device.binding = Some(bound),
        }
        device
    }
}

/// Those whose token has another form.
fn another(
    found: Vec<(DeviceKey, Binding)>,
    drivers: &impl CanonicalTokens,
    done: &mut CanonicalizeCounts,
) -> Vec<(DeviceKey, Binding, String)> {
    let mut other = Vec::new();
    let mut channels: Vec<CertificateId> = found.iter().map(|(_, it)| it.channel).collect();
    channels.sort_unstable();
    channels.dedup();
    for channel in channels {
        let of_channel = found.iter().filter(|(_, it)| it.channel == channel);
        let tokens = of_channel.clone().map(|(_, it)| it.token.clone());
        let Some(answers) = drivers.of(channel, tokens.collect()) else {
            continue;
        };
        for ((key, bound), canonical) in of_channel.zip(answers) {
            match canonical {
                None => done.refused += 1,
                Some(canonical) if canonical == bound.token => {}
                Some(canonical) => other.push((key.clone(), bound.clone(), canonical)),
            }
        }
    }
    other
}

impl RegistryView<'_> {
    /// Gives a token of a device its form. Of two devices with it, the later report has it.
    pub(super) fn canonicalize(
        &mut self,
        key: &DeviceKey,
        old: &Binding,
        canonical: &str,
    ) -> Result<RecordChange, StoreError> {
        let Some(device) = self.get(key)? else {
            return Ok(RecordChange::Kept);
        };
        let Some(slot) = TokenSlot::of(&device, old) else {
            return Ok(RecordChange::Kept);
        };
        let bound = Binding {
            channel: old.channel,
            token: canonical.to_owned(),
        };
        let mut twice = TokenSlot::of(&device, &bound);
        if slot.at.is_none()
            && let Some(other) = twice.take()
        {
            // What is the device's own token is none of its others.
            let rest = other.dropped(&device, &bound);
            self.replace(key, Some(&device), rest.as_ref());
            return self.canonicalize(key, old, canonical);
        }
        let lost = twice.is_some() || {
            let token = DeviceKey::token(&key.app, bound.channel, canonical);
            let holder = self.owner(token)?.filter(|it| *it != TokenOwner::of(key));
            let other = match &holder {
                Some(holder) => self.get(&holder.key(&key.app))?,
                None => None,
            };
            let other = other.and_then(|other| TokenSlot::of(&other, &bound));
            other.is_some_and(|other| slot.dead || other.reported_at >= slot.reported_at)
        };
        if lost {
            let rest = slot.dropped(&device, old);
            self.replace(key, Some(&device), rest.as_ref());
            return Ok(RecordChange::Gone);
        }
        let after = slot.with(&device, bound.clone());
        let taken = match slot.dead {
            true => {
                self.forget_dead_owner(&key.app, &bound, &TokenOwner::of(key))?;
                None
            }
            false => {
                let taken = self.claim(key, &bound)?;
                self.claim_elsewhere(key, &bound)?;
                taken
            }
        };
        self.replace(key, Some(&device), Some(&after));
        Ok(if taken.is_some() {
            RecordChange::Gone
        } else {
            RecordChange::Changed
        })
    }

    /// The same of a tombstone. A token that somebody has is not restored to whoever had it.
    fn canonicalize_tombstone(
        &mut self,
        key: &DeviceKey,
        old: &Binding,
        canonical: &str,
    ) -> Result<RecordChange, StoreError> {
        let Some(tombstone) = self.tombstone(key)? else {
            return Ok(RecordChange::Kept);
        };
        let Some(slot) = TokenSlot::of(&tombstone.device, old) else {
            return Ok(RecordChange::Kept);
        };
        self.forget_tombstone(key)?;
        let bound = Binding {
            channel: old.channel,
            token: canonical.to_owned(),
        };
        let twice = TokenSlot::of(&tombstone.device, &bound);
        if slot.at.is_none() && twice.is_some() {
            // What is the device's own token is none of its others.
            let device = without(&tombstone.device, &bound);
            self.put_tombstone(
                key,
                &Tombstone {
                    device,
                    ..tombstone
                },
            );
            return self.canonicalize_tombstone(key, old, canonical);
        }
        let mut change = RecordChange::Changed;
        let token = DeviceKey::token(&key.app, bound.channel, canonical);
        let mut lost = twice.is_some() || self.owner(token.clone())?.is_some();
        let holder: Option<TokenOwner> =
            self.record(Keyspace::Tombstones, DeviceKey::dead_token(&token))?;
        if let Some(holder) = holder.filter(|_| !lost) {
            let other = self.tombstone(&holder.key(&key.app))?;
            let other = other.and_then(|it| TokenSlot::of(&it.device, &bound));
            lost = other.is_some_and(|other| other.reported_at >= slot.reported_at);
            if !lost {
                self.forget_dead_owner(&key.app, &bound, &TokenOwner::of(key))?;
                change = RecordChange::Gone;
            }
        }
        let device = if lost {
            change = RecordChange::Gone;
            slot.dropped(&tombstone.device, old)
        } else {
            Some(slot.with(&tombstone.device, bound))
        };
        if let Some(device) = device {
            self.put_tombstone(
                key,
                &Tombstone {
                    device,
                    ..tombstone
                },
            );
        }
        Ok(change)
    }
}
