//! What the vendors share: the clock, the record, the fault plan, and what is known of
//! each vendor's customers.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::clock::Clock;
use crate::faults::{Fault, FaultKind, FaultPlan, FaultTarget};
use crate::net::exchange::Acceptance;
use crate::record::Record;
use crate::vendors::Vendor;
use crate::vendors::customers::Customers;

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) clock: Clock,
    pub(crate) record: Record,
    /// Every reply is this late.
    pub(crate) delay: Duration,
    customers: [Customers; Vendor::ALL.len()],
    plan: Mutex<FaultPlan>,
    /// Whether `plan` may hold anything, so that the sink need not lock it.
    faulty: AtomicBool,
}

impl World {
    pub(crate) fn new(keep_messages: bool, delay: Duration) -> World {
        World {
            clock: Clock::default(),
            record: Record::new(keep_messages),
            delay,
            customers: Default::default(),
            plan: Mutex::default(),
            faulty: AtomicBool::new(false),
        }
    }

    /// What tests said of a vendor's customers; APNs and FCM keep their own.
    pub(crate) fn customers(&self, vendor: Vendor) -> &Customers {
        &self.customers[vendor as usize]
    }

    pub(crate) fn is_faulty(&self) -> bool {
        self.faulty.load(Ordering::Acquire)
    }

    pub(crate) fn add_fault(&self, fault: Fault) {
        let mut plan = self.plan();
        plan.add(fault, self.clock.now_ms());
        self.faulty.store(true, Ordering::Release);
    }

    pub(crate) fn clear_faults(&self) {
        let mut plan = self.plan();
        plan.clear();
        self.faulty.store(false, Ordering::Release);
    }

    pub(crate) fn take_fault(&self, target: FaultTarget<'_>) -> Option<FaultKind> {
        if !self.is_faulty() {
            return None;
        }
        let mut plan = self.plan();
        let kind = plan.take(target, self.clock.now_ms());
        self.faulty.store(!plan.is_empty(), Ordering::Release);
        kind
    }

    pub(crate) fn take_fault_of_connections(&self, to: Vendor) -> Option<FaultKind> {
        if !self.is_faulty() {
            return None;
        }
        let mut plan = self.plan();
        let kind = plan.take_of_connections(to, self.clock.now_ms());
        self.faulty.store(!plan.is_empty(), Ordering::Release);
        kind
    }

    /// Holds a push against what the vendor asked for when it refused the one before.
    pub(crate) fn count_early_retries(&self, push: &Acceptance) {
        if !push.is_grant && !push.is_recall {
            let now_ms = self.clock.now_ms();
            self.record
                .count_early_retries(push.vendor, &push.targets, now_ms);
        }
    }

    fn plan(&self) -> MutexGuard<'_, FaultPlan> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
