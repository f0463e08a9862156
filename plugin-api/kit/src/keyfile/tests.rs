use std::fmt::Write as _;

use super::*;

/// A key's worth of bytes that is none.
fn key() -> Vec<u8> {
    let rsa = [0x30, 0x82, 1, 2, 2, 1, 0, 0x30, 0x0d, 6, 9];
    let oid = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1, 5, 0];
    rsa.into_iter().chain(oid).chain(0..=200).collect()
}

fn block(label: &str, der: &[u8]) -> String {
    use base64::Engine as _;
    let base64 = base64::prelude::BASE64_STANDARD.encode(der);
    let mut text = format!("-----BEGIN {label}-----\n");
    for line in base64.as_bytes().chunks(64) {
        let line = std::str::from_utf8(line).expect("base64 is ASCII");
        writeln!(text, "{line}").expect("a String takes everything");
    }
    text + &format!("-----END {label}-----\n")
}

fn pem() -> String {
    block("PRIVATE KEY", &key())
}

/// In UTF-16 of either order.
fn wide(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes).collect()
}

/// Everything that happens to a text with a key in it on its way into a file.
fn bent(pem: &str) -> Vec<(&'static str, Vec<u8>)> {
    let one_line = |glue: &str| pem.replace('\n', glue).into_bytes();
    let lines = |around: fn(&str) -> String| {
        let lines: Vec<String> = pem.lines().map(around).collect();
        lines.join("\n").into_bytes()
    };
    let marked = format!("\u{feff}{pem}");
    vec![
        ("as it was", pem.into()),
        ("CRLF", one_line("\r\n")),
        ("CR", one_line("\r")),
        ("no last line end", pem.trim_end().into()),
        ("blanks for line ends", one_line(" ")),
        ("no line ends", one_line("")),
        ("backslash n", one_line("\\n")),
        ("backslash r, backslash n", one_line("\\r\\n")),
        ("escaped twice", one_line("\\\\n")),
        ("blank lines", one_line("\n\n")),
        ("indented", lines(|line| format!("    {line}"))),
        ("blanks behind", lines(|line| format!("{line}  "))),
        ("no-break spaces", one_line("\u{a0}\n")),
        ("quoted", format!("\"{pem}\"").into()),
        (
            "a quoted word",
            format!("'{}'\n", pem.replace('\n', "\\n")).into(),
        ),
        ("lines of a script", lines(|line| format!("\"{line}\\n\""))),
        (
            "blanks in the dashes",
            pem.replace("-----B", "----- B")
                .replace("Y-----", "Y -----")
                .into(),
        ),
        (
            "drawn dashes",
            pem.replace("-----", "\u{2014}\u{2014}-").into(),
        ),
        (
            "bag attributes",
            format!(
                "Bag Attributes\n    friendlyName: Ann\nKey Attributes: <No Attributes>\n{pem}"
            )
            .into(),
        ),
        ("UTF-8 with a mark", marked.clone().into()),
        ("UTF-16", wide(&marked, u16::to_le_bytes)),
        ("UTF-16, other order", wide(&marked, u16::to_be_bytes)),
        ("UTF-16 without a mark", wide(pem, u16::to_le_bytes)),
        ("padding lost", pem.replace('=', "").into()),
    ]
}

#[test]
fn a_key_is_read_whatever_its_text_went_through() {
    for (what, contents) in bent(&pem()) {
        assert_eq!(pkcs8(&contents), Ok(key()), "{what}");
    }
}

#[test]
fn blocks_are_read_in_their_order_whatever_the_file_went_through() {
    let (certificate, key) = (vec![0x30, 3, 2, 1, 7], key());
    let two = block("CERTIFICATE", &certificate) + &block("PRIVATE KEY", &key);
    let glued = two.replace("-----\n-----", "----------");
    assert_ne!(glued, two);
    let mut all = bent(&two);
    all.push(("glued", glued.into()));
    for (what, contents) in all {
        let text = text(&contents).unwrap_or_else(|| panic!("{what}"));
        let found = blocks(&text).unwrap_or_else(|broken| panic!("{what}: {broken}"));
        let found: Vec<_> = found.into_iter().map(|it| (it.label, it.der)).collect();
        let expected = [
            (Label::Certificate, certificate.clone()),
            (Label::PrivateKey, key.clone()),
        ];
        assert_eq!(found, expected, "{what}");
    }
}

