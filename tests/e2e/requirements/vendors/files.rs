//! 2, 5 and 9 with the files that people have: exported twice, pasted through forms, saved by
//! another system's editor.

use nudged_rig::vendor::{APNS, APNS_KEY, APNS_TOPIC, FCM, HARMONY, apns_settings};
use nudged_simulator::ClientCertificate;
use p12_keystore::{Certificate, KeyStore, KeyStoreEntry, PrivateKey, PrivateKeyChain};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use serde_json::Value;

use super::*;
use crate::world::reload;

const PASSWORD: &str = "pass";

/// Certificates of one key with it, PEM.
fn pem(certificates: &[&ClientCertificate]) -> Vec<u8> {
    let all: String = certificates
        .iter()
        .map(|it| it.certificate_pem.as_str())
        .collect();
    (all + &certificates[0].key_pem).into_bytes()
}

/// The same as PKCS#12.
fn p12(certificates: &[&ClientCertificate]) -> Vec<u8> {
    let key = PrivatePkcs8KeyDer::from_pem_slice(certificates[0].key_pem.as_bytes()).unwrap();
    let key = PrivateKey::from_der(key.secret_pkcs8_der()).unwrap();
    let chain = certificates.iter().map(|it| {
        let der = CertificateDer::from_pem_slice(it.certificate_pem.as_bytes()).unwrap();
        Certificate::from_der(&der).unwrap()
    });
    let mut store = KeyStore::new();
    let chain = PrivateKeyChain::new("id", key, chain.collect::<Vec<_>>());
    store.add_entry("push", KeyStoreEntry::PrivateKeyChain(chain));
    store.writer(PASSWORD).write().unwrap()
}

/// Writes the channel of a certificate's file.
fn with_certificate(rig: &Rig, contents: Vec<u8>, more: &str) {
    rig.home.write("push.pem", contents).unwrap();
    let settings = format!(
        "certificate = \"../push.pem\"\ncertificate_password = \"{PASSWORD}\"\n\
         endpoint = \"{}\"\n{more}",
        rig.simulator.apns().url()
    );
    rig.home
        .write_channel(APNS.channel, &APNS.channel_file(&settings, ""))
        .unwrap();
}

async fn serial_that_serves(rig: &Rig) -> Option<String> {
    reload(rig).await;
    send(rig, &APNS, hello()).await.received.client_certificate
}

#[tokio::test]
async fn req_09_of_several_certificates_of_one_key_the_valid_one_for_push_serves() {
    let rig = rig_edited(&[APNS], |_, file| file).await;
    let simulator = &rig.simulator;
    let push = simulator.apns().issue_certificate(APNS_TOPIC, &[], 300);
    let expired = simulator.apns().renew_certificate(&push, APNS_TOPIC, -1);
    let renewed = simulator.apns().renew_certificate(&push, APNS_TOPIC, 400);
    let other_app = simulator
        .apns()
        .renew_certificate(&push, "com.example.other", 500);
    let signing = simulator.apns().issue_distribution_certificate(&push, 600);
    let topic = format!("topic = \"{APNS_TOPIC}\"\n");
    for (file, more, serves) in [
        (pem(&[&expired, &push]), "", &push),
        (pem(&[&push, &expired]), "", &push),
        (p12(&[&expired, &push]), "", &push),
        (p12(&[&push, &expired]), "", &push),
        // Of two that are valid, the renewal.
        (pem(&[&push, &renewed]), "", &renewed),
        (p12(&[&renewed, &push]), "", &renewed),
        // The one that signs apps lasts longer, and does nothing here.
        (pem(&[&signing, &push]), "", &push),
        (pem(&[&push, &signing]), "", &push),
        (p12(&[&signing, &push]), "", &push),
        (p12(&[&push, &signing]), "", &push),
        // The topic says which is meant.
        (
            pem(&[&other_app, &signing, &push, &push]),
            topic.as_str(),
            &push,
        ),
        (pem(&[&push]), "", &push),
    ] {
        with_certificate(&rig, file, more);
        assert_eq!(
            serial_that_serves(&rig).await.as_ref(),
            Some(&serves.serial)
        );
    }
    // Whose fault it is when none of them fits.
    for (file, more, words) in [
        (
            pem(&[&signing]),
            "",
            ["certificate: ", "mark for push", "distribution"],
        ),
        (
            pem(&[&signing, &other_app]),
            topic.as_str(),
            ["topic: ", APNS_TOPIC, "com.example.other"],
        ),
        (
            pem(&[&expired]),
            "",
            ["certificate: ", "expired on", "push.pem"],
        ),
        (
            pem(&[&signing, &expired]),
            "",
            ["distribution", "besides, the certificate in", "expired on"],
        ),
    ] {
        with_certificate(&rig, file, more);
        let told = complaint(&rig).await.expect("refused");
        assert!(words.iter().all(|word| told.contains(word)), "{told}");
    }
}

