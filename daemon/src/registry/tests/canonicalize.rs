use super::order::{gate, seen, until};
use super::*;
use crate::registry::{CanonicalTokens, CanonicalizeCounts};

/// Lower case, as a driver would say; `bad` is no token. Of the first channel only.
pub struct Lower;

impl CanonicalTokens for Lower {
    fn of(&self, channel: CertificateId, tokens: Vec<String>) -> Option<Vec<Option<String>>> {
        let form = |token: String| (token != "bad").then(|| token.to_lowercase());
        (channel == IOS).then(|| tokens.into_iter().map(form).collect())
    }
}

async fn canonicalize(registry: &Registry) -> CanonicalizeCounts {
    registry
        .canonicalize(&Lower, |_| {})
        .await
        .expect("reformed")
}

#[tokio::test]
async fn tokens_of_old_get_their_form_and_the_later_report_has_a_double() {
    let (_dir, registry) = registry();
    put(&registry, "ann", "AA", 1).await;
    put(&registry, "bob", "aa", 2).await;
    put(&registry, "cat", "BB", 4).await;
    put(&registry, "dan", "bb", 3).await;
    put(&registry, "eve", "cC", 5).await;
    put(&registry, "fay", "Cc", 6).await;
    put(&registry, "gus", "DD", 7).await;
    put(&registry, "hal", "bad", 8).await;
    let android = Report {
        binding: Some(Binding {
            channel: CertificateId(2),
            token: "EE".into(),
        }),
        ..Report::default()
    };
    let ida = key("ida", "phone");
    let reported = registry.report(&ida, android, false, Timestamp(9)).await;
    reported.expect("reported");
    // As after a start, before and after the count.
    let registry = Registry::new(registry.store.clone());
    let count_badge = Registry::new(registry.store.clone());
    count_badge.count(|| true).expect("counted");
    assert_eq!(count_badge.devices_of(IOS), Some(8));

    let did = canonicalize(&registry).await;
    registry.count(|| true).expect("counted");

    assert_eq!((did.seen, did.changed, did.refused), (9, 2, 1), "{did:?}");
    assert_eq!(did.doubles, 3, "{did:?}");
    for (user, token) in [
        ("ann", None),
        ("bob", Some("aa")),
        ("cat", Some("bb")),
        ("dan", None),
        ("eve", None),
        ("fay", Some("cc")),
        ("gus", Some("dd")),
        ("hal", Some("bad")),
        ("ida", Some("EE")),
    ] {
        let expected: Vec<String> = token.iter().map(|it| format!("phone={it}")).collect();
        assert_eq!(devices(&registry, user), expected, "{user}");
    }
    // Those of the channel are counted as they are now, and their tokens are theirs.
    assert_eq!(registry.devices_of(IOS), Some(5));
    let owner = put(&registry, "zoe", "bb", 10).await.expect("an owner");
    assert_eq!(owner.user, "cat");
    assert_eq!(
        put(&registry, "zed", "BB", 11).await,
        None,
        "the old form is free"
    );
}

#[tokio::test]
async fn done_again_it_changes_nothing_wherever_it_ended_before() {
    let (_dir, registry) = registry();
    for n in 0..2_500 {
        put_at(&registry, n).await;
    }
    // A part of it, as if the daemon had been killed.
    let separate = registry.transact(|view| {
        let bound = |token: &str| Binding {
            channel: IOS,
            token: token.into(),
        };
        view.canonicalize(&key("user7", "phone"), &bound("T7"), "t7")?;
        Ok::<_, StoreError>((Commit::default(), ()))
    });
    separate.await.expect("written");

    let first = canonicalize(&registry).await;
    let second = canonicalize(&registry).await;

    assert_eq!(
        (first.seen, first.changed, first.doubles),
        (2_500, 2_499, 0)
    );
    assert_eq!((second.seen, second.changed, second.doubles), (2_500, 0, 0));
    assert_eq!(devices(&registry, "user7"), ["phone=t7"]);
    assert_eq!(devices(&registry, "user2499"), ["phone=t2499"]);
}

async fn put_at(registry: &Registry, n: u64) {
    put(registry, &format!("user{n}"), &format!("T{n}"), n + 1).await;
}

