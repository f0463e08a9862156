//! Message and device to request: `POST projects/{project}/messages:send`.
//!
//! In: the channel, the message, one device and the grant. Out: the request, or which
//! field FCM would refuse for sure. What each kind of message becomes is decided here;
//! how it is written, in `payload`.

mod apple;

use std::borrow::Cow;

use nudged_driver_kit::android::raw_resource;
use nudged_driver_kit::apple::collapse_id;
use nudged_driver_kit::fit::{self, Extras};
use nudged_driver_kit::text::present;
use nudged_driver_kit::token;
use nudged_plugin_api::{
    Badge, Batch, Click, Context, EncodeError, HttpRequest, Kind, Message, Notice, Priority,
    Rendered, Sound, Target, bad_option, bad_token, too_large,
};

use crate::options::{Mode, Options};
use crate::payload::{
    Android, AndroidNotification, Body, Data, Notification, Webpush, WebpushHeaders,
};
use crate::settings::{Channel, MAX_BODY};

/// What goes to one device: on Android keys and values of notification and data together, on an
/// iPhone the payload that FCM makes for APNs. A token does not tell which of the two it is.
pub(crate) const MAX_PAYLOAD: usize = 4096;
/// Four weeks, the longest that FCM keeps a message.
const MAX_TTL: u64 = 2_419_200;
const MAX_TOKEN: usize = 4096;
/// Memo of a Live Activity: what APNs says in its answer is said of the activity's token.
pub(crate) const LIVE_ACTIVITY: &[u8] = &[1];
/// Longest key that replaces notifications; of a longer one its hash does.
const MAX_KEY: usize = 64;

/// The request that delivers the message, or as much of it as FCM takes, to its one device.
pub(crate) fn request(
    channel: &Channel,
    batch: Batch<'_>,
    context: &Context<'_>,
) -> Result<Rendered, EncodeError> {
    let target = batch.single();
    fit::fitted(batch.message, |message, extras| {
        fitting(channel, message, extras, target, context)
    })
}

fn fitting(
    channel: &Channel,
    message: &Message,
    extras: Extras,
    target: &Target,
    context: &Context<'_>,
) -> Result<Rendered, EncodeError> {
    let grant = context.granted()?;
    let token = check_token(&target.token)?;
    if message.kind == Kind::Voip {
        return Err(EncodeError::new(
            "KindUnsupported",
            "kind",
            "is a call, and FCM reaches no PushKit; an alert in mode data wakes an Android app",
        ));
    }
    let mut notices = Vec::new();
    let mut options = Options::read(message)?;
    if extras == Extras::LeftOut {
        options.leave_out(message, &mut notices);
    }
    let plan = Plan {
        channel,
        message,
        options: &options,
        activity_token: present(&target.activity_token),
        badge: target.badge.unwrap_or(message.badge),
        ttl: message.lifetime.seconds_left(context.now).min(MAX_TTL),
        now: context.now.seconds(),
    };
    let body = plan.body(token)?;
    plan.notices(&mut notices);
    let memo = match plan.shape() {
        Shape::LiveActivity => LIVE_ACTIVITY,
        _ => &[],
    };
    let request = HttpRequest::post(channel.send_url.as_str())
        .header("authorization", format!("Bearer {grant}"))
        .header("content-type", "application/json")
        .body(body);
    Ok(Rendered::new(request).memo(memo).notices(notices))
}

/// FCM says nothing of a token's form, so only what no token can be is refused.
pub(crate) fn check_token(token: &str) -> Result<&str, EncodeError> {
    let token = token.trim();
    if token::is_nothing(token) {
        return Err(bad_token(
            "is the word that a program prints for nothing: the app reported before Firebase had \
             given it a token, so have it report in onNewToken and after getToken",
        ));
    }
    if token.eq_ignore_ascii_case("BLACKLISTED") {
        return Err(bad_token(
            "is the word BLACKLISTED, which Firebase's old library gives in a token's place: have \
             the app delete it with deleteToken and report the next one",
        ));
    }
    let odd = |c: char| c.is_control() || c.is_whitespace() || matches!(c, '"' | '\'' | '\\');
    let problem = "has a space, quote or control character, which no FCM registration token has";
    token::check(
        token,
        "an FCM registration token",
        MAX_TOKEN,
        &[(odd, problem)],
    )?;
    Ok(token)
}

