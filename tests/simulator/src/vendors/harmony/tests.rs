mod account;
mod body;
mod recall;

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::Request;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::request::Builder;
use rsa::RsaPrivateKey;
use rsa::pkcs8::DecodePrivateKey;
use rsa::rand_core::OsRng;
use rsa::sha2::Sha256;
use rsa::signature::{RandomizedSigner, SignatureEncoding};
use serde_json::{Value, json};

use super::*;
use crate::testing::{Answer, ask, read, with};

const PROJECT: &str = "100000000000000001";
const PATH: &str = "/v3/100000000000000001/messages:send";

/// A customer with the file of the console.
struct Customer {
    harmony: Harmony,
    file: Value,
}

impl Customer {
    fn new() -> Customer {
        let harmony = Harmony::new(Arc::new(World::new(true, Duration::ZERO)));
        let file = serde_json::from_str(&harmony.accounts.add(PROJECT)).unwrap();
        Customer { harmony, file }
    }

    fn header(&self) -> Value {
        json!({ "alg": "PS256", "typ": "JWT", "kid": self.file["key_id"] })
    }

    fn claims(&self) -> Value {
        let now = self.harmony.world.clock.now_secs();
        json!({
            "iss": self.file["sub_account"],
            "aud": "https://oauth-login.cloud.huawei.com/oauth2/v3/token",
            "iat": now,
            "exp": now + 3600,
        })
    }

    fn key(&self) -> RsaPrivateKey {
        RsaPrivateKey::from_pkcs8_pem(self.file["private_key"].as_str().unwrap()).unwrap()
    }

    /// Signed as the vendor asks for it, whatever the header says.
    fn sign(&self, header: &Value, claims: &Value) -> String {
        let key = rsa::pss::SigningKey::<Sha256>::new(self.key());
        compact(header, claims, |text| {
            key.sign_with_rng(&mut OsRng, text).to_vec()
        })
    }

    fn jwt(&self) -> String {
        self.sign(&self.header(), &self.claims())
    }

    fn request(&self, push_type: &str) -> Builder {
        request(PATH, &self.jwt()).header("push-type", push_type)
    }

    fn push(&self, body: &Value) -> Answer {
        self.push_typed("0", body)
    }

    fn push_typed(&self, push_type: &str, body: &Value) -> Answer {
        ask(&self.harmony, self.request(push_type), &body.to_string())
    }

    fn customers(&self) -> &Customers {
        self.harmony.world.customers(Vendor::Harmony)
    }
}

fn compact(header: &Value, claims: &Value, sign: impl Fn(&[u8]) -> Vec<u8>) -> String {
    let encode = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
    let text = format!("{}.{}", encode(header), encode(claims));
    let signature = URL_SAFE_NO_PAD.encode(sign(text.as_bytes()));
    format!("{text}.{signature}")
}

fn request(path: &str, jwt: &str) -> Builder {
    Request::post(path)
        .header(AUTHORIZATION, format!("Bearer {jwt}"))
        .header(CONTENT_TYPE, "application/json")
}

/// The worked example of the reference.
fn message() -> Value {
    json!({
        "payload": { "notification": {
            "category": "IM", "title": "Hello", "body": "New message",
            "clickAction": { "actionType": 0, "data": { "ext": "{\"conv\":\"c1\"}" } },
            "badge": { "addNum": 1 }, "notifyId": 41207, "appMessageId": "m-1",
            "foregroundShow": true,
        } },
        "target": { "token": ["MAMzLga"] },
        "pushOptions": {
            "ttl": 86400, "biTag": "m-1", "receiptId": "RCP1", "testMessage": false,
        },
    })
}

fn to(tokens: &[&str]) -> Value {
    with(&message(), "/target/token", json!(tokens))
}

fn test_message() -> Value {
    with(&message(), "/pushOptions/testMessage", json!(true))
}

/// The JSON inside of `msg`.
fn inner(answer: &Answer) -> Value {
    serde_json::from_str(answer.body["msg"].as_str().unwrap()).unwrap()
}

#[test]
fn the_worked_example_is_accepted_and_recorded() {
    let answer = Customer::new().push(&message());

    assert_eq!((answer.status, &*answer.code()), (200, "80000000"));
    assert_eq!(answer.body["msg"], "Success");
    let received = answer.received.unwrap();
    assert_eq!(received.tokens, ["MAMzLga"]);
    assert_eq!(received.body, message());
    assert_eq!(answer.body["requestId"], *received.vendor_id);
    let push_type = ("push-type".to_owned(), "0".to_owned());
    assert!(received.headers.contains(&push_type));
    assert!(answer.acceptance.unwrap().credential.is_some());
}

#[test]
fn only_the_one_path_leads_to_the_service() {
    let customer = Customer::new();
    for (path, code, status) in [
        (PATH, "80000000", 200),
        ("/v1/100000000000000001/messages:send", "80200001", 401),
        ("/v2/100000000000000001/messages:send", "80200001", 401),
        ("/v3/100000000000000002/messages:send", "80200001", 401),
        ("/v3//messages:send", "404", 404),
        ("/v3/100000000000000001/messages:send/", "404", 404),
        ("/v3/100000000000000001/messages:revoke", "404", 404),
        ("/100000000000000001/messages:send", "404", 404),
    ] {
        let request = request(path, &customer.jwt()).header("push-type", "0");
        let answer = ask(&customer.harmony, request, &message().to_string());
        assert_eq!((&*answer.code(), answer.status), (code, status), "{path}");
    }
    let get = customer.request("0").method(Method::GET);
    assert_eq!(ask(&customer.harmony, get, "").status, 405);
}

