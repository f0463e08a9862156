//! Builds drivers and hosts against copies of plugin-api.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, OnceLock};
use std::{env, fs};

/// What was built against one version of plugin-api.
#[derive(Debug)]
pub struct Built {
    /// A driver that obeys its messages.
    pub alpha: PathBuf,
    /// Another driver.
    pub beta: PathBuf,
    /// A program that loads the files that it is given.
    pub host: PathBuf,
}

/// In the environment of a test that another one runs in a process of its own, which has built what
/// it needs. It takes no turns with this process: what it built would come between the build of
/// another version here and its fetching, and be taken for that.
pub const ARE_BUILT: &str = "NUDGED_FIXTURES_ARE_BUILT";

/// This version.
pub fn v1() -> &'static Built {
    static BUILT: OnceLock<Built> = OnceLock::new();
    BUILT.get_or_init(|| build("1.0.0", &[]))
}

/// A later version that has one function more, and one field more in two frames.
pub fn v1_1() -> &'static Built {
    static BUILT: OnceLock<Built> = OnceLock::new();
    BUILT.get_or_init(|| build("1.1.0", &ADDITIONS))
}

/// A later version that fits no longer.
pub fn v2() -> &'static Built {
    static BUILT: OnceLock<Built> = OnceLock::new();
    BUILT.get_or_init(|| build("2.0.0", &[]))
}

