//! What a customer has from each vendor's console, as files and `[settings]` of a channel.

use std::io;

use nudged_simulator::{Simulator, Vendor};

use super::{APNS_KEY, APNS_TEAM, APNS_TOPIC, FCM_PROJECT, apns_settings};
use crate::home::Home;

pub fn apns(simulator: &Simulator, home: &Home) -> io::Result<String> {
    let key = simulator.apns().add_key(APNS_TEAM, APNS_KEY, &[APNS_TOPIC]);
    let file = format!("AuthKey_{APNS_KEY}.p8");
    home.write(&file, key)?;
    Ok(apns_settings(simulator, &file, APNS_KEY))
}

pub fn fcm(simulator: &Simulator, home: &Home) -> io::Result<String> {
    home.write(
        "service-account.json",
        simulator.fcm().add_service_account(FCM_PROJECT),
    )?;
    Ok(format!(
        "service_account = \"../service-account.json\"\nendpoint = \"{}\"\ntoken_uri = \"{}\"\n",
        simulator.fcm().url(),
        simulator.fcm().token_url()
    ))
}

/// Package of the app on every Android phone.
const PACKAGE: &str = "com.example.chat";
/// The activity that the launcher starts.
pub const LAUNCHER: &str = "com.example.chat.MainActivity";

pub fn xiaomi(simulator: &Simulator, _: &Home) -> io::Result<String> {
    simulator.xiaomi().add_account(PACKAGE, "xiaomi-app-secret");
    simulator
        .xiaomi()
        .add_channel("xiaomi-app-secret", "chat", true);
    simulator
        .xiaomi()
        .add_channel("xiaomi-app-secret", "news", false);
    Ok(format!(
        "app_secret = \"xiaomi-app-secret\"\npackage = \"{PACKAGE}\"\nendpoint = \"{}\"\n",
        simulator.vendor(Vendor::Xiaomi).url()
    ))
}

pub fn huawei(simulator: &Simulator, _: &Home) -> io::Result<String> {
    simulator
        .huawei()
        .add_account("100012345", "huawei-app-secret");
    let url = simulator.vendor(Vendor::Huawei).url();
    Ok(format!(
        "app_id = \"100012345\"\napp_secret = \"huawei-app-secret\"\n\
         package = \"{PACKAGE}\"\nlauncher_activity = \"{LAUNCHER}\"\n\
         category = \"IM\"\nendpoint = \"{url}\"\n\
         token_url = \"{url}/oauth2/v3/token\"\n"
    ))
}

pub fn oppo(simulator: &Simulator, _: &Home) -> io::Result<String> {
    simulator
        .oppo()
        .add_account("oppo-app-key", "oppo-master-secret");
    let url = simulator.vendor(Vendor::Oppo).url();
    Ok(format!(
        "app_key = \"oppo-app-key\"\nmaster_secret = \"oppo-master-secret\"\n\
         channel_id = \"chat\"\ncategory = \"IM\"\nendpoint = \"{url}\"\n\
         token_url = \"{url}/server/v1/auth\"\n"
    ))
}

pub fn vivo(simulator: &Simulator, _: &Home) -> io::Result<String> {
    simulator
        .vivo()
        .add_account(105_000_001, "vivo-app-key", "vivo-app-secret");
    let url = simulator.vendor(Vendor::Vivo).url();
    Ok(format!(
        "app_id = 105000001\napp_key = \"vivo-app-key\"\napp_secret = \"vivo-app-secret\"\n\
         category = \"IM\"\nendpoint = \"{url}\"\ntoken_url = \"{url}/message/auth\"\n"
    ))
}

pub fn meizu(simulator: &Simulator, _: &Home) -> io::Result<String> {
    simulator.meizu().add_account("110000", "meizu-app-secret");
    Ok(format!(
        "app_id = \"110000\"\napp_secret = \"meizu-app-secret\"\n\
         message_type = \"private\"\nendpoint = \"{}\"\n",
        simulator.vendor(Vendor::Meizu).url()
    ))
}

pub fn tpns(simulator: &Simulator, _: &Home) -> io::Result<String> {
    simulator
        .tpns()
        .add_account("1500001048", "tpns-secret-key");
    Ok(format!(
        "access_id = \"1500001048\"\nsecret_key = \"tpns-secret-key\"\n\
         platform = \"android\"\nendpoint = \"{}\"\n",
        simulator.vendor(Vendor::Tpns).url()
    ))
}

pub fn honor(simulator: &Simulator, _: &Home) -> io::Result<String> {
    simulator
        .honor()
        .add_account("104000000", "honor-client-id", "honor-client-secret");
    let url = simulator.vendor(Vendor::Honor).url();
    Ok(format!(
        "app_id = \"104000000\"\nclient_id = \"honor-client-id\"\n\
         client_secret = \"honor-client-secret\"\nimportance = \"NORMAL\"\n\
         package = \"{PACKAGE}\"\nlauncher_activity = \"{LAUNCHER}\"\n\
         endpoint = \"{url}\"\ntoken_url = \"{url}/auth/token\"\n"
    ))
}

pub fn harmony(simulator: &Simulator, home: &Home) -> io::Result<String> {
    home.write(
        "harmony-account.json",
        simulator
            .harmony()
            .add_service_account("100000000000000001"),
    )?;
    simulator
        .harmony()
        .add_app("100000000000000001", "1234567890");
    Ok(format!(
        "service_account = \"../harmony-account.json\"\ncategory = \"IM\"\n\
         client_id = \"1234567890\"\nendpoint = \"{}\"\n",
        simulator.vendor(Vendor::Harmony).url()
    ))
}
