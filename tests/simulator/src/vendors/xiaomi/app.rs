//! What Xiaomi knows of an app: its packages, channels and templates.

use std::collections::{HashMap, HashSet};

use super::Xiaomi;

/// What a developer has set up in the console.
#[derive(Debug, Clone, Default)]
pub(super) struct App {
    pub(super) packages: HashSet<String>,
    /// Whether it is for private messages, by channel id.
    pub(super) channels: HashMap<String, bool>,
    /// The number of variables by template id.
    pub(super) templates: HashMap<String, usize>,
}

crate::handle::vendor_handle! {
    /// Xiaomi, as tests set it up.
    XiaomiHandle of Xiaomi
}

impl XiaomiHandle<'_> {
    /// Registers an app at Xiaomi; another package of the same secret adds to it.
    pub fn add_account(&self, package: &str, app_secret: &str) {
        self.service.set_up(app_secret, |app| {
            app.packages.insert(package.to_owned());
        });
    }

    /// Opens a channel of an app, for private messages or for public ones.
    pub fn add_channel(&self, app_secret: &str, channel_id: &str, is_private: bool) {
        self.service.set_up(app_secret, |app| {
            app.channels.insert(channel_id.to_owned(), is_private);
        });
    }

    /// Has a template of private messages approved, with its number of variables.
    pub fn add_template(&self, app_secret: &str, template_id: &str, variables: usize) {
        self.service.set_up(app_secret, |app| {
            app.templates.insert(template_id.to_owned(), variables);
        });
    }
}
