//! What is reported of a device's tokens for one kind of message, and what its tokens are then.
//!
//! Pure: the tokens that there are and a report → the tokens that there will be. What a report
//! does not speak of stays as it was.

use nudged_plugin_api::Timestamp;

use super::{KindName, RegistryError};
use crate::model::{Binding, Device, KindToken, Purpose};

/// Most Live Activities of one device that have a token: the one that was reported longest ago
/// gives way to a new one.
pub const MAX_ACTIVITIES: usize = 32;

/// What is reported of one of a device's tokens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KindReport {
    /// Which.
    pub which: KindName,
    /// The token; none = it is forgotten.
    pub binding: Option<Binding>,
}

/// Takes what is reported. The phone's system gives another token for each kind: one that stands
/// for two was mixed up by whoever reports it.
pub(super) fn take(
    device: &mut Device,
    reports: Vec<KindReport>,
    now: Timestamp,
) -> Result<(), RegistryError> {
    let own = device.binding.as_ref().map(|it| it.token.as_str());
    // What was mixed up before and is put right now.
    device
        .tokens
        .retain(|it| own != Some(it.binding.token.as_str()));
    device
        .tokens
        .retain(|it| !reports.iter().any(|report| report.which.names(it)));
    for KindReport { which, binding } in reports {
        let Some(binding) = binding else { continue };
        if own == Some(binding.token.as_str()) {
            return Err(RegistryError::SameToken { which, other: None });
        }
        let same = |it: &KindToken| it.binding.token == binding.token;
        let other = device
            .tokens
            .iter()
            .find(|it| same(it) && it.dead.is_none());
        if let Some(other) = other {
            let other = Some(KindName::of(other));
            return Err(RegistryError::SameToken { which, other });
        }
        device.tokens.retain(|it| !same(it));
        device.tokens.push(KindToken {
            purpose: which.purpose,
            activity: which.activity,
            binding,
            reported_at: now,
            dead: None,
        });
    }
    forget_oldest(&mut device.tokens);
    Ok(())
}

