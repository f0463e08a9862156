//! nudged driver for Acme Push.

use nudged_driver_kit::fit::fitted;
use nudged_driver_kit::reasons::{Reasons, Row, Rule};
use nudged_driver_kit::{answer, oauth, token};
use nudged_plugin_api::info::Kind as Is;
use nudged_plugin_api::{
    Authorize, Batch, Class, Context, Decoded, Driver, EncodeError, Exchange, Grant, HttpRequest,
    HttpResponse, Info, Kind, Message, Priority, Rendered, Scope, Setting, SettingError, Settings,
    Target, Timestamp, Verdict, export_driver, too_large,
};
use serde_json::{Value, json};

export_driver!(Acme);

/// An open channel: one app at Acme.
pub struct Acme {
    key_id: String,
    secret: String,
    server: String,
}

const MAX_BODY: u32 = 4096;
const MAX_TOKEN: usize = 64;

impl Driver for Acme {
    fn describe() -> Info {
        let mut info = Info::new("acme", "Acme Push", env!("CARGO_PKG_VERSION"))
            .hosts(["push.acme.example"])
            .settings([
                Setting::new("key_id", Is::Text, "Id of the key, under Console > Keys.").required(),
                Setting::new("key", Is::Text, "The key, which Acme shows once.")
                    .required()
                    .secret(),
                Setting::new("server", Is::Url, "Acme's server for tests, or a proxy."),
            ])
            .sources(["Acme Push HTTP API, version 2"]);
        info.max_body = MAX_BODY;
        info.rate = Some(500);
        info
    }

    fn open(settings: &Settings, _now: Timestamp) -> Result<Self, SettingError> {
        let key_id = settings.require_text("key_id")?;
        let secret = settings.require_text("key")?;
        if secret.len() != 32 || !secret.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            // Sizes and rules, never the secret itself.
            let problem = format!("has {} bytes, not 32 letters and digits", secret.len());
            return Err(SettingError::new(
                "key",
                problem,
                "copy it again from Console > Keys",
            ));
        }
        let server = settings
            .text("server")
            .unwrap_or("https://push.acme.example");
        Ok(Self {
            key_id: key_id.to_owned(),
            secret: secret.to_owned(),
            server: server.trim_end_matches('/').to_owned(),
        })
    }

    /// Acme takes a token in capitals and in small letters for the same device.
    fn token(&self, token: &str) -> Result<String, EncodeError> {
        let odd = |c: char| !c.is_ascii_hexdigit();
        let problem = "is not hexadecimal; report it as Acme's SDK gives it";
        let id = token::check(token, "Acme's device id", MAX_TOKEN, &[(odd, problem)])?;
        Ok(id.to_ascii_lowercase())
    }

    /// Acme gives every new key a new id, so the id names the credential.
    fn grant_scope(&self) -> Option<String> {
        Some(self.key_id.clone())
    }

    fn authorize(&self, _now: Timestamp) -> Authorize {
        let body =
            json!({ "grant_type": "client_credentials", "id": self.key_id, "key": self.secret });
        Authorize::Fetch(
            HttpRequest::post(format!("{}/v2/token", self.server))
                .header("content-type", "application/json")
                .body(body.to_string()),
        )
    }

    fn authorized(&self, response: &HttpResponse, now: Timestamp) -> Result<Grant, Verdict> {
        oauth::bearer(response, now)
            .ok_or_else(|| refused(response, &answer::json(&response.body), now))
    }

    fn encode(&self, batch: Batch<'_>, context: &Context<'_>) -> Result<Rendered, EncodeError> {
        if batch.message.kind != Kind::Alert {
            return Err(EncodeError::new(
                "KindUnsupported",
                "kind",
                "Acme shows alerts only",
            ));
        }
        // Too long for Acme: as much of it as passes, and a notice of what was cut.
        fitted(batch.message, |message, _| {
            self.request(message, batch.single(), context)
        })
    }

    fn decode(&self, exchange: Exchange<'_>, now: Timestamp) -> Decoded {
        let response = exchange.response;
        let answer = answer::json(&response.body);
        let verdict = match response.status {
            200 => Verdict::accepted(answer["id"].as_str().map(str::to_owned)),
            _ => refused(response, &answer, now),
        };
        Decoded::all(verdict, exchange.targets.len())
    }
}

