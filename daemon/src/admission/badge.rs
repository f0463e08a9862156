//! The number on the app's icon: counted on devices that report their unread messages.
//!
//! In: what the sender wants, what the vendor can do, what the registry counts. Out: the
//! badge of one delivery. A vendor that takes many devices in a request gets a number to
//! add, so that they still share one; the others get the number itself.

use nudged_plugin_api::{Badge, Info, Kind};

use crate::model::Delivery;
use crate::registry::{BadgeCount, DeviceKey, RegistryView};
use crate::store::StoreError;
use nudged_wire::BadgeChange;

/// Counts a delivery, and gives it its badge.
pub fn count(
    delivery: &mut Delivery,
    wanted: Option<BadgeChange>,
    info: &Info,
    registry: Option<&mut RegistryView<'_>>,
) -> Result<(), StoreError> {
    let counts = delivery.content.message.kind == Kind::Alert;
    let change = change(wanted);
    let recipient = &mut delivery.recipient;
    let number = match (&recipient.user, &recipient.device, change, registry) {
        (Some(user), Some(device), Some(change), Some(registry)) if counts => {
            let key = DeviceKey {
                app: delivery.content.app.clone(),
                user: user.clone(),
                device: device.clone(),
            };
            registry.count_badge(&key, change)?
        }
        _ => None,
    };
    recipient.badge = badge(wanted, number, info);
    Ok(())
}

/// The badge of a device that shows `unread` now, counted nowhere.
pub fn foreseen(
    wanted: Option<BadgeChange>,
    unread: Option<u32>,
    kind: Kind,
    info: &Info,
) -> Option<Badge> {
    let unread = unread.filter(|_| kind == Kind::Alert);
    let number = unread.and_then(|unread| {
        Some(match change(wanted)? {
            BadgeCount::One => unread.saturating_add(1),
            BadgeCount::Add(count) => unread.saturating_add(count),
            BadgeCount::Set(count) => count,
        })
    });
    badge(wanted, number, info)
}

fn change(wanted: Option<BadgeChange>) -> Option<BadgeCount> {
    match wanted {
        // req 33: a message may leave the number alone.
        Some(BadgeChange::Keep) => None,
        Some(BadgeChange::Set(count)) => Some(BadgeCount::Set(count)),
        Some(BadgeChange::Add(count)) => Some(BadgeCount::Add(count)),
        // req 18: each push counts one on.
        None => Some(BadgeCount::One),
    }
}

fn badge(wanted: Option<BadgeChange>, number: Option<u32>, info: &Info) -> Option<Badge> {
    let adds = info.batch > 1;
    match (wanted, number) {
        (Some(BadgeChange::Keep), _) | (None, None) => None,
        // Nobody asked, so nobody has to hear that this vendor cannot.
        (None, Some(_)) if !info.badge => None,
        (None, Some(_)) if adds => Some(Badge::Add(1)),
        (Some(BadgeChange::Add(count)), None) => Some(Badge::Add(count)),
        (Some(BadgeChange::Add(count)), Some(_)) if adds => Some(Badge::Add(count)),
        (Some(BadgeChange::Set(count)), _) => Some(Badge::Set(count)),
        (_, Some(number)) => Some(Badge::Set(number)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_device_will_be_told_is_foreseen_by_what_it_shows() {
        use BadgeChange::{Add, Keep, Set};
        let mut info = Info::new("acme", "Acme", "1");
        info.badge = true;
        for (wanted, unread, kind, badge) in [
            (None, Some(5), Kind::Alert, Some(Badge::Set(6))),
            (None, None, Kind::Alert, None),
            (Some(Add(2)), Some(5), Kind::Alert, Some(Badge::Set(7))),
            (Some(Add(2)), None, Kind::Alert, Some(Badge::Add(2))),
            (Some(Add(2)), Some(5), Kind::Background, Some(Badge::Add(2))),
            (Some(Set(9)), Some(5), Kind::Alert, Some(Badge::Set(9))),
            (Some(Keep), Some(5), Kind::Alert, None),
        ] {
            let foreseen = foreseen(wanted, unread, kind, &info);
            assert_eq!(foreseen, badge, "{wanted:?} {unread:?} {kind:?}");
        }
    }

    #[test]
    fn a_vendor_is_told_the_number_or_to_add_as_it_can() {
        let info = |batch, badge| {
            let mut info = Info::new("acme", "Acme", "1");
            (info.batch, info.badge) = (batch, badge);
            info
        };
        let (one, many, none) = (info(1, true), info(500, true), info(500, false));
        use BadgeChange::{Add, Keep, Set};
        for (wanted, number, of_one, of_many, of_none) in [
            (None, None, None, None, None),
            (
                None,
                Some(6),
                Some(Badge::Set(6)),
                Some(Badge::Add(1)),
                None,
            ),
            (Some(Keep), Some(6), None, None, None),
            (
                Some(Set(9)),
                Some(9),
                Some(Badge::Set(9)),
                Some(Badge::Set(9)),
                Some(Badge::Set(9)),
            ),
            (
                Some(Add(2)),
                Some(7),
                Some(Badge::Set(7)),
                Some(Badge::Add(2)),
                Some(Badge::Add(2)),
            ),
            (
                Some(Add(2)),
                None,
                Some(Badge::Add(2)),
                Some(Badge::Add(2)),
                Some(Badge::Add(2)),
            ),
        ] {
            assert_eq!(badge(wanted, number, &one), of_one, "{wanted:?} {number:?}");
            assert_eq!(
                badge(wanted, number, &many),
                of_many,
                "{wanted:?} {number:?}"
            );
            assert_eq!(
                badge(wanted, number, &none),
                of_none,
                "{wanted:?} {number:?}"
            );
        }
    }
}
