//! Message and devices to request: `POST /v3/message/regid`.
//!
//! In: the channel, the batch and the time. Out: the request with what there is to say about
//! it, or which option Xiaomi would refuse for sure. A message that is too long is fitted, see
//! [`nudged_plugin_api::fit`]. One that Xiaomi may take for a test leaves a memo: the form to send
//! if so. The message's class is decided in `route`,
//! what is seen and heard in `shown`, what a tap does in `click`, what keys of the sender's own
//! go along in `extras`, and what a template is filled with in `template`.

mod click;
mod extras;
mod route;
mod shown;
pub(crate) mod template;

use std::collections::BTreeSet;

use form_urlencoded::Serializer;
use nudged_plugin_api::fit::{Extras, fitted};
use nudged_plugin_api::text::{Unit, present};
use nudged_plugin_api::trial::{Trial, names_a_test};
use nudged_plugin_api::{
    Batch, EncodeError, HttpRequest, Kind, Lifetime, Message, Notice, Rendered, Sound, Target,
    Timestamp, android, bad_option, bad_token, too_large,
};

use crate::options::{MAX_JOBKEY, MAX_PAYLOAD, MAX_SCHEDULE, Options};
use crate::payload::{Extra, Form, REGISTRATION_ID};
use crate::settings::{Channel, MAX_BODY, OpenApp};

use route::{Class, Route, route};
use shown::Text;

/// Longest title. Xiaomi counts characters and wants fewer than 50; others count UTF-16 units
/// for Xiaomi. Units hold for both.
pub(crate) const MAX_TITLE: usize = 49;
/// Longest text: fewer than 128.
pub(crate) const MAX_DESCRIPTION: usize = 127;
/// What the two lengths count.
pub(crate) const UNIT: Unit = Unit::Utf16;

/// Longest regid; real ones are base64 of 44 to about 100 characters.
const MAX_REGID: usize = 256;
const IN_CONTENT: &str =
    "is in the message's content (getContent) only, as it is too long for getExtra";
/// For messages that are now or never: Xiaomi forgets devices that are offline, and this
/// bounds the wait should a region's servers not know the flag for that.
const NOW_OR_NEVER: u64 = 60_000;

/// The request that delivers the batch's message to its devices.
pub(crate) fn request(
    channel: &Channel,
    batch: Batch<'_>,
    now: Timestamp,
) -> Result<Rendered, EncodeError> {
    let pass_through = match batch.message.kind {
        Kind::Alert => false,
        Kind::Background => true,
        _ => {
            return Err(EncodeError::new(
                "KindUnsupported",
                "kind",
                "is not one of Xiaomi's; expected alert or background",
            ));
        }
    };
    let options: Options = batch.message.read_options()?;
    options.check()?;
    let registration_id = regids(batch.targets)?;
    fitted(batch.message, |message, extras| {
        let make = |message: &Message| {
            let batch = Batch::new(message, batch.targets);
            made(channel, batch, now, &options, extras, &registration_id)
        };
        let made = make(message)?;
        let mut notices = made.notices;
        let mut named = None;
        let looks_like_test = || Trial::of(message, &channel.default_title, names_a_test);
        if let Some(trial) = looks_like_test().filter(|_| !pass_through) {
            notices.push(Notice::new(
                trial.field,
                "speaks of a test, which Xiaomi may refuse; the message then goes out once more \
                 with the sender's name in front",
            ));
            named = trial.again.and_then(|again| make(&again).ok());
        }
        let asked = present(&message.channel_id).filter(|_| options.channel_id.is_none());
        let elsewhere = asked.filter(|asked| !channel.lists(asked)).and_then(|_| {
            let mut message = message.clone();
            message.channel_id = None;
            make(&message).ok()
        });
        let memo = Again::memo(named, elsewhere);
        Ok(Rendered::new(post(channel, &channel.send_url, made.body))
            .class(made.class.name())
            .recall_key(made.notify_id.map(|id| id.to_string()).unwrap_or_default())
            .memo(memo)
            .notices(notices))
    })
}

