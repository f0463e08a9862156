//! Service account files as people have them: what a download goes through on its way.

use nudged_fcm::Fcm;
use nudged_plugin_api::{Authorize, Driver, File, SettingError, Settings};
use serde_json::{Value, json};

use crate::account::{NOW, key_file, settings, with_file};

fn with(field: &str, value: impl Into<Value>) -> String {
    let mut file = key_file();
    file[field] = value.into();
    format!("{file:#}")
}

fn pem() -> String {
    key_file()["private_key"].as_str().unwrap().to_owned()
}

fn key_as(bend: impl Fn(String) -> String) -> String {
    with("private_key", bend(pem()))
}

fn open(settings: &Settings) -> Result<Fcm, SettingError> {
    Fcm::open(settings, NOW)
}

/// What Google is asked with: the signed assertion, and where.
fn asked(driver: &Fcm) -> (String, Vec<u8>) {
    match driver.authorize(NOW) {
        Authorize::Fetch(request) => (request.url, request.body),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_key_file_is_read_whatever_it_went_through() {
    let good = format!("{:#}", key_file());
    let right = asked(&open(&settings()).unwrap());
    let email = key_file()["client_email"].as_str().unwrap().to_owned();
    let body: String = pem().lines().filter(|line| !line.contains("KEY")).collect();
    let marked = format!("\u{feff}{good}");
    for (what, file) in [
        ("BOM", marked.clone().into_bytes()),
        (
            "UTF-16",
            marked.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        ),
        ("CRLF", good.replace('\n', "\r\n").into()),
        (
            "escaped twice",
            key_as(|pem| pem.replace('\n', "\\n")).into(),
        ),
        (
            "CRLF in the key",
            key_as(|pem| pem.replace('\n', "\r\n")).into(),
        ),
        (
            "CR in the key",
            key_as(|pem| pem.replace('\n', "\r")).into(),
        ),
        (
            "blanks in the key",
            key_as(|pem| pem.replace('\n', " ")).into(),
        ),
        (
            "no line ends in the key",
            key_as(|pem| pem.replace('\n', "")).into(),
        ),
        (
            "no last line end",
            key_as(|pem| pem.trim_end().to_owned()).into(),
        ),
        (
            "blank lines",
            key_as(|pem| pem.replace('\n', "\n\n")).into(),
        ),
        ("indented", key_as(|pem| pem.replace('\n', "\n    ")).into()),
        ("quoted", key_as(|pem| format!("\"{pem}\"")).into()),
        (
            "unwrapped",
            key_as(|_| format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n"))
                .into(),
        ),
        (
            "a line end in client_email",
            with("client_email", format!("{email}\n")).into(),
        ),
        (
            "blanks around project_id",
            with("project_id", " chat-1a2b3 ").into(),
        ),
        ("no universe", with("universe_domain", Value::Null).into()),
        (
            "token_uri of before 2018",
            with("token_uri", "https://accounts.google.com/o/oauth2/token").into(),
        ),
        (
            "token_uri of v4",
            with("token_uri", "https://www.googleapis.com/oauth2/v4/token").into(),
        ),
        (
            "token_uri with a slash",
            with("token_uri", "https://oauth2.googleapis.com/token/").into(),
        ),
    ] {
        let settings = Settings::new().with("service_account", File::new("key.json", file));
        let driver = open(&settings).unwrap_or_else(|error| panic!("{what}: {error}"));
        assert!(asked(&driver) == right, "{what}");
        assert_eq!(
            driver.grant_scope(),
            open(&crate::account::settings()).unwrap().grant_scope()
        );
    }
}

#[test]
fn a_key_file_that_cannot_be_read_is_called_what_it_is() {
    use base64::Engine as _;
    let good = format!("{:#}", key_file());
    let base64 = base64::prelude::BASE64_STANDARD.encode(&good);
    let camel = json!({"projectId": "chat-1a2b3", "privateKey": pem(), "clientEmail": "a@b.c"});
    let lacking = |field: &str| {
        let mut file = key_file();
        file.as_object_mut().unwrap().remove(field);
        file.to_string()
    };
    for (file, says) in [
        (good.replace("\\n", "\n"), "breaks within a text"),
        (json!(good).to_string(), "put in quotes"),
        (json!([key_file()]).to_string(), "not an object"),
        (format!("// downloaded\n{good}"), "line 1, column 1"),
        (good.replacen("\",\n", "\",,\n", 1), "not JSON at line"),
        (base64, "base64 -d"),
        (camel.to_string(), "Admin SDK"),
        (
            with("universe_domain", "apis-tpczero.goog"),
            "universe_domain",
        ),
        (with("project_id", "Field Project"), "project id"),
        (lacking("private_key_id"), "no field private_key_id"),
        (
            json!({"type": "impersonated_service_account"}).to_string(),
            "impersonated",
        ),
        (
            json!({"type": "external_account"}).to_string(),
            "external_account",
        ),
        (
            json!({"type": "authorized_user"}).to_string(),
            "authorized_user",
        ),
        (
            "<?xml version=\"1.0\"?><plist><dict/></plist>".to_owned(),
            "property list",
        ),
        (
            key_as(|pem| pem[..pem.len() / 2].to_owned()),
            "without its END line",
        ),
        (key_as(|pem| pem.replace("MII", "M*I")), "damaged"),
    ] {
        let error = open(&with_file(&file)).map(|_| ()).unwrap_err();
        assert_eq!(error.setting, "service_account");
        assert!(error.problem.contains(says), "{says}: {error}");
        let told = format!("{} {}", error.problem, error.remedy);
        for word in ["MII", "M*I", "tpczero", "Field", "downloaded"] {
            assert!(!told.contains(word), "{told}");
        }
    }
}

#[test]
fn another_universe_is_served_where_the_operator_names_its_addresses() {
    let file = with("universe_domain", "apis-tpczero.goog");
    let half = with_file(&file).with("endpoint", "https://fcm.apis-tpczero.goog");
    let error = open(&half).map(|_| ()).unwrap_err();
    assert!(error.remedy.contains("endpoint and token_uri"), "{error}");
    let token_uri = "https://oauth2.apis-tpczero.goog/token";
    let driver = open(&half.with("token_uri", token_uri)).unwrap();
    assert_eq!(asked(&driver).0, token_uri);
}
