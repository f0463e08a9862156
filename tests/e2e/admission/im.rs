//! A chat server's own bodies, through the real daemon and drivers.

use http::Method;
use nudged_rig::{APNS, VENDORS};
use serde_json::{Value, json};

use crate::world::{only_taken, problem, rig, rig_of, text, text_at};

/// Every field that there is.
const FULL: &str = include_str!("../../../daemon/src/api/im/tests/full.json");
const PATH: &str = "/v1/im/messages?call=sendmsg";

#[tokio::test]
async fn every_driver_takes_the_options_that_tencents_fields_become() {
    let rig = rig_of(&VENDORS).await;
    for vendor in VENDORS {
        rig.register("bob", vendor.name, vendor.channel, vendor.token)
            .await
            .unwrap();
    }

    // Xiaomi takes no channel that was not applied for.
    let body = FULL.replace("mi-1", "news");
    let answer = rig
        .client
        .raw(Method::POST, PATH, "application/json", body)
        .await
        .unwrap()
        .expect(202);

    assert_eq!(answer["ActionStatus"], "OK", "{answer:#}");
    assert_eq!(answer["TaskId"], answer["id"], "{answer:#}");
    assert_eq!(answer["deliveries"], VENDORS.len(), "{answer:#}");
    let id = text_at(&answer, "/id");
    let events = rig.client.outcomes(id, VENDORS.len()).await.unwrap();
    for event in events {
        assert_eq!(event["outcome"], "accepted", "{event:#}");
    }
    let shown = only_taken(&rig, APNS).body;
    assert_eq!(shown["aps"]["interruption-level"], "time-sensitive");
    assert_eq!(shown["ext"], "{\"room\": 7}");
}

#[tokio::test]
async fn a_body_that_is_not_understood_is_refused_with_its_own_path() {
    let rig = rig().await;
    let mut body: Value = serde_json::from_str(FULL).unwrap();
    body["OfflinePushInfo"]["AndroidInfo"]["OPPONotifyLevel"] = json!(3);
    let refused = problem(rig.client.post(PATH, &body).await.unwrap(), 422, "invalid");
    let field = "OfflinePushInfo.AndroidInfo.OPPONotifyLevel";
    assert_eq!(text(&refused, "field"), field, "{refused:#}");

    for path in ["/v1/im/messages", "/v1/im/messages?call=im_push"] {
        let refused = problem(
            rig.client.post(path, &body).await.unwrap(),
            400,
            "bad_request",
        );
        assert_eq!(text(&refused, "field"), "call", "{refused:#}");
    }
}