/// New ones stand at the end.
fn forget_oldest(tokens: &mut Vec<KindToken>) {
    let activity = |it: &KindToken| it.purpose == Purpose::LiveActivity;
    let count = tokens.iter().filter(|it| activity(it)).count();
    let mut over = count.saturating_sub(MAX_ACTIVITIES);
    tokens.retain(|it| {
        let goes = over > 0 && activity(it);
        over -= usize::from(goes);
        !goes
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{CertificateId, Evidence};

    fn bound(token: &str) -> Binding {
        Binding {
            channel: CertificateId(1),
            token: token.to_owned(),
        }
    }

    fn of(purpose: Purpose, activity: Option<&str>, token: Option<&str>) -> KindReport {
        KindReport {
            which: KindName {
                purpose,
                activity: activity.map(str::to_owned),
            },
            binding: token.map(bound),
        }
    }

    fn voip(token: &str) -> KindReport {
        of(Purpose::Voip, None, Some(token))
    }

    fn start(token: &str) -> KindReport {
        of(Purpose::LiveActivityStart, None, Some(token))
    }

    fn activity(id: &str, token: Option<&str>) -> KindReport {
        of(Purpose::LiveActivity, Some(id), token)
    }

    /// `kind[:activity]=token` of each, in order.
    fn tokens(device: &Device) -> Vec<String> {
        let show = |it: &KindToken| {
            let id = it.activity.as_ref().map(|id| format!(":{id}"));
            let (kind, id) = (it.purpose.as_str(), id.unwrap_or_default());
            format!("{kind}{id}={}", it.binding.token)
        };
        device.tokens.iter().map(show).collect()
    }

    fn with(reports: Vec<KindReport>) -> Device {
        let mut device = Device {
            binding: Some(bound("own")),
            ..Device::default()
        };
        take(&mut device, reports, Timestamp(1)).expect("taken");
        device
    }

    #[test]
    fn what_a_report_does_not_speak_of_stays() {
        let mut device = with(vec![voip("v"), activity("a", Some("1"))]);
        take(&mut device, Vec::new(), Timestamp(2)).expect("taken");
        assert_eq!(tokens(&device), ["voip=v", "live_activity:a=1"]);
        let more = vec![activity("b", Some("2")), start("s")];
        take(&mut device, more, Timestamp(3)).expect("taken");
        let all = [
            "voip=v",
            "live_activity:a=1",
            "live_activity:b=2",
            "live_activity_start=s",
        ];
        assert_eq!(tokens(&device), all);
        let forgotten = vec![
            activity("a", None),
            activity("x", None),
            of(Purpose::Voip, None, None),
        ];
        take(&mut device, forgotten, Timestamp(4)).expect("taken");
        assert_eq!(tokens(&device), all[2..]);
        assert_eq!(device.tokens[0].reported_at, Timestamp(3));
    }

    #[test]
    fn a_new_report_brings_a_dead_token_to_life() {
        let mut device = with(vec![voip("v")]);
        device.tokens[0].dead = Some(Evidence::default());
        // The same text as another kind's: it is alive, and of that kind.
        take(&mut device, vec![start("v")], Timestamp(5)).expect("taken");
        assert_eq!(tokens(&device), ["live_activity_start=v"]);
        device.tokens[0].dead = Some(Evidence::default());
        take(&mut device, vec![start("v")], Timestamp(6)).expect("taken");
        assert_eq!(device.tokens[0].dead, None);
        assert_eq!(device.tokens[0].reported_at, Timestamp(6));
    }

    #[test]
    fn one_token_for_two_kinds_was_mixed_up() {
        for (reports, which, other) in [
            (vec![voip("own")], "voip", None),
            (
                vec![voip("t"), start("t")],
                "live_activity_start",
                Some("voip"),
            ),
            (
                vec![start("known")],
                "live_activity_start",
                Some("live_activity"),
            ),
            (
                vec![activity("b", Some("t")), activity("c", Some("t"))],
                "live_activity",
                Some("live_activity"),
            ),
        ] {
            let mut device = with(vec![activity("a", Some("known"))]);
            match take(&mut device, reports, Timestamp(2)) {
                Err(RegistryError::SameToken {
                    which: reported,
                    other: with,
                }) => {
                    assert_eq!(reported.purpose.as_str(), which);
                    assert_eq!(with.map(|it| it.purpose.as_str()), other);
                }
                taken => panic!("{which}: {taken:?}"),
            }
        }
        // Two that change places are not two of one.
        let mut device = with(vec![voip("a"), start("b")]);
        take(&mut device, vec![voip("b"), start("a")], Timestamp(2)).expect("taken");
        assert_eq!(tokens(&device), ["voip=b", "live_activity_start=a"]);
        // The device's own token is nothing else any more.
        device.binding = Some(bound("a"));
        take(&mut device, Vec::new(), Timestamp(3)).expect("taken");
        assert_eq!(tokens(&device), ["voip=b"]);
    }

    #[test]
    fn the_activity_that_was_reported_longest_ago_gives_way() {
        let ids: Vec<String> = (0..MAX_ACTIVITIES).map(|n| format!("{n}")).collect();
        let many = ids.iter().map(|id| activity(id, Some(id))).collect();
        let mut device = with(many);
        take(&mut device, vec![voip("v")], Timestamp(2)).expect("taken");
        take(&mut device, vec![activity("0", Some("new"))], Timestamp(3)).expect("taken");
        assert_eq!(device.tokens.len(), MAX_ACTIVITIES + 1);
        take(&mut device, vec![activity("x", Some("x"))], Timestamp(4)).expect("taken");
        assert_eq!(device.tokens.len(), MAX_ACTIVITIES + 1);
        let known = |id| device.token_for(Purpose::LiveActivity, Some(id));
        assert_eq!(known("1"), None, "it was the oldest");
        assert_eq!(known("0"), Some(&bound("new")));
        assert!(known("2").is_some() && known("x").is_some());
        assert_eq!(device.token_for(Purpose::Voip, None), Some(&bound("v")));
    }
}
