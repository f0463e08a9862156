use super::*;
use crate::vendors::Vendor;

fn take(plan: &mut FaultPlan, vendor: Vendor, token: &str, now_ms: u64) -> Option<FaultKind> {
    let target = FaultTarget {
        vendor,
        is_grant: vendor == Vendor::Oauth,
        targets: &[token.to_owned()],
    };
    plan.take(target, now_ms)
}

fn plan(fault: Fault) -> FaultPlan {
    let mut plan = FaultPlan::default();
    plan.add(fault, 1_000);
    plan
}

#[test]
fn a_fault_is_used_up_after_its_times() {
    let mut plan = plan(Fault::new(FaultKind::Reset).times(2));

    let taken: Vec<_> = (0..3)
        .map(|_| take(&mut plan, Vendor::Apns, "t", 1_000))
        .collect();

    let reset = Some(FaultKind::Reset);
    assert_eq!(taken, [reset.clone(), reset, None]);
    assert!(plan.is_empty());
}

#[test]
fn a_fault_ends_when_its_time_is_over() {
    let mut fault = Fault::new(FaultKind::Drop);
    fault.for_ms = Some(500);
    let mut plan = plan(fault);

    assert_eq!(
        take(&mut plan, Vendor::Fcm, "t", 1_499),
        Some(FaultKind::Drop)
    );
    assert_eq!(take(&mut plan, Vendor::Fcm, "t", 1_500), None);
}

#[test]
fn a_fault_for_one_token_spares_the_others() {
    let mut plan = plan(
        Fault::new(FaultKind::GoAway)
            .of(Vendor::Apns)
            .for_token("a"),
    );

    assert_eq!(take(&mut plan, Vendor::Apns, "b", 1_000), None);
    assert_eq!(take(&mut plan, Vendor::Fcm, "a", 1_000), None);
    assert_eq!(
        take(&mut plan, Vendor::Apns, "a", 1_000),
        Some(FaultKind::GoAway)
    );
}

#[test]
fn the_token_endpoint_meets_only_faults_meant_for_it() {
    let mut everything = plan(Fault::new(FaultKind::Reset));
    let refusal = FaultKind::OauthStatus {
        status: 400,
        error: "invalid_grant".into(),
    };
    let mut oauth = plan(Fault::new(refusal.clone()));

    assert_eq!(take(&mut everything, Vendor::Oauth, "x", 1_000), None);
    assert_eq!(take(&mut oauth, Vendor::Fcm, "x", 1_000), None);
    assert_eq!(take(&mut oauth, Vendor::Oauth, "x", 1_000), Some(refusal));
}

#[test]
fn a_vendor_tells_a_grant_from_a_push() {
    let grant = FaultTarget {
        vendor: Vendor::Huawei,
        is_grant: true,
        targets: &["app".to_owned()],
    };
    let push = FaultTarget {
        is_grant: false,
        ..grant
    };
    let refusal = FaultKind::OauthStatus {
        status: 400,
        error: "1101".into(),
    };
    let mut everything = plan(Fault::new(FaultKind::Drop).of(Vendor::Huawei));
    let mut other = plan(Fault::new(refusal.clone()).of(Vendor::Honor));
    let mut refusals = plan(Fault::new(refusal.clone()));

    assert_eq!(everything.take(grant, 1_000), None);
    assert_eq!(everything.take(push, 1_000), Some(FaultKind::Drop));
    assert_eq!(other.take(grant, 1_000), None);
    assert_eq!(refusals.take(push, 1_000), None);
    assert_eq!(refusals.take(grant, 1_000), Some(refusal));
}

#[test]
fn a_fault_for_one_token_hits_the_batch_that_holds_it() {
    let batch = ["a".to_owned(), "b".to_owned()];
    let target = |targets| FaultTarget {
        vendor: Vendor::Meizu,
        is_grant: false,
        targets,
    };
    let mut plan = plan(Fault::new(FaultKind::Reset).for_token("b"));

    assert_eq!(plan.take(target(&batch[..1]), 1_000), None);
    assert_eq!(plan.take(target(&batch), 1_000), Some(FaultKind::Reset));
}

#[test]
fn a_vendor_is_named_alike_in_records_and_json() {
    for (index, vendor) in Vendor::ALL.into_iter().enumerate() {
        assert_eq!(serde_json::json!(vendor), vendor.name());
        // The record keeps accounts by this number.
        assert_eq!(vendor as usize, index);
    }
}

#[test]
fn faults_are_written_in_plain_json() {
    let fault: Fault = serde_json::from_str(
        r#"{"vendor":"apns","times":1,"kind":{"status":{"status":429,"retry_after":"7"}}}"#,
    )
    .unwrap();

    assert_eq!(fault.vendor, Some(Vendor::Apns));
    assert!(matches!(fault.kind, FaultKind::Status { status: 429, .. }));
    let plain: Fault = serde_json::from_str(r#"{"kind":"go_away"}"#).unwrap();
    assert_eq!(plain, Fault::new(FaultKind::GoAway));
}

#[test]
fn a_fault_of_every_third_request_spares_two_of_three() {
    let mut plan = plan(Fault::new(FaultKind::GoAway).of(Vendor::Fcm).every(3));

    // What it does not fit does not count.
    assert_eq!(take(&mut plan, Vendor::Apns, "t", 1_000), None);
    let met: Vec<_> = (0..6)
        .map(|_| take(&mut plan, Vendor::Fcm, "t", 1_000).is_some())
        .collect();

    assert_eq!(met, [false, false, true, false, false, true]);
}

#[test]
fn a_fault_of_connections_hits_no_request() {
    let mut plan = plan(Fault::new(FaultKind::Mute).of(Vendor::Fcm).times(1));
    plan.add(Fault::new(FaultKind::Drop), 1_000);

    let of_request = take(&mut plan, Vendor::Fcm, "t", 1_000);

    assert_eq!(of_request, Some(FaultKind::Drop));
    assert_eq!(plan.take_of_connections(Vendor::Apns, 1_000), None);
    let of_connection = plan.take_of_connections(Vendor::Fcm, 1_000);
    assert_eq!(of_connection, Some(FaultKind::Mute));
    assert_eq!(plan.take_of_connections(Vendor::Fcm, 1_000), None);
}
