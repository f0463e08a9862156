//! 40 to 43: where the app's own data arrives, and when it does not.

use nudged_rig::vendor::{OPPO, VENDORS};
use serde_json::{Value, json};

use super::*;

/// What URIs, intents, forms and JSON in JSON are likely to spoil.
const EXT: &str =
    r#"{ "sender" : "ann", "content":"50% #Intent;end \"hi\" <ü> 你好 🎉 \\ / &=+;S.x=1" }"#;

#[tokio::test]
async fn req_40_ext_arrives_byte_for_byte_where_each_vendors_app_reads_it() {
    // It goes with a tap that opens the app, and with one that opens a page of it.
    for opens_page in [false, true] {
        let rig = rig_edited(&VENDORS, |vendor, file| match opens_page {
            true => file + &click("open_page", page(vendor)),
            false => file,
        })
        .await;
        for vendor in &VENDORS {
            let sent = send(&rig, vendor, hello_with(json!({"ext": EXT}))).await;
            let ext = vendor.shown(&sent.received).ext;
            match vendor.name {
                // OPPO takes no text but an object, whose texts arrive byte for byte.
                // And the whole stands beside its keys.
                "oppo" => {
                    let mut expected = parsed(EXT);
                    expected["ext"] = EXT.into();
                    assert_eq!(oppo_parameters(&sent), expected);
                }
                _ => assert_eq!(ext, EXT, "{}", vendor.title),
            }
        }
    }
}

#[tokio::test]
async fn req_41_a_web_page_leaves_ext_behind_and_the_caller_is_told() {
    let rig = rig_edited(&VENDORS, |_, file| file + &click("open_url", URL)).await;
    for vendor in &VENDORS {
        let sent = send(&rig, vendor, hello_with(json!({"ext": EXT}))).await;
        let shown = vendor.shown(&sent.received);
        match vendor.name {
            // They open the app instead, so ext still has a reader.
            "apns" | "fcm" | "harmony" => {
                assert_eq!(shown.ext, EXT, "{}", vendor.title);
                assert_eq!(sent.told, ["message.click"], "{}", vendor.title);
            }
            _ => {
                let text = sent.received.body.to_string();
                assert!(!text.contains("sender"), "{}: {text}", vendor.title);
                assert_eq!(shown.click, URL, "{}", vendor.title);
                assert_eq!(sent.told, ["message.ext"], "{}", vendor.title);
            }
        }
    }
}

#[tokio::test]
async fn req_42_ext_that_is_no_json_object_is_never_lost_in_silence_on_oppo() {
    let rig = rig_edited(&[OPPO], |_, file| file).await;
    for ext in ["plain; text", "[1,2]", "\"text\"", "17", "{\"broken\":"] {
        let sent = send(&rig, &OPPO, hello_with(json!({"ext": ext}))).await;
        let arrived = oppo_parameters(&sent);
        assert_eq!(arrived, json!({"ext": ext}));
        assert_eq!(sent.told, ["message.ext"], "{ext}");
    }
}

#[tokio::test]
async fn req_43_the_keys_of_ext_are_oppos_parameters() {
    let rig = rig_edited(&[OPPO], |_, file| file).await;
    let ext = json!({"room": "7", "sender": "ann"});
    let message = hello_with(json!({"ext": ext.to_string()}));
    let sent = send(&rig, &OPPO, message).await;
    let parameters = oppo_parameters(&sent);
    for key in ["room", "sender"] {
        assert_eq!(parameters[key], ext[key]);
    }
    assert_eq!(sent.told, [""; 0]);
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}
