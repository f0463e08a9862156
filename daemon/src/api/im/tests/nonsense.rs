//! No JSON brings the reader down.

use super::*;

/// Values that stand where others were expected.
fn odd() -> Vec<Value> {
    vec![
        Value::Null,
        json!(true),
        json!(0),
        json!(-1),
        json!(u64::MAX),
        json!(1.5e300),
        json!(""),
        json!("x"),
        json!("\u{0}\u{7f}é🎉"),
        json!([]),
        json!([[]]),
        json!([null, "", 1, {}]),
        json!({}),
        json!({"": ""}),
        json!({"MsgType": "TIMCustomElem", "Desc": [], "Text": {}, "members": [1]}),
    ]
}

/// Every value of `of`, by its path.
fn paths(of: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match of {
        Value::Array(list) => {
            for (n, item) in list.iter().enumerate() {
                paths(item, &format!("{at}/{n}"), found);
            }
        }
        Value::Object(map) => {
            for (key, item) in map {
                paths(item, &format!("{at}/{key}"), found);
            }
        }
        _ => {}
    }
}

fn check(body: &Value) {
    for call in Call::ALL {
        match ordered(call, body) {
            Err(problem) => assert!((400..500).contains(&problem.status), "{body}"),
            Ok(order) => {
                assert!(!order.spec.to.is_empty(), "{body}");
                // What comes out is what admission reads.
                serde_json::to_string(&order.spec).unwrap();
            }
        }
    }
}

#[test]
fn an_odd_value_anywhere_is_understood_or_refused() {
    let mut body: Value = serde_json::from_str(include_str!("full.json")).unwrap();
    body["nudged"] = json!({"members": ["a"], "sender_name": "A", "group_name": "G"});
    body["GroupId"] = json!("g");
    body["GroupAtInfo"] = json!([{"GroupAtAllFlag": 1, "GroupAt_Account": "a"}]);
    body["SendMsgControl"] = json!(["NoUnread"]);
    let mut found = Vec::new();
    paths(&body, "", &mut found);
    assert!(found.len() > 90);
    for path in found {
        for odd in odd() {
            let mut body = body.clone();
            *body.pointer_mut(&path).unwrap() = odd;
            check(&body);
        }
    }
}

#[test]
fn random_bodies_are_understood_or_refused() {
    let body: Value = serde_json::from_str(include_str!("full.json")).unwrap();
    let mut names = Vec::new();
    paths(&body, "", &mut names);
    let names: Vec<&str> = names
        .iter()
        .filter_map(|path| path.rsplit('/').next())
        .collect();
    let odd = odd();
    let mut random = fastrand::Rng::with_seed(4);
    for _ in 0..800 {
        check(&value(&mut random, &names, &odd, 5));
    }
}

fn value(random: &mut fastrand::Rng, names: &[&str], odd: &[Value], depth: usize) -> Value {
    match random.u8(..if depth == 0 { 2 } else { 8 }) {
        0 | 1 => random.choice(odd).unwrap().clone(),
        2 => (0..random.usize(..4))
            .map(|_| value(random, names, odd, depth - 1))
            .collect(),
        _ => {
            let fields = (0..random.usize(1..12)).map(|_| {
                let name = *random.choice(names).unwrap();
                (name.to_owned(), value(random, names, odd, depth - 1))
            });
            Value::Object(fields.collect())
        }
    }
}

#[test]
fn any_prefix_and_any_flipped_byte_is_understood_or_refused() {
    let full = include_str!("full.json");
    for end in (0..full.len()).filter(|end| full.is_char_boundary(*end)) {
        let _ = ordered_with(&DRIVERS, Call::One, &full[..end]);
    }
    let mut random = fastrand::Rng::with_seed(5);
    for _ in 0..2000 {
        let mut bytes = full.as_bytes().to_vec();
        let at = random.usize(..bytes.len());
        bytes[at] = random.u8(..);
        if let Ok(text) = String::from_utf8(bytes) {
            let _ = ordered_with(&DRIVERS, Call::One, &text);
        }
    }
}

#[test]
fn nesting_without_end_is_refused() {
    for deep in ["[".repeat(100_000), r#"{"OfflinePushInfo":"#.repeat(50_000)] {
        assert_eq!(
            ordered_with(&DRIVERS, Call::One, &deep).unwrap_err().status,
            400
        );
    }
    let ext = format!(r#"{{"OfflinePushInfo":{{"Ext":{}"#, "[".repeat(100_000));
    assert_eq!(
        ordered_with(&DRIVERS, Call::One, &ext).unwrap_err().status,
        400
    );
}
