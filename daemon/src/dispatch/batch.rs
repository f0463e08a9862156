//! Which deliveries share a request. Pure.

use nudged_plugin_api::{Lifetime, Message};

use crate::queue::{Item, Lease};

/// Leases that share one request.
pub type Batch = Vec<Lease>;

/// Lifetimes that differ by less, in milliseconds, are the same to a vendor: it counts seconds.
const SAME_LIFETIME: u64 = 1000;

/// Whether a delivery may join a request. Notifications to one device each share one too, when
/// they say the same: so does a message to a group come that is sent member by member.
pub fn may_join(batch: &[Lease], next: &Item) -> bool {
    let Some(last) = batch.last() else {
        return true;
    };
    let (one, other) = (last.delivery(), &next.delivery);
    one.may_share_request(other)
        || (last.has_unshared_content()
            && next.has_unshared_content()
            && say_the_same(&one.content.message, &other.content.message)
            && one.content.notices == other.content.notices
            && one.recipient.is_addressed_like(&other.recipient)
            // Who gets the same twice gets it in two requests.
            && batch.iter().all(|it| it.delivery().recipient.token != other.recipient.token))
}

/// Whether a request speaks for several notifications: then its message is nobody's alone.
pub fn is_mixed(batch: &[Lease]) -> bool {
    let mut ids = batch.iter().map(|lease| lease.delivery().id.notification);
    let first = ids.next();
    ids.any(|id| Some(id) != first)
}

fn say_the_same(one: &Message, other: &Message) -> bool {
    // What differs mostly differs here.
    if one.body != other.body || one.ext != other.ext {
        return false;
    }
    match (one.lifetime, other.lifetime) {
        (Lifetime::Until(a), Lifetime::Until(b)) if a.0.abs_diff(b.0) < SAME_LIFETIME => {}
        (a, b) if a == b => {}
        _ => return false,
    }
    let mut aligned = one.clone();
    aligned.lifetime = other.lifetime;
    aligned == *other
}

#[cfg(test)]
mod tests {
    use super::*;
    use nudged_plugin_api::Timestamp;

    fn message(change: impl FnOnce(&mut Message)) -> Message {
        let mut message = Message::new("title", "body");
        message.lifetime = Lifetime::Until(Timestamp(10_000));
        change(&mut message);
        message
    }

    #[test]
    fn messages_say_the_same_when_they_differ_in_nothing_but_a_moment_of_their_lifetime() {
        let until = |at| message(|it| it.lifetime = Lifetime::Until(Timestamp(at)));
        let cases = [
            (until(10_000), true),
            (until(10_999), true),
            (until(11_000), false),
            (message(|it| it.lifetime = Lifetime::NowOrNever), false),
            (message(|it| it.body = Some("other".to_owned())), false),
            (message(|it| it.ext = Some("{}".to_owned())), false),
            (message(|it| it.thread = Some("t".to_owned())), false),
            (message(|it| it.collapse_key = Some("c".to_owned())), false),
        ];
        for (other, same) in cases {
            assert_eq!(say_the_same(&until(10_000), &other), same, "{other:?}");
        }
    }
}
