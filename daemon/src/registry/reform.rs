//! Tokens that were written down before their drivers gave them one form: brought into it, so that
//! one phone is one device. Of two devices with one token the later report has it. A token for one
//! kind of message that somebody else has costs its device no more than that token.
//!
//! In: what a channel's driver makes of tokens. Out: how many changed. Done in steps, each of them
//! whole; done again it changes nothing, so whatever ends it in the middle loses nothing.

use nudged_plugin_api::Timestamp;

use super::key::{NAMES, PARTED};
use super::tokens::without;
use super::{DeviceKey, Owner, Registry, View};
use crate::model::{Binding, CertificateId, Device, Tombstone};
use crate::store::{Commit, Space, StoreError, decoded};

/// Devices that one step looks at.
const STEP: usize = 1000;

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
    /// Tokens that are gone, with their devices and tombstones where they were their own: another
    /// one has the token.
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
                for bound in bindings(space, &bytes)? {
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
                // At a start it is not known yet which channels are one account.
                view.write(Space::Tokens, PARTED.to_vec(), None);
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

fn bindings(space: Space, bytes: &[u8]) -> Result<Vec<Binding>, StoreError> {
    let device = match space {
        Space::Tombstones => decoded::<Tombstone>(space, bytes)?.device,
        _ => decoded::<Device>(space, bytes)?,
    };
    let kinds = device.tokens.into_iter().map(|it| it.binding);
    Ok(device.binding.into_iter().chain(kinds).collect())
}

/// Which token of a device, and what follows from that.
struct Slot {
    /// Among those of one kind; none = the device's own.
    at: Option<usize>,
    reported_at: Timestamp,
    dead: bool,
}

impl Slot {
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
    /// Gives a token of a device its form. Of two devices with it, the later report has it.
    pub(super) fn reform(
        &mut self,
        key: &DeviceKey,
        old: &Binding,
        form: &str,
    ) -> Result<Fate, StoreError> {
        let Some(device) = self.get(key)? else {
            return Ok(Fate::Kept);
        };
        let Some(slot) = Slot::of(&device, old) else {
            return Ok(Fate::Kept);
        };
        let bound = Binding {
            channel: old.channel,
            token: form.to_owned(),
        };
        let mut twice = Slot::of(&device, &bound);
        if slot.at.is_none()
            && let Some(other) = twice.take()
        {
            // What is the device's own token is none of its others.
            let rest = other.dropped(&device, &bound);
            self.replace(key, Some(&device), rest.as_ref());
            return self.reform(key, old, form);
        }
        let lost = twice.is_some() || {
            let token = DeviceKey::token(&key.app, bound.channel, form);
            let holder = self.owner(token)?.filter(|it| *it != Owner::of(key));
            let other = match &holder {
                Some(holder) => self.get(&holder.key(&key.app))?,
                None => None,
            };
            let other = other.and_then(|other| Slot::of(&other, &bound));
            other.is_some_and(|other| slot.dead || other.reported_at >= slot.reported_at)
        };
        if lost {
            let rest = slot.dropped(&device, old);
            self.replace(key, Some(&device), rest.as_ref());
            return Ok(Fate::Gone);
        }
        let after = slot.with(&device, bound.clone());
        let taken = match slot.dead {
            true => {
                self.forget_grave(&key.app, &bound, &Owner::of(key))?;
                None
            }
            false => {
                let taken = self.take(key, &bound)?;
                self.take_elsewhere(key, &bound)?;
                taken
            }
        };
        self.replace(key, Some(&device), Some(&after));
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
        let Some(tombstone) = self.tombstone(key)? else {
            return Ok(Fate::Kept);
        };
        let Some(slot) = Slot::of(&tombstone.device, old) else {
            return Ok(Fate::Kept);
        };
        self.forget_tombstone(key)?;
        let bound = Binding {
            channel: old.channel,
            token: form.to_owned(),
        };
        let mut fate = Fate::Changed;
        let token = DeviceKey::token(&key.app, bound.channel, form);
        let mut lost = self.owner(token.clone())?.is_some();
        let holder: Option<Owner> = self.record(Space::Tombstones, DeviceKey::grave(&token))?;
        if let Some(holder) = holder.filter(|_| !lost) {
            let other = self.tombstone(&holder.key(&key.app))?;
            let other = other.and_then(|it| Slot::of(&it.device, &bound));
            lost = other.is_some_and(|other| other.reported_at >= slot.reported_at);
            if !lost {
                self.forget_grave(&key.app, &bound, &Owner::of(key))?;
                fate = Fate::Gone;
            }
        }
        let device = if lost {
            fate = Fate::Gone;
            slot.dropped(&tombstone.device, old)
        } else {
            Some(slot.with(&tombstone.device, bound))
        };
        if let Some(device) = device {
            self.entomb(
                key,
                &Tombstone {
                    device,
                    ..tombstone
                },
            );
        }
        Ok(fate)
    }
}
