//! A small driver that is right, and wrong in one chosen way.

use std::borrow::Cow;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use nudged_driver_kit::click;
use nudged_driver_kit::fit::fitted;
use nudged_driver_kit::text::{self, Unit};
use nudged_plugin_api::info::{Kind, MessageClass, Window};
use nudged_plugin_api::{
    Authorize, Batch, Class, Click, Context, Decoded, Driver, EncodeError, Exchange, FollowUp,
    Grant, HttpRequest, HttpResponse, Info, Kind as Sent, KindInfo, Message, Notice, Probe, Recall,
    Rendered, Setting, SettingError, Settings, Target, Timestamp, TokenUse, Verdict, too_large,
};
use serde_json::{Value, json};

/// Nothing is wrong.
pub const NONE: u8 = 0;

/// A driver with fault number `F`; the numbers are given in `main`.
pub struct Acme<const F: u8> {
    app: String,
    secret: String,
    endpoint: String,
    encoded: AtomicBool,
}

static CALLS: AtomicU32 = AtomicU32::new(0);

macro_rules! faults {
    ($($name:ident = $number:literal),+ $(,)?) => { $(pub const $name: u8 = $number;)+ };
}
faults! {
    VENDOR_IN_CAPITALS = 1, HOST_WITH_SCHEME = 2, NO_BATCH = 3, KEY_TWICE = 4,
    SECRET_DEFAULT = 5, DESCRIBES_DIFFERENTLY = 6, OPENS_WITHOUT_REQUIRED = 7,
    BLAMES_NOBODY = 8, SECRET_IN_ERROR = 9, SECRET_IN_SCOPE = 10, NO_SCOPE = 11,
    REFUSES_EVERYTHING = 12, GRANT_OVER_HTTP = 13, GRANT_EXPIRES_FIRST = 14, EMPTY_GRANT = 15,
    TOKEN_IN_REFUSAL = 16, REFUSES_SAMPLES = 17, ENCODE_ERROR_WITHOUT_CODE = 18,
    UNDECLARED_HOST = 19, HEADER_INJECTION = 20, HAND_MADE_JSON = 21, NO_LIMIT = 22,
    TOKEN_IN_PATH = 23, ANY_OPTIONS = 24, WRONG_COUNT = 25, ACCEPTS_ALWAYS = 26,
    DEAD_ON_5XX = 27, NO_REMEDY = 28, ENDLESS_FOLLOW_UP = 29, IMPATIENT = 30,
    PANICS_IN_DECODE = 31, COUNTS_CALLS = 32, REMEMBERS = 33, UNDECLARED_FOLLOW_UP = 34,
    DAEMONS_HEADER = 35, HELP_IS_NO_SENTENCE = 36, PANICS_ON_ODD_TOKENS = 37, QUOTES_THE_BODY = 38,
    CLASS_TWICE = 39, UNDECLARED_CLASS = 40, MUTE_NOTICE = 41, CLOSES_BEFORE_IT_OPENS = 42,
    NO_RECALL_KEY = 43, REFUSES_RECALLS = 44, RECALLS_COST_TOKENS = 45,
    DAYS_OF_ANOTHER_PLANET = 46, BLANK_ACCOUNT = 47, SECRET_IN_ACCOUNT = 48, NO_PROBE = 49,
    TROUBLE_IS_PROOF = 50, MUTE_ADVICE = 51, FORM_OF_NO_TOKEN = 52,
    LOSES_THE_LONG = 53, CUTS_TOO_MUCH = 54, ONE_CLICK_ONLY = 55, HIDES_THE_OTHER_CLICK = 56,
    DECLARES_ALERTS = 57, SENDS_ANY_KIND = 58, DECLARES_A_KIND_TOO_MANY = 59,
    REFUSES_A_KIND_IN_OTHER_WORDS = 60,
}

