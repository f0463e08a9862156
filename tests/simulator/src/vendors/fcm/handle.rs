//! FCM and its token endpoint, as tests set them up: service accounts of Google's console, and the
//! tokens of phones. Grants live 3599 seconds unless said.

use super::{Fcm, TOKEN_PATH};

crate::handle::vendor_handle! {
    /// FCM and its token endpoint, as tests set them up.
    FcmHandle of Fcm
}

impl FcmHandle<'_> {
    /// URL of Google's OAuth token endpoint.
    pub fn token_url(&self) -> String {
        format!("{}{TOKEN_PATH}", self.url())
    }

    /// Makes a service account of a project and returns its JSON key file.
    pub fn add_service_account(&self, project_id: &str) -> String {
        self.service.accounts.add(project_id)
    }

    /// Deletes a service account: it gets no more grants.
    pub fn remove_service_account(&self, client_email: &str) {
        self.service.accounts.remove(client_email);
    }

    /// From now on the FCM token is UNREGISTERED; one of a Live Activity, Unregistered in APNs'
    /// words.
    pub fn unregister_token(&self, token: &str) {
        self.service.unregister_token(token);
    }

    /// Says which project an FCM token was issued for; any other is SENDER_ID_MISMATCH.
    pub fn bind_token(&self, token: &str, project_id: &str) {
        self.service.bind_token(token, project_id);
    }

    /// How many grants the token endpoint has given.
    pub fn grants_issued(&self) -> u64 {
        self.simulator.counts().oauth.accepted
    }

    /// The app is installed again: undoes `unregister_token` for this token.
    pub fn register_token(&self, token: &str) {
        self.service.register_token(token);
    }
}
