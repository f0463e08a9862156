//! The README's driver conforms, and is the one that the README shows.

#![allow(
    clippy::unwrap_used,
    reason = "a test that panics has failed: that is what it is for"
)]
#![cfg(feature = "test")]

#[path = "readme/acme.rs"]
mod acme;

#[test]
fn the_readme_shows_this_driver() {
    let readme = include_str!("../../README.md");
    let driver = include_str!("readme/acme.rs");
    assert!(
        readme.contains(&format!("```rust\n{driver}```\n")),
        "copy kit/tests/readme/acme.rs into the README's code block"
    );
}

#[test]
fn the_readme_names_every_check() {
    let readme = include_str!("../../README.md");
    for (check, _) in nudged_driver_kit::test::CHECKS {
        assert!(readme.contains(&format!("`{check}`")), "{check}");
    }
}
