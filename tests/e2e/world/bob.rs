//! Bob and his phones: they report, their app comes and goes, Alice writes, and what came of it.

use http::Method;
use nudged_rig::{APNS, FCM, Reply, Rig, RigOptions, Settings, Vendor};
use nudged_simulator::Fault;
use serde_json::{Value, json};

use super::{refusal, rig, rig_of, rig_with, taken_by, text, text_at, trace_of, until};

/// A rig where Bob has an iPhone.
pub async fn with_phone() -> Rig {
    let rig = rig().await;
    login(&rig, "bob", "phone", APNS, APNS.token).await;
    rig
}

/// A rig where Bob has an iPhone and an Android tablet.
pub async fn with_phone_and_tablet() -> Rig {
    let rig = with_phone().await;
    login(&rig, "bob", "tablet", FCM, FCM.token).await;
    rig
}

/// Bob's iPhone and Android tablet, whose app says no more than their tokens.
pub async fn two_devices(rig: &Rig) {
    rig.register("bob", "phone", "ios", APNS.token)
        .await
        .unwrap();
    rig.register("bob", "tablet", "android", FCM.token)
        .await
        .unwrap();
}

/// A rig with more in its `nudged.toml`, and Bob's iPhone.
pub async fn with_config(more: &str) -> Rig {
    let settings = Settings {
        more: more.to_owned(),
        ..Settings::default()
    };
    let rig = rig_with(RigOptions {
        settings,
        ..RigOptions::default()
    })
    .await;
    login(&rig, "bob", "phone", APNS, APNS.token).await;
    rig
}

/// A daemon with channels of these vendors, and bob with a phone of each.
pub async fn bob_on(vendors: &[Vendor]) -> Rig {
    let rig = rig_of(vendors).await;
    for vendor in vendors {
        register(&rig, "bob", *vendor).await;
    }
    rig
}

/// A user's phone, named after its vendor.
pub async fn register(rig: &Rig, user: &str, vendor: Vendor) {
    speaks(rig, user, vendor, "").await;
}

/// The same phone again, and its language.
pub async fn speaks(rig: &Rig, user: &str, vendor: Vendor, language: &str) {
    let report = json!({
        "channel": vendor.channel, "token": vendor.token,
        "platform": vendor.platform, "language": language,
    });
    let path = format!("/v1/apps/default/users/{user}/devices/{}", vendor.name);
    rig.client.put(&path, &report).await.unwrap().expect(200);
}

/// Where the app of a user's phone is.
pub async fn state_of(rig: &Rig, user: &str, vendor: Vendor, state: Value) {
    let device = vendor.name;
    let path = format!("/v1/apps/default/users/{user}/devices/{device}/state");
    rig.client.put(&path, &state).await.unwrap().expect(200);
}

/// Path of a user.
pub fn user(user: &str) -> String {
    format!("/v1/apps/default/users/{user}")
}

/// An app's report of its device.
pub async fn report(rig: &Rig, who: &str, device: &str, report: Value) -> Reply {
    let path = format!("{}/devices/{device}", user(who));
    rig.client.put(&path, &report).await.unwrap()
}

/// A report after a login, as clients send it: certificate id and token.
pub async fn login(rig: &Rig, who: &str, device: &str, vendor: Vendor, token: &str) -> Value {
    let body = json!({
        "certificate_id": vendor.certificate_id, "token": token,
        "platform": vendor.platform, "login": true,
    });
    report(rig, who, device, body).await.expect(200)
}

/// A report of where Bob's app is.
pub async fn state(rig: &Rig, device: &str, state: Value) -> Value {
    let path = format!("{}/devices/{device}/state", user("bob"));
    rig.client.put(&path, &state).await.unwrap().expect(200)
}

/// What a message came to.
#[derive(Debug)]
pub struct Told {
    /// What the sender heard at once.
    pub answer: Value,
    /// What the sender can look up.
    pub trace: Value,
    /// By device, `bob/phone`: `accepted`, or the rule by which it was not pushed.
    pub came: Vec<(String, String)>,
}

impl Told {
    /// What it came to on a device, or for a user who has none.
    #[track_caller]
    pub fn on(&self, whom: &str) -> &str {
        let found = self.came.iter().find(|(name, _)| name == whom);
        let (_, came) = found.unwrap_or_else(|| panic!("no {whom} in {:#}", self.trace));
        came
    }

    /// What it came to on the only device.
    #[track_caller]
    pub fn only(&self) -> &str {
        assert_eq!(self.came.len(), 1, "{:#}", self.trace);
        &self.came[0].1
    }
}

/// Sends a message and waits for its end on every device.
pub async fn tell(rig: &Rig, spec: &Value) -> Told {
    let answer = rig.client.send(spec).await.unwrap().expect(202);
    let told = ended(rig, answer).await;
    assert_explained(&told);
    told
}

/// The same in Tencent's words.
pub async fn tell_im(rig: &Rig, call: &str, body: &Value) -> Told {
    let path = format!("/v1/im/messages?call={call}");
    let answer = rig.client.post(&path, body).await.unwrap().expect(202);
    assert_eq!(answer["ActionStatus"], "OK", "{answer:#}");
    let told = ended(rig, answer).await;
    assert_explained(&told);
    told
}

