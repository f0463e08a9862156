//! Tokens for one kind of message: whose they are, and what their death costs.

use super::canonicalize::Lower;
use super::owners::agrees;
use super::*;
use crate::model::Purpose;
use crate::registry::tombstones::RestoredDevices;

pub const CALLS: CertificateId = CertificateId(2);

pub fn bound(channel: CertificateId, token: &str) -> Binding {
    Binding {
        channel,
        token: token.into(),
    }
}

pub fn kind(purpose: Purpose, activity: Option<&str>, binding: Option<Binding>) -> KindReport {
    KindReport {
        which: KindName {
            purpose,
            activity: activity.map(str::to_owned),
        },
        binding,
    }
}

fn voip(token: &str) -> KindReport {
    kind(Purpose::Voip, None, Some(bound(CALLS, token)))
}

fn activity(id: &str, token: &str) -> KindReport {
    kind(Purpose::LiveActivity, Some(id), Some(bound(IOS, token)))
}

/// Reports a phone's token and others of it.
async fn report(
    registry: &Registry,
    user: &str,
    own: &str,
    kinds: Vec<KindReport>,
    at: u64,
) -> ReportResult {
    let report = Report {
        tokens: kinds,
        ..token(own)
    };
    let key = key(user, "phone");
    let reported = registry.report(&key, report, false, Timestamp(at)).await;
    reported.expect("reported")
}

pub async fn bury_of(registry: &Registry, channel: CertificateId, token: &str, dead: Option<u64>) {
    let buried: Result<(), StoreError> = registry
        .transact(|view| {
            let evidence = Evidence {
                at: Timestamp(5_000),
                dead_since: dead.map(Timestamp),
                code: "Unregistered".into(),
                ..Evidence::default()
            };
            view.remove_dead("default", channel, token, evidence, |_, _, _| true)?;
            Ok((Commit::default(), ()))
        })
        .await;
    buried.expect("written");
}

/// `kind=token` of each of a phone's, `†` where it is dead; none without the phone.
fn tokens(registry: &Registry, user: &str) -> Option<Vec<String>> {
    let device = registry.get(&key(user, "phone")).expect("read")?;
    let show = |it: &crate::model::KindToken| {
        let dead = it.dead.as_ref().map_or("", |_| "†");
        format!("{}={}{dead}", it.purpose.as_str(), it.binding.token)
    };
    Some(device.tokens.iter().map(show).collect())
}

fn owner(user: &str) -> TokenOwner {
    TokenOwner {
        user: user.into(),
        device: "phone".into(),
    }
}

#[tokio::test]
async fn another_ones_report_takes_the_token_that_it_names_and_no_other() {
    let (_dir, registry) = registry();
    let kinds = || vec![voip("v"), activity("a", "1")];
    report(&registry, "bob", "b", kinds(), 1).await;

    let reported = report(&registry, "eve", "e", vec![voip("v")], 2).await;

    assert_eq!(
        (reported.taken_from, reported.tokens_from),
        (None, vec![owner("bob")])
    );
    assert_eq!(devices(&registry, "bob"), ["phone=b"]);
    assert_eq!(tokens(&registry, "bob").unwrap(), ["live_activity=1"]);
    assert_eq!(tokens(&registry, "eve").unwrap(), ["voip=v"]);
    // The device's own token takes all: the phone is somebody else's now.
    let reported = report(&registry, "ann", "b", Vec::new(), 3).await;
    assert_eq!(
        (reported.taken_from, reported.tokens_from),
        (Some(owner("bob")), vec![])
    );
    assert_eq!(tokens(&registry, "bob"), None);
    let reported = report(&registry, "ida", "i", vec![activity("x", "1")], 4).await;
    assert_eq!(reported.tokens_from, [], "bob's tokens went with his phone");
    // What is one phone's token for calls is another's own: it is taken as what it is there.
    let reported = report(
        &registry,
        "joe",
        "j",
        vec![kind(Purpose::Voip, None, Some(bound(IOS, "i")))],
        5,
    );
    assert_eq!(reported.await.taken_from, Some(owner("ida")));
    let reported = report(&registry, "kim", "1", Vec::new(), 6).await;
    assert_eq!((reported.taken_from, reported.tokens_from), (None, vec![]));
}

#[tokio::test]
async fn a_late_report_of_a_call_token_needs_a_login_too() {
    let (_dir, registry) = registry();
    report(&registry, "bob", "b", vec![voip("v")], 1).await;
    let bob = key("bob", "phone");
    let out = registry
        .set_state(&bob, StateReport::LoggedOut, Timestamp(2))
        .await;
    out.expect("set");
    report(&registry, "eve", "e", vec![voip("v")], 3).await;

    let late = Report {
        tokens: vec![voip("v")],
        ..Report::default()
    };
    let late = registry.report(&bob, late, false, Timestamp(4)).await;

    assert!(matches!(late, Err(RegistryError::NotLoggedIn)), "{late:?}");
    assert_eq!(tokens(&registry, "eve").unwrap(), ["voip=v"]);
}