#[test]
fn what_is_no_key_is_called_what_it_seems_to_be() {
    let named = |label: &str| block(label, &[0x30, 0, 1]);
    use base64::Engine as _;
    let base64 = |bytes: &[u8]| base64::prelude::BASE64_STANDARD.encode(bytes);
    let body: String = pem().lines().filter(|line| !line.contains("KEY")).collect();
    let cut = pem().replace("-----END", "END");
    for (text, instead) in [
        (" \n".to_owned(), Instead::Empty),
        ("hello".to_owned(), Instead::Text),
        ("/etc/keys/push.p8".to_owned(), Instead::Path),
        ("{\"type\": 1}".to_owned(), Instead::Json),
        (body, Instead::BareBase64),
        (base64(pem().as_bytes()), Instead::Base64OfPem),
        (cut, Instead::Broken(Broken::NoEnd(Label::PrivateKey))),
        (
            pem().replace("MII", "M%I"),
            Instead::Broken(Broken::NotBase64(Label::PrivateKey)),
        ),
        (
            block("PRIVATE KEY", b""),
            Instead::Broken(Broken::NotBase64(Label::PrivateKey)),
        ),
        (pem() + &block("PRIVATE KEY", b"other"), Instead::SeveralKeys),
        (named("CERTIFICATE"), Instead::Certificate),
        (named("NEW CERTIFICATE REQUEST"), Instead::Request),
        (named("PUBLIC KEY"), Instead::PublicKey),
        (named("RSA PRIVATE KEY"), Instead::RsaPrivateKey),
        (named("EC PARAMETERS") + &named("EC PRIVATE KEY"), Instead::EcPrivateKey),
        (named("ENCRYPTED PRIVATE KEY"), Instead::Encrypted),
        (
            "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: DES-EDE3-CBC,00\n\n\
             AAAA\n-----END RSA PRIVATE KEY-----\n"
                .to_owned(),
            Instead::Encrypted,
        ),
        (named("OPENSSH PRIVATE KEY"), Instead::OpensshPrivateKey),
        (named("PGP MESSAGE"), Instead::OtherBlock),
    ] {
        assert_eq!(pkcs8(text.as_bytes()), Err(instead), "{text}");
    }
    assert_eq!(pkcs8(&[0x30, 0x82, 0xff, 0xfe]), Err(Instead::Der));
    assert_eq!(pkcs8(&[0xff, 0, 1]), Err(Instead::Binary));
    // The same key twice is one key, and a certificate beside it is none of our business.
    let twice = named("CERTIFICATE") + &pem() + &pem();
    assert_eq!(pkcs8(twice.as_bytes()), Ok(key()));
}

#[test]
fn nothing_that_is_said_of_a_file_repeats_it() {
    let labels = ["SECRET", "PRIVATE KEY SECRET"];
    for text in labels.iter().flat_map(|label| {
        let whole = block(label, b"SECRET");
        [whole.clone(), whole.replace("END", "")]
    }) {
        let instead = pkcs8(text.as_bytes()).expect_err("no key");
        assert!(!format!("{instead} {instead:?}").contains("SECRET"));
        assert!(!format!("{:?}", blocks(&text)).contains("SECRET"));
    }
}

#[test]
fn no_text_makes_the_reader_fail_or_forget_where_it_is() {
    let whole = pem() + &block("CERTIFICATE", b"\x30\x00");
    for (at, _) in whole.char_indices() {
        for change in ["", "-", "\u{2014}", "\\", "BEGIN ", "-----END "] {
            let text = format!("{}{change}{}", &whole[..at], &whole[at..]);
            let _ = (blocks(&text), has_block(&text), pkcs8(text.as_bytes()));
            let _ = blocks(&whole[..at]);
        }
    }
    let many = "-----BEGIN A-----".repeat(10_000);
    assert_eq!(blocks(&many), Err(Broken::NoEnd(Label::Other)));
    assert_eq!(blocks(&"-- ".repeat(100_000)), Ok(vec![]));
}

mod objects {
    use super::*;

    #[test]
    fn a_json_key_file_is_read_in_any_encoding() {
        let file = "{\r\n  \"type\": \"service_account\"\r\n}";
        let marked = format!("\u{feff}{file}");
        for contents in [
            file.into(),
            marked.clone().into(),
            format!("\n {file}\n").into(),
            wide(&marked, u16::to_le_bytes),
        ] {
            let object = object(&contents).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(object["type"], "service_account");
        }
    }

    #[test]
    fn what_is_no_object_is_named_with_its_place() {
        use base64::Engine as _;
        let base64 = base64::prelude::BASE64_STANDARD.encode("{\"type\": 1}");
        for (text, expected) in [
            ("", NoObject::Empty),
            ("\u{feff} \n", NoObject::Empty),
            ("[{}]", NoObject::NotObject),
            (r#""{\"type\": 1}""#, NoObject::Twice),
            (&base64, NoObject::Base64),
            (&pem(), NoObject::BarePem),
            ("<?xml version=\"1.0\"?><plist/>", NoObject::Plist),
            ("{\n\"key\": \"a\nb\"}", NoObject::LineBreak(2)),
            ("{\"a\": 1,\n}", NoObject::NotJson(2, 1)),
            ("\n// new\n{}", NoObject::NotJson(2, 1)),
        ] {
            assert_eq!(object(text.as_bytes()), Err(expected), "{text}");
        }
        assert_eq!(object(&[0x30, 0xff, 0]), Err(NoObject::Binary));
    }

    #[test]
    fn a_service_accounts_key_is_rsa() {
        assert_eq!(rsa_key(&pem()), Ok(key()));
        let p256 = [0x30, 2, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
        for (text, word) in [
            (block("PRIVATE KEY", &p256), "a P-256 key"),
            (block("RSA PRIVATE KEY", &key()), "PKCS#1"),
            (" ".to_owned(), "empty"),
        ] {
            let problem = rsa_key(&text).expect_err("no such key");
            assert!(problem.contains(word), "{problem}");
        }
    }
}
