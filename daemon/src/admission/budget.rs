//! Whether there is disk space for more, for whoever can wait with what it sends.

use super::Admission;
use crate::store::StoreError;

impl Admission {
    /// Whether the database takes as much as it may: until it takes less, everything is refused.
    pub fn is_over_budget(&self) -> bool {
        matches!(
            self.store.check_free_space(),
            Err(StoreError::OverBudget { .. })
        )
    }
}