/// Waits until what was accepted has ended on every device; events and trace must agree.
pub async fn ended(rig: &Rig, answer: Value) -> Told {
    let id = text_at(&answer, "/id").to_owned();
    let count = |name: &str| answer[name].as_u64().unwrap_or_default() as usize;
    let count = count("deliveries") + count("suppressed");
    let events = rig.client.outcomes(&id, count).await.unwrap();
    let trace = trace_of(rig, &id).await;
    let deliveries = trace["deliveries"].as_array().expect("a list");
    assert_eq!(deliveries.len(), count, "{trace:#}");
    let came = deliveries.iter().map(|it| {
        let outcome = &it["outcome"];
        let event = events.iter().find(|event| event["n"] == it["n"]);
        let event = event.unwrap_or_else(|| panic!("no event of {it:#}"));
        assert_eq!(event["outcome"], outcome["kind"], "{it:#}");
        assert_eq!(event["code"], outcome["code"], "{it:#}");
        let whom = match (text(it, "user"), text(it, "device")) {
            (user, "") => user.to_owned(),
            (user, device) => format!("{user}/{device}"),
        };
        let came = match text(outcome, "kind") {
            "suppressed" => {
                // Nobody was asked, and whoever looks it up is told the rule and what to do.
                assert_eq!(it["attempts"], json!([]), "{it:#}");
                assert_ne!(text(outcome, "text"), "", "{it:#}");
                assert_ne!(text(outcome, "remedy"), "", "{it:#}");
                text(outcome, "code")
            }
            kind => kind,
        };
        (whom, came.to_owned())
    });
    let came = came.collect();
    Told {
        answer,
        trace,
        came,
    }
}

/// The sender hears at once who is not pushed, and by which rule.
#[track_caller]
fn assert_explained(told: &Told) {
    let silent = told.came.iter().filter(|(_, came)| came != "accepted");
    let explanation = text(&told.answer, "explanation");
    let mut count = 0;
    for (whom, rule) in silent {
        let said = explanation.split("; ").any(|part| {
            let named = part.strip_prefix(&format!("{rule}: "));
            named.is_some_and(|names| names.split(", ").any(|name| name == whom))
        });
        assert!(said, "{whom} {rule} is not in {:#}", told.answer);
        count += 1;
    }
    assert_eq!(told.answer["suppressed"].as_u64().unwrap_or(0), count);
}

/// A message of Alice to users.
pub fn to(users: &[&str], body: &str) -> Value {
    let to: Vec<_> = users.iter().map(|user| json!({"user": user})).collect();
    json!({
        "to": to,
        "sender": {"user": "alice"},
        "message": {"title": "Alice", "body": body},
    })
}

/// That to Bob.
pub fn to_bob(body: &str) -> Value {
    to(&["bob"], body)
}

/// A message to Bob with more in it, or something else.
pub fn to_bob_with(more: Value) -> Value {
    let mut spec = to_bob("hello");
    for (key, value) in more.as_object().expect("an object") {
        spec["message"][key] = value.clone();
    }
    spec
}

/// The texts that a vendor's phones show, in order.
pub fn shown(rig: &Rig, vendor: Vendor) -> Vec<String> {
    let all = taken_by(rig, vendor);
    all.iter().map(|it| vendor.shown(it).body).collect()
}

/// Title and text of a vendor's latest message.
pub fn latest(rig: &Rig, vendor: Vendor) -> (String, String) {
    let shown = vendor.shown(&taken_by(rig, vendor).pop().expect("taken"));
    (shown.title, shown.body)
}

/// A title and a text.
pub fn said(title: &str, body: &str) -> (String, String) {
    (title.to_owned(), body.to_owned())
}

/// Takes Bob's settings, all of them.
pub async fn set(rig: &Rig, settings: Value) {
    let path = format!("{}/settings", user("bob"));
    rig.client.put(&path, &settings).await.unwrap().expect(200);
}

/// Changes some of Bob's settings.
pub async fn change(rig: &Rig, change: Value) {
    let path = format!("{}/settings", user("bob"));
    let kind = "application/merge-patch+json";
    let patch = rig
        .client
        .raw(Method::PATCH, &path, kind, change.to_string());
    patch.await.unwrap().expect(200);
}

/// Sends a message that its vendor does not take before [`Waiting::let_go`].
pub async fn waiting(rig: &Rig, spec: &Value) -> Waiting {
    let refused = || rig.simulator.counts().apns.refused.values().sum::<u64>();
    let before = refused();
    rig.simulator.fault(Fault::new(refusal(503)));
    let answer = rig.client.send(spec).await.unwrap().expect(202);
    assert_eq!(answer["deliveries"], 1, "{answer:#}");
    until("the first attempt", async || refused() > before).await;
    Waiting { answer }
}

/// A message that waits for its vendor.
pub struct Waiting {
    answer: Value,
}

impl Waiting {
    /// Lets the vendor take it; what it came to, with its attempts.
    pub async fn let_go(self, rig: &Rig) -> (String, Value) {
        rig.simulator.clear_faults();
        let id = text_at(&self.answer, "/id");
        let events = rig.client.outcomes(id, 1).await.unwrap();
        let trace = trace_of(rig, id).await;
        let outcome = &trace["deliveries"][0]["outcome"];
        assert_eq!(outcome["code"], events[0]["code"], "{trace:#}");
        let came = match text(outcome, "kind") {
            "suppressed" => text(outcome, "code"),
            kind => kind,
        };
        (came.to_owned(), trace)
    }
}