/// File, text in it, text instead.
type Edit = (&'static str, &'static str, &'static str);

const ADDITIONS: [Edit; 8] = [
    (
        "module.rs",
        "pub close: extern \"C\" fn(ChannelHandle),",
        "pub close: extern \"C\" fn(ChannelHandle),\n    /// New.\n    pub extra: extern \"C\" fn() -> u32,",
    ),
    (
        "module.rs",
        "close: close::<D>,",
        "close: close::<D>,\n        extra,",
    ),
    (
        "module.rs",
        "extern \"C\" fn close<D: Driver>",
        "extern \"C\" fn extra() -> u32 {\n    7\n}\n\nextern \"C\" fn close<D: Driver>",
    ),
    ("info.rs", "10 sources,", "10 sources, 900 new,"),
    (
        "info.rs",
        "    /// Titles of the vendor documents",
        "    /// New.\n    pub new: Option<String>,\n    /// Titles of the vendor documents",
    ),
    (
        "info.rs",
        "batch: 1,",
        "batch: 1,\n            new: Some(\"of a later version\".into()),",
    ),
    (
        "call.rs",
        "now, 1 grant, 2 messages, 3 jobs",
        "now, 1 grant, 2 messages, 3 jobs, 900 new",
    ),
    (
        "call.rs",
        "    /// The messages that the jobs speak of.",
        "    /// New.\n    pub new: NewOne,\n    /// The messages that the jobs speak of.",
    ),
];

/// Never its own default, so that it is in every frame.
const NEW_ONE: &str = "
/// New.
#[derive(Clone, Debug, Default)]
pub struct NewOne;

impl crate::frame::Field for NewOne {
    fn put(&self, to: &mut crate::frame::Writer<'_>) {
        \"new\".to_owned().put(to);
    }
    fn take(from: &mut minicbor::Decoder<'_>) -> Result<Self, minicbor::decode::Error> {
        String::take(from).map(|_| Self)
    }
}
";

fn build(version: &str, edits: &[Edit]) -> Built {
    // The copies build into the same place, from where each is fetched before the next.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _turn = ONE_AT_A_TIME.lock();
    let home = scratch().join(format!("plugin-api-{version}"));
    let kept = |name| home.join(name);
    let [alpha, beta, host] = ["libalpha.so", "libbeta.so", "host"].map(kept);
    let built = Built { alpha, beta, host };
    if env::var_os(ARE_BUILT).is_some() {
        return built;
    }
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    let sources = home.join("plugin-api");
    copy(
        &manifest.join("src"),
        &sources.join("src"),
        &|name, text| {
            let mut text = edits.iter().filter(|(file, ..)| *file == name).fold(
                text.to_owned(),
                |text, (file, old, new)| {
                    assert!(text.contains(old), "{file} has no `{old}` to edit");
                    text.replace(old, new)
                },
            );
            if name == "call.rs" && !edits.is_empty() {
                text.push_str(NEW_ONE);
            }
            text
        },
    );
    write(&sources.join("README.md"), "Copy.");
    write(&sources.join("Cargo.toml"), &standalone(manifest, version));
    copy(
        &manifest.join("tests/fixtures/drivers"),
        &home.join("drivers"),
        &|_, text| text.into(),
    );
    let lock = fs::read_to_string(manifest.join("../Cargo.lock"));
    if let Ok(lock) = lock {
        write_new(&home.join("drivers/Cargo.lock"), &lock);
    }
    cargo(&home.join("drivers"));
    for kept in [&built.alpha, &built.beta, &built.host] {
        keep(kept);
    }
    built
}

/// plugin-api's manifest without its workspace, as cargo itself resolves it.
fn standalone(manifest: &Path, version: &str) -> String {
    let own = read(&manifest.join("Cargo.toml"));
    let workspace = read(&manifest.join("../Cargo.toml"));
    let pinned = |name: &str| {
        let line = workspace
            .lines()
            .find(|line| line.starts_with(&format!("{name} = ")));
        line.unwrap_or_else(|| panic!("the workspace does not pin {name}"))
            .to_owned()
    };
    let lines = own.lines().take_while(|line| *line != "[dev-dependencies]");
    let mut lints = false;
    let lines = lines.filter_map(|line| {
        if line.starts_with('[') {
            lints = line == "[lints]";
        }
        match line.split_once(".workspace") {
            _ if lints => None,
            Some(("edition", _)) => Some("edition = \"2024\"".to_owned()),
            Some(("license" | "repository" | "publish", _)) => None,
            Some((dependency, _)) => Some(pinned(dependency)),
            None if line.starts_with("version = ") => Some(format!("version = \"{version}\"")),
            None => Some(line.to_owned()),
        }
    });
    lines.collect::<Vec<_>>().join("\n") + "\n[workspace]\n"
}

fn cargo(workspace: &Path) {
    let run = |offline: &[&str]| {
        Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--examples"])
            .args(offline)
            .current_dir(workspace)
            .env("CARGO_TARGET_DIR", target())
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .env_remove("RUSTFLAGS")
            .output()
            .expect("cargo runs")
    };
    let output = run(&["--offline"]);
    if !output.status.success() {
        let again = run(&[]);
        let errors = String::from_utf8_lossy(&again.stderr);
        assert!(again.status.success(), "fixtures do not build: {errors}");
    }
}

/// One target directory for all copies: their dependencies are the same.
fn target() -> PathBuf {
    scratch().join("target")
}

/// A directory for what the tests make, inside the target directory.
pub fn scratch() -> PathBuf {
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR")).join("loader");
    fs::create_dir_all(&scratch).expect("the target directory is writable");
    scratch
}

/// Copies what the next build of another copy would overwrite.
fn keep(kept: &Path) {
    let examples = target().join("debug/examples");
    let built = examples.join(kept.file_name().expect("a file"));
    install(&fs::read(built).expect("cargo has built it"), kept);
}

/// Puts a library into its place the way packages do: written beside it, then renamed.
pub fn install(bytes: &[u8], place: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let beside = place.with_extension(format!("new{}", std::process::id()));
    fs::write(&beside, bytes).expect("writable");
    fs::set_permissions(&beside, fs::Permissions::from_mode(0o755)).expect("ours");
    fs::rename(&beside, place).expect("same directory");
}

fn copy(from: &Path, to: &Path, edit: &dyn Fn(&str, &str) -> String) {
    for entry in fs::read_dir(from).expect("readable") {
        let entry = entry.expect("readable");
        let name = entry.file_name();
        let name = name.to_str().expect("source files have plain names");
        if entry.path().is_dir() {
            copy(&entry.path(), &to.join(name), edit);
        } else {
            write(&to.join(name), &edit(name, &read(&entry.path())));
        }
    }
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Leaves an unchanged file alone, and so cargo too.
fn write(path: &Path, text: &str) {
    if fs::read_to_string(path).is_ok_and(|old| old == text) {
        return;
    }
    fs::create_dir_all(path.parent().expect("a file")).expect("writable");
    fs::write(path, text).expect("writable");
}

fn write_new(path: &Path, text: &str) {
    if !path.exists() {
        write(path, text);
    }
}
