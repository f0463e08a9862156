//! The vendors: how each is configured against its stand-in, and how to read what it got.
//! A further vendor is a further row of [`VENDORS`].

use nudged_simulator::{Received, Simulator};
use serde_json::Value;

use crate::home::Home;

/// A vendor as the rig knows it.
#[derive(Debug, Clone, Copy)]
pub struct Vendor {
    /// Name in the records of the simulator, and of the driver.
    pub name: &'static str,
    /// Name for people.
    pub title: &'static str,
    /// The channel.
    pub channel: &'static str,
    /// Its certificate id.
    pub certificate_id: u32,
    /// A user, one device of which this vendor reaches.
    pub user: &'static str,
    /// That device.
    pub device: &'static str,
    /// What the device runs.
    pub platform: &'static str,
    /// That device's token.
    pub token: &'static str,
    /// Writes the credentials and returns the `[settings]` of the channel.
    furnish: fn(&Simulator, &Home) -> std::io::Result<String>,
    /// Where title, body and ext stand in the vendor's JSON.
    title_at: &'static str,
    body_at: &'static str,
    ext_at: &'static str,
    /// Headers that people want to see.
    pub telling_headers: &'static [&'static str],
}

/// All of them.
pub const VENDORS: [Vendor; 2] = [APNS, FCM];

/// Apple.
pub const APNS: Vendor = Vendor {
    name: "apns",
    title: "APNs",
    channel: "ios",
    certificate_id: 1,
    user: "bob",
    device: "phone",
    platform: "ios",
    token: "b0bb0bb0bb0bb0bb0bb0bb0bb0bb0bb0bb0bb0bb0bb0bb0bb0bb0bb0bb0bb0b1",
    furnish: furnish_apns,
    title_at: "/aps/alert/title",
    body_at: "/aps/alert/body",
    ext_at: "/ext",
    telling_headers: &["apns-topic", "apns-push-type", "apns-priority"],
};

/// Google.
pub const FCM: Vendor = Vendor {
    name: "fcm",
    title: "FCM",
    channel: "android",
    certificate_id: 2,
    user: "alice",
    device: "pixel",
    platform: "android",
    token: "dEm0T0kenOfAlice:APA91bF_a-long-registration-token-as-firebase-gives-it-0123456789abcdefghijklmnopqrstuvwxyz",
    furnish: furnish_fcm,
    title_at: "/message/notification/title",
    body_at: "/message/notification/body",
    ext_at: "/message/data/ext",
    telling_headers: &["content-type"],
};

/// Team of the provider keys.
pub const APNS_TEAM: &str = "SIMTEAM001";
/// Key id of the first provider key.
pub const APNS_KEY: &str = "SIMKEY0001";
/// Bundle ID of the app.
pub const APNS_TOPIC: &str = "com.example.chat";
/// Firebase project of the app.
pub const FCM_PROJECT: &str = "simulated-project";

impl Vendor {
    /// Writes credentials and channel file; `more` is TOML for its end, such as `[limits]`.
    pub fn furnish(&self, simulator: &Simulator, home: &Home, more: &str) -> std::io::Result<()> {
        let settings = (self.furnish)(simulator, home)?;
        let text = self.channel_file(&settings, more);
        home.write_channel(self.channel, &text)
    }

    /// The channel file with these settings.
    pub fn channel_file(&self, settings: &str, more: &str) -> String {
        let Vendor {
            name,
            certificate_id,
            ..
        } = self;
        format!(
            "driver = \"{name}\"\ncertificate_id = {certificate_id}\n\n[settings]\n{settings}\n{more}"
        )
    }

    /// Title, body and ext as they arrived.
    pub fn shown(&self, received: &Received) -> Shown {
        let at = |pointer| {
            received
                .body
                .pointer(pointer)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        Shown {
            title: at(self.title_at),
            body: at(self.body_at),
            ext: at(self.ext_at),
        }
    }
}

/// What a phone would show, and the app get.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// First line.
    pub title: String,
    /// Text.
    pub body: String,
    /// The app's own data.
    pub ext: String,
}

/// Settings of an APNs channel that signs with this key.
pub fn apns_settings(simulator: &Simulator, key_file: &str, key_id: &str) -> String {
    format!(
        "key = \"../{key_file}\"\nkey_id = \"{key_id}\"\nteam_id = \"{APNS_TEAM}\"\n\
         topic = \"{APNS_TOPIC}\"\nendpoint = \"{}\"\n",
        simulator.apns_url()
    )
}

fn furnish_apns(simulator: &Simulator, home: &Home) -> std::io::Result<String> {
    let key = simulator.apns_key(APNS_TEAM, APNS_KEY, &[APNS_TOPIC]);
    let file = format!("AuthKey_{APNS_KEY}.p8");
    home.write(&file, key)?;
    Ok(apns_settings(simulator, &file, APNS_KEY))
}

fn furnish_fcm(simulator: &Simulator, home: &Home) -> std::io::Result<String> {
    home.write(
        "service-account.json",
        simulator.fcm_service_account(FCM_PROJECT),
    )?;
    Ok(format!(
        "service_account = \"../service-account.json\"\nendpoint = \"{}\"\ntoken_uri = \"{}\"\n",
        simulator.fcm_url(),
        simulator.token_url()
    ))
}