#[tokio::test]
async fn a_dead_call_token_costs_no_more_than_itself() {
    let (_dir, registry) = registry();
    registry.count(|| true).expect("counted");
    report(
        &registry,
        "bob",
        "b",
        vec![voip("v"), activity("a", "1")],
        100,
    )
    .await;
    let counts = || [IOS, CALLS].map(|it| registry.devices_of(it).expect("counted"));
    assert_eq!(counts(), [1, 1], "one phone, by two channels");
    // It was reported after its death.
    bury_of(&registry, CALLS, "v", Some(99)).await;
    assert_eq!(
        tokens(&registry, "bob").unwrap(),
        ["voip=v", "live_activity=1"]
    );

    bury_of(&registry, CALLS, "v", Some(100)).await;
    bury_of(&registry, IOS, "1", None).await;

    assert_eq!(
        tokens(&registry, "bob").unwrap(),
        ["voip=v†", "live_activity=1†"]
    );
    assert_eq!(devices(&registry, "bob"), ["phone=b"]);
    assert_eq!(counts(), [1, 0]);
    let page = registry
        .dead_tokens(&TombstoneFilter::default(), None)
        .expect("read");
    assert_eq!(page.found.len(), 2);
    let filter = TombstoneFilter {
        channels: Some(vec![CALLS]),
        ..TombstoneFilter::default()
    };
    let back = registry.restore(&filter).await.expect("restored");
    assert_eq!((back.devices, back.tokens), (0, 1));
    assert_eq!(
        tokens(&registry, "bob").unwrap(),
        ["voip=v", "live_activity=1†"]
    );
    assert_eq!(counts(), [1, 1]);
    // An ordinary report leaves it dead, one of the token does not.
    report(&registry, "bob", "b", Vec::new(), 200).await;
    assert_eq!(tokens(&registry, "bob").unwrap()[1], "live_activity=1†");
    assert_eq!(registry.sweep(Timestamp(5_000)).await.expect("swept"), 0);
    report(&registry, "bob", "b", vec![activity("a", "1")], 201).await;
    assert_eq!(tokens(&registry, "bob").unwrap()[1], "live_activity=1");
    assert_eq!(registry.store.prefix(Keyspace::Tombstones, &[]).count(), 0);
    bury_of(&registry, IOS, "1", None).await;
    assert_eq!(registry.sweep(Timestamp(5_001)).await.expect("swept"), 1);
    assert_eq!(tokens(&registry, "bob").unwrap(), ["voip=v"]);
    assert_eq!(registry.store.prefix(Keyspace::Tombstones, &[]).count(), 0);
}

#[tokio::test]
async fn who_may_say_no_to_a_burial_knows_what_the_token_took() {
    let (_dir, registry) = registry();
    report(
        &registry,
        "bob",
        "b",
        vec![voip("v"), activity("a", "1")],
        1,
    )
    .await;
    for (channel, token, took) in [
        (IOS, "b", None),
        (CALLS, "v", Some(Purpose::Voip)),
        (IOS, "1", Some(Purpose::LiveActivity)),
    ] {
        let mut asked = None;
        registry.read_view(|view| {
            let refuse = |_: &Evidence, took, _| {
                asked = Some(took);
                false
            };
            let buried = view.remove_dead("default", channel, token, Evidence::default(), refuse);
            buried.expect("asked");
            assert!(
                view.writes.is_empty(),
                "{token}: nothing is done against its word"
            );
        });
        assert_eq!(asked, Some(took), "{token}");
    }
}

#[tokio::test]
async fn a_refused_report_leaves_no_trace_in_the_transaction_of_others() {
    let (_dir, registry) = registry();
    report(&registry, "bob", "b", vec![voip("v")], 1).await;
    bury_of(&registry, IOS, "b", None).await;
    let both = registry.transact(|view| {
        let mixed_up = Report {
            tokens: vec![voip("n")],
            ..token("n")
        };
        let refused = view.report(&key("bob", "phone"), mixed_up, true, Timestamp(2));
        assert!(
            matches!(refused, Err(RegistryError::SameToken { .. })),
            "{refused:?}"
        );
        view.report(&key("eve", "phone"), token("e"), true, Timestamp(2))?;
        Ok::<_, RegistryError>((Commit::default(), ()))
    });
    both.await.expect("written");
    agrees(&registry);
    let back = registry
        .restore(&TombstoneFilter::default())
        .await
        .expect("restored");
    assert_eq!(back.devices, 1);
    assert_eq!(tokens(&registry, "bob").unwrap(), ["voip=v"]);
}