impl<const F: u8> Driver for Acme<F> {
    fn describe() -> Info {
        let vendor = if F == VENDOR_IN_CAPITALS {
            "Acme"
        } else {
            "acme"
        };
        let host = if F == HOST_WITH_SCHEME {
            "https://push.acme.example"
        } else {
            "push.acme.example"
        };
        let second = if F == KEY_TWICE { "app" } else { "secret" };
        let help = if F == HELP_IS_NO_SENTENCE {
            "the app"
        } else {
            "The app's id."
        };
        let mut secret = Setting::new(second, Kind::Text, "The app's secret.")
            .required()
            .secret();
        if F == SECRET_DEFAULT {
            secret = secret.with_default("\"guess\"");
        }
        let mut info = Info::new(vendor, "Acme Push", "1.0.0")
            .hosts([host])
            .settings([
                Setting::new("app", Kind::Text, help).required(),
                secret,
                Setting::new("endpoint", Kind::Url, "Another server of the vendor."),
                Setting::new("region", Kind::Choice, "Where the app is registered.")
                    .choices(["eu", "us"])
                    .with_default("\"eu\""),
            ]);
        info.batch = if F == NO_BATCH { 0 } else { 3 };
        let mut chat = MessageClass::new("chat", "Messages between people.");
        if F == CLOSES_BEFORE_IT_OPENS {
            chat = chat.window(Window::hours(23, 7, 8));
        }
        if F == DAYS_OF_ANOTHER_PLANET {
            info = info.day_ahead(15);
        }
        info.kinds = vec![KindInfo::BACKGROUND];
        if F == DECLARES_ALERTS {
            info.kinds
                .push(KindInfo::new(Sent::Alert, TokenUse::Device));
        }
        if F == DECLARES_A_KIND_TOO_MANY {
            info.kinds.push(KindInfo::voip(TokenUse::Own));
        }
        info.recall = true;
        info.probe = Probe::Request;
        info.classes = vec![chat; if F == CLASS_TWICE { 2 } else { 1 }];
        if F == DESCRIBES_DIFFERENTLY {
            info.rate = Some(1 + CALLS.fetch_add(1, Ordering::Relaxed));
        }
        info
    }

    fn open(settings: &Settings, _: Timestamp) -> Result<Self, SettingError> {
        let app = match settings.require_text("app") {
            Err(_) if F == OPENS_WITHOUT_REQUIRED => "app",
            app => app?,
        };
        let secret = settings.require_text("secret")?;
        if secret.is_empty()
            || !secret.chars().all(|c| c.is_ascii_alphanumeric())
            || F == REFUSES_EVERYTHING
        {
            let setting = if F == BLAMES_NOBODY {
                "something"
            } else {
                "secret"
            };
            let problem = match F {
                SECRET_IN_ERROR => format!("`{secret}` is no secret of Acme"),
                _ => "must be letters and digits".to_owned(),
            };
            return Err(SettingError::new(
                setting,
                problem,
                "copy it from Acme's console",
            ));
        }
        Ok(Self {
            app: app.to_owned(),
            secret: secret.to_owned(),
            endpoint: settings
                .text("endpoint")
                .unwrap_or("https://push.acme.example")
                .to_owned(),
            encoded: AtomicBool::new(false),
        })
    }

    fn advice(&self) -> Vec<Notice> {
        let text = if F == MUTE_ADVICE {
            ""
        } else {
            "costs each message a moment"
        };
        vec![Notice::new("region", text)]
    }

    fn token(&self, token: &str) -> Result<String, EncodeError> {
        Ok(match F {
            FORM_OF_NO_TOKEN => format!("{token}!"),
            _ => token.to_ascii_lowercase(),
        })
    }

    fn account(&self) -> Option<String> {
        Some(match F {
            BLANK_ACCOUNT => " ".to_owned(),
            SECRET_IN_ACCOUNT => format!("{}:{}", self.app, self.secret),
            _ => self.app.clone(),
        })
    }

    fn probe(&self, context: &Context<'_>) -> Option<HttpRequest> {
        let grant = context.grant.filter(|_| F != NO_PROBE)?;
        let request = HttpRequest::get(format!("{}/v1/me", self.endpoint));
        Some(request.header("authorization", format!("Bearer {}", grant.value)))
    }

    fn probed(&self, response: &HttpResponse, now: Timestamp) -> Result<(), Verdict> {
        match response.status {
            200 => Ok(()),
            500 if F == TROUBLE_IS_PROOF => Ok(()),
            401 | 403 => Err(self.refused(Class::Credential, response, now)),
            _ => Err(self.refused(Class::Unavailable, response, now)),
        }
    }

    fn grant_scope(&self) -> Option<String> {
        match F {
            NO_SCOPE => None,
            SECRET_IN_SCOPE => Some(format!("{}:{}", self.app, self.secret)),
            _ => Some(self.app.clone()),
        }
    }

    fn authorize(&self, _: Timestamp) -> Authorize {
        let url = match F {
            GRANT_OVER_HTTP => "http://push.acme.example/token".to_owned(),
            _ => format!("{}/token", self.endpoint),
        };
        Authorize::Fetch(HttpRequest::post(url).body(format!("secret={}", self.secret)))
    }

