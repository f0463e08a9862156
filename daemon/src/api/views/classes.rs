//! Classes of messages and their quotas, for views.

use nudged_plugin_api::Timestamp;

use super::Views;
use crate::channels::Route;
use crate::model::{CertificateId, rfc3339};
use crate::quota::{ClassClosed, ClassStatus, UsageLevel, VendorClock};
use crate::store::StoreError;
use nudged_wire::{ChannelClassView, ClassHoldView, ClassUseView};

/// Deliveries that are counted of those that wait for the same moment.
const COUNTED: usize = 10_000;

impl Views {
    /// The classes of a channel, as its driver lists them.
    pub fn classes(&self, route: &Route, now: Timestamp) -> Result<Vec<ClassUseView>, StoreError> {
        let channel = route.certificate_id;
        let devices = self.registry.devices_of(channel);
        let classes = route.terms.iter();
        let standing =
            classes.filter_map(|terms| self.ledger.status(channel, &terms.class, devices, now));
        // What the vendor spoke of though the driver does not list it.
        let others = self.ledger.classes(channel).into_iter();
        let others = others.filter(|class| route.terms.iter().all(|it| it.class != *class));
        let others = others.filter_map(|class| self.ledger.status(channel, &class, devices, now));
        let others = others.filter(|it| it.closed.is_some());
        standing
            .chain(others)
            .map(|it| self.class(channel, it))
            .collect()
    }

    /// Those that are held, or whose quota is running out.
    pub fn short_classes(
        &self,
        route: &Route,
        now: Timestamp,
    ) -> Result<Vec<ChannelClassView>, StoreError> {
        let classes = self.classes(route, now)?.into_iter();
        let short = classes.filter(|it| it.held.is_some() || it.level != UsageLevel::Fine.as_str());
        let short = short.map(|standing| ChannelClassView {
            channel: route.name.clone(),
            standing,
        });
        Ok(short.collect())
    }

    fn class(&self, channel: CertificateId, it: ClassStatus) -> Result<ClassUseView, StoreError> {
        let held = it.closed.as_ref();
        let held = held.map(|closed| self.class_hold(channel, &it.class, closed));
        Ok(ClassUseView {
            day: VendorClock::date(it.day),
            day_ends_at: rfc3339(it.day_ends),
            quota: it.quota.map(|(most, _)| most),
            quota_from: it.quota.map(|(_, daily)| daily.source().to_owned()),
            used: it.used,
            in_flight: it.in_flight,
            left: it.quota.map(|(most, _)| most.saturating_sub(it.used)),
            level: it.level.as_str().to_owned(),
            used_up_at: it.forecast.map(rfc3339),
            hours: it.hours.map(|hours| hours.to_string()),
            outside_hours: it.outside.as_str().to_owned(),
            held: held.transpose()?,
            class: it.class,
        })
    }

    fn class_hold(
        &self,
        channel: CertificateId,
        class: &str,
        closed: &ClassClosed,
    ) -> Result<ClassHoldView, StoreError> {
        Ok(ClassHoldView {
            code: closed.code().to_owned(),
            reason: closed.reason(class),
            remedy: closed.remedy().to_owned(),
            until: rfc3339(closed.until()),
            drops: closed.ends().is_some(),
            waiting: self.queue.due_at(channel, closed.until(), COUNTED)?,
        })
    }
}
