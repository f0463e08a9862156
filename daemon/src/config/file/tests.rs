use super::*;

fn directory(files: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a directory");
    std::fs::create_dir(dir.path().join("channels.d")).expect("created");
    for (name, text) in files {
        std::fs::write(dir.path().join(name), text).expect("written");
    }
    dir
}

fn problems(files: &[(&str, &str)]) -> Vec<String> {
    let dir = directory(files);
    let ConfigProblems(problems) =
        read(&dir.path().join("nudged.toml")).expect_err("must be refused");
    problems
        .iter()
        .map(|it| {
            it.to_string()
                .replace(&format!("{}/", dir.path().display()), "")
        })
        .collect()
}

#[test]
fn an_empty_file_is_the_defaults() {
    let dir = directory(&[("nudged.toml", "")]);
    let config = read(&dir.path().join("nudged.toml")).expect("good");
    assert_eq!(config.socket.path, Path::new("/run/nudged/nudged.sock"));
    assert_eq!(config.delivery.default_ttl, Duration::from_secs(259_200));
    assert!(config.channels.is_empty());
    let rules = config.rules();
    assert_eq!(rules.default_ttl, config.delivery.default_ttl);
    assert_eq!(rules.default_title.as_deref(), Some("a new message"));
    assert_eq!(rules.language, "en");
    assert_eq!(rules.dormant_after, 604_800_000);
    assert_eq!((rules.brake.share, rules.brake.least), (5, 100));
}

#[test]
fn an_empty_default_title_is_none() {
    let dir = directory(&[("nudged.toml", "[text]\ndefault_title = \"\"\n")]);
    let config = read(&dir.path().join("nudged.toml")).expect("good");
    assert_eq!(config.rules().default_title, None);
}

#[test]
fn what_can_be_no_language_no_time_and_no_limit_is_refused_by_its_key() {
    let text = "[text]\nlanguage = \"en_US\"\n[devices]\ndormant_after = \"0s\"\nbrake_share = 101\nbrake_least = 0\n";
    assert_eq!(
        problems(&[("nudged.toml", text)]),
        [
            "nudged.toml: text.language: must be a language tag such as \"en\" or \"zh-Hant\"",
            "nudged.toml: devices.dormant_after: must be more than 0s",
            "nudged.toml: devices.brake_share: must be 0 to 100 percent",
            "nudged.toml: devices.brake_least: must be at least 1",
        ]
    );
}

#[test]
fn an_unknown_key_is_refused_with_file_and_line() {
    let found = problems(&[("nudged.toml", "[socket]\npath = \"/x\"\nmodus = 3\n")]);
    assert_eq!(found.len(), 1);
    assert!(
        found[0].starts_with("nudged.toml:3: unknown field `modus`, expected"),
        "{found:?}"
    );
}

#[test]
fn a_value_of_another_kind_is_told_with_its_key_and_in_words() {
    let head = "driver = \"apns\"\n";
    for (text, said) in [
        (
            "certificate_id = -6\n",
            "2: certificate_id: invalid value: integer, expected a whole number from 0 to 4294967295",
        ),
        (
            "certificate_id = \"6\"\n",
            "2: certificate_id: invalid type: string, expected a whole number from 0 to 4294967295",
        ),
        (
            "certificate_id = 6\n[limits]\nrate = -1\n",
            "4: limits.rate: invalid value: integer, expected a whole number from 0 to 4294967295",
        ),
        (
            "certificate_id = 6\n[settings]\nkey = \"k\"\n[limits]\nrate = 0\n",
            "6: limits.rate: must not be 0; to stop the channel",
        ),
        (
            "certificate_id = 6\n[limits]\n\nconcurrency = 0\n",
            "5: limits.concurrency: must not be 0; to stop the channel",
        ),
        (
            "certificate_id = 6\nsettings = 7\n",
            "3: settings: invalid type: integer, expected a table",
        ),
    ] {
        let text = format!("{head}{text}");
        let dir = directory(&[("nudged.toml", ""), ("channels.d/ios.toml", &text)]);
        let config = read(&dir.path().join("nudged.toml")).expect("the others serve");
        let problem = config.unreadable[0].problem.to_string();
        let (_, problem) = problem.split_once("ios.toml:").expect("with its line");
        assert!(problem.starts_with(said), "{problem}");
    }
    let found = problems(&[("nudged.toml", "[store]\nmax_mib = -1\n")]);
    assert_eq!(
        found,
        ["nudged.toml:2: store.max_mib: invalid value: integer, expected a whole number from 0"]
    );
}

#[test]
fn a_length_of_time_says_what_it_should_look_like() {
    let found = problems(&[("nudged.toml", "[delivery]\ndefault_ttl = \"soon\"\n")]);
    assert!(
        found[0]
            .starts_with("nudged.toml:2: delivery.default_ttl: `soon` is not a duration such as"),
        "{found:?}"
    );
}

