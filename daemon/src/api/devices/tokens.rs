//! Tokens for one kind of message: as they come in a report, and as they are shown.
//!
//! In: the report's `tokens`. Out: what the registry takes, each with the path by which it is
//! called in a refusal. Refuses to know their forms.

use super::channel::channel;
use crate::admission::check_name;
use crate::channels::RouteTable;
use crate::channels::check_token;
use crate::model::{Binding, CertificateId, Device, KindToken, Purpose, masked, rfc3339};
use crate::registry::{KindName, KindReport, MAX_ACTIVITIES};
use nudged_wire::{ChannelTokenSpec, DeadView, TokenSpec, TokenView, TokensSpec, TokensView};
use nudged_wire::{Code, Problem};

/// What is told of a device's tokens; those that name no channel are of `own`.
pub fn reported(
    table: &RouteTable,
    app: &str,
    own: Option<CertificateId>,
    spec: TokensSpec,
) -> Result<Vec<KindReport>, Problem> {
    let activities = spec.live_activities;
    let many = activities
        .values()
        .filter(|it| **it != TokenSpec::Forgotten);
    let many = many.count();
    if many > MAX_ACTIVITIES {
        let detail = format!("names {many} Live Activities, at most {MAX_ACTIVITIES} are allowed");
        return Err(Problem::new(Code::Invalid, detail)
            .field(ACTIVITIES)
            .hint("forget those that have ended: their id with null"));
    }
    let one = |purpose, token: Option<TokenSpec>| {
        let activity = None;
        token.map(|token| (KindName { purpose, activity }, token))
    };
    let single = [
        one(Purpose::Voip, spec.voip),
        one(Purpose::LiveActivityStart, spec.live_activity_start),
    ];
    let activities = activities.into_iter().map(|(id, token)| {
        let purpose = Purpose::LiveActivity;
        let activity = Some(id);
        (KindName { purpose, activity }, token)
    });
    let all = single.into_iter().flatten().chain(activities);
    all.map(|(which, token)| {
        if let Some(id) = &which.activity {
            check_name(id, ACTIVITIES)?;
        }
        let binding = binding(table, app, own, token, &path(&which))?;
        Ok(KindReport { which, binding })
    })
    .collect()
}

const ACTIVITIES: &str = "tokens.live_activities";

/// By which path a token is called.
pub fn path(which: &KindName) -> String {
    match &which.activity {
        Some(id) => format!("{ACTIVITIES}.{id}"),
        None => format!("tokens.{}", which.purpose.as_str()),
    }
}

/// How it is reached; none of an empty token.
fn binding(
    table: &RouteTable,
    app: &str,
    own: Option<CertificateId>,
    token: TokenSpec,
    path: &str,
) -> Result<Option<Binding>, Problem> {
    let (token, channel, field) = match token {
        TokenSpec::Forgotten => return Ok(None),
        TokenSpec::Text(token) if token.is_empty() => return Ok(None),
        TokenSpec::Text(token) => {
            let channel = own.ok_or_else(|| {
                Problem::new(Code::Invalid, "names no channel, and nor does the report")
                    .field(path)
                    .hint(
                        "write it as {\"token\": …, \"channel\": …}, or name the report's channel",
                    )
            })?;
            (token, channel, path.to_owned())
        }
        TokenSpec::Of(ChannelTokenSpec {
            token,
            channel: name,
            certificate_id,
        }) => {
            let at = format!("{path}.");
            let name = name.filter(|name| !name.is_empty());
            let channel = match (&name, certificate_id, own) {
                (None, None, Some(own)) => own,
                _ => channel(table, app, name, certificate_id, &at)?,
            };
            if token.is_empty() {
                return Ok(None);
            }
            (token, channel, format!("{path}.token"))
        }
    };
    check_token(&token, &field)?;
    Ok(Some(Binding { channel, token }))
}

/// A device's tokens for one kind of message, masked.
pub fn view(table: &RouteTable, device: &Device) -> TokensView {
    let mut shown = TokensView::default();
    for token in &device.tokens {
        let view = view_of(table, token);
        match (token.purpose, &token.activity) {
            (Purpose::Voip, _) => shown.voip = Some(view),
            (Purpose::LiveActivityStart, _) => shown.live_activity_start = Some(view),
            (Purpose::LiveActivity, id) => {
                let id = id.clone().unwrap_or_default();
                shown.live_activities.insert(id, view);
            }
        }
    }
    shown
}

fn view_of(table: &RouteTable, token: &KindToken) -> TokenView {
    let bound = &token.binding;
    TokenView {
        channel: table.by_id(bound.channel).map(|route| route.name.clone()),
        certificate_id: bound.channel.0,
        token: masked(&bound.token),
        registered_at: rfc3339(token.reported_at),
        dead: token.dead.as_ref().map(|dead| DeadView {
            at: rfc3339(dead.at),
            code: dead.code.clone(),
            text: dead.text.clone(),
        }),
    }
}

/// Those that are alive, whole, as a report would bring them.
pub fn whole(tokens: Vec<KindToken>) -> Option<TokensSpec> {
    let mut spec = TokensSpec::default();
    for it in tokens.into_iter().filter(|it| it.dead.is_none()) {
        let token = TokenSpec::Of(ChannelTokenSpec {
            token: it.binding.token,
            channel: None,
            certificate_id: Some(it.binding.channel.0),
        });
        match it.purpose {
            Purpose::Voip => spec.voip = Some(token),
            Purpose::LiveActivityStart => spec.live_activity_start = Some(token),
            Purpose::LiveActivity => {
                let id = it.activity.unwrap_or_default();
                spec.live_activities.insert(id, token);
            }
        }
    }
    (!spec.is_empty()).then_some(spec)
}