#[test]
fn a_request_is_json_and_has_one_known_push_type() {
    let customer = Customer::new();
    let text = message().to_string();
    let ask = |request: Builder, body: &str| ask(&customer.harmony, request, body).code();

    for push_type in ["3", "00", "", "alert", "-1"] {
        let request = customer.request(push_type);
        assert_eq!(ask(request, &text), "80100001", "{push_type}");
    }
    assert_eq!(ask(request(PATH, &customer.jwt()), &text), "80100001");
    let twice = customer.request("0").header("push-type", "0");
    assert_eq!(ask(twice, &text), "80100001");
    let form = Request::post(PATH)
        .header(AUTHORIZATION, format!("Bearer {}", customer.jwt()))
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header("push-type", "0");
    assert_eq!(ask(form, &text), "80100003");
    assert_eq!(ask(customer.request("0"), "{"), "80100003");
    assert_eq!(ask(customer.request("0"), "[]"), "80100003");
}

#[test]
fn failed_tokens_are_told_by_reason_in_a_text_of_json() {
    let customer = Customer::new();
    customer.customers().set_condition("dead", "noRight");
    customer.customers().set_condition("bad", "80300007");
    customer.customers().set_condition("gone", "2");

    let some = customer.push(&to(&["good", "dead", "bad", "gone"]));
    let none = customer.push(&to(&["dead"]));
    let lost = customer.push(&to(&["gone"]));

    assert_eq!((some.status, &*some.code()), (200, "80100000"));
    let reasons = json!({ "noRight": ["dead"], "tokenFormatError": ["bad"] });
    assert_eq!(
        inner(&some),
        json!({ "success": 2, "failure": 2, "illegalTokens": reasons })
    );
    assert_eq!(some.reached, ["good"]);
    assert_eq!((none.status, &*none.code()), (400, "80300007"));
    let reasons = json!({ "noRight": ["dead"] });
    assert_eq!(
        inner(&none),
        json!({ "success": 0, "failure": 1, "illegalTokens": reasons })
    );
    assert_eq!(lost.code(), "80000000");
    assert!(lost.reached.is_empty() && lost.received.is_none());
}

#[test]
fn a_condition_of_the_whole_app_refuses_the_whole_request() {
    let customer = Customer::new();
    customer.customers().set_condition("one", "80300037");

    let answer = customer.push(&to(&["good", "one"]));

    assert_eq!((answer.status, &*answer.code()), (400, "80300037"));
}

#[test]
fn a_project_has_a_thousand_test_messages_a_day() {
    let customer = Customer::new();
    let jwt = customer.jwt();
    let send = |body: &Value| {
        let request = request(PATH, &jwt).header("push-type", "0");
        ask(&customer.harmony, request, &body.to_string()).code()
    };
    for number in 1..=1000 {
        assert_eq!(send(&test_message()), "80000000", "{number}");
    }

    assert_eq!(send(&test_message()), "80300029");
    assert_eq!(send(&message()), "80000000");
    customer
        .harmony
        .world
        .clock
        .advance(Duration::from_secs(86_400));
    assert_eq!(customer.push(&test_message()).code(), "80000000");
}

#[test]
fn surplus_marketing_is_dropped_and_surplus_tests_are_refused() {
    let customer = Customer::new();
    customer.customers().set_daily_quota(Some(1));
    let category = "/payload/notification/category";
    let marketing = with(&message(), category, json!("MARKETING"));

    let reached = [&marketing, &marketing, &message()].map(|body| {
        let answer = customer.push(body);
        assert_eq!(answer.code(), "80000000");
        answer.reached.len()
    });

    assert_eq!(reached, [1, 0, 1]);
    assert_eq!(customer.push(&test_message()).code(), "80300029");
}

#[test]
fn too_many_requests_meet_flow_control() {
    let customer = Customer::new();
    customer.customers().set_rate(Some(1));

    let answers = [0, 1].map(|_| customer.push(&message()).status);

    assert_eq!(answers, [200, 503]);
}

#[test]
fn injected_refusals_look_like_huaweis_own() {
    let customer = Customer::new();
    let sent = customer.push(&message()).acceptance.unwrap();
    let inject = |status, reason| {
        let fault = StatusFault {
            status,
            reason,
            timestamp_ms: None,
        };
        read(&customer.harmony.refusal(&fault, &sent).1, None)
    };

    let own = inject(200, Some("80100016"));
    assert_eq!((own.status, &*own.code()), (200, "80100016"));
    let none = inject(400, Some("80300007"));
    assert_eq!(
        inner(&none)["illegalTokens"],
        json!({ "tokenFormatError": ["MAMzLga"] })
    );
    assert_eq!(inject(401, None).code(), "80200001");
    assert_eq!(inject(400, None).code(), "80100001");
    assert_eq!(inject(500, None).code(), "81000001");
    assert!(inject(503, None).body.is_null());
}