/// A form, and what there is to say of it.
struct Made {
    body: String,
    class: Class,
    notify_id: Option<u32>,
    notices: Vec<Notice>,
}

fn made(
    channel: &Channel,
    batch: Batch<'_>,
    now: Timestamp,
    options: &Options,
    extras: Extras,
    registration_id: &str,
) -> Result<Made, EncodeError> {
    let mut plan = Plan {
        channel,
        message: batch.message,
        options,
        extras,
        batch,
        now,
        notices: Vec::new(),
    };
    let route = route(channel, batch.message, options, &mut plan.notices)?;
    let form = match batch.message.kind {
        Kind::Background => plan.transparent(registration_id, &route)?,
        _ => plan.notification(registration_id, &route)?,
    };
    let body = form.encode();
    if body.len() > MAX_BODY {
        return Err(too_large("message", body.len(), MAX_BODY, "bytes"));
    }
    Ok(Made {
        body,
        class: route.class,
        notify_id: form.notify_id,
        notices: plan.notices,
    })
}

/// What is remembered of forms that may have to be sent: a line for each cause, without the
/// regids, which the answer's devices have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Again {
    /// With the sender's name in front, where Xiaomi refuses the words.
    Named,
    /// In the certificate's channel, where Xiaomi does not know the message's.
    Elsewhere,
}

impl Again {
    fn memo(named: Option<Made>, elsewhere: Option<Made>) -> Vec<u8> {
        if named.is_none() && elsewhere.is_none() {
            return Vec::new();
        }
        let rest = |made: &Option<Made>| {
            let rest = made.as_ref().and_then(|made| made.body.split_once('&'));
            rest.map_or(String::new(), |(_, rest)| rest.to_owned())
        };
        format!("{}\n{}", rest(&named), rest(&elsewhere)).into_bytes()
    }

    /// The form to send now; none where none was remembered.
    pub(crate) fn request(
        self,
        channel: &Channel,
        targets: &[Target],
        memo: &[u8],
    ) -> Option<HttpRequest> {
        let (named, elsewhere) = std::str::from_utf8(memo).ok()?.split_once('\n')?;
        let rest = match self {
            Self::Named => named,
            Self::Elsewhere => elsewhere,
        };
        if rest.is_empty() {
            return None;
        }
        let regids = regids(targets).ok()?;
        let room = regids.len() * 5 / 4 + rest.len() + 20;
        let mut form = Serializer::new(String::with_capacity(room));
        form.append_pair(REGISTRATION_ID, &regids);
        let form = format!("{}&{rest}", form.finish());
        (form.len() <= MAX_BODY).then(|| post(channel, &channel.send_url, form))
    }
}

/// A form of this app.
pub(crate) fn post(channel: &Channel, url: &str, form: String) -> HttpRequest {
    HttpRequest::post(url)
        .header("authorization", channel.authorization.reveal())
        .header(
            "content-type",
            "application/x-www-form-urlencoded;charset=UTF-8",
        )
        .body(form)
}

/// The regids with a comma between them, each once.
fn regids(targets: &[Target]) -> Result<String, EncodeError> {
    let mut seen = BTreeSet::new();
    let mut all = String::with_capacity(targets.len() * 80);
    for target in targets {
        let regid = target.token.as_str();
        check_regid(regid)?;
        if seen.insert(regid) {
            if !all.is_empty() {
                all.push(',');
            }
            all.push_str(regid);
        }
    }
    Ok(all)
}

/// Only what would tear the list apart or can be no regid is refused.
pub(crate) fn check_regid(regid: &str) -> Result<(), EncodeError> {
    let problem = if regid.is_empty() {
        "is empty, expected a regid of Xiaomi's"
    } else if regid.len() > MAX_REGID {
        "is longer than 256 bytes, which no regid is"
    } else if regid.contains(',') {
        "has a comma, which parts one regid from the next"
    } else if !regid.bytes().all(|byte| byte.is_ascii_graphic()) {
        "has a space, a control character or a letter that is not ASCII, which no regid has"
    } else {
        return Ok(());
    };
    Err(bad_token(problem))
}

