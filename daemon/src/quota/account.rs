//! One class of one channel: what of its day is used, and whether more may be sent.

use std::time::Duration;

use nudged_plugin_api::Timestamp;
use nudged_plugin_api::frame::to_bytes;

use super::closed::Closed;
use super::hours::{Hours, Outside};
use super::pace::Pace;
use super::tally::{Refusal, Tally};
use super::terms::{Daily, Level, Terms};
use super::warning::Warning;
use crate::model::{CertificateId, later};
use crate::store::{Space, Write};
use crate::sync::{Mutex, MutexGuard};

/// What is sent may fail, and leaves its place to another; it is looked again after this.
const LOOK_AGAIN: Duration = Duration::from_secs(5);
/// A vendor's day is over by then; what lies further ahead is of a clock that has been set right
/// since, or of a vendor that was taken at its word too far.
const DAY: Duration = Duration::from_secs(86_400);

/// One class of one channel; the class without a name stands for the channel as a whole.
#[derive(Debug)]
pub struct Account {
    channel: CertificateId,
    class: String,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// The channel, for the log.
    name: String,
    terms: Terms,
    tally: Tally,
    /// Devices that are under way, or whose outcome is not written yet.
    under_way: u64,
    pace: Pace,
    /// Since when one finds out, after a refusal, whether the vendor takes more.
    probe: Option<Timestamp>,
}

/// How a class fares.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The class.
    pub class: String,
    /// The vendor's day, counted from 1970-01-01.
    pub day: i64,
    /// When it ends.
    pub day_ends: Timestamp,
    /// Messages a day, and whose number that is.
    pub quota: Option<(u64, Daily)>,
    /// Devices that the vendor accepted on this day.
    pub used: u64,
    /// Devices that are under way.
    pub under_way: u64,
    /// How far the quota is used.
    pub level: Level,
    /// When it will be used up at the pace of the last hour; none where it lasts the day.
    pub forecast: Option<Timestamp>,
    /// Its hours.
    pub hours: Option<Hours>,
    /// What becomes of a message outside them.
    pub outside: Outside,
    /// Why nothing more of it is sent.
    pub closed: Option<Closed>,
}

impl Account {
    /// As it is remembered.
    pub fn new(channel: CertificateId, class: String, tally: Tally, now: Timestamp) -> Self {
        Self {
            channel,
            state: Mutex::new(State {
                name: String::new(),
                terms: Terms {
                    class: class.clone(),
                    ..Terms::default()
                },
                tally,
                under_way: 0,
                pace: Pace::new(now),
                probe: None,
            }),
            class,
        }
    }

    /// The class.
    pub fn class(&self) -> &str {
        &self.class
    }

    /// These hold from now on, for the channel of this name.
    pub fn agree(&self, name: &str, terms: Terms) {
        let mut state = self.state();
        if !state.name.is_empty() && state.terms.daily != terms.daily {
            // What was told was of another number.
            state.tally.told = 0;
        }
        state.name = name.to_owned();
        state.terms = terms;
        state.hasten();
    }

    /// One is tried at once, unless the vendor named a time.
    pub fn hasten(&self) {
        self.state().hasten();
    }

    /// Of the channel of this name, where nothing is agreed.
    pub fn named(&self, name: &str) {
        let mut state = self.state();
        if state.name.is_empty() {
            state.name = name.to_owned();
        }
    }

    /// Sets room aside for up to `wanted` devices, at least one: for how many, and since when they
    /// find out whether the vendor takes more, if they do; or why there is none.
    pub(super) fn set_aside(
        &self,
        wanted: usize,
        before: Timestamp,
        now: Timestamp,
    ) -> Result<(u64, Option<Timestamp>), Closed> {
        let mut state = self.state();
        state.turn(now);
        match state.closed(now) {
            Some(Closed::Probed { until, .. }) if before <= until => {}
            Some(closed) => return Err(closed),
            None => {}
        }
        let first = state.tally.refusal.is_some() && state.probe.is_none();
        let probe = first.then_some(now);
        state.probe = state.probe.or(probe);
        let wanted = wanted as u64;
        let devices = state.room().map_or(wanted, |room| room.min(wanted));
        state.under_way += devices;
        Ok((devices, probe))
    }

    /// The vendor takes no more. Says whether that is news.
    pub fn refuse(&self, refusal: Refusal, now: Timestamp) -> bool {
        let mut state = self.state();
        // req 73: it is this class that the vendor refuses, and no other
        let known = state.refusal(now).map_or(Timestamp(0), |it| it.until);
        if known < refusal.until {
            state.tally.refusal = Some(refusal);
        }
        known <= now
    }

    /// That the vendor takes no more at `now`.
    pub fn refusal(&self, now: Timestamp) -> Option<Refusal> {
        self.state().refusal(now).cloned()
    }

    /// Whether nothing has got through since the vendor took no more.
    pub fn is_refused(&self) -> bool {
        self.state().tally.refusal.is_some()
    }

    /// More may be sent, as the operator wants it so: what the vendor had said.
    pub fn reopen(&self, now: Timestamp) -> Option<Refusal> {
        let mut state = self.state();
        let refusal = state.refusal(now).cloned();
        state.tally.refusal = None;
        state.probe = None;
        refusal
    }

    /// What was tried first got through. Says whether that ended a refusal.
    pub(super) fn probed(&self, since: Timestamp) -> bool {
        let mut state = self.state();
        if state.probe != Some(since) {
            return false;
        }
        state.probe = None;
        state.tally.refusal.take().is_some()
    }

