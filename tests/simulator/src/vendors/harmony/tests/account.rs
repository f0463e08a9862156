//! Who may send: the JWT, each of its rules broken once.

use super::*;

/// An answer's code and status to the worked example with this JWT.
fn send(customer: &Customer, jwt: &str) -> (String, u16) {
    let request = request(PATH, jwt).header("push-type", "0");
    let answer = ask(&customer.harmony, request, &message().to_string());
    (answer.code(), answer.status)
}

fn refused() -> (String, u16) {
    ("80200001".to_owned(), 401)
}

#[test]
fn the_file_of_the_console_has_its_fields() {
    let customer = Customer::new();

    assert_eq!(customer.file["project_id"], PROJECT);
    for field in [
        "key_id",
        "private_key",
        "sub_account",
        "auth_uri",
        "token_uri",
        "auth_provider_cert_uri",
        "client_cert_uri",
    ] {
        assert!(customer.file[field].is_string(), "{field}");
    }
}

#[test]
fn a_jwt_of_other_claims_or_another_header_is_refused() {
    let customer = Customer::new();
    let now = customer.harmony.world.clock.now_secs();
    let (header, claims) = (customer.header(), customer.claims());
    for (pointer, value) in [
        ("/alg", json!("RS256")),
        ("/alg", json!("none")),
        ("/typ", json!("JWS")),
        ("/typ", Value::Null),
        ("/kid", json!("another")),
        ("/kid", Value::Null),
    ] {
        let jwt = customer.sign(&with(&header, pointer, value.clone()), &claims);
        assert_eq!(send(&customer, &jwt), refused(), "{pointer} {value}");
    }
    for (pointer, value) in [
        ("/iss", json!("100000000")),
        ("/iss", customer.file["key_id"].clone()),
        ("/iss", Value::Null),
        (
            "/aud",
            json!("https://oauth-login.cloud.huawei.com/oauth2/v3/token/"),
        ),
        (
            "/aud",
            json!(["https://oauth-login.cloud.huawei.com/oauth2/v3/token"]),
        ),
        ("/aud", Value::Null),
        ("/iat", json!(now.to_string())),
        ("/iat", json!(now * 1000)),
        ("/iat", json!(now + 600)),
        ("/iat", Value::Null),
        ("/exp", json!((now + 3600).to_string())),
        ("/exp", json!(now)),
        ("/exp", Value::Null),
    ] {
        let jwt = customer.sign(&header, &with(&claims, pointer, value.clone()));
        assert_eq!(send(&customer, &jwt), refused(), "{pointer} {value}");
    }
}

#[test]
fn a_jwt_lives_for_a_day_at_most() {
    let customer = Customer::new();
    let now = customer.harmony.world.clock.now_secs();
    let until = |exp: i64| {
        let claims = with(&customer.claims(), "/iat", json!(now));
        let claims = with(&claims, "/exp", json!(exp));
        send(&customer, &customer.sign(&customer.header(), &claims)).0
    };

    assert_eq!(until(now + 86_400), "80000000");
    assert_eq!(until(now + 86_401), "80300036");
    assert_eq!(until((now + 3600) * 1000), "80300036");
}

#[test]
fn a_jwt_expires_though_it_was_good_before() {
    let customer = Customer::new();
    let jwt = customer.jwt();

    assert_eq!(send(&customer, &jwt).0, "80000000");
    customer
        .harmony
        .world
        .clock
        .advance(Duration::from_secs(3601));
    assert_eq!(send(&customer, &jwt), ("80200005".to_owned(), 401));
    assert_eq!(send(&customer, &customer.jwt()).0, "80000000");
}

#[test]
fn only_pss_with_a_salt_of_32_bytes_signs() {
    let customer = Customer::new();
    let (header, claims) = (customer.header(), customer.claims());
    let salted = |length| {
        let key = rsa::pss::SigningKey::<Sha256>::new_with_salt_len(customer.key(), length);
        let sign = |text: &[u8]| key.sign_with_rng(&mut OsRng, text).to_vec();
        send(&customer, &compact(&header, &claims, sign))
    };
    let rs256 = |header: &Value| {
        let key = rsa::pkcs1v15::SigningKey::<Sha256>::new(customer.key());
        let sign = |text: &[u8]| rsa::signature::Signer::sign(&key, text).to_vec();
        send(&customer, &compact(header, &claims, sign))
    };

    assert_eq!(salted(32).0, "80000000");
    for length in [0, 20, 222] {
        assert_eq!(salted(length), refused(), "{length}");
    }
    assert_eq!(rs256(&header), refused());
    assert_eq!(rs256(&with(&header, "/alg", json!("RS256"))), refused());
    let jwt = customer.sign(&header, &claims);
    let other = customer.sign(&header, &with(&claims, "/jti", json!("1")));
    let (text, _) = jwt.rsplit_once('.').unwrap();
    let (_, signature) = other.rsplit_once('.').unwrap();
    assert_eq!(send(&customer, &format!("{text}.{signature}")), refused());
    assert_eq!(send(&customer, &format!("{text}.")), refused());
}

#[test]
fn without_a_jwt_nobody_sends() {
    let customer = Customer::new();
    let body = message().to_string();
    let jwt = customer.jwt();
    for value in [
        jwt.clone(),
        format!("bearer {jwt}"),
        "Bearer a.b".to_owned(),
    ] {
        let request = Request::post(PATH)
            .header(AUTHORIZATION, &value)
            .header(CONTENT_TYPE, "application/json")
            .header("push-type", "0");
        assert_eq!(ask(&customer.harmony, request, &body).code(), "80200001");
    }
    let none = Request::post(PATH).header("push-type", "0");
    assert_eq!(ask(&customer.harmony, none, &body).status, 401);
}

#[test]
fn a_deleted_account_and_one_of_another_project_send_nothing() {
    let customer = Customer::new();
    let other = customer.harmony.accounts.add("8000");
    let other: Value = serde_json::from_str(&other).unwrap();
    let header = with(&customer.header(), "/kid", other["key_id"].clone());
    let claims = with(&customer.claims(), "/iss", other["sub_account"].clone());
    let jwt = customer.jwt();

    assert_eq!(send(&customer, &customer.sign(&header, &claims)), refused());
    assert_eq!(send(&customer, &jwt).0, "80000000");
    let key_id = customer.file["key_id"].as_str().unwrap();
    customer.harmony.accounts.remove(key_id);
    assert_eq!(send(&customer, &jwt), refused());
}
