//! Reload: all of a new configuration is taken into use, or none of it, and no delivery
//! notices.

mod advice;
mod channels;
mod kept;
mod load;
mod mistakes;
mod rules;

use crate::world::to_vendor;
use nudged_rig::{APNS, BASICS, Rig};
use nudged_simulator::ClientCertificate;

async fn it_delivers(rig: &Rig) {
    for vendor in BASICS {
        let event = rig.deliver(&to_vendor(vendor, "hello")).await.unwrap();
        assert_eq!(event["outcome"], "accepted", "{event:#}");
    }
}

fn pem(certificate: &ClientCertificate) -> String {
    certificate.certificate_pem.clone() + &certificate.key_pem
}

fn certificate_settings(rig: &Rig) -> String {
    let endpoint = rig.simulator.apns().url();
    format!("certificate = \"../push.pem\"\nendpoint = \"{endpoint}\"\n")
}

fn write_apns(rig: &Rig, settings: &str) {
    let file = APNS.channel_file(settings, "");
    rig.home.write_channel("ios", &file).unwrap();
}
