//! Reload: all of a new configuration is taken into use, or none of it, and no delivery
//! notices.

mod advice;
mod channels;
mod kept;
mod load;
mod mistakes;
mod rules;

use nudged_rig::{APNS, BASICS, Rig, Vendor};
use nudged_simulator::ClientCertificate;
use serde_json::{Value, json};

async fn reload(rig: &Rig) -> Value {
    let reply = rig.client.post("/v1/reload", &Value::Null).await;
    reply.unwrap().expect(200)
}

async fn it_delivers(rig: &Rig) {
    for vendor in BASICS {
        let event = rig.deliver(&to_vendor(vendor)).await.unwrap();
        assert_eq!(event["outcome"], "accepted", "{event:#}");
    }
}

fn to_vendor(vendor: Vendor) -> Value {
    json!({
        "to": [{"channel": vendor.channel, "token": vendor.token}],
        "message": {"title": "Carol", "body": "hello"},
    })
}

fn pem(certificate: &ClientCertificate) -> String {
    certificate.certificate_pem.clone() + &certificate.key_pem
}

fn certificate_settings(rig: &Rig) -> String {
    let endpoint = rig.simulator.apns_url();
    format!("certificate = \"../push.pem\"\nendpoint = \"{endpoint}\"\n")
}

fn write_apns(rig: &Rig, settings: &str) {
    let file = APNS.channel_file(settings, "");
    rig.home.write_channel("ios", &file).unwrap();
}

/// Changes a file of the configuration, all of it in one moment.
fn edit(rig: &Rig, name: &str, from: &str, to: &str) {
    let before = std::fs::read_to_string(rig.home.path().join(name)).unwrap();
    let after = before.replacen(from, to, 1);
    assert_ne!(before, after, "{from} is not in {name}");
    rig.home.write(name, after).unwrap();
}
