//! Files that are no drivers.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use nudged_plugin_api::host::Library;

use crate::fixtures;

/// The refusal of a file, held to the rules for refusals.
#[track_caller]
fn refusal(path: &Path) -> String {
    let error = Library::load(path).err().expect("refused").to_string();
    let name = path.to_str().expect("plain");
    assert!(error.starts_with(name), "{error}");
    let shown = error.replace(name, "/usr/lib/nudged/drivers/libbad.so");
    assert!(
        shown.len() < 250 && !shown.contains(['\n', '\r']),
        "{shown}"
    );
    shown
        .strip_prefix("/usr/lib/nudged/drivers/libbad.so: ")
        .expect("file first")
        .to_owned()
}

fn file(name: &str, bytes: &[u8]) -> PathBuf {
    let path = fixtures::scratch().join(name);
    fs::write(&path, bytes).expect("writable");
    path
}

fn driver() -> Vec<u8> {
    fs::read(&fixtures::v1().alpha).expect("readable")
}

#[test]
fn files_of_another_kind_are_refused() {
    assert_eq!(
        refusal(&file("empty.so", b"")),
        "not a driver: the file is empty"
    );
    let text = refusal(&file("text.so", b"#!/bin/sh\nexit 0\n"));
    assert_eq!(text, "not a driver: not an ELF shared library");
    let script = refusal(&file("linker.so", b"INPUT(libc.so.6)"));
    assert_eq!(script, "not a driver: not an ELF shared library");
    assert_eq!(
        refusal(&file("short.so", b"\x7fELF")),
        "not a driver: the file is truncated"
    );
}

#[test]
fn what_is_no_file_is_refused() {
    let scratch = fixtures::scratch();
    let missing = scratch.join("missing.so");
    assert_eq!(
        refusal(&missing),
        "cannot read: No such file or directory (os error 2)"
    );
    assert_eq!(refusal(&scratch), "not a driver: not a regular file");
    let looped = scratch.join("looped.so");
    let _ = fs::remove_file(&looped);
    symlink(&looped, &looped).expect("writable");
    assert!(refusal(&looped).starts_with("cannot read: Too many levels of symbolic links"));
    assert_eq!(
        refusal(Path::new("/dev/null")),
        "not a driver: not a regular file"
    );
}

#[test]
fn a_pipe_is_refused_without_waiting_for_its_writer() {
    let pipe = fixtures::scratch().join("pipe.so");
    let _ = fs::remove_file(&pipe);
    let made = std::process::Command::new("mkfifo")
        .arg(&pipe)
        .status()
        .expect("mkfifo runs");
    assert!(made.success());
    assert_eq!(refusal(&pipe), "not a driver: not a regular file");
}

#[test]
fn an_unreadable_file_is_refused() {
    let path = fixtures::scratch().join("unreadable.so");
    let _ = fs::remove_file(&path);
    fs::write(&path, driver()).expect("writable");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).expect("ours");
    // Root reads everything.
    if fs::File::open(&path).is_err() {
        assert!(refusal(&path).starts_with("cannot read: Permission denied"));
    }
}

#[test]
fn other_programs_and_libraries_are_refused() {
    let program = refusal(&std::env::current_exe().expect("this test"));
    assert!(program.starts_with("not a driver: "), "{program}");
    for path in ["/bin/true", "/usr/bin/env"] {
        if Path::new(path).exists() {
            assert!(refusal(Path::new(path)).starts_with("not a driver: "));
        }
    }
    let maps = fs::read_to_string("/proc/self/maps").expect("readable");
    let libc = maps
        .split_whitespace()
        .find(|word| word.contains("/libc.so"));
    let text = refusal(Path::new(libc.expect("this test uses the C library")));
    assert!(text.contains("exports no nudged driver"), "{text}");
}

#[test]
fn a_library_of_another_machine_is_refused() {
    let mut bytes = driver();
    bytes[18] = 0xf3;
    bytes[19] = 0;
    let other = refusal(&file("machine.so", &bytes));
    assert!(other.starts_with("not a driver: built for another machine (ELF machine 243"));
    for (name, at, value) in [("class.so", 4, 1), ("endian.so", 5, 2)] {
        let mut bytes = driver();
        bytes[at] = value;
        let text = refusal(&file(name, &bytes));
        assert!(
            text.starts_with("not a driver: built for another machine"),
            "{text}"
        );
    }
    let mut bytes = driver();
    bytes[16] = 2;
    let text = refusal(&file("executable.so", &bytes));
    assert_eq!(text, "not a driver: an ELF file, but not a shared library");
}

#[test]
fn a_truncated_library_is_refused_wherever_it_was_cut() {
    let whole = driver();
    let path = fixtures::scratch().join("cut.so");
    let step = whole.len() / 60;
    for length in (1..200)
        .chain((200..whole.len()).step_by(step))
        .chain([whole.len() - 1])
    {
        fixtures::install(&whole[..length], &path);
        let text = refusal(&path);
        assert!(text.starts_with("not a driver: "), "{length} bytes: {text}");
    }
}
