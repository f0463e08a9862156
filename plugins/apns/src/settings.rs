//! A channel's settings, checked alone and together.
//!
//! In: values of the declared types and the time. Out: a channel that can work, or the
//! key at fault, what was expected of it, and what to do.

mod describe;

pub(crate) use describe::describe;

use nudged_plugin_api::{Identity, SettingError, Settings, Timestamp};

use crate::auth::{ProviderKey, read_p8};
use crate::certificate::Certificate;
use crate::push_type::PushType;

/// Every host that a channel may speak to; a bare name means port 443.
pub(crate) const HOSTS: [&str; 4] = [
    "api.push.apple.com",
    "api.push.apple.com:2197",
    "api.sandbox.push.apple.com",
    "api.sandbox.push.apple.com:2197",
];

/// A channel that can work.
pub(crate) struct Channel {
    /// How it proves itself.
    pub(crate) credential: Credential,
    /// The app's bundle ID.
    pub(crate) topic: String,
    /// Scheme, host and port, without a slash at the end.
    pub(crate) origin: String,
    /// Every alert passes through the service extension.
    pub(crate) mutable_content: bool,
}

/// How a channel proves itself.
pub(crate) enum Credential {
    /// With a signed token in each request.
    Key(ProviderKey),
    /// With a client certificate on the connection.
    Certificate(Certificate),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Environment {
    Production,
    Sandbox,
}

impl Channel {
    /// A channel from checked settings.
    pub(crate) fn read(settings: &Settings, now: Timestamp) -> Result<Self, SettingError> {
        let environment = environment(settings)?;
        let origin = origin(settings, environment)?;
        let topic = settings.text("topic").filter(|topic| !topic.is_empty());
        if let Some(topic) = topic {
            check_topic(topic)?;
        }
        // req 9: a certificate with its environment, or a key.
        let (credential, topic) = match (settings.has("key"), settings.identity("certificate")) {
            (true, None) => open_key(settings, topic)?,
            (false, Some(identity)) => {
                open_certificate(settings, identity, topic, environment, now)?
            }
            (true, Some(_)) => {
                return Err(SettingError::new(
                    "certificate",
                    "was set together with `key`; a channel proves itself in one way",
                    "remove `certificate` to use the key, which Apple recommends, or remove `key`, `key_id` and `team_id`",
                ));
            }
            (false, None) => {
                return Err(SettingError::new(
                    "key",
                    "is missing, and so is `certificate`; one of the two is needed",
                    "set `key` to the .p8 file of an APNs authentication key, with `key_id` and `team_id`",
                ));
            }
        };
        Ok(Self {
            credential,
            topic,
            origin,
            mutable_content: settings.flag("mutable_content"),
        })
    }
}

fn environment(settings: &Settings) -> Result<Environment, SettingError> {
    match settings.text("environment").unwrap_or("production") {
        "production" => Ok(Environment::Production),
        // The word of the profiles and of Tencent's console.
        "sandbox" | "development" => Ok(Environment::Sandbox),
        _ => Err(SettingError::new(
            "environment",
            "is neither `production` nor `sandbox`",
            "use `production` unless the tokens come from builds run from Xcode",
        )),
    }
}

fn origin(settings: &Settings, environment: Environment) -> Result<String, SettingError> {
    let port = match settings.integer("port").unwrap_or(443) {
        443 => "",
        2197 => ":2197",
        port => {
            return Err(SettingError::new(
                "port",
                format!("is {port}; APNs listens on 443 and 2197"),
                "remove `port`, or set it to 2197 where a firewall closes 443",
            ));
        }
    };
    let Some(endpoint) = settings.text("endpoint").filter(|url| !url.is_empty()) else {
        let host = match environment {
            Environment::Production => "api.push.apple.com",
            Environment::Sandbox => "api.sandbox.push.apple.com",
        };
        return Ok(format!("https://{host}{port}"));
    };
    let origin = endpoint.trim_end_matches('/');
    let host = origin.strip_prefix("https://").unwrap_or_default();
    if host.is_empty() || host.contains(['?', '#', '@', ' ']) {
        return Err(SettingError::new(
            "endpoint",
            "is not an https:// URL of a host without query, fragment and user",
            "write it like https://push.example.com:8443, or remove it to speak to Apple",
        ));
    }
    Ok(origin.to_owned())
}

fn check_topic(topic: &str) -> Result<(), SettingError> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    if topic.bytes().all(allowed) {
        return Ok(());
    }
    Err(SettingError::new(
        "topic",
        "is no bundle ID: those are of letters, digits, `.` and `-`",
        "copy the bundle ID from Certificates, Identifiers & Profiles > Identifiers, such as com.example.app",
    ))
}

fn open_key(
    settings: &Settings,
    topic: Option<&str>,
) -> Result<(Credential, String), SettingError> {
    let file = settings.require_file("key")?;
    let key = read_p8(&file.contents).map_err(|instead| {
        SettingError::new(
            "key",
            format!(
                "{} is no .p8 file, that is a PKCS#8 PEM with a P-256 key: {instead}",
                file.name
            ),
            "use the AuthKey_….p8 file as downloaded from Certificates, Identifiers & Profiles > Keys; if it is lost, make a new key there",
        )
    })?;
    let key_id = apple_id(
        settings,
        "key_id",
        "the Key ID is shown beside the key under Keys, and in the name of the downloaded file, AuthKey_KEYID.p8",
    )?;
    let team_id = apple_id(
        settings,
        "team_id",
        "the Team ID is shown in the developer account under Membership details",
    )?;
    let topic = topic.ok_or_else(|| {
        SettingError::new(
            "topic",
            "is missing; a key is good for all apps of its team, so the app must be named",
            "set `topic` to the app's bundle ID, such as com.example.app",
        )
    })?;
    let key = ProviderKey::new(key, key_id, team_id);
    Ok((Credential::Key(key), topic.to_owned()))
}