#[test]
fn what_an_editor_leaves_beside_a_channel_is_no_channel() {
    let dir = directory(&[
        ("nudged.toml", ""),
        (
            "channels.d/a.toml",
            "driver = \"apns\"\ncertificate_id = 1\n",
        ),
        ("channels.d/._a.toml", "\u{0}\u{5}"),
    ]);
    let link = dir.path().join("channels.d/.#a.toml");
    std::os::unix::fs::symlink("me@host.123", link).expect("linked");
    let config = read(&dir.path().join("nudged.toml")).expect("good");
    assert_eq!(config.channels.len(), 1);
    assert_eq!(config.unreadable.len(), 0);
}

#[test]
fn a_bad_channel_file_is_set_aside_with_its_mistake_and_the_others_are_read() {
    let dir = directory(&[
        ("nudged.toml", ""),
        (
            "channels.d/a.toml",
            "driver = \"apns\"\ncertificate_id = 1\n",
        ),
        ("channels.d/c.toml", "driver = \"apns\"\n"),
        (
            "channels.d/d.toml",
            "driver = \"apns\"\ncertificate_id = 4\nsecret = 1\n",
        ),
        (
            "channels.d/e f.toml",
            "driver = \"apns\"\ncertificate_id = 5\n",
        ),
    ]);
    let config = read(&dir.path().join("nudged.toml")).expect("good");

    let names: Vec<&str> = config.channels.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["a"]);
    let found: Vec<(&str, Option<u32>, String)> = config
        .unreadable
        .iter()
        .map(|it| {
            let words = it.problem.to_string();
            let words = words.replace(&format!("{}/", dir.path().display()), "");
            (it.name.as_str(), it.certificate_id.map(|id| id.0), words)
        })
        .collect();
    assert_eq!(found.len(), 3, "{found:#?}");
    assert_eq!((found[0].0, found[0].1), ("c", None));
    assert!(found[0].2.contains("missing field `certificate_id`"));
    assert_eq!((found[1].0, found[1].1), ("d", Some(4)));
    let words = "channels.d/d.toml:3: unknown field `secret`";
    assert!(found[1].2.starts_with(words), "{found:#?}");
    assert_eq!((found[2].0, found[2].1), ("e f", Some(5)));
    let words = "channels.d/e f.toml: the file's name";
    assert!(found[2].2.starts_with(words), "{found:#?}");
}

#[test]
fn a_problem_with_a_setting_finds_its_line_later() {
    let dir = directory(&[
        ("nudged.toml", ""),
        (
            "channels.d/ios.toml",
            "driver = \"apns\"\ncertificate_id = 1\n[settings]\nkey = \"k\"\ntopic = \"t\"\n",
        ),
    ]);
    let config = read(&dir.path().join("nudged.toml")).expect("good");
    let channel = &config.channels[0];
    assert_eq!(channel.problem("topic", "x").line, Some(5));
    assert_eq!(channel.problem("absent", "x").line, Some(3));
    assert_eq!(channel.resolve("k.p8"), dir.path().join("channels.d/k.p8"));
}

/// The file as installed says `#key = value` where value is the default.
#[test]
fn the_installed_file_says_every_key_and_its_default() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../etc/nudged/nudged.toml");
    let (text, _) = read_text(&path).expect("it is there");
    let uncommented: String = text
        .lines()
        .map(|line| {
            line.strip_prefix('#')
                .filter(|it| it.starts_with(char::is_alphabetic))
                .unwrap_or(line)
        })
        .flat_map(|line| [line, "\n"])
        .collect();
    let as_installed: MainTable = parse(&path, &text).expect("good as it is");
    let with_defaults: MainTable = parse(&path, &uncommented).expect("good when uncommented");
    let default = format!("{:?}", MainTable::default());
    assert_eq!(format!("{as_installed:?}"), default);
    assert_eq!(format!("{with_defaults:?}"), default);
    for key in [
        "path",
        "mode",
        "max_body",
        "max_connections",
        "max_connections_per_user",
        "max_event_streams",
        "min_free_mib",
        "max_mib",
        "max_trace_mib",
        "retention",
        "directory",
        "allow_lax_permissions",
        "default_ttl",
        "first_retry",
        "longest_retry",
        "default_title",
        "language",
        "dormant_after",
        "brake_share",
        "brake_least",
        "brake_day_share",
        "brake_day_least",
        "extra_roots",
        "proxy",
        "connect_timeout",
        "request_timeout",
        "grace",
        "users",
        "groups",
        "apps",
        "verbs",
    ] {
        let told = text.lines().any(|line| {
            line.trim_start_matches(['#', ' '])
                .starts_with(&format!("{key} ="))
        });
        assert!(told, "{key} is not mentioned");
    }
}
