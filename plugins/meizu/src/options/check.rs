//! The ranges of the sender's own fields.
//!
//! In: options of the right types. Out: nothing, or the path of the one that is out of range.

use nudged_driver_kit::address::{self, NoAddress, is_web_page};
use nudged_driver_kit::text::present;
use nudged_plugin_api::{EncodeError, bad_option};

use super::{MAX_CALLBACK, MAX_CALLBACK_PARAM, MAX_URL, Options, is_notify_key};

impl Options {
    /// Fails with the first value that Meizu would not take.
    pub(super) fn check(&self) -> Result<(), EncodeError> {
        self.check_numbers()?;
        let click = &self.click_type_info;
        let extra = &self.extra;
        for (key, text, most) in [
            ("clickTypeInfo.url", &click.url, MAX_URL),
            (
                "clickTypeInfo.customAttribute",
                &click.custom_attribute,
                MAX_URL,
            ),
            ("extra.callback", &extra.callback, MAX_CALLBACK),
            (
                "extra.callback.param",
                &extra.callback_param,
                MAX_CALLBACK_PARAM,
            ),
        ] {
            if let Some(text) = present(text).filter(|text| text.len() > most) {
                let problem = format!("is {} bytes long, the limit is {most}", text.len());
                return Err(bad_option(key, problem));
            }
        }
        if present(&click.url).is_some_and(|url| !is_uri(url)) {
            return Err(bad_option(
                "clickTypeInfo.url",
                "is not a URI such as example://chat/42",
            ));
        }
        let web = present(&click.url).map(address::web);
        if let Some(Err(why)) = web.filter(|web| *web != Err(NoAddress::Scheme)) {
            return Err(bad_option("clickTypeInfo.url", why.to_string()));
        }
        if present(&click.url)
            .and(present(&click.custom_attribute))
            .is_some()
        {
            return Err(bad_option(
                "clickTypeInfo.customAttribute",
                "cannot go with url: a tap does one thing",
            ));
        }
        if present(&extra.callback).is_some_and(|url| !is_web_page(url)) {
            return Err(bad_option(
                "extra.callback",
                "is not an http:// or https:// URL",
            ));
        }
        if present(&self.advance_info.notify_key).is_some_and(|key| !is_notify_key(key)) {
            return Err(bad_option(
                "advanceInfo.notifyKey",
                "is not 1 to 8 letters, digits, _ and -",
            ));
        }
        self.check_expand()
    }

    fn check_numbers(&self) -> Result<(), EncodeError> {
        let (bar, advance) = (&self.notice_bar_info, &self.advance_info);
        let kinds = &advance.notification_type;
        let expand = self.notice_expand_info.as_ref();
        let vip = self.vip_info.as_ref();
        for (key, value, allowed) in [
            (
                "noticeBarInfo.noticeBarType",
                bar.notice_bar_type,
                &[0, 2][..],
            ),
            ("noticeBarInfo.noticeMsgType", bar.notice_msg_type, &[0, 1]),
            (
                "noticeExpandInfo.noticeExpandType",
                expand.map(|e| e.notice_expand_type),
                &[0, 1, 2],
            ),
            (
                "pushTimeInfo.offLine",
                self.push_time_info.off_line,
                &[0, 1],
            ),
            ("advanceInfo.suspend", advance.suspend, &[0, 1]),
            (
                "advanceInfo.clearNoticeBar",
                advance.clear_notice_bar,
                &[0, 1],
            ),
            ("advanceInfo.fixDisplay", advance.fix_display, &[0, 1]),
            (
                "advanceInfo.notificationType.vibrate",
                kinds.vibrate,
                &[0, 1],
            ),
            ("advanceInfo.notificationType.lights", kinds.lights, &[0, 1]),
            ("advanceInfo.notificationType.sound", kinds.sound, &[0, 1]),
            (
                "vipInfo.pullDownTop",
                vip.and_then(|vip| vip.pull_down_top),
                &[0, 1],
            ),
            (
                "vipInfo.notGroup",
                vip.and_then(|vip| vip.not_group),
                &[0, 1],
            ),
            ("extra.callback.type", self.extra.callback_type, &[1, 2, 3]),
        ] {
            if value.is_some_and(|value| !allowed.contains(&value)) {
                return Err(bad_option(key, format!("is none of {allowed:?}")));
            }
        }
        let hours = self.push_time_info.valid_time;
        if hours.is_some_and(|hours| !(1..=72).contains(&hours)) {
            return Err(bad_option("pushTimeInfo.validTime", "is not 1 to 72 hours"));
        }
        let top = vip.and_then(|vip| vip.time_top);
        if top.is_some_and(|seconds| !(1800..=7200).contains(&seconds)) {
            return Err(bad_option("vipInfo.timeTop", "is not 1800 to 7200 seconds"));
        }
        Ok(())
    }

    fn check_expand(&self) -> Result<(), EncodeError> {
        let Some(expand) = &self.notice_expand_info else {
            return Ok(());
        };
        let (key, needed) = match expand.notice_expand_type {
            1 => ("noticeExpandContent", &expand.notice_expand_content),
            2 => ("noticeExpandImgUrl", &expand.notice_expand_img_url),
            _ => return Ok(()),
        };
        match present(needed) {
            Some(_) => Ok(()),
            None => Err(bad_option(
                &format!("noticeExpandInfo.{key}"),
                format!(
                    "is missing, noticeExpandType {} needs it",
                    expand.notice_expand_type
                ),
            )),
        }
    }
}

/// A scheme and something behind it, but no script.
fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(fits)
        && !scheme.eq_ignore_ascii_case("javascript")
        && !rest.is_empty()
        && !text.contains(|c: char| c.is_whitespace() || c.is_control())
}
