//! Recipients to devices.

use crate::api::problem::{Code, Problem};
use crate::api::schema::{BadgeChange, RecipientSpec};
use crate::dispatch::Table;
use crate::model::{CertificateId, Recipient};
use crate::registry::{DeviceKey, Registry};

use nudged_plugin_api::Badge;

/// Most recipients of one notification.
const MOST: usize = 10_000;
/// Longest vendor token, in bytes.
pub const LONGEST_TOKEN: usize = 4096;

/// One device that was found.
pub struct Target {
    /// The channel that reaches it.
    pub channel: CertificateId,
    /// The device.
    pub recipient: Recipient,
}

/// The devices that were found, and why some recipients have none.
pub struct Targets {
    /// Devices, each once.
    pub found: Vec<Target>,
    /// Why there are fewer than was asked for.
    pub explanation: Option<String>,
}

/// The devices of the recipients.
pub fn recipients(
    table: &Table,
    registry: &Registry,
    app: &str,
    to: &[RecipientSpec],
) -> Result<Targets, Problem> {
    if to.is_empty() {
        return Err(
            Problem::new(Code::Invalid, "a notification needs at least one recipient").field("to"),
        );
    }
    if to.len() > MOST {
        let detail = format!(
            "{} recipients are too many, at most {MOST} are allowed",
            to.len()
        );
        return Err(Problem::new(Code::Invalid, detail)
            .field("to")
            .hint("send several notifications, best as one NDJSON stream"));
    }
    let mut found: Vec<Target> = Vec::with_capacity(to.len());
    let mut without: Vec<&str> = Vec::new();
    let mut orphans: Vec<String> = Vec::new();
    for (at, recipient) in to.iter().enumerate() {
        let field = |name: &str| format!("to[{at}].{name}");
        let badge = recipient
            .badge
            .map(|badge| self::badge(badge, &field("badge")))
            .transpose()?;
        match recipient {
            RecipientSpec {
                user: Some(user),
                device,
                channel: None,
                token: None,
                ..
            } => {
                check_name(user, &field("user"))?;
                let devices = registry.of_user(app, user)?;
                let before = found.len() + orphans.len();
                for (id, it) in devices {
                    if device.as_ref().is_some_and(|device| *device != id) {
                        continue;
                    }
                    let Some(bound) = it.binding else { continue };
                    if table.by_id(bound.channel).is_none() {
                        orphans.push(format!("{user}/{id} (certificate id {})", bound.channel));
                        continue;
                    }
                    found.push(Target {
                        channel: bound.channel,
                        recipient: Recipient {
                            user: Some(user.clone()),
                            device: Some(id),
                            token: bound.token,
                            badge,
                        },
                    });
                }
                if found.len() + orphans.len() == before {
                    without.push(user);
                }
            }
            RecipientSpec {
                user: None,
                device: None,
                channel: Some(channel),
                token: Some(token),
                ..
            } => {
                let Some(route) = table.by_name(app, channel) else {
                    let detail = format!("there is no channel {channel:?}");
                    return Err(Problem::new(Code::Invalid, detail)
                        .field(field("channel"))
                        .hint(table.names(app)));
                };
                check_token(token, &field("token"))?;
                found.push(Target {
                    channel: route.certificate_id,
                    recipient: Recipient {
                        user: None,
                        device: None,
                        token: token.clone(),
                        badge,
                    },
                });
            }
            _ => {
                return Err(Problem::new(
                    Code::Invalid,
                    "a recipient is a user, a user and a device, or a channel and a token",
                )
                .field(format!("to[{at}]")));
            }
        }
    }
    once(&mut found);
    Ok(Targets {
        found,
        explanation: explain(&without, &orphans),
    })
}

fn explain(without: &[&str], orphans: &[String]) -> Option<String> {
    let mut words = Vec::new();
    if !without.is_empty() {
        words.push(format!(
            "no_device: {} has not registered any",
            without.join(", ")
        ));
    }
    if !orphans.is_empty() {
        words.push(format!(
            "no_channel: no channel is configured for {}",
            orphans.join(", ")
        ));
    }
    (!words.is_empty()).then(|| words.join("; "))
}

/// A device that was named twice is told once.
fn once(found: &mut Vec<Target>) {
    if found.len() < 2 {
        return;
    }
    let mut seen = std::collections::HashSet::with_capacity(found.len());
    found.retain(|target| seen.insert((target.channel, target.recipient.token.clone())));
}

/// Whether a text can be the name of an app, user or device.
pub fn check_name(name: &str, field: &str) -> Result<(), Problem> {
    DeviceKey::check(name)
        .map_err(|error| Problem::new(Code::Invalid, error.to_string()).field(field))
}

/// Whether a text can be a vendor token; its form is the driver's affair.
pub fn check_token(token: &str, field: &str) -> Result<(), Problem> {
    let problem = |detail: String| Err(Problem::new(Code::Invalid, detail).field(field));
    if token.is_empty() {
        return problem("must not be empty".to_owned());
    }
    if token.len() > LONGEST_TOKEN {
        return problem(format!(
            "is {} bytes long, at most {LONGEST_TOKEN} are allowed",
            token.len()
        ));
    }
    if token.chars().any(char::is_control) {
        return problem("must not contain control characters".to_owned());
    }
    Ok(())
}

/// A badge within its range.
pub fn badge(badge: BadgeChange, field: &str) -> Result<Badge, Problem> {
    const MOST: u32 = 99_999;
    let count = match badge {
        BadgeChange::Set(count) | BadgeChange::Add(count) => count,
        BadgeChange::Keep => 0,
    };
    if count > MOST {
        let detail = format!("{count} is too much for a badge, at most {MOST} is allowed");
        return Err(Problem::new(Code::Invalid, detail).field(field));
    }
    Ok(match badge {
        BadgeChange::Set(count) => Badge::Set(count),
        BadgeChange::Add(count) => Badge::Add(count),
        BadgeChange::Keep => Badge::Keep,
    })
}