/// What the request is made from.
struct Plan<'a> {
    channel: &'a Channel,
    message: &'a Message,
    options: &'a Options,
    extras: Extras,
    batch: Batch<'a>,
    now: Timestamp,
    notices: Vec<Notice>,
}

impl<'a> Plan<'a> {
    /// What the phone shows.
    fn notification(
        &mut self,
        registration_id: &'a str,
        route: &Route<'a>,
    ) -> Result<Form<'a>, EncodeError> {
        let options = self.options;
        self.say_what_is_left_out();
        let (title, body) = self.texts();
        let mut extra = Extra::default();
        let ext = self.click(&mut extra);
        let mut notify_type = -1;
        match &self.message.sound {
            // The option is more precise.
            _ if present(&options.sound_uri).is_some() => {}
            Sound::Silent => notify_type = 0,
            Sound::Named(name) => extra.put_some("sound_uri", self.sound_uri(name)),
            _ => {}
        }
        extra.put_some("sound_uri", present(&options.sound_uri));
        let foreground = options.notify_foreground;
        if !foreground.unwrap_or(self.channel.notify_foreground) {
            extra.put("notify_foreground", "0");
        } else if foreground.is_some() {
            extra.put("notify_foreground", "1");
        }
        extra.put_some("ticker", present(&options.ticker));
        self.channel_and_template(route, &title, &body, &mut extra);
        self.common(&mut extra);
        let own = present(&options.payload);
        let (payload, ext) = match ext {
            // Where it fits whole, although the app has to look for it.
            Some(long)
                if long.len() > extras::MAX_EXT && long.len() <= MAX_PAYLOAD && own.is_none() =>
            {
                self.notice("ext", IN_CONTENT);
                (Some(long), None)
            }
            ext => (own, ext),
        };
        self.own_keys(ext, &mut extra)?;
        let key = present(&self.message.collapse_key);
        // Without a number of its own a notification replaces the one before it.
        let notify_id = options.notify_id.unwrap_or_else(|| match key {
            Some(key) => android::notify_id(key),
            None => android::notify_id(&self.batch.id()),
        });
        Ok(Form {
            registration_id,
            restricted_package_name: &self.channel.package,
            pass_through: false,
            title: Some(self.fitted(title, MAX_TITLE)),
            description: Some(self.fitted(body, MAX_DESCRIPTION)),
            payload,
            notify_type: Some(options.notify_type.unwrap_or(notify_type)),
            notify_id: Some(notify_id),
            time_to_live: self.time_to_live(route.class, &mut extra),
            time_to_send: self.time_to_send()?,
            extra,
        })
    }

    /// What the app gets without anything being shown.
    fn transparent(
        &mut self,
        registration_id: &'a str,
        route: &Route<'a>,
    ) -> Result<Form<'a>, EncodeError> {
        let mut extra = Extra::default();
        extra.put_some("channel_id", route.channel_id);
        self.common(&mut extra);
        let ext = present(&self.message.ext);
        let payload = present(&self.options.payload).or(ext).unwrap_or("{}");
        if payload.len() > MAX_PAYLOAD {
            return Err(too_large("ext", payload.len(), MAX_PAYLOAD, "bytes"));
        }
        let fits = ext.is_none_or(|ext| ext.len() <= extras::MAX_EXT);
        if !fits && payload == ext.unwrap_or_default() {
            self.notice("ext", IN_CONTENT);
            self.own_keys(None, &mut extra)?;
        } else {
            self.own_keys(ext, &mut extra)?;
        }
        Ok(Form {
            registration_id,
            restricted_package_name: &self.channel.package,
            pass_through: true,
            title: None,
            description: None,
            payload: Some(payload),
            notify_type: None,
            notify_id: None,
            time_to_live: self.time_to_live(route.class, &mut extra),
            time_to_send: self.time_to_send()?,
            extra,
        })
    }

    /// Fields of both forms.
    fn common(&self, extra: &mut Extra<'a>) {
        let options = self.options;
        match present(&options.jobkey) {
            Some(jobkey) => extra.put("jobkey", jobkey),
            None => extra.put_some("jobkey", jobkey(&self.batch.id())),
        }
        if options.only_send_once == Some(true) {
            extra.put("only_send_once", "1");
        }
        extra.put_some("flow_control", options.flow_control.map(|n| n.to_string()));
        for (name, filter) in [
            ("locale", &options.locale),
            ("locale_not_in", &options.locale_not_in),
            ("model", &options.model),
            ("model_not_in", &options.model_not_in),
            ("app_version", &options.app_version),
            ("app_version_not_in", &options.app_version_not_in),
            ("connpt", &options.connpt),
        ] {
            extra.put_some(name, present(filter));
        }
        if let Some(callback) = &self.channel.callback {
            extra.put("callback", callback.url.as_str());
            extra.put("callback.type", callback.kinds.to_string());
            match present(&options.callback_param) {
                Some(param) => extra.put("callback.param", param),
                None => extra.put("callback.param", self.batch.id()),
            }
        }
    }

    fn channel_and_template(
        &mut self,
        route: &Route<'a>,
        title: &Text<'a>,
        body: &Text<'a>,
        extra: &mut Extra<'a>,
    ) {
        let options = self.options;
        extra.put_some("channel_id", route.channel_id);
        extra.put_some("channel_name", present(&options.channel_name));
        let description = present(&options.channel_description);
        extra.put_some("channel_description", description);
        let Some(template_id) = route.template_id else {
            return;
        };
        extra.put("template_id", template_id);
        let own = self.channel.template.as_ref().filter(|_| route.filled);
        let params = match (&options.template_param, own) {
            (Some(params), _) => template::json(params),
            (None, Some(template)) => {
                let filler = template::Filler {
                    title: title.value,
                    body: body.value,
                    stand_in: &self.channel.default_title,
                };
                filler.fill(&template.params, &mut self.notices)
            }
            (None, None) => "{}".to_owned(),
        };
        extra.put("template_param", params);
    }

    fn time_to_live(&self, class: Class, extra: &mut Extra<'a>) -> u64 {
        match self.message.lifetime {
            Lifetime::Until(end) => end
                .millis_after(self.now)
                .clamp(1, class.max_time_to_live()),
            _ => {
                if self.options.only_send_once.is_none() {
                    extra.put("only_send_once", "1");
                }
                NOW_OR_NEVER
            }
        }
    }

    /// A moment that has passed by a later attempt is now.
    fn time_to_send(&self) -> Result<Option<u64>, EncodeError> {
        let Some(moment) = self.options.time_to_send else {
            return Ok(None);
        };
        if Timestamp(moment).millis_after(self.now) > MAX_SCHEDULE {
            let problem = format!("is {moment}, more than seven days of milliseconds from now");
            return Err(bad_option("time_to_send", problem));
        }
        Ok(Some(moment).filter(|moment| *moment > self.now.0))
    }

    fn open_app(&self) -> OpenApp {
        self.options.open_app.unwrap_or(self.channel.open_app)
    }
}

/// A request's name as a `jobkey`, which a phone shows once: the last twenty hexadecimal
/// digits. The first ones of a delivery's id are the time and alike in a burst.
fn jobkey(id: &str) -> Option<String> {
    let digits: Vec<char> = id.chars().filter(char::is_ascii_alphanumeric).collect();
    let start = digits.len().saturating_sub(MAX_JOBKEY);
    let key: String = digits[start..].iter().collect();
    Some(key).filter(|key| !key.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_one_moment_have_different_jobkeys_of_twenty_characters() {
        let one = jobkey("0198c6b4-2a51-7c3e-9a4d-5f0e6b7c8d90").unwrap();
        let other = jobkey("0198c6b4-2a51-7c3e-9a4d-5f0e6b7c8d91").unwrap();
        assert_eq!(one, "7c3e9a4d5f0e6b7c8d90");
        assert_ne!(one, other);
        assert_eq!(jobkey("1").as_deref(), Some("1"));
        assert_eq!(jobkey("--"), None);
    }
}
