use std::sync::Arc;

use nudged_plugin_api::{Info, KindInfo};
use serde_json::{Value, json};

use super::*;
use crate::channels::BrokenChannel;
use crate::config::{ChannelSources, Defaults, FileDigest};
use crate::model::{CertificateId, Evidence, KindToken};

const IOS: u32 = 1;
const CALLS: u32 = 2;
const FCM: u32 = 3;
const HARMONY: u32 = 4;
const VIVO: u32 = 5;
const ABSENT: u32 = 6;

fn table() -> RouteTable {
    let channel = |id: u32, info: Info| {
        Arc::new(BrokenChannel {
            name: info.vendor.clone(),
            app: Some("default".to_owned()),
            certificate_id: Some(CertificateId(id)),
            info,
            defaults: Defaults::default(),
            problems: Vec::new(),
            sources: ChannelSources::Unreadable {
                name: String::new(),
                digest: FileDigest::of(b""),
            },
            file: "channels.d/one.toml".into(),
            credential_expires_at: None,
        })
    };
    let apple = || {
        Info::new("apns", "APNs", "1").kinds([
            KindInfo::BACKGROUND,
            KindInfo::voip(TokenUse::Own),
            KindInfo::live_activity(TokenUse::Own),
        ])
    };
    let fcm = [
        KindInfo::BACKGROUND,
        KindInfo::live_activity(TokenUse::Beside),
    ];
    let harmony = [KindInfo::BACKGROUND, KindInfo::voip(TokenUse::Device)];
    let channels = vec![
        channel(IOS, apple()),
        channel(CALLS, apple()),
        channel(FCM, Info::new("fcm", "FCM", "1").kinds(fcm)),
        channel(
            HARMONY,
            Info::new("harmony", "HarmonyOS", "1").kinds(harmony),
        ),
        channel(VIVO, Info::new("vivo", "vivo", "1")),
        channel(ABSENT, Info::new("acme", "acme", "")),
    ];
    RouteTable::new(Vec::new(), channels)
}

fn binding(channel: u32, token: &str) -> Binding {
    Binding {
        channel: CertificateId(channel),
        token: token.to_owned(),
    }
}

fn ask(message: Value) -> Submission {
    let spec = json!({"to": [], "message": message});
    let spec: nudged_wire::NotificationSpec = serde_json::from_value(spec).expect("a spec");
    Submission::from(spec)
}

fn call() -> Submission {
    ask(json!({"kind": "voip"}))
}

fn activity(event: &str, id: &str) -> Submission {
    ask(json!({"kind": "live_activity", "live_activity": {"event": event, "id": id}}))
}

fn background() -> Submission {
    ask(json!({"kind": "background"}))
}

/// A device of this channel, with these tokens for kinds.
fn device(channel: u32, tokens: &[(Purpose, &str, u32)]) -> Device {
    let tokens = tokens.iter().map(|(purpose, token, channel)| KindToken {
        purpose: *purpose,
        activity: (*purpose == Purpose::LiveActivity).then(|| "taxi".to_owned()),
        binding: binding(*channel, token),
        ..KindToken::default()
    });
    Device {
        binding: Some(binding(channel, "alert")),
        tokens: tokens.collect(),
        ..Device::default()
    }
}

/// Channel, token, the token beside it and kind, or the reason.
fn way(ask: &Submission, device: &Device) -> Result<String, Reason> {
    let bound = device.binding.as_ref().expect("bound");
    let table = table();
    let address = RequestedKind::of(ask).of_device(&table, device, bound)?;
    let beside = address.beside.map(|it| format!("+{it}"));
    Ok(format!(
        "{} {}{} {:?}",
        address.binding.channel,
        address.binding.token,
        beside.unwrap_or_default(),
        address.kind
    ))
}