impl Acme {
    fn request(
        &self,
        message: &Message,
        target: &Target,
        context: &Context<'_>,
    ) -> Result<Rendered, EncodeError> {
        let mut body = json!({
            "to": self.token(&target.token)?,
            "title": message.title,
            "text": message.body,
            "data": message.ext,
            "urgent": message.priority == Priority::High,
            "ttl": message.lifetime.seconds_left(context.now),
        });
        if let Some(color) = color(message.options.as_deref())? {
            body["color"] = color.into();
        }
        let body = body.to_string();
        if body.len() > MAX_BODY as usize {
            return Err(too_large("message", body.len(), MAX_BODY as usize, "bytes"));
        }
        Ok(HttpRequest::post(format!("{}/v2/messages", self.server))
            .header("authorization", format!("Bearer {}", context.granted()?))
            .header("content-type", "application/json")
            .body(body)
            .into())
    }
}

/// Acme's only option, a color such as `#00ff7f`.
fn color(options: Option<&str>) -> Result<Option<String>, EncodeError> {
    let Some(options) = options else {
        return Ok(None);
    };
    let refuse = |field: &str, problem| EncodeError::new("BadOption", field, problem);
    let Ok(Value::Object(options)) = serde_json::from_str(options) else {
        return Err(refuse("options", "is not a JSON object"));
    };
    match options.iter().find(|(key, _)| *key != "color") {
        Some(_) => Err(refuse("options", "has a key other than `color`")),
        None => match options.get("color") {
            Some(Value::String(color)) => Ok(Some(color.clone())),
            Some(_) => Err(refuse("options.color", "is not a text")),
            None => Ok(None),
        },
    }
}

const TROUBLE: Rule = Rule::new(
    Class::Unavailable,
    "nothing to do unless it stays: see Acme's status page",
);
const TOO_FAST: Rule =
    Rule::new(Class::Throttled, "lower the channel's rate if this stays").scope(Scope::Account);
const BAD_MESSAGE: Rule = Rule::new(
    Class::BadRequest,
    "report this to the driver's author with the code",
);

/// Acme's codes: what each means, what it speaks of, and what the operator should do. The first row
/// that fits decides: whatever the body says, a server in trouble is no word on a token.
const REASONS: Reasons = Reasons::new(
    &[
        Row::statuses(500, 599, TROUBLE),
        Row::codes(
            &["unknown_device"],
            Rule::new(Class::InvalidToken, "nothing to do: the token is forgotten")
                .scope(Scope::Token),
        ),
        // Acme says so of every token of another app: perhaps it is the channel that is another's.
        Row::codes(
            &["foreign_device"],
            Rule::new(
                Class::InvalidToken,
                "if it hits many devices, set key to a key of the app that reports the tokens",
            )
            .scope(Scope::Credential),
        ),
        Row::codes(
            &["wrong_key"],
            Rule::new(
                Class::Credential,
                "set key_id and key to a key that is in force",
            )
            .scope(Scope::Credential),
        ),
        Row::codes(
            &["token_expired"],
            Rule::new(Class::GrantExpired, "nothing to do: a new token is fetched"),
        ),
        Row::codes(&["too_fast"], TOO_FAST),
        Row::codes(
            &["quota"],
            Rule::new(Class::QuotaExceeded, "raise the plan in Acme's console")
                .scope(Scope::Account),
        ),
        Row::codes(&["bad_message"], BAD_MESSAGE.scope(Scope::Message)),
        Row::status(429, TOO_FAST),
        Row::statuses(400, 499, BAD_MESSAGE),
    ],
    TROUBLE,
);

fn refused(response: &HttpResponse, answer: &Value, now: Timestamp) -> Verdict {
    let code = answer::word(&answer["code"]).unwrap_or_default();
    let rule = REASONS.judge(response.status, &code);
    rule.verdict(&code, response, now)
}

#[cfg(test)]
mod tests {
    use super::Acme;
    use nudged_driver_kit::test::Suite;
    use nudged_plugin_api::{HttpResponse, Message, Settings, Timestamp};

    #[test]
    fn conforms() {
        let settings = Settings::new()
            .with("key_id", "k-17")
            .with("key", "0123456789abcdef0123456789abcdef");
        let grant = r#"{"access_token":"t0k3n","expires_in":3600}"#;
        Suite::<Acme>::new(settings, Timestamp::from_seconds(1_750_000_000))
            .token("5f3a9c77")
            .message(Message::new("Ann", "Are you there?"))
            .grant_response(HttpResponse::new(200, grant))
            .response(200, r#"{"id":"m-1"}"#)
            .response(410, r#"{"code":"unknown_device"}"#)
            .response(429, r#"{"code":"too_fast"}"#)
            .run()
            .assert_passed();
    }
}
