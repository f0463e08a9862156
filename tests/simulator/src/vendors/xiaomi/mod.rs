//! Xiaomi's MiPush, as its customers meet it: messages to registration ids.
//!
//! In: a form with the AppSecret in its header, one text for up to 1000 ids, or a list of
//! texts with an id each. Out: HTTP 200 and JSON, whatever is wrong. Written from the Mi Push
//! server API pages "API" (pId=1559), "Error codes" (1560) and "Limits" (1656). A message is
//! taken back at the address of the notice on it (2367), with the fields of Xiaomi's SDK. The state
//! of a period's messages is asked for with GET.
//!
//! Conditions of a token:
//! - `16` (unregistered): alone it is refused as 20301, among others it is passed over;
//! - `32`, `64`, `1024` (disabled, filtered, expired): answered as sent, but not received;
//! - `128` (the device's messages of the day): the same, for public messages only;
//! - any other code, such as 66007, 10029, 65003: alone the code, among others passed over.
//!
//! When no target is left of several, the answer is 20301. The quota is of public messages.

mod app;
mod error;
mod extra;
mod message;
mod recall;
mod status;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::header::AUTHORIZATION;
use http::request::Parts;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::checks::fields::Fields;
use crate::checks::form::{self, Form};
use crate::credentials::ids;
use crate::net::exchange::{Acceptance, Judged, Push, Reply, Service, StatusFault};
use crate::vendors::Vendor;
use crate::world::World;
use app::App;
pub use app::XiaomiHandle;
use error::{NO_TARGETS, PARAMETER, Refusal, VALUE};
use message::{Audience, Message};

const MAX_REGIDS: usize = 1000;

/// The service and all that it knows of its customers.
pub(crate) struct Xiaomi {
    world: Arc<World>,
    /// By AppSecret.
    apps: Mutex<HashMap<String, App>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Interface {
    /// One text for many.
    Regids { several_packages: bool },
    /// A text for each.
    Multi,
    /// Takes back what one text showed.
    Recall,
}

impl Interface {
    fn of(path: &str) -> Option<Interface> {
        match path {
            "/v2/message/regid" => Some(Interface::Regids {
                several_packages: false,
            }),
            "/v3/message/regid" => Some(Interface::Regids {
                several_packages: true,
            }),
            "/v2/multi_messages/regids" => Some(Interface::Multi),
            "/v3/message/regid/revoke" => Some(Interface::Recall),
            _ => None,
        }
    }

    /// The field that may come again.
    fn list(self) -> &'static str {
        match self {
            Interface::Recall => recall::REGIDS,
            _ => "",
        }
    }
}

/// A request, as far as all interfaces read it alike.
struct XiaomiRequest<'a> {
    head: &'a Parts,
    form: Form,
    app: App,
    secret: String,
    now_ms: u64,
}

/// Whom a good request reaches, and what is said of them.
struct Outcome {
    reached: Vec<String>,
    accepted: usize,
    channel_exceed_quota: Option<String>,
}

impl Xiaomi {
    pub(crate) fn new(world: Arc<World>) -> Xiaomi {
        Xiaomi {
            world,
            apps: Mutex::default(),
        }
    }

    fn set_up(&self, app_secret: &str, change: impl FnOnce(&mut App)) {
        change(self.apps().entry(app_secret.to_owned()).or_default());
    }

    fn apps(&self) -> MutexGuard<'_, HashMap<String, App>> {
        self.apps.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The checks in order.
    fn check(&self, head: &Parts, body: &[u8]) -> Result<Acceptance, Refusal> {
        if head.uri.path() == status::PATH {
            return self.status(head, body);
        }
        let interface = Interface::of(head.uri.path()).ok_or_else(Refusal::no_such_path)?;
        if head.method != Method::POST {
            return Err(Refusal::wrong_method());
        }
        let (secret, app) = self.authenticate(head)?;
        let list = interface.list();
        let form = form::parse_list(&head.headers, body, list)?;
        let now_ms = self.world.clock.now_ms();
        if !self.world.customers(Vendor::Xiaomi).take_rate(now_ms) {
            return Err(Refusal::too_fast());
        }
        let request = XiaomiRequest {
            head,
            form,
            app,
            secret,
            now_ms,
        };
        match interface {
            Interface::Regids { several_packages } => self.to_regids(&request, several_packages),
            Interface::Multi => self.to_each(&request),
            Interface::Recall => self.recall(&request),
        }
    }

