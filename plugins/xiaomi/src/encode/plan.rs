//! The fields of the form: what is common to what is shown and what is not, and for how long Xiaomi
//! keeps it.
//!
//! In: the message, its options and the channel. Out: a [`Form`], or which option Xiaomi would
//! refuse for sure; what there is to say is added to the notices. How it is written is decided in
//! `payload`.

use nudged_driver_kit::android;
use nudged_driver_kit::fit::Extras;
use nudged_driver_kit::text::present;
use nudged_plugin_api::{
    Batch, EncodeError, Lifetime, Message, Notice, Sound, Timestamp, bad_option, too_large,
};

use super::extras;
use super::route::{Class, Route};
use super::shown::Text;
use crate::options::{MAX_JOBKEY, MAX_PAYLOAD, MAX_SCHEDULE, Options};
use crate::payload::{Extra, Form};
use crate::settings::{Channel, MAX_DESCRIPTION, MAX_TITLE, OpenApp};
use crate::template;

const IN_CONTENT: &str =
    "is in the message's content (getContent) only, as it is too long for getExtra";
/// For messages that are now or never: Xiaomi forgets devices that are offline, and this
/// bounds the wait should a region's servers not know the flag for that.
const NOW_OR_NEVER: u64 = 60_000;

/// What the request is made from.
pub(super) struct Plan<'a> {
    pub(super) channel: &'a Channel,
    pub(super) message: &'a Message,
    pub(super) options: &'a Options,
    pub(super) extras: Extras,
    pub(super) batch: Batch<'a>,
    pub(super) now: Timestamp,
    pub(super) notices: Vec<Notice>,
}

impl<'a> Plan<'a> {
    /// What the phone shows.
    pub(super) fn notification(
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
    pub(super) fn transparent(
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

    pub(super) fn open_app(&self) -> OpenApp {
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
