//! One class of one channel: what of its day is used, and whether more may be sent.

use std::time::Duration;

use nudged_plugin_api::Timestamp;
use nudged_plugin_api::frame::to_bytes;

use super::class_closed::ClassClosed;
use super::hourly_usage::HourlyUsage;
use super::hours::{OutsideHours, SendingHours};
use super::limits::{ClassLimits, DailyLimit, UsageLevel};
use super::usage::{UsageRecord, VendorRefusal};
use super::warning::Warning;
use crate::model::{CertificateId, MAX_WAIT, TimestampExt};
use crate::store::{Keyspace, Write};
use crate::sync::{Mutex, MutexGuard};

/// What is sent may fail, and leaves its share to another; the quota is checked again after this.
const RECHECK_DELAY: Duration = Duration::from_secs(5);

/// One class of one channel; the class without a name stands for the channel as a whole.
#[derive(Debug)]
pub struct Account {
    channel: CertificateId,
    class: String,
    state: Mutex<AccountState>,
}

#[derive(Debug)]
struct AccountState {
    /// The channel, for the log.
    name: String,
    limits: ClassLimits,
    usage: UsageRecord,
    /// Devices that are in flight, or whose outcome is not written yet.
    in_flight: u64,
    hourly: HourlyUsage,
    /// Since when one finds out, after a refusal, whether the vendor takes more.
    probe: Option<Timestamp>,
}

/// How a class fares.
#[derive(Clone, Debug)]
pub struct ClassStatus {
    /// The class.
    pub class: String,
    /// The vendor's day, counted from 1970-01-01.
    pub day: i64,
    /// When it ends.
    pub day_ends: Timestamp,
    /// Messages a day, and whose number that is.
    pub quota: Option<(u64, DailyLimit)>,
    /// Devices that the vendor accepted on this day.
    pub used: u64,
    /// Devices that are in flight.
    pub in_flight: u64,
    /// How far the quota is used.
    pub level: UsageLevel,
    /// When it will be used up at the pace of the last hour; none where it lasts the day.
    pub forecast: Option<Timestamp>,
    /// Its hours.
    pub hours: Option<SendingHours>,
    /// What becomes of a message outside them.
    pub outside: OutsideHours,
    /// Why nothing more of it is sent.
    pub closed: Option<ClassClosed>,
}