/// A key that replaces notifications: itself, or its hash where it takes the room of the text.
fn key(key: &str) -> Cow<'_, str> {
    match key.len() {
        0..=MAX_KEY => Cow::Borrowed(key),
        _ => collapse_id(key),
    }
}

/// What the message is made from.
struct Plan<'a> {
    channel: &'a Channel,
    message: &'a Message,
    options: &'a Options,
    /// Of the device, for the Live Activity that the message is about.
    activity_token: Option<&'a str>,
    badge: Badge,
    ttl: u64,
    now: u64,
}

const ANDROID_UNIT: &str = "bytes of keys and values";
const APPLE_UNIT: &str = "bytes as the payload of an iPhone";
const REQUEST_UNIT: &str = "bytes as the request";

/// What the message becomes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// The system draws it.
    Notification,
    /// The app gets it and draws or does as it likes.
    Data,
    /// The system changes a Live Activity on iOS.
    LiveActivity,
}

impl<'a> Plan<'a> {
    fn body(&self, token: &str) -> Result<Vec<u8>, EncodeError> {
        let message = self.message;
        let options = self.options;
        let shape = self.shape();
        let shown = Notification {
            title: present(&message.title),
            body: present(&message.body),
            image: present(&message.image),
        };
        let use_fid = options.use_fid == Some(true);
        let payload = crate::payload::Message {
            token: (!use_fid).then_some(token),
            fid: use_fid.then_some(token),
            notification: (shape == Shape::Notification).then_some(shown),
            data: self.data(shape, shown)?,
            android: (shape != Shape::LiveActivity).then(|| self.android(shape)),
            apns: Some(self.apns(shape, shown)?),
            webpush: self.webpush(),
            fcm_options: options.fcm_options.as_ref(),
        };
        let body = Body {
            validate_only: options.validate_only == Some(true),
            message: payload,
        };
        let mut json = Vec::with_capacity(1024);
        serde_json::to_writer(&mut json, &body).expect("texts, numbers and JSON make JSON");
        // Whatever is counted stands in the body, so mostly there is nothing to count.
        if json.len() > MAX_PAYLOAD {
            let android = body.message.android_size();
            if android > MAX_PAYLOAD {
                return Err(too_large("message", android, MAX_PAYLOAD, ANDROID_UNIT));
            }
            let apple = body.message.apple_size();
            if apple > MAX_PAYLOAD {
                return Err(too_large("message", apple, MAX_PAYLOAD, APPLE_UNIT));
            }
        }
        if json.len() > MAX_BODY {
            return Err(too_large("message", json.len(), MAX_BODY, REQUEST_UNIT));
        }
        Ok(json)
    }

    /// What of a notification a phone does not do as asked.
    fn notices(&self, notices: &mut Vec<Notice>) {
        match (self.shape(), self.message.kind) {
            (Shape::Notification, _) => {}
            (Shape::Data, Kind::Alert) => return self.data_notices(notices),
            _ => return,
        }
        let mut say = |field: &str, text: &str| notices.push(Notice::new(field, text));
        let own_action = self.options.android.notification.click_action.is_some();
        // req 38: FCM always opens the launcher.
        if self.message.click != Click::OpenApp && !own_action {
            say(
                "click",
                "a tap opens the launcher Activity, as always with FCM; \
                 options.fcm.android.notification.click_action names another",
            );
        }
        if let Badge::Add(_) = self.badge {
            say(
                "badge",
                "stays as it is: FCM can set a badge and not add to it",
            );
        }
        let named = match &self.message.sound {
            Sound::Named(name) if !name.is_empty() => Some(name),
            _ => None,
        };
        if named.is_some_and(|name| raw_resource(name).is_none()) {
            say(
                "sound",
                "is the system's on Android: no resource of an app has such a name, which is \
                 letters, digits and _",
            );
        } else if named.is_some() && self.android_notification().channel_id.is_none() {
            say(
                "sound",
                "is heard before Android 8 only: later the sound is the channel's, and neither \
                 message nor channel_id setting names one",
            );
        }
    }

