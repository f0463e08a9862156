//! A device's tokens for one kind of message: as they are reported, and as they are listed.

use crate::args::TokenArgs;
use nudged_wire::{ChannelTokenSpec, TokenSpec, TokenView, TokensSpec, TokensView};

/// What is reported of them; none when nothing is.
pub fn spec(args: TokenArgs) -> Option<TokensSpec> {
    let voip = args.voip_token.map(|token| match args.voip_channel {
        None => TokenSpec::Text(token),
        channel => TokenSpec::Of(ChannelTokenSpec {
            token,
            channel,
            certificate_id: None,
        }),
    });
    let activities = args.live_activities.into_iter();
    let spec = TokensSpec {
        voip,
        live_activity_start: args.live_activity_start.map(TokenSpec::Text),
        live_activities: activities
            .map(|(id, token)| (id, TokenSpec::Text(token)))
            .collect(),
    };
    (!spec.is_empty()).then_some(spec)
}

/// A line of the list.
pub struct TokenRow {
    /// What it takes.
    pub name: String,
    pub channel_name: String,
    /// The token, masked.
    pub token: String,
    /// Why it is not used.
    pub state: String,
    /// When it was last reported.
    pub registered_at: String,
}

pub fn rows(tokens: &TokensView) -> Vec<TokenRow> {
    let single = [
        ("voip".to_owned(), &tokens.voip),
        (
            "live activity start".to_owned(),
            &tokens.live_activity_start,
        ),
    ];
    let single = single
        .into_iter()
        .filter_map(|(name, it)| Some((name, it.as_ref()?)));
    let activities = tokens.live_activities.iter();
    let activities = activities.map(|(id, it)| (format!("live activity {id}"), it));
    single
        .chain(activities)
        .map(|(name, it)| row(name, it))
        .collect()
}

fn row(name: String, token: &TokenView) -> TokenRow {
    let dead = token.dead.as_ref();
    TokenRow {
        name,
        channel_name: channel_name(token.channel.as_deref(), token.certificate_id),
        token: token.token.clone(),
        state: dead.map_or_else(String::new, |it| format!("dead: {}", it.code)),
        registered_at: token.registered_at.clone(),
    }
}

/// A channel by its name, or by its id where it has none any more.
pub fn channel_name(channel: Option<&str>, id: u32) -> String {
    match channel {
        Some(channel) => channel.to_owned(),
        None => format!("certificate id {id} (no such channel)"),
    }
}