#[tokio::test]
async fn tombstones_are_known_by_the_form_too() {
    let (_dir, registry) = registry();
    put(&registry, "ann", "AA", 1).await;
    bury(&registry, "AA", None).await;
    put(&registry, "bob", "BB", 1).await;
    bury(&registry, "BB", None).await;
    put(&registry, "cat", "bb", 2).await;
    put(&registry, "dan", "CC", 1).await;
    bury(&registry, "CC", None).await;
    put(&registry, "eve", "cc", 2).await;
    bury(&registry, "cc", None).await;

    let did = canonicalize(&registry).await;

    assert_eq!((did.changed, did.doubles), (1, 2), "{did:?}");
    let filter = TombstoneFilter::default();
    assert_eq!(
        registry.restore(&filter).await.expect("restored").devices,
        2
    );
    assert_eq!(devices(&registry, "ann"), ["phone=aa"]);
    assert_eq!(devices(&registry, "bob"), [""; 0], "cat has the token");
    assert_eq!(devices(&registry, "dan"), [""; 0], "eve reported it later");
    assert_eq!(devices(&registry, "eve"), ["phone=cc"]);
    let owner = put(&registry, "zoe", "aa", 9).await.expect("an owner");
    assert_eq!(owner.user, "ann");
}

#[tokio::test]
async fn what_was_reported_before_it_began_gets_its_form_though_it_was_not_written_yet() {
    let (_dir, registry) = registry();
    let open = gate(&registry).await;
    let report = tokio::spawn({
        let registry = registry.clone();
        async move { put(&registry, "ann", "AA", 1).await }
    });
    let ann = key("ann", "phone");
    until("it is in flight", || seen(&registry, &ann)).await;
    let reforming = tokio::spawn({
        let registry = registry.clone();
        async move { canonicalize(&registry).await }
    });
    let begun = || registry.moving.try_lock().is_err();
    until("the reform has begun", begun).await;

    drop(open);

    report.await.expect("reported");
    assert_eq!(reforming.await.expect("reformed").changed, 1);
    assert_eq!(devices(&registry, "ann"), ["phone=aa"]);
}

#[tokio::test]
async fn a_report_whose_form_holds_no_more_is_given_back_and_not_written() {
    let (_dir, registry) = registry();
    let ann = key("ann", "phone");
    let take = |form: &str, holds: bool| {
        let (registry, ann, report) = (registry.clone(), ann.clone(), token(form));
        async move {
            registry
                .report_if(&ann, report, false, Timestamp(1), || holds)
                .await
        }
    };

    let again = take("AA", false).await.expect("asked");
    assert_eq!(again, Err(token("AA")));
    assert_eq!(devices(&registry, "ann"), [""; 0]);

    let taken = take("aa", true).await.expect("asked");
    assert!(taken.is_ok(), "{taken:?}");
    assert_eq!(devices(&registry, "ann"), ["phone=aa"]);
}

#[tokio::test]
async fn nothing_is_restored_behind_its_back() {
    let (_dir, registry) = registry();
    put(&registry, "ann", "AA", 1).await;
    bury(&registry, "AA", None).await;
    let reforming = registry.moving.lock().await;
    let restoring = tokio::spawn({
        let registry = registry.clone();
        async move { registry.restore(&TombstoneFilter::default()).await }
    });
    // However often others get their turn: the device is not back.
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert!(!seen(&registry, &key("ann", "phone")));

    drop(reforming);

    assert_eq!(restoring.await.expect("ran").expect("restored").devices, 1);
}

#[tokio::test]
async fn one_that_is_given_up_leaves_all_whole_and_the_next_does_the_rest() {
    let (_dir, registry) = registry();
    let all: Result<(), RegistryError> = registry
        .transact(|view| {
            for n in 0..6_000 {
                let key = key(&format!("user{n}"), "phone");
                view.report(&key, token(&format!("T{n}")), false, Timestamp(n + 1))?;
            }
            Ok((Commit::default(), ()))
        })
        .await;
    all.expect("reported");
    let steps = std::cell::Cell::new(0);
    let (given_up, mut reported) = tokio::sync::mpsc::unbounded_channel();
    let reforming = registry.canonicalize(&Lower, |_| {
        steps.set(steps.get() + 1);
        if steps.get() == 2 {
            given_up.send(()).expect("somebody listens");
        }
    });
    tokio::select! {
        biased;
        _ = reported.recv() => {}
        _ = reforming => panic!("it was to be given up"),
    }
    // A step that is written at once goes on to the next without a pause; not all of them do.
    assert!(steps.get() >= 2);

    let did = canonicalize(&registry).await;

    assert_eq!((did.seen, did.doubles), (6_000, 0), "{did:?}");
    assert!(did.changed < 6_000, "{did:?}");
    let all = registry.of_app("default", None, 7_000).expect("read");
    let form = |device: &Device| device.binding.as_ref().map(|it| it.token.clone());
    for (key, device) in &all {
        let number = key.user.trim_start_matches("user");
        assert_eq!(form(device), Some(format!("t{number}")));
    }
    // Whichever step it was, the token is the user's.
    for (key, device) in all.iter().step_by(900) {
        let token = form(device).expect("a token");
        assert_eq!(put(&registry, &key.user, &token, 9_999).await, None);
    }
}