    /// What an app that draws by itself is not told.
    fn data_notices(&self, notices: &mut Vec<Notice>) {
        let message = self.message;
        for (field, is_there) in [
            ("subtitle", present(&message.subtitle).is_some()),
            ("click", message.click != Click::OpenApp),
            ("sound", message.sound != Sound::Default),
            ("badge", self.badge != Badge::Keep),
            ("channel_id", present(&message.channel_id).is_some()),
            ("category", present(&message.category).is_some()),
            ("thread", present(&message.thread).is_some()),
        ] {
            if is_there {
                let text = "was left out on Android: in the mode data the app gets title, body, \
                            image and ext, and what options.fcm.data adds";
                notices.push(Notice::new(field, text));
            }
        }
    }

    fn shape(&self) -> Shape {
        let mode = self.options.mode.unwrap_or(self.channel.mode);
        match (self.message.kind, mode) {
            (Kind::LiveActivity, _) => Shape::LiveActivity,
            (Kind::Background, _) | (_, Mode::Data) => Shape::Data,
            (_, Mode::Notification) => Shape::Notification,
        }
    }

    fn data(&self, shape: Shape, shown: Notification<'a>) -> Result<Data<'a>, EncodeError> {
        let stand_in = shape == Shape::Data;
        let data = Data {
            title: shown.title.filter(|_| stand_in),
            body: shown.body.filter(|_| stand_in),
            image: shown.image.filter(|_| stand_in),
            ext: present(&self.message.ext),
            more: Some(&self.options.data),
        };
        let own = [
            ("title", data.title),
            ("body", data.body),
            ("image", data.image),
            ("ext", data.ext),
        ];
        for (key, value) in own {
            if value.is_some() && data.more.is_some_and(|more| more.contains_key(key)) {
                return Err(bad_option(
                    &format!("data.{key}"),
                    format!("is given twice, as the message's own {key} already takes this key"),
                ));
            }
        }
        Ok(data)
    }

    fn android(&self, shape: Shape) -> Android<'a> {
        let message = self.message;
        Android {
            collapse_key: present(&message.collapse_key).map(key),
            priority: match message.priority {
                Priority::High => "HIGH",
                _ => "NORMAL",
            },
            ttl: self.ttl,
            notification: (shape == Shape::Notification).then(|| self.android_notification()),
            options: &self.options.android,
        }
    }

    fn android_notification(&self) -> AndroidNotification<'a> {
        let message = self.message;
        let options = &self.options.android.notification;
        let channel = present(&options.channel_id)
            .or(present(&message.channel_id))
            .or(present(&self.channel.channel_id));
        AndroidNotification {
            channel_id: channel,
            sound: match &message.sound {
                Sound::Named(name) => Some(raw_resource(name).unwrap_or("default")),
                _ => self.sound(),
            },
            tag: present(&options.tag)
                .or(present(&message.collapse_key))
                .map(key),
            notification_count: options
                .notification_count
                .or(match self.badge {
                    // FCM takes 0 for "not given", and launchers then add one.
                    Badge::Set(count) if count > 0 => Some(count),
                    _ => None,
                })
                .map(number),
            options,
        }
    }

    fn webpush(&self) -> Option<Webpush<'a>> {
        let options = self.options.webpush.as_ref()?;
        let free = |name: &str| {
            !options
                .headers
                .keys()
                .any(|known| known.eq_ignore_ascii_case(name))
        };
        Some(Webpush {
            headers: WebpushHeaders {
                ttl: free("TTL").then_some(self.ttl),
                urgency: free("Urgency").then_some(match self.message.priority {
                    Priority::High => "high",
                    _ => "normal",
                }),
                options: &options.headers,
            },
            data: options.data.as_ref(),
            notification: options.notification.as_ref(),
            fcm_options: options.fcm_options.as_ref(),
        })
    }

    fn sound(&self) -> Option<&'a str> {
        match &self.message.sound {
            Sound::Silent => None,
            Sound::Named(name) if !name.is_empty() => Some(name),
            _ => Some("default"),
        }
    }
}

/// FCM's numbers are signed and have 32 bits.
fn number(count: u32) -> u32 {
    count.min(i32::MAX as u32)
}
