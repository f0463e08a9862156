//! Dead tokens: one that died after its registration leaves the registry, one that was
//! reported again since stays.

use crate::world::{
    channel, devices, now_ms, prepared, reload_with, rig, text_at, to_user, to_vendor, token,
};
use nudged_rig::{APNS, FCM, RigOptions};
use nudged_simulator::{Fault, FaultKind, Vendor as Service};
use serde_json::{Value, json};

const HOUR_MS: u64 = 3_600_000;

#[tokio::test]
async fn a_token_that_died_before_its_registration_stays() {
    let rig = rig().await;
    rig.register("bob", "phone", "ios", APNS.token)
        .await
        .unwrap();
    rig.simulator
        .apns()
        .unregister_token(APNS.token, now_ms() - HOUR_MS);

    let event = rig.deliver(&to_user("bob", "hello")).await.unwrap();

    assert_eq!(event["outcome"], "invalid_token", "{event:#}");
    assert_eq!(event["code"], "Unregistered");
    assert_eq!(devices(&rig, "bob").await.len(), 1);
    // It is the app's new token that is the same as the old one, so it may live again.
    rig.simulator.apns().register_token(APNS.token);
    let event = rig.deliver(&to_user("bob", "hello")).await.unwrap();
    assert_eq!(event["outcome"], "accepted", "{event:#}");
}

#[tokio::test]
async fn a_token_that_died_after_its_registration_leaves_the_registry() {
    let rig = rig().await;
    rig.register("bob", "phone", "ios", APNS.token)
        .await
        .unwrap();
    rig.register("bob", "tablet", "android", FCM.token)
        .await
        .unwrap();
    rig.simulator
        .apns()
        .unregister_token(APNS.token, now_ms() + HOUR_MS);

    let id = rig.accept(&to_user("bob", "hello")).await.unwrap();

    let events = rig.client.outcomes(&id, 2).await.unwrap();
    let phone = events.iter().find(|it| it["device"] == "phone").unwrap();
    assert_eq!(phone["outcome"], "invalid_token", "{phone:#}");
    let left = devices(&rig, "bob").await;
    assert_eq!(left.len(), 1, "{left:#?}");
    assert_eq!(left[0]["device"], "tablet");
}

/// The drivers of old had no form of tokens, and who cannot be asked has none either: what was
/// queued then is in whatever form it was told.
#[tokio::test]
async fn what_was_queued_before_tokens_had_a_form_costs_the_phone_that_it_died_on() {
    let mut rig = prepared(RigOptions::default()).await;
    let good = std::fs::read_to_string(rig.home.channel_file("ios")).unwrap();
    let bad = good.replace("key_id = ", "kee = 5\nkey_id = ");
    rig.home.write_channel("ios", &bad).unwrap();
    rig.launch().await.unwrap();
    assert_eq!(channel(&rig, "ios").await["state"], "broken");
    let tokens = [token(0xabc), token(0xdef)];
    rig.register("bob", "phone", "ios", &tokens[0])
        .await
        .unwrap();
    let told = tokens.each_ref().map(|token| token.to_uppercase());
    rig.register("ann", "phone", "ios", &told[1]).await.unwrap();
    let mut bare = to_vendor(APNS, "hello");
    bare["to"] = json!([{"channel": "ios", "token": told[0]}]);
    let queued = [
        rig.accept(&bare).await.unwrap(),
        rig.accept(&to_user("ann", "hello")).await.unwrap(),
    ];
    for token in &tokens {
        rig.simulator
            .apns()
            .unregister_token(token, now_ms() + HOUR_MS);
    }

    rig.home.write_channel("ios", &good).unwrap();
    let reload = reload_with(&rig, Value::Null).await;
    reload.expect(200);

    for id in queued {
        let events = rig.client.outcomes(&id, 1).await.unwrap();
        assert_eq!(events[0]["outcome"], "invalid_token", "{events:#?}");
        assert_eq!(events[0]["code"], "Unregistered");
    }
    for user in ["bob", "ann"] {
        assert_eq!(devices(&rig, user).await, Vec::<Value>::new(), "{user}");
    }
}

#[tokio::test]
async fn a_user_whose_last_token_died_is_told_so() {
    let rig = rig().await;
    rig.register("bob", "phone", "ios", APNS.token)
        .await
        .unwrap();
    rig.simulator
        .apns()
        .unregister_token(APNS.token, now_ms() + HOUR_MS);
    rig.deliver(&to_user("bob", "hello")).await.unwrap();

    let accepted = rig
        .client
        .send(&to_user("bob", "hello"))
        .await
        .unwrap()
        .expect(202);

    assert_eq!(accepted["deliveries"], 0);
    let explanation = text_at(&accepted, "/explanation");
    assert!(
        explanation.starts_with("token_dead: bob/phone"),
        "{explanation}"
    );
    assert_eq!(rig.simulator.counts().apns.requests, 1);
}

#[tokio::test]
async fn a_dead_token_without_a_date_leaves_the_registry() {
    let rig = rig().await;
    // Before a success with its settings no device is removed for what may be their fault.
    let event = rig.deliver(&to_vendor(APNS, "hello")).await.unwrap();
    assert_eq!(event["outcome"], "accepted", "{event:#}");
    let bad = FaultKind::Status {
        status: 400,
        reason: Some("BadDeviceToken".into()),
        retry_after: None,
        timestamp_ms: None,
    };
    rig.simulator.fault(Fault::new(bad).of(Service::Apns));
    rig.simulator.fcm().unregister_token(FCM.token);
    for (vendor, code) in [(APNS, "BadDeviceToken"), (FCM, "UNREGISTERED")] {
        rig.register("bob", "phone", vendor.channel, vendor.token)
            .await
            .unwrap();

        let event = rig.deliver(&to_user("bob", "hello")).await.unwrap();

        assert_eq!(event["outcome"], "invalid_token", "{event:#}");
        assert_eq!(event["code"], code);
        assert_eq!(devices(&rig, "bob").await, Vec::<Value>::new());
    }
}
