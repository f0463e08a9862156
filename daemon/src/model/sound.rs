use nudged_plugin_api::Sound;

/// What a text says is heard: `default` or nothing, `none`, or the name of a sound file.
pub fn sound(text: &str) -> Sound {
    match text {
        "" | "default" => Sound::Default,
        "none" => Sound::Silent,
        name => Sound::Named(name.to_owned()),
    }
}
