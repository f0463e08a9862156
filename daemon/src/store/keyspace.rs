//! The kinds of records, each in a keyspace of its own.
//!
//! In: nothing. Out: their names on disk. Refuses to know what is in them. Which stage may name
//! which keyspace is held by the test below: a record is read and written by the stages that own
//! it, and by nobody else.

/// One list, so that the names on disk and the variants cannot disagree.
macro_rules! keyspaces {
    ($($(#[$meaning:meta])* $variant:ident = $name:literal,)*) => {
        /// Kinds of records; each has a keyspace of its own.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Keyspace {
            $($(#[$meaning])* $variant,)*
        }

        impl Keyspace {
            /// All, in their order.
            pub(super) const ALL: [Self; [$($name),*].len()] = [$(Self::$variant),*];

            /// Its name on disk; never another one for the same records.
            pub(super) fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

keyspaces! {
    /// Deliveries that may be sent: channel, rank, number → delivery.
    Ready = "ready",
    /// Deliveries that wait for their next try: channel, due, number → delivery.
    Waiting = "waiting",
    /// What several deliveries share: the first of them → content.
    Content = "content",
    /// What became of each delivery: notification, n → trace.
    Trace = "trace",
    /// Outcomes in the order in which they happened: number → delivery id.
    Events = "events",
    /// Devices: app, user, device → device.
    Devices = "devices",
    /// Whose token it is: app, channel, digest of the token → user, device; zero, `accounts` →
    /// channels of one account between which no phone has two users.
    Tokens = "tokens",
    /// Idempotency: app, key → notification.
    Keys = "keys",
    /// What users want of push: app, user → settings; app, user, conversation → one byte.
    Settings = "settings",
    /// Notifications that are not to be sent any more: notification → since when.
    Revoked = "revoked",
    /// Channels that the operator holds: channel → since when.
    Holds = "holds",
    /// Devices whose token is dead: app, user, device → tombstone; zero, app, channel, digest
    /// of the token → user, device.
    Tombstones = "tombstones",
    /// What is used of each class's day, and what the vendor refused: channel, class → usage.
    Quotas = "quotas",
    /// What each certificate id stands for: channel → meaning.
    Meanings = "meanings",
}
