//! A device's token has one form.

use nudged_plugin_api::{Driver, EncodeError};

use crate::account::key_channel;

fn form(token: &str) -> Result<String, EncodeError> {
    key_channel().token(token)
}

const FORM: &str = "b0bb0bb0bb0bb0bb0bb0bb0bb0bb0bb0bb0bb0bb0bb0bb0bb0bb0bb0bb0bb0d1";

#[test]
fn a_token_has_one_form_however_an_app_wrote_it() {
    for token in [
        FORM,
        &FORM.to_uppercase(),
        "<b0bb0bb0 bb0bb0bb 0bb0bb0b b0bb0bb0 bb0bb0bb 0bb0bb0b b0bb0bb0 bb0bb0d1>",
        &format!(" {FORM}\n"),
        "B0BB0BB0-BB0BB0BB-0BB0BB0B-B0BB0BB0-BB0BB0BB-0BB0BB0B-B0BB0BB0-BB0BB0D1",
    ] {
        assert_eq!(form(token).as_deref(), Ok(FORM), "{token:?}");
    }
    let longest = "ab".repeat(100);
    assert_eq!(form(&longest), Ok(longest.clone()));
}

#[test]
fn what_is_none_is_told_for_what_it_is() {
    for (token, told) in [
        ("", "is empty"),
        ("<>", "is empty"),
        ("null", "prints for nothing"),
        ("(null)", "prints for nothing"),
        ("NIL", "prints for nothing"),
        ("abc", "3 hexadecimal digits, half a byte"),
        (&"ab".repeat(101), "202 hexadecimal digits, more than 200"),
        ("sLuwq7C7C7sLuwq7C7sLuwq7C7sLuwq7C7sLuwq7C7s=", "base64"),
        (
            "{length = 32, bytes = 0xb0bb0bb0 bb0bb0bb ... bb0bb0d8 }",
            "description of an NSData",
        ),
        ("dEm0T0kenOfAlice:APA91bF_a-long-one", "driver fcm"),
        ("ab/cd/", "is not hexadecimal"),
        ("é", "is not hexadecimal"),
    ] {
        let error = form(token).expect_err(token);
        assert_eq!((&*error.code, &*error.field), ("BadToken", "token"));
        assert!(error.problem.contains(told), "{token}: {}", error.problem);
        assert!(!error.problem.contains("notification"), "{token}");
        assert!(error.problem.contains("the app must report"), "{token}");
    }
}
