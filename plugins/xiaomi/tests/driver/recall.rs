//! Taking messages back: by the number that they were sent with.

use nudged_plugin_api::{
    Class, Context, Driver, EncodeError, Exchange, HttpResponse, Recall, Rendered,
};
use serde_json::json;

use crate::account::{NOW, REGID, SECRET, channel, field, rendered, targets_of};

fn recall(key: &str, tokens: &[&str]) -> Result<Rendered, EncodeError> {
    let targets = targets_of(tokens);
    let recall = Recall::new(&targets, key, Some("scm00b1234"));
    channel().recall(recall, &Context::new(NOW, None))
}

#[test]
fn a_recall_names_each_device_once_the_app_and_the_number() {
    let request = recall("41207", &["regidA=", "regid/B", "regidA="])
        .unwrap()
        .request;
    assert_eq!(
        request.url,
        "https://api.xmpush.xiaomi.com/v3/message/regid/revoke"
    );
    let headers = [
        ("authorization", format!("key={SECRET}")),
        (
            "content-type",
            "application/x-www-form-urlencoded;charset=UTF-8".to_owned(),
        ),
    ];
    let headers = headers.map(|(name, value)| (name.to_owned(), value));
    assert_eq!(request.headers, headers);
    assert_eq!(
        String::from_utf8(request.body).unwrap(),
        "registration_ids=regidA%3D&registration_ids=regid%2FB\
         &restricted_package_name=com.example.chat&notify_id=41207"
    );
}

#[test]
fn what_is_shown_can_be_taken_back_by_its_number() {
    for case in [
        json!({"title": "Ann", "body": "Hi"}),
        json!({"title": "Ann", "body": "Hi", "collapse_key": "room-1"}),
        json!({"title": "Ann", "body": "Hi", "options": {"notify_id": 7}}),
    ] {
        let rendered = rendered(case);
        let number = field(&rendered, "notify_id");
        assert_eq!(Some(rendered.recall_key), number);
    }
    let background = rendered(json!({"kind": "background", "ext": "sync"}));
    assert_eq!(background.recall_key, "");
}

#[test]
fn what_xiaomi_would_refuse_for_sure_is_refused() {
    for key in ["", "x", "-1", "2147483648"] {
        assert_eq!(recall(key, &[REGID]).unwrap_err().code, "BadRecallKey");
    }
    assert_eq!(recall("7", &["a,b"]).unwrap_err().code, "BadToken");
}

#[test]
fn an_answer_to_a_recall_never_costs_a_regid() {
    let said = |body: serde_json::Value, tokens: &[&str]| {
        let response = HttpResponse::new(200, body.to_string());
        let targets = targets_of(tokens);
        let verdicts = channel().recalled(Exchange::new(&targets, &response), NOW);
        assert_eq!(verdicts.len(), tokens.len());
        assert!(verdicts.iter().all(|verdict| !verdict.split));
        let first = verdicts.into_iter().next().unwrap();
        (first.class, first.code)
    };
    let ok = json!({"result": "ok", "code": 0, "data": {"id": "1"}});
    assert_eq!(said(ok, &[REGID]).0, Class::Accepted);
    for code in [20301, 66007, 10029] {
        let refused = json!({"result": "error", "code": code, "reason": "No valid targets!"});
        for tokens in [&[REGID][..], &[REGID, "regidB="]] {
            let (class, shown) = said(refused.clone(), tokens);
            assert_ne!(class, Class::InvalidToken);
            assert_eq!(shown, code.to_string());
        }
    }
}
