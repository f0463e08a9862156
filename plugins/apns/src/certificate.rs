//! What an Apple push certificate says of itself: its environment and its topics.
//!
//! In: the leaf certificate as DER. Out: facts. Whether they fit the channel is for
//! `settings` to judge; the private key is the daemon's, never seen here.
//! After "Establishing a certificate-based connection to APNs".

use x509_parser::asn1_rs::{Any, FromDer as _, Oid, Tag, oid};
use x509_parser::prelude::X509Certificate;

/// Apple's extensions: may be used in the sandbox, in production; topics of VoIP, of all.
const SANDBOX: Oid<'static> = oid!(1.2.840.113635.100.6.3.1);
const PRODUCTION: Oid<'static> = oid!(1.2.840.113635.100.6.3.2);
const VOIP_TOPICS: Oid<'static> = oid!(1.2.840.113635.100.6.3.4);
const TOPICS: Oid<'static> = oid!(1.2.840.113635.100.6.3.6);
/// `UID` in a subject.
const USER_ID: Oid<'static> = oid!(0.9.2342.19200300.100.1.1);

/// Facts of a certificate.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Certificate {
    /// UID of the subject: the default topic.
    pub(crate) uid: Option<String>,
    /// Common name of the subject, such as `Apple Push Services: com.example.app`.
    pub(crate) name: String,
    /// Marked for the sandbox.
    pub(crate) sandbox: bool,
    /// Marked for production.
    pub(crate) production: bool,
    /// Topics that it lists; empty = it lists none, and is good for its UID alone.
    pub(crate) topics: Vec<String>,
    /// Seconds since the epoch.
    pub(crate) not_before: i64,
}

impl Certificate {
    /// Reads a certificate.
    pub(crate) fn read(der: &[u8]) -> Option<Self> {
        let (_, parsed) = X509Certificate::from_der(der).ok()?;
        let mut facts = Self {
            uid: parsed
                .subject()
                .iter_by_oid(&USER_ID)
                .find_map(|uid| uid.as_str().ok())
                .filter(|uid| !uid.is_empty())
                .map(str::to_owned),
            name: parsed
                .subject()
                .iter_common_name()
                .find_map(|name| name.as_str().ok())
                .unwrap_or_default()
                .to_owned(),
            not_before: parsed.validity().not_before.timestamp(),
            ..Self::default()
        };
        for extension in parsed.extensions() {
            if extension.oid == SANDBOX {
                facts.sandbox = true;
            } else if extension.oid == PRODUCTION {
                facts.production = true;
            } else if extension.oid == TOPICS || extension.oid == VOIP_TOPICS {
                facts.topics.extend(topics(extension.value));
            }
        }
        Some(facts)
    }

    /// Whether Apple made it for push: it has one of the marks, or is named so.
    pub(crate) fn is_for_push(&self) -> bool {
        let named = ["Push Services", "VoIP Services"];
        self.sandbox
            || self.production
            || !self.topics.is_empty()
            || self.uid.is_some() && named.iter().any(|words| self.name.contains(words))
    }

    /// What a certificate is that is not for push.
    pub(crate) fn instead(&self) -> &'static str {
        let is = |words: &[&str]| words.iter().any(|word| self.name.starts_with(word));
        if is(&[
            "iPhone Distribution",
            "Apple Distribution",
            "iOS Distribution",
        ]) {
            "a distribution certificate, which signs apps"
        } else if is(&["iPhone Developer", "Apple Development", "iOS Development"]) {
            "a development certificate, which signs apps"
        } else if is(&["Apple Worldwide Developer Relations", "Apple Root CA"]) {
            "one of Apple's own, which signs certificates"
        } else {
            "a certificate of another kind"
        }
    }

    /// Whether it may be used for `topic`, as far as the certificate tells.
    pub(crate) fn covers(&self, topic: &str) -> bool {
        self.topics.is_empty()
            || self.uid.as_deref() == Some(topic)
            || self.topics.iter().any(|known| known == topic)
    }
}

/// The list is a sequence of topics, each followed by a sequence of words for its uses.
fn topics(value: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    if let Ok((_, list)) = Any::from_der(value) {
        found.extend(text(&list));
        if list.tag() == Tag::Sequence {
            let mut rest = list.data;
            while let Ok((after, item)) = Any::from_der(rest) {
                found.extend(text(&item));
                rest = after;
            }
        }
    }
    found
}

fn text(item: &Any<'_>) -> Option<String> {
    let is_text = matches!(
        item.tag(),
        Tag::Utf8String | Tag::PrintableString | Tag::Ia5String
    );
    let text = std::str::from_utf8(item.data).ok()?;
    (is_text && !text.is_empty()).then(|| text.to_owned())
}
