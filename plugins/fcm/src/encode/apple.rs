//! The `apns` block: what iOS devices that registered through FCM need.
//!
//! FCM makes the alert from the notification; sound, badge, expiry and whatever else is
//! Apple's own has to be written in Apple's words. The sender's options beat all of it.

use nudged_driver_kit::apple::collapse_id;
use nudged_driver_kit::text::present;
use nudged_plugin_api::{
    ActivityEvent, Badge, EncodeError, LiveActivity, Message, Priority, bad_option,
};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::{Plan, Shape, number};
use crate::options;
use crate::payload::{Alert, Apns, ApnsHeaders, ApnsPayload, Aps, Notification};

impl<'a> Plan<'a> {
    pub(super) fn apns(
        &self,
        shape: Shape,
        shown: Notification<'a>,
    ) -> Result<Apns<'a>, EncodeError> {
        let options = &self.options.apns;
        let live_activity_token = match shape {
            Shape::LiveActivity => Some(self.activity_token(options)?),
            // An alert in a Live Activity's place is none.
            _ => None,
        };
        let aps = match shape {
            Shape::Notification => self.aps(shown),
            Shape::Data => Aps {
                content_available: Some(1),
                ..Aps::default()
            },
            Shape::LiveActivity => live_activity(self.message, self.now, shown, self.sound())?,
        };
        Ok(Apns {
            live_activity_token,
            headers: self.apns_headers(shape),
            payload: ApnsPayload {
                aps: overlay(aps, &options.payload.aps),
                rest: Some(&options.payload.rest),
            },
            fcm_options: options.fcm_options.as_ref(),
        })
    }

    /// The device's own, else what the sender gave for a token without a device.
    fn activity_token(&self, options: &'a options::Apns) -> Result<&'a str, EncodeError> {
        let given = options.live_activity_token.as_deref();
        self.activity_token.or(given).ok_or_else(|| {
            bad_option(
                "apns.live_activity_token",
                "is missing, expected the push token of the Live Activity",
            )
        })
    }

    fn apns_headers(&self, shape: Shape) -> ApnsHeaders<'a> {
        let options = &self.options.apns.headers;
        let free = |name: &str| !options.contains_key(name);
        let background = shape == Shape::Data;
        let expiration = match self.ttl {
            // Without the header FCM lets APNs try for 30 days.
            0 => 0,
            ttl => self.now.saturating_add(ttl),
        };
        // 10 is the default; APNs refuses it for a background push.
        let low = background || self.message.priority == Priority::Normal;
        ApnsHeaders {
            push_type: (background && free("apns-push-type")).then_some("background"),
            priority: (low && free("apns-priority")).then_some("5"),
            expiration: free("apns-expiration").then_some(expiration),
            collapse_id: present(&self.message.collapse_key)
                .filter(|_| free("apns-collapse-id"))
                .map(collapse_id),
            options,
        }
    }

    fn aps(&self, shown: Notification<'a>) -> Aps<'a> {
        let message = self.message;
        // FCM fills the alert from the notification, which has no subtitle.
        let alert = present(&message.subtitle).map(|subtitle| Alert {
            title: shown.title,
            subtitle: Some(subtitle),
            body: shown.body,
        });
        Aps {
            alert,
            badge: match self.badge {
                Badge::Set(count) => Some(number(count)),
                _ => None,
            },
            sound: self.sound(),
            thread_id: present(&message.thread),
            // The app's extension fetches the picture.
            mutable_content: shown.image.map(|_| 1),
            ..Aps::default()
        }
    }
}

/// `aps` of a Live Activity push.
fn live_activity<'a>(
    message: &'a Message,
    now: u64,
    shown: Notification<'a>,
    sound: Option<&'a str>,
) -> Result<Aps<'a>, EncodeError> {
    let missing = |field: &str, expected: &str| {
        EncodeError::new(
            "MissingField",
            field,
            format!("is missing, expected {expected}"),
        )
    };
    let activity: &LiveActivity = message
        .live_activity
        .as_ref()
        .ok_or_else(|| missing("live_activity", "the content of the Live Activity"))?;
    let start = activity.event == ActivityEvent::Start;
    if start && present(&activity.attributes_type).is_none() {
        return Err(missing(
            "live_activity.attributes_type",
            "the name of the app's attributes type, which a start needs",
        ));
    }
    let said = shown.title.is_some() || shown.body.is_some();
    Ok(Aps {
        alert: said.then_some(Alert {
            title: shown.title,
            subtitle: None,
            body: shown.body,
        }),
        sound: sound.filter(|_| said),
        timestamp: Some(match activity.timestamp.seconds() {
            0 => now,
            seconds => seconds,
        }),
        event: Some(match activity.event {
            ActivityEvent::Start => "start",
            ActivityEvent::End => "end",
            _ => "update",
        }),
        content_state: object("live_activity.content_state", &activity.content_state)?,
        stale_date: activity.stale_at.map(|moment| moment.seconds()),
        dismissal_date: activity.dismiss_at.map(|moment| moment.seconds()),
        attributes_type: present(&activity.attributes_type).filter(|_| start),
        attributes: object("live_activity.attributes", &activity.attributes)?.filter(|_| start),
        ..Aps::default()
    })
}

/// A JSON object as it was written, not rewritten.
fn object<'a>(field: &str, text: &'a Option<String>) -> Result<Option<&'a RawValue>, EncodeError> {
    let Some(text) = present(text) else {
        return Ok(None);
    };
    match serde_json::from_str::<&RawValue>(text) {
        Ok(value) if value.get().starts_with('{') => Ok(Some(value)),
        _ => Err(EncodeError::new(
            "NotAnObject",
            field,
            "is not a JSON object",
        )),
    }
}

/// Leaves out what the sender wrote itself.
fn overlay<'a>(aps: Aps<'a>, options: &'a Map<String, Value>) -> Aps<'a> {
    let free = |key: &str| !options.contains_key(key);
    Aps {
        alert: aps.alert.filter(|_| free("alert")),
        badge: aps.badge.filter(|_| free("badge")),
        sound: aps.sound.filter(|_| free("sound")),
        thread_id: aps.thread_id.filter(|_| free("thread-id")),
        content_available: aps.content_available.filter(|_| free("content-available")),
        mutable_content: aps.mutable_content.filter(|_| free("mutable-content")),
        timestamp: aps.timestamp.filter(|_| free("timestamp")),
        event: aps.event.filter(|_| free("event")),
        content_state: aps.content_state.filter(|_| free("content-state")),
        stale_date: aps.stale_date.filter(|_| free("stale-date")),
        dismissal_date: aps.dismissal_date.filter(|_| free("dismissal-date")),
        attributes_type: aps.attributes_type.filter(|_| free("attributes-type")),
        attributes: aps.attributes.filter(|_| free("attributes")),
        options: Some(options),
    }
}
