//! Taking messages back: by the number that they were sent with.

use nudged_plugin_api::{
    Class, Context, Driver, EncodeError, Exchange, HttpResponse, Kind, Message, Recall, Rendered,
};
use serde_json::json;

use crate::account::{NOW, PHONES, body, encode, grant, open, rendered, settings, targets};

fn recall(key: &str, client_id: &str) -> Result<Rendered, EncodeError> {
    let channel = open(&settings().with("client_id", client_id));
    let targets = targets(2);
    let recall = Recall::new(&targets, key, Some("173000000000001"));
    channel.recall(recall, &Context::new(NOW, Some(&grant())))
}

#[test]
fn a_recall_names_the_app_the_number_and_the_devices() {
    let request = recall("41207", "1234567890").unwrap().request;
    assert_eq!(
        request.url,
        "https://push-api.cloud.huawei.com/v1/1234567890/messages:revoke"
    );
    let headers = [
        ("authorization", "Bearer eyJhbGciOi.jwt.sig"),
        ("content-type", "application/json"),
        ("push-type", "0"),
    ];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(request.headers, headers);
    let tokens = [PHONES[0].1, PHONES[1].1];
    assert_eq!(
        serde_json::from_slice::<serde_json::Value>(&request.body).unwrap(),
        json!({"notifyId": 41207, "token": tokens})
    );
}

#[test]
fn every_notification_has_a_number_to_take_it_back_by() {
    let message = Message::new("Ann", "Hello");
    let one = rendered(&message);
    let number = body(&one)["payload"]["notification"]["notifyId"].to_string();
    assert_eq!(one.recall_key, number);
    let channel = open(&settings());
    let other = encode(&channel, &message, &targets(2)).unwrap();
    assert_ne!(
        one.recall_key, other.recall_key,
        "another message on the phone"
    );

    let mut keyed = message.clone();
    keyed.collapse_key = Some("room-1".to_owned());
    assert_eq!(rendered(&keyed).recall_key, "1760144433");
    let mut background = message;
    background.kind = Kind::Background;
    assert_eq!(rendered(&background).recall_key, "");
}

#[test]
fn without_a_client_id_the_setting_is_named() {
    let error = recall("41207", "").unwrap_err();
    assert_eq!(
        (error.code.as_str(), error.field.as_str()),
        ("NoClientId", "settings.client_id")
    );
    for key in ["", "x", "-1", "2147483648"] {
        assert_eq!(recall(key, "1").unwrap_err().code, "BadRecallKey", "{key}");
    }
    let settings = settings().with("client_id", "12/34");
    let error = nudged_harmony::Harmony::open(&settings, NOW).unwrap_err();
    assert_eq!(error.setting, "client_id");
}

#[test]
fn an_answer_to_a_recall_never_costs_a_token() {
    let said = |status: u16, body: String| {
        let response = HttpResponse::new(status, body);
        let targets = targets(2);
        let exchange = Exchange::new(&targets, &response);
        open(&settings())
            .recalled(exchange, NOW)
            .into_iter()
            .map(|verdict| (verdict.class, verdict.code))
            .collect::<Vec<_>>()
    };
    let code = |code: &str| json!({"code": code, "msg": "m", "requestId": "1"}).to_string();
    assert_eq!(
        said(200, code("80000000")),
        vec![(Class::Accepted, String::new()); 2]
    );
    let refused = |code: &str| vec![(Class::BadRequest, code.to_owned()); 2];
    for known in ["80100020", "80300017", "80300028", "80300032"] {
        assert_eq!(said(400, code(known)), refused(known));
    }
    let msg = json!({"success": 1, "failure": 1,
        "illegalTokens": {"tokenFormatError": [PHONES[0].1]}});
    let partial = json!({"code": "80100000", "msg": msg.to_string(), "requestId": "1"});
    assert_eq!(
        said(200, partial.to_string()),
        [
            (Class::BadRequest, "tokenFormatError".to_owned()),
            (Class::Accepted, String::new())
        ]
    );
}
