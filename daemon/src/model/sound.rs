//! What a text says is heard on devices of a platform. Pure.

use nudged_plugin_api::{Platform, Sound};

/// The scheme of an Android app's resources.
const RESOURCE: &str = "android.resource://";

/// What a text says is heard on phones of a platform, and what there is to say of it: `default`
/// or nothing, `none`, the name of a sound file, or the URI or path that an app's SDK has for one.
///
/// `android.resource://PACKAGE/raw/NAME` is the app's raw resource NAME on Android. A resource by
/// its number, `content:` and `file:` name nothing that a vendor could play, and of a path the last
/// part is the file. What names nothing is the system's sound: a sound never costs a message.
pub fn sound(text: &str, platform: Platform) -> (Sound, Option<&'static str>) {
    // req 65: what names nothing that a vendor plays is the default sound, with a notice.
    let default = |why| (Sound::Default, Some(why));
    if is_resource(text) {
        let name = text[RESOURCE.len()..].split_once('/');
        return match name.and_then(|(_, path)| path.strip_prefix("raw/")) {
            _ if matches!(platform, Platform::Ios | Platform::Harmony) => {
                default("is the system's: a resource of Android is none of this phone's")
            }
            Some(name) if !name.is_empty() => (Sound::Named(name.to_owned()), None),
            _ => default("is the system's: no vendor plays a resource by its number"),
        };
    }
    if starts_with(text, "content:") || starts_with(text, "file:") {
        return default("is the system's: no vendor plays a file of the phone by its URI");
    }
    let name = text.rsplit('/').next().unwrap_or_default();
    let sound = match text {
        "" | "default" => Sound::Default,
        "none" => Sound::Silent,
        _ if name.is_empty() => return default("is the system's: the path names no file"),
        _ => Sound::Named(name.to_owned()),
    };
    (sound, None)
}

/// Whether a text names a resource of an Android app: other phones have none.
pub fn is_resource(text: &str) -> bool {
    starts_with(text, RESOURCE)
}

/// Schemes have no case.
fn starts_with(text: &str, scheme: &str) -> bool {
    let start = text.get(..scheme.len());
    start.is_some_and(|start| start.eq_ignore_ascii_case(scheme))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uri_or_a_path_is_the_file_that_a_vendor_can_play() {
        let named = |name: &str| Sound::Named(name.to_owned());
        let raw = "android.resource://com.example.chat/raw/ring";
        for (text, platform, heard, told) in [
            ("", Platform::Ios, Sound::Default, false),
            ("default", Platform::Ios, Sound::Default, false),
            ("none", Platform::Android, Sound::Silent, false),
            ("ring.caf", Platform::Ios, named("ring.caf"), false),
            (
                "/private/var/ring.caf",
                Platform::Ios,
                named("ring.caf"),
                false,
            ),
            ("/raw/ring", Platform::Android, named("ring"), false),
            (raw, Platform::Android, named("ring"), false),
            (raw, Platform::Several, named("ring"), false),
            (raw, Platform::Ios, Sound::Default, true),
            (raw, Platform::Harmony, Sound::Default, true),
            (
                "android.resource://com.example.chat/2131689472",
                Platform::Android,
                Sound::Default,
                true,
            ),
            (
                "Android.Resource://é",
                Platform::Android,
                Sound::Default,
                true,
            ),
            (
                "content://media/42",
                Platform::Android,
                Sound::Default,
                true,
            ),
            ("file:///sdcard/a.mp3", Platform::Ios, Sound::Default, true),
            ("/", Platform::Ios, Sound::Default, true),
        ] {
            let (sound, said) = super::sound(text, platform);
            assert_eq!(
                (sound, said.is_some()),
                (heard, told),
                "{text} on {platform:?}"
            );
        }
    }
}
