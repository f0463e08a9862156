//! APNs, as tests set it up: keys and certificates of Apple's developer console, and the tokens of
//! phones.

use super::Apns;
use crate::credentials::pki::{ClientCertificate, Purpose, Subject, provider_key};

crate::handle::vendor_handle! {
    /// APNs, as tests set it up.
    ApnsHandle of Apns
}

impl ApnsHandle<'_> {
    /// Makes a provider key of a team and returns its .p8 file.
    ///
    /// `topics` are bundle IDs; none means every app of the team. Another key id adds a key.
    pub fn add_key(&self, team_id: &str, key_id: &str, topics: &[&str]) -> String {
        let (pem, verifying) = provider_key();
        self.service.keys.add(team_id, key_id, topics, verifying);
        pem
    }

    /// Revokes a provider key: its tokens are InvalidProviderToken from now on.
    pub fn revoke_key(&self, key_id: &str) {
        self.service.keys.revoke(key_id);
    }

    /// Makes a push certificate for both environments; negative days make an expired one.
    ///
    /// Its topics are `topic` and `extra_topics` as given: name `.voip` topics in full.
    pub fn issue_certificate(
        &self,
        topic: &str,
        extra_topics: &[&str],
        days_valid: i64,
    ) -> ClientCertificate {
        self.push_certificate(&Subject {
            topic,
            extra_topics,
            days_valid,
            purpose: Purpose::Push,
            key: None,
        })
    }

    /// Makes another push certificate for the key of one, as a renewal from the same request.
    pub fn renew_certificate(
        &self,
        of: &ClientCertificate,
        topic: &str,
        days_valid: i64,
    ) -> ClientCertificate {
        self.push_certificate(&Subject {
            topic,
            extra_topics: &[],
            days_valid,
            purpose: Purpose::Push,
            key: Some(&of.key_pem),
        })
    }

    /// Makes a certificate that signs apps, for the key of another one; BadCertificate here.
    pub fn issue_distribution_certificate(
        &self,
        key_of: &ClientCertificate,
        days_valid: i64,
    ) -> ClientCertificate {
        self.push_certificate(&Subject {
            topic: "ABC123DEFG",
            extra_topics: &[],
            days_valid,
            purpose: Purpose::Distribution,
            key: Some(&key_of.key_pem),
        })
    }

    /// Makes a certificate of the development environment, which this APNs is not.
    pub fn issue_development_certificate(&self, topic: &str) -> ClientCertificate {
        self.push_certificate(&Subject {
            topic,
            extra_topics: &[],
            days_valid: 365,
            purpose: Purpose::Development,
            key: None,
        })
    }

    /// Revokes a certificate by its serial: BadCertificate from now on.
    pub fn revoke_certificate(&self, serial: &str) {
        self.service.devices.revoke_certificate(serial);
    }

    /// Says which topic an APNs token belongs to, with its suffix if it is no token of ordinary
    /// notifications; any other is DeviceTokenNotForTopic. A token of which nothing is said belongs
    /// to any app, for its notifications.
    pub fn bind_token(&self, token: &str, topic: &str) {
        self.service.devices.bind_token(token, topic);
    }

    /// From now on the APNs token is Unregistered since `timestamp_ms`.
    pub fn unregister_token(&self, token: &str, timestamp_ms: u64) {
        self.service.devices.unregister_token(token, timestamp_ms);
    }

    /// The app is installed again: undoes `unregister_token` for this token.
    pub fn register_token(&self, token: &str) {
        self.service.devices.register_token(token);
    }

    fn push_certificate(&self, subject: &Subject<'_>) -> ClientCertificate {
        let simulator = self.simulator;
        simulator
            .pki
            .push_certificate(subject, simulator.world.clock.now_secs())
            .expect("the push CA signs any subject")
    }
}