    /// The secret follows `key=` and nothing else.
    fn authenticate(&self, head: &Parts) -> Result<(String, App), Refusal> {
        let secret = head
            .headers
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("key="))
            .ok_or_else(Refusal::wrong_secret)?;
        let app = self.apps().get(secret).cloned();
        let app = app.ok_or_else(Refusal::wrong_secret)?;
        Ok((secret.to_owned(), app))
    }

    fn to_regids(&self, request: &XiaomiRequest<'_>, several: bool) -> Result<Acceptance, Refusal> {
        let regids = read_regids(request.form.get("registration_id"))?;
        let message = Message::of_form(&request.form, &["registration_id"])?;
        let audience = message.check(&request.app, several, request.now_ms)?;
        let outcome = self.sort(regids, &audience)?;
        let surplus =
            !audience.is_private && !self.take_quota(outcome.reached.len(), request.now_ms);
        if surplus {
            return Err(Refusal::day_is_full());
        }
        Ok(accept(request, outcome, request.form.to_json().into()))
    }

    fn to_each(&self, request: &XiaomiRequest<'_>) -> Result<Acceptance, Refusal> {
        if let Some(name) = request.form.unknown(&["messages", "time_to_send"]) {
            return Err(Refusal::of(PARAMETER, format!("unknown parameter {name}")));
        }
        let at_ms = request.form.get("time_to_send");
        let at_ms = at_ms.map(|text| message::whole("time_to_send", text));
        message::check_schedule(at_ms.transpose()?, request.now_ms)?;
        let text = request.form.get("messages").unwrap_or_default();
        if text.is_empty() {
            return Err(Refusal::missing("messages"));
        }
        let messages: Value = serde_json::from_str(text)
            .map_err(|error| Refusal::value("messages", &format!("is not JSON: {error}")))?;
        let list = messages
            .as_array()
            .ok_or_else(|| Refusal::value("messages", "is not a list"))?;
        if !(1..=MAX_REGIDS).contains(&list.len()) {
            return Err(Refusal::value("messages", "has not 1 to 1000 of them"));
        }
        let mut targeted = Vec::new();
        for (index, entry) in list.iter().enumerate() {
            let mut fields = Fields::of(&format!("messages[{index}]"), entry)?;
            let target = fields.text("target", 1..=usize::MAX)?;
            let target = fields.must("target", target)?.to_owned();
            let own = fields.object("message")?;
            let own = Message::of_json(fields.must("message", own)?)?;
            let audience = own.check(&request.app, false, request.now_ms)?;
            fields.end()?;
            targeted.push((target, audience));
        }
        let outcome = self.sort_each(targeted, request.now_ms)?;
        let mut recorded = request.form.to_json();
        recorded.insert("messages".to_owned(), messages);
        Ok(accept(request, outcome, recorded.into()))
    }

    /// Tells the living from the dead.
    fn sort(&self, regids: Vec<String>, audience: &Audience) -> Result<Outcome, Refusal> {
        let several = regids.len() > 1;
        let (mut reached, mut accepted) = (Vec::new(), 0);
        for regid in regids {
            match self.result_for(&regid, audience) {
                XiaomiResult::Reached => reached.push(regid),
                XiaomiResult::Lost => {}
                XiaomiResult::Dead(code) if !several && code != NO_TARGETS => {
                    return Err(Refusal::of(code, "regId is not valid"));
                }
                XiaomiResult::Dead(_) => continue,
            }
            accepted += 1;
        }
        match accepted {
            0 => Err(Refusal::no_targets()),
            accepted => Ok(Outcome {
                reached,
                accepted,
                channel_exceed_quota: None,
            }),
        }
    }

    /// Here a full day does not refuse, but cuts.
    fn sort_each(
        &self,
        targeted: Vec<(String, Audience)>,
        now_ms: u64,
    ) -> Result<Outcome, Refusal> {
        let (mut reached, mut accepted) = (Vec::new(), 0);
        let mut cut = BTreeMap::<String, usize>::new();
        for (target, audience) in targeted {
            let result = self.result_for(&target, &audience);
            if matches!(result, XiaomiResult::Dead(_)) {
                continue;
            }
            accepted += 1;
            if !audience.is_private && !self.take_quota(1, now_ms) {
                let channel = audience.channel.unwrap_or_else(|| "no_channel".to_owned());
                *cut.entry(channel).or_default() += 1;
            } else if result == XiaomiResult::Reached {
                reached.push(target);
            }
        }
        if accepted == 0 {
            return Err(Refusal::no_targets());
        }
        let cut: Vec<String> = cut
            .into_iter()
            .map(|(channel, count)| format!("{channel}:{count}"))
            .collect();
        Ok(Outcome {
            reached,
            accepted,
            channel_exceed_quota: (!cut.is_empty()).then(|| cut.join(" ")),
        })
    }

    fn result_for(&self, regid: &str, audience: &Audience) -> XiaomiResult {
        let condition = self.world.customers(Vendor::Xiaomi).condition(regid);
        match condition.as_deref() {
            None => XiaomiResult::Reached,
            Some("128") if audience.is_private => XiaomiResult::Reached,
            Some("32" | "64" | "128" | "1024") => XiaomiResult::Lost,
            Some("16") => XiaomiResult::Dead(NO_TARGETS),
            Some(code) => XiaomiResult::Dead(code.parse().unwrap_or(VALUE)),
        }
    }

    fn take_quota(&self, messages: usize, now_ms: u64) -> bool {
        let customers = self.world.customers(Vendor::Xiaomi);
        customers.take_quota(messages as u64, now_ms)
    }
}

