//! The platforms that a message may say something of its own for.

use nudged_plugin_api::Platform;

/// The platforms that a message may say something of its own for.
pub const PLATFORMS: [Platform; 3] = [Platform::Ios, Platform::Android, Platform::Harmony];

/// The platform of this name, such as `ios`.
pub fn platform_named(name: &str) -> Option<Platform> {
    PLATFORMS.into_iter().find(|it| it.as_str() == name)
}