fn apple_id<'a>(
    settings: &'a Settings,
    setting: &str,
    remedy: &str,
) -> Result<&'a str, SettingError> {
    let Some(id) = settings.text(setting).filter(|id| !id.is_empty()) else {
        return Err(SettingError::new(
            setting,
            "is missing; a `key` needs it",
            remedy,
        ));
    };
    let allowed = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    if id.len() != 10 || !id.bytes().all(allowed) {
        return Err(SettingError::new(
            setting,
            format!(
                "has {} characters; it must be exactly 10, each of them A-Z or 0-9",
                id.chars().count()
            ),
            remedy,
        ));
    }
    Ok(id)
}

fn open_certificate(
    settings: &Settings,
    identity: &Identity,
    topic: Option<&str>,
    environment: Environment,
    now: Timestamp,
) -> Result<(Credential, String), SettingError> {
    for setting in ["key_id", "team_id"] {
        if settings.text(setting).is_some_and(|id| !id.is_empty()) {
            return Err(SettingError::new(
                setting,
                "goes with `key`, but the channel has a `certificate`",
                format!("remove `{setting}`, or set `key` instead of `certificate`"),
            ));
        }
    }
    let certificate = Certificate::read(&identity.certificate).ok_or_else(|| {
        SettingError::new(
            "certificate",
            format!("{} cannot be read as an X.509 certificate", identity.name),
            "export the certificate with its private key from Keychain Access again",
        )
    })?;
    if !certificate.is_for_push() {
        return Err(SettingError::new(
            "certificate",
            format!(
                "{} has not Apple's mark for push; it seems to be {}",
                identity.name,
                certificate.instead()
            ),
            "make a certificate of kind Apple Push Services under Certificates, and export that one with its private key",
        ));
    }
    check_dates(&certificate, identity, now)?;
    check_environment(&certificate, identity, environment)?;
    let topic = match topic {
        Some(topic) => topic,
        None => bundle_id(&certificate).ok_or_else(|| {
            SettingError::new(
                "topic",
                format!("is missing, and the subject of {} has no UID to take it from", identity.name),
                "use a certificate of kind Apple Push Services, or set `topic` to the app's bundle ID",
            )
        })?,
    };
    if !serves(&certificate, topic) {
        let mut topics = certificate.topics.clone();
        topics.extend(certificate.uid.clone());
        topics.sort();
        topics.dedup();
        return Err(SettingError::new(
            "topic",
            format!(
                "{topic} is not among the topics of {}: {}",
                identity.name,
                topics.join(", ")
            ),
            "set `topic` to the bundle ID that the certificate was made for, or make a certificate for this app",
        ));
    }
    let topic = topic.to_owned();
    Ok((Credential::Certificate(certificate), topic))
}

fn check_dates(
    certificate: &Certificate,
    identity: &Identity,
    now: Timestamp,
) -> Result<(), SettingError> {
    if identity.expires_at <= now {
        let days = now.seconds_after(identity.expires_at) / 86_400;
        return Err(SettingError::new(
            "certificate",
            format!("{} expired {days} days ago", identity.name),
            "make a new Apple Push Services certificate under Certificates, or change to a `key`, which does not expire",
        ));
    }
    if certificate.not_before > i64::try_from(now.seconds()).unwrap_or(i64::MAX) {
        return Err(SettingError::new(
            "certificate",
            format!("{} is not valid yet", identity.name),
            "set this machine's clock",
        ));
    }
    Ok(())
}

/// A certificate without either mark says nothing, so APNs must.
fn check_environment(
    certificate: &Certificate,
    identity: &Identity,
    environment: Environment,
) -> Result<(), SettingError> {
    let (only, wanted) = match (environment, certificate.production, certificate.sandbox) {
        (Environment::Production, false, true) => ("sandbox", "production"),
        (Environment::Sandbox, true, false) => ("production", "sandbox"),
        _ => return Ok(()),
    };
    Err(SettingError::new(
        "environment",
        format!("is {wanted}, but {} is good for {only} only", identity.name),
        format!(
            "set `environment` to {only} if the tokens come from there, or use an Apple Push Services certificate, which is good for both"
        ),
    ))
}

/// The subject's UID; that of a VoIP Services certificate has the suffix already.
fn bundle_id(certificate: &Certificate) -> Option<&str> {
    let uid = certificate.uid.as_deref()?;
    Some(
        uid.strip_suffix(PushType::Voip.topic_suffix())
            .unwrap_or(uid),
    )
}

fn serves(certificate: &Certificate, topic: &str) -> bool {
    let voip = format!("{topic}{}", PushType::Voip.topic_suffix());
    let names = certificate.uid.iter().chain(&certificate.topics);
    let mut unnamed = true;
    for name in names {
        if name == topic || *name == voip {
            return true;
        }
        unnamed = false;
    }
    unnamed
}
