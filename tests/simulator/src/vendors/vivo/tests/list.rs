//! A saved text, pushed to many.

use super::*;

fn text() -> Value {
    with(&message(), "/regId", Value::Null)
}

fn save(vivo: &Vivo) -> String {
    let answer = post(vivo, SAVE, &text());
    assert_eq!(result(&answer), 0, "{}", answer.text);
    assert!(answer.received.is_none());
    answer.body["taskId"].as_str().unwrap().to_owned()
}

fn list(task_id: &str, reg_ids: &[&str]) -> Value {
    json!({
        "appId": APP, "regIds": reg_ids, "taskId": task_id, "requestId": "b-1", "pushMode": 0,
    })
}

fn push(vivo: &Vivo, body: &Value) -> Answer {
    post(vivo, PUSH_TO_LIST, body)
}

#[test]
fn a_saved_text_is_pushed_to_many_and_recorded_with_the_push() {
    let vivo = vivo();
    let task_id = save(&vivo);
    let body = list(&task_id, &["r1", "r2"]);

    let answer = push(&vivo, &body);

    assert_eq!(result(&answer), 0);
    assert_eq!(answer.body["requestId"], "b-1");
    assert!(answer.body.get("invalidUsers").is_none());
    let received = answer.received.unwrap();
    assert_eq!(received.tokens, ["r1", "r2"]);
    assert_eq!(received.body, json!({ "saved": text(), "push": body }));
    assert_eq!(received.vendor_id, task_id);
    let more = with(&list(&task_id, &["r3", "r4"]), "/requestId", json!("b-2"));
    assert_eq!(push(&vivo, &more).reached, ["r3", "r4"]);
}

#[test]
fn failed_devices_are_listed_in_a_success() {
    let vivo = vivo();
    let customers = vivo.world.customers(Vendor::Vivo);
    for (reg_id, condition) in [
        ("r2", "2"),
        ("r3", "1"),
        ("r4", "10302"),
        ("r5", "10311"),
        ("r6", "4"),
        ("r7", "3"),
    ] {
        customers.set_condition(reg_id, condition);
    }
    let task_id = save(&vivo);

    let some = push(
        &vivo,
        &list(&task_id, &["r1", "r2", "r3", "r4", "r5", "r6", "r7"]),
    );
    let none = push(
        &vivo,
        &with(&list(&task_id, &["r2", "r3"]), "/requestId", json!("b-2")),
    );

    assert_eq!(result(&some), 0);
    assert_eq!(some.reached, ["r1", "r6"]);
    assert_eq!(
        some.body["invalidUsers"],
        json!([
            { "userid": "r2", "status": 2 }, { "userid": "r3", "status": 1 },
            { "userid": "r4", "status": 1 }, { "userid": "r7", "status": 3 },
        ])
    );
    assert_eq!(result(&none), 0);
    assert_eq!(none.body["invalidUsers"].as_array().unwrap().len(), 2);
    assert!(none.received.is_none());
}

#[test]
fn a_test_names_the_devices_that_are_none_for_tests() {
    let vivo = vivo();
    vivo.add_test_device(APP, "r1");
    let task_id = save(&vivo);

    let body = with(&list(&task_id, &["r1", "r2"]), "/pushMode", json!(1));
    let answer = push(&vivo, &body);

    assert_eq!(answer.reached, ["r1"]);
    assert_eq!(
        answer.body["invalidUsers"],
        json!([{ "userid": "r2", "status": 4 }])
    );
}

