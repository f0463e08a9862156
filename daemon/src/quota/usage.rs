//! What is remembered of a class across restarts: what of its day is used, and what its vendor
//! refused.

use nudged_plugin_api::{Class, Timestamp, frame};

/// What is remembered of a class across restarts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UsageRecord {
    /// The day that is counted, from 1970-01-01 on the vendor's clock.
    pub day: i64,
    /// Devices that the vendor accepted on it.
    pub used: u64,
    /// Up to which level the operator was warned on it.
    pub(super) warned_level: u32,
    /// That the vendor takes no more; once its time is over, until one has got through.
    pub(super) refusal: Option<VendorRefusal>,
}
frame!(UsageRecord { 0 day, 1 used, 2 warned_level, 3 refusal });

/// That the vendor takes no more for now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VendorRefusal {
    /// Until when.
    pub until: Timestamp,
    /// The vendor's code.
    pub code: String,
    /// What it said.
    pub text: String,
    /// What the operator should do.
    pub remedy: String,
    /// Whether the vendor named no time, so that the operator may have it tried at once.
    pub ours: bool,
    /// What kind of refusal it was; of one that was written before there were several, a quota's.
    pub class: Class,
}
frame!(VendorRefusal { 0 until, 1 code, 2 text, 3 remedy, 4 ours, 5 class });