#[tokio::test]
async fn a_dead_call_token_that_is_anothers_since_is_not_put_back() {
    let (_dir, registry) = registry();
    report(&registry, "bob", "b", vec![voip("v")], 1).await;
    bury_of(&registry, CALLS, "v", None).await;
    let reported = report(&registry, "eve", "e", vec![voip("v")], 2).await;
    assert_eq!(reported.tokens_from, [], "bob had it no more");
    let back = registry
        .restore(&TombstoneFilter::default())
        .await
        .expect("restored");
    assert_eq!(back, RestoredDevices::default());
    assert_eq!(tokens(&registry, "bob").unwrap(), [""; 0]);
    assert_eq!(tokens(&registry, "eve").unwrap(), ["voip=v"]);
}

#[tokio::test]
async fn the_tokens_of_a_buried_phone_come_back_with_it() {
    let (_dir, registry) = registry();
    let kinds = vec![voip("v"), activity("a", "1"), activity("b", "2")];
    report(&registry, "bob", "b", kinds, 1).await;
    bury_of(&registry, IOS, "2", None).await;
    bury_of(&registry, IOS, "b", None).await;
    assert_eq!(tokens(&registry, "bob"), None);
    // It is somebody else's meanwhile.
    let reported = report(&registry, "eve", "e", vec![activity("x", "1")], 2).await;
    assert_eq!(reported.tokens_from, []);

    let back = registry
        .restore(&TombstoneFilter::default())
        .await
        .expect("restored");

    assert_eq!((back.devices, back.tokens), (1, 1));
    assert_eq!(
        tokens(&registry, "bob").unwrap(),
        ["voip=v", "live_activity=2"]
    );
    let reported = report(&registry, "eve", "e", vec![voip("v")], 3).await;
    assert_eq!(reported.tokens_from, [owner("bob")], "it was bob's again");
}

#[tokio::test]
async fn a_phone_that_reports_after_its_tokens_death_has_its_other_tokens_still() {
    let (_dir, registry) = registry();
    report(&registry, "bob", "old", vec![voip("v")], 1).await;
    bury_of(&registry, IOS, "old", None).await;
    report(&registry, "bob", "new", Vec::new(), 2).await;
    assert_eq!(tokens(&registry, "bob").unwrap(), ["voip=v"]);
    let reported = report(&registry, "eve", "e", vec![voip("v")], 3).await;
    assert_eq!(reported.tokens_from, [owner("bob")]);
}

#[tokio::test]
async fn a_phone_whose_push_is_off_keeps_its_other_tokens() {
    let (_dir, registry) = registry();
    report(&registry, "bob", "b", vec![voip("v")], 1).await;
    let bob = key("bob", "phone");
    let off = registry
        .report(&bob, Report::default(), false, Timestamp(2))
        .await;
    let off = off.expect("reported").device;
    assert!(off.reach(Timestamp(3), u64::MAX).is_err());
    report(&registry, "bob", "b", Vec::new(), 3).await;
    assert_eq!(tokens(&registry, "bob").unwrap(), ["voip=v"]);
}

#[tokio::test]
async fn call_tokens_of_old_get_their_form_too() {
    let (_dir, registry) = registry();
    let of = |token: &str| kind(Purpose::Voip, None, Some(bound(IOS, token)));
    report(&registry, "ann", "AA", vec![of("VV")], 1).await;
    report(&registry, "bob", "bb", vec![of("vv")], 2).await;
    report(&registry, "cat", "cc", vec![of("WW")], 3).await;
    bury_of(&registry, IOS, "WW", None).await;
    report(&registry, "dan", "dd", vec![of("XX")], 4).await;
    bury_of(&registry, IOS, "dd", None).await;
    report(&registry, "eve", "ee", vec![of("EE")], 5).await;

    let did = registry
        .canonicalize(&Lower, |_| {})
        .await
        .expect("reformed");

    assert_eq!((did.changed, did.doubles), (3, 2), "{did:?}");
    assert_eq!(devices(&registry, "ann"), ["phone=aa"]);
    assert_eq!(
        tokens(&registry, "ann").unwrap(),
        [""; 0],
        "bob reported it later"
    );
    assert_eq!(tokens(&registry, "bob").unwrap(), ["voip=vv"]);
    assert_eq!(tokens(&registry, "cat").unwrap(), ["voip=ww†"]);
    assert_eq!(
        tokens(&registry, "eve").unwrap(),
        [""; 0],
        "it is the phone's own"
    );
    assert_eq!(devices(&registry, "eve"), ["phone=ee"]);
    let back = registry
        .restore(&TombstoneFilter::default())
        .await
        .expect("restored");
    assert_eq!((back.devices, back.tokens), (1, 1));
    assert_eq!(tokens(&registry, "dan").unwrap(), ["voip=xx"]);
    agrees(&registry);
}