#[test]
fn a_list_that_is_not_as_documented_is_refused() {
    let vivo = vivo();
    let good = list(&save(&vivo), &["r1", "r2"]);
    let many = |count: usize| json!((0..count).map(|n| format!("r{n}")).collect::<Vec<_>>());
    let without_targets = with(&good, "/regIds", Value::Null);
    for (body, code) in [
        (with(&good, "/appId", Value::Null), 10200),
        (with(&good, "/appId", json!(105_000_002)), 10094),
        (without_targets.clone(), 10150),
        (with(&good, "/regIds", json!([])), 10150),
        (with(&good, "/regIds", json!("r1,r2")), 10150),
        (with(&good, "/regIds", json!(["r1", ""])), 10150),
        (with(&good, "/regIds", json!([1, 2])), 10150),
        (with(&good, "/regIds", json!(["r1"])), 10153),
        (with(&good, "/regIds", many(1001)), 10153),
        (with(&without_targets, "/aliases", json!(["a", "b"])), 10303),
        (with(&good, "/aliases", json!(["a", "b"])), 10150),
        (with(&good, "/taskId", Value::Null), 10151),
        (with(&good, "/taskId", json!("")), 10151),
        (with(&good, "/taskId", json!(542)), 10152),
        (with(&good, "/taskId", json!("task")), 10152),
        (with(&good, "/taskId", json!("542000000000000000")), 10155),
        (with(&good, "/requestId", Value::Null), 10352),
        (with(&good, "/requestId", json!("x".repeat(65))), 10353),
        (with(&good, "/pushMode", json!(2)), 400),
        (with(&good, "/title", json!("Hello")), 400),
    ] {
        assert_eq!(result(&push(&vivo, &body)), code, "{body:.200}");
    }
    assert_eq!(result(&push(&vivo, &with(&good, "/regIds", many(1000)))), 0);
}

#[test]
fn a_saved_text_is_its_apps_own_and_lasts_a_day() {
    let vivo = vivo();
    vivo.register(105_000_002, KEY, SECRET);
    let other = vivo
        .world
        .customers(Vendor::Vivo)
        .issue("105000002", vivo.world.clock.now_secs());
    let body = list(&save(&vivo), &["r1", "r2"]);
    let foreign = with(&body, "/appId", json!(105_000_002));
    let request = json_to(PUSH_TO_LIST).header("authToken", other.token);
    assert_eq!(result(&ask(&vivo, request, &foreign.to_string())), 10155);

    vivo.world.clock.advance(Duration::from_secs(86_390));
    assert_eq!(result(&push(&vivo, &body)), 0);
    vivo.world.clock.advance(Duration::from_secs(10));
    assert_eq!(result(&push(&vivo, &body)), 10155);

    let body = list(&save(&vivo), &["r1", "r2"]);
    vivo.lock().forget_tasks();
    assert_eq!(result(&push(&vivo, &body)), 10155);
}

#[test]
fn a_request_id_is_good_for_one_list() {
    let vivo = vivo();
    let task_id = save(&vivo);

    let first = push(&vivo, &list(&task_id, &["r1", "r2"]));
    let again = push(&vivo, &list(&task_id, &["r1", "r2"]));

    assert_eq!(first.reached, ["r1", "r2"]);
    assert_eq!(again.body, first.body);
    assert!(again.received.is_none());
}

#[test]
fn the_quota_is_taken_by_the_devices_of_a_list() {
    let vivo = vivo();
    vivo.world.customers(Vendor::Vivo).set_daily_quota(Some(3));
    let task_id = save(&vivo);

    let codes = ["b-1", "b-2"].map(|request_id| {
        let body = list(&task_id, &["r1", "r2"]);
        result(&push(&vivo, &with(&body, "/requestId", json!(request_id))))
    });

    assert_eq!(codes, [0, 10073]);
}

#[test]
fn a_text_that_looks_like_a_test_is_for_tests() {
    let vivo = vivo();
    vivo.add_test_device(APP, "r1");
    let answer = post(&vivo, SAVE, &with(&text(), "/content", json!("123")));
    let body = list(answer.body["taskId"].as_str().unwrap(), &["r1", "r2"]);

    assert_eq!(result(&push(&vivo, &body)), 10085);
    assert_eq!(result(&push(&vivo, &with(&body, "/pushMode", json!(1)))), 0);
}