    fn authorized(&self, response: &HttpResponse, now: Timestamp) -> Result<Grant, Verdict> {
        let answer: Value = serde_json::from_slice(&response.body).unwrap_or_default();
        let token = answer["access_token"].as_str().unwrap_or_default();
        let usable = F == EMPTY_GRANT || (!token.is_empty() && !token.contains(char::is_control));
        match answer["expires_in"].as_u64() {
            Some(seconds) if response.status == 200 && usable => {
                let mut grant = Grant::new(token, now, seconds);
                if F == GRANT_EXPIRES_FIRST {
                    grant.refresh_at = grant.expires_at.plus_seconds(1);
                }
                Ok(grant)
            }
            _ => {
                let text = match F {
                    TOKEN_IN_REFUSAL => String::from_utf8_lossy(&response.body).into_owned(),
                    _ => String::new(),
                };
                Err(self.refused(Class::Unavailable, response, now).text(text))
            }
        }
    }

    fn encode(&self, batch: Batch<'_>, context: &Context<'_>) -> Result<Rendered, EncodeError> {
        self.encoded.store(true, Ordering::Relaxed);
        match F {
            LOSES_THE_LONG => self.request(batch.message, batch.targets, context),
            CUTS_TOO_MUCH => fitted(batch.message, |message, _| {
                let mut message = message.clone();
                let mut notices = Vec::new();
                if let Some(body) = &mut message.body {
                    let kept = body.chars().count() / 3;
                    let cut = text::fit("body", body, 300, Unit::Characters, &mut notices);
                    if let Cow::Owned(_) = cut {
                        *body = body.chars().take(kept.min(100)).collect();
                    }
                }
                let rendered = self.request(&message, batch.targets, context)?;
                let said = notices
                    .into_iter()
                    .map(|it| Notice::new(it.field, it.text.replace("to 300", "to 100")));
                let notices = rendered.notices.iter().cloned().chain(said).collect();
                Ok(rendered.notices(notices))
            }),
            _ => fitted(batch.message, |message, _| {
                self.request(message, batch.targets, context)
            }),
        }
    }

    fn decode(&self, exchange: Exchange<'_>, now: Timestamp) -> Decoded {
        self.answer(exchange, now)
    }

    fn recall(&self, recall: Recall<'_>, context: &Context<'_>) -> Result<Rendered, EncodeError> {
        if recall.key != "7" || F == REFUSES_RECALLS {
            return Err(refusal::<F>("BadRecallKey", "recall_key", "is not Acme's"));
        }
        let tokens: Vec<&str> = recall
            .targets
            .iter()
            .map(|target| target.token.as_str())
            .collect();
        let body = json!({ "from": tokens, "message": recall.vendor_id }).to_string();
        if body.len() > 4096 {
            return Err(refusal::<F>("TooLong", "token", "is too long"));
        }
        let grant = context.grant.map_or("", |grant| grant.value.as_str());
        let request = HttpRequest::post(format!("{}/v1/recall", self.endpoint))
            .header("authorization", format!("Bearer {grant}"))
            .header("content-type", "application/json")
            .body(body);
        Ok(request.into())
    }

    fn recalled(&self, exchange: Exchange<'_>, now: Timestamp) -> Vec<Verdict> {
        let response = exchange.response;
        let verdict = match response.status {
            200 => Verdict::accepted(None),
            410 if F == RECALLS_COST_TOKENS => self.refused(Class::InvalidToken, response, now),
            _ => self.refused(Class::BadRequest, response, now),
        };
        vec![verdict; exchange.targets.len()]
    }
}

