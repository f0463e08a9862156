//! The three interfaces that push: to one, and to many in two steps.

use http::StatusCode;
use http::request::Parts;
use serde_json::{Value, json};

use super::book::{RequestKey, Task};
use super::error::{self, Refusal, coded, invalid_user};
use super::lock;
use super::message::{self, Message};
use super::{Caller, Vivo};
use crate::checks::fields::Fields;
use crate::checks::rest;
use crate::net::exchange::{Acceptance, Push, Reply};
use crate::vendors::Vendor;

const NO_TEST_DEVICE: i64 = 4;

/// What becomes of a message to one device.
#[derive(Debug, PartialEq, Eq)]
enum VivoResult {
    Reached,
    /// It is to be blamed, with this status.
    Invalid(i64),
    /// Only a request for it alone is told, with this code.
    Lost(i64),
}

impl Vivo {
    pub(super) fn send(
        &self,
        head: &Parts,
        caller: &Caller,
        body: Value,
    ) -> Result<Acceptance, Refusal> {
        let mut fields = Fields::of("", &body)?;
        let app_id = own_app_id(&mut fields, caller)?;
        let reg_id = read_target(&mut fields)?.to_owned();
        let message = message::check(&mut fields)?;
        fields.end()?;
        self.admit(app_id, &message, message.is_test)?;
        let key = key(head, app_id, &message.request_id);
        if let Some(reply) = self.lock().reply_to(&key) {
            return Ok(self.acceptance(head, caller, Sent::nothing(reply)));
        }
        match self.result_for(app_id, &reg_id, message.is_test) {
            VivoResult::Reached => {}
            VivoResult::Invalid(status) => {
                return Err(Refusal::device(error::REG_ID, &reg_id, status));
            }
            VivoResult::Lost(code) => {
                return Err(Refusal::new(code, "the device cannot be reached"));
            }
        }
        self.take_quota(&message, message.is_test, 1)?;
        let task_id = message::new_task_id();
        let reply = json!({ "result": 0, "desc": "success", "taskId": task_id });
        let sent = Sent {
            tokens: vec![reg_id],
            body,
            task_id,
            reply: Reply::json(StatusCode::OK, &reply),
        };
        Ok(self.done(key, self.acceptance(head, caller, sent)))
    }

    pub(super) fn save(
        &self,
        head: &Parts,
        caller: &Caller,
        body: Value,
    ) -> Result<Acceptance, Refusal> {
        let mut fields = Fields::of("", &body)?;
        let app_id = own_app_id(&mut fields, caller)?;
        let message = message::check(&mut fields)?;
        fields.end()?;
        // Whether it is a test is said in the second step.
        self.admit(app_id, &message, true)?;
        let task_id = message::new_task_id();
        let task = Task {
            app_id,
            body,
            message,
            saved_ms: self.world.clock.now_ms(),
        };
        self.lock().save(&task_id, task);
        let reply = json!({ "result": 0, "desc": "success", "taskId": task_id });
        let reply = Reply::json(StatusCode::OK, &reply);
        Ok(self.acceptance(head, caller, Sent::nothing(reply)))
    }

    pub(super) fn push_to_list(
        &self,
        head: &Parts,
        caller: &Caller,
        body: Value,
    ) -> Result<Acceptance, Refusal> {
        let now_ms = self.world.clock.now_ms();
        let mut fields = Fields::of("", &body)?;
        let app_id = own_app_id(&mut fields, caller)?;
        let reg_ids = read_targets(&mut fields)?;
        let task_id = read_task_id(&mut fields)?.to_owned();
        let request_id = message::request_id(&mut fields)?;
        let is_test = message::push_mode(&mut fields)?;
        fields.end()?;
        let task = self.lock().task(&task_id, app_id, now_ms);
        let task =
            task.ok_or_else(|| Refusal::new(error::TASK_GONE, "the task is missing or expired"))?;
        self.admit(app_id, &task.message, is_test)?;
        let key = key(head, app_id, &request_id);
        if let Some(reply) = self.lock().reply_to(&key) {
            return Ok(self.acceptance(head, caller, Sent::nothing(reply)));
        }
        let mut reached = Vec::new();
        let mut invalid = Vec::new();
        for reg_id in reg_ids {
            match self.result_for(app_id, &reg_id, is_test) {
                VivoResult::Reached => reached.push(reg_id),
                VivoResult::Invalid(status) => invalid.push(invalid_user(&reg_id, status)),
                VivoResult::Lost(_) => {}
            }
        }
        self.take_quota(&task.message, is_test, reached.len())?;
        let mut reply = json!({ "result": 0, "desc": "success", "requestId": request_id });
        if !invalid.is_empty() {
            reply["invalidUsers"] = invalid.into();
        }
        let sent = Sent {
            tokens: reached,
            body: json!({ "saved": task.body, "push": body }),
            task_id,
            reply: Reply::json(StatusCode::OK, &reply),
        };
        Ok(self.done(key, self.acceptance(head, caller, sent)))
    }

    /// What the app may send at all.
    fn admit(&self, app_id: i64, message: &Message, is_test: bool) -> Result<(), Refusal> {
        let state = self.lock().apps.get(&app_id).and_then(|app| app.state);
        let may_pass = match state {
            None => true,
            Some(error::UNDER_REVIEW) => is_test,
            Some(error::SYSTEM_IS_OFF) => !message.is_system,
            Some(error::CATEGORY) => message.has_category,
            Some(_) => false,
        };
        if let Some(code) = state
            && !may_pass
        {
            return Err(Refusal::new(code, "the app may not"));
        }
        match message.suspicion {
            Some(code) if !is_test => Err(Refusal::new(code, "the text looks like a test")),
            _ => Ok(()),
        }
    }

