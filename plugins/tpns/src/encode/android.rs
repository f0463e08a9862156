//! What is Android's own: `message.android`.

use nudged_driver_kit::address::is_web_page;
use nudged_driver_kit::page::Page;
use nudged_driver_kit::text::present;
use nudged_driver_kit::{android, category, click};
use nudged_plugin_api::{Badge, Click, EncodeError, Sound};

use super::{EXT, Plan};
use crate::options::behind::MAX_ID;
use crate::payload::{self, Action, Android, Browser};

/// The number on the icon: one more.
const ONE_MORE: i32 = -2;
const MAX_BADGE: u32 = 99;
/// Longest name of a class, in bytes.
const MAX_CLASS: usize = 255;

const OPEN_ACTIVITY: u8 = 1;
const OPEN_BROWSER: u8 = 2;
const OPEN_INTENT: u8 = 3;

impl<'a> Plan<'a, '_> {
    /// A notification.
    pub(super) fn android_notification(&mut self) -> Result<payload::Message<'a>, EncodeError> {
        let (message, options) = (self.message, self.options);
        if present(&message.subtitle).is_some() {
            self.say("subtitle", "was left out: TPNS has none for Android");
        }
        let own = &options.android;
        let channels = &self.channel.channels;
        let behind = &options.behind;
        for (vendor, known) in behind.more() {
            let text = match known.is_empty() {
                true => "goes no further: TPNS has no fields for it".to_owned(),
                // A message's platforms say both, too.
                false => format!(
                    "and platforms.{vendor} go on only as {known} of at most {MAX_ID} bytes: TPNS \
                     takes nothing else{}",
                    match vendor {
                        "vivo" => ", and of a category only the class that vivo has it in",
                        _ => "",
                    }
                ),
            };
            self.say(&format!("options.behind.{vendor}"), &text);
        }
        let hw_category = self.hw_category();
        let (ring, ring_raw) = self.ring();
        let n_ch_id = present(&own.n_ch_id)
            .or(present(&message.channel_id))
            .or(present(&channels.n_ch_id));
        if ring_raw.is_some() && n_ch_id.is_none() {
            self.say(
                "sound",
                "may be the system's: TPNS wants a channel_id with a sound of the app",
            );
        }
        let action = self.action();
        let android = Android {
            n_ch_id,
            // req 70: what a message says for a vendor reaches its phones behind TPNS too.
            xm_ch_id: present(&own.xm_ch_id)
                .or(behind.word("xiaomi", "/channel_id"))
                .or(present(&channels.xm_ch_id)),
            hw_ch_id: present(&own.hw_ch_id)
                .or(behind.word("huawei", "/channel_id"))
                .or(present(&channels.hw_ch_id)),
            hw_category: hw_category.or(present(&channels.hw_category)),
            hw_importance: own.hw_importance.or(behind.importance()),
            oppo_ch_id: present(&own.oppo_ch_id)
                .or(behind.word("oppo", "/channel_id"))
                .or(present(&channels.oppo_ch_id)),
            vivo_ch_id: present(&own.vivo_ch_id)
                .or(behind.classification())
                .or(present(&channels.vivo_ch_id)),
            fcm_ch_id: present(&own.fcm_ch_id)
                .or(behind.word("fcm", "/android/notification/channel_id"))
                .or(behind.word("fcm", "/channel_id"))
                .or(present(&channels.fcm_ch_id)),
            n_id: own.n_id.or_else(|| {
                let id = android::notify_id(present(&message.collapse_key)?);
                i32::try_from(id).ok()
            }),
            badge_type: own.badge_type.or_else(|| self.android_badge()),
            ring: own.ring.or(ring),
            ring_raw,
            vibrate: own.vibrate.or(ring),
            show_type: options.message.show_type,
            custom_content: match action.action_type {
                OPEN_BROWSER => None,
                _ => self.custom_content()?,
            },
            action: Some(action),
            options: Some(own),
        };
        Ok(payload::Message {
            android: Some(android),
            ..self.shown()
        })
    }

    /// Huawei's category. A word that is meant for Huawei goes as it is; the message's may be another
    /// vendor's.
    fn hw_category(&mut self) -> Option<&'a str> {
        let options = self.options;
        let meant =
            present(&options.android.hw_category).or(options.behind.word("huawei", "/category"));
        if meant.is_some() {
            return meant;
        }
        let category = present(&self.message.category)?;
        if category::HUAWEI.contains(&category) {
            return Some(category);
        }
        self.say(
            "category",
            "was left out for Huawei phones: it is no category of Push Kit's, such as IM; \
             platforms.huawei.category passes any word on",
        );
        None
    }

    /// An in-app message: the app gets it and shows what it likes.
    pub(super) fn android_message(&mut self) -> Result<payload::Message<'a>, EncodeError> {
        self.say(
            "kind",
            "reaches phones over TPNS's own connection only, not through their vendors",
        );
        let (title, content) = self.message.title_and_body(&self.channel.default_title);
        Ok(payload::Message {
            title: Some(title),
            content: Some(content),
            accept_time: &self.options.message.accept_time,
            android: self.custom_content()?.map(|content| Android {
                custom_content: Some(content),
                ..Android::default()
            }),
            ..payload::Message::default()
        })
    }

    /// `ring` and `ring_raw`. Silence does not vibrate either.
    fn ring(&mut self) -> (Option<u8>, Option<&'a str>) {
        let own = present(&self.options.android.ring_raw);
        let (field, name) = match (own, &self.message.sound) {
            (Some(own), _) => ("options.android.ring_raw", own),
            (None, Sound::Silent) => return (Some(0), None),
            (None, Sound::Named(name)) if !name.is_empty() => ("sound", name.as_str()),
            _ => return (None, None),
        };
        // TPNS wants the file's name without its suffix.
        let ring = android::raw_resource(name);
        if ring.is_none() {
            self.say(
                field,
                "is the system's: no resource of an app has such a name, which is letters, digits \
                 and _",
            );
        }
        (None, ring)
    }

    fn android_badge(&mut self) -> Option<i32> {
        match self.badge {
            Badge::Set(count) => {
                if count > MAX_BADGE {
                    self.say("badge", "became 99, TPNS's highest number");
                }
                i32::try_from(count.min(MAX_BADGE)).ok()
            }
            Badge::Add(0) => None,
            Badge::Add(count) => {
                if count > 1 {
                    self.say("badge", "grows by one: TPNS adds no more at once");
                }
                Some(ONE_MORE)
            }
            _ => None,
        }
    }

    /// What TPNS cannot do becomes the channel's own click, else opens the app.
    fn action(&mut self) -> Action<'a> {
        let message = self.message;
        let own = &self.options.android.action;
        let mut action = Action {
            action_type: OPEN_ACTIVITY,
            activity: None,
            aty_attr: None,
            browser: None,
            intent: None,
        };
        let mut carried = false;
        let opens = click::first(message, self.notices, |click, _| match click {
            Click::Url(url) if is_web_page(url) => Ok(Opens::Web(url)),
            Click::Page(page) => page_of(page),
            _ => Err(
                "the address does not start with http:// or https:// and a host, or has a space"
                    .to_owned(),
            ),
        });
        match opens {
            None => {}
            Some(Opens::Web(url)) => {
                action.action_type = OPEN_BROWSER;
                action.browser = Some(Browser {
                    url,
                    confirm: own.browser.confirm.unwrap_or(0),
                });
            }
            Some(Opens::Activity(class)) => {
                action.activity = Some(class);
                action.aty_attr = own.aty_attr.as_ref();
            }
            Some(Opens::Link(link)) => {
                action.action_type = OPEN_INTENT;
                let with_ext =
                    present(&message.ext).and_then(|ext| android::with_extra(link, EXT, ext));
                carried = with_ext.is_some();
                action.intent = Some(with_ext.unwrap_or_else(|| link.to_owned()));
            }
        }
        let data = present(&message.ext).is_some();
        if action.action_type == OPEN_BROWSER {
            if data {
                self.say(
                    "ext",
                    "was left out: a tap that opens a web page carries no data",
                );
            }
            if !self.options.custom_content.is_empty() {
                self.say(
                    "options.custom_content",
                    "was left out: a tap that opens a web page carries no data",
                );
            }
        } else if data && !carried {
            self.say(
                "ext",
                "does not reach Huawei phones: there only an in-app page with an intent URI \
                 (intent:…#Intent;…;end) carries it",
            );
        }
        action
    }
}

