//! Drivers and daemons of different versions.

use std::path::Path;
use std::process::Command;

use nudged_plugin_api::host::{Library, LoadError};

use crate::fixtures::{self, Built};

/// What the host of `built` says of `file`, as a program of its own.
fn says(built: &Built, file: &Path) -> String {
    let output = Command::new(&built.host)
        .arg(file)
        .output()
        .expect("the host runs");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout)
        .expect("text")
        .trim_end()
        .to_owned()
}

#[test]
fn a_driver_of_this_version_loads() {
    let library = Library::load(&fixtures::v1().alpha).expect("loads");
    assert_eq!(library.describe().expect("describes").vendor, "alpha");
}

#[test]
fn a_driver_of_a_newer_minor_version_loads() {
    let library = Library::load(&fixtures::v1_1().alpha).expect("loads");
    let info = library.describe().expect("the new field is skipped");
    assert_eq!((info.vendor.as_str(), info.batch), ("alpha", 1));
}

#[test]
fn an_older_driver_loads_in_a_newer_daemon_and_skips_what_is_new_to_it() {
    let newer = fixtures::v1_1();
    assert_eq!(
        says(newer, &fixtures::v1().alpha),
        "alpha: https://alpha.example/a"
    );
    assert_eq!(says(newer, &newer.alpha), "alpha: https://alpha.example/a");
}

#[test]
fn a_driver_of_another_major_version_is_refused_in_one_sentence() {
    let path = &fixtures::v2().alpha;
    let error = Library::load(path).err().expect("refused");
    assert!(matches!(error, LoadError::WrongVersion { .. }), "{error:?}");
    let text = error.to_string();
    let shown = text.replace(
        path.to_str().expect("plain"),
        "/usr/lib/nudged/drivers/libalpha.so",
    );
    assert_eq!(
        shown,
        "/usr/lib/nudged/drivers/libalpha.so: driver was built for plugin-api 2.0.0, \
         this daemon accepts 1.x: rebuild the driver"
    );
    assert!(shown.len() < 200 && !shown.contains('\n'), "{shown}");
}

#[test]
fn a_daemon_of_another_major_version_refuses_this_version() {
    let text = says(fixtures::v2(), &fixtures::v1().alpha);
    assert!(
        text.contains("was built for plugin-api 1.0.0, this daemon accepts 2.x"),
        "{text}"
    );
}

#[test]
fn a_good_driver_loads_after_refused_ones() {
    // A refused library stays loaded; its place must not be taken for another file's.
    for _ in 0..3 {
        assert!(Library::load(&fixtures::v2().alpha).is_err());
        assert!(Library::load(&fixtures::v2().beta).is_err());
        let library = Library::load(&fixtures::v1().beta).expect("loads");
        assert_eq!(library.describe().expect("describes").vendor, "beta");
    }
}