    fn result_for(&self, app_id: i64, reg_id: &str, is_test: bool) -> VivoResult {
        let is_test_device = || {
            let book = self.lock();
            let app = book.apps.get(&app_id);
            app.is_some_and(|app| app.test_devices.contains(reg_id))
        };
        let condition = self.world.customers(Vendor::Vivo).condition(reg_id);
        match condition.as_deref().map(str::parse) {
            Some(Ok(error::REG_ID)) => VivoResult::Invalid(1),
            Some(Ok(status @ 1..=3)) => VivoResult::Invalid(status),
            Some(Ok(NO_TEST_DEVICE)) if is_test => VivoResult::Invalid(NO_TEST_DEVICE),
            None | Some(Ok(NO_TEST_DEVICE)) => match is_test && !is_test_device() {
                true => VivoResult::Invalid(NO_TEST_DEVICE),
                false => VivoResult::Reached,
            },
            Some(code) => VivoResult::Lost(code.unwrap_or(error::REG_ID)),
        }
    }

    fn take_quota(&self, message: &Message, is_test: bool, messages: usize) -> Result<(), Refusal> {
        let customers = self.world.customers(Vendor::Vivo);
        let now_ms = self.world.clock.now_ms();
        let code = match message.is_system {
            true => error::SYSTEM_QUOTA,
            false => error::OPERATIONAL_QUOTA,
        };
        match is_test || customers.take_quota(messages as u64, now_ms) {
            true => Ok(()),
            false => Err(Refusal::new(code, "the quota of the day is used up")),
        }
    }

    fn acceptance(&self, head: &Parts, caller: &Caller, sent: Sent) -> Acceptance {
        let push = Push {
            head,
            tokens: sent.tokens,
            body: sent.body,
            vendor_id: sent.task_id,
            credential: Some(caller.grant.clone()),
            reply: sent.reply,
        };
        Acceptance::of_push(Vendor::Vivo, self.world.clock.now_ms(), push)
    }

    /// Keeps the requestId of a push that reaches somebody, once it is taken: a refused one
    /// may come again.
    fn done(&self, key: RequestKey, acceptance: Acceptance) -> Acceptance {
        if acceptance.received.is_none() {
            return acceptance;
        }
        let (book, reply) = (self.book.clone(), acceptance.reply.clone());
        acceptance.on_accept(move || lock(&book).is_done(key, reply))
    }
}

/// What comes of a good request.
struct Sent {
    tokens: Vec<String>,
    body: Value,
    task_id: String,
    reply: Reply,
}

impl Sent {
    fn nothing(reply: Reply) -> Sent {
        Sent {
            tokens: Vec::new(),
            body: Value::Null,
            task_id: String::new(),
            reply,
        }
    }
}

fn key(head: &Parts, app_id: i64, request_id: &str) -> RequestKey {
    RequestKey {
        path: head.uri.path().to_owned(),
        app_id,
        request_id: request_id.to_owned(),
    }
}

/// The app that the request names, which is the one of the grant.
fn own_app_id(fields: &mut Fields<'_>, caller: &Caller) -> Result<i64, Refusal> {
    let app_id = message::app_id(fields)?;
    match caller.app_id == app_id.to_string() {
        true => Ok(app_id),
        false => Err(Refusal::new(
            error::OTHER_APP,
            "the authToken is another app's",
        )),
    }
}

/// One regId. Nobody has an alias here.
fn read_target<'a>(fields: &mut Fields<'a>) -> Result<&'a str, Refusal> {
    let empty = coded(error::TARGET_EMPTY);
    let reg_id = fields
        .text_of_bytes("regId", usize::MAX)
        .map_err(&empty)?
        .filter(|reg_id| !reg_id.is_empty());
    let alias = fields.text("alias", 1..=70).map_err(&empty)?;
    match (reg_id, alias) {
        (Some(reg_id), None) if reg_id.contains(char::is_whitespace) => {
            Err(Refusal::device(error::REG_ID, reg_id, 1))
        }
        (Some(reg_id), None) => Ok(reg_id),
        (None, Some(_)) => Err(Refusal::new(error::ALIAS, "no such alias")),
        (None, None) => Err(empty(fields.problem("regId", "is empty"))),
        (Some(_), Some(_)) => Err(empty(fields.problem("alias", "is one target too many"))),
    }
}

fn read_targets(fields: &mut Fields<'_>) -> Result<Vec<String>, Refusal> {
    let empty = coded(error::REG_IDS_EMPTY);
    let reg_ids = rest::tokens(fields, "regIds").map_err(&empty)?;
    let aliases = fields.texts("aliases").map_err(&empty)?;
    let reg_ids = match (reg_ids, aliases) {
        (Some(reg_ids), None) => reg_ids,
        (None, Some(_)) => return Err(Refusal::new(error::ALIAS, "no such aliases")),
        _ => return Err(empty(fields.problem("regIds", "is not the one target"))),
    };
    match reg_ids.len() {
        0 => Err(empty(fields.problem("regIds", "is empty"))),
        2..=1000 => Ok(reg_ids),
        _ => Err(Refusal::new(
            error::REG_IDS_NUMBER,
            "regIds are not 2..1000",
        )),
    }
}

fn read_task_id<'a>(fields: &mut Fields<'a>) -> Result<&'a str, Refusal> {
    let task_id = fields
        .text_of_bytes("taskId", usize::MAX)
        .map_err(coded(error::TASK_WRONG))?;
    match task_id.unwrap_or_default() {
        "" => Err(Refusal::new(error::TASK_EMPTY, "taskId is empty")),
        id if rest::is_number_of(id, 1..=32) => Ok(id),
        _ => Err(Refusal::new(error::TASK_WRONG, "taskId is wrong")),
    }
}
