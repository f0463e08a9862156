//! Follows a name whose address has moved: a connection to the old one would last for days.
//!
//! The system's resolver tells no time to live, so the name is looked up every few minutes while
//! the connection is used. (A resolver of our own would know it, and would pass by hosts files,
//! search domains and what else the operator has set up.) Many names have more addresses than
//! they tell at once: only where two lookups agree, the name has moved. Refuses to know requests.

use std::collections::BTreeSet;
use std::future::Future;
use std::net::IpAddr;
use std::time::Duration;

use tokio::time::{Instant, sleep};

/// How often a name is looked up. Twice that is less than anybody leaves an old address working
/// for who has not heard of the new one.
const LOOKUP_INTERVAL: Duration = Duration::from_secs(300);

type Addresses = BTreeSet<IpAddr>;

/// Whether the name of a connection to `address` has moved away from it; returns once it has, or
/// once the connection takes no more requests. `heard`: when it was heard last, if it takes any.
pub async fn moves<F>(
    address: IpAddr,
    heard: impl Fn() -> Option<Instant> + Send,
    lookup: impl Fn() -> F + Send,
) -> bool
where
    F: Future<Output = Addresses> + Send,
{
    let mut before = Addresses::new();
    loop {
        sleep(LOOKUP_INTERVAL).await;
        let Some(heard) = heard() else {
            return false;
        };
        // One that nobody uses can wait for its use.
        if heard.elapsed() > LOOKUP_INTERVAL {
            continue;
        }
        let found = lookup().await;
        if has_moved(address, &before, &found) {
            return true;
        }
        before = found;
    }
}

fn has_moved(address: IpAddr, before: &Addresses, found: &Addresses) -> bool {
    !found.is_empty() && before == found && !found.contains(&address)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(last: &[u8]) -> Addresses {
        let addresses = last.iter().map(|last| IpAddr::from([192, 0, 2, *last]));
        addresses.collect()
    }

    #[tokio::test(start_paused = true)]
    async fn a_name_is_followed_while_its_connection_is_used_and_no_longer() {
        let own = IpAddr::from([192, 0, 2, 1]);
        let began = Instant::now();
        let used = || Some(Instant::now());
        let lookup = || {
            // It moves after an hour.
            let moved = began.elapsed() > Duration::from_secs(3600);
            std::future::ready(set(if moved { &[2] } else { &[1] }))
        };
        assert!(moves(own, used, lookup).await);
        let after = began.elapsed() - Duration::from_secs(3600);
        assert!(after <= 2 * LOOKUP_INTERVAL, "{after:?}");

        let unused = || Some(began).filter(|_| began.elapsed() < Duration::from_secs(86_400));
        assert!(!moves(own, unused, lookup).await);
    }

    #[test]
    fn a_name_has_moved_where_two_lookups_agree_on_other_addresses() {
        let own = IpAddr::from([192, 0, 2, 1]);
        for (before, found, moved) in [
            (&[2][..], &[2][..], true),
            (&[2, 3], &[3, 2], true),
            (&[1], &[1], false),
            (&[1, 2], &[1, 2], false),
            // First lookup, failed lookups, names that tell others each time.
            (&[], &[2], false),
            (&[2], &[], false),
            (&[], &[], false),
            (&[2, 3], &[4, 5], false),
            (&[1, 2], &[2], false),
        ] {
            let found_moved = has_moved(own, &set(before), &set(found));
            assert_eq!(found_moved, moved, "{before:?} {found:?}");
        }
    }
}