#[test]
fn each_kind_goes_to_its_token_and_else_an_alert_stands_in() {
    use Purpose::{LiveActivity, LiveActivityStart, Voip};
    let phone = device(
        IOS,
        &[
            (Voip, "calls", CALLS),
            (LiveActivityStart, "start", IOS),
            (LiveActivity, "taxi", IOS),
        ],
    );
    let other = device(IOS, &[]);
    let firebase = device(FCM, &[(Voip, "calls", CALLS), (LiveActivity, "taxi", FCM)]);
    let harmony = device(HARMONY, &[]);
    let absent = device(ABSENT, &[(Voip, "calls", ABSENT)]);
    let vivo = device(VIVO, &[]);
    for (ask, device, expected) in [
        (ask(json!({"title": "t"})), &phone, "1 alert Alert"),
        (call(), &phone, "2 calls Voip"),
        (call(), &other, "1 alert Alert"),
        // Alerts through Firebase, calls through the app's own VoIP certificate.
        (call(), &firebase, "2 calls Voip"),
        (call(), &harmony, "4 alert Voip"),
        (call(), &vivo, "5 alert Alert"),
        (call(), &absent, "6 calls Voip"),
        (activity("start", ""), &phone, "1 start LiveActivity"),
        (activity("update", "taxi"), &phone, "1 taxi LiveActivity"),
        (activity("end", "train"), &phone, "1 alert Alert"),
        (activity("update", ""), &phone, "1 alert Alert"),
        (
            activity("update", "taxi"),
            &firebase,
            "3 alert+taxi LiveActivity",
        ),
        (activity("start", ""), &firebase, "3 alert Alert"),
        (activity("update", "taxi"), &harmony, "4 alert Alert"),
        (background(), &phone, "1 alert Background"),
        (background(), &absent, "6 alert Background"),
    ] {
        let asked = ask.spec.message.kind;
        assert_eq!(way(&ask, device).as_deref(), Ok(expected), "{asked:?}");
    }
    assert_eq!(way(&background(), &vivo), Err(Reason::NoBackground));
    assert_eq!(way(&call(), &device(99, &[])), Err(Reason::NoChannel));
    // A channel that is gone leaves the other one.
    let half = device(99, &[(Voip, "calls", CALLS)]);
    assert_eq!(way(&call(), &half).as_deref(), Ok("2 calls Voip"));
    let half = device(IOS, &[(Voip, "calls", 99)]);
    assert_eq!(way(&call(), &half).as_deref(), Ok("1 alert Alert"));
}

#[test]
fn a_dead_token_is_as_good_as_none() {
    let mut phone = device(IOS, &[(Purpose::Voip, "calls", IOS)]);
    phone.tokens[0].dead = Some(Evidence::default());
    assert_eq!(way(&call(), &phone).as_deref(), Ok("1 alert Alert"));
}

#[test]
fn a_protocol_of_tokens_only_takes_no_other_way_for_the_kind() {
    let mut call = call();
    call.tokens_only = true;
    let harmony = device(HARMONY, &[]);
    assert_eq!(way(&call, &harmony).as_deref(), Ok("4 alert Alert"));
    let phone = device(IOS, &[(Purpose::Voip, "calls", IOS)]);
    assert_eq!(way(&call, &phone).as_deref(), Ok("1 calls Voip"));
}

#[test]
fn a_bare_token_is_of_the_kind_where_its_channel_sends_that() {
    let table = table();
    let way = |ask: &Submission, channel| {
        let entry = table.by_id(CertificateId(channel)).expect("a channel");
        let address = RequestedKind::of(ask).of_token(entry, binding(channel, "bare"));
        address.map(|it| it.kind)
    };
    assert_eq!(way(&call(), IOS), Ok(Kind::Voip));
    assert_eq!(way(&call(), VIVO), Ok(Kind::Alert));
    assert_eq!(way(&activity("end", ""), FCM), Ok(Kind::LiveActivity));
    assert_eq!(way(&background(), VIVO), Err(Reason::NoBackground));
}

#[test]
fn whoever_sent_it_learns_what_stands_in_and_why() {
    let table = table();
    let text = |ask: &Submission, channel| {
        RequestedKind::of(ask)
            .stand_in_text(table.by_id(CertificateId(channel)).expect("a channel"))
    };
    for (ask, channel, words) in [
        (call(), IOS, "without a token for calls"),
        (call(), VIVO, "vivo has no calls"),
        (
            activity("update", "taxi"),
            IOS,
            "token of this Live Activity",
        ),
        (activity("update", ""), IOS, "live_activity.id is missing"),
        (activity("start", ""), IOS, "token to start Live Activities"),
        (activity("end", "taxi"), VIVO, "vivo has no Live Activities"),
        (background(), VIVO, "is not sent: vivo"),
    ] {
        let text = text(&ask, channel);
        assert!(text.contains(words), "{text}");
    }
}