impl Account {
    /// As it is remembered.
    pub fn new(channel: CertificateId, class: String, usage: UsageRecord, now: Timestamp) -> Self {
        Self {
            channel,
            state: Mutex::new(AccountState {
                name: String::new(),
                limits: ClassLimits {
                    class: class.clone(),
                    ..ClassLimits::default()
                },
                usage,
                in_flight: 0,
                hourly: HourlyUsage::new(now),
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
    pub fn set_limits(&self, name: &str, limits: ClassLimits) {
        let mut state = self.state();
        if !state.name.is_empty() && state.limits.daily != limits.daily {
            // What was logged was of another number.
            state.usage.warned_level = 0;
        }
        state.name = name.to_owned();
        state.limits = limits;
        state.retry_now();
    }

    /// One is tried at once, unless the vendor named a time.
    pub fn retry_now(&self) {
        self.state().retry_now();
    }

    /// Of the channel of this name, where nothing is agreed.
    pub fn named(&self, name: &str) {
        let mut state = self.state();
        if state.name.is_empty() {
            state.name = name.to_owned();
        }
    }

    /// Reserves up to `wanted` devices, at least one: how many, and since when they find out
    /// whether the vendor takes more, if they do; or why none.
    pub(super) fn reserve_devices(
        &self,
        wanted: usize,
        before: Timestamp,
        now: Timestamp,
    ) -> Result<(u64, Option<Timestamp>), ClassClosed> {
        let mut state = self.state();
        state.turn(now);
        match state.closed(now) {
            Some(ClassClosed::Probed { until, .. }) if before <= until => {}
            Some(closed) => return Err(closed),
            None => {}
        }
        let first = state.usage.refusal.is_some() && state.probe.is_none();
        let probe = first.then_some(now);
        state.probe = state.probe.or(probe);
        let wanted = wanted as u64;
        let devices = state
            .remaining()
            .map_or(wanted, |remaining| remaining.min(wanted));
        state.in_flight += devices;
        Ok((devices, probe))
    }

    /// The vendor takes no more. Says whether that is news.
    pub fn refuse(&self, refusal: VendorRefusal, now: Timestamp) -> bool {
        let mut state = self.state();
        // req 73: it is this class that the vendor refuses, and no other
        let known = state.refusal(now).map_or(Timestamp(0), |it| it.until);
        if known < refusal.until {
            state.usage.refusal = Some(refusal);
        }
        known <= now
    }

    /// That the vendor takes no more at `now`.
    pub fn refusal(&self, now: Timestamp) -> Option<VendorRefusal> {
        self.state().refusal(now).cloned()
    }

    /// Whether nothing has got through since the vendor took no more.
    pub fn is_refused(&self) -> bool {
        self.state().usage.refusal.is_some()
    }

    /// More may be sent, as the operator wants it so: what the vendor had said.
    pub fn reopen(&self, now: Timestamp) -> Option<VendorRefusal> {
        let mut state = self.state();
        let refusal = state.refusal(now).cloned();
        state.usage.refusal = None;
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
        state.usage.refusal.take().is_some()
    }

    /// So many devices were accepted that were in flight. Says what the operator should know;
    /// `counted` counts the devices that a channel has.
    pub(super) fn accepted(
        &self,
        devices: u64,
        now: Timestamp,
        counted: impl FnOnce(CertificateId) -> Option<u64>,
    ) -> Option<Warning> {
        let mut state = self.state();
        state.turn(now);
        state.in_flight = state.in_flight.saturating_sub(devices);
        state.usage.used = state.usage.used.saturating_add(devices);
        state.hourly.add(devices, now);
        let daily = state.limits.daily?;
        let limit = match daily.binding() {
            Some(limit) => limit,
            None => daily.limit(counted(self.channel))?,
        };
        let level = UsageLevel::of(state.usage.used, limit);
        if level as u32 <= state.usage.warned_level {
            return None;
        }
        state.usage.warned_level = level as u32;
        let day_ends = state.day_ends();
        Some(Warning {
            channel: state.name.clone(),
            class: self.class.clone(),
            level,
            used: state.usage.used,
            quota: limit,
            binding: daily.binding().is_some(),
            forecast: state.forecast(limit, now),
            day_ends,
        })
    }

    /// So many devices are not in flight any more, nor is what is tried first `since` then.
    pub(super) fn release(&self, devices: u64, probe: Option<Timestamp>) {
        let mut state = self.state();
        if probe.is_some() {
            // Another one may be on its way by now.
            state.probe.take_if(|since| Some(*since) == probe);
        }
        state.in_flight = state.in_flight.saturating_sub(devices);
    }

    /// What is to be remembered.
    pub fn record(&self) -> Write {
        let usage = to_bytes(&self.state().usage);
        Write::put(Keyspace::Quotas, key(self.channel, &self.class), usage)
    }

    /// How it fares, in a channel with so many devices.
    pub fn status(&self, devices: Option<u64>, now: Timestamp) -> ClassStatus {
        let mut state = self.state();
        state.turn(now);
        let daily = state.limits.daily;
        let quota = daily.and_then(|daily| Some((daily.limit(devices)?, daily)));
        let forecast = quota.and_then(|(limit, _)| state.forecast(limit, now));
        ClassStatus {
            class: self.class.clone(),
            day: state.usage.day,
            day_ends: state.day_ends(),
            quota,
            used: state.usage.used,
            in_flight: state.in_flight,
            level: quota.map_or(UsageLevel::Fine, |(limit, _)| {
                UsageLevel::of(state.usage.used, limit)
            }),
            forecast,
            hours: state.limits.hours,
            outside: state.limits.outside,
            closed: state.closed(now),
        }
    }

    fn state(&self) -> MutexGuard<'_, AccountState> {
        self.state.lock()
    }
}

impl AccountState {
    /// A new day is counted anew. A clock that was set back does not give a day back; one that
    /// was far ahead does not count for ever.
    fn turn(&mut self, now: Timestamp) {
        let day = self.limits.clock.day(now);
        if day > self.usage.day || day < self.usage.day.saturating_sub(1) {
            self.usage.day = day;
            self.usage.used = 0;
            self.usage.warned_level = 0;
        }
    }

    fn day_ends(&self) -> Timestamp {
        self.limits.clock.at(self.usage.day, 1440)
    }

    fn retry_now(&mut self) {
        if let Some(refusal) = self.usage.refusal.as_mut().filter(|it| it.ours) {
            refusal.until = Timestamp(0);
        }
    }

    fn refusal(&mut self, now: Timestamp) -> Option<&VendorRefusal> {
        let refusal = self.usage.refusal.as_mut()?;
        refusal.until = refusal.until.min(now.plus(MAX_WAIT));
        (refusal.until > now).then_some(refusal)
    }

    fn remaining(&self) -> Option<u64> {
        let limit = self.limits.daily?.binding()?;
        let used = self.usage.used.saturating_add(self.in_flight);
        Some(limit.saturating_sub(used))
    }

    fn closed(&mut self, now: Timestamp) -> Option<ClassClosed> {
        if let Some(refusal) = self.refusal(now) {
            return Some(ClassClosed::Refused(refusal.clone()));
        }
        if let Some(hours) = self.limits.hours
            && let Some(opens) = hours.opening(now)
        {
            let outside = self.limits.outside;
            return Some(ClassClosed::OutsideHours {
                hours,
                opens,
                outside,
            });
        }
        if let Some(daily) = self.limits.daily
            && let Some(limit) = daily.binding()
        {
            if self.usage.used >= limit {
                let until = self.day_ends();
                return Some(ClassClosed::UsedUp { daily, until });
            }
            if self.remaining() == Some(0) {
                let until = now.plus(RECHECK_DELAY);
                return Some(ClassClosed::Awaited { daily, until });
            }
        }
        let (probe, refusal) = (self.probe?, self.usage.refusal.clone()?);
        let until = recheck_at(probe, now);
        Some(ClassClosed::Probed { refusal, until })
    }

    /// Within the day, and not after its end.
    fn forecast(&mut self, limit: u64, now: Timestamp) -> Option<Timestamp> {
        let left = limit
            .checked_sub(self.usage.used)
            .filter(|left| *left > 0)?;
        let ends = self.day_ends();
        self.hourly.forecast(left, now).filter(|at| *at < ends)
    }
}

/// When it is looked again for what is tried `since` then: soon, and then at ever longer
/// intervals, as all that waits is written each time.
fn recheck_at(since: Timestamp, now: Timestamp) -> Timestamp {
    // A clock that was set back has made it begin later.
    let since = since.min(now);
    let mut wait = RECHECK_DELAY;
    while since.plus(wait) <= now && wait < MAX_WAIT {
        wait *= 2;
    }
    since.plus(wait).max(now.plus_millis(1))
}

/// Where an account is remembered.
fn key(channel: CertificateId, class: &str) -> Vec<u8> {
    [&channel.0.to_be_bytes(), class.as_bytes()].concat()
}

#[cfg(test)]
mod tests;