impl<const F: u8> Acme<F> {
    fn request(
        &self,
        message: &Message,
        targets: &[Target],
        context: &Context<'_>,
    ) -> Result<Rendered, EncodeError> {
        let tokens: Vec<&str> = targets.iter().map(|target| target.token.as_str()).collect();
        let sends = matches!(message.kind, Sent::Alert | Sent::Background);
        if !sends && F != SENDS_ANY_KIND {
            let code = match F {
                REFUSES_A_KIND_IN_OTHER_WORDS => "NoCalls",
                _ => "KindUnsupported",
            };
            return Err(refusal::<F>(code, "kind", "is none of Acme's"));
        }
        if tokens.contains(&"") {
            return Err(refusal::<F>("BadToken", "token", "is empty"));
        }
        if F == PANICS_ON_ODD_TOKENS {
            assert!(tokens[0].is_ascii());
        }
        if F == REFUSES_SAMPLES {
            return Err(refusal::<F>("Never", "title", "is refused"));
        }
        let options = message
            .options
            .as_deref()
            .map(serde_json::from_str::<Value>);
        let known = options.is_none_or(|options| {
            options.is_ok_and(|options| {
                options
                    .as_object()
                    .is_some_and(|map| map.keys().all(|key| key == "sound"))
            })
        });
        if !known && F != ANY_OPTIONS {
            return Err(refusal::<F>(
                "BadOption",
                "options",
                "must be an object with `sound`",
            ));
        }
        let title = message.title.as_deref().unwrap_or_default();
        let said = if F == MUTE_NOTICE { "" } else { "is ignored" };
        let mut notices = vec![Notice::new("badge", said)];
        let body = match F {
            HAND_MADE_JSON => format!("{{\"title\":\"{title}\"}}"),
            _ => json!({
                "to": tokens, "title": title, "text": message.body, "ext": message.ext,
                "url": url_of::<F>(message, &mut notices),
            })
            .to_string(),
        };
        if body.len() > 4096 && F != NO_LIMIT {
            return Err(too_large("message", body.len(), 4096, "bytes"));
        }
        let url = match F {
            UNDECLARED_HOST => "https://push.evil.example/".to_owned(),
            TOKEN_IN_PATH => {
                let token = tokens[0].replace(|c: char| !c.is_ascii_alphanumeric() && c != '/', "");
                format!("{}/v1/{token}", self.endpoint)
            }
            _ => format!("{}/v1/push", self.endpoint),
        };
        let grant = context.grant.map_or("", |grant| grant.value.as_str());
        let request = HttpRequest::post(url)
            .header("authorization", format!("Bearer {grant}"))
            .header("content-type", "application/json")
            .body(body);
        let request = match F {
            HEADER_INJECTION => request.header("x-token", tokens[0]),
            DAEMONS_HEADER => request.header("host", "push.acme.example"),
            COUNTS_CALLS => {
                request.header("x-count", CALLS.fetch_add(1, Ordering::Relaxed).to_string())
            }
            _ => request,
        };
        let class = if F == UNDECLARED_CLASS {
            "news"
        } else {
            "chat"
        };
        let key = if F == NO_RECALL_KEY { "" } else { "7" };
        Ok(Rendered::new(request)
            .class(class)
            .recall_key(key)
            .notices(notices))
    }

    fn answer(&self, exchange: Exchange<'_>, now: Timestamp) -> Decoded {
        let response = exchange.response;
        let count = exchange.targets.len();
        let answer = serde_json::from_slice::<Value>(&response.body);
        let verdict = match response.status {
            _ if F == REMEMBERS && !self.encoded.load(Ordering::Relaxed) => {
                self.refused(Class::BadRequest, response, now)
            }
            _ if F == PANICS_IN_DECODE && answer.is_err() => panic!("no JSON"),
            500.. if F == ENDLESS_FOLLOW_UP => {
                let request = HttpRequest::post(format!("{}/v1/again", self.endpoint));
                return Decoded::FollowUp(FollowUp::new(request, Vec::new()));
            }
            201 if exchange.memo.is_empty() => {
                let host = match F {
                    UNDECLARED_FOLLOW_UP => "https://push.evil.example",
                    _ => self.endpoint.as_str(),
                };
                let request = HttpRequest::post(format!("{host}/v1/second"));
                return Decoded::FollowUp(FollowUp::new(request, vec![1]));
            }
            200..=299 => Verdict::accepted(None),
            _ if F == ACCEPTS_ALWAYS => Verdict::accepted(None),
            410 => self.refused(Class::InvalidToken, response, now),
            500.. if F == DEAD_ON_5XX => self.refused(Class::InvalidToken, response, now),
            429 => self.refused(Class::Throttled, response, now),
            _ => self.refused(Class::Unavailable, response, now),
        };
        Decoded::all(verdict, if F == WRONG_COUNT { 1 } else { count })
    }

    fn refused(&self, class: Class, response: &HttpResponse, now: Timestamp) -> Verdict {
        let code = match F {
            QUOTES_THE_BODY => String::from_utf8_lossy(&response.body).into_owned(),
            _ => response.status.to_string(),
        };
        let remedy = if F == NO_REMEDY {
            ""
        } else {
            "see Acme's status page"
        };
        let wait = response.retry_after_millis(now).filter(|_| F != IMPATIENT);
        Verdict::refused(class, code, remedy).retry_after_millis(wait)
    }
}

/// Acme opens web pages.
fn url_of<const F: u8>(message: &Message, notices: &mut Vec<Notice>) -> Option<String> {
    let mut message = message.clone();
    if F == ONE_CLICK_ONLY {
        message.click_else = None;
    }
    let told = notices.len();
    let url = click::first(&message, notices, |click, _| match click {
        Click::Url(url) => Ok(url.clone()),
        _ => Err("Acme opens web pages only".to_owned()),
    });
    if F == HIDES_THE_OTHER_CLICK && url.is_some() {
        notices.truncate(told);
    }
    url
}

fn refusal<const F: u8>(code: &str, field: &str, problem: &str) -> EncodeError {
    let code = if F == ENCODE_ERROR_WITHOUT_CODE {
        ""
    } else {
        code
    };
    EncodeError::new(code, field, problem)
}