/// What becomes of a message to one regid.
#[derive(Debug, PartialEq, Eq)]
enum XiaomiResult {
    Reached,
    Lost,
    Dead(i64),
}

fn accept(request: &XiaomiRequest<'_>, outcome: Outcome, body: Value) -> Acceptance {
    let id = format!("scm{}", ids::hex(9));
    let mut data = json!({ "id": id });
    if let Some(cut) = outcome.channel_exceed_quota {
        data["channel_exceed_quota"] = cut.into();
    }
    let reply = json!({
        "result": "ok",
        "description": "\u{6210}\u{529f}",
        "data": data,
        "code": 0,
        "info": format!("Received push messages for {} REGID", outcome.accepted),
        "trace_id": error::trace_id(),
    });
    let push = Push {
        head: request.head,
        tokens: outcome.reached,
        body,
        vendor_id: id,
        credential: Some(request.secret.clone()),
        reply: Reply::json(StatusCode::OK, &reply),
    };
    Acceptance::of_push(Vendor::Xiaomi, request.now_ms, push)
}

fn read_regids(text: Option<&str>) -> Result<Vec<String>, Refusal> {
    let text = text.filter(|text| !text.is_empty());
    let text = text.ok_or_else(|| Refusal::missing("registration_id"))?;
    let regids: Vec<String> = text.split(',').map(str::to_owned).collect();
    if regids.len() > MAX_REGIDS {
        return Err(Refusal::value("registration_id", "has more than 1000"));
    }
    let is_blank = |regid: &String| regid.is_empty() || regid.contains(char::is_whitespace);
    match regids.iter().any(is_blank) {
        true => Err(Refusal::wrong_regid()),
        false => Ok(regids),
    }
}

impl Service for Xiaomi {
    type Peer = ();
    const VENDOR: Vendor = Vendor::Xiaomi;

    fn greet(&self, _client_certificate: Option<&[u8]>) {}

    fn judge(&self, _peer: &(), head: &Parts, body: &[u8]) -> Judged {
        let checked = self.check(head, body).map_err(Refusal::into_answer);
        Judged::of(Vendor::Xiaomi, checked)
    }

    fn refusal(&self, fault: &StatusFault<'_>, _acceptance: &Acceptance) -> (String, Reply) {
        Refusal::injected(fault.status, fault.reason).into_answer()
    }
}
