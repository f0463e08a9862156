//! What a tap does, in Meizu's form, and how `ext` comes along.
//!
//! In: the message's click, its `ext`, the sender's options. Out: `clickTypeInfo`. The
//! launched Activity finds `ext` as the Intent extra `ext`; where no Activity of the app is
//! launched, a notice tells the sender that it stays behind.

use std::borrow::Cow;
use std::collections::BTreeMap;

use nudged_plugin_api::text::present;
use nudged_plugin_api::{Click, EncodeError, Message, Notice, bad_click, bad_option};

use crate::options::{MAX_URL, Options};
use crate::payload::ClickTypeInfo;
use crate::settings::{Channel, is_java_name, is_web_page};

const EXTRA: &str = "ext";

const OPEN_APP: u8 = 0;
const OPEN_ACTIVITY: u8 = 1;
const OPEN_URI: u8 = 2;
const CUSTOM: u8 = 3;

pub(crate) fn info<'a>(
    channel: &Channel,
    message: &'a Message,
    options: &'a Options,
    notices: &mut Vec<Notice>,
) -> Result<ClickTypeInfo<'a>, EncodeError> {
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
        match &message.click {
            Click::Url(url) => {
                check_url(url)?;
                click.click_type = OPEN_URI;
                click.url = Some(url);
            }
            Click::Page(page) => {
                click.click_type = OPEN_ACTIVITY;
                click.activity = Some(activity(channel, page)?);
            }
            _ => {}
        }
    }
    let ext = present(&message.ext);
    if click.click_type == OPEN_URI {
        let mut left_out = |field: &str, given: bool| {
            let why = "was left out: a tap that opens a web page or link carries no data";
            notices.extend(given.then(|| Notice::new(field, why)));
        };
        left_out("ext", ext.is_some());
        left_out(
            "options.clickTypeInfo.parameters",
            !own.parameters.is_empty(),
        );
        return Ok(click);
    }
    let own = own.parameters.iter();
    click.parameters = own
        .map(|(key, value)| (key.as_str(), value.as_str()))
        .collect();
    if ext.is_some_and(|ext| click.parameters.insert(EXTRA, ext).is_some()) {
        return Err(bad_option(
            "clickTypeInfo.parameters.ext",
            "is given twice, as the message's own ext already takes this key",
        ));
    }
    Ok(click)
}

/// The full class of an Activity.
fn activity<'a>(channel: &Channel, page: &'a str) -> Result<Cow<'a, str>, EncodeError> {
    let class = match (page.starts_with('.'), &channel.package) {
        (true, Some(package)) => Cow::Owned(format!("{package}{page}")),
        _ => Cow::Borrowed(page),
    };
    if is_java_name(&class) {
        return Ok(class);
    }
    Err(bad_click(
        "is not the full class name of an Activity such as com.example.chat.ChatActivity (with \
         the setting package also .ChatActivity); for an app's own link there is the option \
         clickTypeInfo.url",
    ))
}

fn check_url(url: &str) -> Result<(), EncodeError> {
    let problem = if url.len() > MAX_URL {
        format!("is {} bytes long, Meizu takes {MAX_URL}", url.len())
    } else if !is_web_page(url) {
        "does not start with http:// or https:// and a host, or has a space".to_owned()
    } else {
        return Ok(());
    };
    Err(bad_click(problem))
}
