//! Damaged libraries. Not every damage can be seen before loading, so a host program of
//! its own loads them, and must live.

use std::fs;
use std::process::Command;

use crate::fixtures;

/// A generator of the same numbers on every run (xorshift64*).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % limit
    }
}

/// Where the ELF header and the program headers lie.
fn headers(bytes: &[u8]) -> usize {
    let count = u16::from_le_bytes([bytes[56], bytes[57]]);
    64 + 56 * usize::from(count)
}

/// Loads damaged copies and returns how each ended.
fn damage(name: &str, copies: usize, change: impl Fn(&mut Vec<u8>, &mut Numbers)) -> Vec<String> {
    let built = fixtures::v1();
    let whole = fs::read(&built.alpha).expect("readable");
    let mut numbers = Numbers(0x6e75_6467_6564);
    let mut paths = Vec::new();
    for copy in 0..copies {
        let mut bytes = whole.clone();
        change(&mut bytes, &mut numbers);
        let path = fixtures::scratch().join(format!("{name}-{copy}.so"));
        fixtures::install(&bytes, &path);
        paths.push(path);
    }
    let ends = paths.iter().map(|path| {
        let output = Command::new(&built.host)
            .arg(path)
            .output()
            .expect("the host runs");
        let line = String::from_utf8_lossy(&output.stdout)
            .trim_end()
            .to_owned();
        assert!(
            output.status.success(),
            "{}: {:?}",
            path.display(),
            output.status
        );
        let shown = line.replace(path.to_str().expect("plain"), "libalpha.so");
        assert!(shown.len() < 250 && shown.lines().count() == 1, "{shown}");
        fs::remove_file(path).expect("ours");
        shown
    });
    ends.collect()
}

fn refused(ends: &[String]) -> usize {
    ends.iter()
        .filter(|end| end.starts_with("refused: "))
        .count()
}

#[test]
fn a_damaged_header_never_ends_the_process() {
    let ends = damage("byte", 50, |bytes, numbers| {
        let at = numbers.below(headers(bytes));
        bytes[at] ^= 1 << numbers.below(8);
    });
    assert!(refused(&ends) > 25, "{ends:#?}");
}

#[test]
fn headers_of_garbage_never_end_the_process() {
    let ends = damage("word", 25, |bytes, numbers| {
        let at = 64 + 8 * numbers.below((headers(bytes) - 64) / 8);
        for byte in &mut bytes[at..at + 8] {
            *byte = numbers.below(256) as u8;
        }
    });
    assert!(refused(&ends) > 15, "{ends:#?}");
}

#[test]
fn a_hole_of_zeroes_at_the_end_never_ends_the_process() {
    // What a crash during a copy leaves behind: the right length, the end never written.
    let ends = damage("hole", 8, |bytes, numbers| {
        let hole = (1 + numbers.below(bytes.len() / 4096)) * 4096;
        let start = bytes.len().saturating_sub(hole);
        bytes[start..].fill(0);
    });
    assert_eq!(refused(&ends), ends.len(), "{ends:#?}");
}