/// What a text goes through on its way into a file.
fn bent(text: &str) -> Vec<Vec<u8>> {
    let marked = format!("\u{feff}{text}");
    vec![
        text.replace('\n', "\r\n").into(),
        text.replace('\n', "\r").into(),
        text.replace('\n', " ").into(),
        text.replace('\n', "\\n").into(),
        text.replace("-----\n-----", "----------").into(),
        text.trim_end().into(),
        format!("\"{text}\"").into(),
        marked.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        marked.into(),
    ]
}

#[tokio::test]
async fn req_09_a_pem_or_p8_is_read_whatever_its_text_went_through() {
    let rig = rig_edited(&[APNS], |_, file| file).await;
    let certificate = rig.simulator.apns().issue_certificate(APNS_TOPIC, &[], 365);
    let good = String::from_utf8(pem(&[&certificate])).unwrap();
    for file in bent(&good) {
        with_certificate(&rig, file.clone(), "");
        let told = complaint(&rig).await;
        assert_eq!(told, None, "{}", String::from_utf8_lossy(&file));
    }
    let name = format!("AuthKey_{APNS_KEY}.p8");
    let settings = apns_settings(&rig.simulator, &name, APNS_KEY);
    rig.home
        .write_channel(APNS.channel, &APNS.channel_file(&settings, ""))
        .unwrap();
    let good = std::fs::read_to_string(rig.home.path().join(&name)).unwrap();
    for file in bent(&good) {
        rig.home.write(&name, file.clone()).unwrap();
        let told = complaint(&rig).await;
        assert_eq!(told, None, "{}", String::from_utf8_lossy(&file));
    }
    rig.home.write(&name, "-----BEGIN").unwrap();
    let told = complaint(&rig).await.expect("refused");
    assert!(told.contains("PKCS#8 PEM with a P-256 key"), "{told}");
}

#[tokio::test]
async fn req_05_a_service_accounts_key_is_read_whatever_its_text_went_through() {
    let rig = rig_edited(&[FCM, HARMONY], |_, file| file).await;
    for name in ["service-account.json", "harmony-account.json"] {
        let text = std::fs::read(rig.home.path().join(name)).unwrap();
        let whole: Value = serde_json::from_slice(&text).unwrap();
        let pem = whole["private_key"].as_str().unwrap().to_owned();
        for private_key in bent(&pem) {
            let Ok(private_key) = String::from_utf8(private_key) else {
                continue;
            };
            let mut file = whole.clone();
            file["private_key"] = private_key.as_str().into();
            rig.home.write(name, file.to_string()).unwrap();
            assert_eq!(complaint(&rig).await, None, "{name}");
        }
        let marked = format!("\u{feff}{whole:#}");
        let wide = marked.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for file in [marked.replace('\n', "\r\n").into_bytes(), wide] {
            rig.home.write(name, file).unwrap();
            assert_eq!(complaint(&rig).await, None, "{name}");
        }
    }
    reload(&rig).await;
    send(&rig, &FCM, hello()).await;
    send(&rig, &HARMONY, hello()).await;
}
