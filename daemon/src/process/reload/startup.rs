//! What is in force from the start to the end of the process: a reload can only say that it has
//! changed.

use crate::config::{Config, ShutdownSection, SocketSection, StoreSection};

/// The sections that only a restart can change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartupSettings {
    socket: SocketSection,
    store: StoreSection,
    shutdown: ShutdownSection,
}

impl StartupSettings {
    pub fn of(config: &Config) -> Self {
        Self {
            socket: config.socket.clone(),
            store: config.store.clone(),
            shutdown: config.shutdown.clone(),
        }
    }

    /// The sections that differ in `new`.
    pub fn changes(&self, new: &Self) -> Vec<&'static str> {
        let Self {
            socket,
            store,
            shutdown,
        } = self;
        let sections = [
            ("socket", *socket != new.socket),
            ("store", *store != new.store),
            ("shutdown", *shutdown != new.shutdown),
        ];
        let changed = sections.into_iter().filter(|(_, differs)| *differs);
        changed.map(|(key, _)| key).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_section_that_differs_is_named() {
        let old = StartupSettings {
            socket: SocketSection::default(),
            store: StoreSection::default(),
            shutdown: ShutdownSection::default(),
        };
        assert_eq!(old.changes(&old), [""; 0]);
        let mut new = old.clone();
        new.socket.max_body += 1;
        assert_eq!(old.changes(&new), ["socket"]);
        new.store.max_mib += 1;
        new.shutdown.grace *= 2;
        assert_eq!(old.changes(&new), ["socket", "store", "shutdown"]);
    }
}
