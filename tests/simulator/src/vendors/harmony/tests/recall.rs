use super::*;

const RECALL: &str = "/v1/1234567890/messages:revoke";

fn customer() -> Customer {
    let customer = Customer::new();
    customer.harmony.add_app(PROJECT, "1234567890");
    customer
}

fn recall(customer: &Customer, path: &str, push_type: &str, body: &Value) -> String {
    let request = request(path, &customer.jwt()).header("push-type", push_type);
    ask(&customer.harmony, request, &body.to_string()).code()
}

fn body() -> Value {
    json!({"notifyId": 41207, "token": ["T1"]})
}

#[test]
fn a_message_is_taken_back_from_the_devices_that_are_named() {
    let customer = customer();
    let world = &customer.harmony.world;
    let message = json!({
        "payload": {"notification": {
            "category": "IM", "title": "t", "body": "b", "notifyId": 41207,
            "clickAction": {"actionType": 0},
        }},
        "target": {"token": ["T1", "T2"]},
    });
    let sent = customer.push(&message);
    let (acceptance, received) = (sent.acceptance.unwrap(), sent.received);
    world.record.accept(&acceptance, received, None);
    let shown = |token| world.record.shown(Vendor::Harmony, token).len();
    let other = json!({"notifyId": 7, "token": ["T1"]});
    assert_eq!(recall(&customer, RECALL, "0", &other), "80000000");
    assert_eq!([shown("T1"), shown("T2")], [1, 1]);
    assert_eq!(recall(&customer, RECALL, "0", &body()), "80000000");
    assert_eq!([shown("T1"), shown("T2")], [0, 1]);
}

#[test]
fn a_recall_is_the_apps_not_the_projects() {
    let customer = customer();
    let send = |path: &str| recall(&customer, path, "0", &body());
    assert_eq!(send("/v1/100000000000000001/messages:revoke"), "80300028");
    assert_eq!(send("/v3/1234567890/messages:revoke"), "404");
    customer.harmony.add_app("other", "77");
    assert_eq!(send("/v1/77/messages:revoke"), "80200001");
}

#[test]
fn the_body_of_a_recall_is_read_strictly() {
    let customer = customer();
    for wrong in [
        json!({}),
        json!({"notifyId": 41207}),
        json!({"token": ["T1"]}),
        json!({"notifyId": "41207", "token": ["T1"]}),
        json!({"notifyId": -1, "token": ["T1"]}),
        json!({"notifyId": 41207, "token": []}),
        json!({"notifyId": 41207, "token": vec!["T"; 1001]}),
        json!({"notifyId": 41207, "token": ["T1"], "more": 1}),
    ] {
        assert_eq!(
            recall(&customer, RECALL, "0", &wrong),
            "80100020",
            "{wrong}"
        );
    }
    assert_eq!(recall(&customer, RECALL, "6", &body()), "80100020");
    assert_eq!(recall(&customer, RECALL, "2", &body()), "80000000");
    customer.customers().set_condition("T1", "noRight");
    assert_eq!(recall(&customer, RECALL, "0", &body()), "80300007");
}
