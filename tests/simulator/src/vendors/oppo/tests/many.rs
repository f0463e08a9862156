//! Saved texts, broadcasts and batches.

use super::*;

#[test]
fn a_saved_text_is_sent_to_many() {
    let oppo = oppo();
    let customers = oppo.world.customers(Vendor::Oppo);
    customers.set_condition("b", "10000");
    customers.set_condition("d", "user_daily_limit");
    let saved = save(&oppo, &notification());
    assert_eq!(saved.code(), "0");
    assert!(saved.received.is_none() && saved.reached.is_empty());
    let id = saved.body["data"]["message_id"].as_str().unwrap();

    let answer = broadcast(&oppo, id, "a;b;c;d");

    assert_eq!(answer.code(), "0");
    let data = &answer.body["data"];
    assert_eq!(
        (&data["message_id"], &data["10000"]),
        (&json!(id), &json!(["b"]))
    );
    let received = answer.received.unwrap();
    assert_eq!(data["task_id"], *received.vendor_id);
    assert_eq!(received.tokens, ["a", "c"]);
    assert_eq!(received.body["saved"], notification());
    assert_eq!(received.body["push"]["target_value"], "a;b;c;d");
}

#[test]
fn a_text_is_saved_only_in_good_form_and_once() {
    let oppo = oppo();
    for (changes, code) in [
        (&[("title", json!("x".repeat(51)))][..], "41"),
        (&[("off_line_ttl", json!("86400s"))], "41"),
        (&[("off_line", json!("1"))], "41"),
        (&[("message", json!("{}"))], "41"),
        (&[("fix_speed", json!(true))], "41"),
        (
            &[("fix_speed", json!(true)), ("fix_speed_rate", json!(1000))],
            "0",
        ),
    ] {
        assert_eq!(save(&oppo, &changed(changes)).code(), code, "{changes:?}");
    }
    let named = changed(&[("app_message_id", json!("s-1"))]);
    assert_eq!(saved_id(&oppo, &named), saved_id(&oppo, &named));
    assert_ne!(
        saved_id(&oppo, &notification()),
        saved_id(&oppo, &notification())
    );
}

#[test]
fn a_broadcast_needs_a_text_of_its_app_and_semicolons() {
    let oppo = oppo();
    let id = saved_id(&oppo, &notification());
    let many = ["a"; 1001].join(";");

    assert_eq!(broadcast(&oppo, "5f00aa", "a").code(), "31");
    assert_eq!(broadcast(&oppo, &id, "a;").code(), "41");
    assert_eq!(broadcast(&oppo, &id, &many).code(), "41");
    assert_eq!(broadcast(&oppo, &id, &many[2..]).code(), "0");
    let commas = broadcast(&oppo, &id, "a,b");
    assert_eq!(commas.body["data"]["10000"], json!(["a,b"]));
    for (kind, code) in [("1", "30"), ("3", "41")] {
        let fields = [
            ("message_id", &*id),
            ("target_type", kind),
            ("target_value", "a"),
        ];
        assert_eq!(call(&oppo, "broadcast", &fields).code(), code);
    }
    assert_eq!(
        call(&oppo, "broadcast", &[("message_id", &id)]).code(),
        "40"
    );
    let other = encode(&[
        ("auth_token", &*grant(&oppo, "ak124")),
        ("message_id", &*id),
        ("target_type", "2"),
        ("target_value", "a"),
    ]);
    assert_eq!(
        ask(&oppo, &format!("{NOTIFICATIONS}broadcast"), &other).code(),
        "31"
    );
}

#[test]
fn a_batch_answers_for_every_message() {
    let oppo = oppo();
    oppo.world
        .customers(Vendor::Oppo)
        .set_condition("b", "10000");
    let list = |regids: &[&str]| {
        let messages = regids.iter().map(|regid| message(regid, &notification()));
        Value::from(messages.collect::<Vec<_>>()).to_string()
    };

    let answer = call(&oppo, "unicast_batch", &[("messages", &list(&["a", "b"]))]);

    assert_eq!(answer.code(), "0");
    let data = &answer.body["data"];
    assert_eq!(data[0]["registrationId"], "a");
    assert!(data[0]["messageId"].is_string() && data[0].get("errorCode").is_none());
    let failed = json!({
        "registrationId": "b", "errorCode": 10000, "errorMessage": "invalid registration_id",
    });
    assert_eq!(data[1], failed);
    let received = answer.received.unwrap();
    assert_eq!(received.tokens, ["a"]);
    assert_eq!(received.body["messages"][1]["target_value"], "b");
    for (messages, code) in [
        (list(&["a"; 1000]), "0"),
        (list(&["a"; 1001]), "41"),
        ("[]".to_owned(), "41"),
        ("{}".to_owned(), "41"),
        ("[1]".to_owned(), "41"),
    ] {
        assert_eq!(
            call(&oppo, "unicast_batch", &[("messages", &messages)]).code(),
            code
        );
    }
}