    /// So many devices were accepted that were under way. Says what the operator should know;
    /// `counted` counts the devices that a channel has.
    pub(super) fn accepted(
        &self,
        devices: u64,
        now: Timestamp,
        counted: impl FnOnce(CertificateId) -> Option<u64>,
    ) -> Option<Warning> {
        let mut state = self.state();
        state.turn(now);
        state.under_way = state.under_way.saturating_sub(devices);
        state.tally.used = state.tally.used.saturating_add(devices);
        state.pace.add(devices, now);
        let daily = state.terms.daily?;
        let most = match daily.binding() {
            Some(most) => most,
            None => daily.most(counted(self.channel))?,
        };
        let level = Level::of(state.tally.used, most);
        if level as u32 <= state.tally.told {
            return None;
        }
        state.tally.told = level as u32;
        let day_ends = state.day_ends();
        Some(Warning {
            channel: state.name.clone(),
            class: self.class.clone(),
            level,
            used: state.tally.used,
            quota: most,
            binding: daily.binding().is_some(),
            forecast: state.forecast(most, now),
            day_ends,
        })
    }

    /// So many devices are not under way any more, nor is what is tried first `since` then.
    pub(super) fn release(&self, devices: u64, probe: Option<Timestamp>) {
        let mut state = self.state();
        if probe.is_some() {
            // Another one may be on its way by now.
            state.probe.take_if(|since| Some(*since) == probe);
        }
        state.under_way = state.under_way.saturating_sub(devices);
    }

    /// What is to be remembered.
    pub fn record(&self) -> Write {
        let tally = to_bytes(&self.state().tally);
        Write::put(Space::Quotas, key(self.channel, &self.class), tally)
    }

    /// How it fares, in a channel with so many devices.
    pub fn standing(&self, devices: Option<u64>, now: Timestamp) -> Standing {
        let mut state = self.state();
        state.turn(now);
        let daily = state.terms.daily;
        let quota = daily.and_then(|daily| Some((daily.most(devices)?, daily)));
        let forecast = quota.and_then(|(most, _)| state.forecast(most, now));
        Standing {
            class: self.class.clone(),
            day: state.tally.day,
            day_ends: state.day_ends(),
            quota,
            used: state.tally.used,
            under_way: state.under_way,
            level: quota.map_or(Level::Fine, |(most, _)| Level::of(state.tally.used, most)),
            forecast,
            hours: state.terms.hours,
            outside: state.terms.outside,
            closed: state.closed(now),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }
}

impl State {
    /// A new day is counted anew. A clock that was set back does not give a day back; one that
    /// was far ahead does not count for ever.
    fn turn(&mut self, now: Timestamp) {
        let day = self.terms.clock.day(now);
        if day > self.tally.day || day < self.tally.day.saturating_sub(1) {
            self.tally.day = day;
            self.tally.used = 0;
            self.tally.told = 0;
        }
    }

    fn day_ends(&self) -> Timestamp {
        self.terms.clock.at(self.tally.day, 1440)
    }

    fn hasten(&mut self) {
        if let Some(refusal) = self.tally.refusal.as_mut().filter(|it| it.ours) {
            refusal.until = Timestamp(0);
        }
    }

    fn refusal(&mut self, now: Timestamp) -> Option<&Refusal> {
        let refusal = self.tally.refusal.as_mut()?;
        refusal.until = refusal.until.min(later(now, DAY));
        (refusal.until > now).then_some(refusal)
    }

    fn room(&self) -> Option<u64> {
        let most = self.terms.daily?.binding()?;
        let used = self.tally.used.saturating_add(self.under_way);
        Some(most.saturating_sub(used))
    }

    fn closed(&mut self, now: Timestamp) -> Option<Closed> {
        if let Some(refusal) = self.refusal(now) {
            return Some(Closed::Refused(refusal.clone()));
        }
        if let Some(hours) = self.terms.hours
            && let Some(opens) = hours.opening(now)
        {
            let outside = self.terms.outside;
            return Some(Closed::Outside {
                hours,
                opens,
                outside,
            });
        }
        if let Some(daily) = self.terms.daily
            && let Some(most) = daily.binding()
        {
            if self.tally.used >= most {
                let until = self.day_ends();
                return Some(Closed::UsedUp { daily, until });
            }
            if self.room() == Some(0) {
                let until = later(now, LOOK_AGAIN);
                return Some(Closed::Awaited { daily, until });
            }
        }
        let (probe, refusal) = (self.probe?, self.tally.refusal.clone()?);
        let until = look_again(probe, now);
        Some(Closed::Probed { refusal, until })
    }

    /// Within the day, and not after its end.
    fn forecast(&mut self, most: u64, now: Timestamp) -> Option<Timestamp> {
        let left = most.checked_sub(self.tally.used).filter(|left| *left > 0)?;
        let ends = self.day_ends();
        self.pace.forecast(left, now).filter(|at| *at < ends)
    }
}

/// When it is looked again for what is tried `since` then: soon, and then at ever longer
/// intervals, as all that waits is written each time.
fn look_again(since: Timestamp, now: Timestamp) -> Timestamp {
    // A clock that was set back has made it begin later.
    let since = since.min(now);
    let mut wait = LOOK_AGAIN;
    while later(since, wait) <= now && wait < DAY {
        wait *= 2;
    }
    later(since, wait).max(now.plus_millis(1))
}

/// Where an account is remembered.
fn key(channel: CertificateId, class: &str) -> Vec<u8> {
    [&channel.0.to_be_bytes(), class.as_bytes()].concat()
}

#[cfg(test)]
mod tests;
