use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::*;

const SECRET: &str = "Zp4vQ+9/xK2mT7wLr0cY5hB8nD1sF6gJ";

fn secrets(text: &str) -> Secrets {
    let mut secrets = Secrets::default();
    secrets.add(text);
    secrets
}

#[test]
fn a_secret_is_hidden_in_every_form_that_a_text_gives_it() {
    let secrets = secrets(SECRET);
    let hidden = |text: &str| secrets.hide(text.to_owned());
    assert_eq!(hidden(&format!("wrong {SECRET}!")), "wrong …!");
    assert_eq!(hidden(&format!("wrong {}!", &SECRET[7..19])), "wrong …!");
    let escaped: String = form_urlencoded::byte_serialize(SECRET.as_bytes()).collect();
    assert_eq!(hidden(&format!("?key={escaped}&x=1")), "?key=…&x=1");
    let json = SECRET.replace('/', "\\/");
    assert_eq!(
        hidden(&format!("{{\"key\":\"{json}\"}}")),
        "{\"key\":\"…\"}"
    );
    let wrapped = format!("{}\\n{}", &SECRET[..16], &SECRET[16..]);
    assert_eq!(hidden(&wrapped), "…");
    let hex: String = SECRET.bytes().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hidden(&hex), "…");
    for before in ["", "u", "us", "user:"] {
        let all = format!("{before}{SECRET}, and more");
        for coded in [STANDARD.encode(&all), URL_SAFE_NO_PAD.encode(&all)] {
            let shown = hidden(&coded);
            let left = shown.replace(HIDDEN, "");
            assert!(left.len() < 30, "{before}: {shown}");
            let secret = URL_SAFE_NO_PAD.encode(SECRET);
            for part in 0..secret.len() - 12 {
                assert!(
                    !shown.contains(&secret[part..part + 12]),
                    "{before}: {shown}"
                );
            }
        }
    }
}

#[test]
fn texts_without_a_secret_stay_as_they_are() {
    let secrets = secrets(SECRET);
    for text in [
        "",
        "the vendor said: 401 Unauthorized",
        "Zp4vQ",
        "ümlaut % \\ %zz \\u00zz \\",
        "推送失败",
    ] {
        assert_eq!(secrets.hide(text.to_owned()), text);
    }
    assert_eq!(Secrets::default().hide(SECRET.to_owned()), SECRET);
}

#[test]
fn characters_of_several_bytes_beside_a_secret_stay_whole() {
    let secrets = secrets("pässwörter-sind-länger");
    let shown = secrets.hide("失败: pässwörter-sind-länger失败".to_owned());
    assert_eq!(shown, "失败: …失败");
}

#[test]
fn a_short_secret_is_hidden_as_a_word() {
    let secrets = secrets("test");
    let hidden = |text: &str| secrets.hide(text.to_owned());
    assert_eq!(hidden("password test is wrong"), "password … is wrong");
    assert_eq!(hidden("the latest"), "the latest");
}

#[test]
fn keys_in_a_file_are_secret_and_the_names_beside_them_are_not() {
    let key = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj";
    let pem =
        format!("-----BEGIN PRIVATE KEY-----\n{key}\n{key}\nabCD12==\n-----END PRIVATE KEY-----\n");
    let json = format!(
        "{{\n  \"type\": \"service_account\",\n  \"project_id\": \"my-chat-app-1a2b3c4d5e6f\",\n  \
         \"private_key\": \"{}\",\n  \"client_email\": \"push@my-chat-app.iam.gserviceaccount.com\"\n}}",
        pem.replace('\n', "\\n")
    );
    let joined = pem.replace('\n', "");
    for file in [&pem, &json, &joined, &pem.replace("BEGIN ", "BEGIN")] {
        let mut secrets = Secrets::default();
        secrets.add_file(file.as_bytes());
        for part in [
            key,
            &key[3..15],
            &key[40..52],
            &format!("{}abCD12==", &key[58..]),
        ] {
            assert!(secrets.are_in(part), "{part} of {file}");
        }
        for text in [
            "project my-chat-app-1a2b3c4d5e6f was not found",
            "push@my-chat-app.iam.gserviceaccount.com lacks a permission",
            "has no field auth_provider_x509_cert_url",
            "-----BEGIN PRIVATE KEY-----",
        ] {
            assert_eq!(secrets.hide(text.to_owned()), text);
        }
    }
}

#[test]
fn a_binary_file_is_secret_as_a_whole() {
    let contents: Vec<u8> = (0..=255).rev().collect();
    let mut secrets = Secrets::default();
    secrets.add_file(&contents);
    let coded = STANDARD.encode(&contents);
    assert_eq!(secrets.hide(coded[20..60].to_owned()), HIDDEN);
}