/// What a tap opens.
enum Opens<'a> {
    Web(&'a str),
    Activity(&'a str),
    Link(&'a str),
}

fn page_of(page: &str) -> Result<Opens<'_>, String> {
    let problem = match Page::of(page) {
        Page::Web(url) => return Ok(Opens::Web(url)),
        Page::Class(class) if class.len() <= MAX_CLASS => return Ok(Opens::Activity(class)),
        Page::Intent(link) | Page::Own(link) | Page::Other(link) if is_link(link) => {
            return Ok(Opens::Link(link));
        }
        Page::Action(_) => {
            "TPNS opens a page by the full class name of an Activity \
             (com.example.chat.ChatActivity) or an intent URI, not by an action"
        }
        _ => {
            "the page is neither the full class name of an Activity \
             (com.example.chat.ChatActivity) nor a link of the app (example://chat/detail) nor an \
             intent URI (intent:…#Intent;…;end)"
        }
    };
    Err(problem.to_owned())
}

/// A link of the app's own scheme, or an intent URI.
fn is_link(link: &str) -> bool {
    let scheme = link.split_once(':').map_or("", |(scheme, _)| scheme);
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    let web = ["http", "https", "javascript"]
        .iter()
        .any(|web| scheme.eq_ignore_ascii_case(web));
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(fits)
        && scheme.len() + 1 < link.len()
        && !web
        && !link.contains(|c: char| c.is_whitespace() || c.is_control())
        && (scheme != "intent" && !link.contains("#Intent;") || android::is_intent(link))
}
