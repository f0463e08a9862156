//! The answers to who names something that is not there, or that it may not know of.

use nudged_wire::{Code, Problem};

/// No trace has this id.
pub fn notification(id: &str) -> Problem {
    Problem::new(Code::NotFound, format!("there is no notification {id:?}")).hint(
        "notifications without a device leave no trace, traces are kept for store.retention, and those of an app that you may not observe are not shown",
    )
}

/// No channel has this name.
pub fn channel(name: &str) -> Problem {
    Problem::new(Code::NotFound, format!("there is no channel {name:?}"))
        .hint("GET /v1/channels lists all channels that you may observe")
}

/// No channel has this name or certificate id, for the operator.
pub fn queue_of(channel: &str) -> Problem {
    Problem::new(Code::NotFound, format!("there is no channel {channel:?}"))
        .field("channel")
        .hint("nudgectl channel ls lists the channels")
}
