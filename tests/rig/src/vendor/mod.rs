//! The vendors: how each is configured against its stand-in, and how to read what it got.
//! A further vendor is a further row of [`VENDORS`].

mod furnish;
mod reading;

use nudged_simulator::{Received, Simulator};

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
    /// Reads from the vendor's request what the phone shows, and what the app gets.
    read: fn(&Received) -> Shown,
    /// Any number of tokens, all different and of the vendor's form.
    numbered: fn(usize) -> String,
}

/// The two that most tests need: one with a grant made on the spot, one that is asked for it.
pub const BASICS: [Vendor; 2] = [APNS, FCM];

/// All of them.
pub const VENDORS: [Vendor; 10] = [
    APNS, FCM, XIAOMI, HUAWEI, OPPO, VIVO, MEIZU, TPNS, HONOR, HARMONY,
];

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
    furnish: furnish::apns,
    read: reading::apns,
    numbered: |number| format!("{number:064x}"),
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
    furnish: furnish::fcm,
    read: reading::fcm,
    numbered: |number| format!("dEm0T0ken:APA91b{number:0100}"),
};

/// Xiaomi.
pub const XIAOMI: Vendor = Vendor {
    name: "xiaomi",
    title: "Xiaomi",
    channel: "xiaomi",
    certificate_id: 3,
    user: "xia",
    device: "mi-15",
    platform: "android",
    token: "r3g1dOfXia1AtXiaomiQwertyuiopAsdfghjkl0123456789=",
    furnish: furnish::xiaomi,
    read: reading::xiaomi,
    numbered: |number| format!("r3g1d{number:039}="),
};

/// Huawei, phones with HMS.
pub const HUAWEI: Vendor = Vendor {
    name: "huawei",
    title: "Huawei",
    channel: "huawei",
    certificate_id: 4,
    user: "hua",
    device: "mate-60",
    platform: "android",
    token: "IQAAAACy0kOfHua1AtHuawei0123456789abcdefghijklmnopqrstuvwxyz_-A",
    furnish: furnish::huawei,
    read: reading::huawei,
    numbered: |number| format!("IQAAAACy0{number:056}"),
};

/// OPPO, realme and OnePlus.
pub const OPPO: Vendor = Vendor {
    name: "oppo",
    title: "OPPO",
    channel: "oppo",
    certificate_id: 5,
    user: "otto",
    device: "find-x",
    platform: "android",
    token: "OPPO_CN_0123456789abcdef0123456789abcdef",
    furnish: furnish::oppo,
    read: reading::oppo,
    numbered: |number| format!("OPPO_CN_{number:032x}"),
};

/// vivo and iQOO.
pub const VIVO: Vendor = Vendor {
    name: "vivo",
    title: "vivo",
    channel: "vivo",
    certificate_id: 6,
    user: "viv",
    device: "x200",
    platform: "android",
    token: "12345678901234567890123",
    furnish: furnish::vivo,
    read: reading::vivo,
    numbered: |number| format!("1{number:022}"),
};

/// Meizu.
pub const MEIZU: Vendor = Vendor {
    name: "meizu",
    title: "Meizu",
    channel: "meizu",
    certificate_id: 7,
    user: "mia",
    device: "meizu-21",
    platform: "android",
    token: "RA50c6348036344485d01776773577c64740465480a6b",
    furnish: furnish::meizu,
    read: reading::meizu,
    numbered: |number| format!("RA50{number:040}"),
};

/// Tencent's push service, which has phones of many makers.
pub const TPNS: Vendor = Vendor {
    name: "tpns",
    title: "TPNS",
    channel: "tpns",
    certificate_id: 8,
    user: "tom",
    device: "pad",
    platform: "android",
    token: "0d1a2b3c4e5f60718293a4b5c6d7e8f90a1b",
    furnish: furnish::tpns,
    read: reading::tpns,
    numbered: |number| format!("0d1a{number:032x}"),
};

/// Honor.
pub const HONOR: Vendor = Vendor {
    name: "honor",
    title: "Honor",
    channel: "honor",
    certificate_id: 9,
    user: "hon",
    device: "magic-6",
    platform: "android",
    token: "BEhonorTokenOfHon0123456789abcdefghijklmnopqrstuvwxyz.1",
    furnish: furnish::honor,
    read: reading::honor,
    numbered: |number| format!("BEhon{number:048}"),
};

/// Huawei, phones with HarmonyOS 5 and later.
pub const HARMONY: Vendor = Vendor {
    name: "harmony",
    title: "HarmonyOS",
    channel: "harmony",
    certificate_id: 10,
    user: "hari",
    device: "pura-70",
    platform: "harmony",
    token: "MAMzLgAtHarmony0123456789abcdefghijklmnopqrstuvwxyzABCDEF",
    furnish: furnish::harmony,
    read: reading::harmony,
    numbered: |number| format!("MAMzLg{number:048}"),
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
        // Or tests would differ by the hour in which they run.
        let always = match *name {
            "vivo" => "\n[limits.hours]\noperational = \"\"\n",
            _ => "",
        };
        format!(
            "driver = \"{name}\"\ncertificate_id = {certificate_id}\n\n[settings]\n{settings}\n{more}{always}"
        )
    }

    /// A token that differs from those of other numbers.
    pub fn numbered(&self, number: usize) -> String {
        (self.numbered)(number)
    }

    /// What the phone shows and the app gets.
    pub fn shown(&self, received: &Received) -> Shown {
        (self.read)(received)
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
    /// What a tap opens: `app`, a URL, or a page of the app in the vendor's form.
    pub click: String,
}

/// Settings of an APNs channel that signs with this key.
pub fn apns_settings(simulator: &Simulator, key_file: &str, key_id: &str) -> String {
    format!(
        "key = \"../{key_file}\"\nkey_id = \"{key_id}\"\nteam_id = \"{APNS_TEAM}\"\n\
         topic = \"{APNS_TOPIC}\"\nendpoint = \"{}\"\n",
        simulator.apns().url()
    )
}
