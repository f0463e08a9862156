//! What a tap does, in Meizu's form, and how `ext` comes along.
//!
//! In: the message's click, its `ext`, the sender's options. Out: `clickTypeInfo`. The
//! launched Activity finds `ext` as the Intent extra `ext`, and Meizu's public phone SDK hands
//! over the parameter `sk`, so it stands in both; where no Activity of the app is launched, a
//! notice tells the sender that it stays behind. A click that Meizu cannot do becomes the channel's
//! own, else opens the app.

use std::borrow::Cow;
use std::collections::BTreeMap;

use nudged_driver_kit::address::is_web_page;
use nudged_driver_kit::fit::{Extras, spare};
use nudged_driver_kit::page::Page;
use nudged_driver_kit::text::present;
use nudged_driver_kit::{android, click};
use nudged_plugin_api::{Click, Message, Notice};

use crate::options::{MAX_URL, Options};
use crate::payload::ClickTypeInfo;
use crate::settings::{Channel, is_java_name};

const EXTRA: &str = "ext";
/// What `getSelfDefineContentString()` of the phone SDK gives before anything else.
pub(super) const SELF_DEFINED: &str = "sk";

const OPEN_APP: u8 = 0;
const OPEN_ACTIVITY: u8 = 1;
const OPEN_URI: u8 = 2;
const CUSTOM: u8 = 3;

pub(super) fn info<'a>(
    channel: &Channel,
    message: &'a Message,
    options: &'a Options,
    extras: Extras,
    notices: &mut Vec<Notice>,
) -> ClickTypeInfo<'a> {
    let own = &options.click_type_info;
    let mut click = ClickTypeInfo {
        click_type: OPEN_APP,
        activity: None,
        url: None,
        custom_attribute: None,
        parameters: BTreeMap::new(),
    };
    if let Some(attribute) = present(&own.custom_attribute) {
        click.click_type = CUSTOM;
        click.custom_attribute = Some(attribute);
    } else if let Some(url) = present(&own.url) {
        click.click_type = OPEN_URI;
        click.url = Some(url);
    } else {
        let opens = click::first(message, notices, |click, notices| match click {
            Click::Url(url) => address(url, is_web_page(url)),
            Click::Page(page) => page_of(channel, page, notices),
            _ => Err("it is of a kind that Meizu does not have".to_owned()),
        });
        match opens {
            None => {}
            Some(Opens::Activity(class)) => {
                click.click_type = OPEN_ACTIVITY;
                click.activity = Some(class);
            }
            Some(Opens::Uri(url)) => {
                click.click_type = OPEN_URI;
                click.url = Some(url);
            }
        }
    }
    let ext = present(&message.ext);
    let given = !own.parameters.is_empty();
    // req 41: what stays behind is told.
    if click.click_type == OPEN_URI {
        for (field, given) in [
            ("ext", ext.is_some()),
            ("options.clickTypeInfo.parameters", given),
        ] {
            let why = "a tap that opens a web page or link carries no data";
            notices.extend(given.then(|| Notice::left_out(field, why)));
        }
        return click;
    }
    if extras == Extras::LeftOut {
        spare("clickTypeInfo.parameters", given, notices);
    } else {
        let own = own.parameters.iter();
        click.parameters = own
            .map(|(key, value)| (key.as_str(), value.as_str()))
            .collect();
    }
    if let Some(ext) = ext {
        let why = "was left out of the parameters: options.clickTypeInfo.parameters.ext takes its \
                   place";
        if click.parameters.contains_key(EXTRA) {
            notices.push(Notice::new("ext", why));
        }
        // req 69: as `sk` beside `ext`.
        click.parameters.entry(EXTRA).or_insert(ext);
        click.parameters.entry(SELF_DEFINED).or_insert(ext);
    }
    click
}

/// What a tap opens.
enum Opens<'a> {
    Activity(Cow<'a, str>),
    Uri(&'a str),
}

fn page_of<'a>(
    channel: &Channel,
    page: &'a str,
    notices: &mut Vec<Notice>,
) -> Result<Opens<'a>, String> {
    let class = match Page::of(page) {
        Page::Own(link) => return address(link, true),
        Page::Web(url) => return address(url, true),
        Page::Class(class) => Some(Cow::Borrowed(class)),
        Page::Intent(intent) => {
            let class = android::class_of(intent).map(Cow::Owned);
            if class.is_some() {
                notices.push(Notice::new(
                    "click",
                    "opens the Activity of the intent without what else the intent says",
                ));
            }
            class
        }
        Page::Other(page) if page.starts_with('.') => {
            let package = channel.package.as_ref();
            package.map(|package| Cow::Owned(format!("{package}{page}")))
        }
        _ => None,
    };
    class
        .filter(|class| is_java_name(class))
        .map(Opens::Activity)
        .ok_or_else(|| {
            "it is not the full class name of an Activity such as com.example.chat.ChatActivity (with \
             the setting package also .ChatActivity), nor a link of the app's own"
                .to_owned()
        })
}

fn address(url: &str, good: bool) -> Result<Opens<'_>, String> {
    if url.len() > MAX_URL {
        Err(format!(
            "it is {} bytes long, Meizu takes {MAX_URL}",
            url.len()
        ))
    } else if !good {
        Err("it does not start with http:// or https:// and a host, or has a space".to_owned())
    } else {
        Ok(Opens::Uri(url))
    }
}
