use super::*;
use crate::registry::VendorAccounts;

const NEW: CertificateId = CertificateId(11);
const OTHER: CertificateId = CertificateId(12);

fn one_account() -> VendorAccounts {
    VendorAccounts::of([(IOS, "chat"), (NEW, "chat"), (OTHER, "shop")])
}

async fn put_by(
    registry: &Registry,
    channel: CertificateId,
    user: &str,
    at: u64,
) -> Option<TokenOwner> {
    let binding = Some(Binding {
        channel,
        token: "t".into(),
    });
    let report = Report {
        binding,
        ..Report::default()
    };
    let reported = registry
        .report(&key(user, "phone"), report, false, Timestamp(at))
        .await;
    reported.expect("reported").taken_from
}

fn has(registry: &Registry, user: &str) -> bool {
    let device = registry.get(&key(user, "phone")).expect("read");
    device.is_some_and(|it| it.binding.is_some())
}

#[tokio::test]
async fn a_phone_has_one_user_whichever_channel_of_its_account_reports_it() {
    let (_dir, registry) = registry();
    registry.set_accounts(one_account()).await.expect("set");
    put_by(&registry, IOS, "ann", 1).await;
    put_by(&registry, OTHER, "eve", 2).await;

    let from = put_by(&registry, NEW, "bob", 3).await;

    assert_eq!(from.map(|it| it.user).as_deref(), Some("ann"));
    assert!(!has(&registry, "ann"));
    assert!(has(&registry, "bob"));
    assert!(has(&registry, "eve"), "another account's");
    owners::agrees(&registry);
}

#[tokio::test]
async fn of_two_users_from_before_the_later_report_has_the_phone() {
    let (_dir, registry) = registry();
    for (first, second) in [(IOS, NEW), (NEW, IOS)] {
        registry
            .set_accounts(VendorAccounts::default())
            .await
            .expect("set");
        put_by(&registry, first, "ann", 1).await;
        put_by(&registry, second, "bob", 2).await;
        assert!(has(&registry, "ann") && has(&registry, "bob"));

        let lost = registry.set_accounts(one_account()).await.expect("set");

        assert_eq!(lost, 1);
        assert!(!has(&registry, "ann") && has(&registry, "bob"));
        assert_eq!(registry.set_accounts(one_account()).await.expect("set"), 0);
        owners::agrees(&registry);
    }
}

#[tokio::test]
async fn of_two_users_who_were_reported_at_once_one_has_the_phone() {
    let (_dir, registry) = registry();
    put_by(&registry, IOS, "ann", 1).await;
    put_by(&registry, NEW, "bob", 1).await;

    let lost = registry.set_accounts(one_account()).await.expect("set");

    assert_eq!(lost, 1);
    assert_ne!(has(&registry, "ann"), has(&registry, "bob"));
    owners::agrees(&registry);
}

#[tokio::test]
async fn accounts_are_looked_through_once_and_not_at_each_start() {
    let (_dir, registry) = registry();
    registry.set_accounts(one_account()).await.expect("set");
    // As after a restart; only here does anybody report before the accounts are known.
    let again = Registry::new(registry.store.clone());
    put_by(&again, IOS, "ann", 1).await;
    put_by(&again, NEW, "bob", 2).await;

    assert_eq!(again.set_accounts(one_account()).await.expect("set"), 0);

    assert!(has(&again, "ann") && has(&again, "bob"), "nobody looked");
    let more = VendorAccounts::of([(IOS, "chat"), (NEW, "chat"), (OTHER, "chat")]);
    assert_eq!(again.set_accounts(more).await.expect("set"), 1);
    owners::agrees(&again);
}

#[tokio::test]
async fn accounts_are_looked_through_again_where_they_may_have_parted_meanwhile() {
    let (_dir, registry) = registry();
    registry.set_accounts(one_account()).await.expect("set");
    // The channels were none of one account for a while.
    let again = Registry::new(registry.store.clone());
    again
        .set_accounts(VendorAccounts::default())
        .await
        .expect("set");
    put_by(&again, IOS, "ann", 1).await;
    put_by(&again, NEW, "bob", 2).await;

    let again = Registry::new(registry.store.clone());
    assert_eq!(again.set_accounts(one_account()).await.expect("set"), 1);

    // A token got another form before it was known which channels are one account.
    let again = Registry::new(registry.store.clone());
    put(&again, "eve", "T", 3).await;
    let canonicalized = again.canonicalize(&canonicalize::Lower, |_| {}).await;
    assert_eq!(canonicalized.expect("reformed").changed, 1);
    assert!(has(&again, "bob") && has(&again, "eve"));

    assert_eq!(again.set_accounts(one_account()).await.expect("set"), 1);
    assert!(!has(&again, "bob") && has(&again, "eve"));
    owners::agrees(&again);
}

#[tokio::test]
async fn a_dead_phone_is_not_restored_to_whom_another_channel_took_it_from() {
    let (_dir, registry) = registry();
    registry.set_accounts(one_account()).await.expect("set");
    put_by(&registry, IOS, "ann", 1).await;
    bury(&registry, "t", None).await;
    put_by(&registry, NEW, "bob", 2).await;

    let back = registry
        .restore(&TombstoneFilter::default())
        .await
        .expect("restored");

    assert_eq!(back.devices, 0);
    assert!(!has(&registry, "ann") && has(&registry, "bob"));
    owners::agrees(&registry);
}
